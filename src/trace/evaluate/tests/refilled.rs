//! Containers whose codes are used again, and events that name a container beside what is in it.

use super::bounds::{part, stock};
use super::*;

fn world() -> World {
    let mut world = World::default();
    for (name, pieces) in [("L", 100), ("X", 10)] {
        let made = Event::object(Action::Add, clock(8, 0)).at("plant");
        world.record(made.amount(Role::Object, name, pieces, None));
    }
    world.record(packed(clock(9, 0), "L", 60));
    world
}

fn packed(time: Timestamp, name: &str, pieces: i64) -> Event {
    let event = Event::aggregation(Action::Add, container(0), time).at("plant");
    event.amount(Role::Child, name, pieces, None)
}

fn moved(world: &mut World, hour: i64, to: &str) {
    let things = [container(0)];
    let left = Event::seen(clock(hour, 0)).ship("plant", to);
    world.record(left.objects(&things));
    let came = Event::seen(clock(hour, 30)).receive(to);
    world.record(came.objects(&things));
}

fn inside() -> Account {
    Account::Inside(Some(container(0)))
}

#[test]
fn what_ended_with_a_container_does_not_follow_its_code() {
    let sold = Event::seen(clock(12, 0)).step("retail_selling").at("A");
    let used = Event::transform("cook", clock(12, 0)).at("A");
    let used = used.amount(Role::Output, "Y", 60, None);
    let destroyed = Event::object(Action::Delete, clock(12, 0)).step("destroying");
    let destroyed = destroyed.at("A").objects(&[container(0)]);
    let at = Some(place("A"));
    for (end, account) in [
        (sold.objects(&[container(0)]), Account::Sold(at)),
        (used.units(Role::Input, &[container(0)]), Account::Used),
        (destroyed, Account::Destroyed(at)),
    ] {
        let mut world = world();
        moved(&mut world, 10, "A");
        world.record(end);
        assert_eq!(part(&world.balances("L"), inside()), Some((60, 60)));
        world.record(packed(clock(33, 0), "X", 10));
        moved(&mut world, 34, "B");
        let balances = world.balances("L");
        assert_eq!(part(&balances, account), Some((60, 60)), "{account:?}");
        assert_eq!(part(&balances, inside()), None, "{account:?}");
        assert_eq!(part(&world.balances("X"), inside()), Some((10, 10)));
    }
}

#[test]
fn what_is_taken_out_of_a_container_that_was_sold_was_in_it_still() {
    let mut world = world();
    moved(&mut world, 10, "A");
    let sold = Event::seen(clock(12, 0)).step("retail_selling").at("A");
    world.record(sold.objects(&[container(0)]));
    let out = Event::aggregation(Action::Delete, container(0), clock(13, 0)).at("A");
    world.record(out.amount(Role::Child, "L", 20, None));
    let balances = world.balances("L");
    assert_eq!(part(&balances, inside()), Some((40, 40)));
    assert_eq!(part(&balances, stock("A")), Some((20, 20)));
}

#[test]
fn an_event_that_names_a_container_and_what_is_in_it_moves_it_once() {
    for (named, at_plant) in [(60, 40), (20, 20)] {
        let mut world = world();
        let both = |event: Event| {
            let event = event.objects(&[container(0)]);
            event.amount(Role::Object, "L", named, None)
        };
        world.record(both(Event::seen(clock(10, 0)).ship("plant", "A")));
        world.record(both(Event::seen(clock(11, 0)).receive("A")));
        let balances = world.balances("L");
        assert_eq!(part(&balances, inside()), Some((60, 60)), "{named}");
        assert_eq!(part(&balances, stock("plant")), Some((at_plant, at_plant)));
        let loose = (named != 60).then_some((named, named));
        assert_eq!(part(&balances, stock("A")), loose, "{named}");
        assert_eq!(balances.gaps, []);
    }
}

#[test]
fn a_receipt_that_names_a_container_and_what_is_in_it_tells_of_what_is_in_it() {
    let mut world = world();
    let left = Event::seen(clock(10, 0)).ship("plant", "A");
    world.record(left.objects(&[container(0)]));
    let came = Event::seen(clock(11, 0)).receive("A");
    let came = came.objects(&[container(0)]);
    world.record(came.amount(Role::Object, "L", 50, None));
    let balances = world.balances("L");
    assert_eq!(part(&balances, inside()), Some((60, 60)));
    assert_eq!(part(&balances, stock("plant")), Some((40, 40)));
    assert_eq!(part(&balances, stock("A")), None);
}

#[test]
fn an_event_that_names_an_outer_container_and_what_is_in_it_moves_it_once() {
    let mut world = world();
    let outer = container(1);
    let packed = Event::pack(outer, &[container(0)], clock(9, 30));
    world.record(packed.at("plant"));
    for event in [
        Event::seen(clock(10, 0)).ship("plant", "A"),
        Event::seen(clock(11, 0)).receive("A"),
    ] {
        let event = event.objects(&[outer]);
        world.record(event.amount(Role::Object, "L", 60, None));
    }
    let balances = world.balances("L");
    assert_eq!(part(&balances, inside()), Some((60, 60)));
    assert_eq!(part(&balances, stock("plant")), Some((40, 40)));
    assert_eq!(part(&balances, stock("A")), None);
}
