//! The tables as the database itself describes them, and their rows as text: what `verify` and `rebuild`
//! compare, so that no column can be forgotten.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{Conn, Error};

/// Separates columns in a row's text. It is control text, refused in every text column's input.
const SEPARATOR: char = '\u{1e}';
/// Stands for NULL in a row's text.
const NULL: &str = "\u{1f}";
/// Rows read at a time.
const PAGE: i64 = 1_000;

/// What a table is to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// The ledger itself and what commit order decided: kept by `rebuild`, checked by `verify`.
    Record,
    /// Addresses: append-only, kept by `rebuild`, checked by `verify`.
    Dictionary,
    /// Derived from the ledger: thrown away and made anew by `rebuild`.
    Projection,
    /// Daily business: not in the ledger.
    Operational,
}

/// Every table of ours, and what it is.
pub const TABLES: [(&str, TableKind); 41] = [
    ("ledger_shards", TableKind::Record),
    ("ledger_heads", TableKind::Record),
    ("ledger_entries", TableKind::Record),
    ("ledger_payloads", TableKind::Record),
    ("event_ids", TableKind::Record),
    ("event_echoes", TableKind::Record),
    ("verdicts", TableKind::Record),
    ("blocks", TableKind::Dictionary),
    ("units", TableKind::Dictionary),
    ("organisations", TableKind::Projection),
    ("places", TableKind::Projection),
    ("products", TableKind::Projection),
    ("lot_aliases", TableKind::Projection),
    ("submitter_keys", TableKind::Projection),
    ("credentials", TableKind::Projection),
    ("credential_scopes", TableKind::Projection),
    ("credential_revocations", TableKind::Projection),
    ("people", TableKind::Projection),
    ("code_batches", TableKind::Projection),
    ("events", TableKind::Projection),
    ("trace_log", TableKind::Projection),
    ("lot_moves", TableKind::Projection),
    ("lot_units", TableKind::Projection),
    ("voids", TableKind::Projection),
    ("place_blocks", TableKind::Projection),
    ("recalls", TableKind::Projection),
    ("recall_versions", TableKind::Projection),
    ("recall_differences", TableKind::Projection),
    ("recall_releases", TableKind::Projection),
    ("recall_names", TableKind::Projection),
    ("recall_tasks", TableKind::Projection),
    ("recall_moves", TableKind::Projection),
    ("scope_blocks", TableKind::Projection),
    ("scope_lots", TableKind::Projection),
    ("scope_exclusions", TableKind::Projection),
    ("api_keys", TableKind::Operational),
    ("dead_letters", TableKind::Operational),
    ("capture_jobs", TableKind::Operational),
    ("outbox", TableKind::Operational),
    ("webhooks", TableKind::Operational),
    ("webhook_deliveries", TableKind::Operational),
];

/// A plain column type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Integer or `BigInt`.
    Number,
    /// Text.
    Text,
    /// Binary.
    Bytes,
    /// Bool.
    Bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether it may be NULL.
    pub is_nullable: bool,
    /// Its place in the primary key, from 1; 0 when it is not in it.
    pub key_position: i64,
}

/// A table with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
}

/// A row as text: numbers in decimal, bytes in lower-case hexadecimal, bools as 0 and 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key's columns, in key order.
    pub key: Vec<String>,
    /// All columns, in table order; `None` is NULL.
    pub values: Vec<Option<String>>,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = BigInt)]
    is_nullable: i64,
    #[diesel(sql_type = BigInt)]
    key_position: i64,
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

