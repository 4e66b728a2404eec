//! The tour of `README.md`, command by command: what stands there is what the program prints. Ids, times,
//! serial numbers and whatever ends in `…` may differ.

use diesel::connection::SimpleConnection as _;
use suyuan::db::{Conn, DatabaseUrl};

use crate::harness::process::Workplace;

const README: &str = include_str!("../../../README.md");

/// From here on, up to there, every command is run; after that a server runs beside them.
const BEGIN: &str = "\n## Ten minutes\n";
const END: &str = "\n**Over HTTP.**";

/// A command and what it prints.
struct Step {
    command: String,
    printed: Vec<String>,
}

fn steps() -> Vec<Step> {
    let (_, rest) = README.split_once(BEGIN).unwrap();
    let (tour, _) = rest.split_once(END).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    let mut is_console = false;
    for line in tour.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => is_console = true,
            ("```", _) => is_console = false,
            (_, Some(command)) if is_console => steps.push(Step {
                command: command.replace("../../examples/", EXAMPLES),
                printed: Vec::new(),
            }),
            (printed, _) if is_console => {
                steps.last_mut().unwrap().printed.push(printed.to_owned());
            }
            _ => {}
        }
    }
    steps
}

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/");

/// Runs a command as the shell would, as far as the tour needs one; what it prints, then what it reports.
fn run(workplace: &Workplace, command: &str) -> Vec<String> {
    if let Some(sql) = command.strip_prefix("sqlite3 suyuan.db ") {
        let url = DatabaseUrl::Sqlite(workplace.path("suyuan.db"));
        let mut conn = Conn::open(&url).unwrap();
        conn.batch_execute(sql.trim_matches('"')).unwrap();
        return Vec::new();
    }
    let (line, last_only) = match command.strip_suffix(" | tail -n 1") {
        Some(line) => (line, true),
        None => (command, false),
    };
    let line = line.strip_prefix("suyuan ").expect(command);
    let finished = workplace.run(words(line));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (printed, reported) = (lines(&finished.stdout), lines(&finished.stderr));
    if last_only {
        return printed.last().cloned().into_iter().collect();
    }
    printed.into_iter().chain(reported).collect()
}

/// The arguments of a command line with single and double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// Whether two printed lines say the same, but for what is another each time.
fn agree(due: &str, printed: &str) -> bool {
    let pieces = |line: &str| -> Vec<String> {
        line.split_inclusive(|c: char| c.is_whitespace() || "/,\"()".contains(c))
            .map(blurred)
            .collect()
    };
    let (due, printed) = (pieces(due), pieces(printed));
    due.len() == printed.len()
        && due
            .iter()
            .zip(&printed)
            .all(|(due, found)| due.trim_end().ends_with('…') || due == found)
}

/// A piece of a line, without what chance or the clock decides.
fn blurred(piece: &str) -> String {
    let kept = piece.trim_end_matches(|c: char| c.is_whitespace() || "/,\"():;".contains(c));
    let is_id = kept.len() == 36 && kept.as_bytes()[14] == b'7' && kept.matches('-').count() == 4;
    let is_time = kept.ends_with('Z') && kept.contains('.') && kept.contains('T');
    let is_serial = kept.len() == 14
        && kept.starts_with('0')
        && kept.bytes().any(|byte| byte.is_ascii_uppercase())
        && kept
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_id || is_time || is_serial {
        piece.replace(kept, "*")
    } else {
        piece.to_owned()
    }
}

#[test]
fn what_the_tour_says_is_what_the_program_prints() {
    let workplace = Workplace::bare();
    let mut recall = String::new();
    let mut wrong = Vec::new();
    let steps = steps();
    assert!(25 < steps.len(), "{} commands are no tour", steps.len());
    for step in steps {
        if step.command.starts_with("RECALL=") {
            continue;
        }
        let printed = run(&workplace, &step.command.replace("$RECALL", &recall));
        if step.command.contains(" recall open ") {
            let id = printed[0].split(' ').next().unwrap();
            id.clone_into(&mut recall);
        }
        let same = step.printed.len() == printed.len()
            && step
                .printed
                .iter()
                .zip(&printed)
                .all(|(due, found)| agree(due, found));
        if !same {
            wrong.push(format!(
                "$ {}\n{}\n",
                step.command,
                printed.join("\n").replace(EXAMPLES, "../../examples/")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "README.md says something else than:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn lines_agree_in_all_but_what_is_another_each_time() {
    for (due, printed, expected) in [
        ("chain 6a8b6f5eff07…", "chain 0123", true),
        ("2 recorded", "3 recorded", false),
        (
            "01a20185-8e4a-73db-a4a1-0215c5342c4e  closing",
            "01a20999-8e4a-73db-a4a1-0215c5342c4e  closing",
            true,
        ),
        (
            "2026-11-22T04:30:59.6Z  cli",
            "2026-11-22T05:31:00.1Z  cli",
            true,
        ),
        ("\"0T59PDVRDKNV4Y\",1", "\"05PJRCJ9B67MDT\",1", true),
        ("\"0T59PDVRDKNV4Y\",1", "\"05PJRCJ9B67MDT\",2", false),
        ("ok", "ok and more", false),
    ] {
        assert_eq!(agree(due, printed), expected, "{due} / {printed}");
    }
}
