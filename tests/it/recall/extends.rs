//! A scope grows by versions: nothing frozen is edited, nothing drops out without a release.

use std::collections::{BTreeMap, BTreeSet};

use suyuan::app::{self, Clock, Code, VerifyOptions};
use suyuan::epcis::Timestamp;
use suyuan::recall::{Action, Answer, Change, UnitLine, UnitQuery, Why};

use super::given::*;
use crate::harness::app::{NOW, TestApp};

/// A day after everything else.
const LATER: Timestamp = Timestamp::from_micros(NOW.micros() + 86_400_000_000);

fn minutes_later(step: usize) -> Timestamp {
    let minutes = i64::try_from(step).unwrap() + 1;
    Timestamp::from_micros(NOW.micros() + minutes * 60_000_000)
}

fn ids(lines: &[UnitLine]) -> BTreeSet<&str> {
    lines.iter().map(|line| line.id.as_str()).collect()
}

fn tins_from(first: u32, count: u32) -> Vec<String> {
    (first..first + count).map(tin).collect()
}

/// A recall of the milk that was notified: three tins at the shop, one sold.
fn notified(world: &TestApp) -> String {
    let recall = opened(world, &by_lot(MILK)).recall.unwrap();
    acted(world, &recall, Action::Decide, "maker").unwrap();
    acted(world, &recall, Action::Notify, "maker").unwrap();
    recall
}

/// The world with twelve more tins of the milk, which the kiosk has; the event that filled them.
fn with_twelve(world: &TestApp) -> String {
    let filled = filled_many("51", "08:10", MILK, &tins_from(300, 12));
    let received = object(
        "52",
        "09:10",
        OTHER_SHOP,
        "receiving",
        &tins_from(300, 12),
        None,
    );
    record(world, &[filled.clone(), received]);
    filled
}

fn task<'v>(view: &'v suyuan::recall::RecallView, holder: &str) -> Option<(&'v str, u64)> {
    let task = view.tasks.iter().find(|task| task.holder == holder)?;
    Some((task.state, task.unit_count))
}

/// How many tins changed in a way, by why and the end of the event's id.
type Told = BTreeMap<(Change, Why, String), usize>;

fn reasons_of(list: &[(Change, Why, &str, usize)]) -> Told {
    let told = list.iter();
    told.map(|(change, why, event, count)| ((*change, *why, (*event).to_owned()), *count))
        .collect()
}

/// Why the newest version says something else of tins than the one before it.
fn why_tins_differ(world: &TestApp, recall: &str) -> Told {
    let mut told = Told::new();
    for line in differing(world, recall) {
        if line.id.contains("/21/") {
            let event = line.event.unwrap_or_default();
            let end = event[event.len().saturating_sub(2)..].to_owned();
            *told.entry((line.change, line.why, end)).or_default() += 1;
        }
    }
    told
}

