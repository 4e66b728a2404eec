//! Imports of lot aliases: a supplier's lot and the receiver's own name for it.

use std::collections::BTreeMap;

use super::import::{Imported, Master, import, known_organisations, text};
use super::master::LotAlias;
use super::table::{self, Row};
use super::{Error, project, store_aliases};
use crate::db::Conn;
use crate::gs1::{Identifier, Level};
use crate::ledger::{Giver, Ledger};

/// Stands between the names of a pair; it occurs in no identifier.
const SEPARATOR: char = '\u{1f}';

impl Master for LotAlias {
    const ORDER: &'static str = project::ALIAS;
    fn key(&self) -> String {
        if self.lot.is_empty() || self.same_as.is_empty() {
            return String::new();
        }
        format!("{}{SEPARATOR}{}", self.lot, self.same_as)
    }
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, Error> {
        let lots: Vec<String> = keys
            .iter()
            .filter_map(|key| key.split_once(SEPARATOR))
            .map(|(lot, _)| lot.to_owned())
            .collect();
        let found = store_aliases::aliases_of(conn, &lots)?;
        Ok(found
            .into_iter()
            .map(|alias| (alias.key(), alias))
            .collect())
    }
    fn apply(conn: &mut Conn, rows: &[(i64, Self)]) -> Result<(), Error> {
        Ok(store_aliases::put_aliases(conn, rows)?)
    }
}

/// Imports lot aliases (`id, same_as, org, valid`). A row with `valid` = `no` takes an alias back from here
/// on; what was answered before stays as it was.
pub fn import_aliases(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Error> {
    const COLUMNS: [&str; 4] = ["id", "same_as", "org", "valid"];
    let (rows, mut faults) = table::read(csv, &COLUMNS, &["id", "same_as", "org"], |row| {
        let (lot, same_as) = (lot(row, "id"), lot(row, "same_as"));
        if !lot.is_empty() && lot == same_as {
            row.fault("same_as", format!("{lot} is the same lot by the same name"));
        }
        let valid = row.parsed("valid", |cell| match cell {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err("yes or no".to_owned()),
        });
        LotAlias {
            lot,
            same_as,
            org: text(row, "org"),
            valid: valid.unwrap_or(true),
        }
    })?;
    let orgs: Vec<(u64, String)> = rows
        .iter()
        .map(|(line, alias): &(u64, LotAlias)| (*line, alias.org.clone()))
        .collect();
    known_organisations(conn, &orgs, &mut faults)?;
    import(conn, ledger, giver, rows, faults, dry_run)
}

fn lot(row: &mut Row<'_>, column: &'static str) -> String {
    let cell = row.needed(column);
    if cell.is_empty() {
        return cell;
    }
    let understood = Identifier::parse(&cell).map(|parsed| parsed.identifier);
    match understood {
        Ok(identifier) if matches!(identifier.level(), None | Some(Level::Lot)) => {
            identifier.canonical().into_owned()
        }
        Ok(identifier) => {
            let canonical = identifier.canonical();
            row.fault(column, format!("{canonical} is no lot"));
            String::new()
        }
        Err(fault) => {
            row.fault(column, fault.to_string());
            String::new()
        }
    }
}
