//! Quantities: balances and bounds.

use super::*;

pub(super) fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

/// A lot of 100: 60 went to A, 30 to B, 10 are in stock.
fn split_lot() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.kilos(Role::Object, "L", 100));
    for (to, kilos) in [("A", 60), ("B", 30)] {
        let ship = Event::seen(clock(9, 0)).ship("plant", to);
        world.record(ship.kilos(Role::Object, "L", kilos));
        let receive = Event::seen(clock(10, 0)).receive(to);
        world.record(receive.kilos(Role::Object, "L", kilos));
    }
    world
}

/// The gaps, with the names of places and the least and most that is missing.
pub(super) fn gaps(balances: &Balances) -> Vec<(GapKind, String, (i64, i64))> {
    let name = |account: &Option<Account>| {
        let names = ["A", "B", "C", "plant", "mill", "farm"];
        let at = account.and_then(|account| account.place());
        let known = names.iter().find(|name| Some(place(name)) == at);
        (*known.unwrap_or(&"?")).to_owned()
    };
    let number = |amount: Amount| amount.to_string().parse().unwrap();
    let told = balances.gaps.iter().map(|gap| {
        let way = format!("{}→{}", name(&gap.from), name(&gap.to));
        (
            gap.kind,
            way,
            (number(gap.amount.lo), number(gap.amount.hi)),
        )
    });
    told.collect()
}

pub(super) fn part(balances: &Balances, account: Account) -> Option<(i64, i64)> {
    let number = |amount: Amount| amount.to_string().parse().unwrap();
    let part = balances.parts.get(&account)?;
    Some((number(part.lo), number(part.hi)))
}

fn bounds_of(tainted: i32) -> Vec<(i32, i32)> {
    let bounds = split_lot().balances("L").bounds(Amount::whole(tainted));
    let as_numbers = |name: &str| {
        let bounds = bounds[&stock(name)];
        let number = |amount: Amount| amount.to_string().parse().unwrap();
        (number(bounds.lo), number(bounds.hi))
    };
    ["A", "B", "plant"].map(as_numbers).to_vec()
}

#[test]
fn thirty_bad_of_a_hundred_can_all_be_with_one_holder_or_none() {
    assert_eq!(bounds_of(30), [(0, 30), (0, 30), (0, 10)]);
}

#[test]
fn eighty_bad_of_a_hundred_leave_each_large_holder_some() {
    assert_eq!(bounds_of(80), [(40, 60), (10, 30), (0, 10)]);
}

#[test]
fn what_was_shipped_and_not_received_is_dark() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", 40));
    let ship = Event::seen(clock(9, 0)).ship("A", "B");
    world.record(ship.kilos(Role::Object, "L", 40));
    let receive = Event::seen(clock(10, 0)).receive("B");
    world.record(receive.kilos(Role::Object, "L", 25));
    let balances = world.balances("L");
    let transit = Account::InTransit {
        from: Some(place("A")),
        to: Some(place("B")),
        parties: Parties::default(),
    };
    assert_eq!(balances.accounts[&transit], Amount::whole(15));
    assert_eq!(
        gaps(&balances),
        [(GapKind::NotReceived, "A→B".to_owned(), (15, 15))]
    );
    assert_eq!(balances.accounts[&stock("B")], Amount::whole(25));
    assert_eq!(balances.faults, []);
}

#[test]
fn more_used_than_there_was_is_a_fault_and_a_debt() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", 40));
    let eat = Event::transform("eat", clock(9, 0)).at("A");
    let event = world.record(eat.kilos(Role::Input, "L", 50));
    let balances = world.balances("L");
    assert_eq!(balances.accounts[&Account::Used], Amount::whole(50));
    assert_eq!(balances.accounts[&stock("A")], Amount::whole(-10));
    let overdrawn = LotFault::Overdrawn {
        account: stock("A"),
        by: Amount::whole(10),
        event,
    };
    assert_eq!(balances.faults, [overdrawn]);
}

#[test]
fn a_receipt_beyond_the_shipment_is_a_fault() {
    let mut world = World::default();
    let receive = Event::seen(clock(10, 0)).receive("B");
    let event = world.record(receive.kilos(Role::Object, "L", 25));
    let balances = world.balances("L");
    let by = Amount::whole(25);
    assert_eq!(balances.faults, [LotFault::NotShipped { by, event }]);
    assert_eq!(
        balances.accounts[&Account::Unrecorded(Some(place("B")))],
        Amount::whole(-25)
    );
}

