//! Why something is not found any more: the event that took its reason away is told.

use suyuan::app;
use suyuan::recall::{Change, DiffLine, Language, Request, Why};

use super::given::*;
use crate::harness::app::TestApp;

const DRUM: &str = "https://id.gs1.org/00/195212340000000027";

/// What was in the drum while its cold chain was broken.
fn in_drum() -> Request {
    let scope = format!(
        r#"{{"containers":[{{"unit":"{DRUM}","from":"2026-09-20T11:00:00Z","until":"2026-09-20T11:30:00Z"}}]}}"#
    );
    Request::read(scope.as_bytes()).unwrap()
}

/// Tins go into the drum, or out of it: of all of them when none is named.
fn handled(id: &str, at: &str, action: &str, tins: &[String]) -> String {
    let step = if action == "ADD" {
        "packing"
    } else {
        "unpacking"
    };
    let event = object(id, at, PLANT, step, tins, None);
    let event = event.replace("ObjectEvent", "AggregationEvent");
    let event = event
        .replace("OBSERVE", action)
        .replace("epcList", "childEPCs");
    let parent = format!(r#""parentID":"{DRUM}","type""#);
    event.replacen(r#""type""#, &parent, 1)
}

/// Two tins are taken out of the drum, and nobody recorded that they went in: a recall assumes they were in it.
fn assumed(world: &TestApp) -> String {
    let out = handled("51", "12:00", "DELETE", &[tin(5), tin(6)]);
    let drum = object("52", "11:10", PLANT, "inspecting", &[DRUM.to_owned()], None);
    record(world, &[drum, out]);
    let view = opened(world, &in_drum());
    assert_eq!(view.certainty.unwrap().assumed, 2);
    view.recall.unwrap()
}

fn removals(lines: &[DiffLine]) -> Vec<(&str, Why, Option<&str>)> {
    let gone = |line: &&DiffLine| line.change == Change::ProposedRemoval;
    let lines = lines.iter().filter(gone);
    let last = |event: &String| event.len() - 2;
    lines
        .map(|line| {
            let event = line.event.as_ref().map(|event| &event[last(event)..]);
            (line.id.as_str(), line.why, event)
        })
        .collect()
}

both! {
    fn a_late_packing_takes_away_that_something_was_in_a_container(db) {
        let world = chain(db);
        let recall = assumed(&world);
        record(&world, &[handled("61", "11:45", "ADD", &[tin(5)])]);
        let view = extended(&world, &recall).unwrap();
        assert_eq!((view.difference.units.proposed_removal, view.difference.why.late_evidence), (1, 1));
        let lines = differing(&world, &recall);
        assert_eq!(removals(&lines), [(tin(5).as_str(), Why::LateEvidence, Some("61"))]);

        let found = app::why_recalled(&world.app, &operator("maker"), &recall, None, &tin(5), Language::En).unwrap();
        let steps: Vec<_> = found.steps.iter().filter_map(|step| step.event.as_deref()).collect();
        assert!(steps[0].ends_with("61"), "{:?}", found.steps);
    }

    fn a_late_emptying_takes_away_that_anything_was_in_a_container_before(db) {
        let world = chain(db);
        let recall = assumed(&world);
        record(&world, &[handled("61", "11:45", "DELETE", &[])]);
        extended(&world, &recall).unwrap();
        let late = |tin| (tin, Why::LateEvidence, Some("61"));
        let (five, six) = (tin(5), tin(6));
        assert_eq!(removals(&differing(&world, &recall)), [late(five.as_str()), late(six.as_str())]);
    }

    fn each_thing_is_told_with_the_event_that_took_its_own_reason_away(db) {
        let world = chain(db);
        let recall = assumed(&world);
        record(&world, &[
            object("61", "11:40", PLANT, "inspecting", &[tin(6)], None),
            handled("62", "11:45", "ADD", &[tin(5)]),
            object("63", "18:00", PLANT, "inspecting", &[tin(5), tin(6)], None),
        ]);
        extended(&world, &recall).unwrap();
        let (five, six) = (tin(5), tin(6));
        let late = |tin, event| (tin, Why::LateEvidence, Some(event));
        assert_eq!(removals(&differing(&world, &recall)), [late(five.as_str(), "62"), late(six.as_str(), "61")]);
    }

    fn what_was_taken_back_is_a_correction_as_before(db) {
        let world = chain(db);
        let packed = handled("50", "10:45", "ADD", &[tin(5)]);
        record(&world, &[packed.clone(), handled("51", "12:00", "DELETE", &[])]);
        let recall = opened(&world, &in_drum()).recall.unwrap();
        let seen = object("61", "11:40", PLANT, "inspecting", &[tin(5)], None);
        record(&world, &[declared(&packed), seen]);
        extended(&world, &recall).unwrap();
        let five = tin(5);
        assert_eq!(removals(&differing(&world, &recall)), [(five.as_str(), Why::Correction, Some("50"))]);
    }
}
