//! The truth against what the reports and the question imply, by a plain fold over the events in the order of
//! their times: taint goes from what is named along processes, other names, vessels and containers. Not the
//! product's trace, and simple enough to be believed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tests::{Ran, each, events, ran, world};
use super::{Question, World};
use crate::epcis::Timestamp;

struct Fold<'a> {
    question: &'a Question,
    /// The other names of a lot.
    names: BTreeMap<&'a str, Vec<&'a str>>,
    bad: BTreeSet<String>,
    bad_processes: BTreeSet<String>,
    bad_vessels: BTreeSet<String>,
    inside: BTreeMap<String, BTreeSet<String>>,
}

fn time(event: &Value) -> Timestamp {
    event["eventTime"].as_str().unwrap().parse().unwrap()
}

fn list<'e>(event: &'e Value, field: &str) -> Vec<&'e str> {
    let elements = event[field].as_array().into_iter().flatten();
    elements
        .map(|element| {
            element
                .as_str()
                .or_else(|| element["epcClass"].as_str())
                .unwrap()
        })
        .collect()
}

/// The check digit of logistic units is in links and not in URNs.
fn one_form(epc: &str) -> String {
    if let Some(urn) = epc.strip_prefix("urn:epc:id:sscc:") {
        let (company, rest) = urn.split_once('.').unwrap();
        return format!("sscc {}{company}{}", &rest[..1], &rest[1..]);
    }
    match epc.strip_prefix("https://id.gs1.org/00/") {
        Some(sscc) => format!("sscc {}", &sscc[..17]),
        None => epc.to_owned(),
    }
}

impl<'a> Fold<'a> {
    fn new(question: &'a Question, world: &'a World) -> Self {
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for alias in &world.aliases {
            names.entry(&alias.id).or_default().push(&alias.same_as);
            names.entry(&alias.same_as).or_default().push(&alias.id);
        }
        let mut fold = Self {
            question,
            names,
            bad: BTreeSet::new(),
            bad_processes: BTreeSet::new(),
            bad_vessels: BTreeSet::new(),
            inside: BTreeMap::new(),
        };
        for id in question.lots.iter().chain(&question.units) {
            fold.spoil(id);
        }
        fold
    }

    /// Something is affected, under all its names.
    fn spoil(&mut self, id: &str) {
        if !self.bad.insert(id.to_owned()) {
            return;
        }
        let other: Vec<&str> = self.names.get(id).into_iter().flatten().copied().collect();
        // A lot that two deliveries were made of is not the other delivery.
        if self.question.lots.iter().any(|lot| lot == id) {
            for name in other {
                self.bad.insert(name.to_owned());
            }
        }
    }

    fn over(&mut self, events: &[Value]) {
        let mut in_order: Vec<&Value> = events.iter().collect();
        in_order.sort_by_key(|event| time(event));
        let window = self.question.containers.first();
        let mut begins: Option<Timestamp> = window.map(|window| window.from.parse().unwrap());
        for event in in_order {
            if begins.is_some_and(|from| from <= time(event)) {
                begins = None;
                self.expose();
            }
            self.hear(event);
        }
    }

    /// What is inside the container when its window begins; nothing goes in or out before it ends.
    fn expose(&mut self) {
        let container = self.question.containers[0].unit.clone();
        let mut open = vec![container];
        while let Some(container) = open.pop() {
            for child in self.inside.get(&container).cloned().unwrap_or_default() {
                if child.contains("/01/") {
                    self.spoil(&child);
                }
                open.push(child);
            }
        }
    }

    fn hear(&mut self, event: &Value) {
        let place = event["readPoint"]["id"].as_str().unwrap_or_default();
        if event["bizStep"]
            .as_str()
            .unwrap_or_default()
            .ends_with("cleaning")
        {
            self.bad_vessels.remove(place);
        }
        match event["type"].as_str().unwrap() {
            "AggregationEvent" => self.pack(event),
            "TransformationEvent" => self.process(event, place),
            _ => {}
        }
        for born in list(event, "outputEPCList") {
            let in_range = |range: &super::SerialRange| (&*range.from..=&*range.to).contains(&born);
            if self.question.ranges.iter().any(in_range) {
                self.spoil(born);
            }
        }
    }