#[test]
fn every_booking_has_two_sides() {
    let mut world = split_lot();
    let pack = Event::aggregation(Action::Add, container(0), clock(11, 0)).at("A");
    world.record(pack.kilos(Role::Child, "L", 7));
    let all_out = Event::aggregation(Action::Delete, container(0), clock(12, 0)).at("C");
    world.record(all_out);
    let balances = world.balances("L");
    let sum = balances
        .accounts
        .values()
        .fold(Amount::ZERO, |sum, part| sum.plus(*part));
    assert_eq!(sum, Amount::ZERO);
    assert_eq!(balances.accounts[&stock("C")], Amount::whole(7));
    assert_eq!(balances.accounts[&stock("A")], Amount::whole(53));
    assert_eq!(balances.total, Amount::whole(100));
}

#[test]
fn amounts_are_exact_and_units_of_measure_apart() {
    let tenth = Amount::new(1, 1).unwrap();
    let sum = (0..10).fold(Amount::ZERO, |sum, _| sum.plus(tenth));
    assert_eq!(sum, Amount::whole(1));
    assert_eq!(Amount::new(-1_250, 3).unwrap().to_string(), "-1.25");
    assert_eq!(Amount::new(1, 19), None);
    assert_eq!(Amount::new(10, 19).unwrap(), Amount::new(1, 18).unwrap());
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    let mut made = made
        .kilos(Role::Object, "L", 40)
        .kilos(Role::Object, "L", 3);
    if let What::Quantity(quantity) = &mut made.0.parts[1].what {
        quantity.uom = None;
    }
    world.record(made);
    let mut source = world.source();
    let found = Evaluation::new(&mut source)
        .balances(&[lot("L")].into(), clock(9, 0))
        .unwrap();
    let totals: Vec<_> = found[&lot("L")]
        .iter()
        .map(|b| (b.uom.clone(), b.total))
        .collect();
    let expected = [
        (None, Amount::whole(3)),
        (Some("KGM".to_owned()), Amount::whole(40)),
    ];
    assert_eq!(totals, expected);
}

#[test]
fn a_quantity_that_nobody_measured_is_unknown_and_not_nothing() {
    let mut world = World::default();
    let mut made = Event::object(Action::Add, clock(8, 0))
        .at("A")
        .kilos(Role::Object, "L", 0);
    if let What::Quantity(quantity) = &mut made.0.parts[0].what {
        quantity.amount = None;
    }
    world.record(made);
    assert!(world.balances("L").unknown.contains(&stock("A")));
}

#[test]
fn what_is_used_elsewhere_and_never_left_moved_unrecorded() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("mill");
    world.record(made.kilos(Role::Object, "L", 100));
    let feed = Event::transform("feed", clock(9, 0)).at("farm");
    let event = world.record(feed.kilos(Role::Input, "L", 100));
    let balances = world.balances("L");
    assert_eq!(balances.accounts[&stock("farm")], Amount::whole(-100));
    assert!(matches!(balances.faults[..], [LotFault::Overdrawn { event: at, .. }] if at == event));
    let moved = (GapKind::NotRecorded, "mill→farm".to_owned(), (100, 100));
    assert_eq!(gaps(&balances), [moved]);
    assert_eq!(part(&balances, stock("mill")), Some((0, 100)));
    assert_eq!(part(&balances, Account::Used), Some((100, 100)));
    assert_eq!(part(&balances, stock("farm")), None);
    assert_eq!(balances.total, Amount::whole(100));
}

#[test]
fn a_record_that_comes_late_is_the_missing_one() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("mill");
    world.record(made.kilos(Role::Object, "L", 100));
    let feed = Event::transform("feed", clock(9, 0)).at("farm");
    world.record(feed.kilos(Role::Input, "L", 100));
    let ship = Event::seen(clock(10, 0)).step("shipping").at("mill");
    world.record(ship.kilos(Role::Object, "L", 100));
    let balances = world.balances("L");
    let missing = (GapKind::NotReceived, "mill→farm".to_owned(), (100, 100));
    assert_eq!(gaps(&balances), [missing]);

    let receive = Event::seen(clock(11, 0)).receive("farm");
    world.record(receive.kilos(Role::Object, "L", 100));
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), []);
    assert_eq!(balances.parts.len(), 1);
    assert_eq!(part(&balances, Account::Used), Some((100, 100)));
    assert_eq!(
        balances.faults.len(),
        1,
        "used before it came stays a fault"
    );
}

#[test]
fn what_arrives_without_a_shipment_left_where_it_was_made() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", 100));
    let receive = Event::seen(clock(10, 0)).receive("B");
    world.record(receive.kilos(Role::Object, "L", 25));
    let balances = world.balances("L");
    let missing = (GapKind::NotShipped, "A→B".to_owned(), (25, 25));
    assert_eq!(gaps(&balances), [missing]);
    assert_eq!(part(&balances, stock("A")), Some((75, 100)));
    assert_eq!(part(&balances, stock("B")), Some((25, 25)));
    assert_eq!(balances.total, Amount::whole(100));

    let ship = Event::seen(clock(10, 5)).ship("A", "B");
    world.record(ship.kilos(Role::Object, "L", 25));
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), [], "it left after it came, by the clocks");
    assert_eq!(part(&balances, stock("A")), Some((75, 75)));
    assert_eq!(balances.total, Amount::whole(100));
}

