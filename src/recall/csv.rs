//! The listing of a frozen scope as a table (CSV, RFC 4180).

use std::io::Write;

use super::units::UnitLine;

/// The columns, in order.
pub const CSV_COLUMNS: [&str; 8] = [
    "id",
    "certainty",
    "quantity",
    "place",
    "holder",
    "status",
    "path",
    "proposed_removal",
];

/// Writes lines as rows, after a row of the columns' names.
#[derive(Debug)]
pub struct UnitTable<W: Write>(csv::Writer<W>);

impl<W: Write> UnitTable<W> {
    /// Begins a table.
    pub fn begin(out: W) -> Result<Self, csv::Error> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(CSV_COLUMNS)?;
        Ok(Self(writer))
    }

    /// Adds a line. The events of a path stand in one cell, with blanks between them.
    pub fn add(&mut self, line: &UnitLine) -> Result<(), csv::Error> {
        let quantity = line.quantity.as_ref().map(ToString::to_string);
        let path = line.path.join(" ");
        self.0.write_record([
            line.id.as_str(),
            line.certainty,
            quantity.as_deref().unwrap_or_default(),
            line.place.as_deref().unwrap_or_default(),
            &line.holder,
            line.status.as_str(),
            &path,
            if line.proposed_removal {
                "true"
            } else {
                "false"
            },
        ])
    }

    /// Ends the table.
    pub fn finish(mut self) -> Result<(), csv::Error> {
        Ok(self.0.flush()?)
    }
}
