//! The kinds of questions a scope can be asked by, and the policies that change its answer.

use suyuan::app::{self, Code};
use suyuan::recall::Request;

use super::given::*;
use crate::harness::app::TestApp;

fn scope(json: &str) -> Request {
    Request::read(json.as_bytes()).unwrap()
}

fn ids(world: &TestApp, json: &str) -> Vec<String> {
    let view = opened(world, &scope(json));
    let recall = view.recall.as_deref().unwrap();
    let lines = listed(world, &operator("maker"), recall, None);
    let mut ids: Vec<String> = lines.into_iter().map(|line| line.id).collect();
    ids.sort();
    ids
}

fn refused(world: &TestApp, json: &str) -> String {
    tried(world, &scope(json), None).unwrap_err().to_string()
}

/// A link of a lot of tins.
fn lot(name: &str) -> String {
    format!("https://id.gs1.org/01/09521234543213/10/{name}")
}

/// Tins that begin, with a word said of them.
fn begun(id: &str, at: &str, epcs: &[String], ilmd: &str) -> String {
    let event = object(id, at, PLANT, "commissioning", epcs, None).replace("OBSERVE", "ADD");
    format!(r#"{},"ilmd":{{{ilmd}}}}}"#, &event[..event.len() - 1])
}

fn blended(id: &str, at: &str, place: &str, from: &str, to: &str) -> String {
    format!(
        r#"{{"type":"TransformationEvent","eventID":"urn:uuid:00000000-0000-4000-8000-0000000000{id:0>2}","eventTime":"2026-09-20T{at}:00Z","eventTimeZoneOffset":"+00:00","readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}},"inputQuantityList":[{{"epcClass":"{}","quantity":5,"uom":"KGM"}}],"outputQuantityList":[{{"epcClass":"{}","quantity":5,"uom":"KGM"}}]}}"#,
        lot(from),
        lot(to)
    )
}

both! {
    fn a_range_of_numbers_is_found(db) {
        let world = chain(db);
        let range = |from: u32, to: u32| format!(r#"{{"ranges":[{{"from":"{}","to":"{}"}}]}}"#, tin(from), tin(to));

        assert_eq!(ids(&world, &range(2, 4)), [tin(2), tin(3), tin(4)]);
        assert_eq!(ids(&world, &range(6, 9_999_999)), [tin(6)]);
        assert!(refused(&world, &range(4, 2)).contains("ends"), "{}", refused(&world, &range(4, 2)));
        assert!(refused(&world, &range(0, 999_999_999)).contains("16777216"));
        let other = format!(r#"{{"ranges":[{{"from":"{}","to":"{CASE}"}}]}}"#, tin(1));
        assert!(refused(&world, &other).contains("ranges[0]"), "{}", refused(&world, &other));
    }

    fn a_range_of_letters_is_found_in_their_order(db) {
        let world = chain(db);
        let cell = |name: &str| format!("https://id.gs1.org/01/09521234543213/21/{name}");
        record(&world, &[begun("31", "12:00", &["PB0001", "PB0002", "PB0003", "PC0001"].map(cell), r#""cbvmda:lotNumber":"P""#)]);
        let range = |from: &str, to: &str| format!(r#"{{"ranges":[{{"from":"{}","to":"{}"}}]}}"#, cell(from), cell(to));

        assert_eq!(ids(&world, &range("PB0002", "PB9999")), ["PB0002", "PB0003"].map(cell));
        assert!(refused(&world, &range("PB1", "PB0003")).contains("differ in length"));
        assert!(refused(&world, &range("PX0000", "PX0009")).contains("no event"));
    }

    fn a_range_of_serials_has_those_that_happen_to_be_digits(db) {
        let world = chain(db);
        let cell = |name: &str| format!("https://id.gs1.org/01/09521234543213/21/{name}");
        let all = ["0998", "0A00", "1000", "1234", "1A3F", "2B00", "999999999", "1000000001"].map(cell);
        record(&world, &[begun("31", "12:00", &all, r#""cbvmda:lotNumber":"P""#)]);
        let found = |from: &str, to: &str| ids(&world, &format!(r#"{{"ranges":[{{"from":"{}","to":"{}"}}]}}"#, cell(from), cell(to)));

        assert_eq!(found("0A00", "2B00"), ["0A00", "1000", "1234", "1A3F", "2B00"].map(cell));
        assert_eq!(found("1234", "2B00"), ["1234", "1A3F", "2B00"].map(cell));
        assert_eq!(found("0998", "1001"), ["0998", "0A00", "1000"].map(cell));
        assert_eq!(found("999999998", "1000000002"), ["1000000001", "999999999"].map(cell));
        let never = |gtin: &str| format!(r#"{{"ranges":[{{"from":"https://id.gs1.org/01/{gtin}/21/1","to":"https://id.gs1.org/01/{gtin}/21/9"}}]}}"#);
        let never = tried(&world, &scope(&never("09506000134352")), None).unwrap_err();
        assert_eq!(never.code, Code::NotFound, "{never}");
        let second = format!(r#"{{"ranges":[{{"from":"{}","to":"{}"}},{{"from":"{}","to":"{CASE}"}}]}}"#, cell("5"), cell("6"), cell("1"));
        assert!(refused(&world, &second).contains("ranges[1]"), "{}", refused(&world, &second));
    }

    fn an_attribute_is_found_in_a_list_and_asked_for_by_a_name_there_is(db) {
        let world = chain(db);
        record(&world, &[begun("31", "12:00", &[tin(31)], r#""https://example.org/firmware":["9","10"]"#)]);
        let asked = |rest: &str| format!(r#"{{"attributes":[{{"product":"(01)09521234543213",{rest}}}]}}"#);
        let wrong = |rest: &str| scope(&asked(rest)).definition().unwrap_err().to_string();

        assert_eq!(ids(&world, &asked(r#""field":"https://example.org/firmware","equals":"10""#)), [tin(31)]);
        assert!(wrong(r#""field":"fw","equals":"9""#).contains("attributes[0].field"));
        assert!(wrong(r#""field":"lotNumber","equals":"9","from":"8""#).contains("attributes[0].equals"));
    }

    fn a_container_brings_what_was_in_it_in_the_window(db) {
        let world = chain(db);
        record(&world, &[object("31", "16:00", SHOP, "unpacking", &[tin(2)], None)]);
        let within = |from: &str, until: &str| format!(
            r#"{{"containers":[{{"unit":"{CASE}","from":"2026-09-20T{from}:00Z","until":"2026-09-20T{until}:00Z"}}]}}"#
        );

        assert_eq!(ids(&world, &within("10:30", "10:40")).len(), 5);
        assert_eq!(ids(&world, &within("08:30", "09:00")), [CASE], "packed at ten");
        assert!(refused(&world, &within("11:00", "10:00")).contains("ends"));
    }

    fn a_product_with_a_window_brings_what_began_in_it(db) {
        let world = chain(db);
        let window = r#"{"products":[{"product":"(01)09521234543213","from":"2026-09-20T09:00:00Z","until":"2026-09-20T10:00:00Z"}]}"#;

        assert_eq!(ids(&world, window), [tin(5), tin(6)]);
        let place = format!(r#"{{"products":[{{"product":"{SHOP}"}}]}}"#);
        assert!(Request::read(place.as_bytes()).unwrap().definition().unwrap_err().to_string().contains("products[0].product"));
    }

    fn what_events_say_of_things_when_they_begin_finds_them(db) {
        let world = chain(db);
        record(&world, &[
            begun("31", "12:00", &[tin(31)], r#""cbvmda:bestBeforeDate":"2027-01-31","https://example.org/firmware":"9""#),
            begun("32", "12:30", &[tin(32)], r#""cbvmda:bestBeforeDate":"2027-02-28","https://example.org/firmware":"10""#),
        ]);
        let asked = |rest: &str| format!(r#"{{"attributes":[{{"product":"(01)09521234543213",{rest}}}]}}"#);

        assert_eq!(ids(&world, &asked(r#""field":"bestBeforeDate","equals":"2027-01-31""#)), [tin(31)]);
        assert_eq!(ids(&world, &asked(r#""field":"bestBeforeDate","from":"2027-02-01""#)), [tin(32)]);
        assert_eq!(ids(&world, &asked(r#""field":"https://example.org/firmware","until":"9""#)), [tin(31)], "numbers compare by value");
        assert_eq!(ids(&world, &asked(r#""field":"https://example.org/firmware","from":"9","until":"10""#)), [tin(31), tin(32)]);
        assert!(refused(&world, &asked(r#""field":"https://example.org/firmware","equals":"09""#)).contains("nothing"), "another text");
        let backwards = scope(&asked(r#""field":"bestBeforeDate","from":"2027-02-01","until":"2027-01-01""#)).definition().unwrap_err();
        assert!(backwards.to_string().contains("attributes[0].until"), "{backwards}");
        let nothing = scope(&asked(r#""field":"bestBeforeDate""#)).definition().unwrap_err();
        assert!(nothing.to_string().contains("attributes[0].equals"), "{nothing}");
    }

    fn an_attribute_is_found_under_whatever_prefix_its_senders_gave_it(db) {
        let world = chain(db);
        let with = |prefix: &str, event: String| {
            let context = format!(r#"{{"@context":{{"{prefix}":"https://example.org/"}},"#);
            event.replacen('{', &context, 1)
        };
        record(&world, &[
            with("ex", begun("31", "12:00", &[tin(31)], r#""ex:firmware":"1.1""#)),
            with("m", begun("32", "12:30", &[tin(32)], r#""m:firmware":"1.10""#)),
        ]);
        let asked = |field: &str, rest: &str| ids(&world, &format!(
            r#"{{"attributes":[{{"product":"(01)09521234543213","field":"{field}",{rest}}}]}}"#
        ));

        for field in ["ex:firmware", "m:firmware", "https://example.org/firmware"] {
            assert_eq!(asked(field, r#""from":"1.1""#), [tin(31), tin(32)], "{field}");
            assert_eq!(asked(field, r#""equals":"1.1""#), [tin(31)], "{field}");
            assert_eq!(asked(field, r#""from":"1.9","until":"1.12""#), [tin(32)], "{field}");
        }
    }

    fn a_lot_that_only_an_alias_names_is_found_and_named(db) {
        let world = chain(db);
        record(&world, &[blended("31", "12:00", PLANT, "OWN", "CREAM")]);
        let asked = format!(r#"{{"lots":["{}"]}}"#, lot("THEIRS"));
        assert!(refused(&world, &asked).contains("no event"));
        let own = format!(r#"{{"lots":["{}"]}}"#, lot("OWN"));
        let before = tried(&world, &scope(&own), None).unwrap().position;
        let before = serde_json::to_string(&before).unwrap();

        world.aliases(&format!("{},{},maker,yes", lot("THEIRS"), lot("OWN")));

        assert_eq!(ids(&world, &asked), ["CREAM", "OWN", "THEIRS"].map(lot));
        let then = tried(&world, &scope(&asked), Some(&before)).unwrap_err();
        assert!(then.to_string().contains("no event"), "{then}");
        db.conn().write(|conn| app::rebuild(&world.app, conn, &mut |_| {})).unwrap();
        assert_eq!(ids(&world, &asked), ["CREAM", "OWN", "THEIRS"].map(lot), "the dictionary was built anew");
    }

    fn a_lot_made_in_two_years_is_two_where_a_window_says_which(db) {
        let world = chain(db);
        let moved = |id: &str, year: &str, step: &str, action: &str, to: Option<&str>| {
            object(id, "08:00", if step == "receiving" { SHOP } else { PLANT }, step, &[], to)
                .replace("OBSERVE", action)
                .replace("2026-", year)
                .replace(r#""epcList":[]"#, &format!(r#""quantityList":[{{"epcClass":"{}","quantity":5,"uom":"KGM"}}]"#, lot("Y")))
        };
        record(&world, &[
            moved("31", "2024-", "commissioning", "ADD", None),
            moved("32", "2024-", "shipping", "OBSERVE", Some(SHOP)).replace("T08:", "T10:"),
            moved("33", "2024-", "receiving", "OBSERVE", None).replace("T08:", "T12:"),
            moved("34", "2026-", "commissioning", "ADD", None),
        ]);
        let held = |from: &str, until: &str| {
            let asked = format!(r#"{{"products":[{{"product":"{}","from":"{from}","until":"{until}"}}]}}"#, lot("Y"));
            let view = opened(&world, &scope(&asked));
            let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
            lines.into_iter().map(|line| line.holder).collect::<Vec<_>>()
        };

        assert_eq!(held("2026-09-01T00:00:00Z", "2026-09-30T00:00:00Z"), ["maker"], "the shop has what was made before");
        let first = held("2024-09-01T00:00:00Z", "2024-09-30T00:00:00Z");
        assert!(first.contains(&"shop".to_owned()), "{first:?}");
    }

    fn a_product_that_no_event_names_as_a_whole_is_not_listed_as_a_lot(db) {
        let world = chain(db);

        let all = ids(&world, r#"{"lots":["(01)09521234543213"]}"#);

        assert!(all.contains(&tin(1)) && all.iter().all(|id| !id.is_empty()), "{all:?}");
    }

    fn a_lot_by_its_suppliers_name_is_found_under_its_own(db) {
        let world = chain(db);
        record(&world, &[blended("31", "12:00", PLANT, "OWN", "CREAM")]);
        let supplier = "urn:example:lot:supplier-7";
        let made = format!(
            r#"{},"quantityList":[{{"epcClass":"{supplier}","quantity":5,"uom":"KGM"}}]}}"#,
            object("32", "09:00", PLANT, "receiving", &[], None).replace(r#","epcList":[]}"#, "")
        );
        record(&world, &[made]);
        let asked = format!(r#"{{"lots":["{supplier}"]}}"#);
        assert_eq!(ids(&world, &asked), [supplier]);
        let before = tried(&world, &scope(&asked), None).unwrap();

        world.aliases(&format!("{supplier},{},maker,yes", lot("OWN")));
        let found = ids(&world, &asked);
        assert_eq!(found, [lot("CREAM"), lot("OWN"), supplier.to_owned()]);
        let position = serde_json::to_string(&before.position).unwrap();
        let again = tried(&world, &scope(&asked), Some(&position)).unwrap();
        assert_eq!(again.digest, before.digest, "at the position before, the names were two");

        world.aliases(&format!("{supplier},{},maker,no", lot("OWN")));
        assert_eq!(ids(&world, &asked), [supplier]);
    }

    fn a_vessel_a_kill_step_and_contact_change_the_answer(db) {
        let world = chain(db);
        record(&world, &[
            blended("31", "12:00", LINE, "RAW", "A"),
            blended("32", "12:30", LINE, "FRESH", "B"),
        ]);
        let asked = |policies: &str| format!(r#"{{"lots":["{}"],"hazard":"Listeria","policies":{{{policies}}}}}"#, lot("RAW"));

        assert_eq!(ids(&world, &asked("")), [lot("A"), lot("RAW")]);
        let mixing = format!(r#""vessels":[{{"vessel":"{LINE}","mixing":"until_cleaned"}}]"#);
        assert_eq!(ids(&world, &asked(&mixing)), [lot("A"), lot("B"), lot("RAW")]);
        let kill = |hazard: &str| format!(r#""kill_steps":[{{"place":"{LINE}","stops":["{hazard}"]}}]"#);
        assert_eq!(ids(&world, &asked(&kill("listeria "))), [lot("RAW")], "whatever the case of letters");
        assert_eq!(ids(&world, &asked(&kill("glass"))), [lot("A"), lot("RAW")], "heat does not stop glass");
        let unknown = asked(r#""vessels":[{"vessel":"9521234000099","mixing":"until_cleaned"}]"#);
        assert!(refused(&world, &unknown).contains("policies.vessels[0].vessel: https://id.gs1.org/414/9521234000099 is known from no event"), "{}", refused(&world, &unknown));
        let wrong = scope(&asked(r#""vessels":[{"vessel":"9521234000013","mixing":"shaken"}]"#)).definition().unwrap_err();
        assert!(wrong.to_string().contains("policies.vessels[0].mixing"), "{wrong}");
    }

    fn a_credential_brings_what_was_made_while_it_was_not_valid(db) {
        let world = chain(db);
        let csv = "id,kind,name,issuer,org,products,valid_from,valid_to\nSC1,licence,许可,office,maker,09521234543213,2026-01-01T00:00:00Z,2026-09-20T08:30:00Z\nSC2,licence,许可,office,maker,,2026-01-01T00:00:00Z,2026-09-20T08:30:00Z\n";
        let done = app::import_credentials(&world.app, &operator("office"), csv.as_bytes(), false).unwrap();
        assert_eq!(done.refused, vec![]);

        assert_eq!(ids(&world, r#"{"credentials":["SC1"]}"#), [tin(5), tin(6)], "filled at 9:05, the licence ended at 8:30");
        assert!(refused(&world, r#"{"credentials":["SC2"]}"#).contains("name what is meant"));
        let never = tried(&world, &scope(r#"{"credentials":["SC9"]}"#), None).unwrap_err();
        assert_eq!((never.code, never.detail.as_str()), (Code::NotFound, "no credential \"SC9\""));
    }

    fn contact_in_a_case_reaches_its_neighbours(db) {
        let world = chain(db);
        let asked = |policies: &str| format!(r#"{{"units":["{}"]{policies}}}"#, tin(1));

        assert_eq!(ids(&world, &asked("")), [tin(1)]);
        let contact = asked(r#","policies":{"contact":{"containers":true}}"#);
        assert_eq!(ids(&world, &contact), [1, 2, 3, 4].map(tin));
    }

    fn a_process_that_was_stamped_after_the_window_began_in_it(db) {
        let world = chain(db);
        let within = |starts: &str| format!(
            r#"{{"places":[{{"place":"{LINE}","from":"2026-09-20T08:30:00Z","until":"2026-09-20T09:00:00Z"}}],"policies":{{"starts":"{starts}"}}}}"#
        );

        assert_eq!(ids(&world, &within("previous")), [tin(5), tin(6)]);
        assert!(refused(&world, &within("stamped")).contains("nothing"));
    }

    fn work_is_told_from_other_steps_alike_in_both_databases(db) {
        let world = chain(db);
        record(&world, &[object("31", "09:02", LINE, "https://example.org/step/Cleaning", &[CASE.to_owned()], None)]);
        let within = format!(
            r#"{{"places":[{{"place":"{LINE}","from":"2026-09-20T08:30:00Z","until":"2026-09-20T09:00:00Z"}}]}}"#
        );

        assert_eq!(ids(&world, &within), [tin(5), tin(6)], "a step of another name is no cleaning, and no work");
    }
}

#[test]
fn a_pattern_and_a_scope_of_nothing_are_refused() {
    let refused = |json: &str| scope(json).definition().unwrap_err().to_string();
    assert!(refused(r#"{"units":["urn:epc:idpat:sgtin:*.*.*"]}"#).contains("pattern"));
    assert!(refused("{}").contains("names nothing"));
    assert!(
        Request::read(br#"[["(01)09521234543213(10)A"]]"#).is_err(),
        "an array is no scope"
    );
    let late =
        r#"{"places":[{"place":"9521234000013","from":"x","until":"2026-09-02T00:00:00Z"}]}"#;
    assert!(refused(late).starts_with("places[0].from"));
    let marked = "\u{feff}{\"lots\":[\"(01)09521234543213(10)A\"]}";
    assert!(scope(marked).definition().is_ok(), "a byte order mark");
    let kill = r#"{"lots":["(01)09521234543213(10)A"],"policies":{"kill_steps":[{"place":"9521234000013","stops":["x"]}]}}"#;
    assert!(
        refused(kill).contains("policies.kill_steps"),
        "of which hazard?"
    );
    let linger = r#"{"lots":["(01)09521234543213(10)A"],"policies":{"contact":{"linger":"1h"}}}"#;
    assert!(refused(linger).contains("policies.contact.linger"));
    let no_place = r#"{"places":[{"place":"952100000001","from":"2026-09-01T00:00:00Z","until":"2026-09-02T00:00:00Z"}]}"#;
    assert!(
        refused(no_place).contains("no place"),
        "{}",
        refused(no_place)
    );
    let forever = r#"{"places":[{"place":"9521234000013","from":"1970-01-01T00:00:00Z","until":"2099-01-01T00:00:00Z"}]}"#;
    assert!(refused(forever).contains("366"));
}
