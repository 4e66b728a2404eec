//! Stages of one movement of a lot: shipping and departing tell of the same goods one after the other, and so do
//! arriving, receiving and accepting. Two events of the same stage are two movements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::events::Entry;
use crate::trace::{EventKey, Flow, LotMove, LotRole, Op, Record, Source};

use super::amount::Amount;
use super::book::{Book, key};
use super::lots::Account;
use super::reader::Reader;
use super::ways::{Parties, agree, parties};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Which stage of a departure or an arrival an event tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Shipping,
    Consigning,
    Departing,
    /// Told of what is under way, however often.
    UnderWay,
    Arriving,
    Receiving,
    Accepting,
}

impl Stage {
    fn of(entry: &Entry) -> Self {
        match entry.biz_step.as_deref() {
            Some("shipping") => Self::Shipping,
            Some("consigning") => Self::Consigning,
            Some("departing") => Self::Departing,
            Some("arriving") => Self::Arriving,
            Some("receiving") => Self::Receiving,
            Some("accepting") => Self::Accepting,
            _ => Self::UnderWay,
        }
    }
}

/// The stages of events.
pub(super) type Stages = BTreeMap<EventKey, Stage>;

/// What is known of the movements of a lot besides the movements.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    stages: Stages,
    /// Events of what was stolen.
    stolen: BTreeSet<EventKey>,
    /// Events that tell of nothing but that it was there.
    sightings: BTreeSet<EventKey>,
    parties: BTreeMap<EventKey, Parties>,
    /// Containers that events name by themselves.
    containers: BTreeMap<EventKey, BTreeSet<Address>>,
    sites: Arc<Sites>,
}

/// Places, each with all that are parts of one site with it.
pub(super) type Sites = BTreeMap<Block, BTreeSet<Block>>;

impl Told {
    /// Of one lot; `records` are its own.
    pub(super) fn of(
        moves: &[LotMove],
        records: &[Record],
        stages: &Stages,
        sites: &Arc<Sites>,
    ) -> Self {
        let known = moves.iter().filter_map(|lot_move| {
            let event = key(lot_move);
            stages.get(&event).map(|stage| (event, *stage))
        });
        let observed = |flow: Flow| {
            let records = records.iter();
            let records =
                records.filter(move |record| (record.op, record.flow) == (Op::Observe, flow));
            records.map(|record| (record.shard, record.seq)).collect()
        };
        Self {
            stages: known.collect(),
            stolen: observed(Flow::Stolen),
            sightings: observed(Flow::None),
            parties: parties(moves, records),
            containers: BTreeMap::new(),
            sites: Arc::clone(sites),
        }
    }

    /// The same, with the containers that events name by themselves.
    pub(super) fn with_containers(self, containers: BTreeMap<EventKey, BTreeSet<Address>>) -> Self {
        Self { containers, ..self }
    }

    /// The containers of the lot that an event names by themselves, if any.
    pub(super) fn containers(&self, event: EventKey) -> Option<&BTreeSet<Address>> {
        self.containers.get(&event)
    }

    /// Whether the event says that it was at a place, and nothing else.
    pub(super) fn is_sighting(&self, lot_move: &LotMove) -> bool {
        self.sightings.contains(&key(lot_move))
    }

    /// Who is named in an event.
    pub(super) fn parties(&self, event: EventKey) -> Parties {
        self.parties.get(&event).copied().unwrap_or_default()
    }

    /// Whether two places are parts of one site.
    pub(super) fn are_one_site(&self, place: Block, other: Block) -> bool {
        let is_part = |of: Block, part: &Block| {
            let site = self.sites.get(&of);
            site.is_some_and(|site| site.contains(part))
        };
        place == other || is_part(place, &other) || is_part(other, &place)
    }

    /// Whether two places are different parts of one site.
    pub(super) fn is_within_site(&self, from: Option<Block>, to: Option<Block>) -> bool {
        let ends = from.zip(to).filter(|(from, to)| from != to);
        ends.is_some_and(|(from, to)| self.are_one_site(from, to))
    }

    /// Whether what left was stolen.
    pub(super) fn is_stolen(&self, lot_move: &LotMove) -> bool {
        self.stolen.contains(&key(lot_move))
    }
}

/// The stages of those events of these lots that another can tell of again: the same amount of a lot leaves the
/// same place, or comes to it, within a day, or is told of where nothing of the lot ever came to.
pub(super) fn stages<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeMap<Block, Vec<LotMove>>,
) -> Result<Stages, S::Error> {
    let keys: BTreeSet<EventKey> = lots.values().flat_map(|moves| can_be_one(moves)).collect();
    if keys.is_empty() {
        return Ok(Stages::new());
    }
    let entries = reader.entries(&keys)?;
    let stage = |entry: &Entry| ((entry.shard, entry.seq), Stage::of(entry));
    Ok(entries.iter().map(stage).collect())
}

fn can_be_one(moves: &[LotMove]) -> BTreeSet<EventKey> {
    let mut found = BTreeSet::new();
    for role in [LotRole::Shipped, LotRole::Received] {
        let mut of_role: Vec<&LotMove> = moves.iter().filter(|m| m.role == role).collect();
        of_role.sort_by_key(|m| (here(m), amount(m), m.t_lo));
        for pair in of_role.windows(2) {
            let [one, other] = *pair else {
                continue;
            };
            let alike = (here(one), amount(one)) == (here(other), amount(other));
            if alike && is_within_a_day(one.t_lo, other.t_lo) {
                found.extend([key(one), key(other)]);
            }
        }
    }
    let is_shipped = |m: &&LotMove| m.role == LotRole::Shipped;
    let coming = moves
        .iter()
        .filter(|m| !matches!(m.role, LotRole::Shipped | LotRole::Seen));
    let came_to: BTreeSet<Option<Block>> = coming.map(|m| m.to_place).collect();
    let mut by_amount: BTreeMap<Option<Amount>, Vec<&LotMove>> = BTreeMap::new();
    for way in moves.iter().filter(is_shipped) {
        by_amount.entry(amount(way)).or_default().push(way);
    }
    for ways in by_amount.values() {
        let left: BTreeSet<Option<Block>> = ways.iter().map(|m| m.from_place).collect();
        if left.len() > 1 && !left.is_subset(&came_to) {
            found.extend(ways.iter().map(|m| key(m)));
        }
    }
    found
}

