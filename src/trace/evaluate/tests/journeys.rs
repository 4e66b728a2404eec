//! Receipts without a shipment, and movements that nothing tells of.

use super::*;

/// What of these units arrived at a place that they were never sent to.
fn unshipped(world: &World, list: &[Address]) -> Vec<(Vec<Address>, Option<Block>, Option<Block>)> {
    let gaps = world.unit_gaps(list);
    let members = |gap: &UnitGap| addresses(&[(gap.block, gap.members.clone())].into());
    gaps.iter()
        .map(|gap| (members(gap), gap.from, gap.to))
        .collect()
}

/// Two units come out of a process at the plant.
fn made() -> World {
    let mut world = World::default();
    let event = Event::transform("p", clock(8, 0)).at("plant");
    let event = event.kilos(Role::Input, "MILK", 10);
    world.record(event.units(Role::Output, &[unit(1), unit(2)]));
    world
}

#[test]
fn what_came_out_of_a_process_and_was_never_sent_is_a_gap_where_it_arrives() {
    let mut world = made();
    world.record(Event::seen(clock(9, 0)).receive("shop").objects(&[unit(1)]));
    let gap = (vec![unit(1)], Some(place("plant")), Some(place("shop")));
    assert_eq!(unshipped(&world, &[unit(1), unit(2)]), [gap]);
}

#[test]
fn what_went_into_a_process_is_carried_by_nothing_either() {
    let mut world = made();
    let reworked = Event::transform("q", clock(9, 0)).at("plant");
    let reworked = reworked.units(Role::Input, &[unit(1)]);
    world.record(reworked.units(Role::Output, &[unit(1)]));
    world.record(
        Event::seen(clock(10, 0))
            .receive("shop")
            .objects(&[unit(1)]),
    );
    assert_eq!(unshipped(&world, &[unit(1)]).len(), 1);
}

#[test]
fn what_came_out_of_a_process_and_was_sent_alone_or_in_a_container_is_none() {
    let mut world = made();
    let ship = Event::seen(clock(9, 0)).ship("plant", "shop");
    world.record(ship.objects(&[unit(1)]));
    let pack = Event::pack(container(0), &[unit(2)], clock(9, 0));
    world.record(pack.at("plant"));
    world.record(Event::unpack(container(0), &[unit(2)], clock(10, 0)).at("shop"));
    let receive = Event::seen(clock(11, 0)).receive("shop");
    world.record(receive.objects(&[unit(1), unit(2)]));
    assert_eq!(unshipped(&world, &[unit(1), unit(2)]), []);
}

#[test]
fn what_is_seen_elsewhere_than_it_was_moved_unrecorded() {
    let told = |events: Vec<Event>| {
        let mut world = made();
        for event in events {
            world.record(event.objects(&[unit(1)]));
        }
        let gaps = world.unit_gaps(&[unit(1)]).into_iter();
        gaps.map(|gap| (gap.kind, gap.from, gap.to))
            .collect::<Vec<_>>()
    };
    let at = |hour, step, at| Event::seen(clock(hour, 0)).step(step).at(at);
    let gap = (
        GapKind::NotRecorded,
        Some(place("plant")),
        Some(place("shop")),
    );
    assert_eq!(told(vec![at(9, "inspecting", "shop")]), [gap]);
    assert_eq!(told(vec![at(9, "retail_selling", "shop")]), [gap]);
    assert_eq!(told(vec![at(9, "inspecting", "plant")]), []);
    // Its code is used again.
    let ended = Event::object(Action::Delete, clock(9, 0)).step("destroying");
    let begun = Event::object(Action::Add, clock(10, 0)).at("shop");
    assert_eq!(told(vec![ended.at("plant"), begun]), []);
    // Sent to one place, seen at another: it never arrived where it was sent.
    let left = Event::seen(clock(9, 0)).ship("plant", "shop");
    let lost = (
        GapKind::NotReceived,
        Some(place("plant")),
        Some(place("shop")),
    );
    let seen = || at(10, "inspecting", "port");
    assert_eq!(told(vec![left.clone(), seen()]), [lost]);
    let came = Event::seen(clock(11, 0)).receive("shop");
    assert_eq!(told(vec![left, seen(), came]), []);
    // Consumers tell nobody where they take it.
    let sold = at(9, "retail_selling", "plant");
    assert_eq!(told(vec![sold, at(10, "inspecting", "shop")]), []);
}

#[test]
fn what_moved_by_quantity_may_be_seen_anywhere() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    let made = made.amount(Role::Object, "L", 2, None);
    world.record_items("L", &[unit(1), unit(2)], made);
    let left = Event::seen(clock(9, 0)).ship("plant", "shop");
    world.record(left.amount(Role::Object, "L", 1, None));
    let came = Event::seen(clock(10, 0)).receive("shop");
    world.record(came.amount(Role::Object, "L", 1, None));
    let sold = Event::seen(clock(11, 0)).step("retail_selling").at("shop");
    world.record(sold.objects(&[unit(1)]));
    assert_eq!(unshipped(&world, &[unit(1)]), []);
}
