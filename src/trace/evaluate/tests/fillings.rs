//! A lot in containers: some of it is put in, some is taken out, and the rest is there still.

use super::shares::{answered, reached};
use super::*;

/// Pieces of the lot `oats` go into the box, or come out of it.
fn fill(action: Action, time: Timestamp, pieces: i64) -> Event {
    let event = Event::aggregation(action, container(0), time).at("mill");
    event.amount(Role::Child, "oats", pieces, None)
}

/// A box of ten pieces packed at 7, which is in the sun from 11 to 12; `between` happens to it before.
fn boxed(between: Vec<Event>) -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("mill");
    world.record(made.amount(Role::Object, "oats", 100, None));
    world.record(fill(Action::Add, clock(7, 0), 10));
    for event in between {
        world.record(event);
    }
    world
}

/// Whether the lot is reached by what befell the box from 11 to 12.
fn is_in_the_sun(world: &World) -> bool {
    let reach = world.reach(Direction::Forward, &[sun()]);
    reach.lots().contains(&lot("oats"))
}

fn sun() -> Seed {
    Seed::Units {
        units: units(&[container(0)]),
        window: window(clock(11, 0), clock(12, 0)),
    }
}

/// How much of the lot was in the sun, at least and at most, when the box is emptied at 13 where the rest lies.
fn in_the_sun(between: Vec<Event>) -> (i64, i64) {
    let mut world = boxed(between);
    world.record(emptied(clock(13, 0)));
    reached(&answered(&world, Direction::Forward, sun(), "oats"))
}

fn emptied(time: Timestamp) -> Event {
    Event::aggregation(Action::Delete, container(0), time).at("mill")
}

#[test]
fn what_is_left_of_a_lot_after_some_was_taken_out_is_in_the_container_still() {
    let out = |pieces| fill(Action::Delete, clock(8, 0), pieces);
    assert!(is_in_the_sun(&boxed(Vec::new())));
    assert!(is_in_the_sun(&boxed(vec![out(1)])));
    assert!(is_in_the_sun(&boxed(vec![out(9)])));
    assert!(!is_in_the_sun(&boxed(vec![out(10)])));
    assert!(!is_in_the_sun(&boxed(vec![out(12)])));
    let again = fill(Action::Delete, clock(9, 0), 6);
    assert!(!is_in_the_sun(&boxed(vec![out(4), again])), "4 and 6 of 10");
}

#[test]
fn of_two_fillings_some_are_left_until_as_much_is_out_as_went_in() {
    let more = fill(Action::Add, clock(8, 0), 5);
    let out = |time, pieces| fill(Action::Delete, time, pieces);
    assert!(is_in_the_sun(&boxed(vec![
        more.clone(),
        out(clock(9, 0), 5)
    ])));
    assert!(is_in_the_sun(&boxed(vec![
        more.clone(),
        out(clock(9, 0), 14)
    ])));
    assert!(!is_in_the_sun(&boxed(vec![more, out(clock(9, 0), 15)])));
    let seen = fill(Action::Observe, clock(8, 0), 10);
    let all = out(clock(9, 0), 10);
    assert!(!is_in_the_sun(&boxed(vec![seen, all])), "seen is not more");
}

#[test]
fn what_went_in_before_the_container_was_emptied_is_not_left() {
    let again = fill(Action::Add, clock(9, 0), 5);
    let out = |pieces| fill(Action::Delete, clock(10, 0), pieces);
    let refilled = |last| boxed(vec![emptied(clock(8, 0)), again.clone(), last]);
    assert!(!is_in_the_sun(&refilled(out(5))));
    assert!(is_in_the_sun(&refilled(out(4))));
}

#[test]
fn a_removal_without_an_amount_is_of_all_and_one_in_another_unit_of_measure_tells_nothing() {
    let mut unmeasured = fill(Action::Delete, clock(8, 0), 1);
    let mut by_weight = unmeasured.clone();
    for (event, amount, uom) in [
        (&mut unmeasured, None, None),
        (&mut by_weight, Some((500, 0)), Some("KGM".to_owned())),
    ] {
        event.0.parts.retain(|part| part.role != Role::Child);
        event.0.parts.push(EventPart {
            role: Role::Child,
            block: lot("oats"),
            what: What::Quantity(Quantity { amount, uom }),
        });
    }
    assert!(!is_in_the_sun(&boxed(vec![unmeasured])));
    assert!(is_in_the_sun(&boxed(vec![by_weight])));
}

#[test]
fn what_is_left_in_a_container_is_used_up_with_it() {
    for (out, is_used) in [(4, true), (10, false)] {
        let mut world = boxed(vec![fill(Action::Delete, clock(8, 0), out)]);
        let baked = Event::transform("baking", clock(9, 0)).at("mill");
        let baked = baked.units(Role::Input, &[container(0)]);
        world.record(baked.amount(Role::Output, "bread", 5, None));

        let reach = world.reach(Direction::Forward, &[whole("oats")]);
        assert_eq!(reach.lots().contains(&lot("bread")), is_used, "{out} out");
        let reach = world.reach(Direction::Backward, &[whole("bread")]);
        assert_eq!(reach.lots().contains(&lot("oats")), is_used, "{out} out");
    }
}

#[test]
fn at_least_what_was_inside_during_the_exposure_is_affected() {
    let more = |hour| fill(Action::Add, clock(hour, 0), 5);
    let out = |hour, minute, pieces| fill(Action::Delete, clock(hour, minute), pieces);
    for (between, least) in [
        (vec![], 10),
        (vec![out(8, 0, 4)], 6),
        (vec![out(11, 30, 4)], 10),
        (vec![out(12, 30, 4)], 10),
        (vec![more(8)], 15),
        (vec![more(8), out(9, 0, 12)], 3),
        (vec![more(11)], 15),
        (vec![out(8, 0, 4), more(12)], 11),
        (vec![emptied(clock(8, 0)), more(9)], 5),
        (vec![out(8, 0, 10), more(9)], 5),
    ] {
        let told: Vec<_> = between.iter().map(|event| event.0.t_lo).collect();
        let (lo, hi) = in_the_sun(between);
        assert_eq!((lo, hi), (least, 100), "{told:?}");
    }
}
