//! What the documents name exists: files, modules, tables.

use std::collections::BTreeSet;
use std::path::Path;

use suyuan::db::catalog::{TABLES, TableKind};

const ARCHITECTURE: &str = include_str!("../../../docs/ARCHITECTURE.md");
const README: &str = include_str!("../../../README.md");

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The texts between pairs of single backticks, outside of blocks of code.
fn quoted(page: &str) -> Vec<String> {
    let prose = page.split("```").step_by(2).collect::<String>();
    prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|text| text.replace('\n', " "))
        .collect()
}

fn links(page: &str) -> Vec<&str> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .collect()
}

fn pages() -> Vec<(&'static str, String)> {
    [
        "README.md",
        "docs/ARCHITECTURE.md",
        "docs/CONFIGURATION.md",
        "docs/INGEST.md",
        "docs/LEDGER.md",
        "docs/OPERATIONS.md",
        "docs/SCENARIOS.md",
        "docs/WEBHOOKS.md",
        "migrations/README.md",
    ]
    .into_iter()
    .map(|name| (name, std::fs::read_to_string(package().join(name)).unwrap()))
    .collect()
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    for (name, page) in pages() {
        let folder = package().join(name).parent().unwrap().to_owned();
        for target in links(&page) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            assert!(folder.join(file).exists(), "{name} links to {target}");
        }
    }
}

#[test]
fn every_file_that_is_named_exists() {
    for (name, page) in pages() {
        for text in quoted(&page) {
            let is_file = [
                "src/",
                "tests/",
                "docs/",
                "examples/",
                "migrations/",
                "schemas/",
                ".ci/",
            ]
            .iter()
            .any(|folder| text.starts_with(folder));
            if is_file && !text.contains([' ', '*', '{']) {
                assert!(package().join(&text).exists(), "{name} names {text}");
            }
        }
    }
}

#[test]
fn every_module_stands_on_both_maps() {
    let lib = std::fs::read_to_string(package().join("src/lib.rs")).unwrap();
    let modules = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));

    for module in modules {
        for (name, page) in [
            ("docs/ARCHITECTURE.md", ARCHITECTURE),
            ("README.md", README),
        ] {
            let row = format!("| `{module}` |");
            assert!(page.contains(&row), "{name} has no row {row}");
        }
    }
}

#[test]
fn every_table_stands_under_its_kind() {
    let sources = std::fs::read_to_string(package().join("src/db/schema.rs")).unwrap();
    let declared: BTreeSet<&str> = sources
        .split("table! {")
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    let listed: BTreeSet<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    assert_eq!(listed, declared);

    for (kind, word) in [
        (TableKind::Record, "record"),
        (TableKind::Dictionary, "dictionary"),
        (TableKind::Projection, "projection"),
        (TableKind::Operational, "operational"),
    ] {
        let row = ARCHITECTURE
            .lines()
            .find(|line| line.starts_with(&format!("| {word} |")))
            .unwrap();
        let named: BTreeSet<&str> = row
            .split('|')
            .nth(2)
            .unwrap()
            .split('`')
            .skip(1)
            .step_by(2)
            .collect();
        let of_kind: BTreeSet<&str> = TABLES
            .iter()
            .filter(|(_, of)| *of == kind)
            .map(|(table, _)| *table)
            .collect();
        assert_eq!(named, of_kind, "{word}");
    }
}
