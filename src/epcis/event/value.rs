//! Single values of an event: texts, identifiers, times, words of a vocabulary.

use std::borrow::Cow;

use super::super::context::{Context, is_uri};
use super::super::fault::{At, Findings};
use super::super::json::Value;
use super::super::time::Timestamp;
use super::super::vocabulary::{self, NoTerm, Term, Vocabulary};
use super::{Action, Moment, Offset};
use crate::gs1::Identifier;

/// What reading needs at hand: the prefixes in force, and where to put what is found.
pub(super) struct Reading<'a> {
    pub(super) context: &'a Context,
    pub(super) findings: &'a mut Findings,
}

impl Reading<'_> {
    /// The text of a string.
    pub(super) fn text<'v>(&mut self, value: &'v Value<'_>, at: &At<'_>) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.findings.fault(
                at,
                "not-a-string",
                format_args!("expected a string, found {}", value.kind()),
            );
        }
        text
    }

    /// The members of an object.
    pub(super) fn object<'v, 'b>(
        &mut self,
        value: &'v Value<'b>,
        at: &At<'_>,
    ) -> Option<&'v [(Cow<'b, str>, Value<'b>)]> {
        let members = value.members();
        if members.is_none() {
            self.findings.fault(
                at,
                "not-an-object",
                format_args!("expected an object, found {}", value.kind()),
            );
        }
        members
    }

    /// The elements of an array, each read by `read`; those with faults are left out.
    pub(super) fn list<T>(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        mut read: impl FnMut(&mut Self, &Value<'_>, &At<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(elements) = value.elements() else {
            self.findings.fault(
                at,
                "not-an-array",
                format_args!("expected an array, found {}", value.kind()),
            );
            return Vec::new();
        };
        let mut list = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            list.extend(read(self, element, &at.index(index)));
        }
        list
    }

    /// A URI of any scheme.
    pub(super) fn uri(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.text(value, at)?;
        if !is_uri(text) {
            self.findings.fault(
                at,
                "not-a-uri",
                format_args!("{text:?} is not a URI; other characters are percent-encoded"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// The identifier of a thing, place, party or document: a URI, and if it is a GS1 one, a right one.
    pub(super) fn identifier(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.uri(value, at)?;
        match Identifier::parse(&text) {
            Ok(parsed) => {
                if let Some(warning) = parsed.warning {
                    self.findings
                        .warn(at, "identifier-taken-as-private", warning);
                }
                Some(text)
            }
            Err(fault) => {
                self.findings.fault(at, "identifier-invalid", fault);
                None
            }
        }
    }

    pub(super) fn epcs(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<String> {
        self.list(value, at, Self::identifier)
    }

    pub(super) fn one_or_more_uris(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<String> {
        if let Value::Array(_) = value {
            return self.list(value, at, Self::uri);
        }
        self.uri(value, at).into_iter().collect()
    }

    pub(super) fn moment(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        field: &'static str,
    ) -> Option<Moment> {
        let text = self.text(value, at)?;
        if let Ok(time) = text.parse() {
            return Some(Moment {
                at: time,
                text: text.to_owned(),
            });
        }
        let zoneless = format!("{text}Z").parse::<Timestamp>().is_ok();
        let rule = match (field, zoneless) {
            ("event-time", true) => "event-time-without-zone",
            ("event-time", false) => "event-time-invalid",
            (_, true) => "time-without-zone",
            (_, false) => "time-invalid",
        };
        self.findings.fault(
            at,
            rule,
            format_args!("{text:?} is not an RFC 3339 date-time with a zone"),
        );
        None
    }

    pub(super) fn offset(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<Offset> {
        let text = self.text(value, at)?;
        let minutes = offset_minutes(text.as_bytes());
        if minutes.is_none() {
            self.findings.fault(
                at,
                "event-time-zone-offset-invalid",
                format_args!("{text:?} is not +hh:mm or -hh:mm up to 14:00"),
            );
        }
        Some(Offset {
            minutes: minutes?,
            text: text.to_owned(),
        })
    }

    pub(super) fn event_id(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let id = self.uri(value, at)?;
        if !id.starts_with("urn:uuid:") && !id.starts_with("ni:///") {
            self.findings.warn(
                at,
                "event-id-form",
                "an event id is a urn:uuid: or ni:/// URI; taken as it is",
            );
        }
        Some(id)
    }

    pub(super) fn action(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<Action> {
        match self.text(value, at)? {
            "ADD" => Some(Action::Add),
            "OBSERVE" => Some(Action::Observe),
            "DELETE" => Some(Action::Delete),
            other => {
                self.findings.fault(
                    at,
                    "action-unknown",
                    format_args!("{other:?} is not ADD, OBSERVE or DELETE"),
                );
                None
            }
        }
    }

    pub(super) fn transformation_id(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.text(value, at)?;
        if text.is_empty() {
            self.findings
                .warn(at, "transformation-id-empty", "taken as absent");
            return None;
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            self.findings.fault(
                at,
                "not-a-uri",
                format_args!("{text:?} is not an identifier"),
            );
            return None;
        }
        if !is_uri(text) {
            self.findings.warn(
                at,
                "transformation-id-not-a-uri",
                format_args!("{text:?} is not a URI; taken as it is"),
            );
        }
        Some(text.to_owned())
    }

    /// A value of a vocabulary: the bare CBV word, or one of the sender's own as sent.
    pub(super) fn term(
        &mut self,
        vocabulary: &Vocabulary,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<String> {
        let text = self.text(value, at)?;
        let (rule, detail) = match vocabulary.term(text, self.context) {
            Ok(Term::Word(word)) => return Some(word.to_owned()),
            Ok(Term::Own(own)) => return Some(own.to_owned()),
            Ok(Term::OwnUndeclared(own)) => {
                self.findings.warn(
                    at,
                    "prefix-undeclared",
                    format_args!("no context declares the prefix of {text:?}; taken as it is"),
                );
                return Some(own.to_owned());
            }
            Ok(Term::OldSpelling(word)) => {
                self.findings.warn(
                    at,
                    "cbv-urn",
                    format_args!("{text:?} is the spelling of EPCIS 1.2; taken as {word:?}"),
                );
                return Some(word.to_owned());
            }
            Err(NoTerm::UnknownWord) => ("cbv-word-unknown", "is not a word of the CBV here"),
            Err(NoTerm::NotAUri) => ("not-a-uri", "is neither a CBV word nor a URI"),
        };
        self.findings
            .fault(at, rule, format_args!("{text:?} {detail}"));
        None
    }

    pub(super) fn terms(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<String> {
        self.list(value, at, |reading, value, at| {
            reading.term(&vocabulary::DISPOSITION, value, at)
        })
    }
}

/// `+hh:mm` or `-hh:mm`, 00:00 to 14:00, in minutes.
fn offset_minutes(text: &[u8]) -> Option<i16> {
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = text else {
        return None;
    };
    if ![h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let pair = |a: &u8, b: &u8| i16::from(a - b'0') * 10 + i16::from(b - b'0');
    let (hours, minutes) = (pair(h1, h2), pair(m1, m2));
    let total = hours * 60 + minutes;
    if 59 < minutes || 14 * 60 < total {
        return None;
    }
    Some(if *sign == b'-' { -total } else { total })
}
