//! What happened to one thing: its own events, and while it was inside something, that thing's. Pure over
//! what a [`Source`] hands out.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, EventType};
use crate::trace::{EventKey, Op, Record, Source};

/// Containers within containers that are followed: item, box, carton, pallet, truck, ship leave ten over.
const DEPTH_MAX: usize = 16;

/// Steps that are told; a lot can have thousands. How many were left out is told too.
const STEPS_MAX: usize = 60;

/// What happened to one thing, earliest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journey {
    /// The first [`STEPS_MAX`] steps.
    pub steps: Vec<Step>,
    /// How many more there are.
    pub left_out: usize,
}

/// One event of a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// The business step: a CBV word or a URI of somebody's own.
    pub biz_step: Option<String>,
    /// What the event did, where it does not name a step.
    pub event_type: EventType,
    /// Where it happened.
    pub place: Option<Block>,
    /// The event.
    pub event: EventKey,
}

/// A time, and what breaks a tie between events of one time.
type Order = (Timestamp, Timestamp, u32, i64);

/// Something and the time during which its events are the thing's own.
struct Stay {
    thing: Address,
    from: Timestamp,
    until: Timestamp,
    depth: usize,
}

impl Journey {
    /// The journey of one thing.
    pub fn of<S: Source>(source: &mut S, thing: Address) -> Result<Self, S::Error> {
        let mut keys: BTreeSet<EventKey> = BTreeSet::new();
        let mut seen: BTreeSet<(Address, Timestamp)> = BTreeSet::new();
        let mut open = vec![Stay {
            thing,
            from: Timestamp::from_micros(i64::MIN),
            until: Timestamp::from_micros(i64::MAX),
            depth: 0,
        }];
        while let Some(stay) = open.pop() {
            if !seen.insert((stay.thing, stay.from)) {
                continue;
            }
            let records = records(source, stay.thing)?;
            let until = end_of_content(&stay, &records);
            for record in &records {
                let during = stay.from <= record.t_hi && record.t_lo <= until;
                if during && (stay.depth == 0 || is_shared(record.op)) {
                    keys.insert((record.shard, record.seq));
                }
            }
            if stay.depth < DEPTH_MAX {
                open.extend(stays(&records, &stay, until));
            }
        }
        let keys: Vec<EventKey> = keys.into_iter().collect();
        let mut entries = source.entries(&keys)?;
        entries.sort_by_key(|entry| {
            let rank = source.rank(entry.shard);
            (entry.t_lo, entry.record_time, rank, entry.seq)
        });
        let left_out = entries.len().saturating_sub(STEPS_MAX);
        let steps = entries.into_iter().take(STEPS_MAX).map(Step::of).collect();
        Ok(Self { steps, left_out })
    }

    /// Where the steps happened.
    pub fn places(&self) -> BTreeSet<Block> {
        self.steps.iter().filter_map(|step| step.place).collect()
    }
}

impl Step {
    fn of(entry: Entry) -> Self {
        Self {
            at: entry.t_lo,
            place: entry.happened_at(),
            biz_step: entry.biz_step,
            event_type: entry.event_type,
            event: (entry.shard, entry.seq),
        }
    }
}

/// The records of one thing, in the order of evaluation.
fn records<S: Source>(source: &mut S, thing: Address) -> Result<Vec<Record>, S::Error> {
    let wanted = BTreeMap::from([(thing.block, MemberSet::one(thing.member))]);
    let mut records: Vec<Record> = source.load(&wanted)?.into_values().flatten().collect();
    records.sort_by_key(|record| order(source, record));
    Ok(records)
}

fn order<S: Source>(source: &S, record: &Record) -> Order {
    let rank = source.rank(record.shard);
    (record.t_lo, record.record_time, rank, record.seq)
}

/// When everything left the container, if that is before the stay's own end.
fn end_of_content(stay: &Stay, records: &[Record]) -> Timestamp {
    if stay.depth == 0 {
        return stay.until;
    }
    records
        .iter()
        .filter(|record| record.op == Op::UnpackAll && stay.from < record.t_hi)
        .map(|record| record.t_hi)
        .fold(stay.until, Ord::min)
}

/// Whether what happens to a container happens to its contents.
const fn is_shared(op: Op) -> bool {
    matches!(
        op,
        Op::Observe
            | Op::Pack
            | Op::SeenInside
            | Op::Unpack
            | Op::UnpackAll
            | Op::Attach
            | Op::SeenAttached
            | Op::Detach
    )
}

/// What the thing was inside, and when.
fn stays(records: &[Record], outer: &Stay, until: Timestamp) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    let mut inside: Option<(Address, Timestamp)> = None;
    let mut close = |inside: &mut Option<(Address, Timestamp)>, at: Timestamp| {
        if let Some((thing, from)) = inside.take() {
            let from = from.max(outer.from);
            let until = at.min(until);
            if from <= until {
                stays.push(Stay {
                    thing,
                    from,
                    until,
                    depth: outer.depth + 1,
                });
            }
        }
    };
    for record in records {
        match record.op {
            Op::Pack | Op::SeenInside => {
                let same = inside.is_some_and(|(thing, _)| Some(thing) == record.peer);
                if !same {
                    close(&mut inside, record.t_lo);
                    inside = record.peer.map(|peer| (peer, record.t_lo));
                }
            }
            Op::Unpack | Op::Consume | Op::Decommission => close(&mut inside, record.t_hi),
            _ => {}
        }
    }
    close(&mut inside, Timestamp::from_micros(i64::MAX));
    stays
}

#[cfg(test)]
#[path = "journey_tests.rs"]
mod tests;
