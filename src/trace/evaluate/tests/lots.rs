//! Lots in taint: what left before the label is clean.

use super::*;

fn reaches(world: &World, seed: Seed, name: &str) -> Option<Certainty> {
    let reach = world.reach(Direction::Forward, &[seed]);
    reach.lot(lot(name)).map(|stock| stock.certainty).min()
}

fn bad_from(name: &str, at: &str, time: Timestamp) -> Seed {
    Seed::Lot {
        lot: lot(name),
        place: Some(place(at)),
        window: Window {
            from: Some(time),
            until: None,
        },
    }
}

/// Lot L is made at the plant; 10 go to early at 9:00, 10 to late at 11:00; both bake at 13:00.
fn two_customers() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.kilos(Role::Object, "L", 100));
    for (customer, hour) in [("early", 9), ("late", 11)] {
        let ship = Event::seen(clock(hour, 0)).ship("plant", customer);
        world.record(ship.kilos(Role::Object, "L", 10));
        let receive = Event::seen(clock(hour + 1, 0)).receive(customer);
        world.record(receive.kilos(Role::Object, "L", 10));
        let bake = Event::transform(customer, clock(13, 0)).at(customer);
        let bake = bake.kilos(Role::Input, "L", 10);
        world.record(bake.kilos(Role::Output, &format!("bread {customer}"), 10));
    }
    world
}

#[test]
fn stock_that_left_before_the_taint_is_clean() {
    let world = two_customers();
    let seed = || bad_from("L", "plant", clock(10, 0));
    assert_eq!(
        reaches(&world, seed(), "bread late"),
        Some(Certainty::Asserted)
    );
    assert_eq!(reaches(&world, seed(), "bread early"), None);
}

#[test]
fn a_lot_bad_from_the_beginning_is_bad_everywhere() {
    let world = two_customers();
    for bread in ["bread early", "bread late"] {
        assert_eq!(
            reaches(&world, whole("L"), bread),
            Some(Certainty::Asserted)
        );
    }
}

#[test]
fn backward_names_the_lot_and_not_the_other_customer() {
    let world = two_customers();
    let reach = world.reach(Direction::Backward, &[whole("bread early")]);
    assert_eq!(reach.lots(), [lot("L"), lot("bread early")].into());
    let history = world.history(&reach);
    let seqs: Vec<i64> = history.events.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(
        seqs,
        [0, 1, 2, 3],
        "made, shipped, received, baked; nothing of late"
    );
}

#[test]
fn stock_of_unknown_origin_is_reached_with_less_certainty() {
    let mut world = two_customers();
    let bake = Event::transform("somewhere", clock(14, 0)).at("somewhere");
    let bake = bake.kilos(Role::Input, "L", 10);
    world.record(bake.kilos(Role::Output, "pie", 10));
    let seed = || bad_from("L", "plant", clock(10, 0));
    assert_eq!(reaches(&world, seed(), "pie"), Some(Certainty::Inferred));
    let second = Event::object(Action::Add, clock(8, 30)).at("other plant");
    world.record(second.kilos(Role::Object, "L", 100));
    assert_eq!(reaches(&world, seed(), "pie"), Some(Certainty::Assumed));
}

#[test]
fn a_lot_travels_in_its_container() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.kilos(Role::Object, "L", 100));
    let pallet = container(0);
    let pack = Event::aggregation(Action::Add, pallet, clock(9, 0)).at("plant");
    world.record(pack.kilos(Role::Child, "L", 10));
    let all_out = Event::aggregation(Action::Delete, pallet, clock(11, 0)).at("shop");
    world.record(all_out);
    let bake = Event::transform("bake", clock(12, 0)).at("shop");
    let bake = bake.kilos(Role::Input, "L", 10);
    world.record(bake.kilos(Role::Output, "bread", 10));
    let before = bad_from("L", "plant", clock(8, 30));
    assert_eq!(reaches(&world, before, "bread"), Some(Certainty::Inferred));
    let after = bad_from("L", "plant", clock(10, 0));
    let found = reaches(&world, after, "bread");
    assert_eq!(found, None);
    let reach = world.reach(Direction::Backward, &[whole("bread")]);
    assert!(reach.lots().contains(&lot("L")));
    assert_eq!(world.history(&reach).containers, [pallet]);
}

#[test]
fn the_next_filling_of_a_container_is_another() {
    let mut world = World::default();
    let drum = container(0);
    let made = Event::object(Action::Add, clock(7, 0)).at("plant");
    world.record(made.kilos(Role::Object, "L", 100));
    let made = Event::object(Action::Add, clock(7, 0)).at("depot");
    world.record(made.kilos(Role::Object, "L", 100));
    for (hour, from, to) in [(8, "plant", "early"), (12, "depot", "late")] {
        let pack = Event::aggregation(Action::Add, drum, clock(hour, 0)).at(from);
        world.record(pack.kilos(Role::Child, "L", 10));
        let out = Event::aggregation(Action::Delete, drum, clock(hour + 1, 0)).at(to);
        world.record(out);
        let bake = Event::transform(to, clock(hour + 2, 0)).at(to);
        let bake = bake.kilos(Role::Input, "L", 10);
        world.record(bake.kilos(Role::Output, to, 10));
    }
    let seed = || bad_from("L", "plant", clock(7, 30));
    assert!(reaches(&world, seed(), "early").is_some());
    assert_eq!(reaches(&world, seed(), "late"), None);
}

#[test]
fn a_lot_used_up_inside_its_container_taints_the_output() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("plant");
    world.record(made.kilos(Role::Object, "L", 100));
    let drum = container(0);
    let pack = Event::aggregation(Action::Add, drum, clock(9, 0)).at("plant");
    world.record(pack.kilos(Role::Child, "L", 10));
    let mix = Event::transform("mix", clock(12, 0)).at("plant");
    let mix = mix.units(Role::Input, &[drum]);
    world.record(mix.kilos(Role::Output, "paint", 10));
    assert_eq!(
        reaches(&world, whole("L"), "paint"),
        Some(Certainty::Inferred)
    );
    let reach = world.reach(Direction::Backward, &[whole("paint")]);
    assert!(reach.lots().contains(&lot("L")));
}

#[test]
fn an_event_at_a_tainted_place_reaches_the_stock_that_leaves_it_afterwards() {
    let world = two_customers();
    let mut seen = world.clone();
    let look = Event::seen(clock(10, 30)).at("plant");
    seen.record(look.kilos(Role::Object, "L", 80));
    let seed = Seed::Place {
        place: place("plant"),
        window: window(clock(10, 0), clock(10, 45)),
        guard: 0,
    };
    assert_eq!(
        reaches(&seen, seed.clone(), "bread late"),
        Some(Certainty::Asserted)
    );
    assert_eq!(reaches(&seen, seed, "bread early"), None);
}
