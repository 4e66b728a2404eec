//! Back and forward: what was reached, the events that tell of it, the gaps on the way.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::place::PartView;
use super::{END, Quantity, certainty_word, event_ids};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::along::{Along, Whither, along_of};
use crate::trace::dark::{DarkEdge, Evidence, dark_edges, history_blocks};
use crate::trace::evaluate::{
    Balances, Certainty, Direction, Evaluation, LotOwners, Reach, ReachedStock, Rules, Window,
};
use crate::trace::holding::{Fate, Names, named_blocks};
use crate::trace::position::NamedPosition;
use crate::trace::shares::{Reached, Shares, account_blocks, shares};
use crate::trace::store::StoreSource;
use crate::trace::subject::{Wanted, subject};
use crate::trace::{Error, EventKey};

/// What is asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TraceQuery)]
pub struct Asked {
    /// `back` or `forward`.
    pub direction: &'static str,
    /// The canonical identifier.
    pub id: String,
    /// Nothing earlier counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Nothing later counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A trace back or forward.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Trace)]
pub struct Traced {
    /// The question.
    pub query: Asked,
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// Whether no gap in the records was met.
    pub complete: bool,
    /// What was reached: units, lots, processes.
    pub nodes: Vec<Node>,
    /// The ids of the events that tell of it, in order.
    pub events: Vec<String>,
    /// Gaps in the records.
    pub dark_edges: Vec<DarkEdge>,
}

/// One thing that was reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TraceNode)]
pub struct Node {
    /// Its identifier.
    pub id: String,
    /// `unit`, `lot` or `process`.
    pub kind: &'static str,
    /// How certain it is.
    pub certainty: &'static str,
    /// How much of it, for lots.
    pub quantity: Option<Quantity>,
    /// Where it is, if at one place.
    pub place: Option<String>,
    /// Who has it, if one.
    pub holder: Option<String>,
    /// What has become of it.
    pub status: Option<Fate>,
    /// The events that lead to it from the subject.
    pub path: Vec<String>,
}

/// Traces an identifier back or forward at a position. Call inside a snapshot.
pub fn trace(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    direction: Direction,
    text: &str,
    window: Window,
    (position, named): (Position, NamedPosition),
) -> Result<Traced, Error> {
    check_window(&window)?;
    let mut source = StoreSource::new(conn, position.clone())?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
    let mut evaluation = Evaluation::new(&mut source);
    let limit = match direction {
        Direction::Forward => window.until,
        Direction::Backward => window.from,
    };
    let rules = Rules {
        limit,
        ..Rules::default()
    };
    // Nothing later counts: not for where things are either.
    let at = match direction {
        Direction::Forward => window.until.unwrap_or(END),
        Direction::Backward => END,
    };
    let counts = |time: Timestamp| match direction {
        Direction::Forward => time <= at,
        Direction::Backward => window.from.is_none_or(|from| from <= time),
    };
    let reach = evaluation.reach(direction, &subject.seeds(window), &rules)?;
    let mut history = evaluation.history(&reach)?;
    if direction == Direction::Backward {
        history = evaluation.with_gone_along(history, subject.address, window.from)?;
    }
    let standings = evaluation.whereabouts(&reach.unit_sets(), at)?;
    let lots = reach.lots();
    let gone = along_of(&mut evaluation, &standings, &lots, at)?;
    let balances = evaluation.balances(&lots, at)?;
    let gone_to = gone.iter().flat_map(|gone| gone.accounts.values().copied());
    let lot_owners = evaluation.lot_owners(&gone_to.collect(), at)?;
    let stock = by_lot(&reach);
    let shares: BTreeMap<Block, Shares> = stock
        .keys()
        .map(|lot| {
            let balances = balances.get(lot).map_or(&[][..], Vec::as_slice);
            (*lot, shares(&reach, *lot, balances))
        })
        .collect();
    let accounts = balances.values().flatten().flat_map(Balances::named);
    let along_accounts = gone.iter().flat_map(|gone| gone.accounts.keys());
    let (mut blocks, containers) = account_blocks(accounts.chain(along_accounts));
    blocks.extend(lot_owners.values().flat_map(LotOwners::all));
    let inside = evaluation.whereabouts(&containers, at)?;
    let mut histories = evaluation.unit_gaps(&reach)?;
    histories.retain(|gap| counts(gap.time));
    blocks.extend(named_blocks(standings.standings.iter()));
    blocks.extend(named_blocks(inside.standings.iter()));
    let mut blanks = evaluation.blanks(&reach, &balances, &inside)?;
    blanks.retain(|blank| counts(blank.time));
    blocks.extend(history_blocks(&histories, &blanks));

    let paths = Paths::read(source.conn(), &reach, &history.events)?;
    let mut things: BTreeSet<Address> = lone_addresses(reach.lots());
    things.extend(lone_addresses(
        reach.processes.iter().map(|reached| reached.process),
    ));
    for group in &reach.units {
        things.extend(group.members.iter().map(|member| Address {
            block: group.block,
            member,
        }));
    }
    let ids = dictionary.spell(source.conn(), &things)?;
    let names = Names::read(source.conn(), dictionary, &blocks, &position)?;
    // What no event names, a lot of issued codes alone, has no entry in the dictionary; it was asked for by name.
    let spelled = |block: Block, member| {
        let thing = Address { block, member };
        let known = ids.get(&thing).filter(|id| !id.is_empty());
        let asked = || (thing == subject.address).then(|| subject.id.clone());
        known.cloned().or_else(asked).unwrap_or_default()
    };

    let evidence = Evidence {
        reach: &reach,
        standings: &standings,
        balances: &balances,
        containers: &inside,
        histories: &histories,
        blanks: &blanks,
        names: &names,
    };
    let dark_edges = dark_edges(source.conn(), dictionary, &evidence)?;
    let whither = Whither {
        names: &names,
        containers: &inside,
        lot_owners: &lot_owners,
    };
    let mut nodes = Vec::new();
    for group in &reach.units {
        let path = paths.path(&reach, group.cause);
        for member in group.members.iter() {
            let unit = Address {
                block: group.block,
                member,
            };
            let standing = standings.of(unit);
            let mut holding = standing.map(|standing| names.holding(&standing.answer));
            if let Some(along) = said_of(&gone, unit) {
                holding = holding.map(|seen| whither.gone(along, seen).0);
            }
            nodes.push(Node {
                id: spelled(group.block, member),
                kind: "unit",
                certainty: certainty_word(group.certainty),
                quantity: None,
                place: holding.as_ref().and_then(|held| held.place.clone()),
                holder: holding.as_ref().map(|held| held.holder.clone()),
                status: holding.map(|held| held.status),
                path: path.clone(),
            });
        }
    }
    for (lot, stock) in &stock {
        // Items that could be among it are known to be elsewhere.
        let is_nowhere = shares
            .get(lot)
            .is_some_and(|shares| shares.parts.is_empty());
        if is_nowhere && reach.entries.is_by_items(*lot) {
            continue;
        }
        let Some(first) = stock
            .iter()
            .min_by_key(|stock| (stock.certainty, stock.time))
        else {
            continue;
        };
        let parts: Vec<PartView> = shares
            .get(lot)
            .into_iter()
            .flat_map(|shares| &shares.parts)
            .map(|share| PartView {
                quantity: Quantity::of(share),
                holding: names.account(&share.account, |unit| {
                    inside.of(unit).map(|standing| standing.answer)
                }),
            })
            .collect();
        let one = match parts.as_slice() {
            [part] => Some(part.holding.clone()),
            _ => None,
        };
        nodes.push(Node {
            id: spelled(*lot, 0),
            kind: "lot",
            certainty: certainty_word(first.certainty),
            quantity: shares.get(lot).and_then(reached),
            place: one.as_ref().and_then(|held| held.place.clone()),
            holder: one.as_ref().map(|held| held.holder.clone()),
            status: one.map(|held| held.status),
            path: paths.path(&reach, first.cause),
        });
    }
    for process in &reach.processes {
        nodes.push(Node {
            id: spelled(process.process, 0),
            kind: "process",
            certainty: certainty_word(process.certainty),
            quantity: None,
            place: None,
            holder: None,
            status: None,
            path: paths.path(&reach, process.cause),
        });
    }
    nodes.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    let is_assumed = nodes
        .iter()
        .any(|node| node.certainty == certainty_word(Certainty::Assumed));
    Ok(Traced {
        query: Asked {
            direction: match direction {
                Direction::Forward => "forward",
                Direction::Backward => "back",
            },
            id: subject.id.clone(),
            from: window.from.map(|time| time.to_string()),
            until: window.until.map(|time| time.to_string()),
        },
        position: named,
        complete: !dark_edges.iter().any(DarkEdge::is_missing) && !is_assumed,
        nodes,
        events: paths.ids(&history.events),
        dark_edges,
    })
}

/// A window must not end before it starts.
pub(in crate::trace) fn check_window(window: &Window) -> Result<(), Error> {
    match (window.from, window.until) {
        (Some(from), Some(until)) if until < from => Err(Error::Window {
            from: from.to_string(),
            until: until.to_string(),
        }),
        _ => Ok(()),
    }
}

/// The reached stock of each lot.
pub(crate) fn by_lot(reach: &Reach) -> BTreeMap<Block, Vec<&ReachedStock>> {
    let mut stock: BTreeMap<Block, Vec<&ReachedStock>> = BTreeMap::new();
    for reached in &reach.stock {
        stock.entry(reached.lot).or_default().push(reached);
    }
    stock
}

/// How much was reached, when it is of one unit of measure.
fn reached(shares: &Shares) -> Option<Quantity> {
    match shares.reached.as_slice() {
        [Reached { uom, bounds }] => Some(match bounds {
            Some(bounds) => Quantity::between(*bounds, uom.as_deref()),
            None => Quantity {
                lo: None,
                hi: None,
                uom: uom.clone(),
            },
        }),
        _ => None,
    }
}

/// What is said of where a unit can have gone along; `gone` stands by block.
fn said_of(gone: &[Along], unit: Address) -> Option<&Along> {
    let first = gone.partition_point(|along| along.block < unit.block);
    let mut of_block = gone[first..]
        .iter()
        .take_while(|along| along.block == unit.block);
    of_block.find(|along| along.members.contains(unit.member))
}

fn lone_addresses(blocks: impl IntoIterator<Item = Block>) -> BTreeSet<Address> {
    blocks
        .into_iter()
        .map(|block| Address { block, member: 0 })
        .collect()
}

/// The ids of the events of an answer.
struct Paths(BTreeMap<EventKey, String>);

impl Paths {
    fn read(conn: &mut Conn, reach: &Reach, history: &[EventKey]) -> Result<Self, Error> {
        let mut keys: BTreeSet<EventKey> = history.iter().copied().collect();
        let causes = reach.units.iter().map(|units| units.cause);
        let causes = causes.chain(reach.stock.iter().map(|stock| stock.cause));
        let causes = causes.chain(reach.processes.iter().map(|process| process.cause));
        for cause in causes.collect::<BTreeSet<_>>() {
            keys.extend(reach.causes.path(cause));
        }
        event_ids(conn, &keys).map(Self)
    }

    fn ids(&self, keys: &[EventKey]) -> Vec<String> {
        keys.iter()
            .filter_map(|key| self.0.get(key).cloned())
            .collect()
    }

    fn path(&self, reach: &Reach, cause: u32) -> Vec<String> {
        self.ids(&reach.causes.path(cause))
    }
}
