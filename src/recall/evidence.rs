//! Why something differs between two versions: which event says so, and whether that is evidence that came
//! late, something that happened since, or a correction.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::difference::{Change, Why};
use crate::codes::{Address, Block, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::events::{self, What};
use crate::ledger::Position;
use crate::trace::evaluate::{Balances, Evaluation, Units, Whereabouts};
use crate::trace::store::StoreSource;
use crate::trace::{self, EventKey, Source as _, account_blocks};

/// After everything that was recorded.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

/// The two versions' views of the ledger, and when the earlier one was frozen.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    pub(super) old: Position,
    pub(super) frozen_at: Timestamp,
    pub(super) new: Position,
}

/// The events that stand behind something, in the versions' order: of its way into the scope, and of where
/// it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Behind {
    pub(super) path: BTreeSet<EventKey>,
    pub(super) place: BTreeSet<EventKey>,
}

/// Something that changed, with what stood behind it and what stands behind it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) change: Change,
    pub(super) old: Behind,
    pub(super) new: Behind,
}

/// Why, and the event that says so, if one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) why: Why,
    pub(super) event: Option<EventKey>,
}

impl Finding {
    /// Somebody approved it.
    pub(super) const RELEASE: Self = Self {
        why: Why::Release,
        event: None,
    };

    /// An event of this time says so, that the earlier version did not see.
    fn told(time: Timestamp, event: EventKey, frozen_at: Timestamp) -> Self {
        let why = if time < frozen_at {
            Why::LateEvidence
        } else {
            Why::NewEvent
        };
        Self {
            why,
            event: Some(event),
        }
    }
}

/// Where things are by one version, with the events that say so.
#[derive(Debug)]
pub(super) struct Sight {
    units: Whereabouts,
    lots: BTreeMap<Block, BTreeSet<EventKey>>,
}

impl Sight {
    /// Looks at units and lots from a position.
    pub(super) fn at(
        conn: &mut Conn,
        position: &Position,
        units: &Units,
        lots: &BTreeSet<Block>,
    ) -> Result<Self, Error> {
        let mut source = StoreSource::new(conn, position.clone()).map_err(trace::Error::from)?;
        let mut evaluation = Evaluation::new(&mut source);
        let found = evaluation.whereabouts(units, END)?;
        let balances = evaluation.balances(lots, END)?;
        let mut of_lots: BTreeMap<Block, BTreeSet<EventKey>> = BTreeMap::new();
        let mut inside: BTreeMap<Block, Units> = BTreeMap::new();
        for (lot, of_uoms) in balances {
            let (_, containers) = account_blocks(accounts(&of_uoms));
            inside.insert(lot, containers);
        }
        let mut containers = Units::new();
        for (block, members) in inside.values().flatten() {
            let all: &mut MemberSet = containers.entry(*block).or_default();
            all.union_with(members);
        }
        let standings = evaluation.whereabouts(&containers, END)?;
        for (lot, containers) in inside {
            let units = containers.iter().flat_map(|(block, members)| {
                let block = *block;
                members.iter().map(move |member| Address { block, member })
            });
            let events = units.filter_map(|unit| standings.of(unit)?.answer.event);
            of_lots.entry(lot).or_default().extend(events);
        }
        let lots: Vec<Block> = lots.iter().copied().collect();
        for moved in source.lot_moves(&lots)? {
            let events = of_lots.entry(moved.lot).or_default();
            events.insert((moved.shard, moved.seq));
        }
        Ok(Self {
            units: found,
            lots: of_lots,
        })
    }

    /// The members of a set by the event that says where they are.
    pub(super) fn events_of(&self, block: Block) -> BTreeMap<u16, EventKey> {
        let mut events = BTreeMap::new();
        for group in self.units.of_block(block) {
            let standing = self.units.standings.get(group.standing as usize);
            let Some(event) = standing.and_then(|standing| standing.answer.event) else {
                continue;
            };
            events.extend(group.members.iter().map(|member| (member, event)));
        }
        events
    }

    /// The events that moved a lot, and those that say where what it lies in is.
    pub(super) fn events_of_lot(&self, lot: Block) -> BTreeSet<EventKey> {
        self.lots.get(&lot).cloned().unwrap_or_default()
    }
}

fn accounts(balances: &[Balances]) -> impl Iterator<Item = &trace::evaluate::Account> {
    balances
        .iter()
        .flat_map(|of_uom| of_uom.accounts.keys().chain(&of_uom.unknown))
}

/// By thing (0 of a lot) the earliest event that names it and that only the later version sees.
pub(super) fn unseen(
    conn: &mut Conn,
    moments: &Moments,
    things: &Units,
) -> Result<BTreeMap<Address, EventKey>, Error> {
    if things.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut source = StoreSource::new(conn, moments.new.clone()).map_err(trace::Error::from)?;
    let found = first_unseen(&mut source, moments, things)?.into_iter();
    Ok(found.map(|(thing, (_, event))| (thing, event)).collect())
}

