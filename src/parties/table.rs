//! CSV tables with named columns: any order, unknown ones refused, later ones optional.

use super::{Error, RowFault};

/// Rows of one import: 100,000 places or products are one retailer's whole world.
const ROWS_MAX: usize = 100_000;

/// A row whose cells are asked for by name.
pub(crate) struct Row<'a> {
    columns: &'a [String],
    cells: csv::StringRecord,
    line: u64,
    faults: Vec<RowFault>,
}

impl Row<'_> {
    /// The cell, when there is something in it.
    pub(crate) fn maybe(&self, column: &str) -> Option<String> {
        let index = self.columns.iter().position(|known| known == column)?;
        self.cells
            .get(index)
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
    }

    /// The cell; a fault when it is empty.
    pub(crate) fn needed(&mut self, column: &'static str) -> String {
        self.maybe(column).unwrap_or_else(|| {
            self.fault(column, "must not be empty");
            String::new()
        })
    }

    /// Notes what is wrong with a cell.
    pub(crate) fn fault(&mut self, field: &'static str, detail: impl Into<String>) {
        self.faults.push(RowFault {
            line: self.line,
            field,
            detail: detail.into(),
        });
    }

    /// The cell as something parsed; a fault when it does not parse.
    pub(crate) fn parsed<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let cell = self.maybe(column)?;
        match parse(&cell) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.fault(column, detail);
                None
            }
        }
    }

    /// Refuses control characters in every cell: they end up in texts that both databases must take.
    fn refuse_control_characters(&mut self) {
        if self
            .cells
            .iter()
            .any(|cell| cell.contains(|c: char| c.is_control()))
        {
            self.fault("(row)", "control characters are not allowed");
        }
    }
}

/// The values with their lines, and what is wrong.
pub(crate) type TableRows<T> = (Vec<(u64, T)>, Vec<RowFault>);

/// Reads a table. `read` turns a row into a value and notes what is wrong with it.
pub(crate) fn read<T>(
    bytes: &[u8],
    known: &'static [&'static str],
    needed: &[&str],
    mut read: impl FnMut(&mut Row<'_>) -> T,
) -> Result<TableRows<T>, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let columns: Vec<String> = reader
        .headers()
        .map_err(Error::Csv)?
        .iter()
        .map(|header| header.trim().to_owned())
        .collect();
    check_columns(&columns, known, needed)?;
    let mut values = Vec::new();
    let mut faults = Vec::new();
    for cells in reader.into_records() {
        let cells = cells.map_err(Error::Csv)?;
        let line = cells.position().map_or(0, csv::Position::line);
        if ROWS_MAX <= values.len() {
            faults.push(RowFault {
                line,
                field: "(row)",
                detail: format!("one import holds at most {ROWS_MAX} rows"),
            });
            break;
        }
        let mut row = Row {
            columns: &columns,
            cells,
            line,
            faults: Vec::new(),
        };
        row.refuse_control_characters();
        let value = read(&mut row);
        faults.append(&mut row.faults);
        values.push((line, value));
    }
    Ok((values, faults))
}

fn check_columns(
    columns: &[String],
    known: &'static [&'static str],
    needed: &[&str],
) -> Result<(), Error> {
    let refuse = |column: &str, problem| {
        Err(Error::Column {
            column: column.to_owned(),
            problem,
            known: known.join(", "),
        })
    };
    for (index, column) in columns.iter().enumerate() {
        if !known.contains(&column.as_str()) {
            return refuse(column, "is not known");
        }
        if columns[..index].contains(column) {
            return refuse(column, "stands twice");
        }
    }
    match needed
        .iter()
        .find(|column| !columns.iter().any(|given| given == *column))
    {
        Some(missing) => refuse(missing, "is missing"),
        None => Ok(()),
    }
}