#[test]
fn what_arrives_is_received_and_accepted_came_once() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", 100));
    let ship = Event::seen(clock(9, 0)).ship("A", "B");
    world.record(ship.kilos(Role::Object, "L", 25));
    for (hour, step) in [(10, "arriving"), (11, "receiving"), (12, "accepting")] {
        let arrive = Event::seen(clock(hour, 0)).step(step).at("B");
        world.record(arrive.kilos(Role::Object, "L", 25));
    }
    let balances = world.balances("L");
    assert_eq!(gaps(&balances), []);
    assert_eq!(part(&balances, stock("A")), Some((75, 75)));
    assert_eq!(part(&balances, stock("B")), Some((25, 25)));
}

#[test]
fn a_lot_that_goes_round_without_a_beginning_is_not_lost() {
    let mut world = World::default();
    let round = [("A", "B"), ("B", "A")];
    for (hour, (from, to)) in (8..).zip(round) {
        let ship = Event::seen(clock(hour, 0)).ship(from, to);
        world.record(ship.kilos(Role::Object, "L", 10));
        let receive = Event::seen(clock(hour, 30)).receive(to);
        world.record(receive.kilos(Role::Object, "L", 10));
    }
    let balances = world.balances("L");
    assert_eq!(part(&balances, stock("A")), Some((10, 10)));
    assert_eq!(balances.total, Amount::whole(10));
    let entered = (GapKind::NotRecorded, "?→A".to_owned(), (10, 10));
    assert_eq!(gaps(&balances), [entered]);
}

#[test]
fn what_was_missing_and_is_made_or_comes_later_was_the_same() {
    let mut world = World::default();
    let bake = Event::transform("bake", clock(8, 0)).at("A");
    world.record(bake.kilos(Role::Input, "L", 10));
    let mut made_late = world.clone();
    let made = Event::object(Action::Add, clock(8, 5)).at("A");
    made_late.record(made.kilos(Role::Object, "L", 30));
    let balances = made_late.balances("L");
    assert_eq!(gaps(&balances), []);
    assert_eq!(part(&balances, stock("A")), Some((20, 20)));
    assert_eq!(balances.total, Amount::whole(30));

    let mut made_elsewhere = world.clone();
    let made = Event::object(Action::Add, clock(8, 5)).at("B");
    made_elsewhere.record(made.kilos(Role::Object, "L", 30));
    let balances = made_elsewhere.balances("L");
    let moved = (GapKind::NotRecorded, "B→A".to_owned(), (10, 10));
    assert_eq!(gaps(&balances), [moved]);
    assert_eq!(part(&balances, stock("B")), Some((20, 30)));

    let ship = Event::seen(clock(9, 0)).ship("C", "A");
    world.record(ship.kilos(Role::Object, "L", 10));
    let receive = Event::seen(clock(10, 0)).receive("A");
    world.record(receive.kilos(Role::Object, "L", 10));
    let balances = world.balances("L");
    assert_eq!(
        balances.total,
        Amount::whole(10),
        "used before it came, by the clocks"
    );
    let entered = (GapKind::NotRecorded, "?→C".to_owned(), (10, 10));
    assert_eq!(gaps(&balances), [entered]);
}

#[test]
fn where_two_can_have_given_it_each_may_have_less() {
    let mut world = World::default();
    for (maker, kilos) in [("A", 60), ("B", 30)] {
        let made = Event::object(Action::Add, clock(8, 0)).at(maker);
        world.record(made.kilos(Role::Object, "L", kilos));
    }
    let bake = Event::transform("bake", clock(9, 0)).at("C");
    world.record(bake.kilos(Role::Input, "L", 40));
    let balances = world.balances("L");
    let from_a = (GapKind::NotRecorded, "A→C".to_owned(), (10, 40));
    let from_b = (GapKind::NotRecorded, "B→C".to_owned(), (0, 30));
    let mut told = gaps(&balances);
    told.sort();
    assert_eq!(told, [from_a, from_b]);
    assert_eq!(part(&balances, stock("A")), Some((20, 60)));
    assert_eq!(part(&balances, stock("B")), Some((0, 30)));
    assert_eq!(balances.total, Amount::whole(90));
}

