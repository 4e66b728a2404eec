//! Cases worked out by hand.

use super::*;

fn dock(guard_minutes: i64) -> Seed {
    Seed::Place {
        place: place("dock"),
        window: window(clock(9, 0), clock(9, 30)),
        guard: guard_minutes * MINUTE,
    }
}

/// Case C in pallet P from 8:00 to 10:00, case D from 9:45; P passes the dock at 9:10.
fn emptied_pallet() -> (World, Address, Address, Address) {
    let (c, d, p) = (unit(1), unit(2), container(0));
    let mut world = World::default();
    world.record(Event::pack(p, &[c], clock(8, 0)).at("packing"));
    world.record(Event::seen(clock(9, 10)).at("dock").objects(&[p]));
    world.record(Event::pack(p, &[d], clock(9, 45)).at("bay"));
    world.record(Event::unpack(p, &[c], clock(10, 0)).at("bay"));
    let sale = Event::seen(clock(14, 0)).step("retail_selling").at("shop");
    world.record(sale.objects(&[c]));
    (world, c, d, p)
}

#[test]
fn a_pallet_exposes_what_was_inside_it_then_and_not_what_is_inside_it_now() {
    let (world, c, d, p) = emptied_pallet();
    let reach = world.reach(Direction::Forward, &[dock(0)]);
    assert_eq!(addresses(&reach.unit_sets()), addresses(&units(&[c, p])));
    let found = reach.unit(c).unwrap();
    assert_eq!(found.certainty, Certainty::Inferred);
    assert_eq!(found.time, clock(9, 0));
    assert_eq!(reach.causes.path(found.cause), [(0, 1), (0, 0)]);
    assert_eq!(reach.unit(p).unwrap().certainty, Certainty::Asserted);
    let left_out = &reach.excluded[0];
    assert!(left_out.block == d.block && left_out.members.contains(d.member));
    assert_eq!(left_out.reason, Reason::DisjointInterval);
}

#[test]
fn a_guard_wide_enough_takes_the_next_load_in_as_policy() {
    let (world, c, d, _) = emptied_pallet();
    assert!(
        world
            .reach(Direction::Forward, &[dock(14)])
            .unit(d)
            .is_none()
    );
    let reach = world.reach(Direction::Forward, &[dock(15)]);
    assert_eq!(reach.unit(d).unwrap().certainty, Certainty::Policy);
    assert_eq!(reach.unit(d).unwrap().time, clock(9, 45));
    assert_eq!(reach.unit(c).unwrap().certainty, Certainty::Inferred);
}

#[test]
fn a_window_that_opens_when_the_load_leaves_does_not_reach_it() {
    let (world, c, ..) = emptied_pallet();
    let seed = |from| Seed::Place {
        place: place("dock"),
        window: window(from, clock(11, 0)),
        guard: 0,
    };
    let mut later = world.clone();
    later.record(
        Event::seen(clock(10, 30))
            .at("dock")
            .objects(&[container(0)]),
    );
    let reach = later.reach(Direction::Forward, &[seed(clock(10, 0))]);
    assert!(reach.unit(c).is_none());
    let just_before = Timestamp::from_micros(clock(10, 0).micros() - 1);
    let reach = later.reach(Direction::Forward, &[seed(just_before)]);
    assert!(reach.unit(c).is_some());
}

#[test]
fn a_tainted_case_taints_neither_its_siblings_nor_its_pallet() {
    let (bad, sibling, next, p) = (unit(1), unit(2), unit(3), container(0));
    let mut world = World::default();
    world.record(Event::pack(p, &[bad, sibling], clock(8, 0)));
    world.record(Event::unpack(p, &[bad, sibling], clock(9, 0)));
    world.record(Event::pack(p, &[next], clock(10, 0)));
    assert_eq!(addresses(&world.forward(&[bad]).unit_sets()), [bad]);
}

#[test]
fn places_inside_a_place_belong_to_it() {
    let (mut world, c, ..) = emptied_pallet();
    world.inside.push((place("dock"), place("site")));
    let seed = Seed::Place {
        place: place("site"),
        window: window(clock(9, 0), clock(9, 30)),
        guard: 0,
    };
    assert!(world.reach(Direction::Forward, &[seed]).unit(c).is_some());
}

