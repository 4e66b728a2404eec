//! Random small worlds under policies: against exhaustive search straight from the rules, and laws.

use proptest::prelude::*;

use super::*;

const ITEMS: u16 = 8;
const CONTAINERS: u16 = 2;
const VESSELS: u8 = 2;

/// What can happen.
#[derive(Debug, Clone)]
enum Deed {
    /// A process of its own, in a vessel or nowhere.
    Transform(Option<u8>, BTreeSet<u16>, BTreeSet<u16>),
    Clean(u8),
    Pack(u16, BTreeSet<u16>),
    Unpack(u16, BTreeSet<u16>),
}

/// The policies of a run.
#[derive(Debug, Clone, Copy)]
struct Policies {
    band: Option<i64>,
    mixes: bool,
    contact: bool,
    linger: Option<i64>,
}

fn some_items() -> impl Strategy<Value = BTreeSet<u16>> {
    proptest::collection::btree_set(0..ITEMS, 0..3)
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (proptest::option::of(0..VESSELS), some_items(), some_items())
            .prop_map(|(vessel, inputs, outputs)| Deed::Transform(vessel, inputs, outputs)),
        1 => (0..VESSELS).prop_map(Deed::Clean),
        2 => (0..CONTAINERS, some_items()).prop_map(|(holder, inner)| Deed::Pack(holder, inner)),
        1 => (0..CONTAINERS, some_items()).prop_map(|(holder, inner)| Deed::Unpack(holder, inner)),
    ]
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(deed(), 1..12)
}

fn policies() -> impl Strategy<Value = Policies> {
    let minutes = || proptest::option::of(0..5_i64);
    (minutes(), any::<bool>(), any::<bool>(), minutes()).prop_map(
        |(band, mixes, contact, linger)| Policies {
            band,
            mixes,
            contact,
            linger,
        },
    )
}

fn time(index: usize) -> Timestamp {
    clock(0, i64::try_from(index).unwrap())
}

fn micros(index: usize) -> i64 {
    time(index).micros()
}

fn things(set: &BTreeSet<u16>) -> Vec<Address> {
    set.iter().map(|n| unit(*n)).collect()
}

fn vessel(n: u8) -> String {
    format!("vessel {n}")
}

fn event(index: usize, deed: &Deed) -> Event {
    match deed {
        Deed::Transform(at, inputs, outputs) => {
            let event = Event::transform(&format!("own {index}"), time(index));
            let event = event
                .units(Role::Input, &things(inputs))
                .units(Role::Output, &things(outputs));
            match at {
                Some(at) => event.at(&vessel(*at)),
                None => event,
            }
        }
        Deed::Clean(at) => Event::seen(time(index)).step("cleaning").at(&vessel(*at)),
        Deed::Pack(holder, inner) => Event::pack(container(*holder), &things(inner), time(index)),
        Deed::Unpack(holder, inner) => {
            Event::unpack(container(*holder), &things(inner), time(index))
        }
    }
}

fn world(deeds: &[Deed]) -> World {
    let mut world = World::default();
    for (index, deed) in deeds.iter().enumerate() {
        world.record(event(index, deed));
    }
    world
}

impl Policies {
    fn rules(self) -> Rules {
        let mixing = match self.band {
            Some(minutes) => Mixing::PlugFlow {
                band: minutes * MINUTE,
            },
            None => Mixing::UntilCleaned,
        };
        let vessels = (0..VESSELS).map(|n| (place(&vessel(n)), mixing));
        Rules {
            vessels: if self.mixes {
                vessels.collect()
            } else {
                BTreeMap::new()
            },
            contact: Contact {
                containers: self.contact,
                linger: self.linger.map(|minutes| minutes * MINUTE),
                ..Contact::default()
            },
            ..Rules::default()
        }
    }
}

/// Exhaustive search over (unit, label) states.
struct Search<'a> {
    deeds: &'a [Deed],
    policies: Policies,
    seen: BTreeSet<(u16, i64)>,
}

impl Search<'_> {
    /// The intervals `[in, out)` of an item in a container.
    fn stays(&self, inner: u16, outer: u16) -> Vec<(i64, i64)> {
        let mut stays = Vec::new();
        for (start, deed) in self.deeds.iter().enumerate() {
            if !matches!(deed, Deed::Pack(holder, set) if *holder == outer && set.contains(&inner))
            {
                continue;
            }
            let mut later = self.deeds.iter().enumerate().skip(start);
            let end = later.find(|(_, deed)| {
                let Deed::Unpack(holder, set) = deed else {
                    return false;
                };
                *holder == outer && (set.is_empty() || set.contains(&inner))
            });
            stays.push((micros(start), end.map_or(i64::MAX, |(end, _)| micros(end))));
        }
        stays
    }

    fn is_cleaned_between(&self, at: u8, first: usize, last: usize) -> bool {
        let mut between = self.deeds[first..=last].iter();
        between.any(|deed| matches!(deed, Deed::Clean(cleaned) if *cleaned == at))
    }

    fn visit(&mut self, item: u16, label: i64) {
        if !self.seen.insert((item, label)) {
            return;
        }
        let deeds = self.deeds;
        for (index, deed) in deeds.iter().enumerate() {
            let Deed::Transform(at, inputs, outputs) = deed else {
                continue;
            };
            if !inputs.contains(&item) || micros(index) < label {
                continue;
            }
            for output in outputs {
                self.visit(*output, micros(index));
            }
            let Some(at) = at.filter(|_| self.policies.mixes) else {
                continue;
            };
            for (later, other) in deeds.iter().enumerate().skip(index) {
                let Deed::Transform(Some(there), _, outputs) = other else {
                    continue;
                };
                let band = self.policies.band.map_or(i64::MAX, |band| band * MINUTE);
                let within = micros(later) - micros(index) <= band;
                if *there == at && within && !self.is_cleaned_between(at, index, later) {
                    for output in outputs {
                        self.visit(*output, micros(later));
                    }
                }
            }
        }
        if self.policies.contact {
            self.meet(item, label);
        }
    }

    fn meet(&mut self, item: u16, label: i64) {
        for holder in 0..CONTAINERS {
            for (start, end) in self.stays(item, holder) {
                if end < label {
                    continue;
                }
                let from = label.max(start);
                let linger = self
                    .policies
                    .linger
                    .map_or(i64::MAX, |linger| linger * MINUTE);
                let until = end.saturating_add(linger);
                for other in 0..ITEMS {
                    for (came, left) in self.stays(other, holder) {
                        if came <= until && left > from {
                            self.visit(other, from.max(came));
                        }
                    }
                }
            }
        }
    }
}

