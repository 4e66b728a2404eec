//! Shipments that name a party and no place.

use super::bounds::stock;
use super::*;

fn ship(time: Timestamp, to: &str, pieces: i64) -> Event {
    let mut ship = Event::seen(time).step("shipping").at("plant");
    ship.0.to_party = Some(party(to));
    ship.amount(Role::Object, "L", pieces, None)
}

fn towards(receiver: Option<Block>, owner: Option<Block>) -> Account {
    Account::InTransit {
        from: Some(place("plant")),
        to: None,
        parties: Parties {
            receiver,
            owner,
            ..Parties::default()
        },
    }
}

fn to(name: &str) -> Account {
    towards(Some(party(name)), None)
}

/// Ten were made; five went to A, and two to B.
fn sent() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 10, None));
    world.record(ship(clock(8, 0), "A", 5));
    world.record(ship(clock(8, 10), "B", 2));
    world
}

fn part(balances: &Balances, account: Account) -> Option<(String, String)> {
    let part = balances.parts.get(&account)?;
    Some((part.lo.to_string(), part.hi.to_string()))
}

fn exactly(pieces: &str) -> (String, String) {
    (pieces.to_owned(), pieces.to_owned())
}

#[test]
fn what_is_sent_to_two_parties_is_two_parts_with_a_gap_each() {
    let balances = sent().balances("L");
    assert_eq!(part(&balances, to("A")), Some(exactly("5")));
    assert_eq!(part(&balances, to("B")), Some(exactly("2")));
    assert_eq!(part(&balances, stock("plant")), Some(exactly("3")));
    let ends: Vec<_> = balances.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
    let at = |name| Account::Stock {
        place: None,
        party: Some(party(name)),
    };
    let mut expected = ["A", "B"].map(|name| (Some(stock("plant")), Some(at(name))));
    expected.sort();
    assert_eq!(ends, expected);
}

#[test]
fn a_party_receives_what_was_sent_to_it() {
    let mut world = sent();
    let mut receive = Event::seen(clock(9, 0)).receive("shop");
    receive.0.to_party = Some(party("B"));
    world.record(receive.amount(Role::Object, "L", 2, None));
    let balances = world.balances("L");
    assert_eq!(part(&balances, to("A")), Some(exactly("5")));
    assert_eq!(part(&balances, to("B")), None);
    assert_eq!(balances.gaps.len(), 1);
}

#[test]
fn what_somebody_unnamed_received_may_be_of_either_shipment() {
    let mut world = sent();
    let receive = Event::seen(clock(9, 0)).receive("shop");
    world.record(receive.amount(Role::Object, "L", 2, None));
    let balances = world.balances("L");
    let between = |lo: &str, hi: &str| Some((lo.to_owned(), hi.to_owned()));
    assert_eq!(part(&balances, stock("shop")), Some(exactly("2")));
    let parts = [part(&balances, to("A")), part(&balances, to("B"))];
    assert_eq!(parts, [between("3", "5"), between("0", "2")]);
    world.record(ship(clock(8, 20), "A", 1));
    let rest = Event::seen(clock(10, 0)).receive("shop");
    world.record(rest.amount(Role::Object, "L", 6, None));
    assert_eq!(world.balances("L").gaps, []);
}

#[test]
fn the_rest_of_a_shipment_is_told_to_no_other_party() {
    let mut world = sent();
    let mut departs = ship(clock(9, 0), "A", 5);
    departs.0.biz_step = Some("departing".to_owned());
    world.record(departs);
    let mut other = ship(clock(9, 0), "C", 2);
    other.0.biz_step = Some("departing".to_owned());
    world.record(other);
    let balances = world.balances("L");
    let parts = ["A", "B", "C"].map(|name| part(&balances, to(name)));
    assert_eq!(parts, ["5", "2", "2"].map(exactly).map(Some));
}

#[test]
fn what_is_on_its_way_to_two_owners_is_owned_by_each() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 10, None));
    for (owner, pieces) in [("A", 4), ("B", 3)] {
        let mut ship = Event::seen(clock(8, 0)).step("shipping").at("plant");
        ship.0.to_owner = Some(party(owner));
        world.record(ship.amount(Role::Object, "L", pieces, None));
    }
    let balances = world.balances("L");
    let mut source = world.source();
    let owners = Evaluation::new(&mut source)
        .lot_owners(&[lot("L")].into(), clock(1000, 0))
        .unwrap();
    for (owner, pieces) in [("A", "4"), ("B", "3")] {
        let way = towards(None, Some(party(owner)));
        assert_eq!(part(&balances, way), Some(exactly(pieces)));
        assert_eq!(owners[&lot("L")].of(&way), Some(party(owner)));
    }
}

#[test]
fn who_is_named_to_have_sent_what_arrived_is_one_end_of_the_gap() {
    let mut world = World::default();
    let mut receive = Event::seen(clock(8, 0)).receive("shop").objects(&[unit(1)]);
    receive.0.from_party = Some(party("A"));
    world.record(receive.amount(Role::Object, "L", 5, None));
    let sender = Account::Stock {
        place: None,
        party: Some(party("A")),
    };
    let gaps = world.balances("L").gaps;
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        (gaps[0].kind, gaps[0].from),
        (GapKind::NotShipped, Some(sender))
    );
    let gaps = world.unit_gaps(&[unit(1)]);
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].from, gaps[0].sender), (None, Some(party("A"))));
}

