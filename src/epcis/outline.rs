//! The frame of a document: its members by name, and where in the bytes its events stand.

use std::borrow::Cow;
use std::ops::Range;

use super::context::{Context, is_uri};
use super::document::DocumentKind;
use super::event::Moment;
use super::fault::{At, Fault, Findings};
use super::json::{JsonFault, Reader, Value};

/// Members of a document that the standard names.
const DOCUMENT_KEYS: [&str; 11] = [
    "@context",
    "id",
    "type",
    "schemaVersion",
    "creationDate",
    "instanceIdentifier",
    "sender",
    "receiver",
    "epcisHeader",
    "epcisBody",
    "subscriptionID",
];

/// Where the events of an `EPCISDocument` stand.
const EVENTS: &str = "/epcisBody/eventList";

/// Where the events of an `EPCISQueryDocument` stand.
const RESULTS: &str = "/epcisBody/queryResults/resultsBody/eventList";

/// One element of an event list.
#[derive(Debug)]
pub(super) struct RawItem<'a> {
    pub(super) range: Range<usize>,
    pub(super) value: Value<'a>,
}

type Members<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// A document taken apart.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    members: Members<'a>,
    query: Members<'a>,
    events: Option<Vec<RawItem<'a>>>,
    results: Option<Vec<RawItem<'a>>>,
    faults: Vec<Fault>,
}

/// Reads a document as an outline.
pub(super) fn outline<'a>(reader: &mut Reader<'a>) -> Result<Outline<'a>, JsonFault> {
    let mut outline = Outline::default();
    if reader.peek()? != b'{' {
        let value = reader.value()?;
        outline.expected("an object", &value, reader);
        return Ok(outline);
    }
    reader.members(|reader, key| {
        if key == "epcisBody" {
            outline.body(reader)?;
            outline.members.push((key, Value::Null));
        } else {
            let value = reader.value()?;
            outline.members.push((key, value));
        }
        Ok(())
    })?;
    Ok(outline)
}