#[test]
fn using_up_a_pallet_uses_up_what_is_on_it() {
    let (bad, out, late, case, pallet) = (unit(1), unit(5), unit(6), container(1), container(0));
    let mut world = World::default();
    world.record(Event::pack(case, &[bad], clock(8, 0)));
    world.record(Event::pack(pallet, &[case], clock(8, 30)));
    let mix = Event::transform("mix", clock(9, 0)).units(Role::Input, &[pallet]);
    world.record(mix.units(Role::Output, &[out]));
    world.record(Event::unpack(pallet, &[case], clock(10, 0)));
    let again = Event::transform("again", clock(11, 0)).units(Role::Input, &[pallet]);
    world.record(again.units(Role::Output, &[late]));
    let reach = world.forward(&[bad]);
    assert_eq!(
        addresses(&reach.unit_sets()),
        addresses(&units(&[bad, out]))
    );
    assert_eq!(reach.unit(out).unwrap().certainty, Certainty::Inferred);
    assert!(world.backward(&[out]).unit(bad).is_some());
    assert!(world.backward(&[late]).unit(bad).is_none());
}

/// L0 and L2 drawn from bulk L1; rework of L2 goes back into L1, from which L3 is drawn.
fn rework() -> World {
    let mut world = World::default();
    let step = |world: &mut World, name: &str, time, from: &str, to: &str| {
        let event = Event::transform(name, time).at("plant");
        let event = event.kilos(Role::Input, from, 5);
        world.record(event.kilos(Role::Output, to, 5))
    };
    let bulk = Event::object(Action::Add, clock(9, 0)).at("plant");
    world.record(bulk.kilos(Role::Object, "L1", 500));
    step(&mut world, "draw 0", clock(9, 30), "L1", "L0");
    step(&mut world, "draw 2", clock(10, 0), "L1", "L2");
    step(&mut world, "rework", clock(13, 0), "L2", "L1");
    step(&mut world, "draw 3", clock(14, 0), "L1", "L3");
    world
}

#[test]
fn rework_is_followed_in_time_and_ends() {
    let world = rework();
    let seed = Seed::Lot {
        lot: lot("L2"),
        place: Some(place("plant")),
        window: Window {
            from: Some(clock(10, 30)),
            until: None,
        },
    };
    let reach = world.reach(Direction::Forward, &[seed]);
    let labels: BTreeMap<Block, Timestamp> = reach
        .stock
        .iter()
        .map(|stock| (stock.lot, stock.time))
        .collect();
    let expected = [
        (lot("L1"), clock(13, 0)),
        (lot("L2"), clock(10, 30)),
        (lot("L3"), clock(14, 0)),
    ];
    assert_eq!(labels, BTreeMap::from(expected));
    let l3 = reach.lot(lot("L3")).next().unwrap();
    assert_eq!(reach.causes.path(l3.cause), [(0, 3), (0, 4)]);
    assert_eq!(l3.certainty, Certainty::Asserted);
    let drawn_before: Vec<_> = reach.excluded.iter().map(|e| (e.block, e.reason)).collect();
    assert!(drawn_before.contains(&(process("draw 0"), Reason::TimeOrder)));
}

#[test]
fn backward_walks_the_same_cycle_and_ends() {
    let reach = rework().reach(Direction::Backward, &[whole("L3")]);
    assert_eq!(reach.lots(), [lot("L1"), lot("L2"), lot("L3")].into());
    let reach = rework().reach(Direction::Backward, &[whole("L0")]);
    assert_eq!(reach.lots(), [lot("L0"), lot("L1")].into());
}

#[test]
fn a_kill_step_for_the_hazard_stops_it_and_says_so() {
    let mut world = World::default();
    let heat = Event::transform("pasteurise", clock(9, 0)).units(Role::Input, &[unit(1)]);
    world.record(heat.units(Role::Output, &[unit(2)]));
    let rules = Rules {
        kill_steps: KillSteps {
            processes: [process("pasteurise")].into(),
            ..KillSteps::default()
        },
        ..Rules::default()
    };
    let reach = world.reach_under(Direction::Forward, &[listed(&[unit(1)])], &rules);
    assert!(reach.unit(unit(2)).is_none());
    assert_eq!(reach.excluded[0].reason, Reason::KillStep);
    assert!(world.forward(&[unit(1)]).unit(unit(2)).is_some());
}

