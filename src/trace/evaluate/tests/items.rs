//! Single items of a lot that moves by quantity, too.

use super::*;
use crate::trace::shares;

fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

fn number(amount: Amount) -> i64 {
    amount.to_string().parse().unwrap()
}

fn items(range: std::ops::Range<u16>) -> Vec<Address> {
    range.map(unit).collect()
}

fn pieces(event: Event, count: i64) -> Event {
    event.amount(Role::Object, "L", count, None)
}

/// The lot's pieces go from the maker to somebody, by quantity.
fn send(world: &mut World, to: &str, count: i64) {
    let ship = Event::seen(clock(9, 0)).ship("maker", to);
    world.record(pieces(ship, count));
    let receive = Event::seen(clock(10, 0)).receive(to);
    world.record(pieces(receive, count));
}

/// A hundred items came to be at the maker; 60 of the lot went to A and 30 to B.
fn hundred() -> World {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("maker");
    world.record_items("L", &items(0..100), made);
    send(&mut world, "A", 60);
    send(&mut world, "B", 30);
    world
}

fn parts(balances: &Balances) -> BTreeMap<Account, (i64, i64)> {
    let parts = balances.parts.iter();
    let numbers = |part: &Bounds| (number(part.lo), number(part.hi));
    parts
        .map(|(account, part)| (*account, numbers(part)))
        .collect()
}

/// What of the lot a scope of these items reaches.
fn reached(world: &World, scope: &[Address]) -> BTreeMap<Account, (i64, i64)> {
    let reach = world.forward(scope);
    let found = shares(&reach, lot("L"), &[world.balances("L")]).parts;
    let numbers = |share: crate::trace::Share| {
        let bounds = (number(share.lo.unwrap()), number(share.hi.unwrap()));
        (share.account, bounds)
    };
    found.into_iter().map(numbers).collect()
}

#[test]
fn items_that_came_to_be_are_the_stock_that_moves_by_quantity() {
    let balances = hundred().balances("L");
    let expected = [
        (stock("maker"), (10, 10)),
        (stock("A"), (60, 60)),
        (stock("B"), (30, 30)),
    ];
    assert_eq!(parts(&balances), expected.into());
    assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));
    assert_eq!(balances.total, Amount::whole(100));
    assert_eq!(balances.accounts[&Account::Made], Amount::whole(-100));
}

#[test]
fn what_was_made_by_quantity_and_by_serial_was_made_once() {
    for (by_quantity, total) in [(100, 100), (60, 100), (120, 120)] {
        let mut world = World::default();
        let made = Event::object(Action::Add, clock(7, 0)).at("maker");
        world.record(pieces(made, by_quantity));
        let made = Event::object(Action::Add, clock(8, 0)).at("maker");
        world.record_items("L", &items(0..100), made);
        send(&mut world, "A", 60);
        let balances = world.balances("L");
        assert_eq!(balances.total, Amount::whole(total));
        let maker = i64::from(total) - 60;
        let expected = [(stock("maker"), (maker, maker)), (stock("A"), (60, 60))];
        assert_eq!(parts(&balances), expected.into());
        assert_eq!(balances.gaps, []);
    }
}

#[test]
fn what_moves_by_its_serial_is_not_expected_by_quantity() {
    let mut world = hundred();
    let ship = Event::seen(clock(11, 0)).ship("maker", "C");
    world.record(ship.objects(&items(90..100)));
    let receive = Event::seen(clock(12, 0)).receive("C");
    world.record(receive.objects(&items(90..100)));
    let balances = world.balances("L");
    let expected = [(stock("A"), (60, 60)), (stock("B"), (30, 30))];
    assert_eq!(parts(&balances), expected.into());
    assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));
    let singly = Account::Singly(Some(place("C")));
    assert_eq!(balances.accounts[&singly], Amount::whole(10));
}

