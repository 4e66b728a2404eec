//! What policies add and take away.

use super::*;

/// A silo that is filled and drawn from: tainted at 8:00, drawn at 9:00, cleaned at 10:00, drawn at 11:00.
fn silo() -> World {
    let mut world = World::default();
    let milk = |name: &str, time, from: &str, to: &str| {
        let event = Event::transform(name, time).at("silo");
        let event = event.kilos(Role::Input, from, 100);
        event.kilos(Role::Output, to, 100)
    };
    world.record(milk("fill 1", clock(8, 0), "bad milk", "A"));
    world.record(milk("fill 2", clock(9, 0), "good milk", "B"));
    world.record(cleaning("silo", clock(10, 0)));
    world.record(milk("fill 3", clock(11, 0), "more milk", "C"));
    world
}

fn cleaning(name: &str, time: Timestamp) -> Event {
    Event::seen(time)
        .step("https://example.org/step/cleaning")
        .at(name)
}

fn mixing(name: &str, mixing: Mixing) -> Rules {
    Rules {
        vessels: [(place(name), mixing)].into(),
        ..Rules::default()
    }
}

fn lots_of(reach: &Reach) -> BTreeSet<Block> {
    reach.lots()
}

fn lot_set(names: &[&str]) -> BTreeSet<Block> {
    names.iter().map(|name| lot(name)).collect()
}

fn reasons(reach: &Reach) -> BTreeSet<(Block, Reason)> {
    let all = reach.excluded.iter();
    all.map(|left_out| (left_out.block, left_out.reason))
        .collect()
}

#[test]
fn a_vessel_carries_taint_to_later_fillings_until_it_is_cleaned() {
    let world = silo();
    let seed = [whole("bad milk")];
    let plain = world.reach(Direction::Forward, &seed);
    assert_eq!(lots_of(&plain), lot_set(&["bad milk", "A"]));
    let rules = mixing("silo", Mixing::UntilCleaned);
    let reach = world.reach_under(Direction::Forward, &seed, &rules);
    assert_eq!(lots_of(&reach), lot_set(&["bad milk", "A", "B"]));
    let b = reach.lot(lot("B")).next().unwrap();
    assert_eq!((b.certainty, b.time), (Certainty::Policy, clock(9, 0)));
    let chain = reach.causes.chain(b.cause);
    assert!(
        chain
            .iter()
            .any(|cause| cause.why == Why::Mixed(place("silo")))
    );
    assert!(reasons(&reach).contains(&(process("fill 3"), Reason::Cleaned)));
}

#[test]
fn what_came_out_of_a_vessel_leads_back_to_what_went_in_before() {
    let rules = mixing("silo", Mixing::UntilCleaned);
    let back = |name| {
        let reach = silo().reach_under(Direction::Backward, &[whole(name)], &rules);
        lots_of(&reach)
    };
    assert_eq!(back("A"), lot_set(&["A", "bad milk"]));
    assert_eq!(back("B"), lot_set(&["B", "good milk", "bad milk"]));
    assert_eq!(back("C"), lot_set(&["C", "more milk"]));
}

#[test]
fn a_vessel_that_mixes_well_is_clean_once_all_has_come_out() {
    let rules = mixing("silo", Mixing::WellMixed);
    let reach = silo().reach_under(Direction::Forward, &[whole("bad milk")], &rules);
    assert_eq!(lots_of(&reach), lot_set(&["bad milk", "A"]));
    assert!(reasons(&reach).contains(&(process("fill 2"), Reason::Cleaned)));
}

#[test]
fn a_heel_stays_in_a_vessel_that_mixes_well() {
    let mut world = World::default();
    let fill = Event::transform("fill 1", clock(8, 0)).at("silo");
    let fill = fill.kilos(Role::Input, "bad milk", 100);
    world.record(fill.kilos(Role::Output, "A", 90));
    let fill = Event::transform("fill 2", clock(9, 0)).at("silo");
    let fill = fill.kilos(Role::Input, "good milk", 100);
    world.record(fill.kilos(Role::Output, "B", 110));
    let fill = Event::transform("fill 3", clock(10, 0)).at("silo");
    let fill = fill.kilos(Role::Input, "more milk", 100);
    world.record(fill.kilos(Role::Output, "C", 100));
    let rules = mixing("silo", Mixing::WellMixed);
    let reach = world.reach_under(Direction::Forward, &[whole("bad milk")], &rules);
    assert_eq!(lots_of(&reach), lot_set(&["bad milk", "A", "B"]));
}

