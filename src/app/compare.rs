//! Comparing two databases row by row: the one in use and one made from the ledger alone.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Problem;
use crate::db::Conn;
use crate::db::catalog::{self, ColumnType, Cursor, Row, Table};
use crate::ledger::Bad;

/// Names every row of the table that differs from what it must be.
pub(super) fn compare(live: &mut Conn, made: &mut Conn, name: &str) -> Result<Vec<Bad>, Problem> {
    let table = catalog::table(live, name)?;
    let mut bad = Vec::new();
    let (mut here, mut there) = (Cursor::new(&table), Cursor::new(&table));
    let (mut found, mut expected) = (here.next_row(live)?, there.next_row(made)?);
    loop {
        let order = match (&found, &expected) {
            (None, None) => return Ok(bad),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(found), Some(expected)) => key_order(&table, &found.key, &expected.key),
        };
        match (order, &found, &expected) {
            (Ordering::Less, Some(row), _) => {
                bad.push(Bad::of_row(
                    name,
                    key_of(&table, row),
                    None,
                    "no row",
                    "a row",
                ));
                found = here.next_row(live)?;
            }
            (Ordering::Greater, _, Some(row)) => {
                bad.push(Bad::of_row(
                    name,
                    key_of(&table, row),
                    None,
                    "a row",
                    "no row",
                ));
                expected = there.next_row(made)?;
            }
            (_, Some(row), Some(due)) => {
                differences(&table, row, due, &mut bad);
                found = here.next_row(live)?;
                expected = there.next_row(made)?;
            }
            _ => return Ok(bad),
        }
    }
}

fn differences(table: &Table, found: &Row, expected: &Row, bad: &mut Vec<Bad>) {
    for (column, (found_value, due)) in table
        .columns
        .iter()
        .zip(found.values.iter().zip(&expected.values))
    {
        if found_value != due {
            let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "NULL".to_owned());
            let key = key_of(table, found);
            bad.push(Bad::of_row(
                &table.name,
                key,
                Some(&column.name),
                &show(due),
                &show(found_value),
            ));
        }
    }
}

/// The key's columns with their values.
pub(super) fn key_of(table: &Table, row: &Row) -> BTreeMap<String, String> {
    table
        .key()
        .iter()
        .map(|column| column.name.clone())
        .zip(row.key.iter().cloned())
        .collect()
}

/// The order the databases read keys in: numbers by value, bytes and text by code.
fn key_order(table: &Table, a: &[String], b: &[String]) -> Ordering {
    table
        .key()
        .iter()
        .zip(a.iter().zip(b))
        .map(|(column, (a, b))| match column.column_type {
            ColumnType::Number => a
                .parse::<i64>()
                .unwrap_or_default()
                .cmp(&b.parse::<i64>().unwrap_or_default()),
            ColumnType::Text | ColumnType::Bytes | ColumnType::Bool => a.cmp(b),
        })
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}