/// Received at `U`, by who is named.
fn receive_by(time: Timestamp, name: &str, pieces: i64) -> Event {
    let mut receive = Event::seen(time).receive("U");
    receive.0.to_party = Some(party(name));
    receive.amount(Role::Object, "L", pieces, None)
}

/// Shipped from the plant to `U`, to who is named.
fn ship_for(time: Timestamp, name: &str, pieces: i64) -> Event {
    let mut ship = Event::seen(time).ship("plant", "U");
    ship.0.to_party = Some(party(name));
    ship.amount(Role::Object, "L", pieces, None)
}

fn way_for(name: &str) -> Account {
    Account::InTransit {
        from: Some(place("plant")),
        to: Some(place("U")),
        parties: Parties {
            receiver: Some(party(name)),
            ..Parties::default()
        },
    }
}

fn of(name: &str) -> Account {
    Account::Stock {
        place: Some(place("U")),
        party: Some(party(name)),
    }
}

#[test]
fn what_one_party_received_may_not_be_what_was_shipped_to_another() {
    let balances = made_then(vec![
        ship_for(clock(9, 0), "B", 30),
        receive_by(clock(33, 0), "A", 30),
    ]);
    assert_eq!(bounds::part(&balances, of("A")), Some((30, 30)));
    assert_eq!(bounds::part(&balances, way_for("B")), Some((0, 30)));
    assert_eq!(bounds::part(&balances, stock("plant")), Some((40, 70)));
    let asked: Vec<_> = balances.gaps.iter().map(|gap| gap.to).collect();
    assert_eq!(asked, [Some(of("B"))]);

    let balances = made_then(vec![
        ship_for(clock(9, 0), "A", 40),
        ship_for(clock(9, 5), "B", 30),
        receive_by(clock(33, 0), "C", 30),
    ]);
    assert_eq!(bounds::part(&balances, of("C")), Some((30, 30)));
    assert_eq!(bounds::part(&balances, way_for("A")), Some((10, 40)));
    assert_eq!(bounds::part(&balances, way_for("B")), Some((0, 30)));
    assert_eq!(bounds::part(&balances, stock("plant")), Some((0, 30)));
}

#[test]
fn what_one_party_received_beyond_its_shipment_may_be_of_anothers_or_counted_wrong() {
    let balances = made_then(vec![
        ship_for(clock(9, 0), "A", 30),
        ship_for(clock(9, 5), "B", 30),
        receive_by(clock(33, 0), "A", 40),
        receive_by(clock(33, 5), "B", 10),
    ]);
    assert_eq!(bounds::part(&balances, of("A")), Some((30, 40)));
    assert_eq!(bounds::part(&balances, of("B")), Some((10, 10)));
    assert_eq!(bounds::part(&balances, way_for("B")), Some((10, 20)));
    assert_eq!(bounds::part(&balances, stock("plant")), Some((30, 40)));
}

#[test]
fn what_leaves_a_place_where_two_have_some_may_be_of_either() {
    let both = vec![
        ship_for(clock(9, 0), "A", 40),
        ship_for(clock(9, 5), "B", 30),
        receive_by(clock(33, 0), "A", 40),
        receive_by(clock(33, 30), "B", 30),
    ];
    let left = Event::seen(clock(57, 0)).ship("U", "C");
    let left = left.amount(Role::Object, "L", 30, None);
    let mut events = both.clone();
    events.push(left.clone());
    let balances = made_then(events);
    assert_eq!(bounds::part(&balances, of("A")), Some((10, 40)));
    assert_eq!(bounds::part(&balances, of("B")), Some((0, 30)));

    let sold = Event::seen(clock(57, 0)).step("retail_selling").at("U");
    let mut events = both.clone();
    events.push(sold.amount(Role::Object, "L", 10, None));
    let balances = made_then(events);
    assert_eq!(bounds::part(&balances, of("A")), Some((30, 40)));
    assert_eq!(bounds::part(&balances, of("B")), Some((20, 30)));

    let mut events = both.clone();
    let mut named = left;
    named.0.from_party = Some(party("B"));
    events.push(named);
    let balances = made_then(events);
    assert_eq!(bounds::part(&balances, of("A")), Some((40, 40)));
    assert_eq!(bounds::part(&balances, of("B")), None);
}

#[test]
fn what_two_parties_say_to_have_received_are_two_arrivals() {
    let mut accepted = receive_by(clock(34, 0), "B", 20);
    accepted.0.biz_step = Some("accepting".to_owned());
    let balances = made_then(vec![
        ship_for(clock(9, 0), "A", 20),
        receive_by(clock(33, 0), "A", 20),
        accepted.clone(),
    ]);
    assert_eq!(bounds::part(&balances, of("A")), Some((20, 20)));
    assert_eq!(bounds::part(&balances, of("B")), Some((20, 20)));
    accepted.0.to_party = Some(party("A"));
    let balances = made_then(vec![
        ship_for(clock(9, 0), "A", 20),
        receive_by(clock(33, 0), "A", 20),
        accepted,
    ]);
    assert_eq!(bounds::part(&balances, of("A")), Some((20, 20)));
    assert_eq!(bounds::part(&balances, stock("plant")), Some((80, 80)));
}
