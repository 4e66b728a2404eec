//! The walk over everything that has records: blocks in the order of their ids, then the events themselves,
//! a page at a time. What a page is made of is in memory, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::containers::Containers;
use super::finding::{Raw, Thing};
use super::kind::Kind;
use super::sites::Sites;
use super::travel::Travel;
use super::units::{Beside, Logs};
use super::{Settings, lots, store, units};
use crate::codes::{self, Address, Block, BlockKind, ComputedBlock, Dictionary, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, Role};
use crate::ledger::control_size;
use crate::trace::evaluate::{Evaluation, UnitGap, Units, unshipped};
use crate::trace::store::StoreSource;
use crate::trace::{Error, EventKey, Op, Record, Source};

/// Blocks of one page.
const PAGE: usize = 64;

/// Events of one page.
const EVENTS_A_PAGE: i64 = 1_000;

/// After everything that was recorded.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

const MICROS_A_DAY: i64 = 86_400_000_000;

/// How far an event's time may lie after its recording: clocks differ.
const CLOCKS_DIFFER: i64 = 300_000_000;

/// What a walk looks at, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A block.
    Block(Block),
    /// A thousand events of a shard, from this one on.
    Events(EventKey),
}

/// What takes the findings of a step, and says whether to go on.
pub(super) type Each<'e, 'c, E> =
    dyn FnMut(&mut StoreSource<'c>, Step, Vec<Raw>) -> Result<bool, E> + 'e;

/// What to look at.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) units: Units,
    pub(super) lots: BTreeSet<Block>,
}

/// A walk under way.
pub(super) struct Walk<'c, 'd> {
    source: StoreSource<'c>,
    dictionary: Dictionary<'d>,
    settings: Settings,
    /// Only these, when given.
    wanted: Option<Wanted>,
    due_before: Timestamp,
    control_size: i64,
    /// The events of the wanted blocks.
    keys: BTreeSet<EventKey>,
}

impl<'c, 'd> Walk<'c, 'd> {
    pub(super) fn new(
        mut source: StoreSource<'c>,
        dictionary: Dictionary<'d>,
        settings: Settings,
        wanted: Option<Wanted>,
    ) -> Result<Self, Error> {
        let position = source.position().clone();
        let newest = store::newest(source.conn(), &position)?;
        let overdue = i64::from(settings.overdue_days).saturating_mul(MICROS_A_DAY);
        let due_before = newest.map_or(i64::MIN, |newest| newest.micros().saturating_sub(overdue));
        let control_size = control_size(source.conn(), &position)?;
        Ok(Self {
            source,
            dictionary,
            settings,
            wanted,
            due_before: Timestamp::from_micros(due_before),
            control_size,
            keys: BTreeSet::new(),
        })
    }

    /// Walks from a step on; `each` gets what was found at every step, and ends the walk by saying false.
    pub(super) fn run<E: From<Error>>(
        &mut self,
        from: Option<Step>,
        each: &mut Each<'_, 'c, E>,
    ) -> Result<(), E> {
        // Of named things all blocks are read again: they say which events to look at.
        let mut first = match from {
            Some(Step::Block(block)) if self.wanted.is_none() => Some(block.0.to_vec()),
            Some(Step::Events(_)) if self.wanted.is_none() => None,
            _ => Some(Vec::new()),
        };
        while let Some(start) = first {
            let page = self.page(&start)?;
            first = page.last().map(|last| after(*last));
            for (block, raws) in self.look_at(&page)? {
                let step = Step::Block(block);
                let is_wanted = from.is_none_or(|from| from <= step);
                if is_wanted && !each(&mut self.source, step, raws)? {
                    return Ok(());
                }
            }
        }
        self.events(from, each)
    }

    fn page(&mut self, start: &[u8]) -> Result<Vec<Block>, Error> {
        let Some(wanted) = &self.wanted else {
            let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
            return Ok(store::blocks_from(self.source.conn(), start, limit)?);
        };
        let all: BTreeSet<Block> = wanted.units.keys().chain(&wanted.lots).copied().collect();
        let rest = all.into_iter().filter(|block| start <= block.0.as_slice());
        Ok(rest.take(PAGE).collect())
    }