fn first_unseen(
    source: &mut StoreSource<'_>,
    moments: &Moments,
    things: &Units,
) -> Result<BTreeMap<Address, (Timestamp, EventKey)>, Error> {
    let mut first: BTreeMap<Address, (Timestamp, EventKey)> = BTreeMap::new();
    for (block, records) in source.load(things)? {
        let sees = |record: &&trace::Record| moments.old.sees(record.shard, record.seq);
        for record in records.iter().filter(|record| !sees(record)) {
            let mut members = record.members.to_set();
            if let Some(asked) = things.get(&block) {
                members.intersect_with(asked);
            }
            let event = (record.t_lo, (record.shard, record.seq));
            for member in members.iter() {
                let known = first.entry(Address { block, member }).or_insert(event);
                *known = event.min(*known);
            }
        }
    }
    Ok(first)
}

/// The earliest event that only the later version sees of anything that these events name.
fn around(
    source: &mut StoreSource<'_>,
    moments: &Moments,
    path: &BTreeSet<EventKey>,
) -> Result<Option<Finding>, Error> {
    let keys: Vec<EventKey> = path.iter().copied().collect();
    let mut things = Units::new();
    for part in source.entries(&keys)?.iter().flat_map(|entry| &entry.parts) {
        let of_block: &mut MemberSet = things.entry(part.block).or_default();
        match &part.what {
            What::Members(members) => of_block.union_with(members),
            What::Quantity(_) => {
                of_block.insert(0);
            }
        }
    }
    let first = first_unseen(source, moments, &things)?;
    let first = first.into_values().min();
    Ok(first.map(|(time, event)| Finding::told(time, event, moments.frozen_at)))
}

/// Finds why, for each. An event that stood behind it and is void now is a correction; else the earliest
/// event behind it that the earlier version did not see tells whether the evidence was late; of what is not found
/// any more, else the earliest such event of anything on its way into the scope; else what changed is no event of
/// its own.
pub(super) fn explain(
    conn: &mut Conn,
    moments: &Moments,
    asked: &[Asked],
) -> Result<Vec<Finding>, Error> {
    let sees = |(shard, seq): &EventKey| moments.old.sees(*shard, *seq);
    let mut known: BTreeSet<EventKey> = BTreeSet::new();
    let mut fresh: BTreeSet<EventKey> = BTreeSet::new();
    for asked in asked {
        let gone = |old: &BTreeSet<EventKey>, new: &BTreeSet<EventKey>| -> Vec<EventKey> {
            old.difference(new).copied().collect()
        };
        known.extend(gone(&asked.old.path, &asked.new.path));
        known.extend(gone(&asked.old.place, &asked.new.place));
        let events = asked.new.path.iter().chain(&asked.new.place);
        fresh.extend(events.filter(|key| !sees(key)));
    }
    let known: Vec<EventKey> = known.into_iter().collect();
    let fresh: Vec<EventKey> = fresh.into_iter().collect();
    let times: BTreeMap<EventKey, Timestamp> = events::by_keys(conn, &fresh)?
        .into_iter()
        .map(|entry| ((entry.shard, entry.seq), entry.t_lo))
        .collect();
    let mut source = StoreSource::new(conn, moments.new.clone()).map_err(trace::Error::from)?;
    let valid: BTreeSet<EventKey> = source
        .entries(&known)?
        .into_iter()
        .map(|entry| (entry.shard, entry.seq))
        .collect();
    let void: BTreeSet<EventKey> = known
        .into_iter()
        .filter(|key| !valid.contains(key))
        .collect();
    let mut around_paths: BTreeMap<&BTreeSet<EventKey>, Option<Finding>> = BTreeMap::new();
    let mut findings = Vec::new();
    for asked in asked {
        let tiers = match asked.change {
            Change::Changed => [
                (&asked.old.place, &asked.new.place),
                (&asked.old.path, &asked.new.path),
            ],
            _ => [
                (&asked.old.path, &asked.new.path),
                (&asked.old.place, &asked.new.place),
            ],
        };
        let mut found = tiers
            .into_iter()
            .find_map(|(old, new)| of_tier((old, new), &void, &times, moments.frozen_at));
        if found.is_none() && asked.change == Change::ProposedRemoval {
            let path = &asked.old.path;
            found = if let Some(known) = around_paths.get(path) {
                *known
            } else {
                let found = around(&mut source, moments, path)?;
                around_paths.insert(path, found);
                found
            };
        }
        findings.push(found.unwrap_or(Finding {
            why: Why::Correction,
            event: None,
        }));
    }
    Ok(findings)
}

fn of_tier(
    (old, new): (&BTreeSet<EventKey>, &BTreeSet<EventKey>),
    void: &BTreeSet<EventKey>,
    times: &BTreeMap<EventKey, Timestamp>,
    frozen_at: Timestamp,
) -> Option<Finding> {
    if let Some(event) = old.intersection(void).next() {
        return Some(Finding {
            why: Why::Correction,
            event: Some(*event),
        });
    }
    let fresh = new.iter().filter_map(|key| Some((*times.get(key)?, *key)));
    let (time, event) = fresh.min()?;
    Some(Finding::told(time, event, frozen_at))
}
