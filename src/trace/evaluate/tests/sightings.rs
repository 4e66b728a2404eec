//! How much is where of a lot that was seen where the books do not have it.

use super::bounds::{gaps, part, stock};
use super::*;

/// A hundred of the lot, made at A.
fn hundred() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("A");
    tell(&mut world, made, 100);
    world
}

fn tell(world: &mut World, event: Event, kilos: i64) {
    world.record(event.kilos(Role::Object, "L", kilos));
}

fn see(world: &mut World, name: &str, hour: i64, kilos: i64) {
    let seen = Event::seen(clock(hour, 0)).step("cycle_counting").at(name);
    tell(world, seen, kilos);
}

fn ship(world: &mut World, hour: i64, from: &str, to: &str, kilos: i64) {
    tell(world, Event::seen(clock(hour, 0)).ship(from, to), kilos);
}

fn receive(world: &mut World, hour: i64, at: &str, kilos: i64) {
    tell(world, Event::seen(clock(hour, 0)).receive(at), kilos);
}

fn way(from: &str, to: &str) -> Account {
    Account::InTransit {
        from: Some(place(from)),
        to: Some(place(to)),
        parties: Parties::default(),
    }
}

fn not_recorded(way: &str, kilos: i64) -> (GapKind, String, (i64, i64)) {
    (GapKind::NotRecorded, way.to_owned(), (kilos, kilos))
}

/// Where so much of the lot is, and nothing is missing.
fn all_is_well(world: &World, at: &[(Account, i64)]) {
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), []);
    for (account, kilos) in at {
        assert_eq!(part(&balances, *account), Some((*kilos, *kilos)));
    }
    assert_eq!(balances.parts.len(), at.len());
}

#[test]
fn what_was_only_seen_at_a_place_may_be_there() {
    for step in [
        Some("inspecting"),
        Some("stocking"),
        Some("storing"),
        Some("cycle_counting"),
        None,
    ] {
        let mut world = hundred();
        let mut seen = Event::seen(clock(9, 0)).at("B");
        seen.0.biz_step = step.map(str::to_owned);
        tell(&mut world, seen, 15);
        let balances = world.balances("L");
        assert_eq!(gaps(&balances), [not_recorded("A→B", 15)]);
        assert_eq!(part(&balances, stock("A")), Some((85, 100)));
        assert_eq!(part(&balances, stock("B")), Some((0, 15)));
        assert_eq!(balances.total, Amount::whole(100));
        assert_eq!(balances.accounts[&stock("A")], Amount::whole(100));
    }
}

#[test]
fn what_was_seen_and_sold_at_a_place_came_there_once() {
    let mut world = hundred();
    see(&mut world, "B", 9, 15);
    let sell = Event::seen(clock(10, 0)).step("retail_selling").at("B");
    tell(&mut world, sell, 5);
    see(&mut world, "B", 11, 15);
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), [not_recorded("A→B", 15)]);
    assert_eq!(part(&balances, stock("B")), Some((0, 10)));
    let sold = Account::Sold(Some(place("B")));
    assert_eq!(part(&balances, sold), Some((5, 5)));
    assert_eq!(balances.total, Amount::whole(100));
}

#[test]
fn what_was_seen_and_nobody_made_is_there() {
    let mut world = World::default();
    see(&mut world, "B", 9, 15);
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), [not_recorded("?→B", 15)]);
    assert_eq!(part(&balances, stock("B")), Some((15, 15)));
    assert_eq!(balances.total, Amount::whole(15));

    let made = Event::object(Action::Add, clock(10, 0)).at("A");
    tell(&mut world, made, 100);
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), [not_recorded("A→B", 15)]);
    assert_eq!(part(&balances, stock("A")), Some((85, 100)));
    assert_eq!(balances.total, Amount::whole(100));
}

#[test]
fn sightings_at_a_place_are_not_added_up() {
    let mut world = hundred();
    for (hour, kilos) in [(9, 15), (10, 15), (12, 10), (40, 15)] {
        see(&mut world, "B", hour, kilos);
    }
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("B")), Some((0, 15)));
    let lines = Event::seen(clock(60, 0)).at("B");
    let lines = lines.kilos(Role::Object, "L", 12);
    world.record(lines.kilos(Role::Object, "L", 8));
    let balances = world.balances("L");
    assert_eq!(
        part(&balances, stock("B")),
        Some((0, 20)),
        "the lines of one event are"
    );
}

#[test]
fn what_the_books_have_at_a_place_is_seen_there() {
    let mut world = hundred();
    see(&mut world, "A", 7, 100);
    ship(&mut world, 8, "A", "B", 40);
    see(&mut world, "A", 8, 100);
    see(&mut world, "B", 8, 40);
    receive(&mut world, 9, "B", 40);
    see(&mut world, "B", 10, 40);
    see(&mut world, "B", 11, 30);
    see(&mut world, "A", 12, 60);
    all_is_well(&world, &[(stock("A"), 60), (stock("B"), 40)]);
}

