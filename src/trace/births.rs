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
    lots: BTreeSet<Block>,
}

/// The items and lots of a subject, by the events in which they began.
#[derive(Debug, Clone, Default)]
pub struct Births(BTreeMap<EventKey, Birth>);

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
                birth.lots.insert(made.lot);
            }
        }
        Ok(births)
    }

    fn at(&mut self, event: EventKey, t_lo: Timestamp, t_hi: Timestamp) -> &mut Birth {
        self.0.entry(event).or_insert_with(|| Birth {
            t_lo,
            t_hi,
            ..Birth::default()
        })
    }

    /// Those that can lie in the window.
    #[must_use]
    pub fn within(mut self, window: Window) -> Self {
        self.0.retain(|_, birth| {
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
        accepts: impl Fn(&Event) -> bool,
    ) -> Result<Self, Error> {
        let mut contexts: BTreeMap<EventKey, Arc<Context>> = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for (key, birth) in std::mem::take(&mut self.0) {
            let event = read(source, key, &mut contexts)?;
            if event.is_none_or(|event| accepts(&event)) {
                kept.insert(key, birth);
            }
        }
        Ok(Self(kept))
    }

    /// What began, to start an evaluation from.
    pub fn seeds(self) -> Vec<Seed> {
        let mut units = Units::new();
        let mut lots = BTreeSet::new();
        for birth in self.0.into_values() {
            for (block, members) in birth.units {
                units.entry(block).or_default().union_with(&members);
            }
            lots.extend(birth.lots);
        }
        units.retain(|_, members| !members.is_empty());
        let window = Window::default();
        let mut seeds: Vec<Seed> = lots
            .into_iter()
            .map(|lot| Seed::Lot {
                lot,
                place: None,
                window,
            })
            .collect();
        if !units.is_empty() {
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
