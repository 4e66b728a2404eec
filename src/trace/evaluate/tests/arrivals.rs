//! What arrives at a place, and what stays where it came from.

use super::bounds::stock;
use super::*;
use crate::trace::shares;

fn made(items: &[Address], pieces: i64) -> World {
    let mut world = World::default();
    let made = Event::transform("make", clock(7, 0)).at("plant");
    let made = made.kilos(Role::Input, "MILK", 1);
    world.record(made.amount(Role::Output, "L", pieces, None));
    if !items.is_empty() {
        let marked = Event::object(Action::Add, clock(7, 5)).at("plant");
        world.record_items("L", items, marked);
    }
    let ship = Event::seen(clock(8, 0)).ship("plant", "shop");
    world.record(ship.amount(Role::Object, "L", 4, None));
    world
}

fn reached(world: &World, reach: &Reach) -> Vec<(Account, String, String)> {
    let found = shares(reach, lot("L"), &[world.balances("L")])
        .parts
        .into_iter();
    let texts = |share: crate::trace::Share| {
        let (lo, hi) = (share.lo.unwrap().to_string(), share.hi.unwrap().to_string());
        (share.account, lo, hi)
    };
    found.map(texts).collect()
}

#[test]
fn what_arrived_in_the_window_took_part_and_what_stayed_at_the_sender_did_not() {
    let mut world = made(&[], 10);
    let mut receive = Event::seen(clock(9, 0)).receive("shop");
    receive.0.from_place = Some(place("plant"));
    world.record(receive.amount(Role::Object, "L", 4, None));
    let later = Event::seen(clock(9, 45)).ship("plant", "depot");
    world.record(later.amount(Role::Object, "L", 3, None));
    let seed = Seed::Place {
        place: place("shop"),
        window: window(clock(8, 30), clock(9, 30)),
        guard: 0,
    };
    let reach = world.reach(Direction::Forward, &[seed]);
    let expected = (stock("shop"), "4".to_owned(), "4".to_owned());
    assert_eq!(reached(&world, &reach), [expected]);
}

#[test]
fn an_item_that_arrived_under_its_serial_is_not_among_what_is_still_on_its_way() {
    let items: Vec<Address> = (0..10).map(unit).collect();
    let mut world = made(&items, 10);
    let receive = Event::seen(clock(9, 0)).receive("shop");
    world.record(receive.objects(&[items[5]]));
    assert_eq!(reached(&world, &world.forward(&[items[5]])), []);
    let others = reached(&world, &world.forward(&[items[2]]));
    assert_eq!(others.len(), 2, "at the plant, or on its way: {others:?}");
}

#[test]
fn an_item_that_was_shipped_as_a_part_of_its_lot_was_shipped() {
    let items: Vec<Address> = (0..10).map(unit).collect();
    let mut world = made(&items, 10);
    let receive = Event::seen(clock(9, 0)).receive("shop");
    world.record(receive.objects(&items[0..6]));
    let gaps = world.unit_gaps(&items);
    let missing: u32 = gaps.iter().map(|gap| gap.members.len()).sum();
    assert_eq!(missing, 2, "four were shipped by quantity, and six arrived");
}
