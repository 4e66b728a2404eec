//! How things of a product began: the events in which items and lots came to be, by time and by what those
//! events say of them (`ilmd`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::evaluate::{Seed, Units, Window};
use super::store::StoreSource;
use super::subject::Subject;
use super::{Error, EventKey, LotRole, Op, Record, Source};
use crate::codes::Block;
use crate::epcis::{self, Context, Event, Limits, Timestamp};
use crate::ledger::{self, Leaf};

/// What began in one event.
#[derive(Debug, Clone, Default)]
struct Birth {
    t_lo: Timestamp,
    t_hi: Timestamp,
    units: Units,
    /// The lots, and where they were made.
    lots: BTreeSet<(Block, Option<Block>)>,
}

/// The items and lots of a subject, by the events in which they began.
#[derive(Debug, Clone, Default)]
pub struct Births {
    by_event: BTreeMap<EventKey, Birth>,
    /// When each lot was made first.
    first: BTreeMap<Block, Timestamp>,
}

/// How much earlier than it was made something of a lot may be recorded to have moved, when it was made before as
/// well: a day.
const CLOCKS: i64 = 24 * 60 * 60 * 1_000_000;

impl Births {
    /// Reads how the items and lots of a subject began.
    pub fn read(source: &mut StoreSource<'_>, subject: &Subject) -> Result<Self, Error> {
        let mut births = Self::default();
        let items = &subject.items;
        for (block, records) in source.load(items)? {
            let begins = |record: &&Record| matches!(record.op, Op::Commission | Op::Produce);
            for record in records.iter().filter(begins) {
                let mut members = record.members.to_set();
                if let Some(items) = items.get(&block) {
                    members.intersect_with(items);
                }
                let birth = births.at((record.shard, record.seq), record.t_lo, record.t_hi);
                birth.units.entry(block).or_default().union_with(&members);
            }
        }
        let mut lots: BTreeSet<Block> = subject.lots.iter().copied().collect();
        if subject.address.block.is_quantified() {
            lots.insert(subject.address.block);
        }
        let lots: Vec<Block> = lots.into_iter().collect();
        for made in source.lot_moves(&lots)? {
            if made.role == LotRole::Made {
                let birth = births.at((made.shard, made.seq), made.t_lo, made.t_hi);
                birth.lots.insert((made.lot, made.to_place));
                let first = births.first.entry(made.lot).or_insert(made.t_lo);
                *first = made.t_lo.min(*first);
            }
        }
        Ok(births)
    }

    fn at(&mut self, event: EventKey, t_lo: Timestamp, t_hi: Timestamp) -> &mut Birth {
        self.by_event.entry(event).or_insert_with(|| Birth {
            t_lo,
            t_hi,
            ..Birth::default()
        })
    }

    /// Those that can lie in the window.
    #[must_use]
    pub fn within(mut self, window: Window) -> Self {
        self.by_event.retain(|_, birth| {
            window.from.is_none_or(|from| birth.t_hi >= from)
                && window.until.is_none_or(|until| birth.t_lo <= until)
        });
        self
    }

    /// Those whose event lets `accepts` pass, and those whose event was erased: nobody can say that they do
    /// not belong here. The events are read from the ledger, one by one.
    pub fn whose_event(
        mut self,
        source: &mut StoreSource<'_>,
        mut accepts: impl FnMut(&Event) -> bool,
    ) -> Result<Self, Error> {
        let mut contexts: BTreeMap<EventKey, Arc<Context>> = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for (key, birth) in std::mem::take(&mut self.by_event) {
            let event = read(source, key, &mut contexts)?;
            if event.is_none_or(|event| accepts(&event)) {
                kept.insert(key, birth);
            }
        }
        self.by_event = kept;
        Ok(self)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.by_event.is_empty()
    }

    /// What began, to start an evaluation from. Of a lot that was made before as well, only what lay where it was
    /// made from then on counts.
    pub fn seeds(self) -> Vec<Seed> {
        let mut units = Units::new();
        let mut lots: BTreeMap<(Block, Option<Block>), Option<Timestamp>> = BTreeMap::new();
        for birth in self.by_event.into_values() {
            for (block, members) in birth.units {
                units.entry(block).or_default().union_with(&members);
            }
            for (lot, place) in birth.lots {
                let earliest = Timestamp::from_micros(birth.t_lo.micros().saturating_sub(CLOCKS));
                let made_before = self.first.get(&lot).is_some_and(|first| *first < earliest);
                let (key, from) = match place {
                    Some(_) if made_before => ((lot, place), Some(earliest)),
                    _ => ((lot, None), None),
                };
                let held = lots.entry(key).or_insert(from);
                *held = (*held).min(from);
            }
        }
        units.retain(|_, members| !members.is_empty());
        let mut seeds: Vec<Seed> = lots
            .into_iter()
            .map(|((lot, place), from)| Seed::Lot {
                lot,
                place,
                window: Window { from, until: None },
            })
            .collect();
        if !units.is_empty() {
            let window = Window::default();
            seeds.push(Seed::Units { units, window });
        }
        seeds
    }
}

/// An event out of the ledger; none when its bytes were erased.
fn read(
    source: &mut StoreSource<'_>,
    (shard, seq): EventKey,
    contexts: &mut BTreeMap<EventKey, Arc<Context>>,
) -> Result<Option<Event>, Error> {
    let conn = source.conn();
    let leaf = ledger::entries(conn, shard, seq, 1)?.pop();
    let leaf = leaf.and_then(|entry| Leaf::decode(&entry.leaf).ok());
    let payload = ledger::payload(conn, shard, seq)?;
    let (Some(leaf), Some(payload)) = (leaf, payload) else {
        return Ok(None);
    };
    let context = if leaf.parts <= 1 {
        Arc::default()
    } else {
        let envelope = (shard, seq - i64::from(leaf.part));
        if let Some(context) = contexts.get(&envelope) {
            Arc::clone(context)
        } else {
            let payload = ledger::payload(conn, shard, envelope.1)?;
            let context = payload
                .and_then(|payload| epcis::envelope_context(&payload.bytes).ok())
                .unwrap_or_default();
            contexts.insert(envelope, Arc::clone(&context));
            context
        }
    };
    let read = epcis::read_event(&payload.bytes, &context, &Limits::at(leaf.record_time));
    Ok(read.event.ok())
}
