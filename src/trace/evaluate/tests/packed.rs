//! Items that go into containers under their serials, of a lot that comes out of them by quantity.

use super::*;
use crate::trace::{Along, Goes, along, shares};

fn items(range: std::ops::Range<u16>) -> Vec<Address> {
    range.map(unit).collect()
}

fn pieces(event: Event, count: i64) -> Event {
    event.amount(Role::Object, "L", count, None)
}

fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

/// Ten items came to be at the maker, were packed into a box under their serials, and went to the shop in it.
fn boxed() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(7, 0)).at("maker");
    world.record_items("L", &items(0..10), made);
    world.record(Event::pack(container(0), &items(0..10), clock(8, 0)).at("maker"));
    let ship = Event::seen(clock(9, 0)).ship("maker", "shop");
    world.record(ship.objects(&[container(0)]));
    let receive = Event::seen(clock(10, 0)).receive("shop");
    world.record(receive.objects(&[container(0)]));
    world
}

/// Some of the lot goes from the shop to a customer, by quantity.
fn pass_on(world: &mut World, count: i64) {
    let ship = Event::seen(clock(12, 0)).ship("shop", "customer");
    world.record(pieces(ship, count));
    let receive = Event::seen(clock(13, 0)).receive("customer");
    world.record(pieces(receive, count));
}

fn take_out(world: &mut World, count: i64) {
    let event = Event::aggregation(Action::Delete, container(0), clock(11, 0)).at("shop");
    world.record(event.amount(Role::Child, "L", count, None));
}

fn parts(world: &World) -> BTreeMap<Account, Bounds> {
    let balances = world.balances("L");
    assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));
    balances.parts
}

fn exactly(count: i32) -> Bounds {
    Bounds::exact(Amount::whole(count))
}

fn at_most(count: i32) -> Bounds {
    Bounds {
        lo: Amount::ZERO,
        hi: Amount::whole(count),
    }
}

/// What of the lot one item can be among.
fn reached(world: &World, item: Address) -> BTreeMap<Account, Bounds> {
    let reach = world.forward(&[item]);
    let found = shares(&reach, lot("L"), &[world.balances("L")]).parts;
    let bounds = |share: &crate::trace::Share| Bounds {
        lo: share.lo.unwrap(),
        hi: share.hi.unwrap(),
    };
    let found = found.iter().map(|share| (share.account, bounds(share)));
    found.collect()
}

/// Where an item can have gone along.
fn gone(world: &World, item: Address) -> Option<Along> {
    let mut source = world.source();
    let mut evaluation = Evaluation::new(&mut source);
    let end = clock(1000, 0);
    let found = evaluation.whereabouts(&units(&[item]), end).unwrap();
    let mut told = along(&mut evaluation, &found, end).unwrap();
    assert!(told.len() <= 1, "{told:?}");
    told.pop()
}

#[test]
fn what_went_in_under_serials_comes_out_by_number() {
    let mut world = boxed();
    take_out(&mut world, 10);
    pass_on(&mut world, 6);
    let expected = [(stock("shop"), exactly(4)), (stock("customer"), exactly(6))];
    assert_eq!(parts(&world), expected.into());
    let expected = [(stock("shop"), at_most(1)), (stock("customer"), at_most(1))];
    assert_eq!(reached(&world, unit(0)), expected.into());
    let along = gone(&world, unit(0)).unwrap();
    assert_eq!(along.goes(), Goes::Somewhere);
    let accounts: Vec<Account> = along.accounts.into_keys().collect();
    assert_eq!(
        accounts.into_iter().collect::<BTreeSet<_>>(),
        [stock("shop"), stock("customer")].into()
    );
}

#[test]
fn what_was_taken_out_by_number_and_went_on_is_all_there_is() {
    let mut world = boxed();
    take_out(&mut world, 10);
    pass_on(&mut world, 10);
    assert_eq!(parts(&world), [(stock("customer"), exactly(10))].into());
    let goes = gone(&world, unit(0)).map(|along| along.goes());
    assert_eq!(goes, Some(Goes::To(stock("customer"), lot("L"))));
}

#[test]
fn what_is_left_in_the_box_may_be_any_of_the_items() {
    let mut world = boxed();
    take_out(&mut world, 4);
    assert_eq!(parts(&world), [(stock("shop"), exactly(4))].into());
    let along = gone(&world, unit(0)).unwrap();
    assert!(along.stays);
    assert!(along.accounts.contains_key(&stock("shop")));
}

