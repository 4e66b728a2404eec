//! The house rules that a compiler does not know.

use super::source::{CratePath, Source, TokenKind, files};

/// The modules in their order: each uses only what stands before it. Those of one row do not use each other.
const ORDER: [&[&str]; 18] = [
    &["gs1"],
    &["epcis"],
    &["db"],
    &["ledger"],
    &["parties"],
    &["credentials"],
    &["codes"],
    &["events"],
    &["trace"],
    &["webhooks"],
    &["recall"],
    &["capture"],
    &["scan"],
    &["supervision"],
    &["app"],
    &["scenario"],
    &["jobs", "ingest", "web"],
    &["cli"],
];

/// Modules that stand before another and are still none of its business: a generator that knew the engine would prove
/// nothing about it.
const STRANGERS: [(&str, &[&str]); 1] = [("scenario", &["trace", "recall", "events"])];

/// Longest file we keep in one piece.
const LINES_MAX: usize = 600;

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|row| row.contains(&module))
}

fn module_of(source: &Source) -> Option<&str> {
    source.module().first().copied()
}

fn is_within(source: &Source, folder: &str) -> bool {
    source.name.starts_with(&format!("src/{folder}/")) || source.name == format!("src/{folder}.rs")
}

/// `store.rs`, `store_units.rs`, or a file in a folder `store/`.
fn is_store(source: &Source) -> bool {
    source.name.split('/').any(|part| part.starts_with("store"))
}

fn direction_faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let Some(own) = module_of(source) else {
            continue;
        };
        let Some(own_rank) = rank(own) else {
            faults.push(format!(
                "{}: `{own}` has no place in the order",
                source.name
            ));
            continue;
        };
        for CratePath { line, names } in source.crate_paths() {
            let Some(used) = names.first() else { continue };
            let is_stranger = STRANGERS
                .iter()
                .any(|(module, strangers)| *module == own && strangers.contains(&used.as_str()));
            let stands_before = rank(used).is_none_or(|rank| rank < own_rank);
            if used != own && (!stands_before || is_stranger) {
                faults.push(format!("{}:{line}: `{own}` uses `{used}`", source.name));
            }
        }
    }
    faults
}

fn schema_faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        if is_store(source) || is_within(source, "db") {
            continue;
        }
        for CratePath { line, names } in source.crate_paths() {
            if let [db, inner, ..] = names.as_slice()
                && db == "db"
                && (inner == "schema" || inner == "*")
            {
                faults.push(format!("{}:{line}: names the schema", source.name));
            }
        }
    }
    faults
}

/// Places where this run of names and marks stands in code.
fn lines_with(source: &Source, run: &[&str]) -> Vec<usize> {
    source
        .tokens
        .windows(run.len())
        .filter(|window| {
            window
                .iter()
                .zip(run)
                .all(|(token, expected)| match &token.kind {
                    TokenKind::Word(word) => word == expected,
                    TokenKind::Mark(mark) => {
                        let shown = match *mark {
                            super::source::DOUBLE_COLON => "::".to_owned(),
                            mark => mark.to_string(),
                        };
                        shown == *expected
                    }
                    TokenKind::Text(_) => false,
                })
        })
        .map(|window| window[0].line)
        .collect()
}

fn dialect_faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !is_within(source, "db")) {
        for variant in ["Postgres", "Sqlite"] {
            for line in lines_with(source, &["Conn", "::", variant]) {
                faults.push(format!("{}:{line}: names Conn::{variant}", source.name));
            }
        }
    }
    faults
}

/// Names that begin so may stand in one folder only.
fn foreign_faults(sources: &[Source], folder: &str, beginnings: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !is_within(source, folder)) {
        for token in &source.tokens {
            if let TokenKind::Word(word) = &token.kind
                && beginnings.iter().any(|begin| word.starts_with(begin))
            {
                faults.push(format!("{}:{}: names {word}", source.name, token.line));
            }
        }
    }
    faults
}

fn unfinished_faults(sources: &[Source]) -> Vec<String> {
    // Put together here, so that this file has none of them.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    let mut faults = Vec::new();
    for source in sources {
        for (line, text) in (1..).zip(source.text.lines()) {
            let mut names = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            if let Some(word) = names.find(|name| words.contains(name)) {
                faults.push(format!("{}:{line}: {word}", source.name));
            }
        }
        for name in ["todo", "unimplemented", "dbg"] {
            for line in lines_with(source, &[name, "!"]) {
                faults.push(format!("{}:{line}: {name}!", source.name));
            }
        }
        for line in lines_with(source, &["#", "[", "ignore"]) {
            faults.push(format!("{}:{line}: a test that is not run", source.name));
        }
    }
    faults
}

