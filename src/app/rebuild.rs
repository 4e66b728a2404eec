//! `rebuild`: every projection thrown away and made anew from the ledger, with equal content.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::replay::{Target, replay};
use super::scratch::Scratch;
use super::{App, Problem};
use crate::codes;
use crate::credentials;
use crate::db::Conn;
use crate::db::catalog::{self, TABLES, TableKind};
use crate::ledger::hex;
use crate::{events, parties, recall, trace};

/// What a rebuild did or would do.
#[derive(Debug, Clone, Serialize)]
pub struct RebuildReport {
    /// The projections.
    pub tables: Vec<TableReport>,
    /// Whether every one has the content it had.
    pub equal: bool,
}

/// One projection.
#[derive(Debug, Clone, Serialize)]
pub struct TableReport {
    /// The table.
    pub table: &'static str,
    /// Rows after.
    pub rows: u64,
    /// Digest of the content before.
    pub digest_before: String,
    /// Digest of the content after.
    pub digest_after: String,
}

/// Makes every projection in a database of its own and compares digests; changes nothing.
pub fn check_rebuild(
    app: &App,
    conn: &mut Conn,
    progress: &mut dyn FnMut(i64),
) -> Result<RebuildReport, Problem> {
    let (_scratch, mut made) = Scratch::new()?;
    made.write(|made| -> Result<(), Problem> {
        codes::copy_units(conn, made)?;
        replay(app, conn, Target::Other(made), progress)?;
        Ok(())
    })?;
    let before = digests(conn)?;
    let after = digests(&mut made)?;
    Ok(report(before, after))
}

/// Throws every projection away and makes it anew. Call inside a write.
pub fn rebuild(
    app: &App,
    conn: &mut Conn,
    progress: &mut dyn FnMut(i64),
) -> Result<RebuildReport, Problem> {
    let before = digests(conn)?;
    recall::clear(conn)?;
    trace::store::clear(conn)?;
    events::clear(conn)?;
    codes::clear(conn)?;
    credentials::clear(conn)?;
    parties::clear(conn)?;
    replay(app, conn, Target::Same, progress)?;
    let after = digests(conn)?;
    Ok(report(before, after))
}

fn report(
    before: Vec<(&'static str, u64, String)>,
    after: Vec<(&'static str, u64, String)>,
) -> RebuildReport {
    let tables: Vec<TableReport> = before
        .into_iter()
        .zip(after)
        .map(
            |((table, _, digest_before), (_, rows, digest_after))| TableReport {
                table,
                rows,
                digest_before,
                digest_after,
            },
        )
        .collect();
    let equal = tables
        .iter()
        .all(|table| table.digest_before == table.digest_after);
    RebuildReport { tables, equal }
}

/// Rows and digest of every projection. Block logs by their decoded records: rows may lie differently.
fn digests(conn: &mut Conn) -> Result<Vec<(&'static str, u64, String)>, Problem> {
    let mut found = Vec::new();
    for (name, kind) in TABLES {
        if kind != TableKind::Projection {
            continue;
        }
        let table = catalog::table(conn, name)?;
        let mut cursor = catalog::Cursor::new(&table);
        let mut hash = Sha256::new();
        let mut rows = 0;
        if name == "trace_log" {
            let digest = trace::store::log_digest(conn)?;
            found.push((name, digest.rows, hex(&digest.hash)));
            continue;
        }
        while let Some(row) = cursor.next_row(conn)? {
            rows += 1;
            for value in &row.values {
                let text = value.as_deref();
                hash.update([u8::from(text.is_some())]);
                hash.update((text.map_or(0, str::len) as u64).to_be_bytes());
                hash.update(text.unwrap_or_default());
            }
        }
        found.push((name, rows, hex(&hash.finalize())));
    }
    Ok(found)
}
