//! Our side: the complete scope, as a recall asks for it.

use std::time::{Duration, Instant};

use super::answer::{Answer, Counts};
use super::fill::{broken, dictionary};
use super::report::timed;
use super::serials::{Serials, foreign_item};
use super::world::Question;
use crate::app::{self, App, NewRecall, Problem};
use crate::cli::Context;
use crate::codes::{Address, BaseRow, BlockKind, ComputedBlock, Derived, Speller};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::recall::{self, Request, RequestedPlace, RequestedPolicies};
use crate::scenario::Window;
use crate::scenario::load::Load;
use crate::trace::evaluate::{
    self, Direction, Evaluation, Rules, Seed, Starts, Units, Whereabouts,
};
use crate::trace::store::StoreSource;
use crate::trace::{self, Holdings, NamedPosition, Names, named_blocks};

/// Blocks whose identifiers are read at a time.
const BLOCKS_A_SPELLING: usize = 100;

/// A scope with holders and places.
#[derive(Debug)]
pub(super) struct Scope {
    /// How many items are held how.
    pub(super) counts: Counts,
    /// What was asked for most: the items reached and where they are.
    whereabouts: Whereabouts,
    holdings: Holdings,
    /// How long it took to find who is affected …
    pub(super) reaching: Duration,
    /// … and where they are …
    pub(super) placing: Duration,
    /// … and all together, names and counts included.
    pub(super) total: Duration,
}

/// What our side is asked, ready to be timed: identifiers are read and places known when a question comes.
#[derive(Debug)]
pub(super) enum Asked {
    /// What took part in events at the place within the window, and what it reached since.
    Window(Window),
    /// These identifiers.
    Listed(Vec<Derived>),
}

impl Asked {
    /// The question about a world.
    pub(super) fn of(load: &Load, serials: &Serials, question: &Question) -> Result<Self, Problem> {
        let serial = |item: u32| serials.of(item);
        Ok(match question {
            Question::Window => Self::Window(load.window()),
            Question::Listed(items) => {
                let derive = |item: &u32| {
                    let id = load.identifier(*item, &serial);
                    trace::identifier(&id).map(|identifier| Derived::of_thing(&identifier))
                };
                Self::Listed(items.iter().map(derive).collect::<Result<_, _>>()?)
            }
        })
    }

    fn seed(&self, app: &App, conn: &mut Conn) -> Result<Seed, Problem> {
        Ok(match self {
            Self::Window(window) => Seed::Place {
                place: BaseRow::hashed(BlockKind::Place, window.place.clone()).block,
                window: evaluate::Window {
                    from: Some(window.from),
                    until: Some(last_instant(window)),
                },
                guard: 0,
            },
            Self::Listed(derived) => {
                let mut units = Units::new();
                let found = dictionary(app).find(conn, derived)?;
                for address in found.into_iter().flatten() {
                    let members = units.entry(address.block).or_default();
                    members.insert(address.member);
                }
                Seed::Units {
                    units,
                    window: evaluate::Window::default(),
                }
            }
        })
    }
}

