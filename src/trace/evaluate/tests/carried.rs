//! Gaps in the journeys of containers, for what was in them then.

use super::*;

/// The gaps of what was made of a lot: kind, thing, from where, to where.
fn gaps(world: &World, seed: Seed) -> Vec<(GapKind, Block, Option<Block>, Option<Block>)> {
    let mut source = world.source();
    let mut evaluation = Evaluation::new(&mut source);
    let rules = Rules::default();
    let reach = evaluation.reach(Direction::Forward, &[seed], &rules);
    let gaps = evaluation.unit_gaps(&reach.unwrap()).unwrap().into_iter();
    gaps.map(|gap| (gap.kind, gap.block, gap.from, gap.to))
        .collect()
}

/// Forty of a lot, and a unit, go into a box at the plant at nine.
fn packed() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 100, None));
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.objects(&[unit(1)]));
    let pack = Event::pack(container(0), &[unit(1)], clock(9, 0)).at("plant");
    world.record(pack.amount(Role::Child, "L", 40, None));
    world
}

fn move_box(event: Event) -> Event {
    event.objects(&[container(0)])
}

/// What both the lot and the unit tell.
fn told(world: &World) -> Vec<(GapKind, Option<Block>, Option<Block>)> {
    let of_lot = gaps(world, whole("L"));
    assert_eq!(of_lot, gaps(world, listed(&[unit(1)])));
    let boxes = of_lot.into_iter();
    boxes
        .map(|(kind, block, from, to)| {
            assert_eq!(block, container(0).block);
            (kind, from, to)
        })
        .collect()
}

#[test]
fn what_is_in_a_container_never_arrived_where_that_was_sent() {
    let mut world = packed();
    world.record(move_box(Event::seen(clock(10, 0)).ship("plant", "A")));
    assert_eq!(told(&world), []);
    let lost = (GapKind::NotReceived, Some(place("plant")), Some(place("A")));
    // Its code begins elsewhere, though it never ended.
    world.record(move_box(Event::object(Action::Add, clock(33, 0)).at("B")));
    assert_eq!(told(&world), [lost]);
}

#[test]
fn a_container_that_came_without_being_sent_brought_what_was_in_it() {
    let mut world = packed();
    world.record(move_box(Event::seen(clock(10, 0)).receive("A")));
    let came = (GapKind::NotShipped, Some(place("plant")), Some(place("A")));
    assert_eq!(told(&world), [came]);
}

#[test]
fn the_journeys_of_a_container_without_it_are_none_of_its() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.objects(&[unit(1), unit(2)]));
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 100, None));
    let fill = |hour, unit| Event::pack(container(0), &[unit], clock(hour, 0)).at("plant");
    world.record(fill(9, unit(2)).amount(Role::Child, "L", 30, None));
    world.record(move_box(Event::seen(clock(10, 0)).ship("plant", "A")));
    world.record(move_box(Event::seen(clock(11, 0)).receive("A")));
    let empty = Event::unpack(container(0), &[], clock(12, 0)).at("A");
    world.record(empty);
    // It came back to be filled again, and nobody recorded that; then it was sent on and never arrived.
    world.record(fill(13, unit(1)));
    world.record(move_box(Event::seen(clock(14, 0)).ship("plant", "B")));
    world.record(move_box(
        Event::seen(clock(15, 0)).step("inspecting").at("C"),
    ));
    assert_eq!(gaps(&world, listed(&[unit(2)])), []);
    assert_eq!(gaps(&world, whole("L")), []);
    let lost = (
        GapKind::NotReceived,
        container(0).block,
        Some(place("plant")),
        Some(place("B")),
    );
    assert_eq!(gaps(&world, listed(&[unit(1)])), [lost]);
}

#[test]
fn what_is_in_a_container_in_another_moves_with_that() {
    let mut world = packed();
    let outer = container(4);
    let load = Event::pack(outer, &[container(0)], clock(10, 0)).at("plant");
    world.record(load);
    let left = Event::seen(clock(11, 0)).ship("plant", "A");
    world.record(left.objects(&[outer]));
    let seen = Event::seen(clock(12, 0)).step("inspecting").at("B");
    world.record(seen.objects(&[outer]));
    let lost = (
        GapKind::NotReceived,
        outer.block,
        Some(place("plant")),
        Some(place("A")),
    );
    assert_eq!(gaps(&world, listed(&[unit(1)])), [lost]);
    assert_eq!(gaps(&world, whole("L")), [lost]);
    // It was taken out before the next journey.
    world.record(Event::unpack(outer, &[container(0)], clock(13, 0)).at("B"));
    let back = Event::seen(clock(14, 0)).receive("B");
    world.record(back.objects(&[outer]));
    let moved = Event::seen(clock(15, 0)).receive("C");
    world.record(moved.objects(&[outer]));
    assert_eq!(gaps(&world, listed(&[unit(1)])), []);
}
