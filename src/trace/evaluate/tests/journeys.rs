//! Receipts without a shipment.

use super::*;

/// What of these units arrived at a place that they were never sent to.
fn unshipped(world: &World, list: &[Address]) -> Vec<(Vec<Address>, Option<Block>, Option<Block>)> {
    let mut source = world.source();
    let gaps = Evaluation::new(&mut source)
        .unit_gaps(&units(list))
        .unwrap();
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
