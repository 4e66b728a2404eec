//! Answers to the four questions of a trace — back, forward, where, who — with identifiers, places and
//! events written out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::evaluate::{
    Account, Balances, Certainty, Direction, Evaluation, Part, Reach, ReachedStock, Rules, Window,
};
use super::holding::{Fate, Holding, Names, named_blocks};
use super::position::NamedPosition;
use super::shares::{Share, account_blocks, shares};
use super::store::StoreSource;
use super::subject::{Subject, Wanted, subject};
use super::{Error, EventKey};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::events;
use crate::ledger::Position;

/// After everything that was recorded.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

/// What is asked.
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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

/// At least and at most how much.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub struct Quantity {
    /// At least; absent when amounts are not known.
    pub lo: Option<String>,
    /// At most.
    pub hi: Option<String>,
    /// UN/CEFACT unit of measure; none for pieces.
    pub uom: Option<String>,
}

/// A gap in the records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// Where something is.
#[derive(Debug, Clone, Serialize)]
pub struct Where {
    /// Its identifier.
    pub id: String,
    /// The time asked about.
    pub at: String,
    /// The place.
    pub place: Option<String>,
    /// Who has it.
    pub holder: Option<String>,
    /// What has become of it.
    pub status: Fate,
    /// The container it is in.
    pub inside: Option<String>,
    /// The containers around it, innermost first.
    pub containers: Vec<String>,
    /// How certain it is.
    pub certainty: &'static str,
    /// The event that decides.
    pub event: Option<String>,
    /// Answers that contradict this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Holding>,
    /// The parts of a lot.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartView>,
}

/// A part of a lot.
#[derive(Debug, Clone, Serialize)]
pub struct PartView {
    /// How much.
    pub quantity: Quantity,
    /// Where and with whom.
    #[serde(flatten)]
    pub holding: Holding,
}

/// Who had something and who answers for it.
#[derive(Debug, Clone, Serialize)]
pub struct WhoView {
    /// Its identifier.
    pub id: String,
    /// Who has it.
    pub custody: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Who answers for what, event by event.
    pub responsible: Vec<ResponsibleView>,
    /// Where custody, ownership or place changed.
    pub hops: Vec<HopView>,
}

/// An organisation's part in an event.
#[derive(Debug, Clone, Serialize)]
pub struct ResponsibleView {
    /// The organisation.
    pub org: String,
    /// Its part.
    pub role: &'static str,
    /// The event.
    pub event: String,
}

/// A change of custody, ownership or place.
#[derive(Debug, Clone, Serialize)]
pub struct HopView {
    /// When.
    pub at: String,
    /// Where.
    pub place: Option<String>,
    /// Who has it from here on.
    pub custody: Option<String>,
    /// Who owns it from here on.
    pub owner: Option<String>,
    /// The event.
    pub event: String,
}

/// The word for a certainty.
pub(crate) const fn certainty_word(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Asserted => "asserted",
        Certainty::Inferred => "inferred",
        Certainty::Policy => "policy",
        Certainty::Assumed => "assumed",
    }
}

