//! By which events an item can have gone along with its lot, and who answers for them.

use super::*;

fn pieces(event: Event, count: i64) -> Event {
    event.amount(Role::Object, "L", count, None)
}

fn send(world: &mut World, from: &str, to: &str, (hour, count): (i64, i64)) {
    let ship = Event::seen(clock(hour, 0)).ship(from, to);
    world.record(pieces(ship, count));
    let receive = Event::seen(clock(hour, 30)).receive(to);
    world.record(pieces(receive, count));
}

/// Ten items of a lot came to be at the maker.
fn ten() -> World {
    let mut world = World::default();
    let items: Vec<Address> = (0..10).map(unit).collect();
    let made = Event::object(Action::Add, clock(7, 0)).at("maker");
    world.record_items("L", &items, made);
    world
}

fn who(world: &World, item: Address, has_gone: bool) -> Who {
    let mut source = world.source();
    let mut evaluation = Evaluation::new(&mut source);
    evaluation.who(item, clock(1000, 0), has_gone).unwrap()
}

/// Parts with where and how certainly, in order.
fn acts(who: &Who) -> Vec<(Part, Option<Block>, Certainty)> {
    let acts = who.responsible.iter();
    acts.map(|act| (act.part, act.place, act.certainty))
        .collect()
}

/// Where a thing is after each change.
fn places(who: &Who) -> Vec<Status> {
    who.hops.iter().map(|hop| hop.status).collect()
}

const TOLD: Certainty = Certainty::Asserted;
const ALONG: Certainty = Certainty::Inferred;

#[test]
fn whoever_moved_the_stock_answers_for_what_went_along() {
    let mut world = ten();
    send(&mut world, "maker", "shop", (8, 10));
    let found = who(&world, unit(0), true);
    let expected = [
        (Part::Producer, Some(place("maker")), TOLD),
        (Part::Shipper, Some(place("maker")), ALONG),
        (Part::Receiver, Some(place("shop")), ALONG),
    ];
    assert_eq!(acts(&found), expected);
    let there = Status::Here(Some(place("shop")));
    assert_eq!(places(&found).last(), Some(&there));
}

#[test]
fn where_it_may_have_stayed_nothing_changes_hands() {
    let mut world = ten();
    send(&mut world, "maker", "shop", (8, 6));
    let found = who(&world, unit(0), false);
    assert!(acts(&found).contains(&(Part::Shipper, Some(place("maker")), ALONG)));
    let here = Status::Here(Some(place("maker")));
    assert_eq!(places(&found), [here]);
}

#[test]
fn what_is_named_elsewhere_later_came_by_the_ways_that_lead_there() {
    let mut world = ten();
    send(&mut world, "maker", "depot", (8, 6));
    send(&mut world, "maker", "other", (9, 4));
    send(&mut world, "depot", "shop", (10, 6));
    let sale = Event::seen(clock(12, 0)).step("retail_selling").at("shop");
    world.record(sale.objects(&[unit(3)]));
    let found = who(&world, unit(3), false);
    let expected = [
        (Part::Producer, Some(place("maker")), TOLD),
        (Part::Shipper, Some(place("maker")), ALONG),
        (Part::Receiver, Some(place("depot")), ALONG),
        (Part::Shipper, Some(place("depot")), ALONG),
        (Part::Receiver, Some(place("shop")), ALONG),
        (Part::Seller, Some(place("shop")), TOLD),
    ];
    assert_eq!(acts(&found), expected);
    let sold = Status::Sold(Some(place("shop")));
    assert_eq!(places(&found).last(), Some(&sold));
}

#[test]
fn what_moved_by_its_serial_is_told_by_its_own_events() {
    let mut world = ten();
    let ship = Event::seen(clock(8, 0)).ship("maker", "shop");
    world.record(ship.objects(&[unit(0)]));
    world.record(
        Event::seen(clock(8, 30))
            .receive("shop")
            .objects(&[unit(0)]),
    );
    send(&mut world, "maker", "other", (9, 9));
    let expected = [
        (Part::Producer, Some(place("maker")), TOLD),
        (Part::Shipper, Some(place("maker")), TOLD),
        (Part::Receiver, Some(place("shop")), TOLD),
    ];
    assert_eq!(acts(&who(&world, unit(0), false)), expected);
}

#[test]
fn more_of_the_lot_made_later_is_not_of_the_item() {
    let mut world = ten();
    let more = Event::object(Action::Add, clock(9, 0)).at("maker");
    world.record(pieces(more, 5));
    send(&mut world, "maker", "shop", (10, 15));
    let producers = acts(&who(&world, unit(0), true)).into_iter();
    let producers = producers.filter(|(part, _, _)| *part == Part::Producer);
    assert_eq!(producers.count(), 1);
}
