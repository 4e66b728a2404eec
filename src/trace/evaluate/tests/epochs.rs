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
fn what_was_used_up_and_is_made_again_is_the_same_thing() {
    let mut world = World::default();
    world.record(use_up("make", clock(8, 0), unit(9), unit(1)));
    world.record(Event::pack(container(0), &[unit(1)], clock(8, 30)));
    world.record(use_up("rework", clock(9, 0), unit(1), unit(1)));
    world.record(use_up("kit", clock(10, 0), unit(1), unit(2)));
    world.record(use_up("unkit", clock(11, 0), unit(2), unit(1)));
    world.record(use_up("use", clock(12, 0), unit(1), unit(5)));
    assert!(world.forward(&[unit(9)]).unit(unit(5)).is_some());
    assert!(world.backward(&[unit(5)]).unit(unit(9)).is_some());
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
    assert_eq!(world.status(item, clock(13, 0)), here("B"));
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

/// An item is in a pallet, its code is withdrawn or it is destroyed at B, and another item is packed into it later.
fn packed_again(step: Option<&str>) -> (World, Address, Address, Address) {
    let (old, new, pallet) = (unit(1), unit(2), container(0));
    let mut world = World::default();
    world.record(begin(clock(7, 0), &[old, new]).at("A"));
    let pack = Event::pack(pallet, &[old], clock(8, 0)).at("A");
    world.record(pack.parties("maker", "carrier"));
    let ended = end(clock(10, 0), &[pallet]).at("B");
    world.record(match step {
        Some(step) => ended.step(step),
        None => ended,
    });
    world.record(Event::pack(pallet, &[new], clock(20, 0)).at("C"));
    let ship = Event::seen(clock(21, 0)).ship("C", "D");
    world.record(ship.objects(&[pallet]));
    world.record(Event::seen(clock(22, 0)).receive("D").objects(&[pallet]));
    (world, old, new, pallet)
}

#[test]
fn a_withdrawn_code_leaves_what_was_in_the_container_where_it_was() {
    let (world, old, _, pallet) = packed_again(None);
    assert_eq!(world.status(old, clock(9, 0)), here("A"));
    let standing = world.standing(old, clock(11, 0));
    assert_eq!(standing.answer.status, here("B"));
    assert_eq!(standing.answer.certainty, Certainty::Inferred);
    let ended = Status::Ended(Some(place("B")));
    assert_eq!(world.status(pallet, clock(11, 0)), ended);
}

#[test]
fn a_code_withdrawn_nowhere_leaves_what_was_in_the_container_with_who_had_it() {
    let (item, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[item], clock(8, 0)).at("A"));
    let receive = Event::seen(clock(9, 0))
        .receive("B")
        .parties("maker", "shop");
    world.record(receive.objects(&[pallet]));
    world.record(end(clock(10, 0), &[pallet]));
    let answer = world.standing(item, clock(11, 0)).answer;
    assert_eq!(
        (answer.status, answer.party),
        (here("B"), Some(party("shop")))
    );
}

#[test]
fn stock_in_a_container_whose_code_is_withdrawn_lies_where_that_was() {
    let (mut world, pallet) = (World::default(), container(0));
    let made = Event::object(Action::Add, clock(7, 0)).at("A");
    world.record(made.kilos(Role::Object, "L", 100));
    let pack = Event::aggregation(Action::Add, pallet, clock(8, 0)).at("A");
    world.record(pack.kilos(Role::Child, "L", 60));
    world.record(Event::seen(clock(9, 0)).receive("B").objects(&[pallet]));
    world.record(end(clock(10, 0), &[pallet]));
    world.record(Event::pack(pallet, &[unit(1)], clock(20, 0)).at("C"));
    let make = Event::transform("mix", clock(21, 0)).at("B");
    let make = make.kilos(Role::Input, "L", 60);
    world.record(make.units(Role::Output, &[unit(5)]));
    let parts = world.balances("L").parts;
    let at = |name| {
        parts.iter().find(|(account, _)| {
        matches!(account, Account::Stock { place: at, .. } if *at == Some(place(name)))
    })
    };
    assert!(
        at("A").is_some() && at("B").is_none() && at("C").is_none(),
        "{parts:?}"
    );
    assert!(
        !parts
            .keys()
            .any(|account| matches!(account, Account::Inside(_)))
    );
    let seed = Seed::Place {
        place: place("C"),
        window: window(clock(19, 0), clock(22, 0)),
        guard: 0,
    };
    let reach = world.reach(Direction::Forward, &[seed]);
    assert!(reach.unit(unit(1)).is_some() && reach.lots().is_empty());
    let reach = world.reach(Direction::Forward, &[whole("L")]);
    assert_eq!(reach.unit(unit(5)).unwrap().certainty, Certainty::Asserted);
}