impl<'a> Outline<'a> {
    fn body(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonFault> {
        self.object(reader, |outline, reader, key| match key.as_ref() {
            "eventList" => {
                outline.events = outline.list(reader)?;
                Ok(())
            }
            "queryResults" => outline.object(reader, Self::query_results),
            _ => reader.value().map(drop),
        })
    }

    fn query_results(
        &mut self,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), JsonFault> {
        if key != "resultsBody" {
            let value = reader.value()?;
            self.query.push((key, value));
            return Ok(());
        }
        self.object(reader, |outline, reader, key| {
            if key != "eventList" {
                return reader.value().map(drop);
            }
            outline.results = outline.list(reader)?;
            Ok(())
        })
    }

    /// Walks an object, or notes that there is none.
    fn object(
        &mut self,
        reader: &mut Reader<'a>,
        mut each: impl FnMut(&mut Self, &mut Reader<'a>, Cow<'a, str>) -> Result<(), JsonFault>,
    ) -> Result<(), JsonFault> {
        if reader.peek()? != b'{' {
            let value = reader.value()?;
            self.expected("an object", &value, reader);
            return Ok(());
        }
        reader.members(|reader, key| each(self, reader, key))
    }

    fn list(&mut self, reader: &mut Reader<'a>) -> Result<Option<Vec<RawItem<'a>>>, JsonFault> {
        if reader.peek()? != b'[' {
            let value = reader.value()?;
            self.expected("an array", &value, reader);
            return Ok(None);
        }
        let mut items = Vec::new();
        reader.elements(|reader| {
            let start = reader.position();
            let value = reader.value()?;
            items.push(RawItem {
                range: start..reader.position(),
                value,
            });
            Ok(())
        })?;
        Ok(Some(items))
    }

    fn expected(&mut self, what: &str, found: &Value<'_>, reader: &Reader<'_>) {
        self.faults.push(Fault {
            pointer: reader.pointer(),
            rule: "document-shape",
            detail: format!("expected {what}, found {}", found.kind()),
        });
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.members
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    pub(super) fn moment(&self, key: &str) -> Option<Moment> {
        let text = self.text(key)?;
        text.parse().ok().map(|at| Moment { at, text })
    }

    /// The whole as one value again, for a bare event.
    pub(super) fn into_value(self) -> Value<'a> {
        Value::Object(self.members)
    }

    /// What the document says it is; anything but a document is an event.
    pub(super) fn kind(&self) -> DocumentKind {
        match self.get("type").and_then(Value::as_str) {
            Some("EPCISDocument") => DocumentKind::Document,
            Some("EPCISQueryDocument") => DocumentKind::QueryDocument,
            _ if self.members.is_empty() => DocumentKind::Document,
            _ => DocumentKind::BareEvent,
        }
    }

    /// The events and the pointer to their list.
    pub(super) fn events(&self, kind: DocumentKind) -> (&'static str, &[RawItem<'a>]) {
        let (base, items) = match kind {
            DocumentKind::QueryDocument => (RESULTS, &self.results),
            DocumentKind::Document | DocumentKind::BareEvent => (EVENTS, &self.events),
        };
        (base, items.as_deref().unwrap_or_default())
    }

    /// Whether everything on the way to the events is an object or an array where it should be.
    pub(super) fn shape(&self) -> Result<(), Vec<Fault>> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(self.faults.clone())
        }
    }

    /// Checks the frame: required members, nothing unknown, one list of events.
    pub(super) fn check(&self, kind: DocumentKind, context: &Context, findings: &mut Findings) {
        let root = At::Root("");
        for (key, _) in &self.members {
            let known = DOCUMENT_KEYS.contains(&key.as_ref()) || key.starts_with('@');
            if !known && context.expand(key).is_none() && !is_uri(key) {
                findings.fault(
                    &root.key(key),
                    "key-unknown",
                    format_args!("a document has no {key:?}; a member of your own needs a prefix"),
                );
            }
        }
        self.check_head(kind, &root, findings);
        let (wanted, other) = match kind {
            DocumentKind::QueryDocument => (&self.results, &self.events),
            DocumentKind::Document | DocumentKind::BareEvent => (&self.events, &self.results),
        };
        let (base, _) = self.events(kind);
        if wanted.is_none() {
            findings.fault(
                &At::Root(base),
                "event-list-missing",
                "the list of events is missing",
            );
        }
        if other.is_some() {
            findings.fault(
                &root.key("epcisBody"),
                "document-shape",
                "a document has an eventList, a query document has queryResults, none has both",
            );
        }
    }

    fn check_head(&self, kind: DocumentKind, root: &At<'_>, findings: &mut Findings) {
        let required = kind == DocumentKind::Document;
        match self.get("schemaVersion") {
            Some(Value::String(text)) if is_version(text) => {}
            Some(_) => findings.fault(
                &root.key("schemaVersion"),
                "schema-version-invalid",
                "expected digits and dots",
            ),
            None if required => {
                findings.fault(root, "schema-version-missing", "schemaVersion is missing");
            }
            None => {}
        }
        match self.get("creationDate") {
            Some(_) if self.moment("creationDate").is_none() => findings.fault(
                &root.key("creationDate"),
                "creation-date-invalid",
                "expected an RFC 3339 date-time with a zone",
            ),
            None if required => {
                findings.fault(root, "creation-date-missing", "creationDate is missing");
            }
            _ => {}
        }
        let named = self
            .query
            .iter()
            .any(|(key, value)| key == "queryName" && value.as_str().is_some());
        if kind == DocumentKind::QueryDocument && !named {
            findings.fault(
                &At::Root("/epcisBody/queryResults"),
                "query-name-missing",
                "queryName is missing",
            );
        }
    }
}

fn is_version(text: &str) -> bool {
    !text.is_empty()
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
