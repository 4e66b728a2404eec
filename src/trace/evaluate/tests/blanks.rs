//! What no record says: containers nobody packed, processes nothing came out of, lots that begin nowhere.

use super::*;

const GLN: &str = "plant";

fn seed_of(list: &[Address], from: Timestamp, until: Timestamp) -> Seed {
    Seed::Units {
        units: units(list),
        window: window(from, until),
    }
}

fn certainty(reach: &Reach, item: Address) -> Option<Certainty> {
    reach.unit(item).map(|found| found.certainty)
}

impl World {
    fn blanks(&self, direction: Direction, seeds: &[Seed]) -> Vec<(BlankKind, Block)> {
        let mut source = self.source();
        let mut evaluation = Evaluation::new(&mut source);
        let reach = evaluation
            .reach(direction, seeds, &Rules::default())
            .unwrap();
        let end = Timestamp::from_micros(i64::MAX);
        let balances = evaluation.balances(&reach.lots(), end).unwrap();
        let containers = evaluation.whereabouts(&boxes(&balances), end).unwrap();
        let blanks = evaluation.blanks(&reach, &balances, &containers).unwrap();
        let told = blanks.iter().map(|blank| (blank.kind, blank.block));
        told.collect()
    }
}

/// A box on the road from 9 to 12, in the sun from 10 to 11; the packing of its two cartons was never recorded.
fn unpacked_only() -> World {
    let mut world = World::default();
    for n in 0..2 {
        world.record(
            Event::object(Action::Add, clock(8, 0))
                .at(GLN)
                .objects(&[unit(n)]),
        );
    }
    world.record(
        Event::seen(clock(9, 0))
            .ship(GLN, "shop")
            .objects(&[container(0)]),
    );
    world
}

#[test]
fn what_is_taken_out_of_an_exposed_box_is_assumed_to_have_been_in_it() {
    let mut world = unpacked_only();
    let unpacked = Event::unpack(container(0), &[unit(0)], clock(12, 0)).at("shop");
    world.record(unpacked);
    let sun = seed_of(&[container(0)], clock(10, 0), clock(11, 0));
    let reach = world.reach(Direction::Forward, &[sun]);
    assert_eq!(certainty(&reach, unit(0)), Some(Certainty::Assumed));
    assert_eq!(certainty(&reach, unit(1)), None, "nothing tells of it");
    let after = seed_of(&[container(0)], clock(12, 30), clock(13, 0));
    let reach = world.reach(Direction::Forward, &[after]);
    assert_eq!(certainty(&reach, unit(0)), None, "it had left by then");
    let before = seed_of(&[container(0)], clock(6, 0), clock(7, 0));
    let reach = world.reach(Direction::Forward, &[before]);
    assert_eq!(certainty(&reach, unit(0)), None, "it began at 8 elsewhere");
}

#[test]
fn what_was_seen_elsewhere_at_the_moment_it_was_taken_out_was_in_it_before() {
    let mut world = unpacked_only();
    let sold = Event::seen(clock(12, 0)).step("retail_selling").at("shop");
    world.record(sold.objects(&[unit(0)]));
    let unpacked = Event::unpack(container(0), &[unit(0)], clock(12, 0)).at("shop");
    world.record(unpacked);
    let sun = seed_of(&[container(0)], clock(10, 0), clock(11, 0));
    let reach = world.reach(Direction::Forward, &[sun]);
    assert_eq!(certainty(&reach, unit(0)), Some(Certainty::Assumed));
}

#[test]
fn a_packing_on_record_is_no_guess_and_an_emptying_ends_one() {
    let mut world = unpacked_only();
    let packed = Event::pack(container(0), &[unit(0)], clock(11, 30)).at("shop");
    world.record(packed);
    let unpacked = Event::unpack(container(0), &[unit(0)], clock(12, 0)).at("shop");
    world.record(unpacked);
    let sun = seed_of(&[container(0)], clock(10, 0), clock(11, 0));
    let reach = world.reach(Direction::Forward, std::slice::from_ref(&sun));
    assert_eq!(certainty(&reach, unit(0)), None);
    let mut world = unpacked_only();
    let emptied = Event::aggregation(Action::Delete, container(0), clock(11, 30)).at("shop");
    world.record(emptied);
    let unpacked = Event::unpack(container(0), &[unit(0)], clock(12, 0)).at("shop");
    world.record(unpacked);
    let reach = world.reach(Direction::Forward, &[sun]);
    assert_eq!(certainty(&reach, unit(0)), None, "packed after 11:30");
}

