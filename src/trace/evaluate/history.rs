//! The events of a result, in order: what the reached units, lots and processes did in the time that
//! counts, and what happened to the containers they were in meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole, Op, Record, Source};

use super::cause::Why;
use super::direction::{Direction, LAST, Span};
use super::reach::{Reach, ReachedStock};
use super::reader::{Order, Reader, Units, add_unit};
use super::stays::{Stay, stays};
use super::stock::Spot;

/// What happened to a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The events, in order of evaluation, none twice.
    pub events: Vec<EventKey>,
    /// The containers that reached units and stock were in while it counted.
    pub containers: Vec<Address>,
}

/// Reads the history of a result.
pub(super) fn history<S: Source>(
    reader: &mut Reader<'_, S>,
    reach: &Reach,
) -> Result<History, S::Error> {
    let mut lots: BTreeMap<Block, Vec<ReachedStock>> = BTreeMap::new();
    for stock in &reach.stock {
        lots.entry(stock.lot).or_default().push(*stock);
    }
    let mut wanted = reach.unit_sets();
    for lot in lots.keys() {
        wanted.insert(*lot, MemberSet::one(0));
    }
    reader.load(&wanted)?;
    reader.load_containers(&wanted)?;
    let processes = reach.processes.iter();
    let processes: Units = processes.map(|p| (p.process, MemberSet::one(0))).collect();
    reader.load(&processes)?;
    let moves = reader.lot_moves(&lots.keys().copied().collect())?;
    let mut telling = Telling {
        reader,
        direction: reach.direction,
        limit: reach
            .limit
            .map_or(LAST, |limit| reach.direction.tick(limit)),
        events: BTreeMap::new(),
        containers: BTreeSet::new(),
        visits: BTreeSet::new(),
    };
    for group in &reach.units {
        let members = group.members.to_set();
        telling.units(&group.block, &members, group.time);
    }
    for process in &reach.processes {
        telling.records(&process.process, &MemberSet::one(0), process.time);
    }
    for (lot, stock) in &lots {
        let listed = stock.iter().any(|stock| {
            let cause = reach.causes.get(stock.cause);
            stock.spot == Spot::Unknown
                && cause.is_some_and(|cause| matches!(cause.why, Why::Listed(_)))
        });
        let lot_moves = moves.get(lot).map_or(&[][..], Vec::as_slice);
        telling.lot(lot, stock, lot_moves, listed);
    }
    let (mut events, containers) = (telling.events, telling.containers);
    // A process reaches all its parts, so a witness may name an event from before its label.
    let units = reach.units.iter().map(|units| units.cause);
    let stock = reach.stock.iter().map(|stock| stock.cause);
    let processes = reach.processes.iter().map(|process| process.cause);
    let mut witnesses = reach.causes.events(units.chain(stock).chain(processes));
    for known in events.values() {
        witnesses.remove(known);
    }
    for entry in reader.entries(&witnesses)? {
        events.insert(reader.order_of(&entry), (entry.shard, entry.seq));
    }
    Ok(History {
        events: events.into_values().collect(),
        containers: containers.into_iter().collect(),
    })
}

struct Telling<'r, 's, S> {
    reader: &'r Reader<'s, S>,
    direction: Direction,
    /// The last tick that counts.
    limit: i64,
    events: BTreeMap<Order, EventKey>,
    containers: BTreeSet<Address>,
    visits: BTreeSet<(Address, Timestamp, Timestamp)>,
}

impl<S: Source> Telling<'_, '_, S> {
    fn add(&mut self, record: &Record) {
        if self.limit < self.direction.span(record.t_lo, record.t_hi).lo {
            return;
        }
        let order = self.reader.order(record);
        self.events.insert(order, (record.shard, record.seq));
    }

    fn counts(&self, span: Span, time: Timestamp) -> bool {
        self.direction.tick(time) <= span.hi
    }

    fn records(&mut self, block: &Block, members: &MemberSet, time: Timestamp) {
        let reader = self.reader;
        for record in reader.log(block) {
            let span = self.direction.span(record.t_lo, record.t_hi);
            if record.members.intersects(members) && self.counts(span, time) {
                self.add(record);
            }
        }
    }

    fn units(&mut self, block: &Block, members: &MemberSet, time: Timestamp) {
        self.records(block, members, time);
        for stay in stays(self.reader, block, members, |_| true) {
            self.stay(&stay, time);
        }
    }