    fn mask(&self, block: Block) -> MemberSet {
        let wanted = self.wanted.as_ref();
        let known = wanted.and_then(|wanted| wanted.units.get(&block));
        known.cloned().unwrap_or_else(MemberSet::all)
    }

    /// What is wrong in these blocks.
    fn look_at(&mut self, page: &[Block]) -> Result<BTreeMap<Block, Vec<Raw>>, Error> {
        let mut found: BTreeMap<Block, Vec<Raw>> = BTreeMap::new();
        let (mut things, mut quantities, mut processes) =
            (Units::new(), BTreeSet::new(), Units::new());
        for block in page {
            found.insert(*block, Vec::new());
            match block.kind() {
                Some(BlockKind::Computed | BlockKind::Numbered | BlockKind::Interned) => {
                    things.insert(*block, self.mask(*block));
                }
                Some(BlockKind::Lot | BlockKind::Class) => {
                    quantities.insert(*block);
                }
                Some(BlockKind::Process) => {
                    processes.insert(*block, MemberSet::one(0));
                }
                Some(BlockKind::Place | BlockKind::Party) | None => {}
            }
        }
        let of_units = self.look_at_units(&things)?;
        let of_lots = self.look_at_lots(&quantities)?;
        let of_processes = self.look_at_processes(&processes)?;
        for (block, raw) in of_units.into_iter().chain(of_lots).chain(of_processes) {
            found.entry(block).or_default().push(raw);
        }
        Ok(found)
    }

    fn load(&mut self, units: &Units) -> Result<Logs, Error> {
        let mut logs: Logs = self.source.load(units)?;
        for records in logs.values_mut() {
            records.sort_by_key(|record| {
                let rank = self.source.rank(record.shard);
                (
                    record.t_lo,
                    record.record_time,
                    rank,
                    record.seq,
                    record.op,
                    record.peer,
                )
            });
        }
        Ok(logs)
    }

    fn look_at_units(&mut self, wanted: &Units) -> Result<Vec<(Block, Raw)>, Error> {
        let logs = self.load(wanted)?;
        if self.wanted.is_some() {
            let records = logs.values().flatten();
            self.keys
                .extend(records.map(|record| (record.shard, record.seq)));
        }
        let containers = self.containers(&logs)?;
        let records = logs.values().flatten();
        let mut places: BTreeSet<Block> = records.filter_map(|record| record.place).collect();
        places.extend(containers.places());
        let size = self.control_size;
        let sites = Sites::read(self.source.conn(), self.dictionary, &places, size)?;
        let beside = Beside {
            containers: &containers,
            sites: &sites,
            travel: Travel {
                speed_kmh: self.settings.speed_kmh,
                floor_km: self.settings.floor_km,
            },
            due_before: self.due_before,
        };
        let mut found = Vec::new();
        let masks = logs.keys().map(|block| (*block, self.mask(*block)));
        let masks: Units = masks.collect();
        let arrived = logs.iter().filter_map(|(block, records)| {
            let mask = masks.get(block)?;
            Some(unshipped(*block, mask, records))
        });
        let arrived = arrived.flatten().collect();
        let mut arrivals: BTreeMap<Block, Vec<UnitGap>> = BTreeMap::new();
        for gap in Evaluation::new(&mut self.source).not_carried(arrived)? {
            arrivals.entry(gap.block).or_default().push(gap);
        }
        for (block, records) in &logs {
            let Some(mask) = masks.get(block) else {
                continue;
            };
            let arrived = arrivals.remove(block).unwrap_or_default();
            let of_block = units::findings(*block, mask, records, arrived, &beside);
            found.extend(of_block.into_iter().map(|raw| (*block, raw)));
            found.extend(
                self.never_issued(*block, mask, records)?
                    .map(|raw| (*block, raw)),
            );
        }
        Ok(found)
    }