fn length_faults(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .map(|source| (&source.name, source.text.lines().count()))
        .filter(|&(_, lines)| LINES_MAX < lines)
        .map(|(name, lines)| format!("{name}: {lines} lines, {LINES_MAX} at most"))
        .collect()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_guards_read_the_files_they_guard() {
    let names = |folder, ending| -> Vec<String> {
        let sources = files(&[folder], ending);
        sources.into_iter().map(|source| source.name).collect()
    };

    assert!(names("src", ".rs").contains(&"src/db/conn.rs".to_owned()));
    assert!(names("tests", ".rs").contains(&"tests/it/guards/tidy.rs".to_owned()));
    assert!(!names("migrations", ".sql").is_empty());
}

#[test]
fn a_module_uses_only_what_stands_before_it() {
    assert_none(&direction_faults(&files(&["src"], ".rs")));
}

#[test]
fn only_stores_and_the_database_module_name_the_schema() {
    assert_none(&schema_faults(&files(&["src"], ".rs")));
}

#[test]
fn only_the_database_module_knows_there_are_two() {
    assert_none(&dialect_faults(&files(&["src"], ".rs")));
}

#[test]
fn only_the_web_module_names_actix() {
    let beginnings = ["actix", "tracing_actix"];

    assert_none(&foreign_faults(&files(&["src"], ".rs"), "web", &beginnings));
}

#[test]
fn only_the_ingest_module_names_rdkafka() {
    assert_none(&foreign_faults(
        &files(&["src"], ".rs"),
        "ingest",
        &["rdkafka"],
    ));
}

#[test]
fn only_the_jobs_module_calls_other_servers() {
    assert_none(&foreign_faults(
        &files(&["src"], ".rs"),
        "jobs",
        &["ureq", "rustls"],
    ));
}

#[test]
fn nothing_is_left_unfinished_or_unrun() {
    assert_none(&unfinished_faults(&files(&["src", "tests"], ".rs")));
    assert_none(&unfinished_faults(&files(&["migrations"], ".sql")));
}

#[test]
fn files_are_short_enough_to_read() {
    assert_none(&length_faults(&files(&["src", "tests"], ".rs")));
    assert_none(&length_faults(&files(&["migrations"], ".sql")));
}

mod the_guards_see {
    use super::super::source::Source;
    use super::{
        LINES_MAX, dialect_faults, direction_faults, foreign_faults, length_faults, schema_faults,
        unfinished_faults,
    };

    fn file(name: &str, text: &str) -> [Source; 1] {
        [Source::new(name.to_owned(), text.to_owned())]
    }

    #[test]
    fn a_module_that_looks_ahead_or_aside() {
        let ahead = file("src/ledger/mod.rs", "use crate::trace::Record;");
        let above = file("src/ledger/store.rs", "use super::super::{gs1, web::App};");
        let aside = file("src/jobs/mod.rs", "fn f() { crate::web::start() }");
        let stranger = file("src/scenario/mod.rs", "use crate::{codes, events::Entry};");
        let unknown = file("src/misc.rs", "");

        assert_eq!(
            direction_faults(&ahead),
            ["src/ledger/mod.rs:1: `ledger` uses `trace`"]
        );
        assert_eq!(
            direction_faults(&above),
            ["src/ledger/store.rs:1: `ledger` uses `web`"]
        );
        assert_eq!(
            direction_faults(&aside),
            ["src/jobs/mod.rs:1: `jobs` uses `web`"]
        );
        assert_eq!(
            direction_faults(&stranger),
            ["src/scenario/mod.rs:1: `scenario` uses `events`"]
        );
        assert_eq!(direction_faults(&unknown).len(), 1);
    }

    #[test]
    fn that_looking_back_is_allowed() {
        for (name, text) in [
            (
                "src/trace/mod.rs",
                "use crate::{gs1, ledger::Position, trace::log};",
            ),
            ("src/cli/mod.rs", "use crate::{web, jobs, ingest, app};"),
            ("src/main.rs", "use crate::cli;"),
            ("src/lib.rs", "pub use crate::web::App;"),
        ] {
            assert_eq!(direction_faults(&file(name, text)), [""; 0], "{name}");
        }
    }

    #[test]
    fn the_schema_and_the_dialects_out_of_their_place() {
        let grouped = "use crate::db::{Conn, schema::events};";
        let matched = "match c { Conn::Postgres(c) => 1, crate::db::Conn::Sqlite(c) => 2 }";

        assert_eq!(schema_faults(&file("src/trace/mod.rs", grouped)).len(), 1);
        assert_eq!(schema_faults(&file("src/trace/store.rs", grouped)).len(), 0);
        assert_eq!(
            schema_faults(&file("src/trace/store_lots.rs", grouped)).len(),
            0
        );
        assert_eq!(
            dialect_faults(&file("src/trace/store.rs", matched)).len(),
            2
        );
        assert_eq!(dialect_faults(&file("src/db/conn.rs", matched)).len(), 0);
    }

    #[test]
    fn foreign_names_unfinished_work_and_long_files() {
        let foreign = "use rdkafka::Message; // actix\nconst X: &str = \"rdkafka\";";
        let unfinished = format!(
            "// {}: later\n{}!();\n#[{}]\nfn f() {{}}",
            concat!("TO", "DO"),
            "dbg",
            "ignore = \"slow\""
        );
        let long = "\n".repeat(LINES_MAX + 1);

        assert_eq!(
            foreign_faults(&file("src/web/a.rs", foreign), "ingest", &["rdkafka"]).len(),
            1
        );
        assert_eq!(
            foreign_faults(&file("src/ingest/a.rs", foreign), "ingest", &["rdkafka"]).len(),
            0
        );
        assert_eq!(
            foreign_faults(&file("src/app/a.rs", foreign), "web", &["actix"]).len(),
            0
        );
        assert_eq!(unfinished_faults(&file("src/a.rs", &unfinished)).len(), 3);
        assert_eq!(length_faults(&file("src/a.rs", &long)).len(), 1);
    }
}
