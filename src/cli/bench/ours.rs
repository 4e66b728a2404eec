//! Our side: the complete scope, as a recall asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::answer::{Answer, Counts, Fate, Standing};
use super::fill::{Serials, broken, dictionary};
use crate::app::{App, Problem};
use crate::codes::{Address, BaseRow, Block, BlockKind, ComputedBlock};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger;
use crate::parties;
use crate::scenario::Window;
use crate::trace::evaluate::{self, Direction, Evaluation, Rules, Seed, Status, Whereabouts};
use crate::trace::store::StoreSource;

/// A scope with holders and places.
#[derive(Debug)]
pub(super) struct Scope {
    /// How many items stand how.
    pub(super) counts: Counts,
    /// What was asked for most: the items reached and where they are.
    whereabouts: Whereabouts,
    standings: Vec<Standing>,
    /// How long it took to find who is affected …
    pub(super) reaching: Duration,
    /// … and where they are …
    pub(super) placing: Duration,
    /// … and all together, names and counts included.
    pub(super) total: Duration,
}

/// Finds everything that took part in events at the place within the window, what it reached since, and
/// where that is at `at`.
pub(super) fn scope(
    app: &App,
    conn: &mut Conn,
    window: &Window,
    at: Timestamp,
) -> Result<Scope, Problem> {
    let started = Instant::now();
    conn.snapshot(|conn| {
        let position = ledger::position(conn)?;
        let seed = Seed::Place {
            place: BaseRow::hashed(BlockKind::Place, window.place.clone()).block,
            window: evaluate::Window {
                from: Some(window.from),
                until: Some(Timestamp::from_micros(window.until.micros() - 1)),
            },
            guard: 0,
        };
        let mut source = StoreSource::new(conn, position)?;
        let mut evaluation = Evaluation::new(&mut source);
        let reach = evaluation.reach(Direction::Forward, &[seed], &Rules::default())?;
        let reaching = started.elapsed();
        let whereabouts = evaluation.whereabouts(&reach.unit_sets(), at)?;
        let placing = started.elapsed() - reaching;
        drop(evaluation);
        let standings = name(app, source.conn(), &whereabouts)?;
        let mut counts = Counts::new();
        for group in &whereabouts.groups {
            let standing = &standings[group.standing as usize];
            let count = u64::from(group.members.len());
            match counts.get_mut(standing) {
                Some(counted) => *counted += count,
                None => {
                    counts.insert(standing.clone(), count);
                }
            }
        }
        Ok(Scope {
            counts,
            whereabouts,
            standings,
            reaching,
            placing,
            total: started.elapsed(),
        })
    })
}

impl Scope {
    /// The standing of every item.
    pub(super) fn answer(&self, serials: &Serials) -> Result<Answer, Problem> {
        let mut answer = Answer::default();
        for group in &self.whereabouts.groups {
            let block = ComputedBlock::from_block(group.block).ok_or_else(|| {
                broken(format!("block {:?} is affected and no item's", group.block))
            })?;
            let mut members = crate::codes::MemberSet::default();
            group.members.add_to(&mut members);
            let items: Option<Vec<u32>> = members
                .iter()
                .map(|member| serials.item(block.gtin(), block.item(member)?))
                .collect();
            let items =
                items.ok_or_else(|| broken(format!("{} has an item nobody made", block.base())))?;
            answer.add(self.standings[group.standing as usize].clone(), items);
        }
        answer.sort();
        Ok(answer)
    }

    /// Units whose records disagree: none in this world.
    pub(super) fn fault_count(&self) -> usize {
        let standings = self.whereabouts.standings.iter();
        standings
            .filter(|standing| standing.fault.is_some())
            .count()
    }
}

/// Writes out places and who keeps them. On its way a thing is held by whoever sent it.
fn name(app: &App, conn: &mut Conn, found: &Whereabouts) -> Result<Vec<Standing>, Problem> {
    let whole: Vec<(Fate, Option<Block>, Option<Block>)> = found
        .standings
        .iter()
        .map(|standing| match standing.answer.status {
            Status::Here(place) => (Fate::Here, place, place),
            Status::Sold(place) => (Fate::Sold, place, place),
            Status::InTransit { from, to, .. } => (Fate::InTransit, to, from),
            Status::Destroyed(place) | Status::Stolen(place) | Status::Ended(place) => {
                (Fate::Other, place, place)
            }
            Status::Consumed(_) | Status::Unknown => (Fate::Other, None, None),
        })
        .collect();
    let places: BTreeSet<Address> = whole
        .iter()
        .flat_map(|(_, place, keeper)| [*place, *keeper])
        .flatten()
        .map(|block| Address { block, member: 0 })
        .collect();
    let links = dictionary(app).spell(conn, &places)?;
    let ids: Vec<String> = links.values().cloned().collect();
    let known = parties::places(conn, &ids)?;
    let links: BTreeMap<Block, &String> = links.iter().map(|(at, link)| (at.block, link)).collect();
    let link = |place: Option<Block>| links.get(&place?).copied();
    let standings = whole.into_iter().map(|(fate, place, keeper)| Standing {
        holder: link(keeper)
            .and_then(|link| known.get(link))
            .map(|place| place.org.clone())
            .unwrap_or_default(),
        place: link(place).cloned().unwrap_or_default(),
        fate,
    });
    Ok(standings.collect())
}
