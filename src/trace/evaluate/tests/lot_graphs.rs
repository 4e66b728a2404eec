//! Random small worlds of lots: laws that hold in every one of them.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum LotDeed {
    Make(u8, u8),
    Ship(u8, u8, Option<u8>, &'static str),
    Receive(u8, Option<u8>, u8, &'static str),
    End(u8, u8, &'static str),
    Turn(u8, u8, u8),
    Pack(u8, u16, u8),
    Empty(u16, u8),
    UseUp(u16, u8),
    See(u8, u8, i64),
}

fn lot_deed() -> impl Strategy<Value = LotDeed> {
    let (lot, place, drum) = (0..3_u8, 0..3_u8, 0..2_u16);
    let maybe = proptest::option::of(0..3_u8);
    let left = proptest::sample::select(vec!["shipping", "departing", "transporting"]);
    let came = proptest::sample::select(vec!["arriving", "receiving", "accepting"]);
    let ended = proptest::sample::select(vec!["retail_sold", "destroyed", "stolen", "returned"]);
    prop_oneof![
        (lot.clone(), place.clone()).prop_map(|(lot, at)| LotDeed::Make(lot, at)),
        (lot.clone(), place.clone(), maybe.clone(), left)
            .prop_map(|(l, a, b, step)| LotDeed::Ship(l, a, b, step)),
        (lot.clone(), maybe, place.clone(), came)
            .prop_map(|(l, a, b, step)| LotDeed::Receive(l, a, b, step)),
        (lot.clone(), place.clone(), ended).prop_map(|(l, at, how)| LotDeed::End(l, at, how)),
        (lot.clone(), lot.clone(), place.clone()).prop_map(|(a, b, at)| LotDeed::Turn(a, b, at)),
        (lot.clone(), drum.clone(), place.clone()).prop_map(|(l, c, at)| LotDeed::Pack(l, c, at)),
        (drum.clone(), place).prop_map(|(drum, at)| LotDeed::Empty(drum, at)),
        (drum, lot.clone()).prop_map(|(drum, lot)| LotDeed::UseUp(drum, lot)),
        (lot, 0..3_u8, 1..4_i64).prop_map(|(lot, at, kilos)| LotDeed::See(lot, at, kilos)),
    ]
}

fn lot_event(index: usize, deed: &LotDeed) -> Event {
    let time = clock(0, i64::try_from(index).unwrap());
    let name = |n: u8| n.to_string();
    let object = |event: Event, lot: u8| event.kilos(Role::Object, &name(lot), 1);
    match *deed {
        LotDeed::Make(lot, at) => object(Event::object(Action::Add, time).at(&name(at)), lot),
        LotDeed::Ship(lot, from, Some(to), step) => {
            let event = Event::seen(time).ship(&name(from), &name(to));
            object(event.step(step), lot)
        }
        LotDeed::Ship(lot, from, None, step) => {
            object(Event::seen(time).step(step).at(&name(from)), lot)
        }
        LotDeed::End(lot, at, how) => object(Event::seen(time).at(&name(at)).disposition(how), lot),
        LotDeed::Receive(lot, from, at, step) => {
            let mut event = Event::seen(time).step(step).at(&name(at));
            event.0.from_place = from.map(|from| place(&name(from)));
            object(event, lot)
        }
        LotDeed::Turn(from, to, at) => Event::transform(&format!("turn {index}"), time)
            .at(&name(at))
            .kilos(Role::Input, &name(from), 1)
            .kilos(Role::Output, &name(to), 1),
        LotDeed::Pack(lot, drum, at) => Event::aggregation(Action::Add, container(drum), time)
            .at(&name(at))
            .kilos(Role::Child, &name(lot), 1),
        LotDeed::Empty(drum, at) => {
            Event::aggregation(Action::Delete, container(drum), time).at(&name(at))
        }
        LotDeed::See(lot, at, kilos) => {
            Event::seen(time)
                .at(&name(at))
                .kilos(Role::Object, &name(lot), kilos)
        }
        LotDeed::UseUp(drum, lot) => Event::transform(&format!("turn {index}"), time)
            .at("0")
            .units(Role::Input, &[container(drum)])
            .kilos(Role::Output, &name(lot), 1),
    }
}

/// What happens to lots and to single items that are marked with them.
#[derive(Debug, Clone)]
enum Marked {
    Lot(LotDeed),
    Mark(u16, u8, u8, Action),
    Use(u16, u8, u8),
}

fn marked() -> impl Strategy<Value = Marked> {
    let (item, lot, place) = (0..3_u16, 0..3_u8, 0..3_u8);
    let action = proptest::sample::select(vec![Action::Add, Action::Observe]);
    prop_oneof![
        3 => lot_deed().prop_map(Marked::Lot),
        1 => (item.clone(), lot.clone(), place.clone(), action)
            .prop_map(|(item, lot, at, action)| Marked::Mark(item, lot, at, action)),
        1 => (item, lot, place).prop_map(|(item, lot, at)| Marked::Use(item, lot, at)),
    ]
}

/// The world, and the items that were marked in it.
fn marked_world(deeds: &[Marked]) -> (World, BTreeSet<u16>) {
    let mut world = World::default();
    let mut items = BTreeSet::new();
    for (index, deed) in deeds.iter().enumerate() {
        let time = clock(0, i64::try_from(index).unwrap());
        let things = |item: u16| [unit(item)];
        match *deed {
            Marked::Lot(ref deed) => world.record(lot_event(index, deed)),
            Marked::Mark(item, lot, at, action) if items.insert(item) => {
                let event = Event::object(action, time).at(&at.to_string());
                world.record_items(&lot.to_string(), &things(item), event)
            }
            Marked::Mark(item, _, at, _) => {
                let event = Event::seen(time).at(&at.to_string());
                world.record(event.objects(&things(item)))
            }
            Marked::Use(item, lot, at) => {
                let event = Event::transform(&format!("turn {index}"), time).at(&at.to_string());
                let event = event.units(Role::Input, &things(item));
                world.record(event.kilos(Role::Output, &lot.to_string(), 1))
            }
        };
    }
    (world, items)
}

proptest! {
    #[test]
    fn items_lead_back_to_every_lot_that_leads_to_them(deeds in proptest::collection::vec(marked(), 1..12)) {
        let (world, items) = marked_world(&deeds);
        let names = ["0", "1", "2"];
        for from in names {
            let forward = world.reach(Direction::Forward, &[whole(from)]);
            for item in &items {
                let backward = world.backward(&[unit(*item)]);
                let there = forward.unit(unit(*item)).is_some();
                prop_assert_eq!(there, backward.lots().contains(&lot(from)), "{} to item {}", from, item);
            }
            for to in names {
                let backward = world.reach(Direction::Backward, &[whole(to)]);
                let there = forward.lots().contains(&lot(to));
                prop_assert_eq!(there, backward.lots().contains(&lot(from)), "{} to {}", from, to);
            }
        }
    }

    #[test]
    fn balances_hold_whatever_moves(moves in proptest::collection::vec(lot_deed(), 1..16)) {
        let mut world = World::default();
        for (index, deed) in moves.iter().enumerate() {
            world.record(lot_event(index, deed));
        }
        let lots: BTreeSet<Block> = ["0", "1", "2"].map(lot).into();
        for size in 0..=moves.len() {
            let mut source = world.source_at(size);
            let found = Evaluation::new(&mut source).balances(&lots, clock(1000, 0)).unwrap();
            for balances in found.values().flatten() {
                let sum = |amounts: &mut dyn Iterator<Item = Amount>| amounts.fold(Amount::ZERO, Amount::plus);
                let entries = sum(&mut balances.accounts.values().copied());
                prop_assert_eq!(entries, Amount::ZERO, "double entry");
                let least = sum(&mut balances.parts.values().map(|part| part.lo));
                let most = sum(&mut balances.parts.values().map(|part| part.hi));
                prop_assert!(least <= balances.total && balances.total <= most, "{:?}", balances);
                for (account, part) in &balances.parts {
                    prop_assert!(account.is_part() && part.lo <= part.hi && part.hi <= balances.total);
                    prop_assert!(!part.lo.is_negative());
                }
                for tainted in 0..4 {
                    let tainted = Amount::whole(tainted).min(balances.total);
                    let bounds = balances.bounds(tainted);
                    let least = sum(&mut bounds.values().map(|part| part.lo));
                    let most = sum(&mut bounds.values().map(|part| part.hi));
                    prop_assert!(least <= tainted && tainted <= most, "{:?}", bounds);
                }
                let made = balances.accounts.get(&Account::Made).copied().unwrap_or_default();
                let entered = balances.gaps.iter().filter(|gap| gap.from.is_none());
                let entered = sum(&mut entered.map(|gap| gap.amount.hi));
                let most_there_is = entered.minus(made);
                prop_assert!(balances.total <= most_there_is, "{:?}", balances);
            }
        }
    }

    #[test]
    fn shares_of_what_is_reached_hold_it(moves in proptest::collection::vec(lot_deed(), 1..12)) {
        let mut world = World::default();
        for (index, deed) in moves.iter().enumerate() {
            world.record(lot_event(index, deed));
        }
        let names = ["0", "1", "2"];
        let lots: BTreeSet<Block> = names.map(lot).into();
        let mut source = world.source();
        let found = Evaluation::new(&mut source).balances(&lots, clock(1000, 0)).unwrap();
        for from in names {
            for direction in [Direction::Forward, Direction::Backward] {
                let reach = world.reach(direction, &[whole(from)]);
                for to in reach.lots() {
                    let balances = found.get(&to).map_or(&[][..], Vec::as_slice);
                    let shares = crate::trace::shares(&reach, to, balances);
                    let sum = |bound: fn(&crate::trace::Share) -> Option<Amount>| {
                        shares.parts.iter().filter_map(bound).fold(Amount::ZERO, Amount::plus)
                    };
                    for reached in shares.reached.iter().filter_map(|reached| reached.bounds) {
                        prop_assert!(sum(|share| share.lo) <= reached.lo && reached.lo <= reached.hi, "{:?}", shares);
                        prop_assert!(reached.hi <= sum(|share| share.hi), "{:?}", shares);
                    }
                    prop_assert!(shares.parts.iter().all(|share| share.lo <= share.hi));
                }
            }
        }
    }

    #[test]
    fn lots_reach_forward_what_reaches_them_back(moves in proptest::collection::vec(lot_deed(), 1..12)) {
        let mut straight = World::default();
        let mut reversed = World::default();
        for (index, deed) in moves.iter().enumerate() {
            straight.record(lot_event(index, deed));
        }
        for (index, deed) in moves.iter().enumerate().rev() {
            reversed.record(lot_event(index, deed));
        }
        let names = ["0", "1", "2"];
        for from in names {
            let forward = straight.reach(Direction::Forward, &[whole(from)]);
            let again = reversed.reach(Direction::Forward, &[whole(from)]);
            let told = |reach: &Reach| -> Vec<_> {
                reach.stock.iter().map(|s| (s.lot, s.spot, s.time, s.certainty)).collect()
            };
            prop_assert_eq!(told(&forward), told(&again));
            for to in names {
                let backward = straight.reach(Direction::Backward, &[whole(to)]);
                let (there, back) = (forward.lots().contains(&lot(to)), backward.lots().contains(&lot(from)));
                prop_assert_eq!(there, back, "{} to {}", from, to);
            }
        }
    }
}