#[test]
fn a_box_that_was_emptied_and_never_filled_is_told() {
    let mut world = unpacked_only();
    let emptied = Event::aggregation(Action::Delete, container(0), clock(12, 0)).at("shop");
    world.record(emptied);
    let sun = seed_of(&[container(0)], clock(10, 0), clock(11, 0));
    let told = world.blanks(Direction::Forward, &[sun]);
    assert_eq!(told, [(BlankKind::NoContents, container(0).block)]);
    let after = seed_of(&[container(0)], clock(12, 0), clock(13, 0));
    assert_eq!(world.blanks(Direction::Forward, &[after]), []);
    let packed = Event::pack(container(0), &[unit(0)], clock(8, 30)).at(GLN);
    world.record(packed);
    let sun = seed_of(&[container(0)], clock(10, 0), clock(11, 0));
    assert_eq!(world.blanks(Direction::Forward, &[sun]), []);
}

/// Milk comes in, and is on the books at the silo; what was made of it is filled, and begins nowhere.
fn dairy() -> World {
    let mut world = World::default();
    for part in ["silo", "line"] {
        world.inside.push((place(part), place(GLN)));
    }
    let made = Event::object(Action::Add, clock(8, 0)).at("silo");
    world.record(made.kilos(Role::Object, "milk", 100));
    let filled = Event::transform("filling", clock(10, 0)).at("line");
    world.record(
        filled
            .kilos(Role::Input, "bulk", 90)
            .units(Role::Output, &[unit(0)]),
    );
    world
}

fn milk() -> Seed {
    Seed::Lot {
        lot: lot("milk"),
        place: None,
        window: Window::default(),
    }
}

#[test]
fn a_lot_from_nowhere_beside_affected_stock_is_told() {
    let told = dairy().blanks(Direction::Forward, &[milk()]);
    assert_eq!(told, [(BlankKind::NoOrigin, lot("bulk"))]);
    let back = dairy().blanks(Direction::Backward, &[listed(&[unit(0)])]);
    assert_eq!(back, [(BlankKind::NoOrigin, lot("bulk"))]);
}

#[test]
fn a_lot_from_nowhere_is_not_told_where_no_affected_stock_is_left_or_was_yet() {
    let mut world = dairy();
    let away = Event::object(Action::Delete, clock(9, 0)).at("silo");
    world.record(away.kilos(Role::Object, "milk", 100));
    assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
    let mut world = dairy();
    let other = Event::object(Action::Add, clock(11, 0)).at("silo");
    world.record(other.kilos(Role::Object, "late", 100));
    let late = Seed::Lot {
        lot: lot("late"),
        place: None,
        window: window(clock(11, 0), clock(12, 0)),
    };
    assert_eq!(world.blanks(Direction::Forward, &[late]), []);
}

#[test]
fn a_lot_that_was_made_received_or_named_otherwise_begins_somewhere() {
    for begun in [
        Event::object(Action::Add, clock(9, 0)).at("line"),
        Event::seen(clock(9, 0)).receive("line"),
    ] {
        let mut world = dairy();
        world.record(begun.kilos(Role::Object, "bulk", 90));
        assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
    }
    let mut world = dairy();
    world.aliases.push((lot("bulk"), lot("supplier's")));
    let told = world.blanks(Direction::Forward, &[milk()]);
    assert_eq!(told.len(), 1, "the other name begins nowhere, too");
    let came = Event::seen(clock(9, 0)).receive("line");
    world.record(came.kilos(Role::Object, "supplier's", 90));
    assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
    let mut world = dairy();
    let begun = Event::object(Action::Add, clock(9, 0)).at("line");
    world.record_items("bulk", &[unit(4)], begun);
    assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
}

#[test]
fn a_process_that_nothing_came_out_of_is_told_with_what_turned_up_there() {
    let mut world = dairy();
    let used = Event::transform("pasteurising", clock(9, 0)).at("silo");
    world.record(used.kilos(Role::Input, "milk", 100));
    let told = world.blanks(Direction::Forward, &[milk()]);
    let barren = (BlankKind::NoOutputs, process("pasteurising"));
    assert_eq!(told, [barren, (BlankKind::NoOrigin, lot("bulk"))]);
    let bulk = Event::transform("pasteurising", clock(9, 30)).at("silo");
    world.record(bulk.kilos(Role::Output, "bulk", 90));
    assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
}

