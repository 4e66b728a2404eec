//! When an extension is due, what is refused, and who may.

use std::sync::Barrier;

use suyuan::app::{self, Code, NewVersion};
use suyuan::codes::Dictionary;
use suyuan::ledger::Giver;
use suyuan::parties::Role;
use suyuan::recall::{self, Action, DiffQuery};
use suyuan::trace::NamedPosition;

use super::given::*;

both! {
    fn a_conductor_sees_that_an_extension_is_due(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let check = || app::check_recall(&world.app, &operator("maker"), &recall).unwrap();
        assert_eq!((check().watch.due, check().watch.recorded_since), (Some(false), 0));
        record(&world, &[object("41", "16:00", PLANT, "inspecting", &[tin(6)], None)]);
        assert_eq!(check().watch.due, Some(false), "what does not matter does not matter");
        assert!(check().watch.recorded_since > 0);

        record(&world, &[object("42", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);

        let found = check().watch;
        assert_eq!((found.due, found.difference.unwrap().units.changed), (Some(true), 1));
        let shown_now = shown(&world, &recall, None).extension.unwrap();
        assert_eq!(shown_now.due, Some(true));
        assert_eq!(shown(&world, &recall, None).version, 1, "looking records nothing");
        extended(&world, &recall).unwrap();
        assert_eq!(check().watch.due, Some(false));
    }

    fn another_name_of_a_lot_makes_an_extension_due_though_no_event_came(db) {
        let world = chain(db);
        let theirs = "https://id.gs1.org/01/09521234543213/10/THEIRS";
        let received = object("44", "07:00", SHOP, "receiving", &[], None);
        let quantity = format!(r#""quantityList":[{{"epcClass":"{theirs}","quantity":7,"uom":"KGM"}}]"#);
        record(&world, &[received.replace(r#""epcList":[]"#, &quantity)]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let check = || app::check_recall(&world.app, &operator("maker"), &recall).unwrap().watch;
        assert_eq!((check().due, check().recorded_since, check().orders_since), (Some(false), 0, 0));

        world.aliases(&format!("{theirs},{MILK},maker,yes"));

        let watch = check();
        assert_eq!((watch.due, watch.recorded_since, watch.orders_since), (Some(true), 0, 1));
        let difference = watch.difference.unwrap();
        assert_eq!((difference.units.added, difference.lots.added), (0, 1));
        let shop: Vec<_> = difference.holders.iter().filter(|row| row.holder == "shop").collect();
        assert_eq!((shop[0].before, shop[0].now, shop[0].lots_gained), (3, 3, 1));
        let texts = |quantity: &[suyuan::trace::Quantity]| quantity.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!((texts(&shop[0].quantity_before), texts(&shop[0].quantity_now)), (vec![], vec!["7 KGM".to_owned()]));
    }

    fn nothing_is_recorded_when_nothing_differs_or_it_is_only_tried(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();

        let problem = extended(&world, &recall).unwrap_err();

        assert_eq!((problem.code, problem.code.exit()), (Code::NothingDiffers, 1));
        record(&world, &[object("42", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);
        let new = NewVersion { recall: &recall, reason: "a drill", position: None, assumed: None, dry_run: true };
        let view = app::extend_recall(&world.app, &operator("maker"), &new).unwrap();
        assert_eq!((view.version, view.recorded, view.difference.units.changed), (2, false, 1));
        let now = shown(&world, &recall, None);
        assert_eq!((now.version, now.history.len()), (1, 1));
    }

    fn positions_before_the_newest_version_or_in_the_future_are_refused(db) {
        let world = chain(db);
        let first = opened(&world, &by_lot(MILK));
        let recall = first.recall.clone().unwrap();
        let before = serde_json::to_string(&first.position).unwrap();
        record(&world, &[object("42", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);
        extended(&world, &recall).unwrap();

        for (position, hint) in [
            (before.as_str(), "before version 2"),
            (r#"{"http/0":100000}"#, "future"),
            ("{}", "before version 2"),
            ("[]", "not an object"),
        ] {
            let new = NewVersion { recall: &recall, reason: "r", position: Some(position), assumed: None, dry_run: false };
            let problem = app::extend_recall(&world.app, &operator("maker"), &new).unwrap_err();
            assert_eq!(problem.code, Code::InvalidParameter, "{problem}");
            assert!(problem.detail.contains(hint), "{hint}: {problem}");
        }
    }

    fn an_extension_to_a_position_in_between_sees_no_more_than_that(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        record(&world, &[object("42", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);
        let (_, between) = world.app.db.read(NamedPosition::now).unwrap();
        record(&world, &[object("43", "16:00", SHOP, "retail_selling", &[tin(3)], None)]);
        let between = serde_json::to_string(&between).unwrap();
        let new = NewVersion { recall: &recall, reason: "r", position: Some(&between), assumed: None, dry_run: false };

        let second = app::extend_recall(&world.app, &operator("maker"), &new).unwrap();
        let third = extended(&world, &recall).unwrap();

        assert_eq!((second.difference.units.changed, third.difference.units.changed), (1, 1));
        let query = DiffQuery { from: Some(1), to: Some(3), ..DiffQuery::default() };
        let whole = app::recall_difference(&world.app, &operator("maker"), &recall, query).unwrap();
        assert_eq!(whole.difference.unwrap().units.changed, 2);
        for (from, to, hint) in [(Some(2), Some(2), "not earlier"), (None, Some(1), "first"), (Some(1), Some(9), "no version 9")] {
            let query = DiffQuery { from, to, ..DiffQuery::default() };
            let problem = app::recall_difference(&world.app, &operator("maker"), &recall, query).unwrap_err();
            assert!(problem.detail.contains(hint), "{hint}: {problem}");
        }
    }

    fn pages_of_a_difference_neither_repeat_nor_leave_out_a_line(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let more: Vec<String> = (100..140).map(tin).collect();
        record(&world, &[filled_many("41", "08:20", MILK, &more)]);
        extended(&world, &recall).unwrap();
        let all = differing(&world, &recall);
        assert!(40 < all.len());

        for limit in [1, 7, 40, 1_000] {
            let mut lines = Vec::new();
            let mut query = DiffQuery { limit: Some(limit), ..DiffQuery::default() };
            loop {
                let page = app::recall_diff(&world.app, &operator("maker"), &recall, query).unwrap();
                assert!(page.lines.len() <= limit);
                lines.extend(page.lines);
                query.after = page.next;
                if query.after.is_none() {
                    break;
                }
            }
            assert_eq!(lines, all, "{limit}");
        }
    }

    fn the_digest_of_a_difference_is_that_of_its_sorted_lines(db) {
        use sha2::{Digest, Sha256};
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        record(&world, &[filled_many("41", "08:20", MILK, &[tin(100)])]);
        let view = extended(&world, &recall).unwrap();

        let mut lines: Vec<String> = differing(&world, &recall)
            .iter()
            .map(|line| {
                let side = |label: &Option<recall::Label>| {
                    label.as_ref().map_or_else(
                        || "\t\t\t\t\t\t".to_owned(),
                        |label| {
                            let quantity = label.quantity.as_ref();
                            let part = |text: Option<&String>| text.cloned().unwrap_or_default();
                            [
                                label.certainty.to_owned(),
                                label.holding.status.as_str().to_owned(),
                                part(label.holding.place.as_ref()),
                                label.holding.holder.clone(),
                                part(quantity.and_then(|quantity| quantity.lo.as_ref())),
                                part(quantity.and_then(|quantity| quantity.hi.as_ref())),
                                part(quantity.and_then(|quantity| quantity.uom.as_ref())),
                            ]
                            .join("\t")
                        },
                    )
                };
                format!("{}\t{}\t{}\t{}\t{}\n", line.id, line.change.as_str(), line.why.as_str(), side(&line.was), side(&line.now))
            })
            .collect();
        lines.sort();
        let digest: String = Sha256::digest(lines.concat()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(view.difference_digest, digest);
    }

    fn of_two_extensions_one_wins_and_the_other_is_told(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        record(&world, &[object("42", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);
        let app = &world.app;
        let dictionary = Dictionary { master: &app.master, seal: &app.ledger.seal };
        let prepared = app.db.read(|conn| {
            let at = NamedPosition::now(conn)?;
            recall::prepare(conn, dictionary, &recall, at)
        }).unwrap();
        extended(&world, &recall).unwrap();
        let giver = Giver { by: "cli:test".into(), on_behalf_of: Some("maker".into()), at: app.clock.now() };

        let late = app.db.write(|conn| recall::extend(conn, &app.ledger, &operator("maker"), &giver, ("r", None), &prepared));

        let told = late.unwrap_err().to_string();
        assert!(told.contains("prepared from version 1") && told.contains("newest is 2"), "{told}");
        assert_eq!(shown(&world, &recall, None).version, 2);

        record(&world, &[object("43", "16:00", SHOP, "retail_selling", &[tin(3)], None)]);
        let start = Barrier::new(2);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..2).map(|_| scope.spawn(|| { start.wait(); extended(&world, &recall) })).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "{outcomes:?}");
        for problem in outcomes.into_iter().filter_map(Result::err) {
            assert!([Code::Conflict, Code::NothingDiffers].contains(&problem.code), "{problem}");
        }
        assert_eq!(shown(&world, &recall, None).version, 3);
    }

    fn only_the_conductor_and_a_regulator_extend_and_release(db) {
        let world = chain(db);
        record(&world, &[
            filled_many("40", "08:05", MILK, &[tin(120)]),
            object("41", "12:00", SHOP, "receiving", &[tin(120)], None),
        ]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        record(&world, &[object("42", "16:00", OTHER_SHOP, "receiving", &[tin(120)], None)]);
        let new = NewVersion { recall: &recall, reason: "r", position: None, assumed: None, dry_run: true };
        for (caller, code) in [
            (bearer("shop", Role::Retailer), Code::Forbidden),
            (bearer("shop", Role::Producer), Code::Forbidden),
            (operator("kiosk"), Code::Forbidden),
        ] {
            assert_eq!(app::extend_recall(&world.app, &caller, &new).unwrap_err().code, code);
            assert_eq!(app::release_recall(&world.app, &caller, &recall, None, "r").unwrap_err().code, code);
        }
        let shop = bearer("shop", Role::Retailer);
        assert!(app::check_recall(&world.app, &shop, &recall).is_err());
        assert_eq!(shown_to(&world, &shop, &recall).unwrap().extension, None);
        app::extend_recall(&world.app, &bearer("office", Role::Regulator), &NewVersion { dry_run: false, ..new }).unwrap();

        let lines = differing_to(&world, &shop, &recall).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].was.as_ref().unwrap().holding.holder.as_str(), lines[0].now.as_ref()), ("shop", None));
        let kiosk = bearer("kiosk", Role::Retailer);
        assert_eq!(differing_to(&world, &kiosk, &recall).unwrap()[0].was, None);
        let told = app::recall_difference(&world.app, &kiosk, &recall, DiffQuery::default()).unwrap();
        assert_eq!((told.difference, told.digest), (None, None));
        let versions = app::recall_versions(&world.app, &kiosk, &recall).unwrap();
        assert_eq!(versions.iter().map(|line| line.unit_count).collect::<Vec<_>>(), [0, 1]);
        assert!(differing_to(&world, &bearer("other", Role::Retailer), &recall).is_err(), "no task, no sight");
    }

    fn a_cancelled_recall_stays_as_it_is(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        acted(&world, &recall, Action::Cancel, "maker").unwrap();
        record(&world, &[object("42", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);

        assert_eq!(extended(&world, &recall).unwrap_err().code, Code::IllegalMove);
        assert_eq!(shown(&world, &recall, None).extension, None);
    }
}
