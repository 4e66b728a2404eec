use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;
use crate::epcis::{self, Limits};
use crate::scenario::{Cause, Fate, Message, PlainSerials, Scenario, SerialSource, Stream, Truth};

pub(super) const SEED: u64 = 20_260_302;

pub(super) fn formula(units: u32, seed: u64) -> Formula {
    Formula::new(units, seed, "2026-03-02T00:00:00+08:00".parse().unwrap()).unwrap()
}

pub(super) fn stream(units: u32, seed: u64) -> Stream<PlainSerials> {
    Scenario::Formula(formula(units, seed)).stream(PlainSerials::default())
}

/// A world that has run: what was sent, and what is true.
pub(super) struct Ran {
    pub(super) messages: Vec<Message>,
    pub(super) events: Vec<Value>,
    pub(super) truth: Truth,
}

pub(super) fn run(stream: Stream<PlainSerials>) -> Ran {
    let mut stream = stream;
    let messages: Vec<Message> = stream.by_ref().collect();
    let events = messages.iter().flat_map(events_of).collect();
    Ran {
        messages,
        events,
        truth: stream.finish(),
    }
}

pub(super) fn ran(units: u32) -> Ran {
    run(stream(units, SEED))
}

fn events_of(message: &Message) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    assert!(!body["@context"].is_null());
    if body["type"] == "EPCISDocument" {
        body["epcisBody"]["eventList"].as_array().unwrap().clone()
    } else {
        vec![body]
    }
}

pub(super) fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

pub(super) fn time(event: &Value) -> Timestamp {
    event["eventTime"].as_str().unwrap().parse().unwrap()
}

