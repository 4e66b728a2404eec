//! What must be taken, and how it reads.

use super::*;

fn warnings(event: &str) -> Vec<String> {
    let item = item(event);
    assert!(item.event.is_ok(), "{event}: {:?}", item.event);
    short(&item.warnings)
}

#[test]
fn events_without_objects_or_parent_where_the_standard_lets_them() {
    for text in [
        event("ObjectEvent", r#""action": "OBSERVE", "epcList": []"#),
        event(
            "ObjectEvent",
            r#""action": "OBSERVE", "readPoint": {"id": "geo:26.08,119.3"},
               "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4}]}]"#,
        ),
        event(
            "AggregationEvent",
            &format!(r#""action": "DELETE", "parentID": "{PALLET}""#),
        ),
        event(
            "AggregationEvent",
            &format!(r#""action": "OBSERVE", "childEPCs": ["{ITEM}"]"#),
        ),
        event(
            "TransactionEvent",
            r#""action": "DELETE", "bizTransactionList": [{"bizTransaction": "urn:x:1"}]"#,
        ),
        event(
            "TransformationEvent",
            &format!(r#""transformationID": "urn:x:1", "inputEPCList": ["{ITEM}"]"#),
        ),
        event("ex:Audit", r#""ex:result": {"passed": true}"#),
        event("https://ns.example.com/Audit", ""),
    ] {
        assert_eq!(faults(&text), [""; 0], "{text}");
    }
}

#[test]
fn cbv_words_are_one_word_in_every_spelling() {
    for (text, expect, warned) in [
        ("shipping", "shipping", false),
        (
            "https://ref.gs1.org/cbv/BizStep-shipping",
            "shipping",
            false,
        ),
        ("cbv:BizStep-shipping", "shipping", false),
        ("urn:epcglobal:cbv:bizstep:shipping", "shipping", true),
        ("ex:step", "ex:step", false),
        ("nope:step", "nope:step", true),
        (
            "https://ns.example.com/step",
            "https://ns.example.com/step",
            false,
        ),
        (
            "urn:gdst:bizStep:landing",
            "urn:gdst:bizStep:landing",
            false,
        ),
    ] {
        let text = object(&format!(r#""bizStep": "{text}""#));
        assert_eq!(good(&text).biz_step.as_deref(), Some(expect));
        assert_eq!(!warnings(&text).is_empty(), warned, "{text}");
    }
}

#[test]
fn every_field_arrives_in_the_model() {
    let found = good(&event(
        "TransformationEvent",
        &format!(
            r#""eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
            "recordTime": "2026-01-03T00:00:00Z", "certificationInfo": "urn:x:cert",
            "errorDeclaration": {{"declarationTime": "2026-02-01T00:00:00Z", "reason": "ER-x:y",
                "correctiveEventIDs": ["urn:uuid:00000000-0000-4000-8000-000000000001"], "ex:by": "A"}},
            "transformationID": "urn:x:run-1",
            "inputEPCList": ["{ITEM}"], "inputQuantityList": [{{"epcClass": "{LOT}", "quantity": 12.50, "uom": "KGM"}}],
            "outputEPCList": ["{OTHER}"], "outputQuantityList": [{{"epcClass": "urn:x:class"}}],
            "bizStep": "packing", "disposition": "in_progress",
            "persistentDisposition": {{"set": ["recalled"], "unset": ["ex:held"]}},
            "readPoint": {{"id": "urn:x:dock", "ex:door": 4}}, "bizLocation": {{"id": "urn:x:hall"}},
            "bizTransactionList": [{{"type": "po", "bizTransaction": "urn:x:po-1"}}],
            "sourceList": [{{"type": "owning_party", "source": "urn:x:a"}}],
            "destinationList": [{{"type": "ex:buyer", "destination": "urn:x:b"}}],
            "ilmd": {{"cbvmda:lotNumber": "L-7", "ex:grade": "A"}},
            "ex:note": ["卸货", 1.0]"#
        ),
    ));

    assert_eq!(found.event_type, EventType::Transformation);
    assert_eq!(found.event_time.text, "2026-01-02T03:04:05Z");
    assert_eq!(found.event_time.at.to_string(), "2026-01-02T03:04:05Z");
    assert_eq!(
        found.event_time_zone_offset,
        Offset {
            minutes: 480,
            text: "+08:00".to_owned()
        }
    );
    assert_eq!(
        found.event_id.as_deref(),
        Some("urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8")
    );
    assert_eq!(
        found.record_time.as_ref().unwrap().text,
        "2026-01-03T00:00:00Z"
    );
    assert_eq!(found.certification_info, ["urn:x:cert"]);
    let declaration = found.error_declaration.as_ref().unwrap();
    assert_eq!(declaration.reason.as_deref(), Some("ER-x:y"));
    assert_eq!(declaration.corrective_event_ids.len(), 1);
    assert_eq!(declaration.extensions[0].0, "ex:by");
    assert_eq!(found.action, None);
    assert_eq!(found.transformation_id.as_deref(), Some("urn:x:run-1"));
    assert_eq!(
        (
            found.input_epc_list.as_slice(),
            found.output_epc_list.as_slice()
        ),
        (&[ITEM.to_owned()][..], &[OTHER.to_owned()][..])
    );
    let input = &found.input_quantity_list[0];
    assert_eq!(
        input.quantity,
        Some(Decimal {
            digits: 125,
            scale: 1
        })
    );
    assert_eq!(
        (input.quantity_text.as_deref(), input.uom.as_deref()),
        (Some("12.50"), Some("KGM"))
    );
    assert_eq!(found.output_quantity_list[0].quantity, None);
    assert_eq!(found.biz_step.as_deref(), Some("packing"));
    assert_eq!(found.disposition.as_deref(), Some("in_progress"));
    let lasting = found.persistent_disposition.as_ref().unwrap();
    assert_eq!(
        (&lasting.set[0], &lasting.unset[0]),
        (&"recalled".to_owned(), &"ex:held".to_owned())
    );
    assert_eq!(
        found.read_point.as_ref().unwrap().extensions[0].0,
        "ex:door"
    );
    assert_eq!(found.biz_location.as_ref().unwrap().id, "urn:x:hall");
    assert_eq!(
        found.biz_transaction_list[0].transaction_type.as_deref(),
        Some("po")
    );
    assert_eq!(found.source_list[0].endpoint_type, "owning_party");
    assert_eq!(found.destination_list[0].id, "urn:x:b");
    assert_eq!(
        found.master_data("lotNumber").and_then(json::Value::as_str),
        Some("L-7")
    );
    assert_eq!(
        found.extensions[0].1.canonical(),
        "[\"卸货\",1.0]".as_bytes()
    );
    assert_eq!(found.participant_count(), 4);
}

#[test]
fn the_lot_number_is_found_under_every_spelling_of_its_namespace() {
    for (context, key) in [
        ("{}", "cbvmda:lotNumber"),
        (r#"{"cbvmda": "urn:epcglobal:cbv:mda"}"#, "cbvmda:lotNumber"),
        (
            r#"{"cbvmda": "urn:epcglobal:cbv:mda#"}"#,
            "cbvmda:lotNumber",
        ),
        (r#"{"m": "urn:epcglobal:cbv:mda:"}"#, "m:lotNumber"),
        ("{}", "urn:epcglobal:cbv:mda:lotNumber"),
        ("{}", "urn:epcglobal:cbv:mda#lotNumber"),
    ] {
        let text = object(&format!(
            r#""@context": {context}, "ilmd": {{"{key}": "L1"}}"#
        ));
        assert_eq!(
            good(&text)
                .master_data("lotNumber")
                .and_then(json::Value::as_str),
            Some("L1"),
            "{text}"
        );
    }
}

#[test]
#[rustfmt::skip]
fn what_converters_leave_behind_is_taken_with_a_warning() {
    for (members, warning) in [
        (r#""transshipStartDate": "2026-01-01""#, "master-data-without-prefix /transshipStartDate"),
        (r#""ilmd": {"harvestStartDate": "2026-01-01"}"#, "master-data-without-prefix /ilmd/harvestStartDate"),
        (r#""disposition": "urn:epcglobal:cbv:disp:active""#, "cbv-urn /disposition"),
        (r#""eventID": "https://ns.example.com/events/1""#, "event-id-form /eventID"),
        (r#""@context": {"@vocab": "https://ns.example.com/"}"#, "context-keyword-ignored /@context/@vocab"),
    ] {
        assert_eq!(warnings(&object(members)), [warning], "{members}");
    }
    let process = |id: &str| {
        event(
            "TransformationEvent",
            &format!(
                r#""transformationID": "{id}", "inputEPCList": ["{ITEM}"], "outputEPCList": ["{OTHER}"]"#
            ),
        )
    };
    assert_eq!(
        warnings(&process("")),
        ["transformation-id-empty /transformationID"]
    );
    assert_eq!(good(&process("")).transformation_id, None);
    assert_eq!(
        warnings(&process("run-7")),
        ["transformation-id-not-a-uri /transformationID"]
    );
    assert_eq!(
        good(&process("run-7")).transformation_id.as_deref(),
        Some("run-7")
    );
}

#[test]
fn a_declaration_in_the_old_wrapper_is_a_declaration() {
    let text = object(
        r#""baseExtension": {"eventID": "urn:uuid:1", "errorDeclaration": {"declarationTime": "2026-01-05T00:00:00"}}"#,
    );
    let found = good(&text);
    assert_eq!(found.event_id.as_deref(), Some("urn:uuid:1"));
    assert_eq!(
        found.error_declaration.unwrap().declaration_time.text,
        "2026-01-05T00:00:00Z"
    );

    let twice = object(r#""eventID": "urn:uuid:1", "baseExtension": {"eventID": "urn:uuid:2"}"#);
    assert_eq!(faults(&twice), ["key-unknown /baseExtension/eventID"]);
}

#[test]
fn prefixes_of_an_unknown_context_may_be_declared_there() {
    let text = object(r#""@context": ["https://ns.example.com/context.jsonld"], "theirs:a": 1"#);
    assert_eq!(warnings(&text), ["prefix-undeclared /theirs:a"]);
    assert_eq!(
        good(&text).context.urls().last().unwrap(),
        "https://ns.example.com/context.jsonld"
    );
}

#[test]
fn comments_keywords_and_declared_attributes_of_xml_pass() {
    let text =
        object(r#""rdfs:comment": "x", "@xmlns:old": "https://old.example.com/", "old:a": 1"#);
    assert_eq!(faults(&text), [""; 0]);
    assert_eq!(
        good(&text).context.namespace("old"),
        Some("https://old.example.com/")
    );
}