#[test]
fn what_lies_where_its_box_was_emptied_goes_along_by_number() {
    let mut world = boxed();
    let emptied = Event::aggregation(Action::Delete, container(0), clock(11, 0));
    world.record(emptied.at("shop"));
    pass_on(&mut world, 6);
    assert_eq!(parts(&world), [(stock("customer"), exactly(6))].into());
    let singly = Account::Singly(Some(place("shop")));
    assert_eq!(world.balances("L").accounts[&singly], Amount::whole(4));
    let along = gone(&world, unit(0)).unwrap();
    assert!(along.stays);
    assert!(along.accounts.contains_key(&stock("customer")));
}

#[test]
fn an_event_that_counts_what_is_in_a_box_under_serials_moves_nothing_besides() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("maker");
    world.record(pieces(made, 100));
    let marked = Event::object(Action::Add, clock(7, 0)).at("maker");
    world.record_items("L", &items(0..10), marked);
    world.record(Event::pack(container(0), &items(0..10), clock(8, 0)).at("maker"));
    let ship = Event::seen(clock(9, 0)).ship("maker", "shop");
    world.record(pieces(ship.objects(&[container(0)]), 10));
    let receive = Event::seen(clock(10, 0)).receive("shop");
    world.record(pieces(receive.objects(&[container(0)]), 10));
    assert_eq!(parts(&world), [(stock("maker"), exactly(90))].into());
}

#[test]
fn items_that_come_out_by_name_are_not_of_what_came_out_by_number() {
    let mut world = boxed();
    take_out(&mut world, 4);
    let out = Event::unpack(container(0), &[unit(0)], clock(11, 30));
    world.record(out.at("shop"));
    assert_eq!(parts(&world), [(stock("shop"), exactly(4))].into());
    let balances = world.balances("L");
    assert_eq!(balances.packed[&container(0)], Amount::whole(5));
    let singly = Account::Singly(Some(place("shop")));
    assert_eq!(balances.accounts[&singly], Amount::whole(1));
}

#[test]
fn an_item_that_came_out_by_number_and_is_named_then_is_of_that_stock() {
    let mut world = boxed();
    take_out(&mut world, 4);
    let sale = Event::seen(clock(12, 0)).step("retail_selling").at("shop");
    world.record(sale.objects(&[unit(0)]));
    assert_eq!(parts(&world), [(stock("shop"), exactly(3))].into());
    assert_eq!(world.balances("L").packed[&container(0)], Amount::whole(6));
}

#[test]
fn an_item_is_sent_on_from_where_its_box_was_emptied() {
    let mut world = boxed();
    let emptied = Event::aggregation(Action::Delete, container(0), clock(11, 0));
    world.record(emptied.at("shop"));
    let ship = Event::seen(clock(12, 0)).ship("shop", "customer");
    world.record(ship.objects(&[unit(0)]));
    pass_on(&mut world, 9);
    assert_eq!(parts(&world), [(stock("customer"), exactly(9))].into());
}

#[test]
fn whoever_took_it_out_by_number_and_sent_it_on_answers_for_it() {
    let mut world = boxed();
    take_out(&mut world, 10);
    pass_on(&mut world, 10);
    let mut source = world.source();
    let who = Evaluation::new(&mut source);
    let who = { who }.who(unit(0), clock(1000, 0), true).unwrap();
    let parts = who.responsible.iter();
    let parts: Vec<_> = parts
        .map(|act| (act.part, act.place, act.certainty))
        .collect();
    let shipped = (Part::Shipper, Some(place("shop")), Certainty::Inferred);
    let received = (Part::Receiver, Some(place("customer")), Certainty::Inferred);
    assert!(
        parts.contains(&shipped) && parts.contains(&received),
        "{parts:?}"
    );
}

#[test]
fn what_was_taken_out_by_name_did_not_go_with_what_was_taken_out_by_number() {
    let mut world = boxed();
    take_out(&mut world, 4);
    pass_on(&mut world, 4);
    let out = Event::unpack(container(0), &[unit(0)], clock(14, 0));
    world.record(out.at("shop"));
    let mut source = world.source();
    let who = Evaluation::new(&mut source);
    let who = { who }.who(unit(0), clock(1000, 0), false).unwrap();
    let places: BTreeSet<_> = who.responsible.iter().map(|act| act.place).collect();
    assert!(!places.contains(&Some(place("customer"))), "{who:?}");
}

#[test]
fn what_was_used_up_in_a_box_stays_used_up_when_its_code_begins_again() {
    let mut world = boxed();
    let used = Event::transform("use", clock(11, 0)).at("shop");
    let used = used.units(Role::Input, &[container(0)]);
    world.record(used.amount(Role::Output, "OUT", 3, None));
    let before = world.standing(unit(0), clock(11, 30));
    let again = Event::object(Action::Add, clock(12, 0)).at("maker");
    world.record(again.objects(&[container(0)]));
    let after = world.standing(unit(0), clock(20, 0));
    assert_eq!(after, before);
    assert_eq!(after.answer.status, Status::Consumed(process("use")));
}