fn earliest(deeds: &[Deed], policies: Policies, seed: u16) -> BTreeMap<Address, i64> {
    let mut search = Search {
        deeds,
        policies,
        seen: BTreeSet::new(),
    };
    search.visit(seed, i64::MIN + 1);
    let mut labels = BTreeMap::new();
    for (item, label) in search.seen {
        let best = labels.entry(unit(item)).or_insert(label);
        *best = label.min(*best);
    }
    labels
}

fn reached(reach: &Reach) -> BTreeSet<Address> {
    items(&reach.unit_sets())
}

/// What records lead to; what was taken out of a container that nobody packed it into is assumed.
fn recorded(reach: &Reach) -> BTreeSet<Address> {
    items(&reach.unit_sets_up_to(Certainty::Policy))
}

fn items(units: &Units) -> BTreeSet<Address> {
    addresses(units)
        .into_iter()
        .filter(|address| (0..ITEMS).any(|n| unit(n) == *address))
        .collect()
}

proptest! {
    #[test]
    fn under_policies_the_engine_agrees_with_exhaustive_search(
        deeds in deeds(), policies in policies(), seed in 0..ITEMS,
    ) {
        let reach = world(&deeds).reach_under(Direction::Forward, &[listed(&[unit(seed)])], &policies.rules());
        let expected = earliest(&deeds, policies, seed);
        prop_assert_eq!(recorded(&reach), expected.keys().copied().collect::<BTreeSet<_>>());
    }

    #[test]
    fn under_policies_what_is_reached_forward_reaches_back(deeds in deeds(), policies in policies()) {
        let world = world(&deeds);
        let pairs = |direction| {
            let mut pairs = BTreeSet::new();
            for n in 0..ITEMS {
                let reach = world.reach_under(direction, &[listed(&[unit(n)])], &policies.rules());
                pairs.extend(recorded(&reach).into_iter().map(|other| (unit(n), other)));
            }
            pairs
        };
        let forward: BTreeSet<_> = pairs(Direction::Forward);
        let backward: BTreeSet<_> = pairs(Direction::Backward).into_iter().map(|(to, from)| (from, to)).collect();
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn a_policy_that_mixes_never_reaches_less(deeds in deeds(), policies in policies(), seed in 0..ITEMS) {
        let world = world(&deeds);
        let seeds = [listed(&[unit(seed)])];
        let plain = world.reach(Direction::Forward, &seeds);
        let mixed = world.reach_under(Direction::Forward, &seeds, &policies.rules());
        prop_assert!(reached(&plain).is_subset(&reached(&mixed)));
        for units in &plain.units {
            for member in units.members.iter() {
                let address = Address { block: units.block, member };
                prop_assert_eq!(mixed.unit(address).map(|found| found.certainty), Some(units.certainty));
            }
        }
    }

    #[test]
    fn the_order_of_recording_changes_nothing_under_policies(
        deeds in deeds(), policies in policies(), seed in 0..ITEMS,
        keys in proptest::collection::vec(any::<u32>(), 12),
    ) {
        let straight = world(&deeds);
        let mut order: Vec<usize> = (0..deeds.len()).collect();
        order.sort_by_key(|index| keys[*index]);
        let mut shuffled = World::default();
        for index in order {
            shuffled.record(event(index, &deeds[index]));
        }
        for direction in [Direction::Forward, Direction::Backward] {
            let seeds = [listed(&[unit(seed)])];
            let rules = policies.rules();
            let (a, b) = (straight.reach_under(direction, &seeds, &rules), shuffled.reach_under(direction, &seeds, &rules));
            prop_assert_eq!(reached(&a), reached(&b));
        }
    }

    #[test]
    fn time_order_only_takes_away(deeds in deeds(), seed in 0..ITEMS) {
        let world = world(&deeds);
        let seeds = [listed(&[unit(seed)])];
        let rules = Rules { time_order: Some(0), ..Rules::default() };
        let strict = world.reach_under(Direction::Forward, &seeds, &rules);
        prop_assert!(reached(&strict).is_subset(&reached(&world.reach(Direction::Forward, &seeds))));
    }
}
