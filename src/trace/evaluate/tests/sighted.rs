//! Lots seen where nothing tells how they came there: where they can be since, and what was made of them.

use super::*;
use crate::trace::shares;

fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

/// What was at this place between half past ten and half past eleven.
fn morning(name: &str) -> Seed {
    Seed::Place {
        place: place(name),
        window: window(clock(10, 30), clock(11, 30)),
        guard: 0,
    }
}

/// How much of a lot each account has at most that was reached.
fn most(world: &World, seed: Seed, name: &str) -> BTreeMap<Account, i64> {
    let reach = world.reach(Direction::Forward, &[seed]);
    let mut source = world.source();
    let lots = BTreeSet::from([lot(name)]);
    let found = Evaluation::new(&mut source).balances(&lots, clock(1000, 0));
    let shares = shares(&reach, lot(name), &found.unwrap()[&lot(name)]);
    let hi = |hi: Option<Amount>| hi.unwrap().to_string().parse().unwrap();
    let parts = shares.parts.iter();
    parts.map(|share| (share.account, hi(share.hi))).collect()
}

/// Twenty of a lot, made at P.
fn made() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("P");
    world.record(made.kilos(Role::Object, "A", 20));
    world
}

fn seen(world: &mut World, name: &str, kilos: i64) {
    let seen = Event::seen(clock(11, 0)).step("inspecting").at(name);
    world.record(seen.kilos(Role::Object, "A", kilos));
}

fn baked(world: &mut World, name: &str) {
    let bake = Event::transform("bake", clock(14, 0)).at(name);
    let bake = bake.kilos(Role::Input, "A", 5);
    world.record(bake.kilos(Role::Output, "B", 5));
}

#[test]
fn what_is_seen_on_its_way_is_where_it_arrives_and_in_what_is_made_of_it_there() {
    let mut world = made();
    let ship = Event::seen(clock(9, 0)).ship("P", "R");
    world.record(ship.kilos(Role::Object, "A", 20));
    seen(&mut world, "Q", 20);
    let receive = Event::seen(clock(12, 0)).receive("R");
    world.record(receive.kilos(Role::Object, "A", 20));
    baked(&mut world, "R");

    let found = most(&world, morning("Q"), "A");

    assert_eq!(found.get(&stock("R")), Some(&15), "{found:?}");
    assert_eq!(found.get(&Account::Used), Some(&5), "{found:?}");
    let reach = world.reach(Direction::Forward, &[morning("Q")]);
    assert!(reach.lots().contains(&lot("B")));
    let back = world.reach(Direction::Backward, &[whole("B")]);
    assert!(
        back.lot(lot("A"))
            .any(|stock| stock.spot == Spot::At(place("P")))
    );
}

#[test]
fn what_is_seen_elsewhere_while_none_is_on_its_way_can_be_any_of_it_since() {
    let mut world = made();
    seen(&mut world, "Q", 20);
    baked(&mut world, "P");

    let found = most(&world, morning("Q"), "A");

    assert_eq!(found.get(&stock("P")), Some(&15), "{found:?}");
    let reach = world.reach(Direction::Forward, &[morning("Q")]);
    assert!(reach.lots().contains(&lot("B")));
}

#[test]
fn what_left_before_a_sighting_elsewhere_has_nothing_to_do_with_it() {
    let mut world = made();
    let ship = Event::seen(clock(8, 0)).ship("P", "R");
    world.record(ship.kilos(Role::Object, "A", 10));
    let receive = Event::seen(clock(9, 0)).receive("R");
    world.record(receive.kilos(Role::Object, "A", 10));
    let used = Event::transform("early", clock(9, 30)).at("R");
    let used = used.kilos(Role::Input, "A", 10);
    world.record(used.kilos(Role::Output, "C", 10));
    seen(&mut world, "Q", 10);

    let reach = world.reach(Direction::Forward, &[morning("Q")]);

    assert!(!reach.lots().contains(&lot("C")), "it was made before");
}

#[test]
fn what_is_seen_where_it_lies_has_not_moved() {
    let mut world = made();
    let ship = Event::seen(clock(8, 0)).ship("P", "R");
    world.record(ship.kilos(Role::Object, "A", 10));
    let receive = Event::seen(clock(9, 0)).receive("R");
    world.record(receive.kilos(Role::Object, "A", 10));
    seen(&mut world, "R", 10);

    let found = most(&world, morning("R"), "A");

    assert_eq!(found, BTreeMap::from([(stock("R"), 10)]));
}

#[test]
fn a_receipt_under_another_name_with_its_origin_named_is_that_shipment_alone() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("P");
    world.record(made.kilos(Role::Object, "theirs", 10));
    let ship = Event::seen(clock(9, 0)).ship("P", "R");
    world.record(ship.kilos(Role::Object, "theirs", 6));
    let mut receive = Event::seen(clock(10, 0)).receive("R");
    receive.0.from_place = Some(place("P"));
    world.record(receive.kilos(Role::Object, "ours", 6));
    world.aliases.push((lot("theirs"), lot("ours")));

    let (theirs, ours) = (world.balances("theirs"), world.balances("ours"));

    let exact = |kilos| Amount::new(kilos, 0).map(Bounds::exact).unwrap();
    assert_eq!(theirs.parts, BTreeMap::from([(stock("P"), exact(4))]));
    assert_eq!(ours.parts, BTreeMap::from([(stock("R"), exact(6))]));
    assert!(
        theirs.gaps.is_empty() && ours.gaps.is_empty(),
        "{theirs:?} {ours:?}"
    );
}

#[test]
fn shipments_on_their_way_under_both_names_are_two() {
    let mut world = World::default();
    for name in ["theirs", "ours"] {
        let made = Event::object(Action::Add, clock(8, 0)).at("P");
        world.record(made.kilos(Role::Object, name, 10));
        let ship = Event::seen(clock(9, 0)).ship("P", "R");
        world.record(ship.kilos(Role::Object, name, 6));
    }
    world.aliases.push((lot("theirs"), lot("ours")));

    let transit = Account::InTransit {
        from: Some(place("P")),
        to: Some(place("R")),
        parties: Parties::default(),
    };
    let exact = |kilos| Amount::new(kilos, 0).map(Bounds::exact).unwrap();
    for name in ["theirs", "ours"] {
        let balances = world.balances(name);
        let parts = BTreeMap::from([(stock("P"), exact(4)), (transit, exact(6))]);
        assert_eq!(balances.parts, parts, "{name}");
        assert_eq!(balances.gaps.len(), 1, "{name}: not received");
    }
}