fn digest(messages: &[Message]) -> String {
    let mut hash = Sha256::new();
    for message in messages {
        hash.update(message.key.as_bytes());
        hash.update(&message.body);
        hash.update(message.recorded_at.micros().to_be_bytes());
    }
    crate::ledger::hex(&hash.finalize())
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_the_same_truth() {
    let (one, two) = (ran(2_400), ran(2_400));
    assert_eq!(digest(&one.messages), digest(&two.messages));
    assert_eq!(one.truth, two.truth);
    let other = run(stream(2_400, SEED + 1));
    assert_ne!(digest(&one.messages), digest(&other.messages));
}

#[test]
fn as_many_units_are_filled_as_were_asked_for_and_of_the_planned_lots() {
    for units in [2_400, 20_000] {
        let mut taken: BTreeMap<String, u32> = BTreeMap::new();
        let mut plain = PlainSerials::default();
        let source = |gtin: &str, lot: &str, count: usize| {
            *taken.entry(lot.to_owned()).or_default() += u32::try_from(count).unwrap();
            plain.take(gtin, lot, count)
        };
        let formula = formula(units, SEED);
        let truth = Scenario::Formula(formula.clone()).stream(source).finish();
        assert!((u64::from(units)..u64::from(units) + 24).contains(&truth.unit_count));
        let planned: BTreeMap<String, u32> = formula
            .planned_lots()
            .into_iter()
            .map(|lot| (lot.lot, lot.count))
            .collect();
        assert_eq!(taken, planned);
    }
}

#[test]
fn the_truth_is_what_the_filling_reports_imply() {
    let Ran { events, truth, .. } = ran(20_000);
    let window = &formula(20_000, SEED).window();
    // By the reports alone: bulk lots with contaminated input, then everything filled in the window or from these.
    let mut fills: Vec<&Value> = events
        .iter()
        .filter(|e| e["type"] == "TransformationEvent")
        .collect();
    fills.sort_by_key(|event| time(event));
    let mut bad_process: BTreeSet<&str> = BTreeSet::new();
    let mut bad_bulk: BTreeSet<&str> = BTreeSet::new();
    let mut bad: BTreeSet<&str> = BTreeSet::new();
    for event in fills {
        let in_window = event["readPoint"]["id"] == window.place.as_str()
            && (window.from..window.until).contains(&time(event));
        let process = event["transformationID"].as_str();
        let bad_input = texts(&event["inputEPCList"])
            .iter()
            .any(|tin| bad.contains(tin))
            || event["inputQuantityList"].as_array().is_some_and(|list| {
                list.iter()
                    .any(|input| bad_bulk.contains(input["epcClass"].as_str().unwrap()))
            })
            || process.is_some_and(|process| bad_process.contains(process));
        if bad_input {
            bad_process.extend(process);
        }
        if bad_input || in_window {
            bad.extend(texts(&event["outputEPCList"]));
        }
        if bad_input {
            for output in event["outputQuantityList"].as_array().into_iter().flatten() {
                bad_bulk.insert(output["epcClass"].as_str().unwrap());
            }
        }
    }
    assert_eq!(
        bad.into_iter().collect::<Vec<_>>(),
        truth.ids().collect::<Vec<_>>()
    );
    assert_eq!(bad_bulk, truth.lots.iter().map(|lot| &*lot.id).collect());
}

#[test]
fn rework_contaminates_tins_of_both_lines_outside_the_window() {
    let Ran { truth, .. } = ran(20_000);
    let window = formula(20_000, SEED).window();
    let (mut inside, mut outside_by_line) = (0, BTreeMap::<&str, u32>::new());
    for unit in &truth.affected {
        let in_window =
            *unit.line == *window.place && (window.from..window.until).contains(&unit.since);
        assert_eq!(in_window, unit.cause == Cause::MadeInWindow);
        if in_window {
            inside += 1;
        } else {
            assert!(window.until <= unit.since);
            *outside_by_line.entry(&unit.line).or_default() += 1;
        }
    }
    assert_eq!(inside, 30 * 48);
    assert_eq!(outside_by_line.len(), 2);
    assert!(outside_by_line.values().all(|count| 300 < *count));
    assert!(
        truth.affected.len() < 10_000,
        "most of the world stays clean"
    );
}

#[test]
fn a_bulk_lot_goes_in_a_circle() {
    let Ran { truth, .. } = ran(20_000);
    let circle = truth.affected.iter().any(|eaten| {
        matches!(&eaten.fate, Fate::Consumed { into } if truth.affected.iter().any(|made| {
            made.lot == eaten.lot && matches!(&made.cause, Cause::FromLot { lot: from } if from == into)
        }))
    });
    assert!(
        circle,
        "a lot of tins is made from a bulk lot that tins of the same lot went into"
    );
    let window = formula(20_000, SEED).window();
    let clean_before = ran(20_000).events.iter().any(|event| {
        event["inputQuantityList"][0]["epcClass"] == *truth.lots[0].id
            && time(event) < truth.lots[0].since
            && event["readPoint"]["id"] != window.place.as_str()
    });
    assert!(
        clean_before,
        "the running blend filled clean tins before the rework"
    );
}

#[test]
fn tins_of_the_window_end_in_every_way() {
    let Ran { truth, .. } = ran(20_000);
    let of_window = |ended: &dyn Fn(&Fate) -> bool| {
        truth.count(|unit| unit.cause == Cause::MadeInWindow && ended(&unit.fate))
    };
    let map = places::Map::draw();
    let held_in = |sites: std::ops::Range<usize>| {
        let links: BTreeSet<&str> = map.sites[sites].iter().map(|site| &*site.link).collect();
        of_window(&|fate| matches!(fate, Fate::Held { place, .. } if links.contains(&**place)))
    };
    assert!(0 < of_window(&|fate| matches!(fate, Fate::Sold { .. })));
    assert!(0 < of_window(&|fate| matches!(fate, Fate::Destroyed { .. })));
    assert!(0 < of_window(&|fate| matches!(fate, Fate::Consumed { .. })));
    assert!(0 < held_in(places::WAREHOUSE..places::SHOP));
    assert!(0 < held_in(places::SHOP..places::SHOP + places::SHOPS));
    assert!(0 < truth.count(|unit| unit.was_returned && unit.cause == Cause::MadeInWindow));
}

#[test]
fn every_contaminated_unit_is_in_one_place_and_its_case_says_so() {
    let Ran { events, truth, .. } = ran(20_000);
    let ids: BTreeSet<&str> = truth.ids().collect();
    assert_eq!(ids.len(), truth.affected.len());
    let mut packed_in: BTreeMap<&str, &str> = BTreeMap::new();
    let mut opened = BTreeSet::new();
    for event in events
        .iter()
        .filter(|event| event["type"] == "AggregationEvent")
    {
        let parent = event["parentID"].as_str().unwrap();
        if event["action"] == "ADD" {
            packed_in.extend(
                texts(&event["childEPCs"])
                    .into_iter()
                    .map(|child| (child, parent)),
            );
        } else {
            opened.insert(parent);
        }
    }
    for unit in &truth.affected {
        assert!(unit.hops.is_sorted_by_key(|hop| hop.at), "{unit:?}");
        match &unit.fate {
            Fate::Held {
                inside: Some(case), ..
            }
            | Fate::InTransit {
                inside: Some(case), ..
            } => {
                assert_eq!(packed_in.get(unit.id.as_str()), Some(&&**case));
                assert!(!opened.contains(&**case));
            }
            Fate::Held {
                inside: None,
                place,
                ..
            } => assert_eq!(unit.hops.last().unwrap().place, *place),
            Fate::Sold { .. } | Fate::Destroyed { .. } | Fate::Consumed { .. } => {}
            Fate::InTransit { inside: None, .. } | Fate::Renamed { .. } => {
                panic!("not in this world: {unit:?}")
            }
        }
    }
}

#[test]
fn a_needed_packing_event_can_be_left_out_and_nothing_else_changes() {
    let whole = ran(2_400);
    let needed = whole.truth.needed_packing_events().clone();
    assert!(!needed.is_empty());
    let dropped: BTreeSet<String> = needed.iter().take(1).cloned().collect();
    let less = run(stream(2_400, SEED).omitting(dropped.clone()));
    assert_eq!(less.truth.dropped_count, 1);
    let all_sent = Truth {
        dropped_count: 0,
        ..less.truth.clone()
    };
    assert_eq!(all_sent, whole.truth);
    let ids = |ran: &Ran| -> BTreeSet<String> {
        ran.events
            .iter()
            .filter_map(|event| event["eventID"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let missing: BTreeSet<String> = ids(&whole).difference(&ids(&less)).cloned().collect();
    assert_eq!(missing, dropped);
    let event = whole
        .events
        .iter()
        .find(|event| event["eventID"] == dropped.first().unwrap().as_str())
        .unwrap();
    assert_eq!(
        (event["type"].as_str(), event["action"].as_str()),
        (Some("AggregationEvent"), Some("ADD"))
    );
}

#[test]
fn messages_come_in_sending_order_some_late_some_twice_some_in_documents_some_without_ids() {
    let Ran {
        messages,
        events,
        truth,
    } = ran(20_000);
    assert!(messages.is_sorted_by_key(|message| message.recorded_at));
    let late = messages.iter().filter(|message| {
        events_of(message)
            .iter()
            .any(|event| 7_200_000_000 < message.recorded_at.micros() - time(event).micros())
    });
    assert!(10 < late.count());
    let bodies: BTreeSet<&[u8]> = messages
        .iter()
        .map(|message| message.body.as_slice())
        .collect();
    assert!(10 < messages.len() - bodies.len());
    let documents = messages
        .iter()
        .filter(|message| {
            message
                .body
                .windows(15)
                .any(|part| part == b"\"EPCISDocument\"")
        })
        .count();
    assert!(0 < documents && documents < messages.len());
    assert!(events.iter().any(|event| event["eventID"].is_null()));
    let out_of_order = messages
        .iter()
        .map(|m| (m.key.as_str(), time(&events_of(m)[0])))
        .fold(
            (BTreeMap::<&str, Timestamp>::new(), 0),
            |(mut latest, mut count), (key, at)| {
                let before = latest.entry(key).or_insert(at);
                if at < *before {
                    count += 1;
                }
                *before = (*before).max(at);
                (latest, count)
            },
        );
    assert!(10 < out_of_order.1);
    assert!(truth.event_count <= events.len() as u64);
}

#[test]
fn every_message_is_read_without_a_fault_at_the_time_it_was_sent() {
    for message in &ran(20_000).messages {
        let read = epcis::read(&message.body, &Limits::at(message.recorded_at));
        let text = || String::from_utf8_lossy(&message.body).into_owned();
        let document = read.unwrap_or_else(|faults| panic!("{faults:?} in {}", text()));
        assert_eq!(document.warnings, [], "{}", text());
        for item in document.items {
            assert!(item.event.is_ok(), "{:?} in {}", item.event, text());
            assert_eq!(item.warnings, [], "{}", text());
        }
    }
}

#[test]
fn processes_in_pieces_share_their_transformation_id() {
    let Ran { events, .. } = ran(20_000);
    let mut pieces: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for event in &events {
        if let Some(process) = event["transformationID"].as_str() {
            pieces
                .entry(process)
                .or_default()
                .insert(event["eventTime"].as_str().unwrap());
        }
    }
    assert!(5 < pieces.len());
    assert!(pieces.values().all(|times| 2 <= times.len()));
}

/// The standard's rule, the other way round: multiply from the left by 1 or 3 so that the last weighs 1.
fn checks(digits: &str) -> bool {
    let odd = digits.len() % 2;
    let sum: u32 = digits
        .chars()
        .enumerate()
        .map(|(at, digit)| digit.to_digit(10).unwrap() * if at % 2 == odd { 3 } else { 1 })
        .sum();
    sum.is_multiple_of(10)
}

#[test]
fn every_key_in_the_events_has_its_length_its_check_digit_and_the_example_prefix() {
    let Ran { events, .. } = ran(2_400);
    let text = serde_json::to_string(&events).unwrap();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for part in text.split("https://id.gs1.org/").skip(1) {
        let (ai, rest) = part.split_once('/').unwrap();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let (length, prefix_at) = match ai {
            "00" => (18, 1),
            "01" => (14, 1),
            "414" | "417" => (13, 0),
            other => panic!("an unexpected key {other}"),
        };
        assert_eq!(
            (digits.len(), &digits[prefix_at..prefix_at + 3]),
            (length, "952"),
            "{part}"
        );
        assert!(checks(&digits), "{digits}");
        *counts.entry(ai).or_default() += 1;
    }
    assert_eq!(counts.len(), 4);
    let urns = text.matches("urn:epc:id:sscc:9520001.").count()
        + text.matches("urn:epc:id:sscc:9520006.").count();
    assert!(0 < urns);
    assert_eq!(urns, text.matches("urn:epc:id:sscc:").count());
}

#[test]
fn every_place_and_party_that_events_name_is_in_the_master_data() {
    let Ran {
        events, messages, ..
    } = ran(2_400);
    let world = formula(2_400, SEED).world();
    let links: BTreeSet<&str> = world
        .places
        .iter()
        .map(|place| place.link.as_str())
        .collect();
    let glns: BTreeSet<&str> = world
        .places
        .iter()
        .map(|place| place.gln.as_str())
        .collect();
    assert_eq!(links.len(), world.places.len());
    for event in &events {
        for field in ["readPoint", "bizLocation"] {
            if let Some(id) = event[field]["id"].as_str() {
                assert!(links.contains(id), "{id}");
            }
        }
    }
    assert!(
        messages
            .iter()
            .all(|message| glns.contains(message.key.as_str()))
    );
    let parties: BTreeSet<String> = world
        .parties
        .iter()
        .map(|party| format!("https://id.gs1.org/417/{}", party.gln))
        .collect();
    let text = serde_json::to_string(&events).unwrap();
    for part in text.split("https://id.gs1.org/417/").skip(1) {
        assert!(parties.contains(&format!("https://id.gs1.org/417/{}", &part[..13])));
    }
}

/// Commas outside quotes, and one more.
fn columns(line: &str) -> usize {
    line.split('"')
        .step_by(2)
        .map(|open| open.matches(',').count())
        .sum::<usize>()
        + 1
}

#[test]
fn the_master_data_holds_together_and_becomes_tables() {
    let world = formula(2_400, SEED).world();
    let ids: BTreeSet<&str> = world
        .parties
        .iter()
        .map(|party| party.id.as_str())
        .collect();
    assert_eq!((ids.len(), world.parties.len()), (14, 14));
    assert!(
        world
            .places
            .iter()
            .all(|place| ids.contains(place.org.as_str()))
    );
    assert!(
        world
            .products
            .iter()
            .all(|product| ids.contains(product.org.as_str()) && checks(&product.gtin))
    );
    let codes: BTreeSet<&str> = world
        .parties
        .iter()
        .map(|party| party.credit_code.as_str())
        .collect();
    assert_eq!(codes.len(), 14);
    for code in codes {
        // GB 32100: the sum of all eighteen, weighted by powers of three, is a multiple of 31.
        let sum: u64 = code
            .chars()
            .enumerate()
            .map(|(at, c)| {
                let value = "0123456789ABCDEFGHJKLMNPQRTUWXY".find(c).unwrap() as u64;
                value
                    * if at == 17 {
                        1
                    } else {
                        3_u64.pow(u32::try_from(at).unwrap()) % 31
                    }
            })
            .sum();
        assert_eq!((code.len(), sum % 31), (18, 0), "{code}");
    }
    let lines = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out)
            .unwrap()
            .lines()
            .map(columns)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&|out| world.write_parties_csv(out).unwrap()),
        vec![8; 15]
    );
    assert_eq!(
        lines(&|out| world.write_places_csv(out).unwrap()),
        vec![7; 1 + world.places.len()]
    );
    let products = lines(&|out| world.write_products_csv(out).unwrap());
    assert_eq!(products, vec![8; 5]);
}

#[test]
fn a_world_too_small_for_its_story_or_with_uneven_trays_is_refused() {
    let start = Timestamp::default();
    assert!(matches!(
        Formula::new(100, 1, start),
        Err(ScenarioError::TooFew { least: 2_400, .. })
    ));
    assert!(matches!(
        Formula::with_tray(20_000, 1, start, 25),
        Err(ScenarioError::UnevenTray { .. })
    ));
    assert!(matches!(
        Formula::with_tray(20_000, 1, start, 240),
        Err(ScenarioError::TooFew { least: 24_000, .. })
    ));
}

#[test]
fn the_story_is_told_in_both_languages_with_its_numbers() {
    let told = formula(20_000, SEED).describe();
    for text in [&told.zh, &told.en] {
        assert!(text.contains("20016") && text.contains("+08:00"), "{text}");
    }
}
