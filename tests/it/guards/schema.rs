//! What a schema is: read from `src/db/schema.rs`, and from a live database of either kind.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use suyuan::db::Conn;

use super::source::{Source, TokenKind};

/// Diesel's own table of applied migrations.
const NOT_OURS: &str = "__diesel_schema_migrations";

/// The tables, by name.
pub(super) type Schema = BTreeMap<String, Table>;

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    /// The names of the primary key's columns, in its order.
    pub(super) key: Vec<String>,
    /// The columns, in order.
    pub(super) columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// `Text`, `Binary`, `BigInt`, `Integer` or `Bool`.
    pub(super) kind: String,
    /// Whether it may be empty.
    pub(super) nullable: bool,
}

/// The `table!` declarations of a file.
pub(super) fn declared(source: &Source) -> Schema {
    let words: Vec<&TokenKind> = source.tokens.iter().map(|token| &token.kind).collect();
    let mut schema = Schema::new();
    let mut at = 0;
    while at < words.len() {
        at += 1;
        if !is_word(words[at - 1], "table") || words.get(at) != Some(&&TokenKind::Mark('!')) {
            continue;
        }
        at += 2;
        let name = word(words[at]);
        at += 1;
        let mut table = Table::default();
        if *words[at] == TokenKind::Mark('(') {
            at += 1;
            while *words[at] != TokenKind::Mark(')') {
                if let TokenKind::Word(column) = words[at] {
                    table.key.push(column.clone());
                }
                at += 1;
            }
            at += 1;
        } else {
            table.key.push("id".to_owned());
        }
        // Past `{`: rows of `name -> Type,` or `name -> Nullable<Type>,`.
        at += 1;
        while *words[at] != TokenKind::Mark('}') {
            let end = at
                + words[at..]
                    .iter()
                    .position(|kind| **kind == TokenKind::Mark(','))
                    .expect("every column ends with a comma");
            let row: Vec<String> = words[at..end]
                .iter()
                .filter(|kind| matches!(kind, TokenKind::Word(_)))
                .map(|kind| word(kind))
                .collect();
            table.columns.push(Column {
                name: row[0].clone(),
                kind: row[row.len() - 1].clone(),
                nullable: row[1] == "Nullable",
            });
            at = end + 1;
        }
        schema.insert(name, table);
    }
    schema
}

fn is_word(kind: &TokenKind, expected: &str) -> bool {
    matches!(kind, TokenKind::Word(word) if word == expected)
}

fn word(kind: &TokenKind) -> String {
    match kind {
        TokenKind::Word(word) => word.clone(),
        other => panic!("a name was expected, not {other:?}"),
    }
}

#[derive(QueryableByName)]
struct LiveColumn {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nullable: i64,
    /// Place in the primary key, from 1; 0 outside.
    #[diesel(sql_type = BigInt)]
    key_place: i64,
}

const COLUMNS_OF_POSTGRES: &str = "
    SELECT c.relname::text AS table_name, a.attname::text AS name,
           format_type(a.atttypid, a.atttypmod) AS kind,
           (CASE WHEN a.attnotnull THEN 0 ELSE 1 END)::bigint AS nullable,
           coalesce(array_position(k.conkey, a.attnum), 0)::bigint AS key_place
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname, a.attnum";

const COLUMNS_OF_SQLITE: &str = "
    SELECT m.name AS table_name, c.name AS name, c.type AS kind,
           1 - c.\"notnull\" AS nullable, c.pk AS key_place
    FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
    ORDER BY m.name, c.cid";

/// The tables of a live database.
pub(super) fn live(conn: &mut Conn) -> Schema {
    let query = if conn.is_sqlite() {
        COLUMNS_OF_SQLITE
    } else {
        COLUMNS_OF_POSTGRES
    };
    let rows: Vec<LiveColumn> = diesel::sql_query(query).load(conn).unwrap();
    let mut schema = Schema::new();
    let mut keys: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for row in rows {
        if row.table_name == NOT_OURS {
            continue;
        }
        if row.key_place > 0 {
            let key = keys.entry(row.table_name.clone()).or_default();
            key.push((row.key_place, row.name.clone()));
        }
        let table = schema.entry(row.table_name).or_default();
        table.columns.push(Column {
            name: row.name,
            kind: plain_type(&row.kind),
            nullable: row.nullable != 0,
        });
    }
    for (table, mut key) in keys {
        key.sort();
        schema.entry(table).or_default().key = key.into_iter().map(|(_, name)| name).collect();
    }
    schema
}

/// The type in `schema.rs` of a database's type; another one stays as it is and will not compare.
fn plain_type(live: &str) -> String {
    match live.to_ascii_lowercase().as_str() {
        "text" => "Text",
        "bytea" | "blob" => "Binary",
        "bigint" => "BigInt",
        "integer" => "Integer",
        "boolean" => "Bool",
        _ => return live.to_owned(),
    }
    .to_owned()
}

#[derive(QueryableByName)]
struct LiveText {
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

fn texts(conn: &mut Conn, query: &str) -> BTreeSet<String> {
    let rows: Vec<LiveText> = diesel::sql_query(query).load(conn).unwrap();
    rows.into_iter().filter_map(|row| row.text).collect()
}

/// Everything a migration can leave behind, as the database itself would write it: tables, keys, checks, indexes,
/// views, triggers and functions.
pub(super) fn everything(conn: &mut Conn) -> BTreeSet<String> {
    if conn.is_sqlite() {
        return texts(
            conn,
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS text FROM sqlite_master
             WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> '__diesel_schema_migrations'",
        );
    }
    let mut found = texts(
        conn,
        "SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, collation_name) AS text
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
         UNION ALL
         SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '__diesel_schema_migrations'
         UNION ALL
         SELECT concat_ws(' ', 'index', indexdef) FROM pg_indexes
         WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'
         UNION ALL
         SELECT concat_ws(' ', 'view', viewname, definition) FROM pg_views WHERE schemaname = 'public'
         UNION ALL
         SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal",
    );
    // Diesel's set-up adds functions of its own before any migration of ours.
    found.extend(texts(
        conn,
        "SELECT 'function ' || proname AS text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'diesel_%'",
    ));
    found
}

/// `table(column, …)` of every unique index that is not the primary key's.
pub(super) fn unique_indexes(conn: &mut Conn) -> BTreeSet<String> {
    let query = if conn.is_sqlite() {
        "SELECT m.name || '(' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
                || ')' AS text
         FROM sqlite_master m JOIN pragma_index_list(m.name) i
         WHERE m.type = 'table' AND i.\"unique\" = 1 AND i.origin <> 'pk'"
    } else {
        "SELECT c.relname || '(' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                                     FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
                                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum) || ')' AS text
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND NOT i.indisprimary"
    };
    texts(conn, query)
}

/// `table.column` of every text column that PostgreSQL would sort by a locale.
pub(super) fn locale_sorted_columns(conn: &mut Conn) -> BTreeSet<String> {
    texts(
        conn,
        "SELECT table_name || '.' || column_name AS text FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
           AND data_type IN ('text', 'character varying', 'character') AND collation_name IS DISTINCT FROM 'C'",
    )
}
