//! Who owns things.

use proptest::prelude::*;

use super::*;

fn to(owner: &str, event: Event) -> Event {
    let mut event = event;
    event.0.to_owner = Some(party(owner));
    event
}

fn owner(world: &World, unit: Address, at: Timestamp) -> Option<Block> {
    let mut source = world.source();
    let owned = Evaluation::new(&mut source)
        .owners(&units(&[unit]), at)
        .unwrap();
    owned.first().map(|owned| owned.owner)
}

fn account_owner(world: &World, account: &Account) -> Option<Block> {
    let mut source = world.source();
    let lots = BTreeSet::from([lot("L")]);
    let found = Evaluation::new(&mut source)
        .lot_owners(&lots, clock(1000, 0))
        .unwrap();
    found[&lot("L")].of(account)
}

fn stock(name: &str) -> Account {
    Account::Stock {
        place: Some(place(name)),
        party: None,
    }
}

#[test]
fn what_was_in_a_pallet_that_was_sold_is_the_buyers_when_it_is_taken_out_too() {
    let (item, early, case, pallet) = (unit(1), unit(2), container(1), container(0));
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(7, 0)).at("A");
    world.record(to("maker", made.objects(&[item, early])));
    world.record(Event::pack(case, &[item, early], clock(8, 0)).at("A"));
    world.record(Event::pack(pallet, &[case], clock(8, 30)).at("A"));
    world.record(Event::unpack(case, &[early], clock(8, 45)).at("A"));
    let ship = Event::seen(clock(9, 0)).ship("A", "B").objects(&[pallet]);
    world.record(to("shop", ship));
    world.record(Event::seen(clock(10, 0)).receive("B").objects(&[pallet]));
    world.record(Event::unpack(pallet, &[case], clock(11, 0)).at("B"));
    world.record(Event::unpack(case, &[item], clock(11, 30)).at("B"));
    assert_eq!(owner(&world, item, clock(8, 50)), Some(party("maker")));
    assert_eq!(owner(&world, item, clock(9, 30)), Some(party("shop")));
    assert_eq!(owner(&world, item, clock(12, 0)), Some(party("shop")));
    assert_eq!(owner(&world, early, clock(12, 0)), Some(party("maker")));
}

#[test]
fn who_owned_the_empty_pallet_does_not_own_what_is_put_on_it() {
    let (item, pallet) = (unit(1), container(0));
    let mut world = World::default();
    let rented = Event::seen(clock(7, 0)).receive("A").objects(&[pallet]);
    world.record(to("pool", rented));
    world.record(Event::pack(pallet, &[item], clock(8, 0)).at("A"));
    assert_eq!(owner(&world, item, clock(9, 0)), None);
    assert_eq!(owner(&world, pallet, clock(9, 0)), Some(party("pool")));
}

#[test]
fn a_code_used_again_is_not_owned_by_who_owned_what_had_it_before() {
    let mut world = World::default();
    world.record(to("old", Event::object(Action::Add, clock(7, 0))).objects(&[unit(1)]));
    world.record(Event::object(Action::Delete, clock(8, 0)).objects(&[unit(1)]));
    assert_eq!(owner(&world, unit(1), clock(8, 30)), Some(party("old")));
    world.record(Event::object(Action::Add, clock(9, 0)).objects(&[unit(1)]));
    assert_eq!(owner(&world, unit(1), clock(10, 0)), None);
}

#[test]
fn a_shipment_taken_back_leaves_the_goods_with_who_sent_them() {
    let mut world = World::default();
    let ship = Event::seen(clock(8, 0)).ship("A", "B").objects(&[unit(1)]);
    world.record(to("shop", ship));
    let mut back = to("shop", Event::seen(clock(9, 0)).step("void_shipping"));
    back.0.from_owner = Some(party("maker"));
    world.record(back.objects(&[unit(1)]));
    assert_eq!(owner(&world, unit(1), clock(8, 30)), Some(party("shop")));
    assert_eq!(owner(&world, unit(1), clock(10, 0)), Some(party("maker")));
}

#[test]
fn stock_of_a_lot_is_owned_place_by_place() {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(7, 0)).at("A");
    world.record(to("maker", made.kilos(Role::Object, "L", 100)));
    let ship = Event::seen(clock(8, 0)).ship("A", "B");
    world.record(to("shop", ship.kilos(Role::Object, "L", 40)));
    let way = Account::InTransit {
        from: Some(place("A")),
        to: Some(place("B")),
        parties: Parties {
            owner: Some(party("shop")),
            ..Parties::default()
        },
    };
    assert_eq!(account_owner(&world, &stock("A")), Some(party("maker")));
    assert_eq!(account_owner(&world, &way), Some(party("shop")));
    assert_eq!(account_owner(&world, &stock("B")), None);
    let received = Event::seen(clock(9, 0)).receive("B");
    world.record(received.kilos(Role::Object, "L", 40));
    assert_eq!(account_owner(&world, &stock("B")), Some(party("shop")));
    assert_eq!(account_owner(&world, &stock("A")), Some(party("maker")));
}