#[test]
fn a_lot_that_nobody_here_made_comes_in_as_often_as_it_arrives() {
    let mut world = World::default();
    for at in ["A", "B"] {
        let receive = Event::seen(clock(10, 0)).receive(at);
        world.record(receive.kilos(Role::Object, "L", 25));
    }
    let balances = world.balances("L");
    assert_eq!(balances.total, Amount::whole(50));
    let kinds: Vec<_> = gaps(&balances)
        .into_iter()
        .map(|(kind, way, _)| (kind, way))
        .collect();
    assert_eq!(
        kinds,
        [
            (GapKind::NotShipped, "?→A".to_owned()),
            (GapKind::NotShipped, "?→B".to_owned())
        ]
    );
}

#[test]
fn what_is_missing_under_one_name_lies_there_under_another() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "theirs", 40));
    let ship = Event::seen(clock(9, 0)).ship("A", "B");
    world.record(ship.kilos(Role::Object, "theirs", 40));
    let receive = Event::seen(clock(10, 0)).receive("B");
    world.record(receive.kilos(Role::Object, "ours", 40));
    assert_eq!(gaps(&world.balances("theirs")).len(), 1);
    assert_eq!(gaps(&world.balances("ours")).len(), 1);

    world.aliases.push((lot("theirs"), lot("ours")));
    assert_eq!(gaps(&world.balances("theirs")), []);
    assert_eq!(gaps(&world.balances("ours")), []);
    assert_eq!(part(&world.balances("ours"), stock("B")), Some((40, 40)));
    assert_eq!(world.balances("theirs").parts, BTreeMap::new());
}

#[test]
fn a_name_without_movements_takes_nothing_from_the_other() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("A");
    world.record(made.kilos(Role::Object, "theirs", 100));
    let ship = Event::seen(clock(9, 0)).ship("A", "B");
    world.record(ship.kilos(Role::Object, "theirs", 60));
    let before = world.balances("theirs");

    world.aliases.push((lot("ours"), lot("theirs")));
    world.aliases.push((lot("theirs"), lot("third")));

    let after = world.balances("theirs");
    assert_eq!(after.parts, before.parts);
    assert_eq!(gaps(&after), gaps(&before));
}

/// A lot of 100 made at 6 at A, of which 60 go to B; what is recorded at 8 happens at one moment.
fn at_one_moment(events: Vec<Event>) -> Balances {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("A");
    world.record(made.kilos(Role::Object, "M", 100));
    for event in events {
        world.record(event);
    }
    world.balances("M")
}

#[test]
fn at_one_moment_what_arrived_goes_on_and_what_was_packed_is_unpacked() {
    let now = clock(8, 0);
    let kilos = |event: Event, kilos| event.kilos(Role::Object, "M", kilos);
    let chain = [
        kilos(Event::seen(now).ship("A", "B"), 60),
        kilos(Event::seen(now).receive("B"), 60),
        kilos(Event::seen(now).ship("B", "C"), 60),
        kilos(Event::seen(now).receive("C"), 60),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let balances = at_one_moment(order.map(|n| chain[n].clone()).to_vec());
        assert_eq!(part(&balances, stock("A")), Some((40, 40)), "{order:?}");
        assert_eq!(part(&balances, stock("C")), Some((60, 60)), "{order:?}");
        assert_eq!(gaps(&balances), [], "{order:?}");
    }
    let boxed = |action| {
        let event = Event::aggregation(action, container(0), now).at("A");
        event.kilos(Role::Child, "M", 37)
    };
    for order in [[Action::Add, Action::Delete], [Action::Delete, Action::Add]] {
        let balances = at_one_moment(order.map(boxed).to_vec());
        assert_eq!(part(&balances, stock("A")), Some((100, 100)));
        assert_eq!(gaps(&balances), []);
    }
}

#[test]
fn what_was_shipped_without_an_amount_is_missed_until_so_it_is_received() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.kilos(Role::Object, "L", 100));
    let unmeasured = |mut event: Event| {
        event.0.parts.push(EventPart {
            role: Role::Object,
            block: lot("L"),
            what: What::Quantity(Quantity {
                amount: None,
                uom: Some("KGM".to_owned()),
            }),
        });
        event
    };
    let event = world.record(unmeasured(Event::seen(clock(9, 0)).ship("plant", "A")));
    let way = Account::InTransit {
        from: Some(place("plant")),
        to: Some(place("A")),
        parties: Parties::default(),
    };
    let unmet = world.balances("L").unmet;
    assert_eq!(unmet.keys().collect::<Vec<_>>(), [&way]);
    assert_eq!(unmet[&way].events, [event].into());
    let came = Event::seen(clock(10, 0)).receive("A");
    world.record(came.clone().kilos(Role::Object, "L", 10));
    assert_eq!(
        world.balances("L").unmet.len(),
        1,
        "nobody says that it is all"
    );
    world.record(unmeasured(came));
    assert!(world.balances("L").unmet.is_empty());
}
