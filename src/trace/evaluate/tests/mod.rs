//! A small world to evaluate: events by name and time, projected as live capture would.

mod along;
mod arrivals;
mod blanks;
mod bounds;
mod carried;
mod chain;
mod deliveries;
mod epochs;
mod fillings;
mod golden;
mod gone_along;
mod graphs;
mod items;
mod journeys;
mod kin;
mod late;
mod lost;
mod lot_graphs;
mod lots;
mod marked;
mod one_site;
mod owners;
mod packed;
mod parties;
mod pieces;
mod placing;
mod policies;
mod policy_graphs;
mod refilled;
mod shares;
mod sighted;
mod sightings;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::codes::{Address, Block, BlockKind, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry, EventType, Part as EventPart, Quantity, Role, What};
use crate::trace::project::project;
use crate::trace::{Alias, EventKey, LotUnits, MemorySource};

const MINUTE: i64 = 60_000_000;

/// A block of this kind, told apart by a name.
fn block(kind: BlockKind, name: &str) -> Block {
    let mut id = [0; 16];
    id[0] = kind as u8;
    for (index, byte) in name.bytes().enumerate() {
        id[1 + index % 15] ^= byte.rotate_left(u32::try_from(index / 15).unwrap());
    }
    Block(id)
}

fn place(name: &str) -> Block {
    block(BlockKind::Place, name)
}

fn party(name: &str) -> Block {
    block(BlockKind::Party, name)
}

fn lot(name: &str) -> Block {
    block(BlockKind::Lot, name)
}

fn process(name: &str) -> Block {
    block(BlockKind::Process, name)
}

/// The `n`th unit; four of them share a block.
fn unit(n: u16) -> Address {
    Address {
        block: block(BlockKind::Computed, &format!("items {}", n / 4)),
        member: n % 4 * 1000,
    }
}

/// The `n`th container; three of them share a block.
fn container(n: u16) -> Address {
    Address {
        block: block(BlockKind::Numbered, &format!("containers {}", n / 3)),
        member: n % 3,
    }
}

fn units(list: &[Address]) -> Units {
    let mut units = Units::new();
    for unit in list {
        reader::add_unit(&mut units, *unit);
    }
    units
}

/// The containers that balances name.
fn boxes(balances: &BTreeMap<Block, Vec<Balances>>) -> Units {
    let named = balances.values().flatten().flat_map(Balances::named);
    let inside = named.filter_map(|account| match account {
        Account::Inside(Some(container)) => Some(*container),
        _ => None,
    });
    units(&inside.collect::<Vec<_>>())
}

fn addresses(units: &Units) -> Vec<Address> {
    let of_block = |(block, members): (&Block, &MemberSet)| {
        let members: Vec<u16> = members.iter().collect();
        let block = *block;
        members
            .into_iter()
            .map(move |member| Address { block, member })
    };
    units.iter().flat_map(of_block).collect()
}

/// Minutes past midnight.
fn clock(hour: i64, minute: i64) -> Timestamp {
    Timestamp::from_micros((hour * 60 + minute) * MINUTE)
}

fn window(from: Timestamp, until: Timestamp) -> Window {
    Window {
        from: Some(from),
        until: Some(until),
    }
}

/// The balances of a lot of a hundred, made at the plant at six, after more events.
fn made_then(events: Vec<Event>) -> Balances {
    let mut world = World::default();
    let made = Event::object(Action::Add, clock(6, 0)).at("plant");
    world.record(made.amount(Role::Object, "L", 100, None));
    for event in events {
        world.record(event);
    }
    world.balances("L")
}

/// An event in the making.
#[derive(Debug, Clone)]
struct Event(Entry);

impl Event {
    fn new(event_type: EventType, action: Option<Action>, time: Timestamp) -> Self {
        Self(Entry {
            shard: 0,
            seq: 0,
            id: String::new(),
            event_type,
            action,
            biz_step: None,
            disposition: None,
            t_lo: time,
            t_hi: time,
            record_time: time,
            read_point: None,
            biz_location: None,
            from_place: None,
            to_place: None,
            from_party: None,
            to_party: None,
            from_owner: None,
            to_owner: None,
            submitter: None,
            process: None,
            is_declaration: false,
            parts: Vec::new(),
        })
    }

    fn object(action: Action, time: Timestamp) -> Self {
        Self::new(EventType::Object, Some(action), time)
    }

    fn seen(time: Timestamp) -> Self {
        Self::object(Action::Observe, time)
    }

    fn aggregation(action: Action, parent: Address, time: Timestamp) -> Self {
        Self::new(EventType::Aggregation, Some(action), time).units(Role::Parent, &[parent])
    }

    fn pack(parent: Address, children: &[Address], time: Timestamp) -> Self {
        Self::aggregation(Action::Add, parent, time).units(Role::Child, children)
    }

    fn unpack(parent: Address, children: &[Address], time: Timestamp) -> Self {
        Self::aggregation(Action::Delete, parent, time).units(Role::Child, children)
    }

    fn transform(name: &str, time: Timestamp) -> Self {
        let mut event = Self::new(EventType::Transformation, None, time);
        event.0.process = Some(process(name));
        event
    }

    fn at(mut self, name: &str) -> Self {
        self.0.biz_location = Some(place(name));
        self
    }

    fn step(mut self, step: &str) -> Self {
        self.0.biz_step = Some(step.to_owned());
        self
    }

    fn disposition(mut self, disposition: &str) -> Self {
        self.0.disposition = Some(disposition.to_owned());
        self
    }

