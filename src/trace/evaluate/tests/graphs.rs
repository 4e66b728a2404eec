//! Random small worlds against exhaustive search, and laws that hold in every world.

use proptest::prelude::*;

use super::*;

const ITEMS: u16 = 8;
const CONTAINERS: u16 = 3;

/// What can happen; numbers up to `ITEMS` are items, those beyond are containers.
#[derive(Debug, Clone)]
enum Deed {
    Transform {
        process: Option<u8>,
        inputs: BTreeSet<u16>,
        outputs: BTreeSet<u16>,
    },
    Pack(u16, BTreeSet<u16>),
    Unpack(u16, BTreeSet<u16>),
    Empty(u16),
}

fn thing(n: u16) -> Address {
    if n < ITEMS {
        unit(n)
    } else {
        container(n - ITEMS)
    }
}

fn things(set: &BTreeSet<u16>) -> Vec<Address> {
    set.iter().map(|n| thing(*n)).collect()
}

fn some_of(limit: u16, sizes: std::ops::Range<usize>) -> impl Strategy<Value = BTreeSet<u16>> {
    proptest::collection::btree_set(0..limit, sizes)
}

fn deed() -> impl Strategy<Value = Deed> {
    let all = ITEMS + CONTAINERS;
    let holder = ITEMS..all;
    prop_oneof![
        3 => (proptest::option::of(0..3_u8), some_of(all, 0..3), some_of(ITEMS, 0..3)).prop_map(
            |(process, inputs, outputs)| Deed::Transform { process, inputs, outputs }
        ),
        2 => (holder.clone(), some_of(all, 1..3)).prop_map(|(holder, inner)| Deed::Pack(holder, inner)),
        1 => (holder.clone(), some_of(all, 1..3)).prop_map(|(holder, inner)| Deed::Unpack(holder, inner)),
        1 => holder.prop_map(Deed::Empty),
    ]
}

/// Deeds at distinct times, in the order they happened.
fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(deed(), 1..14)
}

fn time(index: usize) -> Timestamp {
    clock(0, i64::try_from(index).unwrap())
}

fn process_name(process: Option<u8>, index: usize) -> String {
    process.map_or_else(|| format!("own {index}"), |n| format!("shared {n}"))
}

fn event(index: usize, deed: &Deed) -> Event {
    match deed {
        Deed::Transform {
            process,
            inputs,
            outputs,
        } => Event::transform(&process_name(*process, index), time(index))
            .units(Role::Input, &things(inputs))
            .units(Role::Output, &things(outputs)),
        Deed::Pack(holder, inner) => Event::pack(thing(*holder), &things(inner), time(index)),
        Deed::Unpack(holder, inner) => Event::unpack(thing(*holder), &things(inner), time(index)),
        Deed::Empty(holder) => Event::aggregation(Action::Delete, thing(*holder), time(index)),
    }
}

fn world(deeds: &[Deed]) -> World {
    let mut world = World::default();
    for (index, deed) in deeds.iter().enumerate() {
        world.record(event(index, deed));
    }
    world
}

/// Exhaustive search over (unit, label) states, straight from the rules.
struct Search<'a> {
    deeds: &'a [Deed],
    /// Whether containers pass anything on.
    inside: bool,
    seen: BTreeSet<(u16, i64)>,
}

impl Search<'_> {
    /// The intervals `[in, out)` of a thing in a container.
    fn stays(&self, inner: u16, outer: u16) -> Vec<(i64, i64)> {
        let mut stays = Vec::new();
        for (start, deed) in self.deeds.iter().enumerate() {
            let packs =
                matches!(deed, Deed::Pack(holder, set) if *holder == outer && set.contains(&inner));
            if !packs {
                continue;
            }
            let end = self
                .deeds
                .iter()
                .enumerate()
                .skip(start)
                .find(|(_, deed)| match deed {
                    Deed::Unpack(holder, set) => *holder == outer && set.contains(&inner),
                    Deed::Empty(holder) => *holder == outer,
                    Deed::Pack(..) | Deed::Transform { .. } => false,
                });
            let end = end.map_or(i64::MAX, |(end, _)| time(end).micros());
            stays.push((time(start).micros(), end));
        }
        stays
    }

    fn inside_at(&self, inner: u16, outer: u16, at: i64, path: &mut Vec<u16>) -> bool {
        if path.contains(&inner) {
            return false;
        }
        path.push(inner);
        let found = (ITEMS..ITEMS + CONTAINERS).any(|holder| {
            let now = self
                .stays(inner, holder)
                .iter()
                .any(|(from, to)| *from <= at && at < *to);
            now && (holder == outer || self.inside_at(holder, outer, at, path))
        });
        path.pop();
        found
    }

    fn visit(&mut self, unit: u16, label: i64) {
        if !self.seen.insert((unit, label)) {
            return;
        }
        for (index, deed) in self.deeds.iter().enumerate() {
            let Deed::Transform {
                process, inputs, ..
            } = deed
            else {
                continue;
            };
            let at = time(index).micros();
            let enters = inputs.contains(&unit)
                || self.inside
                    && inputs
                        .iter()
                        .any(|outer| self.inside_at(unit, *outer, at, &mut Vec::new()));
            if !enters || label > at {
                continue;
            }
            let name = process_name(*process, index);
            for (other, deed) in self.deeds.iter().enumerate() {
                if let Deed::Transform {
                    process, outputs, ..
                } = deed
                    && process_name(*process, other) == name
                {
                    for output in outputs {
                        self.visit(*output, label.max(time(other).micros()));
                    }
                }
            }
        }
    }

    fn earliest(deeds: &[Deed], inside: bool, seed: u16) -> BTreeMap<Address, i64> {
        let mut search = Search {
            deeds,
            inside,
            seen: BTreeSet::new(),
        };
        search.visit(seed, direction::FIRST);
        let mut earliest = BTreeMap::new();
        for (unit, label) in search.seen {
            let held = earliest.entry(thing(unit)).or_insert(label);
            *held = label.min(*held);
        }
        earliest
    }
}

