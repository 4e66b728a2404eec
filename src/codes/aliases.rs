//! Lots that are known by an alias alone: the dictionary has them too, so that they can be asked for and told of
//! by name though no event names them.

use super::dictionary::insert_missing;
use super::{BaseRow, BlockKind};
use crate::db::{self, Conn};
use crate::ledger::{self, Giver, Ledger};
use crate::parties::{self, Imported, LotAlias};

/// Imports lot aliases (see [`parties::import_aliases`]) and enters their lots into the dictionary.
pub fn import_aliases(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, parties::Error> {
    let before = ledger::position(conn)?;
    let before = ledger::control_size(conn, &before)?;
    let done = parties::import_aliases(conn, ledger, giver, csv, dry_run)?;
    let aliases = parties::aliases_since(conn, before)?;
    enter(conn, &aliases)?;
    Ok(done)
}

/// Enters the lots of aliases into the dictionary.
pub(super) fn enter(conn: &mut Conn, aliases: &[LotAlias]) -> Result<(), db::Error> {
    let lots = aliases
        .iter()
        .flat_map(|alias| [&alias.lot, &alias.same_as]);
    let rows = lots.map(|lot| BaseRow::hashed(BlockKind::Lot, lot.clone()));
    insert_missing(conn, rows.map(|row| (row.block, row)).collect())
}