    fn ship(self, from: &str, to: &str) -> Self {
        let mut event = self.step("shipping");
        event.0.read_point = Some(place(from));
        event.0.from_place = Some(place(from));
        event.0.to_place = Some(place(to));
        event
    }

    fn receive(self, at: &str) -> Self {
        self.step("receiving").at(at)
    }

    fn parties(mut self, from: &str, to: &str) -> Self {
        self.0.from_party = Some(party(from));
        self.0.to_party = Some(party(to));
        self
    }

    fn until(mut self, t_hi: Timestamp) -> Self {
        self.0.t_hi = t_hi;
        self
    }

    fn units(mut self, role: Role, list: &[Address]) -> Self {
        for (block, members) in units(list) {
            self.0.parts.push(EventPart {
                role,
                block,
                what: What::Members(members),
            });
        }
        self
    }

    fn objects(self, list: &[Address]) -> Self {
        self.units(Role::Object, list)
    }

    fn kilos(self, role: Role, name: &str, kilos: i64) -> Self {
        self.amount(role, name, kilos, Some("KGM"))
    }

    fn amount(mut self, role: Role, name: &str, amount: i64, uom: Option<&str>) -> Self {
        self.0.parts.push(EventPart {
            role,
            block: lot(name),
            what: What::Quantity(Quantity {
                amount: Some((amount, 0)),
                uom: uom.map(str::to_owned),
            }),
        });
        self
    }
}

/// Events in the order of their recording.
#[derive(Debug, Clone, Default)]
struct World {
    events: Vec<Event>,
    inside: Vec<(Block, Block)>,
    aliases: Vec<(Block, Block)>,
    items: Vec<LotUnits>,
}

impl World {
    /// Records an event; its key is (0, how many were recorded before).
    fn record(&mut self, event: Event) -> EventKey {
        self.events.push(event);
        (0, i64::try_from(self.events.len()).unwrap() - 1)
    }

    /// Records an event in which items of a lot come to be.
    fn record_items(&mut self, name: &str, items: &[Address], event: Event) -> EventKey {
        let (shard, seq) = self.record(event.objects(items));
        for (block, members) in units(items) {
            self.items.push(LotUnits {
                lot: lot(name),
                block,
                shard,
                seq,
                members,
            });
        }
        (shard, seq)
    }

    fn source(&self) -> MemorySource {
        self.source_at(self.events.len())
    }

    /// What is visible at a position: so many events.
    fn source_at(&self, size: usize) -> MemorySource {
        let shards = BTreeMap::from([(0, "http/0".to_owned())]);
        let mut source = MemorySource::new(&shards);
        for (inner, outer) in &self.inside {
            source.place_inside(*inner, *outer);
        }
        for (lot, same_as) in &self.aliases {
            source.add_alias(Alias {
                lot: *lot,
                same_as: *same_as,
            });
        }
        for told in &self.items {
            if told.seq < i64::try_from(size).unwrap() {
                source.add_lot_units(told.clone());
            }
        }
        for (seq, event) in (0..).zip(&self.events[..size]) {
            let mut entry = event.0.clone();
            entry.seq = seq;
            let projection = project(&entry);
            source.add(entry, projection.records, projection.lot_moves);
        }
        source
    }

    fn reach(&self, direction: Direction, seeds: &[Seed]) -> Reach {
        self.reach_under(direction, seeds, &Rules::default())
    }

    fn reach_under(&self, direction: Direction, seeds: &[Seed], rules: &Rules) -> Reach {
        let mut source = self.source();
        let mut evaluation = Evaluation::new(&mut source);
        evaluation.reach(direction, seeds, rules).unwrap()
    }

    fn forward(&self, list: &[Address]) -> Reach {
        self.reach(Direction::Forward, &[listed(list)])
    }

    fn backward(&self, list: &[Address]) -> Reach {
        self.reach(Direction::Backward, &[listed(list)])
    }

    fn history(&self, reach: &Reach) -> History {
        let mut source = self.source();
        Evaluation::new(&mut source).history(reach).unwrap()
    }

    fn unit_gaps(&self, list: &[Address]) -> Vec<UnitGap> {
        let mut source = self.source();
        let mut reader = Reader::new(&mut source);
        let units = units(list);
        reader.load(&units).unwrap();
        super::journeys::unit_gaps(&mut reader, &units).unwrap()
    }

    fn standing(&self, unit: Address, at: Timestamp) -> Standing {
        let mut source = self.source();
        let found = Evaluation::new(&mut source)
            .whereabouts(&units(&[unit]), at)
            .unwrap();
        found.of(unit).unwrap().clone()
    }

    fn status(&self, unit: Address, at: Timestamp) -> Status {
        self.standing(unit, at).answer.status
    }

    fn balances(&self, name: &str) -> Balances {
        let mut source = self.source();
        let lots = BTreeSet::from([lot(name)]);
        let mut found = Evaluation::new(&mut source)
            .balances(&lots, clock(1000, 0))
            .unwrap();
        let mut of_lot = found.remove(&lot(name)).unwrap();
        assert_eq!(of_lot.len(), 1, "one unit of measure");
        of_lot.remove(0)
    }
}

fn listed(list: &[Address]) -> Seed {
    Seed::Units {
        units: units(list),
        window: Window::default(),
    }
}

fn whole(name: &str) -> Seed {
    Seed::Lot {
        lot: lot(name),
        place: None,
        window: Window::default(),
    }
}

fn here(name: &str) -> Status {
    Status::Here(Some(place(name)))
}
