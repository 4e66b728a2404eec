//! SQLite numbers `$n` by first appearance, PostgreSQL by its digits: they agree only where `$1` is mentioned first, then
//! `$2`, and so on.

use super::source::{TokenKind, files};

/// The numbers of the parameters, in the order of their first mention; comments and quoted text are left out.
fn first_mentions(sql: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(['$', '\'', '-', '/']) {
        let (sign, after) = rest[at..].split_at(1);
        let skipped = match sign {
            "'" => after.find('\'').map(|end| end + 1),
            "-" if after.starts_with('-') => after.find('\n'),
            "/" if after.starts_with('*') => after.find("*/").map(|end| end + 2),
            "$" => {
                let digits = after
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(after.len());
                if let Ok(number) = after[..digits].parse()
                    && !numbers.contains(&number)
                {
                    numbers.push(number);
                }
                Some(digits)
            }
            _ => Some(0),
        };
        rest = &after[skipped.unwrap_or(after.len())..];
    }
    numbers
}

fn is_in_order(numbers: &[u32]) -> bool {
    numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

#[test]
fn sql_files_mention_their_parameters_in_order() {
    let faults: Vec<String> = files(&["src"], ".sql")
        .iter()
        .filter_map(|file| {
            let numbers = first_mentions(&file.text);
            let first = numbers.first().is_none_or(|&n| n == 1);
            (!first || !is_in_order(&numbers)).then(|| format!("{}: {numbers:?}", file.name))
        })
        .collect();

    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn sql_in_rust_literals_mentions_its_parameters_in_order() {
    let mut faults = Vec::new();
    for file in files(&["src"], ".rs") {
        for token in &file.tokens {
            if let TokenKind::Text(text) = &token.kind {
                // A literal may be a later piece of a statement and begin at any number.
                let numbers = first_mentions(text);
                if !is_in_order(&numbers) {
                    faults.push(format!("{}:{}: {numbers:?}", file.name, token.line));
                }
            }
        }
    }

    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn parameters_are_found_outside_comments_and_quotes() {
    let sql = "SELECT '$9', $1, a - $2 -- $8\n, b / $1 /* $7 */ WHERE x = $3";

    assert_eq!(first_mentions(sql), [1, 2, 3]);
    assert!(is_in_order(&[1, 2, 3]));
    assert!(!is_in_order(&first_mentions("$2 $1")));
    assert!(!is_in_order(&first_mentions("$1 $3")));
}