    fn pack(&mut self, event: &Value) {
        let parent = one_form(event["parentID"].as_str().unwrap());
        let children: Vec<String> = list(event, "childEPCs").into_iter().map(one_form).collect();
        let inside = self.inside.entry(parent).or_default();
        if event["action"] == "ADD" {
            inside.extend(children);
        } else if children.is_empty() {
            inside.clear();
        } else {
            inside.retain(|child| !children.contains(child));
        }
    }

    fn process(&mut self, event: &Value, place: &str) {
        let at = time(event);
        let id = event["transformationID"].as_str().unwrap_or_default();
        let inputs = [
            list(event, "inputEPCList"),
            list(event, "inputQuantityList"),
        ]
        .concat();
        let outputs = [
            list(event, "outputEPCList"),
            list(event, "outputQuantityList"),
        ]
        .concat();
        let policies = self.question.policies.clone().unwrap_or_default();
        let hazard = self.question.hazard.as_deref().unwrap();
        let stops = policies
            .kill_steps
            .iter()
            .any(|step| step.place == place && step.stops.contains(&hazard));
        let is_vessel = policies.vessels.iter().any(|vessel| vessel.vessel == place);
        let in_window = self.question.places.iter().any(|window| {
            let from: Timestamp = window.from.parse().unwrap();
            let until: Timestamp = window.until.parse().unwrap();
            window.place == place && (from..until).contains(&at)
        });
        let is_bad = in_window
            || inputs.iter().any(|input| self.bad.contains(*input))
            || self.bad_processes.contains(id)
            || (is_vessel && self.bad_vessels.contains(place));
        if !is_bad || stops {
            return;
        }
        if !id.is_empty() {
            self.bad_processes.insert(id.to_owned());
        }
        if is_vessel {
            self.bad_vessels.insert(place.to_owned());
        }
        for output in outputs {
            self.spoil(output);
        }
    }
}

fn implied(ran: &Ran, question: &Question, world: &World) -> BTreeSet<String> {
    let mut fold = Fold::new(question, world);
    fold.over(&events(ran));
    fold.bad
}

fn truth(ran: &Ran) -> BTreeSet<String> {
    let lots = ran.truth.lots.iter().map(|lot| lot.id.to_string());
    lots.chain(ran.truth.ids().map(str::to_owned)).collect()
}

#[test]
fn the_truth_is_what_the_reports_and_the_question_imply() {
    each(|name, units, seed| {
        let ran = ran(name, units, seed);
        let found = implied(&ran, &ran.truth.question, &world(name, units, seed).world());
        assert_eq!(found, truth(&ran), "{name} {units} {seed}");
    });
}

#[test]
fn the_plain_question_leads_to_the_same_answer() {
    each(|name, units, seed| {
        let ran = ran(name, units, seed);
        let Some(plain) = &ran.truth.plain_question else {
            assert_eq!(name, "dairy");
            return;
        };
        assert!(plain.ranges.is_empty() && plain.containers.is_empty());
        let known = plain.policies.clone().unwrap_or_default();
        assert!(known.vessels.is_empty() && known.kill_steps.is_empty());
        let found = implied(&ran, plain, &World::default());
        assert_eq!(found, truth(&ran), "{name} {units} {seed}");
    });
}

#[test]
fn without_vessels_or_with_a_kill_step_for_every_hazard_the_dairy_would_be_another() {
    for seed in [1, 2] {
        let ran = ran("dairy", 400, seed);
        let world = World::default();
        let mut question = ran.truth.question.clone();
        let policies = question.policies.as_mut().unwrap();
        policies.vessels.clear();
        assert!(implied(&ran, &question, &world).len() < truth(&ran).len());
        let mut question = ran.truth.question.clone();
        question.policies.as_mut().unwrap().kill_steps.clear();
        let without = implied(&ran, &question, &world);
        // Heat stops listeria, and no residue.
        assert_eq!(without == truth(&ran), seed == 1);
    }
}
