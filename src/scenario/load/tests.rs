use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn load(is_shuffled: bool) -> Load {
    let start = "2026-01-05T00:00:00Z".parse().unwrap();
    Load::new(LoadPlan {
        items: 20_000,
        seed: 7,
        is_shuffled,
        start,
    })
    .unwrap()
}

fn of(load: &Load, deed: Deed) -> Vec<&Step> {
    load.steps()
        .iter()
        .filter(|step| step.deed == deed)
        .collect()
}

#[test]
fn every_item_is_made_once_and_packed_once() {
    for is_shuffled in [false, true] {
        let load = load(is_shuffled);
        let all: Vec<u32> = (0..20_000).collect();
        let mut made: Vec<u32> = of(&load, Deed::Make)
            .iter()
            .flat_map(|step| step.units.clone())
            .collect();
        made.sort_unstable();
        assert_eq!(made, all);
        let packed = of(&load, Deed::Pack).into_iter();
        let mut packed: Vec<u32> = packed.flat_map(|step| step.units.clone()).collect();
        packed.retain(|unit| *unit < load.item_count());
        packed.sort_unstable();
        assert_eq!(packed, all);
    }
}

#[test]
fn nothing_happens_to_a_unit_before_it_exists_or_in_two_steps_at_once() {
    let load = load(true);
    let mut last: BTreeMap<u32, Timestamp> = BTreeMap::new();
    for step in load.steps() {
        for unit in step.units.iter().chain(&step.container) {
            let before = last.insert(*unit, step.time);
            assert!(before.is_none_or(|before| before < step.time), "{step:?}");
        }
    }
}

#[test]
fn a_tenth_is_made_in_the_window() {
    let load = load(false);
    let window = load.window();
    let line = |site: u32| load.sites()[site as usize].link == window.place;
    let inside = load
        .steps()
        .iter()
        .filter(|step| line(step.site) && (window.from..window.until).contains(&step.time));
    assert_eq!(inside.map(|step| step.units.len()).sum::<usize>(), 2_000);
    assert_eq!(load.affected_count(), 2_000);
}

#[test]
fn in_order_a_case_holds_neighbours_and_shuffled_it_holds_items_of_both_lines() {
    let lines_in_a_case = |load: &Load| {
        let mut line_of = BTreeMap::new();
        for step in of(load, Deed::Make) {
            line_of.extend(step.units.iter().map(|unit| (*unit, step.site)));
        }
        let cases = of(load, Deed::Pack)
            .into_iter()
            .filter(|step| step.units[0] < load.item_count());
        let lines: Vec<usize> = cases
            .map(|step| {
                step.units
                    .iter()
                    .map(|unit| line_of[unit])
                    .collect::<BTreeSet<_>>()
                    .len()
            })
            .collect();
        (
            lines.iter().filter(|lines| **lines == 2).count(),
            lines.len(),
        )
    };
    let (mixed, _) = lines_in_a_case(&load(false));
    assert!(
        mixed <= 5,
        "one case a day where the lines meet, not {mixed}"
    );
    let (mixed, cases) = lines_in_a_case(&load(true));
    assert!(mixed > cases * 9 / 10, "{mixed} of {cases}");
}

#[test]
fn every_fate_occurs_and_does_not_depend_on_the_order_of_packing() {
    let kinds = |load: &Load| -> Vec<(Deed, Timestamp)> {
        load.steps()
            .iter()
            .map(|step| (step.deed, step.time))
            .collect()
    };
    let ordered = load(false);
    assert_eq!(kinds(&ordered), kinds(&load(true)));
    for deed in [Deed::Ship, Deed::Receive, Deed::Empty, Deed::Sell] {
        assert!(!of(&ordered, deed).is_empty(), "{deed:?}");
    }
    assert!(of(&ordered, Deed::Receive).len() < of(&ordered, Deed::Ship).len());
}

#[test]
fn a_step_reads_as_an_event() {
    let load = load(false);
    let serial = |item: u32| format!("S{item}");
    let body = |deed| {
        let number = load
            .steps()
            .iter()
            .position(|step| step.deed == deed)
            .unwrap();
        String::from_utf8(load.body(number, &serial)).unwrap()
    };
    let made = body(Deed::Make);
    assert!(made.contains(r#""bizStep":"commissioning""#), "{made}");
    assert!(
        made.contains(&format!("/01/{}/21/S0\"", load.lots()[0].gtin)),
        "{made}"
    );
    let shipped = body(Deed::Ship);
    assert!(shipped.contains(r#""type":"location","destination":"https://id.gs1.org/414/"#));
    assert!(!shipped.contains("bizLocation"), "{shipped}");
    let emptied = body(Deed::Empty);
    assert!(
        emptied.contains(r#""parentID":"https://id.gs1.org/00/"#),
        "{emptied}"
    );
}

#[test]
fn too_few_items_are_refused() {
    let plan = LoadPlan {
        items: 1_999,
        seed: 1,
        is_shuffled: false,
        start: Timestamp::default(),
    };
    let refusal = Load::new(plan).unwrap_err();
    assert_eq!(
        refusal,
        ScenarioError::TooFew {
            units: 1_999,
            least: 2_000
        }
    );
}
