//! What a reach says of the parts of a lot.

use super::*;
use crate::trace::{Shares, shares};

pub(super) fn answered(world: &World, direction: Direction, seed: Seed, name: &str) -> Shares {
    let reach = world.reach(direction, &[seed]);
    let mut source = world.source();
    let lots = BTreeSet::from([lot(name)]);
    let found = Evaluation::new(&mut source).balances(&lots, clock(1000, 0));
    shares(&reach, lot(name), &found.unwrap()[&lot(name)])
}

fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

fn part(shares: &Shares, account: Account) -> Option<(i64, i64)> {
    let number = |amount: Option<Amount>| amount.unwrap().to_string().parse().unwrap();
    let share = shares.parts.iter().find(|share| share.account == account)?;
    Some((number(share.lo), number(share.hi)))
}

pub(super) fn reached(shares: &Shares) -> (i64, i64) {
    let number = |amount: Amount| amount.to_string().parse().unwrap();
    let bounds = shares.reached[0].bounds.unwrap();
    (number(bounds.lo), number(bounds.hi))
}

/// A lot of 100 made in two processes, the first of bad milk; 60 go to A, 30 to B, 10 are in stock.
fn two_fillings(bad: i64, uom: Option<&str>) -> World {
    let mut world = World::default();
    for (milk, kilos) in [("bad", bad), ("good", 100 - bad)] {
        let made = Event::object(Action::Add, clock(6, 0)).at("plant");
        world.record(made.kilos(Role::Object, milk, kilos));
        let fill = Event::transform(milk, clock(8, 0)).at("plant");
        let fill = fill.kilos(Role::Input, milk, kilos);
        world.record(fill.amount(Role::Output, "L", kilos, uom));
    }
    for (to, kilos) in [("A", 60), ("B", 30)] {
        let ship = Event::seen(clock(9, 0)).ship("plant", to);
        world.record(ship.amount(Role::Object, "L", kilos, uom));
        let receive = Event::seen(clock(10, 0)).receive(to);
        world.record(receive.amount(Role::Object, "L", kilos, uom));
    }
    world
}

#[test]
fn thirty_bad_of_a_hundred_can_all_be_with_one_holder_or_none() {
    let found = answered(
        &two_fillings(30, None),
        Direction::Forward,
        whole("bad"),
        "L",
    );
    let parts = ["A", "B", "plant"].map(|name| part(&found, stock(name)));
    assert_eq!(parts, [Some((0, 30)), Some((0, 30)), Some((0, 10))]);
    assert_eq!(reached(&found), (30, 30));
}

#[test]
fn eighty_bad_of_a_hundred_leave_each_large_holder_some() {
    let found = answered(
        &two_fillings(80, None),
        Direction::Forward,
        whole("bad"),
        "L",
    );
    let parts = ["A", "B", "plant"].map(|name| part(&found, stock(name)));
    assert_eq!(parts, [Some((40, 60)), Some((10, 30)), Some((0, 10))]);
    assert_eq!(reached(&found), (80, 80));
}

#[test]
fn what_is_weighed_mixes_and_thirty_bad_can_have_reached_all_of_it() {
    let world = two_fillings(30, Some("KGM"));
    let found = answered(&world, Direction::Forward, whole("bad"), "L");
    let parts = ["A", "B", "plant"].map(|name| part(&found, stock(name)));
    assert_eq!(parts, [Some((0, 60)), Some((0, 30)), Some((0, 10))]);
    assert_eq!(reached(&found), (30, 100));
}

#[test]
fn what_left_before_the_bad_filling_holds_none_of_it() {
    let mut world = World::default();
    for (milk, hour, kilos) in [("good", 7, 60), ("bad", 9, 40)] {
        let made = Event::object(Action::Add, clock(6, 0)).at("plant");
        world.record(made.kilos(Role::Object, milk, kilos));
        let fill = Event::transform(milk, clock(hour, 0)).at("plant");
        let fill = fill.kilos(Role::Input, milk, kilos);
        world.record(fill.amount(Role::Output, "L", kilos, None));
    }
    let ship = Event::seen(clock(8, 0)).ship("plant", "early");
    world.record(ship.amount(Role::Object, "L", 50, None));
    let receive = Event::seen(clock(8, 30)).receive("early");
    world.record(receive.amount(Role::Object, "L", 50, None));
    let found = answered(&world, Direction::Forward, whole("bad"), "L");
    assert_eq!(part(&found, stock("early")), None);
    assert_eq!(
        part(&found, stock("plant")),
        Some((40, 40)),
        "40 of the 50 that stayed"
    );
}