#[test]
fn stock_in_a_container_is_the_containers_buyers_from_its_packing_on() {
    let mut world = World::default();
    let pallet = container(0);
    let rented = Event::seen(clock(6, 0)).receive("A").objects(&[pallet]);
    world.record(to("pool", rented));
    let made = Event::object(Action::Add, clock(7, 0)).at("A");
    world.record(to("maker", made.kilos(Role::Object, "L", 100)));
    let packed = Event::aggregation(Action::Add, pallet, clock(8, 0)).at("A");
    world.record(packed.kilos(Role::Child, "L", 60));
    let inside = Account::Inside(Some(pallet));
    assert_eq!(account_owner(&world, &inside), Some(party("maker")));
    let ship = Event::seen(clock(9, 0)).ship("A", "B").objects(&[pallet]);
    world.record(to("shop", ship));
    assert_eq!(account_owner(&world, &inside), Some(party("shop")));
    let out = Event::aggregation(Action::Delete, pallet, clock(10, 0)).at("B");
    world.record(out.kilos(Role::Child, "L", 60));
    assert_eq!(account_owner(&world, &stock("B")), Some(party("shop")));
}

#[test]
fn who_sold_something_at_retail_owns_it_no_more() {
    let (item, other, case) = (unit(1), unit(2), container(1));
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(7, 0)).at("shop");
    world.record(to("shop", made.objects(&[item, other])));
    world.record(Event::pack(case, &[other], clock(8, 0)).at("shop"));
    let sale = |time| Event::seen(time).step("retail_selling").at("shop");
    world.record(sale(clock(9, 0)).objects(&[item, case]));
    assert_eq!(owner(&world, item, clock(8, 30)), Some(party("shop")));
    assert_eq!(owner(&world, item, clock(9, 30)), None);
    assert_eq!(owner(&world, other, clock(9, 30)), None);
    let back = Event::seen(clock(10, 0)).at("shop").objects(&[item]);
    let mut back = back;
    back.0.disposition = Some("returned".to_owned());
    world.record(back);
    assert_eq!(owner(&world, item, clock(10, 30)), None);
    world.record(to("club", sale(clock(11, 0))).objects(&[item]));
    assert_eq!(owner(&world, item, clock(11, 30)), Some(party("club")));
}

#[test]
fn what_was_destroyed_or_used_up_is_nobody_s() {
    let (used, gone, case, fresh) = (unit(1), unit(2), container(1), unit(3));
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(7, 0)).at("A");
    world.record(to("maker", made.objects(&[used, gone])));
    world.record(Event::pack(case, &[used], clock(8, 0)).at("A"));
    let make = Event::transform("mix", clock(9, 0)).units(Role::Input, &[case]);
    world.record(to("mixer", make.units(Role::Output, &[fresh])));
    world.record(Event::seen(clock(9, 0)).step("destroying").objects(&[gone]));
    let owners = [used, gone, fresh].map(|unit| owner(&world, unit, clock(10, 0)));
    assert_eq!(owners, [None, None, Some(party("mixer"))]);
}

#[test]
fn stock_in_a_container_that_was_sold_at_retail_is_the_seller_s_no_more() {
    let (mut world, pallet) = (World::default(), container(0));
    let made = Event::object(Action::Add, clock(7, 0)).at("A");
    world.record(to("maker", made.kilos(Role::Object, "L", 100)));
    let packed = Event::aggregation(Action::Add, pallet, clock(8, 0)).at("A");
    world.record(packed.kilos(Role::Child, "L", 60));
    let sale = Event::seen(clock(9, 0)).step("retail_selling").at("A");
    world.record(sale.objects(&[pallet]));
    let inside = Account::Inside(Some(pallet));
    assert_eq!(account_owner(&world, &inside), None);
    assert_eq!(account_owner(&world, &stock("A")), Some(party("maker")));
}

/// A step of a small world: what is done to which unit and container, and whether it names an owner.
type Step = (u8, u16, u16, Option<u8>);

fn world_of(steps: &[Step]) -> World {
    let mut world = World::default();
    for (minute, (what, item, outer, owner)) in (0..).zip(steps) {
        let time = clock(8, minute);
        let (item, case, pallet) = (unit(item % 3), container(outer % 2), container(2));
        let event = match what % 10 {
            0 => Event::pack(case, &[item], time),
            1 => Event::unpack(case, &[item], time),
            2 => Event::pack(pallet, &[case], time),
            3 => Event::unpack(pallet, &[case], time),
            4 => Event::seen(time).objects(&[item]),
            5 => Event::seen(time).ship("A", "B").objects(&[case]),
            6 => Event::seen(time).receive("B").objects(&[pallet]),
            7 => Event::seen(time).step("retail_selling").objects(&[case]),
            8 => Event::seen(time).step("destroying").objects(&[item]),
            _ => Event::transform("use", time).units(Role::Input, &[case]),
        };
        world.record(match owner {
            Some(owner) => to(&format!("owner {owner}"), event),
            None => event,
        });
    }
    world
}

proptest! {
    /// The owner of many at once is the last owner in each one's own history.
    #[test]
    fn who_owns_things_is_who_their_histories_say(
        steps in proptest::collection::vec((any::<u8>(), 0_u16..3, 0_u16..2, proptest::option::of(0_u8..4)), 0..24),
    ) {
        let world = world_of(&steps);
        let all = [unit(0), unit(1), unit(2), container(0), container(1), container(2)];
        let end = clock(100, 0);
        let mut source = world.source();
        let owned = Evaluation::new(&mut source).owners(&units(&all), end).unwrap();
        for one in all {
            let of_one = owned.iter().filter(|owned| owned.block == one.block);
            let mut of_one = of_one.filter(|owned| owned.members.contains(one.member));
            let found = of_one.next().map(|owned| owned.owner);
            prop_assert!(of_one.next().is_none());
            let mut source = world.source();
            let who = Evaluation::new(&mut source).who(one, end, false).unwrap();
            prop_assert_eq!(found, who.owner);
        }
    }
}
