//! Rows of lot aliases. Every version stays; the current one has no `until_seq`.

use diesel::prelude::*;

use super::master::LotAlias;
use crate::db::schema::lot_aliases;
use crate::db::{self, Conn};

/// Lots asked for in one query.
const CHUNK: usize = 500;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lot_aliases)]
#[diesel(treat_none_as_default_value = false)]
struct AliasRow {
    lot: String,
    same_as: String,
    seq: i64,
    until_seq: Option<i64>,
    org: String,
    valid: bool,
}

impl From<AliasRow> for LotAlias {
    fn from(row: AliasRow) -> Self {
        Self {
            lot: row.lot,
            same_as: row.same_as,
            org: row.org,
            valid: row.valid,
        }
    }
}

/// The aliases of these lots as they are now, those taken back too.
pub(super) fn aliases_of(conn: &mut Conn, lots: &[String]) -> Result<Vec<LotAlias>, db::Error> {
    let mut found = Vec::new();
    for chunk in lots.chunks(CHUNK) {
        let rows: Vec<AliasRow> = lot_aliases::table
            .filter(lot_aliases::lot.eq_any(chunk))
            .filter(lot_aliases::until_seq.is_null())
            .select(AliasRow::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(LotAlias::from));
    }
    Ok(found)
}

/// The aliases of these lots, either way round, that held before an order of `control/0`, none twice.
pub fn aliases_before(
    conn: &mut Conn,
    lots: &[String],
    seq: i64,
) -> Result<Vec<LotAlias>, db::Error> {
    let mut found = std::collections::BTreeMap::new();
    for chunk in lots.chunks(CHUNK) {
        let names = lot_aliases::lot
            .eq_any(chunk)
            .or(lot_aliases::same_as.eq_any(chunk));
        let then = lot_aliases::until_seq
            .is_null()
            .or(lot_aliases::until_seq.ge(seq));
        let rows: Vec<AliasRow> = lot_aliases::table
            .filter(names)
            .filter(lot_aliases::seq.lt(seq))
            .filter(then)
            .filter(lot_aliases::valid.eq(true))
            .select(AliasRow::as_select())
            .load(conn)?;
        for row in rows {
            found.insert((row.lot.clone(), row.same_as.clone()), LotAlias::from(row));
        }
    }
    Ok(found.into_values().collect())
}

/// The versions of aliases from an order of `control/0` on.
pub fn aliases_since(conn: &mut Conn, seq: i64) -> Result<Vec<LotAlias>, db::Error> {
    let rows: Vec<AliasRow> = lot_aliases::table
        .filter(lot_aliases::seq.ge(seq))
        .select(AliasRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(LotAlias::from).collect())
}

/// Adds versions of aliases, in ledger order.
pub(super) fn put_aliases(conn: &mut Conn, versions: &[(i64, LotAlias)]) -> Result<(), db::Error> {
    for (seq, value) in versions {
        diesel::update(lot_aliases::table)
            .filter(lot_aliases::lot.eq(&value.lot))
            .filter(lot_aliases::same_as.eq(&value.same_as))
            .filter(lot_aliases::until_seq.is_null())
            .set(lot_aliases::until_seq.eq(seq))
            .execute(conn)?;
        diesel::insert_into(lot_aliases::table)
            .values(AliasRow {
                lot: value.lot.clone(),
                same_as: value.same_as.clone(),
                seq: *seq,
                until_seq: None,
                org: value.org.clone(),
                valid: value.valid,
            })
            .execute(conn)?;
    }
    Ok(())
}
