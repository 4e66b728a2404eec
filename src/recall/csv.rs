//! The listing of a frozen scope as a table (CSV, RFC 4180).

use std::io::Write;

use super::units::{UnitLine, answer_text};

/// The columns, in order.
pub const CSV_COLUMNS: [&str; 15] = [
    "id",
    "certainty",
    "quantity",
    "place",
    "holder",
    "status",
    "path",
    "proposed_removal",
    "sender",
    "from",
    "others",
    "owner",
    "left_out",
    "place_certainty",
    "inside",
];

/// Rows below the names of their columns. The names are written with the first row, or at the end: what cannot be
/// answered gives no table.
#[derive(Debug)]
pub(super) struct Rows<W: Write> {
    writer: csv::Writer<W>,
    columns: &'static [&'static str],
    is_begun: bool,
}

impl<W: Write> Rows<W> {
    /// A table of these columns.
    pub(super) fn new(out: W, columns: &'static [&'static str]) -> Self {
        Self {
            writer: csv::Writer::from_writer(out),
            columns,
            is_begun: false,
        }
    }

    fn begin(&mut self) -> Result<(), csv::Error> {
        if !std::mem::replace(&mut self.is_begun, true) {
            self.writer.write_record(self.columns)?;
        }
        Ok(())
    }

    /// Adds a row.
    pub(super) fn add<C: AsRef<[u8]>>(
        &mut self,
        row: impl IntoIterator<Item = C>,
    ) -> Result<(), csv::Error> {
        self.begin()?;
        self.writer.write_record(row)
    }

    /// Ends the table.
    pub(super) fn finish(mut self) -> Result<(), csv::Error> {
        self.begin()?;
        Ok(self.writer.flush()?)
    }
}

/// Writes lines as rows, after a row of the columns' names.
#[derive(Debug)]
pub struct UnitTable<W: Write>(Rows<W>);

impl<W: Write> UnitTable<W> {
    /// A table without lines.
    pub fn new(out: W) -> Self {
        Self(Rows::new(out, &CSV_COLUMNS))
    }

    /// Adds a line. The events of a path stand in one cell, with blanks between them; the answers that contradict
    /// place and holder in another, with semicolons.
    pub fn add(&mut self, line: &UnitLine) -> Result<(), csv::Error> {
        let quantity = line.quantity.as_ref().map(ToString::to_string);
        let path = line.path.join(" ");
        let others: Vec<String> = line.others.iter().map(answer_text).collect();
        self.0.add([
            line.id.as_str(),
            line.certainty,
            quantity.as_deref().unwrap_or_default(),
            line.place.as_deref().unwrap_or_default(),
            &line.holder,
            line.status.as_str(),
            &path,
            truth(line.proposed_removal),
            line.sender.as_deref().unwrap_or_default(),
            line.from.as_deref().unwrap_or_default(),
            &others.join("; "),
            line.owner.as_deref().unwrap_or_default(),
            truth(line.left_out),
            line.place_certainty.unwrap_or_default(),
            line.inside.as_deref().unwrap_or_default(),
        ])
    }

    /// Ends the table.
    pub fn finish(self) -> Result<(), csv::Error> {
        self.0.finish()
    }
}

const fn truth(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Fate, Holding};

    #[test]
    fn a_table_has_its_columns_with_its_first_row_or_at_its_end() {
        let mut out = Vec::new();
        drop(UnitTable::new(&mut out));
        assert_eq!(out, b"", "a question without an answer has no table");
        UnitTable::new(&mut out).finish().unwrap();
        assert_eq!(out, format!("{}\n", CSV_COLUMNS.join(",")).as_bytes());
    }

    #[test]
    fn contradicting_answers_stand_joined_in_one_column() {
        let other = |holder: &str, sender: Option<&str>| Holding {
            status: if sender.is_some() {
                Fate::InTransit
            } else {
                Fate::Held
            },
            place: Some("P".to_owned()),
            holder: holder.to_owned(),
            sender: sender.map(str::to_owned),
            from: sender.map(|_| "Q".to_owned()),
            owner: None,
        };
        let line = UnitLine {
            id: "1".to_owned(),
            certainty: "asserted",
            quantity: None,
            place: None,
            place_certainty: Some("inferred"),
            inside: Some("c".to_owned()),
            holder: "a".to_owned(),
            status: Fate::Held,
            path: vec!["e1".to_owned(), "e2".to_owned()],
            sender: None,
            from: None,
            owner: Some("o".to_owned()),
            others: vec![other("b", None), other("c", Some("d"))],
            proposed_removal: false,
            left_out: false,
        };
        let mut out = Vec::new();
        let mut table = UnitTable::new(&mut out);
        table.add(&line).unwrap();
        table.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some(
                "1,asserted,,,a,held,e1 e2,false,,,\"b at P, held; c at P, in_transit, sent by d from Q\",o,false,inferred,c"
            )
        );
    }
}
