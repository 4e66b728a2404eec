//! Rows of what a frozen scope left out.

use diesel::prelude::*;

use super::Error;
use super::scope::ScopeExcluded;
use crate::codes::Block;
use crate::codes::pack::{Unpack, members, put_members};
use crate::db::schema::scope_exclusions;
use crate::db::{self, Conn, bulk_insert};
use crate::trace::evaluate::Reason;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = scope_exclusions)]
#[diesel(treat_none_as_default_value = false)]
struct ExclusionRow {
    scope: Vec<u8>,
    block: Vec<u8>,
    reason: i32,
    shard: i32,
    seq: i64,
    members: Vec<u8>,
}

/// Where a page ended: block, reason, shard and seq of its last row.
pub(super) type After = (Block, i32, i32, i64);

/// Adds what a scope left out.
pub(super) fn insert(
    conn: &mut Conn,
    scope: &[u8],
    excluded: &[ScopeExcluded],
) -> Result<(), Error> {
    let rows: Vec<ExclusionRow> = excluded
        .iter()
        .map(|left_out| {
            let mut members = Vec::new();
            put_members(&mut members, &left_out.members);
            ExclusionRow {
                scope: scope.to_vec(),
                block: left_out.block.0.to_vec(),
                reason: left_out.reason as i32,
                shard: left_out.event.0,
                seq: left_out.event.1,
                members,
            }
        })
        .collect();
    bulk_insert!(conn, scope_exclusions::table, rows)?;
    Ok(())
}

/// What a scope left out, from a place on, in order.
pub(super) fn page(
    conn: &mut Conn,
    scope: &[u8],
    after: Option<After>,
    limit: i64,
) -> Result<Vec<ScopeExcluded>, Error> {
    let mut wanted = scope_exclusions::table
        .filter(scope_exclusions::scope.eq(scope))
        .order((
            scope_exclusions::block,
            scope_exclusions::reason,
            scope_exclusions::shard,
            scope_exclusions::seq,
        ))
        .limit(limit)
        .select(ExclusionRow::as_select())
        .into_boxed();
    if let Some((block, reason, shard, seq)) = after {
        let block = block.0.to_vec();
        let later_event = scope_exclusions::shard.gt(shard).or(scope_exclusions::shard
            .eq(shard)
            .and(scope_exclusions::seq.gt(seq)));
        let later_reason = scope_exclusions::reason
            .gt(reason)
            .or(scope_exclusions::reason.eq(reason).and(later_event));
        let later = scope_exclusions::block
            .gt(block.clone())
            .or(scope_exclusions::block.eq(block).and(later_reason));
        wanted = wanted.filter(later);
    }
    let rows: Vec<ExclusionRow> = wanted.load(conn).map_err(db::Error::from)?;
    rows.into_iter().map(ExclusionRow::read).collect()
}

/// Empties the table.
pub(super) fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(scope_exclusions::table).execute(conn)?;
    Ok(())
}

impl ExclusionRow {
    fn read(self) -> Result<ScopeExcluded, Error> {
        let corrupt = |what: &str| Error::corrupt("scope_exclusions", &what);
        let block = self.block.as_slice().try_into();
        let mut from = Unpack::new(&self.members);
        let members = members(&mut from)?;
        if !from.is_done() {
            return Err(corrupt("bytes after the members"));
        }
        Ok(ScopeExcluded {
            block: Block(block.map_err(|_wrong_length| corrupt("a block is 16 bytes"))?),
            members,
            reason: Reason::from_number(self.reason).ok_or_else(|| corrupt("no reason"))?,
            event: (self.shard, self.seq),
        })
    }
}