#[test]
fn plug_flow_carries_taint_as_far_as_its_band() {
    let band = |minutes| {
        let mixing_band = Mixing::PlugFlow {
            band: minutes * MINUTE,
        };
        let rules = mixing("silo", mixing_band);
        silo().reach_under(Direction::Forward, &[whole("bad milk")], &rules)
    };
    assert_eq!(lots_of(&band(59)), lot_set(&["bad milk", "A"]));
    assert!(reasons(&band(59)).contains(&(process("fill 2"), Reason::BeyondBand)));
    assert_eq!(lots_of(&band(60)), lot_set(&["bad milk", "A", "B"]));
}

#[test]
fn stock_that_lies_in_a_vessel_meets_other_stock_there() {
    let mut world = World::default();
    let receive = |name: &str, time| {
        Event::seen(time)
            .receive("silo")
            .kilos(Role::Object, name, 9)
    };
    world.record(receive("bad milk", clock(8, 0)));
    world.record(receive("good milk", clock(9, 0)));
    world.record(cleaning("silo", clock(10, 0)));
    world.record(receive("more milk", clock(11, 0)));
    let rules = mixing("silo", Mixing::UntilCleaned);
    let reach = world.reach_under(Direction::Forward, &[whole("bad milk")], &rules);
    assert_eq!(lots_of(&reach), lot_set(&["bad milk", "good milk"]));
}

#[test]
fn a_kill_step_at_a_place_stops_what_comes_out_of_it() {
    let mut world = World::default();
    let heat = Event::transform("heat", clock(9, 0)).at("pasteuriser");
    let heat = heat
        .kilos(Role::Input, "raw", 5)
        .kilos(Role::Output, "milk", 5);
    world.record(heat);
    let rules = Rules {
        kill_steps: KillSteps {
            places: [place("pasteuriser")].into(),
            ..KillSteps::default()
        },
        ..Rules::default()
    };
    let seed = [whole("raw")];
    let reach = world.reach_under(Direction::Forward, &seed, &rules);
    assert_eq!(lots_of(&reach), lot_set(&["raw"]));
    assert!(reasons(&reach).contains(&(lot("milk"), Reason::KillStep)));
    let plain = world.reach(Direction::Forward, &seed);
    assert_eq!(lots_of(&plain), lot_set(&["raw", "milk"]));
}

/// Cleanings at 6:00 and 12:00; lots are stamped when they end: 8:40, 9:50, 11:20.
fn line() -> World {
    let mut world = World::default();
    world.record(cleaning("line", clock(6, 0)));
    for (name, time) in [
        ("lot 1", clock(8, 40)),
        ("lot 2", clock(9, 50)),
        ("lot 3", clock(11, 20)),
    ] {
        let event = Event::transform(name, time).at("line");
        world.record(event.kilos(Role::Output, name, 5));
    }
    world.record(cleaning("line", clock(12, 0)));
    let event = Event::transform("lot 4", clock(13, 0)).at("line");
    world.record(event.kilos(Role::Output, "lot 4", 5));
    world
}

fn line_window(guard_minutes: i64) -> [Seed; 1] {
    [Seed::Place {
        place: place("line"),
        window: window(clock(9, 0), clock(10, 0)),
        guard: guard_minutes * MINUTE,
    }]
}

#[test]
fn a_process_with_an_end_stamp_began_when_the_one_before_it_ended() {
    let reach = line().reach(Direction::Forward, &line_window(10));
    assert_eq!(lots_of(&reach), lot_set(&["lot 2", "lot 3"]));
    let lot_3 = reach.lot(lot("lot 3")).next().unwrap();
    assert_eq!(lot_3.certainty, Certainty::Policy);
    assert!(reasons(&reach).contains(&(lot("lot 1"), Reason::OutsideWindow)));
    let stamped = Rules {
        starts: Starts::Stamped,
        ..Rules::default()
    };
    let reach = line().reach_under(Direction::Forward, &line_window(10), &stamped);
    assert_eq!(lots_of(&reach), lot_set(&["lot 2"]));
    assert!(reasons(&reach).contains(&(lot("lot 3"), Reason::OutsideWindow)));
}

#[test]
fn a_cleaning_after_the_window_begins_nothing_in_it() {
    let seed = [Seed::Place {
        place: place("line"),
        window: window(clock(11, 25), clock(11, 30)),
        guard: 0,
    }];
    let reach = line().reach(Direction::Forward, &seed);
    assert_eq!(lots_of(&reach), lot_set(&[]));
}

#[test]
fn a_process_that_ran_through_the_window_is_in_it() {
    let mut world = World::default();
    let start = Event::transform("long", clock(8, 0)).at("line");
    world.record(start.kilos(Role::Input, "raw", 5));
    let other = Event::transform("other", clock(10, 30)).at("line");
    world.record(other.kilos(Role::Output, "other lot", 5));
    let end = Event::transform("long", clock(11, 0)).at("line");
    world.record(end.kilos(Role::Output, "long lot", 5));
    let seed = [Seed::Place {
        place: place("line"),
        window: window(clock(9, 0), clock(9, 30)),
        guard: 0,
    }];
    let reach = world.reach(Direction::Forward, &seed);
    assert_eq!(lots_of(&reach), lot_set(&["other lot", "long lot"]));
    let stamped = Rules {
        starts: Starts::Stamped,
        ..Rules::default()
    };
    let reach = world.reach_under(Direction::Forward, &seed, &stamped);
    assert_eq!(lots_of(&reach), lot_set(&[]));
}

