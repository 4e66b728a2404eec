//! Application identifiers: what each may hold, and what part it plays in a Digital Link. The rows are
//! data (`ai_table`); here is what a row means. Not checked: lists kept by others (countries,
//! currencies, package types, coupons).

use std::ops::Range;
use std::sync::LazyLock;

use super::ai_part::Part;
use super::ai_rule::{COMPANY_PREFIX_MIN, Verdict};
use super::ai_table::TABLE;
use super::charset::Charset;
use super::fault::{Fault, shown};

/// How closely a value is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Length and characters.
    Shape,
    /// Check digits, dates and counts, too.
    Full,
}

/// An application identifier, or a run of them that share a format.
#[derive(Debug, Clone, Copy)]
pub struct Ai {
    first: &'static str,
    last: &'static str,
    last_digit_max: u8,
    name: &'static str,
    parts: &'static [Part],
    chains: &'static [&'static [&'static str]],
    attribute: bool,
    fixed: bool,
}

/// Where to look for a number: millions of them are read a minute.
struct Index {
    rows: Vec<Row>,
    /// By their first two digits.
    by_start: Vec<Range<usize>>,
}

/// A row of the table by its numbers.
struct Row {
    digits: usize,
    first: u16,
    last: u16,
    row: usize,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut rows = Vec::new();
    let mut by_start = vec![0..0; 100];
    for (start, of_start) in by_start.iter_mut().enumerate() {
        let from = rows.len();
        for (row, ai) in TABLE.iter().enumerate() {
            let ends = numbers(ai.first).zip(numbers(ai.last));
            if let Some((first, last)) = ends
                && (first.0..=last.0).contains(&start)
            {
                rows.push(Row {
                    digits: ai.first.len(),
                    first: first.1,
                    last: last.1,
                    row,
                });
            }
        }
        *of_start = from..rows.len();
    }
    Index { rows, by_start }
});

/// The first two digits of a number of two to four, and all of them.
fn numbers(code: &str) -> Option<(usize, u16)> {
    if !(2..=4).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digit = |sum: u16, byte: u8| sum * 10 + u16::from(byte - b'0');
    let start = code.bytes().take(2).fold(0, digit);
    Some((usize::from(start), code.bytes().fold(0, digit)))
}

impl Ai {
    /// A row of the table.
    pub(super) const fn row(
        code: &'static str,
        name: &'static str,
        parts: &'static [Part],
    ) -> Self {
        Self {
            first: code,
            last: code,
            last_digit_max: b'9',
            name,
            parts,
            chains: &[],
            attribute: false,
            fixed: false,
        }
    }

    /// All numbers up to this one.
    pub(super) const fn to(self, last: &'static str) -> Self {
        Self { last, ..self }
    }

    /// Of the run, only those whose last digit (the decimals) is at most this.
    pub(super) const fn decimals_to(self, digit: u8) -> Self {
        Self {
            last_digit_max: digit,
            ..self
        }
    }

    /// It is a key that these chains of qualifiers may follow.
    pub(super) const fn key(self, chains: &'static [&'static [&'static str]]) -> Self {
        Self { chains, ..self }
    }

    /// It may stand in the query of a Digital Link.
    pub(super) const fn attribute(self) -> Self {
        Self {
            attribute: true,
            ..self
        }
    }

    /// It has a predefined length.
    pub(super) const fn fixed(self) -> Self {
        Self {
            fixed: true,
            ..self
        }
    }

    /// The application identifier with this number.
    ///
    /// ```
    /// use suyuan::gs1::Ai;
    /// assert_eq!(Ai::find("21").map(Ai::name), Some("serial number"));
    /// assert!(Ai::find("3106").is_none());
    /// ```
    pub fn find(code: &str) -> Option<&'static Ai> {
        let (start, number) = numbers(code)?;
        let rows = INDEX.by_start.get(start)?.clone();
        let found = INDEX
            .rows
            .get(rows)?
            .iter()
            .find(|row| row.digits == code.len() && (row.first..=row.last).contains(&number))?;
        let last_digit = *code.as_bytes().last()?;
        let ai = TABLE.get(found.row)?;
        (last_digit <= ai.last_digit_max).then_some(ai)
    }