    /// The containers of these logs, theirs, and so on to the outermost.
    fn containers(&mut self, logs: &Logs) -> Result<Containers, Error> {
        let mut containers = Containers::default();
        let mut known = Units::new();
        let mut level = peers(logs);
        while !level.is_empty() {
            let loaded = self.load(&level)?;
            for (block, members) in &level {
                known.entry(*block).or_default().union_with(members);
                let records = loaded.get(block).map_or(&[][..], Vec::as_slice);
                containers.add(*block, members, records);
            }
            let mut next = peers(&loaded);
            for (block, members) in &mut next {
                if let Some(known) = known.get(block) {
                    members.subtract(known);
                }
            }
            next.retain(|_, members| !members.is_empty());
            level = next;
        }
        Ok(containers)
    }

    /// Codes of a block that no batch has.
    fn never_issued(
        &mut self,
        block: Block,
        mask: &MemberSet,
        records: &[Record],
    ) -> Result<Option<Raw>, Error> {
        let Some(computed) = ComputedBlock::from_block(block) else {
            return Ok(None);
        };
        let (gtin, number) = (computed.gtin(), computed.batch());
        let batch = codes::batch_numbered(self.source.conn(), gtin, number)?;
        let batch = batch.filter(|batch| batch.seq < self.control_size);
        let mut members = MemberSet::new();
        for record in records {
            record.members.add_to(&mut members);
        }
        members.intersect_with(mask);
        for (known, first, last) in batch.iter().flat_map(codes::Batch::blocks) {
            if known == block {
                let mut issued = MemberSet::new();
                issued.insert_run(first, last);
                members.subtract(&issued);
            }
        }
        let first = records
            .iter()
            .find(|record| record.members.intersects(&members));
        Ok(first.map(|record| {
            let mut raw = Raw::of_units(Kind::NeverIssued, block, members.clone(), record.t_lo);
            raw.events.push((record.shard, record.seq));
            raw.places.extend(record.place);
            raw
        }))
    }

    fn look_at_lots(&mut self, wanted: &BTreeSet<Block>) -> Result<Vec<(Block, Raw)>, Error> {
        let mut found = Vec::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        let list: Vec<Block> = wanted.iter().copied().collect();
        let mut moves = BTreeMap::new();
        let mut places = BTreeSet::new();
        for lot_move in self.source.lot_moves(&list)? {
            places.extend(lot_move.from_place.into_iter().chain(lot_move.to_place));
            if self.wanted.is_some() {
                self.keys.insert((lot_move.shard, lot_move.seq));
            }
            moves
                .entry(lot_move.lot)
                .or_insert_with(Vec::new)
                .push(lot_move);
        }
        let size = self.control_size;
        let sites = Sites::read(self.source.conn(), self.dictionary, &places, size)?;
        let balances = Evaluation::new(&mut self.source).balances(wanted, END)?;
        for (lot, mut moves) in moves {
            moves.sort_by_key(|m| (m.t_lo, m.shard, m.seq, m.line));
            let balances = balances.get(&lot).map_or(&[][..], Vec::as_slice);
            let of_lot = lots::findings(lot, balances, &moves, &sites, self.due_before);
            found.extend(of_lot.into_iter().map(|raw| (lot, raw)));
        }
        Ok(found)
    }

    fn look_at_processes(&mut self, wanted: &Units) -> Result<Vec<(Block, Raw)>, Error> {
        let logs = self.load(wanted)?;
        let records = logs
            .values()
            .flatten()
            .filter(|record| record.op == Op::Process);
        let keys: BTreeSet<EventKey> = records.map(|record| (record.shard, record.seq)).collect();
        let keys: Vec<EventKey> = keys.into_iter().collect();
        let mut parts: BTreeMap<Block, Vec<Entry>> = BTreeMap::new();
        for entry in self.source.entries(&keys)? {
            if let Some(process) = entry.process {
                parts.entry(process).or_default().push(entry);
            }
        }
        let mut found = Vec::new();
        for (process, mut entries) in parts {
            entries.sort_by_key(|entry| (entry.t_lo, entry.shard, entry.seq));
            let has = |role: Role| {
                let mut parts = entries.iter().flat_map(|entry| &entry.parts);
                parts.any(|part| part.role == role)
            };
            let kind = match (has(Role::Input), has(Role::Output)) {
                (false, true) => Kind::ProcessWithoutInputs,
                (true, false) => Kind::ProcessWithoutOutputs,
                _ => continue,
            };
            let Some(first) = entries.first() else {
                continue;
            };
            let mut raw = Raw::new(kind, Thing::Whole(process), first.t_lo);
            raw.events = entries
                .iter()
                .map(|entry| (entry.shard, entry.seq))
                .collect();
            raw.places.extend(first.happened_at());
            found.push((process, raw));
        }
        Ok(found)
    }

