//! What ours is compared with: a row an item, a row for every event an item is named in, indexes,
//! statistics, and SQL that works on whole sets. In the same database, from the same events.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::answer::{Answer, Counts};
use super::fill::broken;
use super::report::timed;
use super::serials::Serials;
use super::world::Question;
use crate::app::Problem;
use crate::db::{self, Conn};
use crate::scenario::load::{Deed, Load, Step};
use crate::trace::{Fate, Holding};

/// Rows of one COPY.
const ROWS_A_COPY: usize = 50_000;

diesel::table! {
    bench_places (place) {
        place -> BigInt,
        link -> Text,
        holder -> Text,
    }
}

diesel::table! {
    bench_listed (unit) {
        unit -> BigInt,
    }
}

diesel::table! {
    bench_units (unit) {
        unit -> BigInt,
        epc -> Text,
    }
}

diesel::table! {
    bench_steps (unit, t_lo, event) {
        unit -> BigInt,
        t_lo -> BigInt,
        event -> BigInt,
        t_hi -> BigInt,
        deed -> Integer,
        parent -> Nullable<BigInt>,
        place -> Nullable<BigInt>,
        from_place -> Nullable<BigInt>,
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = bench_places)]
#[diesel(treat_none_as_default_value = false)]
struct PlaceRow {
    place: i64,
    link: String,
    holder: String,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = bench_units)]
#[diesel(treat_none_as_default_value = false)]
struct UnitRow {
    unit: i64,
    epc: String,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = bench_steps)]
#[diesel(treat_none_as_default_value = false)]
struct StepRow {
    unit: i64,
    t_lo: i64,
    event: i64,
    t_hi: i64,
    deed: i32,
    parent: Option<i64>,
    place: Option<i64>,
    from_place: Option<i64>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = bench_listed)]
struct ListedRow {
    unit: i64,
}

#[derive(Clone, PartialEq, QueryableByName)]
struct HoldingRow {
    #[diesel(sql_type = BigInt)]
    fate: i64,
    #[diesel(sql_type = Nullable<Text>)]
    place: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    holder: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    sender: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    from_place: Option<String>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(embed)]
    holding: HoldingRow,
    #[diesel(sql_type = BigInt)]
    items: i64,
}

#[derive(QueryableByName)]
struct AnswerRow {
    #[diesel(embed)]
    holding: HoldingRow,
    #[diesel(sql_type = BigInt)]
    item: i64,
}

/// Loads the rows, then makes the indexes and the statistics; tells how long it took.
pub(super) fn fill(conn: &mut Conn, load: &Load, serials: &Serials) -> Result<Duration, Problem> {
    let ((), time) = timed(|| {
        conn.write(|conn| {
            let tables = if conn.is_sqlite() {
                include_str!("tables.sqlite.sql")
            } else {
                include_str!("tables.pg.sql")
            };
            run(conn, tables)?;
            insert_places(conn, load)?;
            insert_units(conn, load, serials)?;
            insert_steps(conn, load)?;
            run(conn, include_str!("indexes.sql"))
        })?;
        note_window(conn, load)?;
        run(conn, "ANALYZE")
    })?;
    Ok(time)
}

fn run(conn: &mut Conn, script: &str) -> Result<(), Problem> {
    Ok(conn.batch_execute(script).map_err(db::Error::from)?)
}

fn insert_places(conn: &mut Conn, load: &Load) -> Result<(), Problem> {
    let rows: Vec<PlaceRow> = (0..)
        .zip(load.sites())
        .map(|(place, site)| PlaceRow {
            place,
            link: site.link.clone(),
            holder: site.org.clone(),
        })
        .collect();
    Ok(db::bulk_insert!(&mut *conn, bench_places::table, rows)?)
}

fn insert_units(conn: &mut Conn, load: &Load, serials: &Serials) -> Result<(), Problem> {
    let serial = |item: u32| serials.of(item);
    let all: Vec<u32> = (0..load.unit_count()).collect();
    for units in all.chunks(ROWS_A_COPY) {
        let row = |unit: &u32| UnitRow {
            unit: i64::from(*unit),
            epc: load.identifier(*unit, &serial),
        };
        let rows: Vec<UnitRow> = units.iter().map(row).collect();
        db::bulk_insert!(&mut *conn, bench_units::table, rows)?;
    }
    Ok(())
}

fn insert_steps(conn: &mut Conn, load: &Load) -> Result<(), Problem> {
    let mut rows = Vec::with_capacity(ROWS_A_COPY);
    for (event, step) in (0..).zip(load.steps()) {
        rows.extend(step_rows(event, step));
        if ROWS_A_COPY <= rows.len() {
            let full = std::mem::take(&mut rows);
            db::bulk_insert!(&mut *conn, bench_steps::table, full)?;
        }
    }
    Ok(db::bulk_insert!(&mut *conn, bench_steps::table, rows)?)
}

