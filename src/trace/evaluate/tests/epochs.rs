//! Codes that are used again.

use super::*;

fn begin(time: Timestamp, list: &[Address]) -> Event {
    Event::object(Action::Add, time).objects(list)
}

fn end(time: Timestamp, list: &[Address]) -> Event {
    Event::object(Action::Delete, time).objects(list)
}

fn use_up(name: &str, time: Timestamp, input: Address, output: Address) -> Event {
    let event = Event::transform(name, time).units(Role::Input, &[input]);
    event.units(Role::Output, &[output])
}

/// Serial 1 is used twice: each of the two is used up, into 5 and into 6.
fn twice() -> World {
    let mut world = World::default();
    world.record(use_up("make", clock(8, 0), unit(9), unit(1)));
    world.record(use_up("first", clock(9, 0), unit(1), unit(5)));
    world.record(end(clock(10, 0), &[unit(1)]));
    world.record(begin(clock(11, 0), &[unit(1)]));
    world.record(use_up("second", clock(12, 0), unit(1), unit(6)));
    world
}

#[test]
fn a_serial_used_again_is_another_thing() {
    let world = twice();
    let reach = world.forward(&[unit(9)]);
    assert!(reach.unit(unit(5)).is_some() && reach.unit(unit(6)).is_none());
    let back = |n| world.backward(&[unit(n)]).unit(unit(9)).is_some();
    assert!(back(5) && !back(6));
}

#[test]
fn a_serial_that_is_named_without_a_time_means_all_that_bore_it() {
    let reach = twice().forward(&[unit(1)]);
    assert!(reach.unit(unit(5)).is_some() && reach.unit(unit(6)).is_some());
}

#[test]
fn a_second_beginning_without_an_end_between_changes_nothing() {
    let mut world = World::default();
    world.record(use_up("make", clock(8, 0), unit(9), unit(1)));
    world.record(use_up("make again", clock(9, 0), unit(10), unit(1)));
    world.record(use_up("use", clock(10, 0), unit(1), unit(5)));
    assert!(world.forward(&[unit(9)]).unit(unit(5)).is_some());
    assert!(world.forward(&[unit(10)]).unit(unit(5)).is_some());
}

#[test]
fn a_beginning_that_was_recorded_late_is_no_second_one() {
    let mut world = World::default();
    world.record(Event::seen(clock(8, 0)).objects(&[unit(1)]));
    world.record(begin(clock(9, 0), &[unit(1)]));
    world.record(use_up("mix", clock(10, 0), unit(1), unit(5)));
    let seed = Seed::Units {
        units: units(&[unit(1)]),
        window: window(clock(7, 0), clock(20, 0)),
    };
    let reach = world.reach(Direction::Forward, &[seed]);
    assert!(reach.unit(unit(5)).is_some());
}

#[test]
fn a_container_that_begins_again_holds_nothing_of_what_it_held() {
    let (old, new, pallet) = (unit(1), unit(2), container(0));
    let mut world = World::default();
    world.record(begin(clock(7, 0), &[pallet]));
    world.record(Event::pack(pallet, &[old], clock(8, 0)));
    world.record(end(clock(9, 0), &[pallet]));
    world.record(begin(clock(10, 0), &[pallet]));
    world.record(Event::pack(pallet, &[new], clock(11, 0)));
    world.record(Event::seen(clock(12, 0)).at("dock").objects(&[pallet]));
    let seed = Seed::Place {
        place: place("dock"),
        window: window(clock(11, 30), clock(12, 30)),
        guard: 0,
    };
    let reach = world.reach(Direction::Forward, &[seed]);
    assert!(reach.unit(new).is_some() && reach.unit(old).is_none());
    let left_out = reach
        .excluded
        .iter()
        .find(|left_out| left_out.block == old.block);
    assert!(left_out.is_some_and(|left_out| left_out.reason == Reason::DisjointInterval));
}

#[test]
fn what_a_container_that_begins_again_held_does_not_move_with_it() {
    let (item, crate_) = (unit(1), container(0));
    let mut world = World::default();
    world.record(begin(clock(7, 0), &[crate_]));
    world.record(Event::pack(crate_, &[item], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&[crate_]));
    world.record(end(clock(10, 0), &[crate_]).at("B"));
    world.record(begin(clock(11, 0), &[crate_]).at("C"));
    world.record(Event::seen(clock(12, 0)).receive("D").objects(&[crate_]));
    assert_eq!(world.status(crate_, clock(13, 0)), here("D"));
    let ended = Status::Ended(Some(place("B")));
    assert_eq!(world.status(item, clock(13, 0)), ended);
    world.record(Event::pack(crate_, &[item], clock(14, 0)).at("D"));
    assert_eq!(world.status(item, clock(15, 0)), here("D"));
}

#[test]
fn a_serial_used_again_is_where_the_new_thing_is_and_not_in_the_container_of_the_old_one() {
    let (item, case) = (unit(1), container(0));
    let mut world = World::default();
    world.record(begin(clock(7, 0), &[item]).at("A"));
    world.record(Event::pack(case, &[item], clock(8, 0)).at("A"));
    world.record(end(clock(9, 0), &[item]));
    world.record(begin(clock(10, 0), &[item]).at("C"));
    world.record(Event::seen(clock(11, 0)).receive("B").objects(&[case]));
    let standing = world.standing(item, clock(12, 0));
    assert_eq!((standing.answer.status, standing.fault), (here("C"), None));
}
