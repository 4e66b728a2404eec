//! What the commands over recalls and traces say, in Chinese and English: for each answer its lines, and the terms
//! of its fixed words.

/// One of two sentences. Both name the same arguments.
macro_rules! either {
    ($lang:expr, $zh:literal, $en:literal $(, $argument:expr)* $(,)?) => {
        match $lang {
            $crate::cli::Lang::Zh => format!($zh $(, $argument)*),
            $crate::cli::Lang::En => format!($en $(, $argument)*),
        }
    };
}

mod asked;
pub(super) mod ingest;
pub(super) mod letters;
pub(super) mod recall;
pub(super) mod terms;
pub(super) mod trace;
pub(super) mod versions;
pub(super) mod webhook;

use std::fmt::Display;

use super::Lang;
use crate::recall::Language;
use crate::trace::{DarkEdge, Quantity};

/// What is counted, in Chinese with its measure word and in English.
type Noun = (&'static str, &'static str);

const UNITS: Noun = ("件", "unit");
const LOTS: Noun = ("个批次", "lot");
const HOLDERS: Noun = ("个持有方", "holder");

impl Lang {
    /// The same, where recalls are told of.
    pub(super) const fn language(self) -> Language {
        self.of(Language::Zh, Language::En)
    }

    /// The one of two texts that is in this language.
    pub(super) const fn of<T: Copy>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// So many of something: `3 件`, `1 unit`, `-2 units`.
    pub(super) fn count(self, count: impl Display, (zh, en): Noun) -> String {
        let count = count.to_string();
        let is_one = count.trim_start_matches(['+', '-']) == "1";
        match self {
            Self::Zh => format!("{count} {zh}"),
            Self::En if is_one => format!("{count} {en}"),
            Self::En => format!("{count} {en}s"),
        }
    }

    /// A list within a sentence.
    pub(super) fn list(self, texts: &[String]) -> String {
        texts.join(self.of("、", ", "))
    }
}

/// What somebody wrote, in one line: nobody's words look like lines of an answer.
fn in_one_line(text: &str) -> String {
    let ends = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    // What turns the direction of writing would do the same to the eye.
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let lines = text
        .split(ends)
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.collect();
    lines.join(" ⏎ ").replace(turns, "")
}

/// Amounts of lots, each after two blanks.
fn amounts(quantities: &[Quantity]) -> String {
    quantities
        .iter()
        .map(|quantity| format!("  {quantity}"))
        .collect()
}

/// Whom to ask, at the end of a line; nothing when there is nobody.
/// The units of a gap: those it names, and how many they are where it does not name all.
fn units_of(edge: &DarkEdge, lang: Lang) -> String {
    let named: Vec<String> = std::iter::once(&edge.id)
        .chain(&edge.more)
        .cloned()
        .collect();
    let (names, count) = (lang.list(&named), edge.count.unwrap_or(1));
    match count.saturating_sub(named.len() as u64) {
        0 => names,
        rest => either!(lang, "{names} 等 {count} 件", "{names} and {rest} more"),
    }
}

fn whom_to_ask(ask: &[String], lang: Lang) -> String {
    if ask.is_empty() {
        return String::new();
    }
    either!(lang, "；问 {}", "; ask {}", lang.list(ask))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::DarkKind;

    #[test]
    fn one_is_told_in_the_singular() {
        let told = |count: i64| Lang::En.count(format_args!("{count:+}"), HOLDERS);
        assert_eq!(told(-1), "-1 holder");
        assert_eq!(told(2), "+2 holders");
        assert_eq!(Lang::En.count(0, LOTS), "0 lots");
        assert_eq!(Lang::Zh.count(1, UNITS), "1 件");
    }

    #[test]
    fn a_gap_names_its_units_and_tells_how_many_it_does_not_name() {
        let mut edge = DarkEdge {
            kind: DarkKind::NotReceived,
            id: "X".to_owned(),
            from: None,
            to: None,
            quantity: None,
            count: Some(3),
            more: vec!["Y".to_owned(), "Z".to_owned()],
            ask: Vec::new(),
        };
        assert_eq!(units_of(&edge, Lang::En), "X, Y, Z");
        edge.count = Some(30);
        assert_eq!(units_of(&edge, Lang::En), "X, Y, Z and 27 more");
        assert_eq!(units_of(&edge, Lang::Zh), "X、Y、Z 等 30 件");
    }
}
