//! The event hash on events of our own. The pre-hash strings were written by hand from the rules.

use super::*;

const HEAD: &str = "eventTime=2026-01-02T03:04:05.000ZeventTimeZoneOffset=+08:00";

#[test]
fn fields_stand_in_the_order_of_the_standard_with_their_lists_sorted() {
    let text = event(
        "ObjectEvent",
        &format!(
            r#""disposition": "urn:epcglobal:cbv:disp:active", "bizStep": "cbv:BizStep-commissioning", "action": "ADD",
            "eventID": "urn:uuid:1", "recordTime": "2026-01-03T00:00:00Z", "certificationInfo": "urn:x:c",
            "errorDeclaration": {{"declarationTime": "2026-02-01T00:00:00Z"}}, "rdfs:comment": "none",
            "epcList": ["{OTHER}", "urn:epc:id:sgtin:952123454.0321.A1", "urn:x:own"],
            "quantityList": [{{"epcClass": "{LOT}", "quantity": 12.50, "uom": "KGM"}}, {{"epcClass": "urn:x:class", "quantity": 30.0}}],
            "persistentDisposition": {{"unset": ["active"], "set": ["recalled", "ex:held"]}},
            "bizLocation": {{"id": "urn:epc:id:sgln:952123450.000.0"}}, "readPoint": {{"id": "urn:epc:id:sgln:952123450.000.7"}},
            "bizTransactionList": [{{"type": "po", "bizTransaction": "urn:x:2"}}, {{"bizTransaction": "urn:x:1"}}],
            "destinationList": [{{"type": "location", "destination": "urn:x:d"}}],
            "sourceList": [{{"type": "ex:seller", "source": "urn:x:s"}}],
            "ilmd": {{"cbvmda:lotNumber": "L-7"}}"#
        ),
    );
    let expect = [
        "eventType=ObjectEvent",
        HEAD,
        "epcList",
        "epc=https://id.gs1.org/01/09521234543213/21/A1",
        "epc=https://id.gs1.org/01/09521234543213/21/A2",
        "epc=urn:x:own",
        "quantityList",
        "quantityElementepcClass=https://id.gs1.org/01/09521234543213/10/L1quantity=12.5uom=KGM",
        "quantityElementepcClass=urn:x:classquantity=30",
        "action=ADD",
        "bizStep=https://ref.gs1.org/cbv/BizStep-commissioning",
        "disposition=https://ref.gs1.org/cbv/Disp-active",
        "persistentDisposition",
        "set=ex:heldset=https://ref.gs1.org/cbv/Disp-recalled",
        "unset=https://ref.gs1.org/cbv/Disp-active",
        "readPointid=https://id.gs1.org/414/9521234500001/254/7",
        "bizLocationid=https://id.gs1.org/414/9521234500001",
        "bizTransactionListbizTransaction=urn:x:1",
        "type=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:x:2",
        "sourceListtype=ex:sellersource=urn:x:s",
        "destinationListtype=https://ref.gs1.org/cbv/SDT-locationdestination=urn:x:d",
        "ilmd{urn:epcglobal:cbv:mda}lotNumber=L-7",
    ];
    assert_eq!(prehash(&good(&text)), expect.concat());
}

#[test]
fn links_and_processes_stand_in_their_places() {
    let packed = event(
        "AggregationEvent",
        &format!(
            r#""action": "ADD", "childQuantityList": [{{"epcClass": "{LOT}", "quantity": 3}}],
            "childEPCs": ["{OTHER}", "{ITEM}"], "parentID": "urn:epc:id:sscc:952012345.06789123""#
        ),
    );
    let expect = [
        "eventType=AggregationEvent",
        HEAD,
        "parentID=https://id.gs1.org/00/095201234567891235",
        "childEPCsepc=",
        ITEM,
        "epc=",
        OTHER,
        "childQuantityListquantityElementepcClass=",
        LOT,
        "quantity=3",
        "action=ADD",
    ];
    assert_eq!(prehash(&good(&packed)), expect.concat());

    let made = event(
        "TransformationEvent",
        &format!(
            r#""transformationID": "urn:x:run", "outputQuantityList": [{{"epcClass": "{LOT}"}}], "outputEPCList": ["{OTHER}"],
            "inputQuantityList": [{{"epcClass": "urn:x:c"}}], "inputEPCList": ["{ITEM}"]"#
        ),
    );
    let expect = [
        "eventType=TransformationEvent",
        HEAD,
        "inputEPCListepc=",
        ITEM,
        "inputQuantityListquantityElementepcClass=urn:x:c",
        "outputEPCListepc=",
        OTHER,
        "outputQuantityListquantityElementepcClass=",
        LOT,
        "transformationID=urn:x:run",
    ];
    assert_eq!(prehash(&good(&made)), expect.concat());
}

