//! Checks EPCIS 2.0 JSON files the way suyuan does, without a ledger.
//!
//! One line a file: how many events it holds and how many would be recorded; below it every fault and
//! warning with its place. `--hashes` prints the event hash ids instead, `--prehashes` the texts they are
//! made over. Exit code 1 if anything is refused.
//!
//! ```sh
//! cargo run --example epcis_check -- [--hashes | --prehashes] FILE…
//! ```

use std::process::ExitCode;

use suyuan::epcis::{Document, Fault, Item, Limits, hash_id, prehash, read};

#[derive(Clone, Copy)]
enum Show {
    Verdicts,
    Hashes,
    Prehashes,
}

fn main() -> ExitCode {
    let mut show = Show::Verdicts;
    let mut all_good = true;
    let mut file_count = 0;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--hashes" => show = Show::Hashes,
            "--prehashes" => show = Show::Prehashes,
            path => {
                file_count += 1;
                all_good &= check(path, show);
            }
        }
    }
    if file_count == 0 {
        eprintln!("usage: epcis_check [--hashes | --prehashes] FILE…");
        return ExitCode::from(2);
    }
    if all_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn check(path: &str, show: Show) -> bool {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return false;
        }
    };
    let document = match read(&bytes, &Limits::default()) {
        Ok(document) => document,
        Err(faults) => {
            println!("{path}: refused whole");
            print_all("fault", &faults);
            return false;
        }
    };
    match show {
        Show::Verdicts => verdicts(path, &document),
        Show::Hashes => print_events(&document, hash_id),
        Show::Prehashes => print_events(&document, prehash),
    }
    document.items.iter().all(|item| item.event.is_ok())
}

fn verdicts(path: &str, document: &Document) {
    let good = document
        .items
        .iter()
        .filter(|item| item.event.is_ok())
        .count();
    println!(
        "{path}: {:?}, {} events, {good} good, {} refused",
        document.kind,
        document.items.len(),
        document.items.len() - good
    );
    print_all("warning", &document.warnings);
    for Item {
        event, warnings, ..
    } in &document.items
    {
        if let Err(faults) = event {
            print_all("fault", faults);
        }
        print_all("warning", warnings);
    }
}

fn print_all(label: &str, findings: &[Fault]) {
    for Fault {
        pointer,
        rule,
        detail,
    } in findings
    {
        println!("  {label} {rule} at {pointer:?}: {detail}");
    }
}

fn print_events(document: &Document, text: impl Fn(&suyuan::epcis::Event) -> String) {
    for item in &document.items {
        match &item.event {
            Ok(event) => println!("{}", text(event)),
            Err(_) => println!("refused: {}", item.pointer),
        }
    }
}
