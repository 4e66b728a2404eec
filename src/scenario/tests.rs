//! What holds for every world: bytes, events, sums, sizes. What a world is about is tested beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::chain::Frame;
use super::*;
use crate::epcis::{self, Limits};

/// A world that has run.
pub(super) struct Ran {
    pub(super) messages: Vec<Message>,
    pub(super) truth: Truth,
}

pub(super) fn world(name: &str, units: u32, seed: u64) -> Scenario {
    let start = "2026-03-02T00:00:00+08:00".parse().unwrap();
    Scenario::named(name, units, seed, start).unwrap()
}

fn run(stream: Stream<PlainSerials>) -> Ran {
    let mut stream = stream;
    let messages = stream.by_ref().collect();
    Ran {
        messages,
        truth: stream.finish(),
    }
}

pub(super) fn ran(name: &str, units: u32, seed: u64) -> Ran {
    run(world(name, units, seed).stream(PlainSerials::default()))
}

fn least(name: &str) -> u32 {
    Scenario::least_units(name).unwrap()
}

/// Every scenario at its least size and at one that no run divides, with two seeds: a world may tell two
/// stories.
pub(super) fn each(check: impl Fn(&str, u32, u64)) {
    for name in Scenario::NAMES {
        for units in [least(name), least(name) * 3 + 7] {
            for seed in [1, 2] {
                check(name, units, seed);
            }
        }
    }
}

pub(super) fn events(ran: &Ran) -> Vec<Value> {
    let bodies = ran.messages.iter();
    let bodies = bodies.map(|message| serde_json::from_slice::<Value>(&message.body).unwrap());
    let lists = bodies.map(|body| match body["epcisBody"]["eventList"].as_array() {
        Some(list) => list.clone(),
        None => vec![body],
    });
    lists.flatten().collect()
}

#[test]
fn an_unknown_name_is_refused_with_the_names_there_are() {
    let refusal = Scenario::named("frozen", 1, 1, Timestamp::default()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "no scenario is called \"frozen\"; there are: formula, dairy, toy, powerbank, shrimp, parcel"
    );
    assert_eq!(Scenario::least_units("frozen"), None);
}

