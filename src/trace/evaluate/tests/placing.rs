//! Where things are.

use super::*;

#[test]
fn cases_are_held_where_their_pallet_was_received() {
    let (case, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[case], clock(8, 0)).at("A"));
    let ship = Event::seen(clock(9, 0))
        .ship("A", "B")
        .parties("maker", "shop");
    let shipped = world.record(ship.objects(&[pallet]));
    let received = Event::seen(clock(12, 0)).receive("B").objects(&[pallet]);
    let received = world.record(received);
    let before = world.standing(case, clock(10, 0)).answer;
    let transit = Status::InTransit {
        from: Some(place("A")),
        to: Some(place("B")),
        sender: Some(party("maker")),
    };
    assert_eq!((before.status, before.event), (transit, Some(shipped)));
    let after = world.standing(case, clock(13, 0));
    assert_eq!(after.answer.status, here("B"));
    assert_eq!(after.answer.party, Some(party("shop")));
    assert_eq!(after.answer.certainty, Certainty::Inferred);
    assert_eq!(after.answer.event, Some(received));
    assert_eq!(after.fault, None);
    assert_eq!(
        world.standing(pallet, clock(13, 0)).answer.certainty,
        Certainty::Asserted
    );
}

#[test]
fn the_chain_of_containers_is_told_from_the_inside_out() {
    let (item, case, pallet) = (unit(1), container(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[case], clock(7, 0)).at("A"));
    world.record(Event::pack(case, &[item], clock(8, 0)).at("A"));
    let mut source = world.source();
    let found = Evaluation::new(&mut source)
        .whereabouts_in_containers(&units(&[item]), clock(9, 0))
        .unwrap();
    assert_eq!(found.inside(item), [case, pallet]);
    assert_eq!(found.of(item).unwrap().answer.status, here("A"));
}

#[test]
fn units_may_share_a_block_with_their_containers() {
    let (case, pallet, old) = (container(1), container(0), container(2));
    assert_eq!(case.block, pallet.block);
    let mut world = World::default();
    for hour in 0..4 {
        world.record(Event::seen(clock(hour, 0)).at("far").objects(&[pallet]));
        world.record(Event::seen(clock(hour, 30)).at("A").objects(&[old]));
    }
    world.record(Event::seen(clock(5, 0)).at("A").objects(&[pallet]));
    world.record(Event::pack(old, &[case], clock(6, 0)).at("A"));
    world.record(Event::unpack(old, &[case], clock(7, 0)));
    world.record(Event::seen(clock(7, 30)).at("far").objects(&[old]));
    assert_eq!(world.status(case, clock(7, 45)), here("A"));
    world.record(Event::pack(pallet, &[case], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(8, 30)).at("A").objects(&[case]));
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&[pallet]));
    let standing = world.standing(case, clock(10, 0));
    assert_eq!((standing.answer.status, standing.fault), (here("B"), None));
}

#[test]
fn a_return_ends_a_sale_and_a_second_sale_ends_the_return() {
    let item = unit(1);
    let sale = |time, shop: &str| {
        let event = Event::seen(time).step("retail_selling").at(shop);
        event.objects(&[item])
    };
    let mut world = World::default();
    world.record(sale(clock(24, 0), "S"));
    let mut back = Event::seen(clock(72, 0)).at("T").objects(&[item]);
    back.0.disposition = Some("returned".to_owned());
    world.record(back);
    world.record(sale(clock(120, 0), "T"));
    assert_eq!(
        world.status(item, clock(48, 0)),
        Status::Sold(Some(place("S")))
    );
    assert_eq!(world.status(item, clock(96, 0)), here("T"));
    assert_eq!(
        world.status(item, clock(144, 0)),
        Status::Sold(Some(place("T")))
    );
}

#[test]
fn whoever_is_unpacked_stays_where_that_happened() {
    let (a, b, pallet) = (unit(1), unit(2), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[a, b], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&[pallet]));
    world.record(Event::unpack(pallet, &[a], clock(10, 0)).at("B"));
    world.record(Event::seen(clock(11, 0)).receive("C").objects(&[pallet]));
    assert_eq!(world.status(a, clock(12, 0)), here("B"));
    assert_eq!(world.status(b, clock(12, 0)), here("C"));
}

#[test]
fn unpacking_without_children_lets_all_out_and_a_later_packing_takes_them_in_again() {
    let (a, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[a], clock(8, 0)).at("A"));
    let emptied = Event::aggregation(Action::Delete, pallet, clock(10, 0)).at("B");
    let emptied = world.record(emptied);
    world.record(Event::seen(clock(11, 0)).receive("C").objects(&[pallet]));
    let out = world.standing(a, clock(12, 0)).answer;
    assert_eq!((out.status, out.event), (here("B"), Some(emptied)));
    assert_eq!(out.certainty, Certainty::Inferred);
    world.record(Event::pack(pallet, &[a], clock(13, 0)).at("C"));
    world.record(Event::seen(clock(14, 0)).receive("D").objects(&[pallet]));
    assert_eq!(world.status(a, clock(15, 0)), here("D"));
}

#[test]
fn unpacked_at_no_said_place_it_is_where_its_container_was() {
    let (a, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[a], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&[pallet]));
    world.record(Event::unpack(pallet, &[a], clock(10, 0)));
    world.record(Event::seen(clock(11, 0)).receive("C").objects(&[pallet]));
    assert_eq!(world.status(a, clock(12, 0)), here("B"));
}

#[test]
fn seen_elsewhere_while_inside_both_answers_stand_and_a_fault_is_raised() {
    let (a, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[a], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(10, 0)).at("Z").objects(&[a]));
    let standing = world.standing(a, clock(11, 0));
    let mut both: Vec<_> = standing.others.iter().map(|other| other.status).collect();
    both.push(standing.answer.status);
    both.sort();
    let mut expected = [here("A"), here("Z")];
    expected.sort();
    assert_eq!(both, expected);
    assert_eq!(standing.fault, Some(Fault::SeenApart));
}