#[test]
fn what_is_shipped_by_quantity_may_be_received_by_serial_and_the_other_way_round() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("maker");
    world.record_items("L", &items(0..20), made);
    let ship = Event::seen(clock(9, 0)).ship("maker", "A");
    world.record(pieces(ship, 12));
    let receive = Event::seen(clock(10, 0)).receive("A");
    world.record(receive.objects(&items(0..12)));
    let ship = Event::seen(clock(11, 0)).ship("maker", "B");
    world.record(ship.objects(&items(12..20)));
    let receive = Event::seen(clock(12, 0)).receive("B");
    world.record(pieces(receive, 8));
    let balances = world.balances("L");
    assert_eq!(parts(&balances), [(stock("B"), (8, 8))].into());
    assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));

    let ship = Event::seen(clock(13, 0)).ship("A", "B");
    world.record(pieces(ship, 5));
    let receive = Event::seen(clock(14, 0)).receive("B");
    world.record(pieces(receive, 5));
    let balances = world.balances("L");
    assert_eq!(parts(&balances), [(stock("B"), (13, 13))].into());
    assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));
}

#[test]
fn an_event_that_tells_of_the_same_goods_twice_moves_them_once() {
    let mut world = World::default();
    let made = pieces(Event::object(Action::Add, clock(8, 0)).at("maker"), 20);
    world.record_items("L", &items(0..20), made);
    let ship = Event::seen(clock(9, 0)).ship("maker", "A");
    world.record(pieces(ship, 12).objects(&items(0..12)));
    let receive = Event::seen(clock(10, 0)).receive("A");
    world.record(pieces(receive, 12).objects(&items(0..12)));
    let balances = world.balances("L");
    assert_eq!(parts(&balances), [(stock("maker"), (8, 8))].into());
    assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));
}

#[test]
fn thirty_items_can_be_with_whoever_got_the_lot_by_quantity() {
    let world = hundred();
    let expected = [
        (stock("maker"), (0, 10)),
        (stock("A"), (0, 30)),
        (stock("B"), (0, 30)),
    ];
    assert_eq!(reached(&world, &items(0..30)), expected.into());
    let expected = [
        (stock("maker"), (0, 10)),
        (stock("A"), (40, 60)),
        (stock("B"), (10, 30)),
    ];
    assert_eq!(reached(&world, &items(0..80)), expected.into());
    let reach = world.forward(&items(0..30));
    assert_eq!(
        reach.unit_count(),
        30,
        "other items of the lot are not affected"
    );
    let stock = reach.lot(lot("L"));
    assert!(
        stock
            .into_iter()
            .all(|stock| stock.certainty == Certainty::Inferred)
    );
}

#[test]
fn items_of_a_lot_that_went_nowhere_by_quantity_are_told_of_by_their_serials_alone() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(8, 0)).at("maker");
    world.record_items("L", &items(0..20), pieces(made, 20));
    assert_eq!(world.forward(&items(0..5)).lots(), BTreeSet::new());
}

#[test]
fn an_item_that_was_seen_after_the_shipment_did_not_leave_with_it() {
    let mut world = hundred();
    let count = Event::seen(clock(11, 0)).step("cycle_counting").at("maker");
    world.record(count.objects(&items(0..10)));
    assert_eq!(
        reached(&world, &items(0..10)),
        [(stock("maker"), (10, 10))].into()
    );

    let mut world = hundred();
    let ship = Event::seen(clock(11, 0)).ship("maker", "C");
    world.record(ship.objects(&items(0..10)));
    assert_eq!(reached(&world, &items(0..10)), BTreeMap::new());
}

#[test]
fn what_is_made_of_stock_that_affected_items_are_among_can_be_affected() {
    let mut world = hundred();
    let cook = Event::transform("cook", clock(12, 0)).at("A");
    let cook = cook.amount(Role::Input, "L", 60, None);
    world.record(cook.kilos(Role::Output, "soup", 20));
    let reach = world.forward(&items(0..1));
    assert!(reach.lots().contains(&lot("soup")));
    assert_eq!(reached(&world, &items(0..1))[&Account::Used], (0, 1));
}

/// Ten of the lot were made by number, and as many items came to be, or none did.
fn ten(with_items: bool) -> World {
    let mut world = World::default();
    let made = pieces(Event::object(Action::Add, clock(7, 0)).at("maker"), 10);
    world.record(made);
    if with_items {
        let made = Event::object(Action::Add, clock(7, 30)).at("maker");
        world.record_items("L", &items(0..10), made);
    }
    world
}

