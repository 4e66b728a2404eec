//! Back and forward: what was reached, the events that tell of it, the gaps on the way.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::place::PartView;
use super::{END, Quantity, certainty_word, event_ids};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::ledger::Position;
use crate::trace::evaluate::{
    Account, Amount, Balances, Certainty, Direction, Evaluation, Reach, ReachedStock, Rules, Window,
};
use crate::trace::holding::{Fate, Holding, Names, named_blocks};
use crate::trace::position::NamedPosition;
use crate::trace::shares::{Share, account_blocks, shares};
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

/// A gap in the records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct DarkEdge {
    /// `not_received`: left and never arrived. `not_shipped`: arrived and never left.
    pub kind: &'static str,
    /// What.
    pub id: String,
    /// From where.
    pub from: Option<String>,
    /// To where.
    pub to: Option<String>,
    /// How much, for lots.
    pub quantity: Option<Quantity>,
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
    let reach = evaluation.reach(direction, &subject.seeds(window), &rules)?;
    let history = evaluation.history(&reach)?;
    let standings = evaluation.whereabouts(&reach.unit_sets(), END)?;
    let balances = evaluation.balances(&reach.lots(), END)?;
    let stock = by_lot(&reach);
    let shares: BTreeMap<Block, Vec<Share>> = stock
        .iter()
        .map(|(lot, stock)| {
            (
                *lot,
                shares(stock, balances.get(lot).map_or(&[], Vec::as_slice)),
            )
        })
        .collect();
    let (mut blocks, containers) =
        account_blocks(shares.values().flatten().map(|share| &share.account));
    let inside = evaluation.whereabouts(&containers, END)?;
    blocks.extend(named_blocks(standings.standings.iter()));
    blocks.extend(named_blocks(inside.standings.iter()));

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
    let spelled = |block: Block, member| {
        ids.get(&Address { block, member })
            .cloned()
            .unwrap_or_default()
    };

    let mut nodes = Vec::new();
    let mut dark_edges = Vec::new();
    for group in &reach.units {
        let path = paths.path(&reach, group.cause);
        for member in group.members.iter() {
            let unit = Address {
                block: group.block,
                member,
            };
            let standing = standings.of(unit);
            let holding = standing.map(|standing| names.holding(&standing.answer));
            let id = spelled(group.block, member);
            if let Some(holding) = holding
                .as_ref()
                .filter(|held| held.status == Fate::InTransit)
            {
                dark_edges.push(not_received(&id, holding, None));
            }
            nodes.push(Node {
                id,
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
        let Some(first) = stock
            .iter()
            .min_by_key(|stock| (stock.certainty, stock.time))
        else {
            continue;
        };
        let id = spelled(*lot, 0);
        let parts: Vec<PartView> = shares
            .get(lot)
            .into_iter()
            .flatten()
            .map(|share| PartView {
                quantity: Quantity::of(share),
                holding: names.account(&share.account, |unit| {
                    inside.of(unit).map(|standing| standing.answer)
                }),
            })
            .collect();
        for part in parts
            .iter()
            .filter(|part| part.holding.status == Fate::InTransit)
        {
            dark_edges.push(not_received(
                &id,
                &part.holding,
                Some(part.quantity.clone()),
            ));
        }
        let lot_balances = balances.get(lot).map_or(&[][..], Vec::as_slice);
        dark_edges.extend(not_shipped(&id, lot_balances));
        let one = match parts.as_slice() {
            [part] => Some(part.holding.clone()),
            _ => None,
        };
        nodes.push(Node {
            id,
            kind: "lot",
            certainty: certainty_word(first.certainty),
            quantity: shares.get(lot).and_then(|shares| sum(shares)),
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
    dark_edges.sort();
    let is_assumed = nodes
        .iter()
        .any(|node| node.certainty == certainty_word(Certainty::Assumed));
    Ok(Traced {
        query: Asked {
            direction: match direction {
                Direction::Forward => "forward",
                Direction::Backward => "back",
            },
            id: subject.id,
            from: window.from.map(|time| time.to_string()),
            until: window.until.map(|time| time.to_string()),
        },
        position: named,
        complete: dark_edges.is_empty() && !is_assumed,
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

/// The sum over shares, when they are of one unit of measure.
fn sum(shares: &[Share]) -> Option<Quantity> {
    let first = shares.first()?;
    if shares.iter().any(|share| share.uom != first.uom) {
        return None;
    }
    let mut total = first.clone();
    for share in &shares[1..] {
        total.lo = total.lo.zip(share.lo).map(|(sum, more)| sum.plus(more));
        total.hi = total.hi.zip(share.hi).map(|(sum, more)| sum.plus(more));
    }
    Some(Quantity::of(&total))
}

fn not_received(id: &str, holding: &Holding, quantity: Option<Quantity>) -> DarkEdge {
    DarkEdge {
        kind: "not_received",
        id: id.to_owned(),
        from: holding.from.clone(),
        to: holding.place.clone(),
        quantity,
    }
}

/// What of a lot arrived and never left: booked on nobody.
fn not_shipped(id: &str, balances: &[Balances]) -> Vec<DarkEdge> {
    let mut edges = Vec::new();
    for balances in balances {
        if let Some(amount) = balances.accounts.get(&Account::Unrecorded) {
            let amount = Amount::ZERO.minus(*amount).to_string();
            edges.push(DarkEdge {
                kind: "not_shipped",
                id: id.to_owned(),
                from: None,
                to: None,
                quantity: Some(Quantity {
                    lo: Some(amount.clone()),
                    hi: Some(amount),
                    uom: balances.uom.clone(),
                }),
            });
        }
    }
    edges
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
