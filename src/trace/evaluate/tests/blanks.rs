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
        let blanks = evaluation.blanks(&reach, &balances).unwrap();
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