/// How much moved, if that is told as finely as amounts go.
pub(super) fn amount(lot_move: &LotMove) -> Option<Amount> {
    let (value, scale) = lot_move.quantity.amount?;
    Amount::new(value, scale)
}

const fn here(lot_move: &LotMove) -> Option<Block> {
    match lot_move.role {
        LotRole::Shipped => lot_move.from_place,
        _ => lot_move.to_place,
    }
}

pub(super) const fn is_within_a_day(earlier: Timestamp, later: Timestamp) -> bool {
    later.micros().saturating_sub(earlier.micros()) < MICROS_A_DAY
}

/// A movement, and the stages of it that were told so far.
#[derive(Debug, Clone)]
pub(super) struct Telling {
    from: Option<Block>,
    to: Option<Block>,
    parties: Parties,
    amount: Amount,
    since: Timestamp,
    stages: BTreeSet<Stage>,
}

/// Movements of which more stages can be told.
#[derive(Debug, Clone, Default)]
pub(super) struct Tellings {
    departures: Vec<Telling>,
    arrivals: Vec<Telling>,
}

impl Tellings {
    /// Something left a place: what comes there from now on is another arrival.
    pub(super) fn note_left(&mut self, place: Option<Block>) {
        self.arrivals.retain(|arrival| arrival.to != place);
    }

    /// A shipment was taken back.
    pub(super) fn note_back(&mut self, place: Option<Block>, amount: Amount) {
        self.departures
            .retain(|departure| departure.from != place || departure.amount != amount);
    }
}

impl Book {
    /// Whether a departure or an arrival is a further stage of one that is booked already.
    pub(super) fn is_told_again(&mut self, lot_move: &LotMove, amount: Amount) -> bool {
        let Some(stage) = self.told.stages.get(&key(lot_move)).copied() else {
            return false;
        };
        match lot_move.role {
            LotRole::Shipped => self.has_departed(lot_move, amount, stage),
            LotRole::Received => self.has_arrived(lot_move, amount, stage),
            _ => false,
        }
    }

    fn has_arrived(&mut self, lot_move: &LotMove, amount: Amount, stage: Stage) -> bool {
        let named = self.told.parties(key(lot_move));
        let known = self.tellings.arrivals.iter_mut().find(|known| {
            known.to == lot_move.to_place
                && known.amount == amount
                && is_within_a_day(known.since, lot_move.t_lo)
                && agree(known.from, lot_move.from_place)
                && agree(known.parties.receiver, named.receiver)
                && !known.stages.contains(&stage)
        });
        let Some(known) = known else {
            self.tellings
                .arrivals
                .push(telling(lot_move, amount, stage, named));
            return false;
        };
        known.stages.insert(stage);
        known.parties = known.parties.or(named);
        known.from = known.from.or(lot_move.from_place);
        true
    }

    fn has_departed(&mut self, lot_move: &LotMove, amount: Amount, stage: Stage) -> bool {
        let is_new_place = !self.held(self.stock_at(lot_move)).is_positive();
        let named = self.told.parties(key(lot_move));
        let accounts = &self.accounts;
        let known = self.tellings.departures.iter_mut().find(|known| {
            let way = Account::InTransit {
                from: known.from,
                to: known.to,
                parties: known.parties,
            };
            let is_under_way = accounts.get(&way).is_some_and(|held| *held >= amount);
            let is_further = match stage {
                // Told on the way: of what left, and not of another that was told like that.
                Stage::UnderWay => known.stages.iter().any(|told| *told != stage),
                _ => !known.stages.contains(&stage),
            };
            let from_here =
                known.from == lot_move.from_place && is_within_a_day(known.since, lot_move.t_lo);
            let passes_here = stage == Stage::UnderWay && is_new_place && is_under_way;
            known.amount == amount
                && is_further
                && (from_here || passes_here)
                && agree(known.to, lot_move.to_place)
                && agree(known.parties.receiver, named.receiver)
        });
        let Some(known) = known else {
            let left = telling(lot_move, amount, stage, named);
            self.tellings.departures.push(left);
            return false;
        };
        known.stages.insert(stage);
        let way = |known: &Telling| Account::InTransit {
            from: known.from,
            to: known.to,
            parties: known.parties,
        };
        let before = way(known);
        known.to = known.to.or(lot_move.to_place);
        known.parties = known.parties.or(named);
        let after = way(known);
        let mut events = self.shipments.get(&before).cloned().unwrap_or_default();
        let part = self.held(before).min(amount);
        if part.is_positive() {
            events.push(self.shipment(lot_move, part));
            if before != after {
                self.book(before, after, part);
                let known = self.shipments.get(&after).cloned().unwrap_or_default();
                events.extend(known);
            }
            self.shipments.insert(after, events);
        }
        true
    }
}

fn telling(lot_move: &LotMove, amount: Amount, stage: Stage, parties: Parties) -> Telling {
    Telling {
        from: lot_move.from_place,
        to: lot_move.to_place,
        parties,
        amount,
        since: lot_move.t_lo,
        stages: [stage].into(),
    }
}