both! {
    fn late_evidence_adds_a_holder_and_leaves_the_frozen_version_as_it_was(db) {
        let world = chain(db);
        record(&world, &[filled_many("41", "09:30", MILK, &tins_from(100, 10))]);
        let recall = notified(&world);
        let first = shown(&world, &recall, Some(1));
        let listing = listed_at(&world, &recall, Some(1));
        assert_eq!(first.unit_count, 14);
        // Before the recall was opened the kiosk had them already; it only says so now.
        record(&world, &[object("42", "17:00", OTHER_SHOP, "receiving", &tins_from(100, 10), None)]);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.version, view.recorded, view.unit_count, view.in_effect), (2, true, 14, 14));
        assert_eq!((view.difference.units.changed, view.difference.units.added), (10, 0));
        assert_eq!((view.difference.why.late_evidence, view.difference.why.new_event), (10, 0));
        assert_eq!(view.difference.holders_added, ["kiosk"]);
        assert_eq!(view.difference.holders_without_goods, ["maker"]);
        let lines = differing(&world, &recall);
        assert_eq!(lines.len(), 10);
        for line in &lines {
            assert_eq!((line.change, line.why), (Change::Changed, Why::LateEvidence));
            assert!(line.event.as_deref().unwrap().ends_with("42"), "{line:?}");
            let (was, now) = (line.was.as_ref().unwrap(), line.now.as_ref().unwrap());
            assert_eq!((was.holding.holder.as_str(), now.holding.holder.as_str()), ("maker", "kiosk"));
            assert!(line.path[0].ends_with("41"), "{:?}", line.path);
        }
        let now = shown(&world, &recall, None);
        assert_eq!(now.version, 2);
        assert_eq!((task(&now, "kiosk"), task(&now, "shop")), (Some(("sent", 10)), Some(("sent", 3))));
        assert_eq!(task(&now, "maker"), Some(("sent", 10)), "goods that moved on were there");
        assert_eq!(now.history.last().unwrap().action, "extend");

        assert_eq!(listed_at(&world, &recall, Some(1)), listing);
        let again = shown(&world, &recall, Some(1));
        assert_eq!((&again.digest, &again.holders, &again.position), (&first.digest, &first.holders, &first.position));
        let position = serde_json::to_string(&first.position).unwrap();
        assert_eq!(tried(&world, &by_lot(MILK), Some(&position)).unwrap().digest, first.digest);
    }

    fn late_evidence_adds_units_with_their_path(db) {
        let world = chain(db);
        let recall = notified(&world);
        record(&world, &[
            filled_many("41", "08:20", MILK, &tins_from(100, 10)),
            object("42", "12:00", OTHER_SHOP, "receiving", &tins_from(100, 10), None),
        ]);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.unit_count, view.difference.units.added), (14, 10));
        assert_eq!(view.difference.lots.changed, 1, "more of the milk was used up");
        assert_eq!(view.difference.holders_added, ["kiosk"]);
        let lines = differing(&world, &recall);
        let added: Vec<_> = lines.iter().filter(|line| line.change == Change::Added).collect();
        assert_eq!(added.len(), 10);
        for line in added {
            assert_eq!((line.why, line.was.as_ref()), (Why::LateEvidence, None));
            let now = line.now.as_ref().unwrap();
            assert_eq!((now.certainty, now.holding.place.as_deref()), ("asserted", Some(OTHER_SHOP)));
            assert!(line.event.as_deref().unwrap().ends_with("41") && line.path[0].ends_with("41"), "{line:?}");
        }
    }

    fn what_is_taken_back_stays_tasked_until_its_removal_is_released(db) {
        let world = chain(db);
        let filled = with_twelve(&world);
        let recall = notified(&world);
        let first = shown(&world, &recall, None);
        assert_eq!((first.unit_count, task(&first, "kiosk")), (16, Some(("sent", 12))));
        answered(&world, &recall, Action::Ack, "kiosk", Answer { found: Some(12), quarantined: Some(12) }).unwrap();
        record(&world, &[declared(&filled)]);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.version, view.unit_count, view.in_effect), (2, 4, 16));
        assert_eq!(view.difference.units.proposed_removal, 12);
        assert_eq!(view.difference.holders_without_goods, Vec::<String>::new(), "{:?}", view.difference);
        let lines = differing(&world, &recall);
        let proposed: Vec<_> = lines.iter().filter(|line| line.change == Change::ProposedRemoval).collect();
        assert_eq!(proposed.len(), 12);
        for line in proposed {
            assert_eq!((line.why, line.now.as_ref()), (Why::Correction, None));
            assert_eq!(line.was.as_ref().unwrap().holding.holder, "kiosk");
            assert!(line.event.as_deref().unwrap().ends_with("51"), "{line:?}");
        }
        let now = shown(&world, &recall, None);
        assert_eq!((now.unit_count, now.in_effect), (4, 16));
        assert_eq!((now.proposed_removals[0].version, now.proposed_removals[0].unit_count), (2, 12));
        assert_eq!(task(&now, "kiosk"), Some(("acknowledged", 12)), "tasked as before");
        let listing = listed(&world, &operator("maker"), &recall, None);
        assert_eq!(listing.iter().filter(|line| line.proposed_removal).count(), 12);
        assert_eq!(listing.len(), 17, "the milk, four tins, and twelve that stay");
        assert!(listed(&world, &operator("maker"), &recall, Some("kiosk")).iter().all(|line| line.proposed_removal));

        let released = app::release_recall(&world.app, &operator("maker"), &recall, Some(2), "never filled").unwrap();

        assert_eq!((released.unit_count, released.versions), (12, vec![2]));
        let after = shown(&world, &recall, None);
        assert_eq!((after.in_effect, &after.proposed_removals), (4, &vec![]));
        assert_eq!(task(&after, "kiosk"), Some(("released", 0)));
        let task = after.tasks.iter().find(|task| task.holder == "kiosk").unwrap();
        assert_eq!((task.reason.as_deref(), task.found), (Some("never filled"), Some(12)));
        assert_eq!(after.history.last().unwrap().action, "release");
        assert_eq!(listed(&world, &operator("maker"), &recall, None).len(), 5);
        assert_eq!(listed_at(&world, &recall, Some(2)).len(), 17, "version 2 stays as it was frozen");
        let problem = app::release_recall(&world.app, &operator("maker"), &recall, None, "again").unwrap_err();
        assert_eq!(problem.code, Code::IllegalMove);
        assert_eq!(extended(&world, &recall).unwrap_err().code, Code::NothingDiffers);
    }

    fn nothing_drops_out_without_a_release_and_everything_is_rebuilt(db) {
        let mut world = chain(db);
        let filled = with_twelve(&world);
        let recall = notified(&world);
        let steps: Vec<Vec<String>> = vec![
            vec![object("61", "18:00", SHOP, "retail_selling", &[tin(2), tin(3)], None)],
            vec![declared(&filled)],
            vec![filled_many("62", "08:40", MILK, &tins_from(400, 3))],
            vec![filled_many("63", "08:10", MILK, &tins_from(300, 6))],
            vec![declared(&object("61", "18:00", SHOP, "retail_selling", &[tin(2), tin(3)], None))],
            vec![object("64", "19:00", SHOP, "destroying", &[tin(4)], None)],
        ];
        let late = Why::LateEvidence;
        let reasons = [
            (Change::Changed, late, "61", 2),
            (Change::ProposedRemoval, Why::Correction, "51", 12),
            (Change::Added, late, "62", 3),
            (Change::Restored, late, "63", 6),
            (Change::Changed, Why::Correction, "61", 2),
            (Change::Changed, late, "64", 1),
        ];
        let mut before: Vec<UnitLine> = listed(&world, &operator("maker"), &recall, None);
        for (step, events) in steps.iter().enumerate() {
            world.app.clock = Clock::standing(minutes_later(step));
            record(&world, events);
            let view = extended(&world, &recall).unwrap();
            assert_eq!(usize::try_from(view.version).unwrap(), step + 2);
            let now = listed(&world, &operator("maker"), &recall, None);
            let gone: Vec<&str> = ids(&before).difference(&ids(&now)).copied().collect();
            assert_eq!(gone, Vec::<&str>::new(), "step {step}");
            assert_eq!(why_tins_differ(&world, &recall), reasons_of(&[reasons[step]]), "step {step}");
            before = now;
        }
        assert_eq!(shown(&world, &recall, None).proposed_removals[0].unit_count, 6, "six were found again");
        let fifth = shown(&world, &recall, Some(5));
        assert_eq!(fifth.in_effect, 19);
        app::release_recall(&world.app, &operator("office"), &recall, None, "never filled").unwrap();
        world.app.clock = Clock::standing(LATER);
        record(&world, &[filled_many("65", "08:10", MILK, &tins_from(306, 2))]);
        let view = extended(&world, &recall).unwrap();
        assert_eq!((view.difference.units.added, view.difference.units.released), (2, 4), "{:?}", view.difference);
        let reasons = [(Change::Added, late, "65", 2), (Change::Released, Why::Release, "", 4)];
        assert_eq!(why_tins_differ(&world, &recall), reasons_of(&reasons));
        assert_eq!(view.difference.why.correction, 0);

        let shown_before: Vec<_> = (1..=8).map(|version| shown(&world, &recall, Some(version))).collect();
        let lines = listed(&world, &operator("maker"), &recall, None);
        let versions = app::recall_versions(&world.app, &operator("maker"), &recall).unwrap();
        assert_eq!(versions.len(), 8);
        let report = db.conn().write(|conn| app::rebuild(&world.app, conn, &mut |_| {})).unwrap();
        assert!(report.equal, "{report:?}");
        let shown_after: Vec<_> = (1..=8).map(|version| shown(&world, &recall, Some(version))).collect();
        assert_eq!(shown_after, shown_before);
        assert_eq!(listed(&world, &operator("maker"), &recall, None), lines);
        assert_eq!(app::recall_versions(&world.app, &operator("maker"), &recall).unwrap(), versions);
        let verified = app::verify(&world.app, &mut db.conn(), &VerifyOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(verified.bad, vec![]);
    }

    fn old_versions_are_evaluated_alike_after_their_logs_were_merged(db) {
        let world = chain(db);
        let recall = notified(&world);
        let first = shown(&world, &recall, None);
        for number in 0..70 {
            let hour = format!("{:02}:{:02}", 16 + number / 30, number % 30);
            record(&world, &[numbered(number, &object("XX", &hour, SHOP, "inspecting", &[tin(2)], None))]);
        }
        record(&world, &[object("71", "20:00", OTHER_SHOP, "receiving", &[tin(2)], None)]);
        extended(&world, &recall).unwrap();

        let report = app::check_rebuild(&world.app, &mut db.conn(), &mut |_| {}).unwrap();

        assert!(report.equal, "{report:?}");
        let position = serde_json::to_string(&first.position).unwrap();
        assert_eq!(tried(&world, &by_lot(MILK), Some(&position)).unwrap().digest, first.digest);
    }

    fn an_answered_task_is_opened_again_when_its_holder_has_more(db) {
        let world = chain(db);
        let recall = notified(&world);
        answered(&world, &recall, Action::Ack, "shop", Answer { found: Some(3), quarantined: Some(3) }).unwrap();
        acted(&world, &recall, Action::Close, "maker").unwrap();
        assert_eq!(shown(&world, &recall, None).state, "closed");
        record(&world, &[
            filled_many("41", "08:20", MILK, &tins_from(100, 2)),
            object("42", "12:00", SHOP, "receiving", &tins_from(100, 2), None),
        ]);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.state, view.open_tasks), (Some("executing"), Some(1)));
        let now = shown(&world, &recall, None);
        assert_eq!(task(&now, "shop"), Some(("sent", 5)));
        let task = now.tasks.iter().find(|task| task.holder == "shop").unwrap();
        assert_eq!((task.found, task.reason.as_deref()), (Some(3), Some("new evidence")));
    }

    fn what_happens_after_the_freeze_is_told_from_what_was_known_late(db) {
        let mut world = chain(db);
        let recall = notified(&world);
        world.app.clock = Clock::standing(LATER);
        let sold = object("61", "18:00", SHOP, "retail_selling", &[tin(2)], None);
        record(&world, &[sold.replace("2026-09-20T18:00", "2026-09-22T08:00")]);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.difference.why.new_event, view.difference.why.late_evidence), (1, 0));
        assert_eq!(task(&shown(&world, &recall, None), "shop"), Some(("sent", 3)), "a count never falls by itself");
    }

    fn a_scan_knows_what_is_in_effect(db) {
        let world = chain(db);
        let filled = with_twelve(&world);
        let recall = notified(&world);
        record(&world, &[declared(&filled)]);
        extended(&world, &recall).unwrap();
        let told = vec![recall.clone()];
        assert_eq!(warned(&world, &tin(305)), told, "proposed is not released");
        assert_eq!(warned(&world, &tin(2)), told);

        app::release_recall(&world.app, &operator("maker"), &recall, None, "never filled").unwrap();

        assert_eq!(warned(&world, &tin(305)), Vec::<String>::new());
        assert_eq!(warned(&world, &tin(2)), told);
    }

    fn what_the_recall_names_stays_in_effect_when_its_only_event_is_taken_back(db) {
        let world = chain(db);
        let seen = object("41", "09:30", OTHER_SHOP, "receiving", &[tin(500)], None);
        record(&world, std::slice::from_ref(&seen));
        let recall = opened(&world, &by_serial(&tin(500))).recall.unwrap();
        record(&world, &[declared(&seen)]);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.unit_count, view.in_effect, view.difference.units.proposed_removal), (0, 1, 1));
        assert_eq!(view.difference.why.correction, 1);
        let now = shown(&world, &recall, None);
        assert_eq!((now.in_effect, now.definition.units.len()), (1, 1));
        let report = app::check_rebuild(&world.app, &mut db.conn(), &mut |_| {}).unwrap();
        assert!(report.equal, "{report:?}");
    }

    fn a_listing_is_of_one_edition_of_the_scope(db) {
        let world = chain(db);
        let recall = notified(&world);
        let query = UnitQuery::default();
        let maker = operator("maker");
        let first = app::recall_units(&world.app, &maker, &recall, query).unwrap();
        let written = first.next.unwrap().to_string();
        let after = Some(written.parse().unwrap());
        app::recall_units(&world.app, &maker, &recall, UnitQuery { after, ..query }).unwrap();
        record(&world, &[object("61", "18:00", SHOP, "retail_selling", &[tin(2)], None)]);
        extended(&world, &recall).unwrap();

        let problem = app::recall_units(&world.app, &maker, &recall, UnitQuery { after, ..query }).unwrap_err();

        assert!(problem.detail.contains("was changed since the first page"), "{problem}");
    }

    fn a_recall_extended_before_it_is_notified_tasks_everyone_in_effect(db) {
        let world = chain(db);
        let filled = with_twelve(&world);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        record(&world, &[declared(&filled)]);
        extended(&world, &recall).unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();

        let now = shown(&world, &recall, None);

        assert_eq!((task(&now, "kiosk"), task(&now, "shop")), (Some(("sent", 12)), Some(("sent", 3))));
    }
}
