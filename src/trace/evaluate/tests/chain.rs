//! A supply chain from the hatchery to the importer, traced back.

use super::*;

/// Fry and feed become farmed fish, which with a catch becomes a mix, which becomes loins, packed twice
/// and unpacked abroad. Returns the keys of all events but the foreign ones.
fn fish() -> (World, Vec<EventKey>) {
    let mut world = World::default();
    let day = |day: i64| clock(day * 24, 0);
    let single = |event: Event, name: &str, kilos| event.kilos(Role::Object, name, kilos);
    let add = |time, at: &str| Event::object(Action::Add, time).at(at);
    let ship = |time, at: &str| Event::seen(time).step("shipping").at(at);
    let (inner, outer) = (container(0), container(1));
    let mut keys = Vec::new();
    let mut own = |world: &mut World, event| keys.push(world.record(event));
    own(&mut world, single(add(day(1), "feed mill"), "feed", 10_000));
    own(&mut world, single(add(day(2), "hatchery"), "fry", 1_000));
    own(&mut world, single(ship(day(3), "hatchery"), "fry", 1_000));
    own(
        &mut world,
        single(Event::seen(day(4)).receive("farm"), "fry", 1_000),
    );
    let harvest = Event::transform("harvest", day(10)).at("farm");
    let harvest = harvest.kilos(Role::Input, "feed", 10_000);
    let harvest = harvest.kilos(Role::Input, "fry", 1_000);
    own(&mut world, harvest.kilos(Role::Output, "farmed", 12_000));
    own(&mut world, single(ship(day(11), "farm"), "farmed", 12_000));
    own(
        &mut world,
        single(Event::seen(day(12)).receive("plant"), "farmed", 12_000),
    );
    own(&mut world, single(add(day(13), "boat"), "catch", 9_876));
    own(
        &mut world,
        single(Event::seen(day(14)).at("carrier"), "catch", 9_876),
    );
    own(
        &mut world,
        single(Event::seen(day(15)).at("harbour"), "catch", 9_876),
    );
    own(
        &mut world,
        single(Event::seen(day(16)).receive("plant"), "catch", 9_876),
    );
    let mix = Event::transform("mix", day(17)).at("plant");
    let mix = mix.kilos(Role::Input, "farmed", 12_000);
    let mix = mix.kilos(Role::Input, "catch", 9_876);
    own(&mut world, mix.kilos(Role::Output, "mixed", 21_876));
    let cut = Event::transform("cut", day(18)).at("plant");
    let cut = cut.kilos(Role::Input, "mixed", 9_000);
    own(&mut world, cut.kilos(Role::Output, "loins", 5_000));
    let pack = Event::aggregation(Action::Add, inner, day(19)).at("plant");
    own(&mut world, pack.kilos(Role::Child, "loins", 5_000));
    own(
        &mut world,
        Event::pack(outer, &[inner], day(20)).at("plant"),
    );
    own(
        &mut world,
        Event::aggregation(Action::Delete, outer, day(25)).at("importer"),
    );
    // Not of this chain: another load of the outer container, and another use of the mix.
    world.record(Event::pack(outer, &[unit(1)], day(30)).at("importer"));
    let other = Event::transform("other", day(19)).at("plant");
    let other = other.kilos(Role::Input, "mixed", 1_000);
    world.record(other.kilos(Role::Output, "paste", 900));
    (world, keys)
}

#[test]
fn tracing_back_reaches_everything_upstream_and_the_containers_in_time_order() {
    let (world, keys) = fish();
    let reach = world.reach(Direction::Backward, &[whole("loins")]);
    let history = world.history(&reach);
    assert_eq!(history.events, keys);
    assert_eq!(history.events.len(), 16);
    assert_eq!(
        history.containers,
        addresses(&units(&[container(0), container(1)]))
    );
}

#[test]
fn tracing_forward_from_the_feed_reaches_all_that_was_made_of_it() {
    let (world, _) = fish();
    let reach = world.reach(Direction::Forward, &[whole("feed")]);
    let made = ["feed", "farmed", "mixed", "loins", "paste"];
    assert_eq!(reach.lots(), made.map(lot).into());
    let loins = reach.lot(lot("loins")).next().unwrap();
    assert_eq!(
        reach.causes.path(loins.cause),
        [(0, 4), (0, 5), (0, 11), (0, 12)]
    );
}

#[test]
fn who_had_it_is_told_hop_by_hop() {
    let (item, pallet) = (unit(1), container(0));
    let mut world = World::default();
    let mut made = Event::object(Action::Add, clock(8, 0))
        .at("A")
        .objects(&[item]);
    made.0.submitter = Some(party("maker"));
    let made = world.record(made);
    let packed = world.record(Event::pack(pallet, &[item], clock(9, 0)).at("A"));
    let ship = Event::seen(clock(10, 0))
        .ship("A", "B")
        .parties("maker", "shop");
    let mut ship = ship.objects(&[pallet]);
    ship.0.to_owner = Some(party("bank"));
    let shipped = world.record(ship);
    let received = world.record(Event::seen(clock(11, 0)).receive("B").objects(&[pallet]));
    let mut source = world.source();
    let who = Evaluation::new(&mut source)
        .who(item, clock(12, 0), false)
        .unwrap();
    assert_eq!(who.owner, Some(party("bank")));
    let hops: Vec<_> = who
        .hops
        .iter()
        .map(|hop| (hop.place, hop.status, hop.party))
        .collect();
    let (a, b) = (Some(place("A")), Some(place("B")));
    let sent = Status::InTransit {
        from: a,
        to: b,
        sender: Some(party("maker")),
    };
    let expected = [
        (a, Status::Here(a), None),
        (a, sent, Some(party("shop"))),
        (b, Status::Here(b), None),
    ];
    assert_eq!(hops, expected);
    let answers: Vec<_> = who
        .responsible
        .iter()
        .map(|acting| (acting.part, acting.party, acting.place, acting.event))
        .collect();
    let expected = [
        (Part::Producer, None, a, made),
        (Part::Packer, None, a, packed),
        (Part::Shipper, Some(party("maker")), a, shipped),
        (Part::Receiver, Some(party("shop")), b, shipped),
        (Part::Receiver, None, b, received),
    ];
    assert_eq!(answers, expected);
    let recorders = who.responsible.iter().map(|acting| acting.recorded_by);
    assert_eq!(recorders.flatten().collect::<Vec<_>>(), [party("maker")]);
}

#[test]
fn the_sender_that_a_receipt_names_sent_it_from_where_it_was_shipped() {
    let item = unit(1);
    let told = |sender: &str| {
        let mut world = World::default();
        world.record(
            Event::object(Action::Add, clock(8, 0))
                .at("A")
                .objects(&[item]),
        );
        let ship = Event::seen(clock(9, 0))
            .ship("A", "B")
            .parties("maker", "shop");
        world.record(ship.objects(&[item]));
        let mut receive = Event::seen(clock(10, 0)).receive("B").objects(&[item]);
        receive.0.from_party = Some(party(sender));
        let received = world.record(receive);
        let mut source = world.source();
        let who = Evaluation::new(&mut source).who(item, clock(11, 0), false);
        let acts = who.unwrap().responsible.into_iter();
        let mut acts = acts.filter(|act| act.event == received && act.part == Part::Shipper);
        acts.next().map(|act| (act.party, act.place))
    };
    let maker = Some(party("maker"));
    assert_eq!(told("maker"), Some((maker, Some(place("A")))));
    let other = Some(party("other"));
    assert_eq!(told("other"), Some((other, None)), "it shipped nothing");
}
