//! Deliveries of a lot: which events tell of the same goods, and what is more than can have come.

use super::bounds::{gaps, part, stock};
use super::*;

fn made(kilos: i64) -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", kilos));
    world
}

/// An event of so much of the lot.
fn tell(world: &mut World, event: Event, kilos: i64) {
    world.record(event.kilos(Role::Object, "L", kilos));
}

fn from(name: &str, mut event: Event) -> Event {
    event.0.from_place = Some(place(name));
    event
}

fn way(from: &str, to: &str) -> Account {
    Account::InTransit {
        from: Some(place(from)),
        to: Some(place(to)),
        parties: Parties::default(),
    }
}

#[test]
fn equal_deliveries_on_one_day_are_as_many_deliveries() {
    let mut world = World::default();
    for hour in [8, 15, 20] {
        tell(&mut world, Event::seen(clock(hour, 0)).receive("B"), 40);
    }
    assert_eq!(part(&world.balances("L"), stock("B")), Some((120, 120)));

    let mut world = made(100);
    for hour in [8, 15] {
        let receive = from("A", Event::seen(clock(hour, 0)).receive("B"));
        tell(&mut world, receive, 40);
    }
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("B")), Some((80, 80)));
    assert_eq!(part(&balances, stock("A")), Some((20, 20)));
}

#[test]
fn what_comes_from_two_places_is_two_deliveries_whatever_the_stage() {
    for steps in [["receiving", "receiving"], ["arriving", "receiving"]] {
        let mut world = World::default();
        for ((hour, maker), step) in [(8, "A"), (15, "C")].into_iter().zip(steps) {
            let receive = Event::seen(clock(hour, 0)).step(step).at("B");
            tell(&mut world, from(maker, receive), 40);
        }
        assert_eq!(part(&world.balances("L"), stock("B")), Some((80, 80)));
    }
}

#[test]
fn stages_of_two_deliveries_are_two_deliveries() {
    let mut world = made(100);
    let steps = [
        "arriving",
        "arriving",
        "receiving",
        "accepting",
        "receiving",
    ];
    for (hour, step) in (8..).zip(steps) {
        tell(
            &mut world,
            Event::seen(clock(hour, 0)).step(step).at("B"),
            40,
        );
    }
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("B")), Some((80, 80)));
    assert_eq!(balances.total, Amount::whole(100));
}

#[test]
fn what_arrived_and_is_received_later_is_not_the_next_shipment() {
    let mut world = made(100);
    for minute in [0, 30] {
        tell(&mut world, Event::seen(clock(7, minute)).ship("A", "B"), 40);
    }
    for (hour, step) in [(8, "arriving"), (9, "receiving")] {
        tell(
            &mut world,
            Event::seen(clock(hour, 0)).step(step).at("B"),
            40,
        );
    }
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("B")), Some((40, 40)));
    assert_eq!(part(&balances, way("A", "B")), Some((40, 40)));
}

#[test]
fn shipping_and_departing_are_one_departure() {
    for further in ["departing", "transporting", "consigning"] {
        let mut world = made(10);
        tell(&mut world, Event::seen(clock(7, 0)).ship("A", "B"), 4);
        let depart = Event::seen(clock(7, 30)).ship("A", "B").step(further);
        tell(&mut world, depart, 4);
        let balances = world.balances("L");
        assert_eq!(part(&balances, stock("A")), Some((6, 6)), "{further}");
        assert_eq!(part(&balances, way("A", "B")), Some((4, 4)), "{further}");
        tell(&mut world, Event::seen(clock(11, 0)).receive("B"), 4);
        let balances = world.balances("L");
        assert_eq!(part(&balances, stock("B")), Some((4, 4)));
        assert_eq!((gaps(&balances), balances.faults), (vec![], vec![]));
    }
}

#[test]
fn what_was_shipped_and_is_told_to_be_in_transit_left_once() {
    for at in ["A", "C"] {
        let mut world = made(10);
        tell(&mut world, Event::seen(clock(7, 0)).ship("A", "B"), 10);
        let seen = Event::seen(clock(8, 0)).at(at).disposition("in_transit");
        tell(&mut world, seen, 10);
        let balances = world.balances("L");
        assert_eq!(part(&balances, way("A", "B")), Some((10, 10)), "at {at}");
        assert_eq!(
            (balances.total, balances.faults),
            (Amount::whole(10), vec![])
        );
    }
}

#[test]
fn a_stage_that_names_where_it_goes_tells_it_of_the_whole_departure() {
    let mut world = made(10);
    tell(
        &mut world,
        Event::seen(clock(7, 0)).step("shipping").at("A"),
        4,
    );
    let depart = Event::seen(clock(7, 30)).ship("A", "B").step("departing");
    tell(&mut world, depart, 4);
    let balances = world.balances("L");
    assert_eq!(part(&balances, way("A", "B")), Some((4, 4)));
    assert_eq!(
        gaps(&balances),
        [(GapKind::NotReceived, "A→B".to_owned(), (4, 4))]
    );
}

#[test]
fn two_shippings_are_two_departures() {
    let mut world = made(10);
    for minute in [0, 30] {
        tell(&mut world, Event::seen(clock(7, minute)).ship("A", "B"), 4);
    }
    let depart = Event::seen(clock(8, 0)).ship("A", "C").step("departing");
    tell(&mut world, depart, 1);
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("A")), Some((1, 1)));
    assert_eq!(part(&balances, way("A", "B")), Some((8, 8)));
    assert_eq!(part(&balances, way("A", "C")), Some((1, 1)));
}