#[test]
fn members_of_ones_own_are_sorted_under_their_namespaces() {
    let text = object(
        r##""ex:z": "2", "ex:list": ["b", "10.0", {"ex:k": true, "bare": null}], "ex:empty": [],
           "ex:object": {"#text": " own ", "ex:t": "2026-01-01T00:00:00+08:00", "ex:n": 1.50},
           "gs1:a": "gs1:Temperature", "ex:epc": "urn:epc:id:sgtin:952123454.0321.A1", "ex:word": "ex:as-sent""##,
    );
    let expect = [
        "eventType=ObjectEvent",
        HEAD,
        "epcListepc=",
        ITEM,
        "action=ADD",
        "{https://ns.example.com/}epc=https://id.gs1.org/01/09521234543213/21/A1",
        "{https://ns.example.com/}list=10",
        "{https://ns.example.com/}list=b",
        "{https://ns.example.com/}listbare{https://ns.example.com/}k=true",
        "{https://ns.example.com/}object=own{https://ns.example.com/}n=1.5{https://ns.example.com/}t=2026-01-01T00:00:00+08:00",
        "{https://ns.example.com/}word=ex:as-sent",
        "{https://ns.example.com/}z=2",
        "{https://ref.gs1.org/voc/}a=https://ref.gs1.org/voc/Temperature",
    ];
    assert_eq!(prehash(&good(&text)), expect.concat());
}

#[test]
fn sensor_data_stands_without_its_list_and_extensions_of_fields_follow_ilmd() {
    let text = object(
        r#""readPoint": {"id": "urn:x:p", "ex:door": "4"}, "ilmd": {"ex:g": "A"}, "ex:last": "1",
           "sensorElementList": [{"ex:e": "3", "sensorReport": [
               {"uom": "CEL", "value": 4.0, "type": "Temperature", "ex:r": "2", "time": "2026-01-01T00:00:00.0005Z"},
               {"type": "gs1:Angle", "component": "x", "exception": "ALARM_CONDITION"}],
               "sensorMetadata": {"deviceID": "urn:x:d", "time": "2026-01-01T08:00:00+08:00", "ex:m": "1"}}]"#,
    );
    let expect = [
        "eventType=ObjectEvent",
        HEAD,
        "epcListepc=",
        ITEM,
        "action=ADDreadPointid=urn:x:p",
        "sensorElementsensorMetadatatime=2026-01-01T00:00:00.000ZdeviceID=urn:x:d",
        "sensorReporttype=https://ref.gs1.org/voc/Angleexception=https://ref.gs1.org/voc/ALARM_CONDITIONcomponent=https://ref.gs1.org/cbv/Comp-x",
        "sensorReporttype=https://ref.gs1.org/voc/Temperaturetime=2026-01-01T00:00:00.001Zvalue=4uom=CEL",
        "ilmd{https://ns.example.com/}g=A",
        "readPoint{https://ns.example.com/}door=4",
        "sensorElementsensorMetadata{https://ns.example.com/}m=1sensorReport{https://ns.example.com/}r=2{https://ns.example.com/}e=3",
        "{https://ns.example.com/}last=1",
    ];
    assert_eq!(prehash(&good(&text)), expect.concat());
}

#[test]
fn the_id_is_the_digest_of_the_text_and_the_same_for_every_spelling() {
    let one = good(&object(r#""bizStep": "shipping""#));
    let other = good(
        &object(
            r#""bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "eventID": "urn:uuid:1""#,
        )
        .replace("2026-01-02T03:04:05Z", "2026-01-02T11:04:05.0000+08:00")
        .replace(ITEM, "urn:epc:id:sgtin:952123454.0321.A1"),
    );
    let later = good(&object(r#""bizStep": "shipping""#).replace("03:04:05Z", "03:04:05.001Z"));

    assert_eq!(hash_id(&one), hash_id(&other));
    assert_ne!(hash_id(&one), hash_id(&later));
    assert_eq!(
        hash_id(&one),
        "ni:///sha-256;6a56d9339a8f92474af54990c1e9914e21fde8f2796acd20d67cddcc2116c122?ver=CBV2.0"
    );
}

#[test]
fn an_id_is_compared_only_when_it_is_a_hash() {
    let with_id = |id: &str| good(&object(&format!(r#""eventID": "{id}""#)));
    let right = hash_id(&good(&object("")));

    assert_eq!(id_matches_content(&with_id(&right)), Some(true));
    assert_eq!(
        id_matches_content(&with_id(
            &right.replace("ni:///sha-256;", "ni:///sha-256;0")
        )),
        Some(false)
    );
    assert_eq!(id_matches_content(&with_id("urn:uuid:1")), None);
    assert_eq!(id_matches_content(&good(&object(""))), None);
}