#[test]
fn parts_of_a_site_are_one_place_to_be_seen_at() {
    let mut world = hundred();
    ship(&mut world, 8, "A", "B", 40);
    receive(&mut world, 9, "B", 40);
    see(&mut world, "shelf", 10, 40);
    assert_eq!(
        part(&world.balances("L"), stock("shelf")),
        Some((0, 40)),
        "no part of it"
    );
    world.inside.push((place("shelf"), place("B")));
    all_is_well(&world, &[(stock("A"), 60), (stock("B"), 40)]);
    see(&mut world, "shelf", 11, 45);
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("shelf")), Some((0, 5)));
}

#[test]
fn what_was_seen_on_its_way_may_be_there_until_it_arrives() {
    let mut world = hundred();
    ship(&mut world, 8, "A", "B", 20);
    see(&mut world, "C", 9, 20);
    let balances = world.balances("L");
    let not_received = |way: &str| (GapKind::NotReceived, way.to_owned(), (0, 20));
    let told = gaps(&balances);
    assert_eq!(told, [not_received("A→B"), not_received("A→C")]);
    assert_eq!(part(&balances, way("A", "B")), Some((0, 20)));
    assert_eq!(part(&balances, stock("C")), Some((0, 20)));
    assert_eq!(balances.total, Amount::whole(100));
    receive(&mut world, 10, "B", 20);
    all_is_well(&world, &[(stock("A"), 80), (stock("B"), 20)]);
}

#[test]
fn what_is_in_a_container_is_seen_where_that_is() {
    let mut world = hundred();
    let pack = Event::aggregation(Action::Add, container(0), clock(7, 0)).at("A");
    world.record(pack.kilos(Role::Child, "L", 30));
    see(&mut world, "B", 9, 30);
    let inside = Account::Inside(Some(container(0)));
    all_is_well(&world, &[(stock("A"), 70), (inside, 30)]);
}

#[test]
fn what_came_by_weight_is_not_missing_in_pieces() {
    let mut world = hundred();
    ship(&mut world, 8, "A", "B", 40);
    receive(&mut world, 9, "B", 40);
    let count = Event::seen(clock(10, 0)).at("B");
    world.record(count.amount(Role::Object, "L", 4, None));
    let mut source = world.source();
    let found = Evaluation::new(&mut source).balances(&[lot("L")].into(), clock(1000, 0));
    let found = found.unwrap();
    assert!(
        found[&lot("L")]
            .iter()
            .all(|balances| balances.gaps.is_empty())
    );
}

#[test]
fn a_receipt_after_a_sighting_can_be_of_the_same_goods() {
    let mut world = hundred();
    see(&mut world, "B", 9, 15);
    ship(&mut world, 10, "A", "B", 15);
    receive(&mut world, 11, "B", 15);
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("A")), Some((70, 85)));
    assert_eq!(part(&balances, stock("B")), Some((15, 30)));
}

#[test]
fn what_went_elsewhere_than_it_was_shipped_to_may_be_that_shipment() {
    for told_from in [Some(place("A")), None] {
        let mut world = hundred();
        ship(&mut world, 8, "A", "B", 20);
        let mut arrives = Event::seen(clock(10, 0)).receive("C");
        arrives.0.from_place = told_from;
        tell(&mut world, arrives, 20);
        let balances = world.balances("L");
        assert_eq!(part(&balances, stock("A")), Some((60, 80)));
        assert_eq!(part(&balances, way("A", "B")), Some((0, 20)));
        assert_eq!(part(&balances, stock("C")), Some((20, 20)));
        let not_received = (GapKind::NotReceived, "A→B".to_owned(), (0, 20));
        assert!(gaps(&balances).contains(&not_received));
        assert_eq!(balances.total, Amount::whole(100));

        let mut shipped_too = world.clone();
        ship(&mut shipped_too, 11, "A", "C", 20);
        let balances = shipped_too.balances("L");
        assert_eq!(part(&balances, stock("A")), Some((60, 60)), "it was not");
        assert_eq!(part(&balances, way("A", "B")), Some((20, 20)));

        receive(&mut world, 12, "B", 20);
        let balances = world.balances("L");
        assert_eq!(part(&balances, stock("B")), Some((20, 20)));
        assert_eq!(part(&balances, way("A", "B")), None);
        if told_from.is_some() {
            assert_eq!(part(&balances, stock("A")), Some((60, 60)), "nor here");
        }
    }
}

#[test]
fn what_is_short_at_one_customer_may_be_what_is_over_at_another() {
    let mut world = hundred();
    ship(&mut world, 8, "A", "B", 20);
    ship(&mut world, 8, "A", "C", 20);
    receive(&mut world, 10, "B", 25);
    receive(&mut world, 11, "C", 15);
    let balances = world.balances("L");
    assert_eq!(part(&balances, way("A", "C")), Some((0, 5)));
    assert_eq!(part(&balances, stock("A")), Some((55, 60)));
    assert_eq!(part(&balances, stock("C")), Some((15, 15)));
}