#[test]
fn a_process_that_nothing_went_into_and_an_item_that_never_began_are_told_backward() {
    let mut world = World::default();
    let made = Event::transform("making", clock(9, 0)).at("line");
    world.record(made.units(Role::Output, &[unit(0)]));
    world.record(
        Event::seen(clock(9, 0))
            .at("shop")
            .objects(&[unit(4), unit(5)]),
    );
    world.record(Event::seen(clock(8, 0)).receive("shop").objects(&[unit(5)]));
    let back = |item| world.blanks(Direction::Backward, &[listed(&[item])]);
    assert_eq!(back(unit(0)), [(BlankKind::NoInputs, process("making"))]);
    assert_eq!(back(unit(4)), [(BlankKind::NoOrigin, unit(4).block)]);
    assert_eq!(back(unit(5)), []);
}

#[test]
fn a_receipt_further_on_is_no_beginning() {
    let mut world = dairy();
    let left = Event::seen(clock(10, 0)).ship("line", "shop");
    world.record(left.kilos(Role::Object, "cream", 5));
    let came = Event::seen(clock(12, 0)).receive("shop");
    world.record(came.kilos(Role::Object, "cream", 5));
    let told = world.blanks(Direction::Forward, &[milk()]);
    let nowhere = |name| (BlankKind::NoOrigin, lot(name));
    let mut expected = [nowhere("bulk"), nowhere("cream")];
    expected.sort();
    assert_eq!(told, expected);
    let cream = Seed::Lot {
        lot: lot("cream"),
        place: None,
        window: Window::default(),
    };
    assert_eq!(
        world.blanks(Direction::Backward, &[cream]),
        [nowhere("cream")]
    );
    world.record(
        Event::seen(clock(9, 0))
            .ship(GLN, "shop")
            .objects(&[unit(4)]),
    );
    world.record(
        Event::seen(clock(12, 0))
            .receive("shop")
            .objects(&[unit(4)]),
    );
    let back = world.blanks(Direction::Backward, &[listed(&[unit(4)])]);
    assert_eq!(back, [(BlankKind::NoOrigin, unit(4).block)]);
}

#[test]
fn what_came_in_a_container_comes_from_there() {
    let mut world = dairy();
    world.record(
        Event::seen(clock(9, 0))
            .receive("line")
            .objects(&[container(0)]),
    );
    let out = Event::unpack(container(0), &[], clock(9, 30)).at("line");
    world.record(out.kilos(Role::Child, "bulk", 90));
    assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
}

#[test]
fn affected_stock_in_a_container_lies_where_that_is() {
    let mut world = World::default();
    world.record(Event::object(Action::Add, clock(8, 0)).at("farm").kilos(
        Role::Object,
        "milk",
        100,
    ));
    let packed = Event::pack(container(0), &[], clock(8, 30)).at("farm");
    world.record(packed.kilos(Role::Child, "milk", 100));
    world.record(
        Event::seen(clock(9, 0))
            .ship("farm", GLN)
            .objects(&[container(0)]),
    );
    world.record(
        Event::seen(clock(10, 0))
            .receive(GLN)
            .objects(&[container(0)]),
    );
    let left = Event::seen(clock(11, 0)).ship(GLN, "shop");
    world.record(left.kilos(Role::Object, "cheese", 5));
    let told = world.blanks(Direction::Forward, &[milk()]);
    assert_eq!(told, [(BlankKind::NoOrigin, lot("cheese"))]);
}

#[test]
fn a_lot_from_nowhere_that_was_there_before_the_affected_stock_is_not_told() {
    let mut world = World::default();
    world.record(Event::object(Action::Add, clock(8, 0)).at("farm").kilos(
        Role::Object,
        "milk",
        100,
    ));
    let left = Event::seen(clock(9, 0)).ship(GLN, "shop");
    world.record(left.kilos(Role::Object, "cheese", 5));
    for event in [
        Event::seen(clock(9, 30)).ship("farm", GLN),
        Event::seen(clock(10, 0)).receive(GLN),
    ] {
        world.record(event.kilos(Role::Object, "milk", 100));
    }
    assert_eq!(world.blanks(Direction::Forward, &[milk()]), []);
}

