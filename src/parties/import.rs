//! Imports of master data: all rows or none. A row that says what is known already changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::access::Role;
use super::credit_code::CreditCode;
use super::master::{Organisation, Place, Product, ProductMode};
use super::table::{self, Row};
use super::{Error, project, store};
use crate::db::Conn;
use crate::gs1::{Gtin, Identifier};
use crate::ledger::{Giver, Ledger};

/// Characters of a name, an id, a phone number: nothing printed on a page or a label is longer.
const TEXT_MAX: usize = 200;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// The line in the file, from 1; the header is line 1.
    pub line: u64,
    /// The column.
    pub field: &'static str,
    /// What is wrong.
    pub detail: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Imported {
    /// Rows that were new.
    pub created: usize,
    /// Rows that changed something.
    pub updated: usize,
    /// Rows that said what was known.
    pub unchanged: usize,
    /// Why nothing was imported, when anything was wrong.
    pub refused: Vec<RowFault>,
}

/// A kind of master data: what is needed to import it.
pub(crate) trait Master: Serialize + PartialEq + Clone {
    /// The name of its orders.
    const ORDER: &'static str;
    /// What tells one from another.
    fn key(&self) -> String;
    /// Those with these keys, as they are now.
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, Error>;
    /// Projects new versions: each with its seq in `control/0`.
    fn apply(conn: &mut Conn, giver: &Giver, rows: &[(i64, Self)]) -> Result<(), Error>;
}

impl Master for Organisation {
    const ORDER: &'static str = project::ORGANISATION;
    fn key(&self) -> String {
        self.id.clone()
    }
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, Error> {
        Ok(store::organisations(conn, keys)?)
    }
    fn apply(conn: &mut Conn, _giver: &Giver, rows: &[(i64, Self)]) -> Result<(), Error> {
        Ok(store::put_organisations(conn, rows)?)
    }
}

impl Master for Place {
    const ORDER: &'static str = project::PLACE;
    fn key(&self) -> String {
        self.id.clone()
    }
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, Error> {
        Ok(store::places(conn, keys)?)
    }
    fn apply(conn: &mut Conn, _giver: &Giver, rows: &[(i64, Self)]) -> Result<(), Error> {
        Ok(store::put_places(conn, rows)?)
    }
}

impl Master for Product {
    const ORDER: &'static str = project::PRODUCT;
    fn key(&self) -> String {
        self.gtin.clone()
    }
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, Error> {
        Ok(store::products(conn, keys)?)
    }
    fn apply(conn: &mut Conn, _giver: &Giver, rows: &[(i64, Self)]) -> Result<(), Error> {
        Ok(store::put_products(conn, rows)?)
    }
}

