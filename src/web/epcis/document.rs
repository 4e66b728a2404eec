//! Events written as an `EPCISQueryDocument`: each as it was sent, with the `eventID` it is known by and
//! the `recordTime` the ledger gave it. Numbers, order and unknown members stay as they came.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::found::Found;
use crate::app::{Code, Problem};
use crate::epcis::{Timestamp, rest_of};

/// The context of the standard, named in every document.
const STANDARD_CONTEXT: &str = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

/// A JSON object whose members stay in their order and spelling.
#[derive(Debug, Clone, Default)]
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Object {
    fn get(&self, name: &str) -> Option<&RawValue> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_ref())
    }

    fn put(&mut self, name: &str, value: Box<RawValue>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct QueryDocument<'a> {
    #[serde(rename = "@context")]
    context: &'a RawValue,
    r#type: &'static str,
    schema_version: &'static str,
    creation_date: String,
    epcis_body: Body<'a>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    query_results: Results<'a>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Results<'a> {
    query_name: &'static str,
    results_body: ResultsBody<'a>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultsBody<'a> {
    event_list: &'a [Object],
}

/// The document with these versions of the event `id`.
///
/// The context of the first one's document is the document's. A version that came in a document with
/// another one carries that in itself, so that no prefix changes its meaning.
pub(in crate::web) fn query_document(
    id: &str,
    found: &[Found],
    now: Timestamp,
) -> Result<String, Problem> {
    let unreadable = |error: serde_json::Error| {
        Problem::new(Code::Internal, "a recorded event cannot be written").because(error)
    };
    let standard = raw(STANDARD_CONTEXT).map_err(unreadable)?;
    let mut shared: Option<Box<RawValue>> = None;
    let mut events = Vec::with_capacity(found.len());
    for version in found {
        let mut event: Object =
            serde_json::from_str(version.version.event.get()).map_err(unreadable)?;
        event.put("eventID", raw(id).map_err(unreadable)?);
        event.put(
            "recordTime",
            raw(&version.version.recorded_at).map_err(unreadable)?,
        );
        if event.get("@context").is_none() {
            let own = match &version.envelope {
                Some(envelope) => context_of(envelope)?.unwrap_or_else(|| standard.clone()),
                None => standard.clone(),
            };
            match &shared {
                None => shared = Some(own),
                Some(shared) if shared.get() == own.get() => {}
                Some(_) => event.put("@context", own),
            }
        }
        events.push(event);
    }
    let document = QueryDocument {
        context: shared.as_deref().unwrap_or(&standard),
        r#type: "EPCISQueryDocument",
        schema_version: "2.0",
        creation_date: now.to_string(),
        epcis_body: Body {
            query_results: Results {
                query_name: "SimpleEventQuery",
                results_body: ResultsBody {
                    event_list: &events,
                },
            },
        },
    };
    serde_json::to_string(&document).map_err(unreadable)
}

fn raw(text: &str) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(serde_json::to_string(text)?)
}

/// The `@context` of the document an envelope was cut from.
fn context_of(envelope: &[u8]) -> Result<Option<Box<RawValue>>, Problem> {
    let bytes = rest_of(envelope).map_err(|faults| {
        let said: Vec<String> = faults.into_iter().map(|fault| fault.detail).collect();
        let detail = format!("a recorded document cannot be read: {}", said.join("; "));
        Problem::new(Code::Internal, detail)
    })?;
    let document: Option<Object> = serde_json::from_slice(&bytes).map_err(|error| {
        Problem::new(Code::Internal, "a recorded document cannot be read").because(error)
    })?;
    // A bare event that stood in a frame left none.
    let context = document
        .as_ref()
        .and_then(|document| document.get("@context"));
    Ok(context.map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::EventVersion;
    use crate::epcis::cut;

    fn found(event: &str, document: Option<(&str, &str)>) -> Found {
        let envelope = document.map(|(before, after)| {
            let whole = format!("{before}{event}{after}");
            let slice = before.len()..before.len() + event.len();
            cut(whole.as_bytes(), std::slice::from_ref(&slice)).unwrap()
        });
        Found {
            version: EventVersion {
                event: RawValue::from_string(event.to_owned()).unwrap(),
                shard: "http/0".into(),
                seq: 1,
                recorded_at: "2026-11-22T00:00:00Z".into(),
                submitter: "dairy".into(),
                submitter_key: None,
                is_declaration: false,
            },
            envelope,
        }
    }

    fn written(found: &[Found]) -> String {
        query_document("urn:uuid:1", found, Timestamp::from_micros(0)).unwrap()
    }

    #[test]
    fn what_was_sent_stays_and_what_we_know_is_added() {
        let text = written(&[found(
            r#"{"type":"ObjectEvent","recordTime":"1999-01-01T00:00:00Z","x:n":1.500,"b":1,"a":2}"#,
            None,
        )]);

        assert!(text.contains(
            r#"[{"type":"ObjectEvent","recordTime":"2026-11-22T00:00:00Z","x:n":1.500,"b":1,"a":2,"eventID":"urn:uuid:1"}]"#
        ), "{text}");
        assert!(
            text.starts_with(&format!(r#"{{"@context":"{STANDARD_CONTEXT}""#)),
            "{text}"
        );
    }

    #[test]
    fn prefixes_of_a_document_come_with_its_events() {
        let ours = (r#"{"@context":[{"x":"urn:x:"}],"eventList":["#, "]}");
        let other = (r#"{"@context":[{"x":"urn:y:"}],"eventList":["#, "]}");

        let same = written(&[
            found(r#"{"a":1}"#, Some(ours)),
            found(r#"{"a":2}"#, Some(ours)),
        ]);
        let differ = written(&[
            found(r#"{"a":1}"#, Some(ours)),
            found(r#"{"a":2}"#, Some(other)),
        ]);

        assert_eq!(same.matches("@context").count(), 1);
        assert!(
            differ.starts_with(r#"{"@context":[{"x":"urn:x:"}]"#),
            "{differ}"
        );
        assert!(
            differ.contains(r#""@context":[{"x":"urn:y:"}]}"#),
            "{differ}"
        );
    }
}