#[test]
fn what_arrived_of_a_shipment_is_held_and_the_rest_is_dark() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", 40));
    let ship = Event::seen(clock(9, 0)).ship("A", "B");
    world.record(ship.kilos(Role::Object, "L", 40));
    let receive = Event::seen(clock(10, 0)).receive("B");
    world.record(receive.kilos(Role::Object, "L", 25));
    let found = answered(&world, Direction::Forward, whole("L"), "L");
    let transit = Account::InTransit {
        from: Some(place("A")),
        to: Some(place("B")),
        parties: Parties::default(),
    };
    assert_eq!(part(&found, transit), Some((15, 15)));
    assert_eq!(part(&found, stock("B")), Some((25, 25)));
    assert_eq!(reached(&found), (40, 40));
}

#[test]
fn backward_what_the_process_used_is_certain_and_the_rest_may_be_elsewhere() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("mill");
    world.record(made.kilos(Role::Object, "feed", 10_000));
    let grow = Event::transform("grow", clock(9, 0)).at("farm");
    let grow = grow.kilos(Role::Input, "feed", 10_000);
    world.record(grow.kilos(Role::Output, "fish", 12_000));
    let found = answered(&world, Direction::Backward, whole("fish"), "feed");
    assert_eq!(part(&found, Account::Used), Some((10_000, 10_000)));
    assert_eq!(part(&found, stock("mill")), Some((0, 10_000)));
    assert_eq!(reached(&found), (10_000, 10_000));
}

#[test]
fn all_that_was_made_at_the_place_within_the_window_is_affected_wherever_it_went() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 100, None));
    for (to, count) in [("A", 60), ("B", 40)] {
        let ship = Event::seen(clock(11, 0)).ship("plant", to);
        world.record(ship.amount(Role::Object, "L", count, None));
        let receive = Event::seen(clock(12, 0)).receive(to);
        world.record(receive.amount(Role::Object, "L", count, None));
    }
    let seed = |from, until| Seed::Place {
        place: place("plant"),
        window: window(from, until),
        guard: 0,
    };
    let begun = seed(clock(7, 0), clock(9, 0));
    let found = answered(&world, Direction::Forward, begun, "L");
    let parts = ["A", "B"].map(|name| part(&found, stock(name)));
    assert_eq!(parts, [Some((60, 60)), Some((40, 40))]);
    assert_eq!(reached(&found), (100, 100));
}

#[test]
fn all_that_was_in_an_exposed_container_is_affected() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 100, None));
    let pack = Event::aggregation(Action::Add, container(0), clock(9, 0)).at("plant");
    world.record(pack.amount(Role::Child, "L", 40, None));
    let found = answered(&world, Direction::Forward, listed(&[container(0)]), "L");
    let inside = Account::Inside(Some(container(0)));
    assert_eq!(part(&found, inside), Some((40, 40)));
    assert_eq!(reached(&found), (40, 40));
}

#[test]
fn what_was_sold_destroyed_stolen_or_used_up_before_it_was_affected_is_not() {
    let mut world = World::default();
    let pieces = |event: Event, role, count| event.amount(role, "Q", count, None);
    let made = Event::object(Action::Add, clock(6, 0)).at("plant");
    world.record(pieces(made, Role::Object, 50));
    for (hour, more) in [(7, 0), (10, 1)] {
        let sold = Event::seen(clock(hour, 0))
            .step("retail_selling")
            .at("plant");
        world.record(pieces(sold, Role::Object, 7 + more));
        let destroyed = Event::object(Action::Delete, clock(hour, 10));
        let destroyed = destroyed.step("destroying").at("plant");
        world.record(pieces(destroyed, Role::Object, 5 + more));
        let used = Event::transform(&format!("mixing at {hour}"), clock(hour, 30)).at("plant");
        world.record(pieces(used, Role::Input, 2 + more));
    }
    let bad = Event::object(Action::Add, clock(6, 0)).at("plant");
    world.record(bad.amount(Role::Object, "bad", 5, None));
    let turned = Event::transform("turned", clock(9, 0)).at("plant");
    let turned = turned.amount(Role::Input, "bad", 5, None);
    world.record(pieces(turned, Role::Output, 20));

    let found = answered(&world, Direction::Forward, whole("bad"), "Q");
    let parts = [
        stock("plant"),
        Account::Sold(Some(place("plant"))),
        Account::Destroyed(Some(place("plant"))),
        Account::Used,
    ];
    let parts = parts.map(|account| part(&found, account));
    // 36 were there when 20 came; 17 of these 56 were sold, destroyed or used up since.
    assert_eq!(
        parts,
        [Some((3, 20)), Some((0, 8)), Some((0, 6)), Some((0, 3))]
    );
    let whole = answered(&world, Direction::Forward, whole("Q"), "Q");
    assert_eq!(
        part(&whole, Account::Sold(Some(place("plant")))),
        Some((15, 15))
    );
}