#[test]
fn more_received_than_shipped_is_at_most_what_was_received_and_did_not_go_back() {
    for is_named in [true, false] {
        let mut world = made(10);
        tell(&mut world, Event::seen(clock(7, 0)).ship("A", "B"), 10);
        let receive = Event::seen(clock(8, 0)).receive("B");
        let receive = if is_named {
            from("A", receive)
        } else {
            receive
        };
        tell(&mut world, receive, 35);
        let balances = world.balances("L");
        assert_eq!(part(&balances, stock("B")), Some((10, 35)));
        let whole = balances.whole();
        assert_eq!((whole.lo, whole.hi), (Amount::whole(10), Amount::whole(35)));
        let ways = gaps(&balances).into_iter().map(|(_, way, _)| way);
        assert!(ways.into_iter().all(|way| !way.starts_with('B')));
    }
}

#[test]
fn what_was_received_beyond_the_shipment_may_still_be_where_it_was_made() {
    let mut world = made(100);
    tell(&mut world, Event::seen(clock(7, 0)).ship("A", "B"), 50);
    let receive = from("A", Event::seen(clock(8, 0)).receive("B"));
    tell(&mut world, receive, 60);
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("A")), Some((40, 50)));
    assert_eq!(part(&balances, stock("B")), Some((50, 60)));
    assert_eq!(balances.total, Amount::whole(100));
    tell(&mut world, Event::seen(clock(9, 0)).ship("A", "B"), 10);
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("A")), Some((40, 40)), "shipped late");
    assert_eq!(part(&balances, stock("B")), Some((60, 60)));
    assert_eq!(gaps(&balances), []);
}

#[test]
fn what_one_receives_too_much_is_not_what_another_received() {
    for is_reversed in [false, true] {
        let mut world = made(100);
        let mut customers = [("B", 60), ("C", 50)];
        if is_reversed {
            customers.reverse();
        }
        for (to, _) in customers {
            tell(&mut world, Event::seen(clock(7, 0)).ship("A", to), 50);
        }
        for (to, kilos) in customers {
            let receive = from("A", Event::seen(clock(8, 0)).receive(to));
            tell(&mut world, receive, kilos);
        }
        let balances = world.balances("L");
        assert_eq!(part(&balances, stock("B")), Some((50, 60)));
        assert_eq!(part(&balances, stock("C")), Some((50, 50)));
        let told = gaps(&balances);
        assert!(told.contains(&(GapKind::NotShipped, "A→B".to_owned(), (10, 10))));
        assert!(!told.iter().any(|(_, way, _)| way == "B→A" || way == "C→A"));
    }
}

#[test]
fn what_was_stolen_is_nowhere_known_and_not_on_its_way() {
    let mut world = made(10);
    let steal = Event::seen(clock(11, 0)).at("A").disposition("stolen");
    tell(&mut world, steal, 4);
    let balances = world.balances("L");
    let stolen = Account::Stolen(Some(place("A")));
    assert_eq!(part(&balances, stock("A")), Some((6, 6)));
    assert_eq!(part(&balances, stolen), Some((4, 4)));
    assert_eq!((gaps(&balances), balances.faults), (vec![], vec![]));
    let back = Event::seen(clock(12, 0)).at("B").disposition("returned");
    tell(&mut world, back, 1);
    let eat = Event::transform("eat", clock(13, 0)).at("A");
    world.record(eat.kilos(Role::Input, "L", 7));
    let balances = world.balances("L");
    assert_eq!(part(&balances, stolen), Some((3, 3)), "one was found");
    assert_eq!(part(&balances, Account::Used), Some((7, 7)));
    assert_eq!(balances.total, Amount::whole(10));
}

#[test]
fn what_was_sold_or_destroyed_was_so_somewhere() {
    let mut world = made(10);
    for (shop, kilos) in [("B", 5), ("C", 3)] {
        let ship = Event::seen(clock(7, 0)).ship("A", shop);
        tell(&mut world, ship, kilos);
        tell(&mut world, Event::seen(clock(8, 0)).receive(shop), kilos);
        let sell = Event::seen(clock(9, 0)).step("retail_selling").at(shop);
        tell(&mut world, sell, 3);
    }
    let destroy = Event::object(Action::Delete, clock(10, 0)).step("destroying");
    tell(&mut world, destroy.at("B"), 1);
    let sold = |shop| Account::Sold(Some(place(shop)));
    let balances = world.balances("L");
    assert_eq!(part(&balances, sold("B")), Some((3, 3)));
    assert_eq!(part(&balances, sold("C")), Some((3, 3)));
    let destroyed = Account::Destroyed(Some(place("B")));
    assert_eq!(part(&balances, destroyed), Some((1, 1)));

    let back = Event::seen(clock(11, 0)).at("C").disposition("returned");
    tell(&mut world, back, 4);
    let balances = world.balances("L");
    assert_eq!(part(&balances, sold("C")), None, "what was sold here first");
    assert_eq!(part(&balances, sold("B")), Some((2, 2)));
    assert_eq!(part(&balances, stock("C")), Some((4, 4)));
}

#[test]
fn more_shipped_than_there_was_is_as_much_as_was_shipped() {
    let mut world = made(10);
    tell(&mut world, Event::seen(clock(7, 0)).ship("A", "B"), 30);
    assert_eq!(part(&world.balances("L"), way("A", "B")), Some((30, 30)));
    let receive = from("A", Event::seen(clock(8, 0)).receive("B"));
    tell(&mut world, receive, 35);
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("B")), Some((30, 35)));
    assert_eq!(part(&balances, way("A", "B")), None);
}