#[test]
fn parts_of_a_process_reach_each_other_unless_times_are_sound() {
    let mut world = World::default();
    let early = Event::transform("mix", clock(9, 0)).units(Role::Output, &[unit(2)]);
    world.record(early);
    let late = Event::transform("mix", clock(10, 0)).units(Role::Input, &[unit(1)]);
    world.record(late.units(Role::Output, &[unit(3)]));
    let seed = [listed(&[unit(1)])];
    let reach = world.reach(Direction::Forward, &seed);
    assert!(reach.unit(unit(2)).is_some() && reach.unit(unit(3)).is_some());
    let rules = Rules {
        time_order: Some(0),
        ..Rules::default()
    };
    let reach = world.reach_under(Direction::Forward, &seed, &rules);
    assert!(reach.unit(unit(2)).is_none() && reach.unit(unit(3)).is_some());
    assert_eq!(reach.excluded[0].reason, Reason::FinishedBefore);
}

#[test]
fn an_uncertain_time_counts_as_wide_as_it_is() {
    let mut world = World::default();
    let eat = Event::transform("mix", clock(8, 0)).until(clock(10, 0));
    world.record(
        eat.units(Role::Input, &[unit(1)])
            .units(Role::Output, &[unit(2)]),
    );
    let seed = |from| Seed::Units {
        units: units(&[unit(1)]),
        window: Window {
            from: Some(from),
            until: None,
        },
    };
    let reached = |from| {
        world
            .reach(Direction::Forward, &[seed(from)])
            .unit(unit(2))
            .is_some()
    };
    assert!(reached(clock(10, 0)));
    assert!(!reached(clock(10, 1)));
}

#[test]
fn a_limit_ends_the_evaluation_in_time() {
    let mut world = World::default();
    for (n, hour) in [(1, 9), (2, 10), (3, 11)] {
        let event = Event::transform(&format!("p{n}"), clock(hour, 0));
        let event = event.units(Role::Input, &[unit(n)]);
        world.record(event.units(Role::Output, &[unit(n + 1)]));
    }
    let rules = Rules {
        limit: Some(clock(10, 0)),
        ..Rules::default()
    };
    let reach = world.reach_under(Direction::Forward, &[listed(&[unit(1)])], &rules);
    assert_eq!(
        addresses(&reach.unit_sets()),
        addresses(&units(&[unit(1), unit(2), unit(3)]))
    );
}

#[test]
fn a_late_event_changes_the_answer_and_not_the_earlier_one() {
    let (item, shipped_on, pallet) = (unit(1), unit(2), container(0));
    let mut world = World::default();
    let mix = Event::transform("mix", clock(8, 0)).at("plant");
    let mix = mix.units(Role::Input, &[unit(0)]);
    world.record(mix.units(Role::Output, &[item, shipped_on]));
    world.record(Event::pack(pallet, &[item], clock(9, 0)).at("plant"));
    let answer = |world: &World, size| {
        let mut source = world.source_at(size);
        let mut evaluation = Evaluation::new(&mut source);
        let seeds = [listed(&[unit(0)])];
        let reach = evaluation.reach(Direction::Forward, &seeds, &Rules::default());
        let reach = reach.unwrap();
        let found = evaluation
            .whereabouts(&reach.unit_sets(), clock(20, 0))
            .unwrap();
        (reach.units, reach.stock, reach.excluded, found)
    };
    let first = answer(&world, 2);
    // Recorded later, happened earlier.
    let mut late = Event::seen(clock(10, 0)).receive("S").objects(&[pallet]);
    late.0.record_time = clock(40, 0);
    world.record(late);
    assert_eq!(answer(&world, 2), first);
    let second = answer(&world, 3);
    assert_eq!(first.3.of(item).unwrap().answer.status, here("plant"));
    assert_eq!(second.3.of(item).unwrap().answer.status, here("S"));
    assert_eq!(
        second.3.of(shipped_on).unwrap().answer.status,
        here("plant")
    );
}