fn told(reach: &Reach) -> BTreeMap<Address, (Timestamp, Certainty)> {
    let mut told = BTreeMap::new();
    for group in &reach.units {
        for member in group.members.iter() {
            let unit = Address {
                block: group.block,
                member,
            };
            assert!(told.insert(unit, (group.time, group.certainty)).is_none());
        }
    }
    told
}

proptest! {
    #[test]
    fn the_engine_agrees_with_exhaustive_search(deeds in deeds(), seed in 0..ITEMS) {
        let reach = told(&world(&deeds).forward(&[unit(seed)]));
        let asserted = Search::earliest(&deeds, false, seed);
        let all = Search::earliest(&deeds, true, seed);
        prop_assert_eq!(reach.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>());
        for (unit, (time, certainty)) in reach {
            let (class, label) = match (asserted.get(&unit), all.get(&unit)) {
                (Some(label), _) => (Certainty::Asserted, label),
                (None, Some(label)) => (Certainty::Inferred, label),
                (None, None) => unreachable!("the sets are equal"),
            };
            prop_assert_eq!((certainty, time.micros()), (class, *label));
        }
    }

    #[test]
    fn what_is_reached_forward_reaches_back(deeds in deeds()) {
        let world = world(&deeds);
        let reached = |direction| -> BTreeSet<(u16, u16)> {
            let pairs = (0..ITEMS).flat_map(|from| {
                let reach = world.reach(direction, &[listed(&[unit(from)])]);
                let found: Vec<_> = (0..ITEMS).filter(|to| reach.unit(unit(*to)).is_some()).collect();
                found.into_iter().map(move |to| (from, to))
            });
            pairs.collect()
        };
        let forward = reached(Direction::Forward);
        let backward = reached(Direction::Backward).into_iter().map(|(from, to)| (to, from));
        // Backward also opens a listed container; items hold nothing, so the two are equal.
        prop_assert_eq!(forward, backward.collect::<BTreeSet<_>>());
    }

    #[test]
    fn the_order_of_recording_changes_nothing(
        deeds in deeds(),
        keys in proptest::collection::vec(any::<u32>(), 14),
        seed in 0..ITEMS + CONTAINERS,
    ) {
        let straight = world(&deeds);
        let mut order: Vec<usize> = (0..deeds.len()).collect();
        order.sort_by_key(|index| keys[*index]);
        let mut shuffled = World::default();
        for index in order {
            shuffled.record(event(index, &deeds[index]));
        }
        for direction in [Direction::Forward, Direction::Backward] {
            let seeds = [listed(&[thing(seed)])];
            let (a, b) = (straight.reach(direction, &seeds), shuffled.reach(direction, &seeds));
            prop_assert_eq!(told(&a), told(&b));
            prop_assert_eq!(a.processes.len(), b.processes.len());
        }
    }

    #[test]
    fn splitting_events_changes_nothing(deeds in deeds(), seed in 0..ITEMS + CONTAINERS) {
        let mut split = World::default();
        for (index, deed) in deeds.iter().enumerate() {
            match deed {
                Deed::Transform { process, inputs, outputs } => {
                    for (set, role) in [(inputs, Role::Input), (outputs, Role::Output)] {
                        for one in set {
                            let part = Event::transform(&process_name(*process, index), time(index));
                            split.record(part.units(role, &[thing(*one)]));
                        }
                    }
                }
                Deed::Pack(holder, inner) => for one in inner {
                    split.record(Event::pack(thing(*holder), &[thing(*one)], time(index)));
                },
                Deed::Unpack(holder, inner) => for one in inner {
                    split.record(Event::unpack(thing(*holder), &[thing(*one)], time(index)));
                },
                Deed::Empty(_) => {
                    split.record(event(index, deed));
                }
            }
        }
        for direction in [Direction::Forward, Direction::Backward] {
            let seeds = [listed(&[thing(seed)])];
            let (a, b) = (world(&deeds).reach(direction, &seeds), split.reach(direction, &seeds));
            prop_assert_eq!(told(&a), told(&b));
        }
    }

    #[test]
    fn more_processes_and_packings_never_reach_less(
        deeds in deeds(),
        more in proptest::collection::vec((0..14_usize, deed()), 1..4),
        seed in 0..ITEMS,
    ) {
        let smaller = world(&deeds);
        let mut larger = smaller.clone();
        for (at, deed) in &more {
            if !matches!(deed, Deed::Unpack(..) | Deed::Empty(_)) {
                let mut late = event(100 + at, deed).0;
                (late.t_lo, late.t_hi) = (time(*at), time(*at));
                larger.record(Event(late));
            }
        }
        let (few, many) = (smaller.forward(&[unit(seed)]), larger.forward(&[unit(seed)]));
        for unit in addresses(&few.unit_sets()) {
            prop_assert!(many.unit(unit).is_some());
        }
    }

    #[test]
    fn a_witness_path_is_made_of_events_that_lead_on_in_time(deeds in deeds(), seed in 0..ITEMS) {
        let world = world(&deeds);
        let reach = world.forward(&[unit(seed)]);
        for group in &reach.units {
            let chain = reach.causes.chain(group.cause);
            prop_assert_eq!(chain[0].before, None);
            prop_assert_eq!(chain[chain.len() - 1].time, group.time);
            for pair in chain.windows(2) {
                prop_assert!(pair[0].time <= pair[1].time, "labels only rise along a path");
            }
            let named = reach.causes.path(group.cause);
            let history = world.history(&reach);
            prop_assert!(named.iter().all(|event| history.events.contains(event)));
        }
    }

    #[test]
    fn things_are_where_a_walk_through_the_events_leaves_them(
        steps in proptest::collection::vec((0..4_u8, 0..ITEMS + CONTAINERS, 0..CONTAINERS, 0..5_u8), 1..25),
    ) {
        let mut world = World::default();
        let mut inside: BTreeMap<u16, u16> = BTreeMap::new();
        let mut places: BTreeMap<u16, u8> = BTreeMap::new();
        let outermost = |inside: &BTreeMap<u16, u16>, mut n: u16| {
            while let Some(outer) = inside.get(&n) {
                n = *outer;
            }
            n
        };
        for (index, (deed, what, holder, at)) in steps.into_iter().enumerate() {
            let holder = ITEMS + holder;
            match deed {
                0 if !inside.contains_key(&what) => {
                    world.record(Event::seen(time(index)).at(&format!("{at}")).objects(&[thing(what)]));
                    places.insert(what, at);
                }
                // Into a container that stands where it stands and is not inside it.
                1 if !inside.contains_key(&what) && outermost(&inside, holder) != what => {
                    let top = outermost(&inside, holder);
                    if places.contains_key(&top) && places.get(&what) == places.get(&top) {
                        let name = places[&top].to_string();
                        world.record(Event::pack(thing(holder), &[thing(what)], time(index)).at(&name));
                        inside.insert(what, holder);
                    }
                }
                2 if inside.get(&what) == Some(&holder) => {
                    let here = places[&outermost(&inside, holder)];
                    world.record(Event::unpack(thing(holder), &[thing(what)], time(index)).at(&here.to_string()));
                    inside.remove(&what);
                    places.insert(what, here);
                }
                3 => if let Some(here) = places.get(&outermost(&inside, holder)).copied() {
                    let emptied = Event::aggregation(Action::Delete, thing(holder), time(index));
                    world.record(emptied.at(&here.to_string()));
                    let out: Vec<u16> = inside.iter().filter(|(_, outer)| **outer == holder).map(|(n, _)| *n).collect();
                    for n in out {
                        inside.remove(&n);
                        places.insert(n, here);
                    }
                },
                _ => {}
            }
        }
        let all: Vec<Address> = (0..ITEMS + CONTAINERS).map(thing).collect();
        let mut source = world.source();
        let found = Evaluation::new(&mut source).whereabouts_in_containers(&units(&all), clock(9, 0)).unwrap();
        for n in 0..ITEMS + CONTAINERS {
            let standing = found.of(thing(n)).unwrap();
            let expected = match places.get(&outermost(&inside, n)) {
                Some(at) => here(&at.to_string()),
                None => Status::Unknown,
            };
            prop_assert_eq!(standing.answer.status, expected, "{:?}", n);
            prop_assert_eq!(standing.fault, None);
            prop_assert_eq!(found.inside(thing(n)).first().copied(), inside.get(&n).map(|n| thing(*n)));
        }
    }
}
