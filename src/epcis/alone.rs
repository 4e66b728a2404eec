//! One event of a document by itself again: what is sent when an event that was cut out of a document comes
//! a second time.

use super::document::{BARE, rest_of};
use super::fault::Fault;
use super::json::{Reader, Value};
use super::outline::outline;
use super::time::Timestamp;

/// The version of a document that does not say its own: query documents.
const SCHEMA_VERSION: &str = "2.0";

/// An `EPCISDocument` of this slice alone, byte for byte, under the `@context` of the document that the
/// envelope was cut from. Version and creation date are that document's, where it has them; else the date
/// is `now`. A bare event that stood in a frame is itself.
///
/// # Errors
/// The envelope is none, or its rest is no JSON object.
pub fn alone(envelope: &[u8], slice: &[u8], now: Timestamp) -> Result<Vec<u8>, Vec<Fault>> {
    let rest = rest_of(envelope)?;
    if rest == BARE {
        return Ok(slice.to_vec());
    }
    let mut reader = Reader::new(&rest).map_err(|fault| vec![fault.into()])?;
    let outline = outline(&mut reader).map_err(|fault| vec![fault.into()])?;
    let text = |key: &str, otherwise: String| {
        Value::String(outline.text(key).unwrap_or(otherwise).into()).canonical()
    };
    let version = text("schemaVersion", SCHEMA_VERSION.to_owned());
    let date = text("creationDate", now.to_string());
    let mut document = Vec::with_capacity(slice.len() + 256);
    document.push(b'{');
    if let Some(context) = outline.get("@context") {
        document.extend_from_slice(b"\"@context\":");
        context.write_canonical(&mut document);
        document.push(b',');
    }
    document.extend_from_slice(b"\"type\":\"EPCISDocument\",\"schemaVersion\":");
    document.extend_from_slice(&version);
    document.extend_from_slice(b",\"creationDate\":");
    document.extend_from_slice(&date);
    document.extend_from_slice(b",\"epcisBody\":{\"eventList\":[");
    document.extend_from_slice(slice);
    document.extend_from_slice(b"]}}");
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::alone;
    use crate::epcis::{Limits, Timestamp, cut, join, read};

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    #[test]
    fn an_event_by_itself_keeps_its_bytes_and_the_context_of_its_document() {
        let event = r#"{ "type":"ObjectEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","epcList":["https://id.gs1.org/01/09521234543213/21/1"],"x:n":1.50 }"#;
        let before = r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"x":"https://x.example/"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-02T00:00:00Z","epcisBody":{"eventList":[{"type":"No"},"#;
        let whole = format!("{before}{event}]}}}}");
        let first = before.len() - r#"{"type":"No"},"#.len();
        let slices = [
            first..before.len() - 1,
            before.len()..before.len() + event.len(),
        ];
        let envelope = cut(whole.as_bytes(), &slices).unwrap();

        let bytes = alone(&envelope, event.as_bytes(), NOW).unwrap();

        let document = read(&bytes, &Limits::at(NOW)).unwrap();
        assert_eq!(document.creation_date.unwrap().text, "2026-01-02T00:00:00Z");
        let [item] = document.items.as_slice() else {
            panic!("one event")
        };
        assert!(item.event.is_ok(), "{:?}", item.event);
        assert_eq!(&bytes[item.range.clone()], event.as_bytes());
        let again = cut(&bytes, std::slice::from_ref(&item.range)).unwrap();
        assert_eq!(join(&again, &[event]).unwrap(), bytes);
    }

    #[test]
    fn what_a_query_document_does_not_say_is_said_for_it() {
        let whole = br#"{"@context":[],"type":"EPCISQueryDocument","n":[{}]}"#;
        let at = whole.len() - 4..whole.len() - 2;
        let envelope = cut(whole, std::slice::from_ref(&at)).unwrap();

        let text = String::from_utf8(alone(&envelope, b"{}", NOW).unwrap()).unwrap();

        assert_eq!(
            text,
            format!(
                r#"{{"@context":[],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"{NOW}","epcisBody":{{"eventList":[{{}}]}}}}"#
            )
        );
        assert!(alone(b"no envelope", b"{}", NOW).is_err());
    }

    #[test]
    fn a_bare_event_that_stood_in_a_frame_is_itself() {
        let framed = b"\x00\x00\x00\x00\x07{ }";
        let envelope = cut(framed, std::slice::from_ref(&(5..8))).unwrap();

        assert_eq!(alone(&envelope, b"{ }", NOW).unwrap(), b"{ }");
    }
}