    /// What happened to the container during a stay, as far as it counts; and to those around it.
    fn stay(&mut self, stay: &Stay, time: Timestamp) {
        let forever = Timestamp::from_micros(i64::MAX);
        let (mut from, mut until) = (stay.t_in, stay.t_out.unwrap_or(forever));
        match self.direction {
            Direction::Forward => from = from.max(time),
            Direction::Backward => until = until.min(time),
        }
        let mut open = vec![(stay.container, from, until)];
        while let Some((container, from, until)) = open.pop() {
            if from > until || !self.visits.insert((container, from, until)) {
                continue;
            }
            self.containers.insert(container);
            let reader = self.reader;
            for record in reader.log(&container.block) {
                let inside = record.t_lo <= until && record.t_hi >= from;
                if inside && record.members.contains(container.member) {
                    self.add(record);
                }
            }
            let alone = MemberSet::one(container.member);
            for outer in stays(reader, &container.block, &alone, |_| true) {
                if outer.meets(from, until) {
                    let t_out = outer.t_out.unwrap_or(forever);
                    open.push((outer.container, from.max(outer.t_in), until.min(t_out)));
                }
            }
        }
    }

    fn lot(&mut self, lot: &Block, stock: &[ReachedStock], moves: &[LotMove], listed: bool) {
        let reader = self.reader;
        let mut records: BTreeMap<EventKey, Vec<&Record>> = BTreeMap::new();
        for record in reader.log(lot) {
            let of_event = records.entry((record.shard, record.seq)).or_default();
            of_event.push(record);
        }
        let at = |spot: Spot, span: Span| {
            stock.iter().any(|stock| {
                let here = spot == Spot::Unknown || [spot, Spot::Unknown].contains(&stock.spot);
                here && self.direction.tick(stock.time) <= span.hi
            })
        };
        let inside = |container: Address, span: Span| {
            stock.iter().any(|stock| {
                let here = match stock.spot {
                    Spot::In(known, _) => known == container,
                    Spot::Unknown => true,
                    Spot::At(_) => false,
                };
                here && self.direction.tick(stock.time) <= span.hi
            })
        };
        let forward = self.direction == Direction::Forward;
        let mut told = Vec::new();
        for lot_move in moves {
            let key = (lot_move.shard, lot_move.seq);
            let of_event = records.get(&key).map_or(&[][..], Vec::as_slice);
            let containers = of_event.iter().filter_map(|record| match record.op {
                Op::Pack | Op::SeenInside | Op::Attach | Op::SeenAttached => record.peer,
                _ => None,
            });
            let span = self.direction.span(lot_move.t_lo, lot_move.t_hi);
            let (from, to) = (Spot::of(lot_move.from_place), Spot::of(lot_move.to_place));
            let counts = match lot_move.role {
                _ if listed => at(Spot::Unknown, span),
                LotRole::Made | LotRole::Received | LotRole::Returned | LotRole::Unpacked => {
                    at(to, span)
                }
                LotRole::Seen => at(to, span) || containers.into_iter().any(|c| inside(c, span)),
                LotRole::Shipped if forward || to == Spot::Unknown => at(from, span),
                LotRole::Shipped => at(to, span),
                LotRole::Packed if forward => at(from, span),
                LotRole::Packed => containers.into_iter().any(|c| inside(c, span)),
                LotRole::Used | LotRole::Sold | LotRole::Destroyed => forward && at(from, span),
            };
            if counts {
                told.extend(of_event.iter().copied());
            }
        }
        let mut stays_told = Vec::new();
        for stay in stays(reader, lot, &MemberSet::one(0), |_| true) {
            let t_out = stay.t_out.unwrap_or(Timestamp::from_micros(i64::MAX));
            let span = self.direction.span(stay.t_in, t_out);
            if inside(stay.container, span) {
                stays_told.push(stay);
            }
        }
        let latest = stock
            .iter()
            .map(|stock| self.direction.tick(stock.time))
            .min();
        for record in told {
            self.add(record);
        }
        if let Some(tick) = latest {
            for stay in stays_told {
                self.stay(&stay, self.direction.time(tick));
            }
        }
    }
}

/// The events of units and lots themselves, and of their containers, up to a time.
pub(super) fn own_history<S: Source>(
    reader: &mut Reader<'_, S>,
    unit: Address,
    at: Timestamp,
) -> Result<Vec<EventKey>, S::Error> {
    let mut wanted = Units::new();
    add_unit(&mut wanted, unit);
    reader.load(&wanted)?;
    reader.load_containers(&wanted)?;
    let mut telling = Telling {
        reader,
        direction: Direction::Backward,
        limit: LAST,
        events: BTreeMap::new(),
        containers: BTreeSet::new(),
        visits: BTreeSet::new(),
    };
    telling.units(&unit.block, &MemberSet::one(unit.member), at);
    Ok(telling.events.into_values().collect())
}