/// A row for every unit, and one for the container: where it is emptied it is emptied, where it is packed it
/// was seen.
fn step_rows(event: i64, step: &Step) -> impl Iterator<Item = StepRow> {
    let parent = step.container.filter(|_| step.deed == Deed::Pack);
    let of_container = match step.deed {
        Deed::Empty => step
            .container
            .map(|container| (container, Deed::Empty, None)),
        Deed::Pack => step
            .container
            .map(|container| (container, Deed::Receive, None)),
        Deed::Make | Deed::Ship | Deed::Receive | Deed::Sell => None,
    };
    let units = step
        .units
        .iter()
        .map(move |unit| (*unit, step.deed, parent));
    units
        .chain(of_container)
        .map(move |(unit, deed, parent)| StepRow {
            unit: unit.into(),
            t_lo: step.time.micros(),
            event,
            t_hi: step.time.micros(),
            deed: deed_number(deed),
            parent: parent.map(i64::from),
            place: Some(step.site.into()),
            from_place: step.from.map(i64::from),
        })
}

/// As `scope.sql` has them.
const fn deed_number(deed: Deed) -> i32 {
    match deed {
        Deed::Make => 0,
        Deed::Pack => 1,
        Deed::Empty => 2,
        Deed::Ship => 3,
        Deed::Receive => 4,
        Deed::Sell => 5,
    }
}

fn note_window(conn: &mut Conn, load: &Load) -> Result<(), Problem> {
    let window = load.window();
    let place = load
        .sites()
        .iter()
        .position(|site| site.link == window.place);
    let place = place.ok_or_else(|| broken("the window is at no known place"))?;
    let (from, until) = (window.from.micros(), window.until.micros());
    run(
        conn,
        &format!(
            "CREATE TABLE bench_window AS SELECT CAST({place} AS BIGINT) AS place, \
             CAST({from} AS BIGINT) AS t_from, CAST({until} AS BIGINT) AS t_until"
        ),
    )
}

/// Notes the items that are listed.
pub(super) fn note_listed(conn: &mut Conn, items: &[u32]) -> Result<(), Problem> {
    let rows: Vec<ListedRow> = items
        .iter()
        .map(|item| ListedRow {
            unit: i64::from(*item),
        })
        .collect();
    conn.write(|conn| {
        run(conn, "CREATE TABLE bench_listed (unit BIGINT PRIMARY KEY)")?;
        db::insert_new!(&mut *conn, bench_listed::table, rows)?;
        Ok::<_, Problem>(())
    })?;
    run(conn, "ANALYZE bench_listed")
}

/// Prepares a session for [`scope`]: memory enough that PostgreSQL sorts and hashes without files.
pub(super) fn session(conn: &mut Conn) -> Result<(), Problem> {
    if conn.is_sqlite() {
        return Ok(());
    }
    run(conn, "SET work_mem = '256MB'")
}

/// The complete scope by SQL: how many items are held how, and how long it took. The session keeps
/// the holding of each for [`answer`].
pub(super) fn scope(conn: &mut Conn, question: &Question) -> Result<(Counts, Duration), Problem> {
    let affected = match question {
        Question::Window => include_str!("scope_window.sql"),
        Question::Listed(_) => include_str!("scope_listed.sql"),
    };
    timed(|| {
        run(conn, include_str!("scope_begin.sql"))?;
        run(conn, affected)?;
        run(conn, include_str!("scope.sql"))?;
        let rows: Vec<CountRow> = diesel::sql_query(include_str!("counts.sql"))
            .load(conn)
            .map_err(db::Error::from)?;
        let counts = rows.into_iter().map(|row| {
            let count = u64::try_from(row.items).unwrap_or_default();
            (row.holding.into(), count)
        });
        Ok(counts.collect())
    })
}

/// The holding of every item, as the session's last [`scope`] found it.
pub(super) fn answer(conn: &mut Conn) -> Result<Answer, Problem> {
    let rows: Vec<AnswerRow> = diesel::sql_query(include_str!("answers.sql"))
        .load(conn)
        .map_err(db::Error::from)?;
    let mut answer = Answer::default();
    for group in rows.chunk_by(|a, b| a.holding == b.holding) {
        let items = group
            .iter()
            .map(|row| u32::try_from(row.item).unwrap_or(u32::MAX));
        answer.add(group[0].holding.clone().into(), items);
    }
    answer.sort();
    Ok(answer)
}

impl From<HoldingRow> for Holding {
    fn from(row: HoldingRow) -> Self {
        Self {
            status: match row.fate {
                0 => Fate::Held,
                1 => Fate::InTransit,
                2 => Fate::Sold,
                _ => Fate::Unknown,
            },
            place: row.place,
            holder: row.holder.unwrap_or_default(),
            sender: row.sender,
            from: row.from_place,
            owner: None,
        }
    }
}