/// A box that was filled and emptied on Monday goes out again on Tuesday.
fn reused(first: impl Fn(&mut World)) -> World {
    let mut world = World::default();
    world.record(
        Event::object(Action::Add, clock(6, 0))
            .at(GLN)
            .objects(&[unit(0)]),
    );
    world.record(Event::pack(container(0), &[unit(0)], clock(7, 0)).at(GLN));
    first(&mut world);
    world.record(
        Event::seen(clock(33, 0))
            .ship(GLN, "shop")
            .objects(&[container(0)]),
    );
    world
}

fn second_sun() -> Seed {
    seed_of(&[container(0)], clock(34, 0), clock(35, 0))
}

#[test]
fn an_earlier_trip_says_nothing_of_what_is_in_a_box_now() {
    let by_name: fn(&mut World) = |world| {
        let out = Event::unpack(container(0), &[unit(0)], clock(8, 0)).at(GLN);
        world.record(out);
    };
    let at_once: fn(&mut World) = |world| {
        let out = Event::aggregation(Action::Delete, container(0), clock(8, 0)).at(GLN);
        world.record(out);
    };
    for first in [by_name, at_once] {
        let mut world = reused(first);
        let out = Event::unpack(container(0), &[unit(0)], clock(36, 0)).at("shop");
        world.record(out);
        let reach = world.reach(Direction::Forward, &[second_sun()]);
        assert_eq!(certainty(&reach, unit(0)), Some(Certainty::Assumed));
        let mut world = reused(first);
        let out = Event::aggregation(Action::Delete, container(0), clock(36, 0)).at("shop");
        world.record(out);
        let told = world.blanks(Direction::Forward, &[second_sun()]);
        assert_eq!(told, [(BlankKind::NoContents, container(0).block)]);
    }
}

#[test]
fn emptying_a_box_twice_where_it_stands_tells_of_nothing() {
    let mut world = unpacked_only();
    world.record(Event::pack(container(0), &[unit(0)], clock(8, 30)).at(GLN));
    let out = Event::unpack(container(0), &[unit(0)], clock(12, 0)).at("shop");
    world.record(out);
    let again = Event::aggregation(Action::Delete, container(0), clock(12, 5)).at("shop");
    world.record(again);
    assert_eq!(
        world.blanks(Direction::Forward, &[listed(&[container(0)])]),
        []
    );
}

#[test]
fn more_of_a_lot_out_of_a_box_than_went_in_was_in_it_before() {
    let sun = seed_of(&[container(0)], clock(9, 0), clock(9, 30));
    for (packed, reached) in [(5, true), (10, false)] {
        let mut world = World::default();
        world.record(Event::object(Action::Add, clock(8, 0)).at(GLN).kilos(
            Role::Object,
            "tea",
            50,
        ));
        let add = Event::pack(container(0), &[], clock(9, 45)).at(GLN);
        world.record(add.kilos(Role::Child, "tea", packed));
        for (minute, kilos) in [(0, 4), (10, 6)] {
            let out = Event::unpack(container(0), &[], clock(10, minute)).at("shop");
            world.record(out.kilos(Role::Child, "tea", kilos));
        }
        let reach = world.reach(Direction::Forward, std::slice::from_ref(&sun));
        let is_assumed = reach
            .lot(lot("tea"))
            .all(|part| part.certainty == Certainty::Assumed);
        assert_eq!((!reach.stock.is_empty(), is_assumed), (reached, true));
    }
}

#[test]
fn what_an_earlier_trip_brought_of_a_lot_was_emptied_out_of_the_box() {
    let mut world = World::default();
    world.record(
        Event::object(Action::Add, clock(6, 0))
            .at(GLN)
            .kilos(Role::Object, "tea", 50),
    );
    let add = |kilos, hour| {
        let add = Event::pack(container(0), &[], clock(hour, 0)).at(GLN);
        add.kilos(Role::Child, "tea", kilos)
    };
    world.record(add(10, 7));
    world.record(Event::aggregation(Action::Delete, container(0), clock(8, 0)).at(GLN));
    world.record(add(5, 35));
    let out = Event::unpack(container(0), &[], clock(36, 0)).at("shop");
    world.record(out.kilos(Role::Child, "tea", 10));
    let sun = seed_of(&[container(0)], clock(33, 0), clock(34, 0));
    let reach = world.reach(Direction::Forward, &[sun]);
    assert!(!reach.stock.is_empty(), "five more came out than went in");
}
