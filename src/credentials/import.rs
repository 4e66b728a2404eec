//! Imports of credentials and people in charge from CSV: all rows or none, as master data is imported. A row whose
//! number is known already is a new version of it, unless it says what the newest one says.

use std::collections::BTreeMap;

use super::authority::{Owned, may_follow, may_record};
use super::credential::{Credential, Person, Scope, Test};
use super::history::Version;
use super::kind::Kind;
use super::moment::parse_moment;
use super::{Error, project, store, store_people};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::gs1::{Gtin, Identifier, Level};
use crate::ledger::{Giver, Ledger};
use crate::parties::import::{Master, import, known_organisations, maybe_text, place_id, text};
use crate::parties::table::{self, Row};
use crate::parties::{self, Caller, Imported, RowFault};

/// Separates the parts of a cell that names several places, products, lots or categories: none of them has it.
const SEPARATOR: char = '|';

/// Places, products, lots and categories of one credential, together.
const SCOPE_MAX: usize = 1_000;

/// The columns of credentials.
const COLUMNS: [&str; 19] = [
    "id",
    "kind",
    "name",
    "issuer",
    "org",
    "places",
    "products",
    "lots",
    "categories",
    "valid_from",
    "valid_to",
    "standard",
    "outcome",
    "laboratory",
    "instrument",
    "calibrated_from",
    "calibrated_to",
    "uri",
    "digest",
];

/// The columns of people.
const PERSON_COLUMNS: [&str; 8] = [
    "id",
    "name",
    "org",
    "place",
    "role",
    "phone",
    "valid_from",
    "valid_to",
];

impl Master for Credential {
    const ORDER: &'static str = project::CREDENTIAL;
    fn key(&self) -> String {
        self.id.clone()
    }
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, parties::Error> {
        let newest = store::newest(conn, keys)?;
        let current = newest
            .into_iter()
            .map(|(id, version)| (id, version.content));
        Ok(current.collect())
    }
    fn apply(conn: &mut Conn, giver: &Giver, rows: &[(i64, Self)]) -> Result<(), parties::Error> {
        for version in versions(giver, rows) {
            store::put(conn, &version)?;
        }
        Ok(())
    }
}

impl Master for Person {
    const ORDER: &'static str = project::PERSON;
    fn key(&self) -> String {
        self.id.clone()
    }
    fn current(conn: &mut Conn, keys: &[String]) -> Result<BTreeMap<String, Self>, parties::Error> {
        let newest = store_people::newest(conn, keys)?;
        let current = newest
            .into_iter()
            .map(|(id, version)| (id, version.content));
        Ok(current.collect())
    }
    fn apply(conn: &mut Conn, giver: &Giver, rows: &[(i64, Self)]) -> Result<(), parties::Error> {
        for version in versions(giver, rows) {
            store_people::put(conn, &version)?;
        }
        Ok(())
    }
}

fn versions<T: Clone>(giver: &Giver, rows: &[(i64, T)]) -> impl Iterator<Item = Version<T>> {
    rows.iter().map(|(seq, content)| Version {
        seq: *seq,
        recorded: giver.into(),
        content: content.clone(),
    })
}