/// Imports organisations (`id, name, name_en, role, credit_code, region, gcp_length, phone`).
pub fn import_organisations(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Error> {
    const COLUMNS: [&str; 8] = [
        "id",
        "name",
        "name_en",
        "role",
        "credit_code",
        "region",
        "gcp_length",
        "phone",
    ];
    let (rows, faults) = table::read(csv, &COLUMNS, &["id", "name", "role"], |row| {
        let role = row.needed("role");
        if let Err(error) = role.parse::<Role>()
            && !role.is_empty()
        {
            row.fault("role", error.to_string());
        }
        Organisation {
            id: text(row, "id"),
            name: text(row, "name"),
            name_en: maybe_text(row, "name_en"),
            role,
            credit_code: row
                .parsed("credit_code", |cell| {
                    cell.parse::<CreditCode>()
                        .map_err(|error| error.to_string())
                })
                .map(|code| code.to_string()),
            region: region(row),
            gcp_length: row.parsed("gcp_length", |cell| {
                cell.parse()
                    .ok()
                    .filter(|n| (4..=12).contains(n))
                    .ok_or_else(|| "a number from 4 to 12".to_owned())
            }),
            phone: maybe_text(row, "phone"),
        }
    })?;
    import(conn, ledger, giver, rows, faults, dry_run)
}

/// Imports places (`gln, name, name_en, org, region, lat, lon`).
pub fn import_places(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Error> {
    const COLUMNS: [&str; 7] = ["gln", "name", "name_en", "org", "region", "lat", "lon"];
    let (rows, mut faults) = table::read(csv, &COLUMNS, &["gln", "name", "org"], |row| {
        let cell = row.needed("gln");
        let (id, gln) = if cell.is_empty() {
            (String::new(), String::new())
        } else {
            place_id(row, "gln", &cell)
        };
        Place {
            id,
            gln,
            name: text(row, "name"),
            name_en: maybe_text(row, "name_en"),
            org: text(row, "org"),
            region: region(row),
            lat: degrees(row, "lat", 90.0),
            lon: degrees(row, "lon", 180.0),
        }
    })?;
    let orgs: Vec<(u64, String)> = rows
        .iter()
        .map(|(line, place): &(u64, Place)| (*line, place.org.clone()))
        .collect();
    known_organisations(conn, &orgs, &mut faults)?;
    import(conn, ledger, giver, rows, faults, dry_run)
}

/// Imports products (`gtin, name, name_en, org, brand, mode, category, standard`).
pub fn import_products(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Error> {
    const COLUMNS: [&str; 8] = [
        "gtin", "name", "name_en", "org", "brand", "mode", "category", "standard",
    ];
    let (rows, mut faults) = table::read(csv, &COLUMNS, &["gtin", "name", "org"], |row| Product {
        gtin: row
            .parsed("gtin", |cell| {
                Gtin::parse(cell).map_err(|fault| fault.to_string())
            })
            .map(|gtin| gtin.as_str().to_owned())
            .unwrap_or_else(|| row.needed("gtin")),
        name: text(row, "name"),
        name_en: maybe_text(row, "name_en"),
        org: text(row, "org"),
        brand: maybe_text(row, "brand"),
        mode: row
            .parsed("mode", |cell| {
                ProductMode::from_name(cell).ok_or_else(|| "computed, stored or lot".to_owned())
            })
            .unwrap_or(ProductMode::Computed),
        category: maybe_text(row, "category"),
        standard: maybe_text(row, "standard"),
    })?;
    let orgs: Vec<(u64, String)> = rows
        .iter()
        .map(|(line, row): &(u64, Product)| (*line, row.org.clone()))
        .collect();
    known_organisations(conn, &orgs, &mut faults)?;
    import(conn, ledger, giver, rows, faults, dry_run)
}

/// Records what is new or changed, all or nothing. Rows come with their lines, `faults` with what reading
/// them found wrong.
pub(crate) fn import<M: Master>(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    rows: Vec<(u64, M)>,
    mut faults: Vec<RowFault>,
    dry_run: bool,
) -> Result<Imported, Error> {
    let mut seen = BTreeSet::new();
    for (line, row) in &rows {
        if !row.key().is_empty() && !seen.insert(row.key()) {
            faults.push(RowFault {
                line: *line,
                field: "(row)",
                detail: format!("{} stands twice in this file", row.key()),
            });
        }
    }
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.line);
        return Ok(Imported {
            refused: faults,
            ..Imported::default()
        });
    }
    if !dry_run {
        ledger.hold_control(conn)?;
    }
    let current = M::current(conn, &seen.into_iter().collect::<Vec<_>>())?;
    let mut done = Imported::default();
    let mut changed = Vec::new();
    for (_, row) in rows {
        match current.get(&row.key()) {
            None => done.created += 1,
            Some(known) if *known == row => {
                done.unchanged += 1;
                continue;
            }
            Some(_) => done.updated += 1,
        }
        changed.push(row);
    }
    if !dry_run && !changed.is_empty() {
        let seqs = ledger.record(conn, giver, M::ORDER, &changed)?;
        let placed: Vec<(i64, M)> = seqs.into_iter().zip(changed).collect();
        M::apply(conn, giver, &placed)?;
    }
    Ok(done)
}

/// Notes a fault for every row whose organisation is not known.
pub(crate) fn known_organisations(
    conn: &mut Conn,
    orgs: &[(u64, String)],
    faults: &mut Vec<RowFault>,
) -> Result<(), Error> {
    let ids: BTreeSet<&String> = orgs.iter().map(|(_, org)| org).collect();
    let known = store::organisations(conn, &ids.into_iter().cloned().collect::<Vec<_>>())?;
    for (line, org) in orgs {
        if !org.is_empty() && !known.contains_key(org) {
            faults.push(RowFault {
                line: *line,
                field: "org",
                detail: format!("no organisation {org:?}"),
            });
        }
    }
    Ok(())
}

/// The canonical identifier of a place and its GLN, or its URI twice when it has none.
pub(crate) fn place_id(row: &mut Row<'_>, column: &'static str, cell: &str) -> (String, String) {
    let understood = if cell.len() == 13 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        Identifier::parse(&format!("(414){cell}"))
    } else {
        Identifier::parse(cell)
    };
    match understood.map(|parsed| parsed.identifier) {
        Ok(Identifier::Gs1(key)) if key.gln().is_some() => {
            let gln = key
                .gln()
                .map(|gln| gln.as_str().to_owned())
                .unwrap_or_default();
            (key.canonical(), gln)
        }
        Ok(Identifier::Private(uri)) => (uri.clone(), uri),
        Ok(Identifier::Gs1(key)) => {
            row.fault(column, format!("{} is no place", key.canonical()));
            (String::new(), String::new())
        }
        Err(fault) => {
            row.fault(column, fault.to_string());
            (String::new(), String::new())
        }
    }
}

/// A short text that must be there.
pub(crate) fn text(row: &mut Row<'_>, column: &'static str) -> String {
    let cell = row.needed(column);
    short(row, column, cell)
}

/// A short text.
pub(crate) fn maybe_text(row: &mut Row<'_>, column: &'static str) -> Option<String> {
    let cell = row.maybe(column)?;
    Some(short(row, column, cell))
}

fn short(row: &mut Row<'_>, column: &'static str, cell: String) -> String {
    if TEXT_MAX < cell.chars().count() {
        row.fault(column, format!("at most {TEXT_MAX} characters"));
    }
    cell
}

fn region(row: &mut Row<'_>) -> Option<String> {
    row.parsed("region", |cell| {
        let fits = cell.len() == 6 && cell.bytes().all(|byte| byte.is_ascii_digit());
        if fits {
            Ok(cell.to_owned())
        } else {
            Err("six digits (GB/T 2260)".to_owned())
        }
    })
}

fn degrees(row: &mut Row<'_>, column: &'static str, max: f64) -> Option<String> {
    row.parsed(column, |cell| {
        let fits = cell
            .parse::<f64>()
            .is_ok_and(|degrees| degrees.abs() <= max);
        if fits {
            Ok(cell.to_owned())
        } else {
            Err(format!("degrees from -{max} to {max}"))
        }
    })
}