/// Records an event of items that nobody told of before; their codes say what lot they are of.
fn name(world: &mut World, list: &[Address], event: Event) {
    let (shard, seq) = world.record(event);
    for (block, members) in units(list) {
        let lot = lot("L");
        world.items.push(LotUnits {
            lot,
            block,
            shard,
            seq,
            members,
        });
    }
}

fn sold(name: &str) -> Event {
    Event::seen(clock(12, 0)).step("retail_selling").at(name)
}

#[test]
fn what_went_by_number_and_is_sold_by_serial_is_gone_from_where_it_was_sold() {
    for (sent, sold_singly, expected) in [
        (4, 4, vec![(stock("maker"), (6, 6))]),
        (4, 1, vec![(stock("maker"), (6, 6)), (stock("A"), (3, 3))]),
        (10, 1, vec![(stock("A"), (9, 9))]),
    ] {
        let mut world = ten(true);
        send(&mut world, "A", sent);
        world.record(sold("A").objects(&items(0..sold_singly)));
        let balances = world.balances("L");
        assert_eq!(parts(&balances), expected.into_iter().collect());
        assert_eq!((balances.gaps, balances.faults), (vec![], vec![]));
        let ended = Amount::whole(sold_singly.into());
        assert_eq!(balances.accounts[&Account::SinglyEnded], ended);
    }
}

#[test]
fn what_went_by_number_and_goes_on_by_serial_leaves_where_it_was() {
    let mut world = ten(true);
    send(&mut world, "A", 4);
    let count = Event::seen(clock(11, 0)).step("inspecting").at("A");
    world.record(count.objects(&items(0..1)));
    let ship = Event::seen(clock(12, 0)).ship("A", "B");
    world.record(ship.objects(&items(0..3)));
    let balances = world.balances("L");
    let expected = [(stock("maker"), (6, 6)), (stock("A"), (1, 1))];
    assert_eq!(parts(&balances), expected.into());
}

#[test]
fn items_that_came_by_serial_and_go_along_by_number_are_sold_where_they_went() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("origin");
    world.record_items("L", &items(0..10), made);
    let receive = Event::seen(clock(7, 0)).receive("maker");
    world.record(receive.objects(&items(0..10)));
    send(&mut world, "A", 4);
    world.record(sold("A").objects(&items(0..3)));
    let balances = world.balances("L");
    assert_eq!(parts(&balances), [(stock("A"), (1, 1))].into());
    let singly = Account::Singly(Some(place("maker")));
    assert_eq!(balances.accounts[&singly], Amount::whole(6));
}

#[test]
fn what_was_sent_under_serials_and_came_by_number_is_sold_by_serial() {
    let mut world = ten(true);
    let ship = Event::seen(clock(9, 0)).ship("maker", "A");
    world.record(ship.objects(&items(0..4)));
    let receive = Event::seen(clock(10, 0)).receive("A");
    world.record(pieces(receive, 4));
    world.record(sold("A").objects(&items(0..1)));
    let balances = world.balances("L");
    let expected = [(stock("maker"), (6, 6)), (stock("A"), (3, 3))];
    assert_eq!(parts(&balances), expected.into());
}

#[test]
fn items_that_nobody_told_of_before_are_stock_until_they_are_named() {
    let list = items(0..4);
    let mut packed = ten(false);
    let pack = Event::pack(container(0), &list, clock(8, 0)).at("maker");
    name(&mut packed, &list, pack);
    let mut shipped = ten(false);
    let ship = Event::seen(clock(8, 0)).ship("maker", "A");
    name(&mut shipped, &list, ship.objects(&list));
    for world in [packed, shipped] {
        let balances = world.balances("L");
        assert_eq!(parts(&balances), [(stock("maker"), (6, 6))].into());
        assert_eq!(balances.gaps, []);
    }

    let mut world = ten(false);
    send(&mut world, "A", 4);
    let one = items(0..1);
    name(&mut world, &one, sold("A").objects(&one));
    let balances = world.balances("L");
    let expected = [(stock("maker"), (6, 6)), (stock("A"), (3, 3))];
    assert_eq!(parts(&balances), expected.into());
    assert_eq!(balances.gaps, []);
}
