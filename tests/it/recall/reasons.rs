//! What a scope left out, why a thing is in it or not, and what its rules cost.

use suyuan::app::{self, Code};
use suyuan::parties::Role;
use suyuan::recall::{ExcludedLine, Explanation, Language, Request, RequestedKillStep, RuleCost};

use super::given::*;
use crate::harness::app::TestApp;

fn left_out(world: &TestApp, recall: &str) -> Vec<ExcludedLine> {
    let mut lines = Vec::new();
    app::each_recall_excluded(&world.app, &operator("maker"), recall, None, &mut |line| {
        lines.push(line.clone());
        Ok(())
    })
    .unwrap();
    lines
}

fn why(world: &TestApp, recall: &str, id: &str, language: Language) -> Explanation {
    app::why_recalled(&world.app, &operator("maker"), recall, None, id, language).unwrap()
}

/// The line between two hours, its stamps taken as they are.
fn stamped(from: &str, until: &str, guard: Option<&str>) -> Request {
    let mut request = by_place(from, until, guard);
    request.policies.starts = Some("stamped".to_owned());
    request
}

both! {
    fn what_was_looked_at_and_left_out_is_listed_with_its_reason(db) {
        let world = chain(db);
        let view = opened(&world, &stamped("07:30", "08:30", None));
        let recall = view.recall.unwrap();

        let lines = left_out(&world, &recall);

        let tins: Vec<(&str, &str)> = lines.iter().map(|line| (line.id.as_str(), line.reason)).collect();
        let (five, six) = (tin(5), tin(6));
        assert!(tins.contains(&(five.as_str(), "outside_window")), "{tins:?}");
        assert!(tins.contains(&(six.as_str(), "outside_window")), "{tins:?}");
        let outside = lines.iter().filter(|line| line.reason == "outside_window");
        assert!(outside.clone().all(|line| line.event.ends_with("02")), "{lines:?}");
        let went_in = lines.iter().find(|line| line.reason == "went_in").unwrap();
        assert_eq!(went_in.id, MILK);
        let page = app::recall_excluded(&world.app, &bearer("shop", Role::Retailer), &recall, None, None);
        assert_eq!(page.unwrap_err().code, Code::NotFound, "who has no task sees nothing");
    }

    fn one_thing_is_explained_step_by_step(db) {
        let world = chain(db);
        let recall = opened(&world, &stamped("07:30", "08:30", None)).recall.unwrap();

        let found = why(&world, &recall, &tin(1), Language::En);
        assert!(found.affected);
        assert_eq!((found.certainty, found.reason), (Some("asserted"), None));
        let steps: Vec<&str> = found.steps.iter().map(|step| step.text.as_str()).collect();
        assert!(steps[0].starts_with("took part in an event at"), "{steps:?}");
        assert!(steps[0].contains(PLANT), "{steps:?}");
        assert!(found.steps[0].event.as_deref().unwrap().ends_with("01"));
        assert_eq!(found.steps[0].time.as_deref(), Some("2026-09-20T08:00:00Z"));

        let out = why(&world, &recall, &tin(5), Language::Zh);
        assert!(!out.affected);
        assert_eq!(out.reason, Some("outside_window"));
        assert!(out.text.starts_with("不受影响。"), "{}", out.text);
        assert!(out.text.contains("时间窗"), "{}", out.text);

        let other = why(&world, &recall, CASE, Language::En);
        assert_eq!((other.affected, other.reason), (false, None), "its contents do not taint it");
        let never = app::why_recalled(&world.app, &operator("maker"), &recall, None, &tin(77), Language::En);
        assert_eq!(never.unwrap_err().code, Code::NotFound);
    }

    fn what_came_of_other_stock_of_an_affected_lot_is_told_so(db) {
        let world = chain(db);
        record(&world, &[reworked("8", "16:00", OTHER_SHOP, &tin(6), MILK)]);
        let mut request = stamped("15:30", "16:30", None);
        OTHER_SHOP.clone_into(&mut request.places[0].place);
        let recall = opened(&world, &request).recall.unwrap();

        let made_before = why(&world, &recall, &tin(1), Language::En);
        assert!(!made_before.affected, "{}", made_before.text);
        let said = format!("{MILK}, which it comes from, is affected, but not where and when");
        assert!(made_before.text.contains(&said), "{}", made_before.text);
        let of_another = why(&world, &recall, &tin(5), Language::En);
        assert!(of_another.text.contains("nothing upstream of it"), "{}", of_another.text);
    }

    fn a_preview_that_finds_nothing_tells_what_was_left_out_and_what_spares_it(db) {
        let world = chain(db);
        let mut request = by_place("07:30", "08:30", None);
        request.hazard = Some("listeria".to_owned());
        request.policies.kill_steps = vec![RequestedKillStep {
            place: LINE.to_owned(),
            stops: vec!["listeria".to_owned()],
        }];

        let preview = app::preview_recall(&world.app, &operator("maker"), &request, None).unwrap();
        let refused = tried(&world, &request, None).unwrap_err();

        assert!(preview.is_empty);
        assert_eq!((preview.recall.unit_count, preview.recall.lot_count), (0, Some(0)));
        assert!(preview.recall.excluded.contains_key("kill_step"), "{:?}", preview.recall.excluded);
        let spared = preview.costs.iter().find(|cost| cost.rule == "kill_step").unwrap();
        assert_eq!((spared.about.as_deref(), spared.units), (Some(LINE), -6));
        assert_eq!(refused.code, Code::EmptyScope);
        let said = "; looked at and left out: kill_step ";
        assert!(refused.detail.contains(said), "{refused}");
    }

    fn each_rule_tells_what_it_costs(db) {
        let world = chain(db);
        let mut request = by_place("08:30", "09:00", Some("10m"));
        request.policies.starts = None;

        let preview = app::preview_recall(&world.app, &operator("maker"), &request, None).unwrap();

        assert_eq!(preview.recall.unit_count, 2);
        assert_eq!(preview.recall.recall, None);
        let cost = |rule: &str| -> &RuleCost { preview.costs.iter().find(|cost| cost.rule == rule).unwrap() };
        assert_eq!(cost("guard").units, 0, "they are in by their start already");
        assert_eq!(cost("starts").units, 0, "they are in by the guard already");
        assert_eq!(cost("all_to_all").units, 0);
        request.places[0].guard = None;
        let preview = app::preview_recall(&world.app, &operator("maker"), &request, None).unwrap();
        let starts = preview.costs.iter().find(|cost| cost.rule == "starts").unwrap();
        assert_eq!((starts.units, starts.holders), (2, 2), "{:?}", preview.costs);
        assert!(!preview.is_empty);
        assert_eq!(app::list_recalls(&world.app, &operator("maker")).unwrap(), vec![]);
    }
}