    /// Its number; of a run, the first.
    pub const fn code(&self) -> &'static str {
        self.first
    }

    /// Its first and its last number.
    #[cfg(test)]
    pub(super) const fn range(&self) -> (&'static str, &'static str) {
        (self.first, self.last)
    }

    /// What it holds, in English.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it is one of the sixteen keys a Digital Link can begin with.
    pub const fn is_primary(&self) -> bool {
        !self.chains.is_empty()
    }

    /// The qualifiers it takes when it is a key: chains, of which any part may follow it in order.
    pub const fn chains(&self) -> &'static [&'static [&'static str]] {
        self.chains
    }

    /// Whether it takes this qualifier.
    pub fn takes(&self, qualifier: &str) -> bool {
        self.chains.iter().any(|chain| chain.contains(&qualifier))
    }

    /// Whether the query of a Digital Link may hold it, if it is no qualifier of the link's key.
    pub const fn is_attribute(&self) -> bool {
        self.attribute
    }

    /// Whether its length is predefined: then no separator follows it in a symbol.
    pub const fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// How many characters a value has, when that does not vary.
    pub(super) fn exact_length(&self) -> Option<usize> {
        self.parts
            .iter()
            .map(|part| (part.min == part.max && !part.optional).then_some(part.max))
            .sum()
    }

    /// How many digits every value begins with.
    pub(super) fn leading_digits(&self) -> usize {
        let digits = self
            .parts
            .iter()
            .take_while(|part| part.charset == Charset::Digits && !part.optional)
            .map(|part| part.min)
            .sum();
        if digits == 0 && self.parts.iter().any(|part| part.rule.wants_prefix()) {
            COMPANY_PREFIX_MIN
        } else {
            digits
        }
    }

    /// Whether a value may stand behind it: length, characters, check digits, dates.
    pub fn check(&self, value: &str) -> Result<(), Fault> {
        self.check_as(self.first, value, Depth::Full)
    }

    /// The same with the number it was called by and a depth.
    pub(super) fn check_as(&self, code: &str, value: &str, depth: Depth) -> Result<(), Fault> {
        let wrong = |expected: String| Fault::Value {
            ai: code.to_owned(),
            name: self.name,
            expected,
            found: shown(value),
        };
        if !value.is_ascii() || value.is_empty() {
            return Err(wrong(self.describe()));
        }
        let mut rest = value;
        for part in self.parts {
            if rest.is_empty() && part.optional {
                break;
            }
            let (piece, after) = rest.split_at(part.max.min(rest.len()));
            if piece.len() < part.min || !piece.bytes().all(|byte| part.charset.contains(byte)) {
                return Err(wrong(self.describe()));
            }
            if depth == Depth::Full {
                match part.rule.judge(piece) {
                    Verdict::Good => {}
                    Verdict::CheckCharacters { expected, found } => {
                        return Err(Fault::CheckDigit {
                            ai: code.to_owned(),
                            name: self.name,
                            value: shown(value),
                            expected,
                            found,
                        });
                    }
                    Verdict::Not(expected) => return Err(wrong(expected.to_owned())),
                }
            }
            rest = after;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(wrong(self.describe()))
        }
    }

    /// What a value looks like, in words: `14 digits`, `1 to 20 characters …`.
    fn describe(&self) -> String {
        let mut words = String::new();
        for part in self.parts {
            if !words.is_empty() {
                words.push_str(", then ");
            }
            if part.optional {
                words.push_str("perhaps ");
            }
            if part.min < part.max {
                words.push_str(&part.min.to_string());
                words.push_str(" to ");
            }
            words.push_str(&part.max.to_string());
            words.push(' ');
            words.push_str(part.charset.noun());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, good: &[&str], wrong: &[&str]) {
        let ai = Ai::find(code).unwrap();
        for value in good {
            assert_eq!(ai.check(value), Ok(()), "({code}) {value}");
        }
        for value in wrong {
            assert!(ai.check(value).is_err(), "({code}) {value}");
        }
    }

    #[test]
    fn every_number_is_found_where_the_table_has_it_and_nowhere_else() {
        for digits in 2..=4_usize {
            for number in 0..10_u32.pow(u32::try_from(digits).unwrap()) {
                let code = format!("{number:0digits$}");
                let is_it = |ai: &&Ai| {
                    ai.first.len() == digits
                        && (ai.first..=ai.last).contains(&code.as_str())
                        && code.as_bytes()[digits - 1] <= ai.last_digit_max
                };
                let found = Ai::find(&code).map(Ai::code);
                assert_eq!(found, TABLE.iter().find(is_it).map(Ai::code), "{code}");
            }
        }
    }

    #[test]
    fn values_have_the_length_and_characters_of_their_row() {
        check(
            "10",
            &["A", "a-_.:;<=>?!\"%&'()*+", "01234567890123456789"],
            &["", "a#", "a b", "批"],
        );
        check(
            "253",
            &["9521234543213", "9521234543213PO-4711"],
            &["952123454321", "9521234543214A"],
        );
        check(
            "255",
            &["9521234543213", "9521234543213123456789012"],
            &["9521234543213A"],
        );
        check(
            "8003",
            &["09521234543213", "09521234543213AB"],
            &["19521234543210", "0952123454321"],
        );
        check(
            "8004",
            &["9521ABC", "952112"],
            &["952ABC", "9521 ", "9521234567890123456789012345678"],
        );
        check(
            "8006",
            &["095212345432130102"],
            &["095212345432130201", "095212345432140102"],
        );
        check("8010", &["9521234ABC-#/"], &["9521234abc", "ABC"]);
        check(
            "8011",
            &["1", "123456789012"],
            &["01", "1234567890123", "A"],
        );
        check(
            "8008",
            &["26123123", "261231235959"],
            &["261231", "261231235960", "2612312"],
        );
        check("423", &["156", "156344"], &["15", "1563"]);
        check("3103", &["001250"], &["1250"]);
        check("17", &["271231", "270200"], &["270230", "271301", "27123"]);
    }

    #[test]
    fn a_model_number_carries_two_check_characters() {
        let [first, second] = super::super::check_pair("9521234Chair7").unwrap();
        let good = format!("9521234Chair7{first}{second}");
        let wrong = format!("9521235Chair7{first}{second}");

        check("8013", &[&good], &[&wrong, "9521234", "Chair7XX"]);
    }

    #[test]
    fn a_refusal_says_what_is_expected_and_what_was_found() {
        let refusal = |code: &str, value: &str| {
            Ai::find(code)
                .unwrap()
                .check(value)
                .unwrap_err()
                .to_string()
        };

        assert_eq!(
            refusal("00", "0952123450000001"),
            "SSCC (00): expected 18 digits, found \"0952123450000001\""
        );
        assert_eq!(
            refusal("253", "95212345432"),
            "GDTI (253): expected 13 digits, then perhaps 1 to 17 characters of the GS1 set 82, found \"95212345432\""
        );
        assert_eq!(
            refusal("414", "9520000000003"),
            "GLN of a place (414) 9520000000003: expected check digit 4, found 3"
        );
    }
}
