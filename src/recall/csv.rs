//! The listing of a frozen scope as a table (CSV, RFC 4180).

use std::io::Write;

use super::units::{UnitLine, answer_text};

/// The columns, in order.
pub const CSV_COLUMNS: [&str; 13] = [
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

    /// Adds a line. The events of a path stand in one cell, with blanks between them; the answers that contradict
    /// place and holder in another, with semicolons.
    pub fn add(&mut self, line: &UnitLine) -> Result<(), csv::Error> {
        let quantity = line.quantity.as_ref().map(ToString::to_string);
        let path = line.path.join(" ");
        let others: Vec<String> = line.others.iter().map(answer_text).collect();
        self.0.write_record([
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
        ])
    }

    /// Ends the table.
    pub fn finish(mut self) -> Result<(), csv::Error> {
        Ok(self.0.flush()?)
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
        let mut table = UnitTable::begin(&mut out).unwrap();
        table.add(&line).unwrap();
        table.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some(
                "1,asserted,,,a,held,e1 e2,false,,,\"b at P, held; c at P, in_transit, sent by d from Q\",o,false"
            )
        );
    }
}