#[test]
fn a_world_too_small_for_its_story_is_refused_with_the_least_that_works() {
    for name in Scenario::NAMES {
        let least = least(name);
        let start = Timestamp::default();
        assert_eq!(
            Scenario::named(name, least - 1, 1, start),
            Err(ScenarioError::TooFew {
                units: least - 1,
                least
            }),
            "{name}"
        );
        assert_eq!(Scenario::named(name, least, 1, start).unwrap().name(), name);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_the_same_truth_and_another_seed_others() {
    for name in Scenario::NAMES {
        let (one, two) = (ran(name, least(name), 7), ran(name, least(name), 7));
        assert_eq!(one.messages, two.messages, "{name}");
        assert_eq!(one.truth, two.truth, "{name}");
        assert_ne!(one.messages, ran(name, least(name), 8).messages, "{name}");
    }
}

#[test]
fn every_message_is_read_without_a_fault_at_the_time_it_was_sent() {
    each(|name, units, seed| {
        for message in ran(name, units, seed).messages {
            let text = || format!("{name}: {}", String::from_utf8_lossy(&message.body));
            let read = epcis::read(&message.body, &Limits::at(message.recorded_at));
            let document = read.unwrap_or_else(|faults| panic!("{faults:?} in {}", text()));
            assert_eq!(document.warnings, [], "{}", text());
            for item in document.items {
                assert!(item.event.is_ok(), "{:?} in {}", item.event, text());
                assert_eq!(item.warnings, [], "{}", text());
            }
        }
    });
}

#[test]
fn messages_come_in_sending_order_and_all_events_are_in_them() {
    each(|name, units, seed| {
        let ran = ran(name, units, seed);
        assert!(ran.messages.is_sorted_by_key(|message| message.recorded_at));
        let mut distinct: Vec<String> = events(&ran)
            .into_iter()
            .map(|mut event| {
                event.as_object_mut().unwrap().remove("@context");
                event.to_string()
            })
            .collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len() as u64, ran.truth.event_count, "{name}");
        assert_eq!(ran.truth.dropped_count, 0);
    });
}

#[test]
fn units_made_are_the_sum_of_their_fates() {
    each(|name, units, seed| {
        let truth = ran(name, units, seed).truth;
        let made = if name == "formula" {
            u64::from(units.next_multiple_of(24))
        } else {
            u64::from(units)
        };
        assert_eq!(truth.unit_count, made, "{name}");
        assert_eq!(
            truth.fates.sum(),
            made,
            "{name} {units} {seed}: {:?}",
            truth.fates
        );
    });
}

#[test]
fn what_was_made_of_an_affected_lot_is_the_sum_of_its_parts() {
    each(|name, units, seed| {
        let truth = ran(name, units, seed).truth;
        for lot in &truth.lots {
            let sum: u64 = lot.parts.iter().map(|part| part.amount).sum();
            assert_eq!(sum, lot.made, "{name} {units} {seed}: {lot:?}");
        }
        let ids: BTreeSet<&str> = truth.lots.iter().map(|lot| &*lot.id).collect();
        assert_eq!(ids.len(), truth.lots.len(), "{name}");
    });
}

#[test]
fn something_is_affected_and_not_everything_and_each_unit_once() {
    each(|name, units, seed| {
        let truth = ran(name, units, seed).truth;
        let ids: BTreeSet<&str> = truth.ids().collect();
        assert_eq!(ids.len(), truth.affected.len());
        assert!(!truth.lots.is_empty() || !ids.is_empty(), "{name}");
        assert!((ids.len() as u64) < truth.unit_count, "{name}");
        if name != "parcel" {
            assert!(!ids.is_empty(), "{name} {units} {seed}");
        }
        for unit in &truth.affected {
            assert!(unit.hops.is_sorted_by_key(|hop| hop.at), "{unit:?}");
        }
    });
}

#[test]
fn every_affected_unit_is_named_by_an_event() {
    each(|name, units, seed| {
        let ran = ran(name, units, seed);
        let text = serde_json::to_string(&events(&ran)).unwrap();
        let words: BTreeSet<&str> = text.split('"').collect();
        for id in ran.truth.ids() {
            assert!(words.contains(id), "{name}: {id}");
        }
        for lot in &ran.truth.lots {
            assert!(words.contains(&*lot.id), "{name}: {}", lot.id);
        }
    });
}

#[test]
fn the_planned_lots_are_those_whose_serials_are_taken() {
    each(|name, units, seed| {
        let mut taken: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut plain = PlainSerials::default();
        let source = |gtin: &str, lot: &str, count: usize| {
            let key = (gtin.to_owned(), lot.to_owned());
            *taken.entry(key).or_default() += u32::try_from(count).unwrap();
            plain.take(gtin, lot, count)
        };
        let world = world(name, units, seed);
        world.stream(source).finish();
        let planned: BTreeMap<(String, String), u32> = world
            .planned_lots()
            .into_iter()
            .map(|lot| ((lot.gtin, lot.lot), lot.count))
            .collect();
        assert_eq!(taken, planned, "{name}");
    });
}

#[test]
fn places_of_events_are_in_the_master_data_or_of_somebody_who_takes_no_part() {
    each(|name, units, seed| {
        let ran = ran(name, units, seed);
        let world = world(name, units, seed).world();
        let links: BTreeSet<&str> = world.places.iter().map(|place| &*place.link).collect();
        assert_eq!(links.len(), world.places.len(), "{name}");
        let glns: BTreeSet<&str> = world.places.iter().map(|place| &*place.gln).collect();
        let parties: BTreeSet<&str> = world.parties.iter().map(|party| &*party.id).collect();
        assert_eq!(parties.len(), world.parties.len(), "{name}");
        assert!(
            world
                .places
                .iter()
                .all(|place| parties.contains(&*place.org))
        );
        assert!(
            world
                .products
                .iter()
                .all(|ware| parties.contains(&*ware.org))
        );
        for message in &ran.messages {
            assert!(glns.contains(&*message.key), "{name}: {}", message.key);
        }
        for event in events(&ran) {
            for field in ["readPoint", "bizLocation"] {
                if let Some(id) = event[field]["id"].as_str() {
                    assert!(links.contains(id), "{name}: {id}");
                }
            }
        }
    });
}

#[test]
fn no_two_worlds_share_a_company_prefix_or_a_credit_code_but_the_regulators() {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in Scenario::NAMES {
        for party in world(name, least(name), 1).world().parties {
            assert_eq!(party.credit_code.len(), 18);
            if party.id == "regulator" {
                continue;
            }
            for key in [party.gln, party.credit_code, party.id] {
                assert_eq!(seen.insert(key, name), None, "{name}");
            }
        }
    }
}

#[test]
fn losing_more_events_loses_the_same_and_more_and_the_truth_stays() {
    for name in Scenario::NAMES {
        let of = |percent| {
            let world = world(name, least(name), 5);
            run(world.stream(PlainSerials::default()).losing(percent))
        };
        let (none, some, most) = (of(0), of(5), of(50));
        let ids = |ran: &Ran| -> BTreeSet<String> {
            let events = events(ran);
            let ids = events.iter().filter_map(|event| event["eventID"].as_str());
            ids.map(str::to_owned).collect()
        };
        assert!(ids(&most).is_subset(&ids(&some)), "{name}");
        assert!(ids(&some).is_subset(&ids(&none)), "{name}");
        assert!(some.truth.dropped_count < most.truth.dropped_count);
        assert_eq!(none.truth.affected, most.truth.affected, "{name}");
        assert_eq!(none.truth.lots, most.truth.lots, "{name}");
        assert_eq!(none.truth.question, most.truth.question, "{name}");
    }
}

#[test]
fn the_story_is_told_in_both_languages_with_its_size() {
    for name in Scenario::NAMES {
        for seed in [1, 2] {
            let units = least(name) * 2;
            let told = world(name, units, seed).describe();
            for text in [&told.zh, &told.en] {
                assert!(text.contains(&units.to_string()), "{name}: {text}");
            }
            assert!(told.zh.contains('，') && told.en.is_ascii(), "{name}");
        }
    }
}

/// The formula world's lines are so fast that it would have to be far larger to have settled down.
#[test]
fn what_is_under_way_does_not_grow_with_the_size() {
    let worlds = |units| {
        let slow = |frame: Frame| {
            let frame = Frame {
                run_max: 24,
                ..frame
            };
            Setting::new(units, 1, Timestamp::default(), frame).unwrap()
        };
        [
            Scenario::Dairy(slow(dairy::FRAME)),
            Scenario::Toy(slow(toy::FRAME)),
            Scenario::PowerBank(slow(powerbank::FRAME)),
            Scenario::Shrimp(slow(shrimp::FRAME)),
            Scenario::Parcel(slow(parcel::FRAME)),
        ]
    };
    let peak = |world: &Scenario| {
        let mut stream = world.stream(PlainSerials::default());
        let mut peak = 0;
        while stream.next().is_some() {
            peak = peak.max(stream.under_way());
        }
        peak
    };
    for (small, large) in worlds(3_000).iter().zip(&worlds(12_000)) {
        let (of_small, of_large) = (peak(small), peak(large));
        assert!(
            of_large * 2 < of_small * 3,
            "{}: {of_small} and {of_large}",
            small.name()
        );
    }
}

#[test]
fn the_question_names_what_its_world_is_about() {
    for (name, seed, fields) in [
        ("formula", 1, vec!["hazard", "places", "policies"]),
        ("dairy", 1, vec!["hazard", "places", "policies"]),
        ("dairy", 2, vec!["hazard", "lots", "policies"]),
        ("toy", 1, vec!["hazard", "lots"]),
        ("powerbank", 1, vec!["hazard", "ranges"]),
        ("shrimp", 1, vec!["containers", "hazard"]),
        ("parcel", 1, vec!["hazard", "lots"]),
    ] {
        let question = ran(name, least(name), seed).truth.question;
        let json: Value = serde_json::from_slice(&question.to_json()).unwrap();
        let found: Vec<&str> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(found, fields, "{name}");
    }
}
