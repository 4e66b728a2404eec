//! Items that are known to be of a lot, and when that is all that is known of how they came to be.

use super::*;

/// Raw goods become ten of lot L at the maker.
fn made() -> World {
    let mut world = World::default();
    let made = Event::transform("make", clock(8, 0)).at("maker");
    let made = made.kilos(Role::Input, "raw", 10);
    world.record(made.kilos(Role::Output, "L", 10));
    world
}

fn class(world: &World, item: Address) -> Option<Certainty> {
    let reach = world.reach(Direction::Forward, &[whole("raw")]);
    reach.unit(item).map(|group| group.certainty)
}

fn origins(world: &World, item: Address) -> BTreeMap<Block, Certainty> {
    let reach = world.backward(&[item]);
    let stock = reach.stock.iter();
    let mut best: BTreeMap<Block, Certainty> = BTreeMap::new();
    for stock in stock {
        let known = best.entry(stock.lot).or_insert(stock.certainty);
        *known = stock.certainty.min(*known);
    }
    best
}

#[test]
fn an_item_that_came_to_be_where_its_lot_lay_is_of_it() {
    let mut world = made();
    let begun = Event::object(Action::Add, clock(9, 0)).at("maker");
    world.record_items("L", &[unit(0)], begun);
    assert_eq!(class(&world, unit(0)), Some(Certainty::Asserted));
    let asserted = [("raw", Certainty::Asserted), ("L", Certainty::Asserted)];
    let asserted = asserted.map(|(name, certainty)| (lot(name), certainty));
    assert_eq!(origins(&world, unit(0)), asserted.into());
}

#[test]
fn an_item_whose_beginning_nobody_recorded_is_of_its_lot_by_its_code() {
    for (seen_at, from) in [("maker", "where it was made"), ("shop", "nobody says how")] {
        let mut world = made();
        world.record_items("L", &[unit(0)], Event::seen(clock(9, 0)).at(seen_at));
        let early = Event::seen(clock(7, 0)).at(seen_at);
        world.record_items("L", &[unit(4)], early);
        assert_eq!(class(&world, unit(0)), Some(Certainty::Inferred), "{from}");
        let inferred = ["raw", "L"].map(|name| (lot(name), Certainty::Inferred));
        assert_eq!(origins(&world, unit(0)), inferred.into(), "{from}");

        assert_eq!(class(&world, unit(4)), None, "it was there before");
        let reach = world.reach(Direction::Forward, &[whole("raw")]);
        let early = |left_out: &Excluded| left_out.block == unit(4).block;
        let reasons = reach.excluded.iter().filter(|out| early(out));
        let reasons: Vec<Reason> = reasons.map(|left_out| left_out.reason).collect();
        assert_eq!(reasons, [Reason::TimeOrder]);
        assert!(!origins(&world, unit(4)).contains_key(&lot("raw")));
    }
}

#[test]
fn where_records_say_how_a_lot_came_to_a_place_its_items_are_of_that_stock() {
    let mut world = made();
    let made = Event::transform("make elsewhere", clock(8, 0)).at("other maker");
    let made = made.kilos(Role::Input, "other raw", 10);
    world.record(made.kilos(Role::Output, "L", 10));
    let begun = Event::object(Action::Add, clock(9, 0)).at("other maker");
    world.record_items("L", &[unit(0)], begun);
    assert_eq!(class(&world, unit(0)), None);
    let back = origins(&world, unit(0));
    assert!(back.contains_key(&lot("other raw")) && !back.contains_key(&lot("raw")));
}
