//! Our side: the complete scope, as a recall asks for it.

use std::time::{Duration, Instant};

use super::answer::{Answer, Counts};
use super::fill::{Serials, broken, dictionary};
use super::report::timed;
use crate::app::{App, Problem};
use crate::codes::{BaseRow, BlockKind, ComputedBlock, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::recall::{self, Request, RequestedPlace, RequestedPolicies};
use crate::scenario::Window;
use crate::trace::evaluate::{self, Direction, Evaluation, Rules, Seed, Whereabouts};
use crate::trace::store::StoreSource;
use crate::trace::{Holding, NamedPosition, Names, named_blocks};

/// A scope with holders and places.
#[derive(Debug)]
pub(super) struct Scope {
    /// How many items are held how.
    pub(super) counts: Counts,
    /// What was asked for most: the items reached and where they are.
    whereabouts: Whereabouts,
    holdings: Vec<Holding>,
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
        let (position, _) = NamedPosition::now(conn)?;
        let seed = Seed::Place {
            place: BaseRow::hashed(BlockKind::Place, window.place.clone()).block,
            window: evaluate::Window {
                from: Some(window.from),
                until: Some(last_instant(window)),
            },
            guard: 0,
        };
        let mut source = StoreSource::new(conn, position.clone())?;
        let mut evaluation = Evaluation::new(&mut source);
        let reach = evaluation.reach(Direction::Forward, &[seed], &Rules::default())?;
        let reaching = started.elapsed();
        let whereabouts = evaluation.whereabouts(&reach.unit_sets(), at)?;
        let placing = started.elapsed().saturating_sub(reaching);
        drop(evaluation);
        let blocks = named_blocks(whereabouts.standings.iter());
        let names = Names::read(source.conn(), dictionary(app), &blocks, &position)?;
        let standings = whereabouts.standings.iter();
        let holdings: Vec<Holding> = standings
            .map(|standing| names.holding(&standing.answer))
            .collect();
        let mut counts = Counts::new();
        for group in &whereabouts.groups {
            let holding = &holdings[group.standing as usize];
            let count = u64::from(group.members.len());
            match counts.get_mut(holding) {
                Some(counted) => *counted += count,
                None => {
                    counts.insert(holding.clone(), count);
                }
            }
        }
        Ok(Scope {
            counts,
            whereabouts,
            holdings,
            reaching,
            placing,
            total: started.elapsed(),
        })
    })
}

impl Scope {
    /// The holding of every item.
    pub(super) fn answer(&self, serials: &Serials) -> Result<Answer, Problem> {
        let mut answer = Answer::default();
        for group in &self.whereabouts.groups {
            let block = ComputedBlock::from_block(group.block).ok_or_else(|| {
                broken(format!("block {:?} is affected and no item's", group.block))
            })?;
            let mut members = MemberSet::default();
            group.members.add_to(&mut members);
            let items: Option<Vec<u32>> = members
                .iter()
                .map(|member| serials.item(block.gtin(), block.item(member)?))
                .collect();
            let items =
                items.ok_or_else(|| broken(format!("{} has an item nobody made", block.base())))?;
            answer.add(self.holdings[group.standing as usize].clone(), items);
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

/// What a recall is opened with: the scope with reasons, witness paths and the digest over the
/// identifiers. Tells how many units and how long it took.
pub(super) fn assess(
    app: &App,
    conn: &mut Conn,
    window: &Window,
) -> Result<(u64, Duration), Problem> {
    let request = Request {
        places: vec![RequestedPlace {
            place: window.place.clone(),
            from: window.from.to_string(),
            until: last_instant(window).to_string(),
            guard: None,
        }],
        hazard: Some(window.hazard.clone()),
        policies: RequestedPolicies {
            starts: Some("stamped".to_owned()),
            ..RequestedPolicies::default()
        },
        ..Request::default()
    };
    let (assessment, time) = timed(|| {
        conn.snapshot(|conn| {
            let position = NamedPosition::now(conn)?;
            recall::assess(conn, dictionary(app), request.definition()?, position)
        })
    })?;
    Ok((assessment.scope.summary.unit_count, time))
}

/// A scenario's window ends before its end, a scope's with it.
fn last_instant(window: &Window) -> Timestamp {
    Timestamp::from_micros(window.until.micros() - 1)
}
