//! The lines in which two versions differ as a table (CSV, RFC 4180).

use std::io::Write;

use super::csv::Rows;
use super::diff::{DiffLine, Label};

/// The columns, in order.
pub const DIFF_COLUMNS: [&str; 15] = [
    "id",
    "change",
    "why",
    "event",
    "was_certainty",
    "was_quantity",
    "was_place",
    "was_holder",
    "was_status",
    "certainty",
    "quantity",
    "place",
    "holder",
    "status",
    "path",
];

/// Writes lines as rows, after a row of the columns' names.
#[derive(Debug)]
pub struct DiffTable<W: Write>(Rows<W>);

impl<W: Write> DiffTable<W> {
    /// A table without lines.
    pub fn new(out: W) -> Self {
        Self(Rows::new(out, &DIFF_COLUMNS))
    }

    /// Adds a line. The events of a path stand in one cell, with blanks between them.
    pub fn add(&mut self, line: &DiffLine) -> Result<(), csv::Error> {
        let mut row = vec![
            line.id.clone(),
            line.change.as_str().to_owned(),
            line.why.as_str().to_owned(),
            line.event.clone().unwrap_or_default(),
        ];
        row.extend(cells(line.was.as_ref()));
        row.extend(cells(line.now.as_ref()));
        row.push(line.path.join(" "));
        self.0.add(row)
    }

    /// Ends the table.
    pub fn finish(self) -> Result<(), csv::Error> {
        self.0.finish()
    }
}

fn cells(label: Option<&Label>) -> [String; 5] {
    let Some(label) = label else {
        return Default::default();
    };
    let quantity = label.quantity.as_ref().map(ToString::to_string);
    [
        label.certainty.to_owned(),
        quantity.unwrap_or_default(),
        label.holding.place.clone().unwrap_or_default(),
        label.holding.holder.clone(),
        label.holding.status.as_str().to_owned(),
    ]
}