    /// The events whose time and recording do not fit.
    fn events<E: From<Error>>(
        &mut self,
        from: Option<Step>,
        each: &mut Each<'_, 'c, E>,
    ) -> Result<(), E> {
        let start = match from {
            Some(Step::Events(key)) => key,
            _ => (i32::MIN, 0),
        };
        let mut pages: Vec<(EventKey, Vec<EventKey>)> = Vec::new();
        if self.wanted.is_some() {
            let keys: Vec<EventKey> = std::mem::take(&mut self.keys).into_iter().collect();
            let size = usize::try_from(EVENTS_A_PAGE).unwrap_or(usize::MAX);
            for page in keys.chunks(size) {
                pages.extend(page.first().map(|first| (*first, page.to_vec())));
            }
            pages.retain(|(first, _)| start <= *first);
        }
        for (first, keys) in pages {
            let found = self.look_at_events(&keys)?;
            if !each(&mut self.source, Step::Events(first), found)? {
                return Ok(());
            }
        }
        if self.wanted.is_some() {
            return Ok(());
        }
        let shards: Vec<(i32, i64)> = self
            .source
            .position()
            .0
            .iter()
            .map(|(s, n)| (*s, *n))
            .collect();
        for (shard, size) in shards {
            let mut seq = if shard == start.0 { start.1 } else { 0 };
            while shard >= start.0 && seq < size {
                let until = size.min(seq + EVENTS_A_PAGE);
                let keys: Vec<EventKey> = (seq..until).map(|seq| (shard, seq)).collect();
                let found = self.look_at_events(&keys)?;
                if !each(&mut self.source, Step::Events((shard, seq)), found)? {
                    return Ok(());
                }
                seq = until;
            }
        }
        Ok(())
    }

    fn look_at_events(&mut self, keys: &[EventKey]) -> Result<Vec<Raw>, Error> {
        let late = i64::from(self.settings.late_days).saturating_mul(MICROS_A_DAY);
        let mut entries = self.source.entries(keys)?;
        entries.sort_by_key(|entry| (entry.shard, entry.seq));
        let found = entries.iter().filter_map(|entry| {
            let recorded = entry.record_time.micros();
            let kind = if late < recorded.saturating_sub(entry.t_hi.micros()) {
                Kind::RecordedLate
            } else if CLOCKS_DIFFER < entry.t_lo.micros().saturating_sub(recorded) {
                Kind::RecordedEarly
            } else {
                return None;
            };
            let mut raw = Raw::new(kind, Thing::Event, entry.t_lo);
            raw.events.push((entry.shard, entry.seq));
            raw.places.extend(entry.happened_at());
            raw.parties.extend(entry.submitter);
            Some(raw)
        });
        Ok(found.collect())
    }
}

/// The containers that these records name.
fn peers(logs: &Logs) -> Units {
    let mut found = Units::new();
    for record in logs.values().flatten() {
        let contains = matches!(record.op, Op::Pack | Op::SeenInside | Op::Unpack);
        if let Some(Address { block, member }) = record.peer.filter(|_| contains) {
            found.entry(block).or_default().insert(member);
        }
    }
    found
}

/// The first block after this one, as bytes.
fn after(block: Block) -> Vec<u8> {
    let mut bytes = block.0.to_vec();
    bytes.push(0);
    bytes
}