#[test]
fn what_ends_together_with_its_container_has_ended() {
    let (item, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[item], clock(8, 0)).at("A"));
    world.record(end(clock(10, 0), &[pallet, item]).at("B"));
    let ended = Status::Ended(Some(place("B")));
    assert_eq!(world.status(item, clock(11, 0)), ended);
}

#[test]
fn what_was_sold_in_a_pallet_stays_sold_when_the_pallet_s_code_is_withdrawn() {
    let (item, pallet) = (unit(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(pallet, &[item], clock(8, 0)).at("A"));
    let sale = Event::seen(clock(9, 0)).step("retail_selling").at("A");
    world.record(sale.objects(&[pallet]));
    world.record(end(clock(10, 0), &[pallet]).at("A"));
    assert_eq!(
        world.status(item, clock(11, 0)),
        Status::Sold(Some(place("A")))
    );
}

#[test]
fn what_is_packed_into_an_ended_container_begins_its_next_life() {
    let (world, old, new, pallet) = packed_again(None);
    assert_eq!(world.status(new, clock(23, 0)), here("D"));
    assert_eq!(world.status(pallet, clock(23, 0)), here("D"));
    assert_eq!(world.status(old, clock(23, 0)), here("B"));
    let (world, old, new, _) = packed_again(Some("destroying"));
    assert_eq!(world.status(new, clock(23, 0)), here("D"));
    let destroyed = Status::Destroyed(Some(place("B")));
    assert_eq!(world.status(old, clock(11, 0)), destroyed);
    assert_eq!(world.status(old, clock(23, 0)), destroyed);
}

#[test]
fn what_a_code_does_in_its_next_life_reaches_nothing_of_its_last() {
    for step in [None, Some("destroying")] {
        let (world, old, new, _) = packed_again(step);
        let seed = Seed::Place {
            place: place("D"),
            window: window(clock(21, 30), clock(23, 0)),
            guard: 0,
        };
        let reach = world.reach(Direction::Forward, &[seed]);
        assert!(reach.unit(new).is_some() && reach.unit(old).is_none());
        let keys = |address: Address| {
            let mut source = world.source();
            let mut reader = reader::Reader::new(&mut source);
            let found = history::own_history(&mut reader, address, clock(100, 0)).unwrap();
            found.into_iter().map(|(_, seq)| seq).collect::<Vec<_>>()
        };
        assert_eq!(keys(old), [0, 1, 2]);
        assert_eq!(keys(new), [0, 3, 4, 5]);
    }
}

#[test]
fn who_owns_what_a_code_is_next_owns_nothing_of_what_it_was() {
    let (mut world, old, new, pallet) = packed_again(None);
    let mut sold = Event::seen(clock(24, 0)).ship("D", "E").objects(&[pallet]);
    sold.0.to_owner = Some(party("buyer"));
    world.record(sold);
    let mut source = world.source();
    let owned = Evaluation::new(&mut source)
        .owners(&units(&[old, new]), clock(25, 0))
        .unwrap();
    let owned: Units = owned.into_iter().map(|o| (o.block, o.members)).collect();
    assert_eq!(addresses(&owned), [new]);
}

#[test]
fn containers_inside_one_another_keep_their_own_answers_and_may_be_where_the_other_is() {
    let (one, other, item) = (container(0), container(1), unit(1));
    let mut world = World::default();
    world.record(Event::pack(one, &[other, item], clock(7, 0)).at("A"));
    world.record(Event::pack(other, &[one, container(2)], clock(8, 0)).at("A"));
    world.record(Event::seen(clock(9, 0)).receive("C").objects(&[other]));
    let at = clock(10, 0);
    for (container, own, also) in [(one, "A", "C"), (other, "C", "A")] {
        let standing = world.standing(container, at);
        let told = (
            standing.answer.status,
            standing.answer.certainty,
            standing.fault,
        );
        assert_eq!(told, (here(own), Certainty::Asserted, Some(Fault::Nested)));
        let others: Vec<Status> = standing.others.iter().map(|answer| answer.status).collect();
        assert_eq!(others, [here(also)]);
        assert_eq!(standing.others[0].certainty, Certainty::Inferred);
    }
    assert_eq!(world.status(item, at), here("A"));
    // It is packed as the first is, and inside nothing that is inside it.
    assert_eq!(world.status(container(2), at), here("C"));
    let mut source = world.source();
    let asked = units(&[one, other, item, container(2)]);
    let found = Evaluation::new(&mut source)
        .whereabouts_in_containers(&asked, at)
        .unwrap();
    assert_eq!(found.inside(one), [other]);
    assert_eq!(found.inside(other), [one]);
    assert_eq!(found.inside(item), [one, other]);
    assert_eq!(
        found.of(container(2)).unwrap().answer.certainty,
        Certainty::Inferred
    );
    assert_eq!(found.of(one).unwrap().answer.status, here("A"));
}
