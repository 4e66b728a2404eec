//! Who answers for a thing under its other names and as a part of its lots.

use super::*;

fn parts(world: &World, thing: Address) -> Vec<(Part, Option<Block>)> {
    let mut source = world.source();
    let who = Evaluation::new(&mut source)
        .who(thing, clock(1000, 0), false)
        .unwrap();
    let parts = who.responsible.into_iter();
    parts.map(|acting| (acting.part, acting.place)).collect()
}

fn whole(name: &str) -> Address {
    Address {
        block: lot(name),
        member: 0,
    }
}

/// Made and shipped as THEIRS, received as OURS.
fn renamed() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(7, 0)).at("maker");
    world.record(made.kilos(Role::Object, "THEIRS", 100));
    let ship = Event::seen(clock(8, 0)).ship("maker", "shop");
    world.record(ship.kilos(Role::Object, "THEIRS", 60));
    let receive = Event::seen(clock(9, 0)).receive("shop");
    world.record(receive.kilos(Role::Object, "OURS", 60));
    world.aliases.push((lot("OURS"), lot("THEIRS")));
    world
}

#[test]
fn who_made_a_lot_answers_for_it_under_its_other_name() {
    let world = renamed();
    let expected = [
        (Part::Producer, Some(place("maker"))),
        (Part::Shipper, Some(place("maker"))),
        (Part::Receiver, Some(place("shop"))),
    ];
    assert_eq!(parts(&world, whole("OURS")), expected);
    assert_eq!(parts(&world, whole("THEIRS")), expected);
}

#[test]
fn who_made_its_lot_answers_for_an_item_and_who_had_other_stock_does_not() {
    let mut world = World::default();
    let made = Event::transform("make", clock(7, 0)).at("maker");
    let made = made.kilos(Role::Input, "MILK", 1);
    world.record(made.amount(Role::Output, "L", 20, None));
    for to in ["shop", "other"] {
        let ship = Event::seen(clock(8, 0)).ship("maker", to);
        world.record(ship.amount(Role::Object, "L", 10, None));
        let receive = Event::seen(clock(9, 0)).receive(to);
        world.record(receive.amount(Role::Object, "L", 10, None));
    }
    let marked = Event::object(Action::Add, clock(10, 0)).at("shop");
    world.record_items("L", &[unit(1)], marked);
    let found = parts(&world, unit(1));
    assert!(
        found.contains(&(Part::Processor, Some(place("maker")))),
        "{found:?}"
    );
    assert!(
        found.contains(&(Part::Receiver, Some(place("shop")))),
        "{found:?}"
    );
    assert!(
        !found.contains(&(Part::Receiver, Some(place("other")))),
        "{found:?}"
    );
}
