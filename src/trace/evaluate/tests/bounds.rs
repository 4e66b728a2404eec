//! Quantities: balances and bounds.

use super::*;

fn stock(name: &str) -> Account {
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
    };
    let dark: Vec<_> = balances.dark().collect();
    assert_eq!(dark, [(transit, Amount::whole(15))]);
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
    assert_eq!(balances.accounts[&Account::Unrecorded], Amount::whole(-25));
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
    assert_eq!(balances.total(), Amount::whole(100));
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
        .map(|b| (b.uom.clone(), b.total()))
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
