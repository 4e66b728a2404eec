//! GS1 element strings as people read them: `(01)09521234543213(10)L1(21)S1`. A bracket inside a value
//! that could be taken for the next application identifier is written `\(`.

use super::ai::{Ai, Depth};
use super::ai_table::TABLE;
use super::fault::{Fault, shown};
use super::key::Key;

/// What an element string says: its key, and the other application identifiers with their values.
pub(super) type Elements = (Key, Vec<(String, String)>);

/// Reads an element string; the application identifiers may come in any order.
pub(super) fn read(text: &str) -> Result<Elements, Fault> {
    let mut elements: Vec<(&str, String)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (code, after) = opening(rest).ok_or_else(|| Fault::UnknownAi { found: shown(rest) })?;
        if elements.iter().any(|(known, _)| *known == code) {
            return Err(Fault::Repeated {
                ai: code.to_owned(),
            });
        }
        let end = value_length(after);
        elements.push((code, after[..end].replace("\\(", "(")));
        rest = &after[end..];
    }
    interpret(text, elements)
}

fn interpret(text: &str, elements: Vec<(&str, String)>) -> Result<Elements, Fault> {
    let mut keys = elements.iter().filter_map(|(code, value)| {
        let ai = Ai::find(code)?;
        ai.is_primary().then_some((ai, value))
    });
    let Some((own, value)) = keys.next() else {
        return Err(Fault::NoKey { found: shown(text) });
    };
    if let Some((second, _)) = keys.next() {
        return Err(Fault::TwoKeys {
            first: own.code().to_owned(),
            second: second.code().to_owned(),
        });
    }
    let mut key = Key::unqualified(own.code(), value, Depth::Full)?;
    for code in own.chains().iter().copied().flatten() {
        if let Some((_, value)) = elements.iter().find(|(known, _)| known == code) {
            key.qualify(code, value, Depth::Full)?;
        }
    }
    let mut attributes = Vec::new();
    for (code, value) in elements {
        let Some(ai) = Ai::find(code).filter(|ai| !ai.is_primary() && !own.takes(code)) else {
            continue;
        };
        if !ai.is_attribute() && TABLE.iter().any(|other| other.takes(code)) {
            key.qualify(code, &value, Depth::Full)?;
        }
        ai.check_as(code, &value, Depth::Full)?;
        attributes.push((code.to_owned(), value));
    }
    Ok((key, attributes))
}

/// The application identifier in brackets that the text begins with, and what follows it.
fn opening(text: &str) -> Option<(&str, &str)> {
    let (code, after) = text.strip_prefix('(')?.split_once(')')?;
    Ai::find(code).map(|_| (code, after))
}

/// How far a value reaches: to the next application identifier in brackets.
fn value_length(text: &str) -> usize {
    text.match_indices('(')
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with('\\') && opening(&text[*at..]).is_some())
        .unwrap_or(text.len())
}

impl Key {
    /// The key and all its qualifiers as an element string.
    ///
    /// ```
    /// use suyuan::gs1::Key;
    /// let key = Key::new("01", "09521234543213", &[("10", "L1"), ("21", "S1")])?;
    /// assert_eq!(key.element_string(), "(01)09521234543213(10)L1(21)S1");
    /// # Ok::<(), suyuan::gs1::Fault>(())
    /// ```
    pub fn element_string(&self) -> String {
        let mut out = String::new();
        for (code, value) in
            std::iter::once((self.primary(), self.value())).chain(self.qualifiers())
        {
            out.push('(');
            out.push_str(code);
            out.push(')');
            for (at, c) in value.char_indices() {
                if c == '(' && opening(&value[at..]).is_some() {
                    out.push('\\');
                }
                out.push(c);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_identifiers_come_in_any_order() {
        for text in [
            "(01)09521234543213(10)L1(21)S1(17)271231",
            "(17)271231(21)S1(10)L1(01)09521234543213",
            "(01)9521234543213(21)S1(10)L1(17)271231",
        ] {
            let (key, attributes) = read(text).unwrap();
            assert_eq!(
                key.element_string(),
                "(01)09521234543213(10)L1(21)S1",
                "{text}"
            );
            assert_eq!(attributes, [("17".to_owned(), "271231".to_owned())]);
        }
    }

    #[test]
    fn places_have_extensions() {
        let (key, _) = read("(414)9520000000004(254)dock-1").unwrap();

        assert_eq!(
            key.canonical(),
            "https://id.gs1.org/414/9520000000004/254/dock-1"
        );
    }

    #[test]
    fn brackets_in_values_survive() {
        for lot in ["A(B)", "A(99x)", "A(10)B", "(21)", "(("] {
            let key = Key::new("01", "09521234543213", &[("10", lot), ("21", "S")]).unwrap();
            let (read, _) = read(&key.element_string()).unwrap();
            assert_eq!(read, key);
        }
        assert_eq!(
            read("(01)09521234543213(10)A(B)").unwrap().0.lot(),
            Some("A(B)")
        );
    }

    #[test]
    fn wrong_element_strings_are_refused() {
        for text in [
            "(",
            "()",
            "(01)",
            "(01",
            "01)09521234543213",
            "(04)09521234543213",
            "(01)09521234543214",
            "(01)09521234543213 (21)S1",
            "(01)09521234543213(21)",
            "(01)09521234543213(21)S(21)S",
            "(01)09521234543213(235)T(21)S",
            "(01)09521234543213(254)1",
            "(01)09521234543213(17)271301",
            "(00)095212345000000018(21)S1",
            "(00)095212345000000018(01)09521234543213",
            "(10)L1(17)271231",
            "(01)09521234543213(10)批",
            "(01)09521234543213x",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
