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

pub(super) mod letters;
pub(super) mod recall;
pub(super) mod terms;
pub(super) mod trace;
pub(super) mod versions;

use super::Lang;
use crate::recall::Language;
use crate::trace::Quantity;

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

    /// A list within a sentence.
    pub(super) fn list(self, texts: &[String]) -> String {
        texts.join(self.of("、", ", "))
    }
}

/// Amounts of lots, each after two blanks.
fn amounts(quantities: &[Quantity]) -> String {
    quantities
        .iter()
        .map(|quantity| format!("  {quantity}"))
        .collect()
}

/// Whom to ask, at the end of a line; nothing when there is nobody.
fn whom_to_ask(ask: &[String], lang: Lang) -> String {
    if ask.is_empty() {
        return String::new();
    }
    either!(lang, "；问 {}", "; ask {}", lang.list(ask))
}