fn crate_loads() -> (World, [Address; 3], Address) {
    let (bad, sibling, next, p) = (unit(1), unit(2), unit(3), container(0));
    let mut world = World::default();
    world.record(Event::pack(p, &[bad, sibling], clock(8, 0)));
    world.record(Event::unpack(p, &[bad, sibling], clock(9, 0)));
    world.record(Event::pack(p, &[next], clock(10, 0)));
    (world, [bad, sibling, next], p)
}

fn contact(linger: Option<i64>) -> Rules {
    Rules {
        contact: Contact {
            containers: true,
            linger,
            ..Contact::default()
        },
        ..Rules::default()
    }
}

#[test]
fn contact_in_a_container_reaches_siblings_and_later_loads() {
    let (world, [bad, sibling, next], _) = crate_loads();
    let reach = world.reach_under(Direction::Forward, &[listed(&[bad])], &contact(None));
    assert_eq!(
        addresses(&reach.unit_sets()),
        addresses(&units(&[bad, sibling, next]))
    );
    assert_eq!(reach.unit(sibling).unwrap().certainty, Certainty::Policy);
    assert_eq!(reach.unit(next).unwrap().time, clock(10, 0));
    let short = contact(Some(59 * MINUTE));
    let reach = world.reach_under(Direction::Forward, &[listed(&[bad])], &short);
    assert!(reach.unit(next).is_none() && reach.unit(sibling).is_some());
    let back = world.reach_under(Direction::Backward, &[listed(&[next])], &contact(None));
    assert!(back.unit(bad).is_some() && back.unit(sibling).is_some());
    let back = world.reach_under(Direction::Backward, &[listed(&[next])], &short);
    assert!(back.unit(bad).is_none());
}

#[test]
fn a_cleaned_container_passes_nothing_on() {
    let (mut world, [bad, sibling, next], p) = crate_loads();
    world.record(cleaning("wash", clock(9, 30)).objects(&[p]));
    let reach = world.reach_under(Direction::Forward, &[listed(&[bad])], &contact(None));
    assert!(reach.unit(next).is_none() && reach.unit(sibling).is_some());
}

#[test]
fn contact_at_a_place_reaches_what_was_there_at_the_same_time() {
    let (bad, early, with, boxed, late) = (unit(1), unit(2), unit(5), unit(9), unit(13));
    let carton = container(1);
    let mut world = World::default();
    let at = |time, list: &[Address]| Event::seen(time).at("cold store").objects(list);
    let away = |time, list: &[Address]| Event::seen(time).at("truck").objects(list);
    world.record(at(clock(6, 0), &[early]));
    world.record(away(clock(7, 30), &[early]));
    world.record(Event::pack(carton, &[boxed], clock(7, 0)).at("farm"));
    world.record(at(clock(8, 0), &[bad]));
    world.record(at(clock(8, 30), &[with, carton]));
    world.record(away(clock(9, 0), &[bad]));
    world.record(away(clock(9, 10), &[with, carton]));
    world.record(at(clock(9, 30), &[late]));
    let rules = |linger| Rules {
        contact: Contact {
            places: [place("cold store")].into(),
            linger,
            ..Contact::default()
        },
        ..Rules::default()
    };
    let seed = [listed(&[bad])];
    let reach = world.reach_under(Direction::Forward, &seed, &rules(None));
    assert_eq!(
        addresses(&reach.unit_sets()),
        addresses(&units(&[bad, with, boxed, carton]))
    );
    assert_eq!(reach.unit(with).unwrap().time, clock(8, 30));
    let reach = world.reach_under(Direction::Forward, &seed, &rules(Some(30 * MINUTE)));
    assert!(reach.unit(late).is_some() && reach.unit(early).is_none());
    let back = world.reach_under(Direction::Backward, &[listed(&[boxed])], &rules(None));
    assert!(back.unit(bad).is_some() && back.unit(late).is_none());
    assert_eq!(addresses(&world.forward(&[bad]).unit_sets()), [bad]);
}

/// Contact at the store, and in containers.
fn touching() -> Rules {
    Rules {
        contact: Contact {
            places: [place("store")].into(),
            containers: true,
            ..Contact::default()
        },
        ..Rules::default()
    }
}

