//! Refusals, one a line: the members of an event, and the rule and place that are named.

use super::*;

fn check(cases: &[(&str, &str, &str)]) {
    for (kind, members, expect) in cases {
        let members = members
            .replace("ITEM", &format!("\"{ITEM}\""))
            .replace("OTHER", &format!("\"{OTHER}\""))
            .replace("LOT", &format!("\"{LOT}\""))
            .replace("PALLET", &format!("\"{PALLET}\""));
        let found = faults(&event(kind, &members)).join(", ");
        assert_eq!(&found, expect, "{kind} {members}");
    }
}

#[test]
#[rustfmt::skip]
fn what_an_object_event_says_must_fit_together() {
    check(&[
        ("ObjectEvent", r#""action": "ADD""#, "objects-missing "),
        ("ObjectEvent", r#""epcList": [ITEM]"#, "action-missing "),
        ("ObjectEvent", r#""action": "MOVE", "epcList": [ITEM]"#, "action-unknown /action"),
        ("ObjectEvent", r#""action": "add", "epcList": [ITEM]"#, "action-unknown /action"),
        ("ObjectEvent", r#""action": "ADD", "quantityList": []"#, "objects-missing "),
        ("ObjectEvent", r#""action": "ADD", "epcList": [ITEM, OTHER, ITEM]"#, "duplicate-in-list /epcList/2"),
        ("ObjectEvent", r#""action": "ADD", "epcList": [ITEM], "parentID": PALLET"#, "field-not-allowed /parentID"),
        ("ObjectEvent", r#""action": "ADD", "epcList": [ITEM], "inputEPCList": [OTHER]"#, "field-not-allowed /inputEPCList"),
        ("ObjectEvent", r#""action": "ADD", "epcList": [ITEM], "transformationID": "urn:x:1""#, "field-not-allowed /transformationID"),
        ("ObjectEvent", r#""action": "OBSERVE", "epcList": [ITEM], "ilmd": {"ex:a": "1"}"#, "ilmd-not-at-birth /ilmd"),
        ("ObjectEvent", r#""action": "DELETE", "epcList": [ITEM], "ilmd": {}"#, "ilmd-not-at-birth /ilmd"),
        ("ObjectEvent", r#""action": "ADD", "epcList": [LOT], "quantityList": [{"epcClass": LOT}]"#, "instance-and-class /quantityList/0/epcClass"),
        ("ObjectEvent", r#""action": "ADD", "epcList": ITEM"#, "not-an-array /epcList"),
        ("ObjectEvent", r#""action": "ADD", "epcList": [1]"#, "not-a-string /epcList/0"),
        ("ObjectEvent", r#""action": "ADD", "sensorElementList": [{"sensorReport": [{"type": "Temperature"}]}]"#, "objects-missing "),
    ]);
}

#[test]
#[rustfmt::skip]
fn what_is_attached_has_a_parent_and_children() {
    check(&[
        ("AggregationEvent", r#""action": "ADD", "childEPCs": [ITEM]"#, "parent-missing "),
        ("AggregationEvent", r#""action": "DELETE", "childEPCs": [ITEM]"#, "parent-missing "),
        ("AggregationEvent", r#""action": "DELETE""#, "parent-missing "),
        ("AssociationEvent", r#""action": "OBSERVE", "childEPCs": [ITEM]"#, "parent-missing "),
        ("AggregationEvent", r#""action": "ADD", "parentID": PALLET"#, "children-missing "),
        ("AggregationEvent", r#""action": "ADD", "parentID": PALLET, "childEPCs": []"#, "children-missing "),
        ("AggregationEvent", r#""action": "OBSERVE""#, "children-missing "),
        ("AssociationEvent", r#""action": "ADD", "parentID": PALLET"#, "children-missing "),
        ("AggregationEvent", r#""action": "ADD", "parentID": PALLET, "childEPCs": [ITEM, ITEM]"#, "duplicate-in-list /childEPCs/1"),
        ("AggregationEvent", r#""action": "ADD", "parentID": PALLET, "childEPCs": [ITEM, PALLET]"#, "parent-is-its-own-child /childEPCs/1"),
        ("AggregationEvent", r#""action": "ADD", "parentID": PALLET, "childEPCs": [ITEM], "epcList": [OTHER]"#, "field-not-allowed /epcList"),
        ("AggregationEvent", r#""action": "ADD", "parentID": PALLET, "childEPCs": [ITEM], "ilmd": {"ex:a": 1}"#, "field-not-allowed /ilmd"),
    ]);
}

#[test]
#[rustfmt::skip]
fn transactions_and_transformations_are_complete() {
    check(&[
        ("TransactionEvent", r#""action": "ADD", "epcList": [ITEM]"#, "biz-transaction-missing /bizTransactionList"),
        ("TransactionEvent", r#""action": "ADD", "epcList": [ITEM], "bizTransactionList": []"#, "biz-transaction-missing /bizTransactionList"),
        ("TransactionEvent", r#""action": "ADD", "bizTransactionList": [{"bizTransaction": "urn:x:1"}]"#, "objects-missing "),
        ("TransactionEvent", r#""action": "ADD", "parentID": PALLET, "bizTransactionList": [{"bizTransaction": "urn:x:1"}]"#, "objects-missing "),
        ("TransformationEvent", r#""inputEPCList": [ITEM]"#, "transformation-incomplete "),
        ("TransformationEvent", r#""outputEPCList": [ITEM], "inputEPCList": []"#, "transformation-incomplete "),
        ("TransformationEvent", r#""transformationID": "urn:x:1""#, "transformation-incomplete "),
        ("TransformationEvent", r#""transformationID": "", "inputEPCList": [ITEM]"#, "transformation-incomplete "),
        ("TransformationEvent", r#""transformationID": "a b", "inputEPCList": [ITEM], "outputEPCList": [OTHER]"#, "not-a-uri /transformationID"),
        ("TransformationEvent", r#""action": "ADD", "inputEPCList": [ITEM], "outputEPCList": [OTHER]"#, "field-not-allowed /action"),
        ("TransformationEvent", r#""inputEPCList": [ITEM, ITEM], "outputEPCList": [OTHER]"#, "duplicate-in-list /inputEPCList/1"),
        ("ex:Audit", r#""epcList": [ITEM]"#, "field-not-allowed /epcList"),
        ("ex:Audit", r#""bizStep": "shipping""#, "field-not-allowed /bizStep"),
        ("Audit", "", "event-type-unknown /type"),
        ("objectevent", "", "event-type-unknown /type"),
    ]);
}

#[test]
fn quantities_are_positive_and_whole_unless_measured() {
    let quantity = |element: &str| {
        faults(&event(
            "ObjectEvent",
            &format!(r#""action": "ADD", "quantityList": [{element}]"#),
        ))
        .join(", ")
    };
    for (members, expect) in [
        (
            r#""quantity": 0"#,
            "quantity-not-positive /quantityList/0/quantity",
        ),
        (
            r#""quantity": -3"#,
            "quantity-not-positive /quantityList/0/quantity",
        ),
        (
            r#""quantity": -0.5, "uom": "KGM""#,
            "quantity-not-positive /quantityList/0/quantity",
        ),
        (
            r#""quantity": 1.5"#,
            "quantity-not-whole /quantityList/0/quantity",
        ),
        (
            r#""quantity": "20""#,
            "quantity-not-a-number /quantityList/0/quantity",
        ),
        (
            r#""quantity": null"#,
            "quantity-not-a-number /quantityList/0/quantity",
        ),
        (
            r#""quantity": 1e40"#,
            "quantity-too-long /quantityList/0/quantity",
        ),
        (
            r#""uom": "KGM""#,
            "uom-without-quantity /quantityList/0/uom",
        ),
        (
            r#""quantity": 1, "uom": "kgm""#,
            "uom-invalid /quantityList/0/uom",
        ),
        (
            r#""quantity": 1, "uom": "KILO""#,
            "uom-invalid /quantityList/0/uom",
        ),
        (
            r#""quantity": 1, "ex:note": 1"#,
            "key-unknown /quantityList/0/ex:note",
        ),
    ] {
        assert_eq!(
            quantity(&format!(r#"{{"epcClass": "{LOT}", {members}}}"#)),
            expect,
            "{members}"
        );
    }
    assert_eq!(
        quantity(r#"{"quantity": 1}"#),
        "epc-class-missing /quantityList/0"
    );
    assert_eq!(quantity("7"), "not-an-object /quantityList/0");
}

#[test]
fn times_have_zones_and_offsets_their_form() {
    for (time, expect) in [
        ("2026-01-02T03:04:05", "event-time-without-zone /eventTime"),
        ("22-07-2026", "event-time-invalid /eventTime"),
        ("2026-02-30T00:00:00Z", "event-time-invalid /eventTime"),
        ("", "event-time-invalid /eventTime"),
    ] {
        let text = object("").replace("2026-01-02T03:04:05Z", time);
        assert_eq!(faults(&text), [expect], "{time}");
    }
    for offset in [
        "Z", "08:00", "+8:00", "+14:01", "+14:30", "+08:60", "+0800", "+ab:00",
    ] {
        let text = object("").replace("+08:00", offset);
        assert_eq!(
            faults(&text),
            ["event-time-zone-offset-invalid /eventTimeZoneOffset"],
            "{offset}"
        );
    }
    let bare = format!(r#"{{"type": "ObjectEvent", "action": "ADD", "epcList": ["{ITEM}"]}}"#);
    assert_eq!(
        faults(&bare),
        ["event-time-missing ", "event-time-zone-offset-missing "]
    );
}

#[test]
fn identifiers_are_uris_and_gs1_ones_are_right() {
    for (epc, rule) in [
        ("A1", "not-a-uri"),
        ("", "not-a-uri"),
        ("_:b0", "not-a-uri"),
        ("urn:x:a b", "not-a-uri"),
        (r"urn:x:a\u0000b", "not-a-uri"),
        ("https://例子.example/1", "not-a-uri"),
        ("https://a.example/100%", "not-a-uri"),
        (
            "https://id.gs1.org/01/09521234543214/21/A1",
            "identifier-invalid",
        ),
        (
            "https://brand.example/01/09521234543214/21/A1",
            "identifier-invalid",
        ),
        (
            "https://id.gs1.org/00/095201234567891236",
            "identifier-invalid",
        ),
    ] {
        let text = object("").replace(ITEM, epc);
        let found = faults(&text);
        assert_eq!(
            found.first().map(String::as_str),
            Some(format!("{rule} /epcList/0").as_str()),
            "{epc}"
        );
    }
    let place = object(r#""readPoint": {"id": "https://id.gs1.org/414/9521234500002"}"#);
    assert_eq!(faults(&place), ["identifier-invalid /readPoint/id"]);
}

#[test]
#[rustfmt::skip]
fn every_other_field_has_its_form() {
    for (members, expect) in [
        (r#""bizStep": "frobnicating""#, "cbv-word-unknown /bizStep"),
        (r#""bizStep": "https://ref.gs1.org/cbv/BizStep-frobnicating""#, "cbv-word-unknown /bizStep"),
        (r#""bizStep": "https://ref.gs1.org/cbv/Disp-active""#, "cbv-word-unknown /bizStep"),
        (r#""bizStep": "urn:epcglobal:cbv:bizstep:frobnicating""#, "cbv-word-unknown /bizStep"),
        (r#""bizStep": """#, "cbv-word-unknown /bizStep"),
        (r#""bizStep": "ex:a step""#, "not-a-uri /bizStep"),
        (r#""bizStep": 1"#, "not-a-string /bizStep"),
        (r#""disposition": "shipping""#, "cbv-word-unknown /disposition"),
        (r#""persistentDisposition": {}"#, "persistent-disposition-empty /persistentDisposition"),
        (r#""persistentDisposition": {"set": ["recalled", "recalled"]}"#, "duplicate-in-list /persistentDisposition/set/1"),
        (r#""persistentDisposition": {"set": ["lost"]}"#, "cbv-word-unknown /persistentDisposition/set/0"),
        (r#""persistentDisposition": {"add": []}"#, "key-unknown /persistentDisposition/add, persistent-disposition-empty /persistentDisposition"),
        (r#""readPoint": "urn:x:1""#, "not-an-object /readPoint"),
        (r#""readPoint": {}"#, "identifier-missing /readPoint"),
        (r#""bizLocation": {"id": "urn:x:1", "name": "A"}"#, "key-unknown /bizLocation/name"),
        (r#""bizTransactionList": [{"type": "po"}]"#, "identifier-missing /bizTransactionList/0"),
        (r#""bizTransactionList": [{"type": "order", "bizTransaction": "urn:x:1"}]"#, "cbv-word-unknown /bizTransactionList/0/type"),
        (r#""sourceList": [{"source": "urn:x:1"}]"#, "type-missing /sourceList/0"),
        (r#""destinationList": [{"type": "location", "source": "urn:x:1"}]"#, "key-unknown /destinationList/0/source, identifier-missing /destinationList/0"),
        (r#""eventID": "ev1""#, "not-a-uri /eventID"),
        (r#""recordTime": "yesterday""#, "time-invalid /recordTime"),
        (r#""certificationInfo": ["urn:x:1", "x"]"#, "not-a-uri /certificationInfo/1"),
        (r#""errorDeclaration": {"reason": "incorrect_data"}"#, "declaration-time-missing /errorDeclaration"),
        (r#""errorDeclaration": {"declarationTime": "2026-01-02T03:04:05"}"#, "time-without-zone /errorDeclaration/declarationTime"),
        (r#""errorDeclaration": {"declarationTime": "2026-01-02T03:04:05Z", "reason": "typo"}"#, "cbv-word-unknown /errorDeclaration/reason"),
        (r#""errorDeclaration": {"declarationTime": "2026-01-02T03:04:05Z", "correctiveEventIDs": ["_:x"]}"#, "not-a-uri /errorDeclaration/correctiveEventIDs/0"),
        (r#""bizstep": "shipping""#, "key-unknown /bizstep"),
        (r#""ilmd": {"lotNumber": "L1"}"#, "key-unknown /ilmd/lotNumber"),
        (r#""nope:a": 1"#, "prefix-undeclared /nope:a"),
        (r#""ex:a": [{"nope:b": 1}]"#, "prefix-undeclared /ex:a/0/nope:b"),
        (r#""ex:a": "x\u0000""#, "nul-character /ex:a"),
        (r#""ex:a": 1, "ex:a": 2"#, "json-duplicate-key /ex:a"),
        (r#""ex:a": "\ud800""#, "json-lone-surrogate /ex:a"),
        (r#""@context": {"epcis": "https://ns.example.com/"}"#, "context-redefines-term /@context/epcis"),
        (r#""@context": {"bizStep": "https://ns.example.com/"}"#, "context-redefines-term /@context/bizStep"),
        (r#""@context": {"b": "no uri"}"#, "context-not-a-uri /@context/b"),
        (r#""@context": 7"#, "context-shape /@context"),
    ] {
        assert_eq!(faults(&object(members)).join(", "), expect, "{members}");
    }
}

#[test]
#[rustfmt::skip]
fn sensor_data_has_its_form() {
    for (element, expect) in [
        ("{}", "sensor-report-missing /sensorElementList/0"),
        (r#"{"sensorReport": []}"#, "sensor-report-missing /sensorElementList/0/sensorReport"),
        (r#"{"sensorReport": [{"value": 1}]}"#, "sensor-type-missing /sensorElementList/0/sensorReport/0"),
        (r#"{"sensorReport": [{"exception": "ALARM_CONDITION"}]}"#, "sensor-type-missing /sensorElementList/0/sensorReport/0"),
        (r#"{"sensorReport": [{"type": "a b"}]}"#, "sensor-type-invalid /sensorElementList/0/sensorReport/0/type"),
        (r#"{"sensorReport": [{"type": "Mass", "value": "1"}]}"#, "sensor-value-invalid /sensorElementList/0/sensorReport/0/value"),
        (r#"{"sensorReport": [{"type": "Mass", "booleanValue": 1}]}"#, "sensor-value-invalid /sensorElementList/0/sensorReport/0/booleanValue"),
        (r#"{"sensorReport": [{"type": "Mass", "hexBinaryValue": "xy"}]}"#, "sensor-value-invalid /sensorElementList/0/sensorReport/0/hexBinaryValue"),
        (r#"{"sensorReport": [{"type": "Mass", "component": "w"}]}"#, "cbv-word-unknown /sensorElementList/0/sensorReport/0/component"),
        (r#"{"sensorReport": [{"type": "Mass", "time": "noon"}]}"#, "time-invalid /sensorElementList/0/sensorReport/0/time"),
        (r#"{"sensorReport": [{"type": "Mass", "weight": 1}]}"#, "key-unknown /sensorElementList/0/sensorReport/0/weight"),
        (r#"{"sensorMetadata": {"deviceID": "d"}, "sensorReport": [{"type": "Mass"}]}"#, "not-a-uri /sensorElementList/0/sensorMetadata/deviceID"),
    ] {
        let members = format!(r#""sensorElementList": [{element}]"#);
        assert_eq!(faults(&object(&members)).join(", "), expect, "{element}");
    }
}

#[test]
fn the_clock_and_the_limits_in_force_count() {
    let text = document(&object(""));
    let event_time: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let read_at = |micros_before: i64| {
        let now = Timestamp::from_micros(event_time.micros() - micros_before);
        let document = read(text.as_bytes(), &Limits::at(now)).unwrap();
        document.items[0]
            .event
            .as_ref()
            .err()
            .map(|faults| short(faults))
    };
    assert_eq!(read_at(FUTURE_MICROS_MAX), None);
    assert_eq!(
        read_at(FUTURE_MICROS_MAX + 1),
        Some(vec!["event-time-in-the-future /eventTime".to_owned()])
    );

    let few = Limits {
        epcs_max: 2,
        ..Limits::default()
    };
    let three = event(
        "AggregationEvent",
        &format!(r#""action": "ADD", "parentID": "{PALLET}", "childEPCs": ["{ITEM}", "{OTHER}"]"#),
    );
    let document = read(document(&three).as_bytes(), &few).unwrap();
    assert_eq!(
        short(document.items[0].event.as_ref().unwrap_err()),
        ["too-many-epcs "]
    );
}
