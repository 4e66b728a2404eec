//! Who is told what, and where to look.

use suyuan::app::{self, Code};
use suyuan::parties::Role;
use suyuan::trace::evaluate::Window;
use suyuan::trace::quality::{Kind, Look, Settings};

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// A tin too fast between the shop and the far shop, and one at the plant out of a case it was not in.
fn spoilt(db: &TestDatabase) -> TestApp {
    let world = sound(db);
    record(
        &world,
        vec![
            object("11T14:30", "OBSERVE", "inspecting", FAR).epcs(&[tin(1)]),
            object("12T05:00", "ADD", "commissioning", PLANT).epcs(&[tin(5)]),
            packing("13T10:00", "DELETE", PLANT, 2, &[5]),
            object("14T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 50),
            object("15T12:00", "OBSERVE", "receiving", SHOP).kilos("SUGAR", 45),
        ],
    );
    world
}

fn kinds_for(world: &TestApp, caller: &suyuan::parties::Caller, look: &Look) -> Vec<Kind> {
    let found = told(world, caller, look).unwrap();
    let mut kinds: Vec<Kind> = found.into_iter().map(|finding| finding.kind).collect();
    kinds.sort();
    kinds
}

both! {
    fn who_supervises_sees_all_and_an_organisation_what_concerns_it(db) {
        let world = spoilt(db);
        let all = [Kind::ReceivedNotShipped, Kind::TooFast, Kind::UnpackedNotInside];
        let look = Look::default();

        for role in [Role::Regulator, Role::Auditor, Role::Admin] {
            assert_eq!(kinds_for(&world, &bearer("office", role), &look), all, "{role}");
        }
        assert_eq!(kinds_for(&world, &bearer("maker", Role::Producer), &look), all, "its products");
        assert_eq!(kinds_for(&world, &bearer("far", Role::Retailer), &look), [Kind::TooFast]);
        assert_eq!(
            kinds_for(&world, &bearer("shop", Role::Retailer), &look),
            [Kind::ReceivedNotShipped, Kind::TooFast]
        );
        assert_eq!(kinds_for(&world, &bearer("nobody", Role::Lab), &look), []);
        let refused = told(&world, &bearer("x", Role::Insurer), &look).unwrap_err();
        assert_eq!(refused.code, Code::Forbidden);
    }

    fn a_look_is_narrowed_to_a_lot_a_product_a_place_a_time_or_a_kind(db) {
        let world = spoilt(db);
        let all = [Kind::ReceivedNotShipped, Kind::TooFast, Kind::UnpackedNotInside];
        let look = |look: Look| kinds_for(&world, &operator(), &look);

        assert_eq!(look(Look { gtin: Some(GTIN.into()), ..Look::default() }), all);
        assert_eq!(look(Look { lot: Some(lot("SUGAR")), ..Look::default() }), [Kind::ReceivedNotShipped]);
        assert_eq!(look(Look { lot: Some(lot("FLOUR")), ..Look::default() }), []);
        assert_eq!(look(Look { place: Some("9521234000037".into()), ..Look::default() }), [Kind::TooFast]);
        let window = Window { from: None, until: Some("2026-09-20T11:00:00Z".parse().unwrap()) };
        assert_eq!(look(Look { window, ..Look::default() }), [Kind::UnpackedNotInside]);
        assert_eq!(look(Look { kinds: vec![Kind::TooFast], ..Look::default() }), [Kind::TooFast]);
        let unknown = Look { lot: Some(lot("NONE")), ..Look::default() };
        assert_eq!(told(&world, &operator(), &unknown).unwrap_err().code, Code::NotFound);
    }

    fn a_list_goes_on_after_every_one_of_its_marks(db) {
        let world = spoilt(db);
        let late = Settings { late_days: 0, ..Settings::default() };
        for look in [Look::default(), Look { gtin: Some(GTIN.into()), ..Look::default() }] {
            let list = |after| {
                let mut found = Vec::new();
                app::each_finding(&world.app, &operator(), &look, late, (None, after), &mut |finding, mark| {
                    found.push((finding, mark));
                    Ok(true)
                }).unwrap();
                found
            };
            let all = list(None);
            assert!(12 < all.len(), "every event is late now: {}", all.len());
            for (index, (_, mark)) in all.iter().enumerate() {
                let read = suyuan::trace::quality::Mark::read(&mark.to_text());
                assert_eq!(read, Some(*mark));
                assert_eq!(list(read), all[index + 1..], "after {index}");
            }
        }
    }
}