#[test]
fn seen_by_itself_where_its_container_was_it_goes_on_with_the_container() {
    let (a, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[a], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(9, 0)).at("A").objects(&[a]));
    world.record(Event::seen(clock(10, 0)).receive("B").objects(&[pallet]));
    let standing = world.standing(a, clock(11, 0));
    assert_eq!(standing.answer.status, here("B"));
    assert_eq!(standing.fault, None);
}

#[test]
fn sold_out_of_its_case_without_an_unpacking_it_is_sold() {
    let (a, case) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(case, &[a], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(9, 0)).receive("S").objects(&[case]));
    let sale = Event::seen(clock(10, 0)).step("retail_selling").at("S");
    world.record(sale.objects(&[a]));
    let standing = world.standing(a, clock(11, 0));
    assert_eq!(standing.answer.status, Status::Sold(Some(place("S"))));
    assert_eq!(standing.answer.certainty, Certainty::Asserted);
    assert_eq!(standing.fault, None);
}

#[test]
fn packed_twice_both_containers_stay_possible() {
    let (a, first, second) = (unit(1), container(0), container(1));
    let mut world = World::default();
    world.record(Event::pack(first, &[a], clock(8, 0)).at("A"));
    world.record(Event::pack(second, &[a], clock(9, 0)).at("A"));
    world.record(Event::seen(clock(10, 0)).receive("B").objects(&[first]));
    world.record(Event::seen(clock(10, 0)).receive("C").objects(&[second]));
    let standing = world.standing(a, clock(11, 0));
    assert_eq!(standing.answer.status, here("C"));
    assert_eq!(standing.others[0].status, here("B"));
    assert_eq!(standing.fault, Some(Fault::PackedTwice));
}

#[test]
fn taken_out_of_the_second_container_it_may_still_be_in_the_first() {
    let (a, first, second) = (unit(1), container(0), container(1));
    let mut world = World::default();
    world.record(Event::pack(first, &[a], clock(8, 0)).at("A"));
    world.record(Event::pack(second, &[a], clock(9, 0)).at("A"));
    world.record(Event::unpack(second, &[a], clock(10, 0)).at("A"));
    world.record(Event::seen(clock(11, 0)).receive("B").objects(&[first]));
    assert_eq!(world.status(a, clock(12, 0)), here("B"));
}

#[test]
fn a_container_inside_itself_is_a_fault_and_no_endless_loop() {
    let (a, b) = (container(0), container(1));
    let mut world = World::default();
    world.record(Event::pack(b, &[a], clock(8, 0)).at("A"));
    world.record(Event::pack(a, &[b], clock(9, 0)).at("A"));
    let standing = world.standing(a, clock(10, 0));
    assert_eq!(standing.fault, Some(Fault::Nested));
    assert!(world.forward(&[a]).unit(b).is_some());
}

#[test]
fn the_ends_of_a_life_are_told_apart() {
    let mut world = World::default();
    let eat = Event::transform("eat", clock(9, 0)).units(Role::Input, &[unit(1)]);
    world.record(eat);
    let burn = Event::object(Action::Delete, clock(9, 0)).step("destroying");
    world.record(burn.at("A").objects(&[unit(2)]));
    let end = Event::object(Action::Delete, clock(9, 0)).at("A");
    world.record(end.objects(&[unit(3)]));
    let mut stolen = Event::seen(clock(9, 0)).at("A").objects(&[unit(4)]);
    stolen.0.disposition = Some("stolen".to_owned());
    world.record(stolen);
    let at = clock(10, 0);
    assert_eq!(world.status(unit(1), at), Status::Consumed(process("eat")));
    assert_eq!(
        world.status(unit(2), at),
        Status::Destroyed(Some(place("A")))
    );
    assert_eq!(world.status(unit(3), at), Status::Ended(Some(place("A"))));
    assert_eq!(world.status(unit(4), at), Status::Stolen(Some(place("A"))));
    assert_eq!(world.status(unit(5), at), Status::Unknown);
}

#[test]
fn units_with_one_answer_come_as_one_set() {
    let all: Vec<Address> = (0..4000)
        .map(|member| Address {
            block: unit(0).block,
            member,
        })
        .collect();
    let mut world = World::default();
    world.record(
        Event::object(Action::Add, clock(8, 0))
            .at("A")
            .objects(&all),
    );
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&all[..1500]));
    let mut source = world.source();
    let found = Evaluation::new(&mut source)
        .whereabouts(&units(&all), clock(10, 0))
        .unwrap();
    let groups: Vec<_> = found
        .groups()
        .map(|(_, group)| group.members.clone())
        .collect();
    let run = crate::codes::Members::run;
    assert_eq!(groups, [run(0, 1499), run(1500, 3999)]);
}

#[test]
fn a_fitted_part_goes_where_its_carrier_goes_until_it_is_taken_off() {
    let (sensor, crate_) = (unit(1), container(0));
    let associate = |action, time| {
        let event = Event::new(EventType::Association, Some(action), time);
        let event = event.units(Role::Parent, &[crate_]).at("A");
        event.units(Role::Child, &[sensor])
    };
    let mut world = World::default();
    world.record(associate(Action::Add, clock(8, 0)));
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&[crate_]));
    assert_eq!(world.status(sensor, clock(10, 0)), here("B"));
    world.record(associate(Action::Delete, clock(11, 0)));
    world.record(Event::seen(clock(12, 0)).receive("C").objects(&[crate_]));
    assert_eq!(world.status(sensor, clock(13, 0)), here("A"));
}
