//! Documents, queries and bare events; their bytes taken apart and put together.

use proptest::prelude::*;

use super::*;

fn refused(text: &str) -> Vec<String> {
    let faults = read(text.as_bytes(), &Limits::default()).unwrap_err();
    faults
        .iter()
        .map(|fault| format!("{} {}", fault.rule, fault.pointer))
        .collect()
}

fn query_document(events: &str) -> String {
    format!(
        r#"{{"type": "EPCISQueryDocument", "epcisBody": {{"queryResults": {{"resultsBody": {{"eventList": [{events}]}},
            "queryName": "SimpleEventQuery", "subscriptionID": "s"}}}}, "@context": [{{"ex": "https://ns.example.com/"}},
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]}}"#
    )
}

#[test]
#[rustfmt::skip]
fn a_document_with_a_broken_frame_is_refused_whole() {
    let good = document(&object(""));
    for (text, expect) in [
        ("[]".to_owned(), "document-shape "),
        ("{}".to_owned(), "context-missing "),
        (r#"{"@context": "https://x.example/c"}"#.to_owned(), "document-type-missing /type"),
        (good.replace("\"@context\"", "\"@comment\""), "context-missing "),
        (good.replace("\"schemaVersion\": \"2.0\", ", ""), "schema-version-missing "),
        (good.replace("\"2.0\"", "2.0"), "schema-version-invalid /schemaVersion"),
        (good.replace("\"2.0\"", "\"two\""), "schema-version-invalid /schemaVersion"),
        (good.replace("\"creationDate\": \"2026-01-01T00:00:00Z\",", ""), "creation-date-missing "),
        (good.replace("2026-01-01T00:00:00Z", "2026-01-01"), "creation-date-invalid /creationDate"),
        (good.replace("eventList", "events"), "event-list-missing /epcisBody/eventList"),
        (good.replace("\"schemaVersion\"", "\"extra\": 1, \"schemaVersion\""), "key-unknown /extra"),
        (
            good.replace(
                "\"schemaVersion\"",
                "\"id\": 1, \"id\": 2, \"schemaVersion\"",
            ),
            "json-duplicate-key /id",
        ),
        (good.replace("EPCISDocument", "EPCISQueryDocument"), "query-name-missing /epcisBody/queryResults"),
        (r#"{"type": "EPCISDocument", "epcisBody": []}"#.to_owned(), "document-shape /epcisBody"),
        (r#"{"type": "EPCISDocument", "epcisBody": {"eventList": {}}}"#.to_owned(), "document-shape /epcisBody/eventList"),
        (good[..good.len() - 3].to_owned(), "json-unexpected-end /epcisBody/eventList"),
        (good.replace("\"https://ns.example.com/\"", "7"), "context-shape /@context/1/ex"),
    ] {
        assert_eq!(
            refused(&text).first().map(String::as_str),
            Some(expect),
            "{text}"
        );
    }
}

#[test]
fn a_fault_in_one_event_leaves_the_others() {
    let bad = object("").replace("ADD", "MOVE");
    let twice = object(r#""ex:a": 1, "ex:a": 2"#);
    let text = document(&[object(""), bad, "7".to_owned(), twice, object("")].join(" , "));

    let found = read(text.as_bytes(), &Limits::default()).unwrap();

    let good: Vec<_> = found.items.iter().map(|item| item.event.is_ok()).collect();
    assert_eq!(good, [true, false, false, false, true]);
    let pointers: Vec<_> = found
        .items
        .iter()
        .filter_map(|item| item.event.as_ref().err())
        .map(|faults| faults[0].pointer.as_str())
        .collect();
    assert_eq!(
        pointers,
        [
            "/epcisBody/eventList/1/action",
            "/epcisBody/eventList/2",
            "/epcisBody/eventList/3/ex:a"
        ]
    );
}

#[test]
fn the_limits_of_a_document_are_kept() {
    let text = document(&[object(""), object("")].join(","));
    let one_event = Limits {
        events_max: 1,
        ..Limits::default()
    };
    assert_eq!(
        read(text.as_bytes(), &one_event).unwrap_err()[0].rule,
        "too-many-events"
    );
    let small = Limits {
        body_bytes_max: text.len() - 1,
        ..Limits::default()
    };
    assert_eq!(
        read(text.as_bytes(), &small).unwrap_err()[0].rule,
        "body-too-large"
    );
    let enough = Limits {
        events_max: 2,
        body_bytes_max: text.len(),
        ..Limits::default()
    };
    assert!(read(text.as_bytes(), &enough).is_ok());
}

#[test]
fn query_results_and_bare_events_are_read_too() {
    let text = query_document(&object(r#""ex:a": 1"#));
    let found = read(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(found.kind, DocumentKind::QueryDocument);
    assert!(found.items[0].event.is_ok(), "{:?}", found.items[0].event);
    assert_eq!(
        found.items[0].pointer,
        "/epcisBody/queryResults/resultsBody/eventList/0"
    );

    let bare = format!(
        "  {} ",
        object(r#""@context": {"q": "https://q.example.com/"}, "q:a": 1"#)
    );
    let found = read(bare.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(found.kind, DocumentKind::BareEvent);
    assert!(found.items[0].event.is_ok(), "{:?}", found.items[0].event);
    assert_eq!(
        (
            found.items[0].range.clone(),
            found.items[0].pointer.as_str()
        ),
        (0..bare.len(), "")
    );

    let without = read(object("").as_bytes(), &Limits::default()).unwrap();
    assert_eq!(
        without.items[0].event.as_ref().unwrap_err()[0].rule,
        "context-missing"
    );
}

#[test]
fn fields_are_the_members_with_ilmd_taken_apart() {
    let text =
        object(r#""ilmd": {"ex:b": 1.0, "cbvmda:lotNumber": "L"}, "ex:a/b": {"y": 1, "x": [ ]}"#);
    let fields = item(&text).fields;
    let pointers: Vec<_> = fields.iter().map(|(pointer, _)| pointer.as_str()).collect();

    assert_eq!(
        pointers,
        [
            "/action",
            "/epcList",
            "/eventTime",
            "/eventTimeZoneOffset",
            "/ex:a~1b",
            "/ilmd/cbvmda:lotNumber",
            "/ilmd/ex:b",
            "/type"
        ]
    );
    assert_eq!(fields[4].1, br#"{"x":[],"y":1}"#);
    assert_eq!(fields[6].1, b"1.0");
    assert_eq!(
        item(&object(r#""ilmd": {}"#)).fields[4],
        ("/ilmd".to_owned(), b"{}".to_vec())
    );
}

#[test]
fn a_stored_slice_reads_as_it_did_in_its_document() {
    let limits = Limits::default();
    for text in [
        document(&object(r#""ex:a": 1"#)),
        query_document(&object(r#""ex:a": 1"#)),
    ] {
        let found = read(text.as_bytes(), &limits).unwrap();
        let item = &found.items[0];
        let envelope = cut(text.as_bytes(), std::slice::from_ref(&item.range)).unwrap();
        let slice = &text.as_bytes()[item.range.clone()];

        let again = read_event_with_context(slice, Some(&envelope), &limits).unwrap();

        assert_eq!(again.event, item.event);
        assert_eq!(again.fields, item.fields);
        assert!(
            read_event_with_context(slice, None, &limits)
                .unwrap()
                .event
                .is_err()
        );
    }
    assert_eq!(
        envelope_context(b"x").unwrap_err()[0].rule,
        "envelope-invalid"
    );
}

proptest! {
    #[test]
    fn a_document_taken_apart_and_put_together_is_the_bytes_received(
        notes in prop::collection::vec(any::<String>(), 0..6),
        space in "[ \n\t]{0,3}",
    ) {
        let events: Vec<_> = notes
            .iter()
            .map(|note| object(&format!("\"ex:note\": {}", serde_json::to_string(note).unwrap())))
            .collect();
        let text = document(&events.join(&format!("{space},{space}")));
        let found = read(text.as_bytes(), &Limits::default()).unwrap();
        let ranges: Vec<_> = found.items.iter().map(|item| item.range.clone()).collect();
        let slices: Vec<_> = ranges.iter().map(|range| &text.as_bytes()[range.clone()]).collect();

        prop_assert_eq!(&slices, &events.iter().map(String::as_bytes).collect::<Vec<_>>());
        let envelope = cut(text.as_bytes(), &ranges).unwrap();
        prop_assert_eq!(join(&envelope, &slices).unwrap(), text.as_bytes());
    }

    #[test]
    fn no_bytes_make_reading_panic(junk in "[\\[\\]{}:,\"a-z]{0,40}") {
        let _ = read(junk.as_bytes(), &Limits::default());
        let _ = read(document(&junk).as_bytes(), &Limits::default());
    }
}