/// Describes a table.
pub fn table(conn: &mut Conn, name: &str) -> Result<Table, Error> {
    let query = if conn.is_sqlite() {
        include_str!("columns.sqlite.sql")
    } else {
        include_str!("columns.pg.sql")
    };
    let rows: Vec<ColumnRow> = diesel::sql_query(query).bind::<Text, _>(name).load(conn)?;
    let columns = rows
        .into_iter()
        .map(|row| {
            let column_type = match row.type_name.to_ascii_uppercase().as_str() {
                "INTEGER" | "BIGINT" => ColumnType::Number,
                "TEXT" => ColumnType::Text,
                "BYTEA" | "BLOB" => ColumnType::Bytes,
                "BOOLEAN" => ColumnType::Bool,
                other => {
                    let what = format!("{name}.{} has the type {other}", row.name);
                    return Err(Error::Corrupt {
                        table: "(schema)",
                        what,
                    });
                }
            };
            Ok(Column {
                name: row.name,
                column_type,
                is_nullable: row.is_nullable != 0,
                key_position: row.key_position,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(Table {
        name: name.to_owned(),
        columns,
    })
}

impl Table {
    /// The key's columns, in key order.
    pub fn key(&self) -> Vec<&Column> {
        let mut key: Vec<&Column> = self
            .columns
            .iter()
            .filter(|column| column.key_position != 0)
            .collect();
        key.sort_by_key(|column| column.key_position);
        key
    }

    fn page(&self, conn: &mut Conn, after: Option<&[String]>) -> Result<Vec<Row>, Error> {
        let sqlite = conn.is_sqlite();
        let key = self.key();
        let names: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
        let shown: Vec<String> = self
            .columns
            .iter()
            .map(|column| as_text(column, sqlite))
            .collect();
        let line = shown.join(&format!(" || '{SEPARATOR}' || "));
        let filter = match after {
            None => String::new(),
            Some(after) => {
                let values: Vec<String> = key
                    .iter()
                    .zip(after)
                    .map(|(column, value)| literal(column, value, sqlite))
                    .collect();
                format!("WHERE ({}) > ({})", names.join(", "), values.join(", "))
            }
        };
        let query = format!(
            "SELECT {line} AS line FROM {} {filter} ORDER BY {} LIMIT {PAGE}",
            self.name,
            names.join(", ")
        );
        let rows: Vec<TextRow> = diesel::sql_query(query).load(conn)?;
        rows.into_iter()
            .map(|row| self.row(&row.line.unwrap_or_default()))
            .collect()
    }

    fn row(&self, line: &str) -> Result<Row, Error> {
        let values: Vec<Option<String>> = line
            .split(SEPARATOR)
            .map(|value| (value != NULL).then(|| value.to_owned()))
            .collect();
        if values.len() != self.columns.len() {
            let what = format!("{}: a text holds the control character U+001E", self.name);
            return Err(Error::Corrupt {
                table: "(any)",
                what,
            });
        }
        let key = self
            .key()
            .iter()
            .filter_map(|column| {
                let index = self
                    .columns
                    .iter()
                    .position(|other| other.name == column.name)?;
                Some(values.get(index)?.clone().unwrap_or_default())
            })
            .collect();
        Ok(Row { key, values })
    }
}

/// Reads a table's rows one by one, in the order of the key.
#[derive(Debug)]
pub struct Cursor<'t> {
    table: &'t Table,
    page: std::vec::IntoIter<Row>,
    after: Option<Vec<String>>,
    is_done: bool,
}

impl<'t> Cursor<'t> {
    /// Before the first row.
    pub fn new(table: &'t Table) -> Self {
        Self {
            table,
            page: Vec::new().into_iter(),
            after: None,
            is_done: false,
        }
    }

    /// The next row; `None` after the last.
    pub fn next_row(&mut self, conn: &mut Conn) -> Result<Option<Row>, Error> {
        if let Some(row) = self.page.next() {
            return Ok(Some(row));
        }
        if self.is_done {
            return Ok(None);
        }
        let page = self.table.page(conn, self.after.as_deref())?;
        match page.last() {
            None => self.is_done = true,
            Some(last) => self.after = Some(last.key.clone()),
        }
        self.page = page.into_iter();
        Ok(self.page.next())
    }
}

fn as_text(column: &Column, sqlite: bool) -> String {
    let name = &column.name;
    let text = match (column.column_type, sqlite) {
        (ColumnType::Number, _) | (ColumnType::Bool, true) => format!("CAST({name} AS TEXT)"),
        (ColumnType::Text, _) => name.clone(),
        (ColumnType::Bytes, true) => format!("lower(hex({name}))"),
        (ColumnType::Bytes, false) => format!("encode({name}, 'hex')"),
        (ColumnType::Bool, false) => format!("CASE WHEN {name} THEN '1' ELSE '0' END"),
    };
    if column.is_nullable {
        format!("CASE WHEN {name} IS NULL THEN '{NULL}' ELSE {text} END")
    } else {
        text
    }
}

/// A key's value in SQL. The values come out of this database and are written as numbers, hexadecimal or
/// quoted text.
fn literal(column: &Column, value: &str, sqlite: bool) -> String {
    match (column.column_type, sqlite) {
        (ColumnType::Number, _) | (ColumnType::Bool, true) => value.to_owned(),
        (ColumnType::Bool, false) => (value == "1").to_string(),
        (ColumnType::Text, _) => format!("'{}'", value.replace('\'', "''")),
        (ColumnType::Bytes, true) => format!("x'{value}'"),
        (ColumnType::Bytes, false) => format!("decode('{value}', 'hex')"),
    }
}