/// Finds everything that is affected, and where it is at `at`.
pub(super) fn scope(
    app: &App,
    conn: &mut Conn,
    asked: &Asked,
    at: Timestamp,
) -> Result<Scope, Problem> {
    let started = Instant::now();
    conn.snapshot(|conn| {
        let (position, _) = NamedPosition::now(conn)?;
        let seed = asked.seed(app, conn)?;
        let mut source = StoreSource::new(conn, position.clone())?;
        let mut evaluation = Evaluation::new(&mut source);
        // A stamp of this world is all of an event's time.
        let rules = Rules {
            starts: Starts::Stamped,
            ..Rules::default()
        };
        let reach = evaluation.reach(Direction::Forward, &[seed], &rules)?;
        let reaching = started.elapsed();
        let whereabouts = evaluation.whereabouts(&reach.unit_sets(), at)?;
        let placing = started.elapsed().saturating_sub(reaching);
        drop(evaluation);
        let blocks = named_blocks(whereabouts.standings.iter());
        let names = Names::read(source.conn(), dictionary(app), &blocks, &position)?;
        let holdings = names.holdings(&whereabouts.standings);
        let mut of_holding = vec![0_u64; holdings.list.len()];
        for (_, group) in whereabouts.groups() {
            let holding = holdings.of_standing[group.standing as usize];
            of_holding[holding as usize] += u64::from(group.members.len());
        }
        let mut counts = Counts::new();
        for (holding, count) in holdings.list.iter().zip(of_holding) {
            if count != 0 {
                *counts.entry(holding.clone()).or_default() += count;
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
    pub(super) fn answer(
        &self,
        app: &App,
        conn: &mut Conn,
        serials: &Serials,
    ) -> Result<Answer, Problem> {
        let mut answer = Answer::default();
        for blocks in self.whereabouts.blocks.chunks(BLOCKS_A_SPELLING) {
            let mut wanted = Units::new();
            for of in blocks {
                for group in &of.groups {
                    group.members.add_to(wanted.entry(of.block).or_default());
                }
            }
            let speller = match serials {
                Serials::Foreign => dictionary(app).speller(conn, &wanted)?,
                Serials::Issued(_) => Speller::default(),
            };
            for of in blocks {
                let item = |member: u16| match serials {
                    Serials::Issued(_) => {
                        let block = ComputedBlock::from_block(of.block)?;
                        serials.issued(block.gtin(), block.item(member)?)
                    }
                    Serials::Foreign => {
                        let block = of.block;
                        let id = speller.spell(Address { block, member }).ok()??;
                        foreign_item(&id)
                    }
                };
                for group in &of.groups {
                    let members = group.members.to_set();
                    let items: Option<Vec<u32>> = members.iter().map(item).collect();
                    let items = items.ok_or_else(|| {
                        broken(format!("block {:?} has an item nobody made", of.block))
                    })?;
                    let holding = self.holdings.of(group.standing);
                    let holding = holding.ok_or_else(|| broken("a group without a standing"))?;
                    answer.add(holding.clone(), items);
                }
            }
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

/// What a recall over the question is opened with.
pub(super) fn request(load: &Load, serials: &Serials, question: &Question) -> Request {
    let serial = |item: u32| serials.of(item);
    let window = load.window();
    let mut request = Request {
        hazard: Some(window.hazard.clone()),
        policies: RequestedPolicies {
            starts: Some("stamped".to_owned()),
            ..RequestedPolicies::default()
        },
        ..Request::default()
    };
    match question {
        Question::Window => request.places.push(RequestedPlace {
            place: window.place.clone(),
            from: window.from.to_string(),
            until: last_instant(&window).to_string(),
            guard: None,
        }),
        Question::Listed(items) => {
            let ids = items.iter().map(|item| load.identifier(*item, &serial));
            request.units.extend(ids);
        }
    }
    request
}

/// The scope with reasons, witness paths and the digest over the identifiers. Tells how many units and how
/// long it took.
pub(super) fn assess(
    app: &App,
    conn: &mut Conn,
    request: &Request,
) -> Result<(u64, Duration), Problem> {
    let (assessment, time) = timed(|| {
        conn.snapshot(|conn| {
            let position = NamedPosition::now(conn)?;
            recall::assess(conn, dictionary(app), request.definition()?, position)
        })
    })?;
    Ok((assessment.scope.summary.unit_count, time))
}

/// Opens a recall: assesses, freezes and commits.
pub(super) fn open(app: &App, request: &Request) -> Result<Duration, Problem> {
    let new = NewRecall {
        request,
        reason: "a benchmark",
        position: None,
        dry_run: false,
    };
    let caller = Context::operator(Some("load-maker"));
    let (_, time) = timed(|| app::open_recall(app, &caller, &new))?;
    Ok(time)
}

/// A scenario's window ends before its end, a scope's with it.
fn last_instant(window: &Window) -> Timestamp {
    Timestamp::from_micros(window.until.micros() - 1)
}