#[test]
fn a_lot_named_as_a_whole_meets_what_was_at_a_place_with_it_or_after_it_came() {
    let (with, early, carton) = (unit(1), unit(5), container(1));
    let mut world = World::default();
    let make = |time, name| {
        let event = Event::object(Action::Add, time).at("maker");
        event.kilos(Role::Object, name, 20)
    };
    world.record(make(clock(6, 0), "A"));
    world.record(make(clock(6, 0), "B"));
    world.record(Event::seen(clock(6, 30)).at("store").objects(&[early]));
    world.record(Event::seen(clock(7, 0)).at("truck").objects(&[early]));
    for (name, ships, comes) in [("A", 7, 8), ("B", 7, 9)] {
        let ship = Event::seen(clock(ships, 0)).ship("maker", "store");
        world.record(ship.kilos(Role::Object, name, 20));
        let receive = Event::seen(clock(comes, 0)).receive("store");
        world.record(receive.kilos(Role::Object, name, 20));
    }
    world.record(Event::pack(carton, &[with], clock(7, 0)).at("farm"));
    world.record(Event::seen(clock(8, 30)).at("store").objects(&[carton]));
    let reach = world.reach_under(Direction::Forward, &[whole("A")], &touching());
    assert_eq!(lots_of(&reach), lot_set(&["A", "B"]));
    assert_eq!(
        addresses(&reach.unit_sets()),
        addresses(&units(&[carton, with]))
    );
    let met = reach.lot(lot("B")).next().unwrap();
    assert_eq!(
        (met.spot, met.time),
        (Spot::At(place("store")), clock(9, 0))
    );
    assert_eq!(met.certainty, Certainty::Policy);
    let why = reach.causes.get(met.cause).unwrap().why;
    assert_eq!(why, Why::Near(place("store")));
    assert!(
        reach
            .lot(lot("A"))
            .all(|stock| stock.certainty < Certainty::Policy)
    );
    assert_eq!(
        lots_of(&world.reach(Direction::Forward, &[whole("A")])),
        lot_set(&["A"])
    );
    for back in [
        world.reach_under(Direction::Backward, &[whole("B")], &touching()),
        world.reach_under(Direction::Backward, &[listed(&[with])], &touching()),
    ] {
        assert!(lots_of(&back).contains(&lot("A")) && back.unit(early).is_none());
    }
}

#[test]
fn a_lot_in_a_container_meets_what_is_in_it_with_it() {
    let (item, pallet, other) = (unit(1), container(0), container(1));
    let mut world = World::default();
    for name in ["A", "B", "C"] {
        let made = Event::object(Action::Add, clock(6, 0)).at("maker");
        world.record(made.kilos(Role::Object, name, 20));
    }
    let pack = Event::pack(pallet, &[item], clock(7, 0)).at("maker");
    let pack = pack.kilos(Role::Child, "A", 20);
    world.record(pack.kilos(Role::Child, "B", 20));
    let pack = Event::aggregation(Action::Add, other, clock(7, 0)).at("maker");
    world.record(pack.kilos(Role::Child, "C", 20));
    for seed in [whole("A"), listed(&[item])] {
        let reach = world.reach_under(Direction::Forward, &[seed], &touching());
        assert_eq!(lots_of(&reach), lot_set(&["A", "B"]));
        assert_eq!(addresses(&reach.unit_sets()), [item]);
        let met = reach.lot(lot("B")).next().unwrap();
        assert_eq!((met.spot, met.time), (Spot::In(pallet, 0), clock(7, 0)));
        let chain = reach.causes.chain(met.cause);
        assert!(chain.iter().any(|cause| cause.why == Why::Beside(pallet)));
    }
    let back = world.reach_under(Direction::Backward, &[listed(&[item])], &touching());
    assert_eq!(lots_of(&back), lot_set(&["A", "B"]));
}

#[test]
fn a_lot_under_another_name_has_the_same_labels() {
    let mut world = World::default();
    let add = Event::object(Action::Add, clock(6, 0)).at("supplier");
    world.record(add.kilos(Role::Object, "paint", 10));
    let make = Event::transform("spray", clock(9, 0)).at("maker");
    let make = make.kilos(Role::Input, "our paint", 10);
    world.record(make.kilos(Role::Output, "toys", 10));
    world.aliases.push((lot("paint"), lot("our paint")));
    let reach = world.reach(Direction::Forward, &[whole("paint")]);
    assert_eq!(lots_of(&reach), lot_set(&["paint", "our paint", "toys"]));
    let toys = reach.lot(lot("toys")).next().unwrap();
    let chain = reach.causes.chain(toys.cause);
    assert!(
        chain
            .iter()
            .any(|cause| cause.why == Why::SameAs(lot("paint")))
    );
    let back = world.reach(Direction::Backward, &[whole("toys")]);
    assert_eq!(lots_of(&back), lot_set(&["paint", "our paint", "toys"]));
}