impl Quantity {
    /// The bounds of a share.
    pub fn of(share: &Share) -> Self {
        Self {
            lo: share.lo.map(|amount| amount.to_string()),
            hi: share.hi.map(|amount| amount.to_string()),
            uom: share.uom.clone(),
        }
    }
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

/// Where an identifier is at a time. Call inside a snapshot.
pub fn where_is(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    text: &str,
    at: Timestamp,
    position: &Position,
) -> Result<Where, Error> {
    let mut source = StoreSource::new(conn, position.clone())?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
    if subject.address.block.is_quantified() {
        return where_is_lot(source, dictionary, subject, at, position);
    }
    let units = [(
        subject.address.block,
        crate::codes::MemberSet::one(subject.address.member),
    )]
    .into();
    let found = Evaluation::new(&mut source).whereabouts(&units, at)?;
    let chain = found.inside(subject.address);
    let names = Names::read(
        source.conn(),
        dictionary,
        &named_blocks(found.standings.iter()),
        position,
    )?;
    let spelled = dictionary.spell(source.conn(), &chain.iter().copied().collect())?;
    let containers: Vec<String> = chain
        .iter()
        .filter_map(|unit| spelled.get(unit).cloned())
        .collect();
    let Some(standing) = found.of(subject.address) else {
        return Err(Error::NeverSeen {
            text: text.to_owned(),
            understood: subject.id,
        });
    };
    let holding = names.holding(&standing.answer);
    let event = event_ids(source.conn(), &standing.answer.event.into_iter().collect())?;
    Ok(Where {
        id: subject.id,
        at: at.to_string(),
        place: holding.place,
        holder: Some(holding.holder),
        status: holding.status,
        inside: containers.first().cloned(),
        containers,
        certainty: certainty_word(standing.answer.certainty),
        event: event.into_values().next(),
        others: standing
            .others
            .iter()
            .map(|answer| names.holding(answer))
            .collect(),
        parts: Vec::new(),
    })
}

fn where_is_lot(
    mut source: StoreSource<'_>,
    dictionary: Dictionary<'_>,
    subject: Subject,
    at: Timestamp,
    position: &Position,
) -> Result<Where, Error> {
    let lot = subject.address.block;
    let mut evaluation = Evaluation::new(&mut source);
    let balances = evaluation
        .balances(&[lot].into(), at)?
        .remove(&lot)
        .unwrap_or_default();
    let whole: Vec<Share> = balances
        .iter()
        .flat_map(|balances| {
            let parts = balances.accounts.iter();
            let parts = parts.filter(|(account, amount)| account.is_part() && amount.is_positive());
            parts.map(|(account, amount)| Share {
                account: *account,
                uom: balances.uom.clone(),
                lo: Some(*amount),
                hi: Some(*amount),
            })
        })
        .collect();
    let (mut blocks, containers) = account_blocks(whole.iter().map(|share| &share.account));
    let inside = evaluation.whereabouts(&containers, at)?;
    blocks.extend(named_blocks(inside.standings.iter()));
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let parts: Vec<PartView> = whole
        .iter()
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
    Ok(Where {
        id: subject.id,
        at: at.to_string(),
        place: one.as_ref().and_then(|held| held.place.clone()),
        holder: one.as_ref().map(|held| held.holder.clone()),
        status: one.map_or(Fate::Unknown, |held| held.status),
        inside: None,
        containers: Vec::new(),
        certainty: certainty_word(Certainty::Asserted),
        event: None,
        others: Vec::new(),
        parts,
    })
}

/// Who had an identifier and who answers for it. Call inside a snapshot.
pub fn who(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    text: &str,
    position: &Position,
) -> Result<WhoView, Error> {
    let mut source = StoreSource::new(conn, position.clone())?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
    let who = Evaluation::new(&mut source).who(subject.address, END)?;
    let mut blocks: BTreeSet<Block> = [who.custody, who.owner].into_iter().flatten().collect();
    let mut keys = BTreeSet::new();
    for hop in &who.hops {
        blocks.extend([hop.place, hop.custody, hop.owner].into_iter().flatten());
        keys.insert(hop.event);
    }
    for responsible in &who.responsible {
        blocks.insert(responsible.org);
        keys.insert(responsible.event);
    }
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let ids = event_ids(source.conn(), &keys)?;
    let name = |block: Option<Block>| names.text(block?).map(str::to_owned);
    let event = |key: EventKey| ids.get(&key).cloned().unwrap_or_default();
    let last_org = who
        .hops
        .last()
        .and_then(|hop| names.org_of(hop.place?))
        .map(str::to_owned);
    Ok(WhoView {
        id: subject.id,
        custody: name(who.custody).or(last_org),
        owner: name(who.owner),
        responsible: who
            .responsible
            .iter()
            .map(|responsible| ResponsibleView {
                org: name(Some(responsible.org)).unwrap_or_default(),
                role: role_word(responsible.part),
                event: event(responsible.event),
            })
            .collect(),
        hops: who
            .hops
            .iter()
            .map(|hop| HopView {
                at: hop.time.to_string(),
                place: name(hop.place),
                custody: name(hop.custody),
                owner: name(hop.owner),
                event: event(hop.event),
            })
            .collect(),
    })
}

const fn role_word(part: Part) -> &'static str {
    match part {
        Part::Producer => "producer",
        Part::Processor => "processor",
        Part::Packer => "packer",
        Part::Shipper => "shipper",
        Part::Receiver => "receiver",
        Part::Seller => "seller",
        Part::ReturnTaker => "return_taker",
        Part::Destroyer => "destroyer",
        Part::Recorder => "recorder",
    }
}

/// A window must not end before it starts.
fn check_window(window: &Window) -> Result<(), Error> {
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
            let amount = super::evaluate::Amount::ZERO.minus(*amount).to_string();
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

/// The ids of events.
pub(crate) fn event_ids(
    conn: &mut Conn,
    keys: &BTreeSet<EventKey>,
) -> Result<BTreeMap<EventKey, String>, Error> {
    let keys: Vec<EventKey> = keys.iter().copied().collect();
    let found = events::by_keys(conn, &keys)?;
    Ok(found
        .into_iter()
        .map(|entry| ((entry.shard, entry.seq), entry.id))
        .collect())
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
