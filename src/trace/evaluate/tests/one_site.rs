//! Stock that came to a site and is used at a part of it: nobody records every way within a site.

use super::*;

fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

/// A hundred kilos came to the plant, and this much was used at its tank.
fn used(kilos: i64, is_one_site: bool) -> World {
    let mut world = World::default();
    if is_one_site {
        world.inside.push((place("tank"), place("plant")));
    }
    let made = Event::object(Action::Add, clock(6, 0)).at("farm");
    world.record(made.kilos(Role::Object, "A", 100));
    let ship = Event::seen(clock(7, 0)).ship("farm", "plant");
    world.record(ship.kilos(Role::Object, "A", 100));
    let receive = Event::seen(clock(8, 0)).receive("plant");
    world.record(receive.kilos(Role::Object, "A", 100));
    let mix = Event::transform("mix", clock(9, 0)).at("tank");
    let mix = mix.kilos(Role::Input, "A", kilos);
    world.record(mix.kilos(Role::Output, "B", kilos));
    world
}

fn part(balances: &Balances, account: Account) -> Option<(String, String)> {
    let part = balances.parts.get(&account)?;
    Some((part.lo.to_string(), part.hi.to_string()))
}

fn text(lo: &str, hi: &str) -> (String, String) {
    (lo.to_owned(), hi.to_owned())
}

#[test]
fn what_is_used_at_a_part_of_a_site_is_of_what_lies_at_the_site() {
    let found = used(60, true).balances("A");
    assert_eq!(part(&found, stock("plant")), Some(text("40", "40")));
    assert_eq!(part(&found, Account::Used), Some(text("60", "60")));
    assert!(found.faults.is_empty(), "{:?}", found.faults);
}

#[test]
fn what_is_used_somewhere_else_may_not_be_of_it() {
    let found = used(60, false).balances("A");
    assert_eq!(part(&found, stock("plant")), Some(text("40", "100")));
    assert!(matches!(
        found.faults.as_slice(),
        [LotFault::Overdrawn { .. }]
    ));
}

#[test]
fn what_is_used_beyond_what_the_site_had_is_missing() {
    let found = used(130, true).balances("A");
    assert_eq!(part(&found, stock("plant")), None);
    let [LotFault::Overdrawn { by, .. }] = found.faults.as_slice() else {
        panic!("{:?}", found.faults);
    };
    assert_eq!(by.to_string(), "30");
}

#[test]
fn nearer_stock_elsewhere_is_not_taken_before_that_of_the_site() {
    let mut world = used(0, true);
    let other = Event::object(Action::Add, clock(6, 0)).at("other");
    world.record(other.kilos(Role::Object, "A", 500));
    let mix = Event::transform("again", clock(10, 0)).at("tank");
    let mix = mix.kilos(Role::Input, "A", 60);
    world.record(mix.kilos(Role::Output, "B", 60));
    let found = world.balances("A");
    assert_eq!(part(&found, stock("plant")), Some(text("40", "40")));
    assert_eq!(part(&found, stock("other")), Some(text("500", "500")));
}