/// Imports credentials (`id, kind, name, issuer, org, places, products, lots, categories, valid_from, valid_to,
/// standard, outcome, laboratory, instrument, calibrated_from, calibrated_to, uri, digest`). Several places,
/// products, lots or categories are separated by `|`.
pub fn import_credentials(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Error> {
    let needed = ["id", "kind", "name", "issuer", "org", "valid_from"];
    let (rows, faults) = table::read(csv, &COLUMNS, &needed, credential)?;
    let rows: Vec<(u64, Credential)> = rows
        .into_iter()
        .filter_map(|(line, row)| Some((line, row?)))
        .collect();
    let current = |conn: &mut Conn, ids: &[String]| store::newest(conn, ids);
    record(
        conn,
        ledger,
        (caller, giver),
        rows,
        faults,
        dry_run,
        current,
    )
}

/// Imports people in charge (`id, name, org, place, role, phone, valid_from, valid_to`).
pub fn import_people(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Error> {
    let needed = ["id", "name", "org", "role", "valid_from"];
    let (rows, faults) = table::read(csv, &PERSON_COLUMNS, &needed, person)?;
    let rows: Vec<(u64, Person)> = rows
        .into_iter()
        .filter_map(|(line, row)| Some((line, row?)))
        .collect();
    let current = |conn: &mut Conn, ids: &[String]| store_people::newest(conn, ids);
    record(
        conn,
        ledger,
        (caller, giver),
        rows,
        faults,
        dry_run,
        current,
    )
}

/// Checks whose the rows are, and records them. What a row is about and what is recorded under its number
/// already must both be the caller's.
fn record<T: Master + Owned>(
    conn: &mut Conn,
    ledger: &Ledger,
    (caller, giver): (&Caller, &Giver),
    rows: Vec<(u64, T)>,
    mut faults: Vec<RowFault>,
    dry_run: bool,
    current: impl Fn(&mut Conn, &[String]) -> Result<BTreeMap<String, Version<T>>, crate::db::Error>,
) -> Result<Imported, Error> {
    if !dry_run {
        ledger.hold_control(conn)?;
    }
    let orgs: Vec<(u64, String)> = rows
        .iter()
        .map(|(line, row)| (*line, row.org().to_owned()))
        .collect();
    known_organisations(conn, &orgs, &mut faults)?;
    if faults.is_empty() {
        let ids: Vec<String> = rows.iter().map(|(_, row)| row.key()).collect();
        let known = current(conn, &ids)?;
        let not_theirs: Vec<RowFault> = rows
            .iter()
            .filter_map(|(line, row)| not_theirs(caller, *line, row, known.get(&row.key())))
            .collect();
        if !not_theirs.is_empty() {
            return Err(Error::NotTheirs(not_theirs));
        }
    }
    Ok(import(conn, ledger, giver, rows, faults, dry_run)?)
}

/// Why the caller may not record a row.
fn not_theirs<T: Master + Owned>(
    caller: &Caller,
    line: u64,
    row: &T,
    known: Option<&Version<T>>,
) -> Option<RowFault> {
    let fault = |field, detail| {
        Some(RowFault {
            line,
            field,
            detail,
        })
    };
    if !may_record(caller, row) {
        let detail = format!("what is {}'s is not the caller's to record", row.org());
        return fault("org", detail);
    }
    let changes = known.filter(|version| version.content != *row)?;
    if may_follow(caller, changes) {
        return None;
    }
    let detail = format!("{} is recorded already, and not by the caller", row.key());
    fault("id", detail)
}

/// A row as a credential; none when a cell without which there is none is wrong.
fn credential(row: &mut Row<'_>) -> Option<Credential> {
    let kind = needed(row, "kind", str::parse::<Kind>);
    let valid_from = needed(row, "valid_from", parse_moment);
    let valid_to = row.parsed("valid_to", parse_moment);
    check_order(row, ("valid_from", valid_from), ("valid_to", valid_to));
    let scope = scope(row);
    let test = test(row, kind);
    let credential = Credential {
        id: text(row, "id"),
        name: text(row, "name"),
        issuer: text(row, "issuer"),
        org: text(row, "org"),
        scope,
        valid_to,
        standard: maybe_text(row, "standard"),
        test,
        uri: row.parsed("uri", uri),
        digest: row.parsed("digest", digest),
        kind: kind?,
        valid_from: valid_from?,
    };
    Some(credential)
}

/// A row as a person.
fn person(row: &mut Row<'_>) -> Option<Person> {
    let valid_from = needed(row, "valid_from", parse_moment);
    let valid_to = row.parsed("valid_to", parse_moment);
    check_order(row, ("valid_from", valid_from), ("valid_to", valid_to));
    let role = needed(row, "role", str::parse);
    let place = row.maybe("place");
    let person = Person {
        id: text(row, "id"),
        name: text(row, "name"),
        org: text(row, "org"),
        place: place.map(|cell| place_id(row, "place", &cell).0),
        phone: maybe_text(row, "phone"),
        valid_to,
        role: role?,
        valid_from: valid_from?,
    };
    Some(person)
}

/// A cell that must be there, as something parsed.
fn needed<T, E: ToString>(
    row: &mut Row<'_>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    if row.needed(column).is_empty() {
        return None;
    }
    row.parsed(column, |cell| {
        parse(cell).map_err(|error| error.to_string())
    })
}

type Bound = (&'static str, Option<Timestamp>);

fn check_order(row: &mut Row<'_>, (first, from): Bound, (last, to): Bound) {
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        row.fault(
            last,
            format!("not after {first}: {to} is the first instant it holds no more"),
        );
    }
}

fn scope(row: &mut Row<'_>) -> Scope {
    let places = list(row, "places", |row, cell| {
        Some(place_id(row, "places", cell).0)
    });
    let products = list(row, "products", |row, cell| match Gtin::parse(cell) {
        Ok(gtin) => Some(gtin.as_str().to_owned()),
        Err(fault) => {
            row.fault("products", format!("{cell}: {fault}"));
            None
        }
    });
    let lots = list(row, "lots", |row, cell| match lot(cell) {
        Ok(lot) => Some(lot),
        Err(detail) => {
            row.fault("lots", detail);
            None
        }
    });
    let categories = list(row, "categories", |_, cell| Some(cell.to_owned()));
    let scope = Scope {
        places,
        products,
        lots,
        categories,
    };
    let count = [
        &scope.places,
        &scope.products,
        &scope.lots,
        &scope.categories,
    ]
    .iter()
    .map(|list| list.len())
    .sum::<usize>();
    if SCOPE_MAX < count {
        let detail = format!("{count} places, products, lots and categories; at most {SCOPE_MAX}");
        row.fault("(row)", detail);
    }
    scope
}

/// The parts of a cell: sorted, each once.
fn list(
    row: &mut Row<'_>,
    column: &'static str,
    mut read: impl FnMut(&mut Row<'_>, &str) -> Option<String>,
) -> Vec<String> {
    let cell = row.maybe(column).unwrap_or_default();
    let mut parts: Vec<String> = cell
        .split(SEPARATOR)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .filter_map(|part| read(row, part))
        .collect();
    parts.sort();
    parts.dedup();
    parts
}

/// The canonical identifier of a lot.
fn lot(cell: &str) -> Result<String, String> {
    let identifier = Identifier::parse(cell)
        .map_err(|fault| format!("{cell}: {fault}"))?
        .identifier;
    match identifier.level() {
        Some(Level::Lot) => Ok(identifier.canonical().into_owned()),
        _ => Err(format!("{cell} is no lot: (01)…(10)…")),
    }
}

/// What was found; it belongs to test reports, and every one has it.
fn test(row: &mut Row<'_>, kind: Option<Kind>) -> Option<Test> {
    if kind != Some(Kind::TestReport) {
        for column in [
            "outcome",
            "laboratory",
            "instrument",
            "calibrated_from",
            "calibrated_to",
        ] {
            if kind.is_some() && row.maybe(column).is_some() {
                row.fault(column, "belongs to a test_report");
            }
        }
        return None;
    }
    let outcome = needed(row, "outcome", str::parse);
    let instrument = maybe_text(row, "instrument");
    let calibrated_from = row.parsed("calibrated_from", parse_moment);
    let calibrated_to = row.parsed("calibrated_to", parse_moment);
    if instrument.is_none() && (calibrated_from.is_some() || calibrated_to.is_some()) {
        row.fault(
            "instrument",
            "must not be empty where a calibration is given",
        );
    }
    let (from, to) = (
        ("calibrated_from", calibrated_from),
        ("calibrated_to", calibrated_to),
    );
    check_order(row, from, to);
    Some(Test {
        laboratory: maybe_text(row, "laboratory"),
        instrument,
        calibrated_from,
        calibrated_to,
        outcome: outcome?,
    })
}

/// Longest address of a document.
const URI_MAX: usize = 2_000;

fn uri(cell: &str) -> Result<String, String> {
    let known = ["https://", "http://", "urn:"];
    let begins = known.iter().any(|scheme| cell.starts_with(scheme));
    let is_plain = !cell.contains(|c: char| c.is_whitespace());
    if begins && is_plain && cell.len() <= URI_MAX {
        Ok(cell.to_owned())
    } else {
        Err(format!(
            "an http(s) address or a URN of at most {URI_MAX} bytes, without blanks"
        ))
    }
}

fn digest(cell: &str) -> Result<String, String> {
    let is_digest = cell.len() == 64 && cell.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest {
        Ok(cell.to_ascii_lowercase())
    } else {
        Err("64 hexadecimal digits: SHA-256 of the document".to_owned())
    }
}
