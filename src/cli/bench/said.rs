//! The figures of one world, each under its name.

use std::time::Duration;

use super::fill::Filled;
use super::report::{Report, as_number};
use super::sizes::{self, Total};
use crate::app::Problem;
use crate::db::Conn;
use crate::scenario::load::Load;
use crate::trace::store;

/// Adds figures to a report.
pub(super) struct Said<'r> {
    label: String,
    report: &'r mut Report,
}

impl<'r> Said<'r> {
    /// Under this name.
    pub(super) fn new(label: &str, report: &'r mut Report) -> Self {
        Self {
            label: label.to_owned(),
            report,
        }
    }

    /// Under another name.
    pub(super) fn about(&mut self, label: &str) -> Said<'_> {
        Said::new(label, &mut *self.report)
    }

    /// Of the same once its logs are compacted.
    pub(super) fn about_compacted(&mut self) -> Said<'_> {
        let label = format!("{}, compacted", self.label);
        Said::new(&label, &mut *self.report)
    }

    fn subject(&self, what: &str) -> String {
        format!("{}: {what}", self.label)
    }

    /// A time.
    pub(super) fn time(&mut self, what: &str, time: Duration) {
        self.report.add_time(self.subject(what), time);
    }

    /// A number of things.
    pub(super) fn count(&mut self, what: &str, count: u64, unit: &'static str) {
        self.report.add_count(self.subject(what), count, unit);
    }

    /// A number with two digits after the point.
    pub(super) fn number(&mut self, what: &str, value: f64, unit: &'static str) {
        let rounded = (value * 100.0).round() / 100.0;
        self.report.add(self.subject(what), rounded, unit);
    }

    /// How filling went.
    pub(super) fn filled(&mut self, load: &Load, filled: Filled) {
        self.count("items", load.item_count().into(), "items");
        self.count("events", filled.events, "events");
        self.count("events as JSON", filled.bytes, "bytes");
        self.time("capture", filled.time);
        self.time("  of it in transactions", filled.writing);
        let seconds = filled.time.as_secs_f64().max(f64::EPSILON);
        self.number(
            "capture rate",
            as_number(filled.events) / seconds,
            "events/s",
        );
    }

    /// What everything takes on disk.
    pub(super) fn sizes(&mut self, when: &str, conn: &mut Conn) -> Result<(), Problem> {
        let tables = sizes::tables(conn)?;
        let mut records = 0;
        for shape in store::log_shape(conn)? {
            let tier = format!("{when}: trace_log, tier {}", shape.tier);
            self.count(&tier, shape.rows.unsigned_abs(), "rows");
            self.count(&tier, shape.records.unsigned_abs(), "records");
            records += shape.records.unsigned_abs();
        }
        let a_record = |bytes: u64| as_number(bytes) / as_number(records.max(1));
        let packed = sizes::packed(conn)?;
        self.number(
            &format!("{when}: a record of trace_log, packed"),
            a_record(packed),
            "bytes/record",
        );
        let log = sizes::total(conn, &tables, |name| name == "trace_log")?;
        self.number(
            &format!("{when}: a record of trace_log, on disk"),
            a_record(log.bytes),
            "bytes/record",
        );
        let own = sizes::total(conn, &tables, sizes::is_index)?;
        self.total(&format!("{when}: trace index"), own);
        let rows = sizes::total(conn, &tables, sizes::is_baseline)?;
        if rows.bytes != 0 {
            self.total(&format!("{when}: a row an item"), rows);
            let ratio = as_number(rows.bytes) / as_number(own.bytes.max(1));
            self.number(
                &format!("{when}: disk, a row an item / trace index"),
                ratio,
                "×",
            );
        }
        let rest = sizes::total(conn, &tables, sizes::is_record)?;
        self.total(&format!("{when}: ledger, events, master data"), rest);
        for table in &tables {
            let bytes = u64::try_from(table.bytes).unwrap_or_default();
            self.count(&format!("{when}: table {}", table.name), bytes, "bytes");
        }
        Ok(())
    }

    fn total(&mut self, what: &str, total: Total) {
        self.count(what, total.rows, "rows");
        self.count(what, total.bytes, "bytes");
        self.count(
            &format!("{what}, indexes alone"),
            total.index_bytes,
            "bytes",
        );
    }
}
