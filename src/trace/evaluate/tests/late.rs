//! Records that come late, by their time: which tell of a movement that is known already, and which of another.

use super::bounds::{gaps, part, stock};
use super::*;

/// Minutes past an hour of a day.
fn day(day: i64, hour: i64) -> Timestamp {
    clock(24 * day + hour, 0)
}

fn pieces(event: Event, pieces: i64) -> Event {
    event.amount(Role::Object, "L", pieces, None)
}

fn ship(time: Timestamp, count: i64) -> Event {
    pieces(Event::seen(time).ship("plant", "A"), count)
}

fn receive(time: Timestamp, count: i64) -> Event {
    pieces(Event::seen(time).receive("A"), count)
}

fn sell(time: Timestamp, count: i64) -> Event {
    pieces(Event::seen(time).step("retail_selling").at("A"), count)
}

fn way(from: &str) -> Account {
    Account::InTransit {
        from: Some(place(from)),
        to: Some(place("A")),
        parties: Parties::default(),
    }
}

fn sold() -> Account {
    Account::Sold(Some(place("A")))
}

#[test]
fn what_is_shipped_weeks_after_something_arrived_is_something_else() {
    let balances = made_then(vec![
        receive(day(1, 9), 20),
        sell(day(2, 9), 20),
        ship(day(20, 9), 20),
    ]);
    assert_eq!(part(&balances, sold()), Some((20, 20)));
    assert_eq!(part(&balances, way("plant")), Some((20, 20)));
    assert_eq!(part(&balances, stock("plant")), Some((60, 80)));
    let lost = (GapKind::NotReceived, "plant→A".to_owned(), (20, 20));
    assert!(gaps(&balances).contains(&lost), "{:?}", gaps(&balances));
}

#[test]
fn what_is_shipped_within_a_day_of_its_arrival_is_what_arrived() {
    let balances = made_then(vec![receive(day(1, 9), 20), ship(day(1, 10), 20)]);
    assert_eq!(part(&balances, stock("A")), Some((20, 20)));
    assert_eq!(part(&balances, stock("plant")), Some((80, 80)));
    assert_eq!(part(&balances, way("plant")), None);
    assert_eq!(gaps(&balances), []);
}

#[test]
fn what_had_gone_on_before_it_was_shipped_may_be_something_else() {
    let balances = made_then(vec![
        receive(day(1, 9), 20),
        sell(day(1, 10), 15),
        ship(day(1, 15), 20),
    ]);
    assert_eq!(part(&balances, sold()), Some((15, 15)));
    assert_eq!(part(&balances, stock("A")), Some((5, 5)));
    assert_eq!(part(&balances, way("plant")), Some((0, 15)));
    assert_eq!(part(&balances, stock("plant")), Some((65, 80)));
    let lost = (GapKind::NotReceived, "plant→A".to_owned(), (0, 15));
    assert_eq!(gaps(&balances), [lost]);
}

#[test]
fn what_one_party_received_is_not_what_is_shipped_to_another_later() {
    let mut came = receive(day(1, 9), 20);
    came.0.to_party = Some(party("one"));
    let mut left = ship(day(1, 10), 20);
    left.0.to_party = Some(party("another"));
    let balances = made_then(vec![came, left]);
    let Account::InTransit { from, to, .. } = way("plant") else {
        unreachable!()
    };
    let way = Account::InTransit {
        from,
        to,
        parties: Parties {
            receiver: Some(party("another")),
            ..Parties::default()
        },
    };
    assert_eq!(part(&balances, way), Some((20, 20)));
    assert_eq!(part(&balances, stock("plant")), Some((60, 80)));
}

#[test]
fn what_arrives_weeks_later_was_not_used_before() {
    let mut world = World::default();
    world.record(sell(day(1, 9), 20));
    world.record(pieces(Event::seen(day(20, 9)).ship("mill", "A"), 20));
    world.record(receive(day(20, 12), 20));
    let balances = world.balances("L");
    assert_eq!(part(&balances, sold()), Some((20, 20)));
    assert_eq!(part(&balances, stock("A")), Some((20, 20)));

    let mut world = World::default();
    world.record(sell(day(1, 9), 20));
    world.record(pieces(Event::seen(day(1, 8)).ship("mill", "A"), 20));
    world.record(receive(day(1, 12), 20));
    let balances = world.balances("L");
    assert_eq!(part(&balances, sold()), Some((20, 20)));
    assert_eq!(part(&balances, stock("A")), None);
}

#[test]
fn what_arrives_weeks_later_was_not_missing_before() {
    let balances = made_then(vec![sell(day(1, 9), 20), receive(day(20, 9), 20)]);
    assert_eq!(part(&balances, sold()), Some((20, 20)));
    assert_eq!(part(&balances, stock("A")), Some((20, 20)));
    assert_eq!(part(&balances, stock("plant")), Some((60, 100)));
}

#[test]
fn what_arrives_beyond_what_was_shipped_may_have_been_counted_wrong() {
    let balances = made_then(vec![ship(day(1, 9), 40), receive(day(2, 9), 45)]);
    assert_eq!(part(&balances, stock("A")), Some((40, 45)));
    assert_eq!(part(&balances, stock("plant")), Some((55, 60)));
}

#[test]
fn what_arrives_at_two_places_at_once_is_told_alike_whatever_was_recorded_first() {
    for count in [5, 60] {
        let at = |name| pieces(Event::seen(day(2, 9)).receive(name), count);
        let one = made_then(vec![at("B"), at("C")]);
        let other = made_then(vec![at("C"), at("B")]);
        assert_eq!(one.parts, other.parts, "{count}");
        assert_eq!(gaps(&one), gaps(&other), "{count}");
    }
}
