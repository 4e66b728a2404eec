//! Gaps in the records of what was reached, and whom to ask for the missing record: the last known holder
//! and the one it was going to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluate::{
    Account, Balances, Blank, BlankKind, Bounds, Gap, GapKind, Reach, Spot, Status, UnitGap,
    Whereabouts,
};
use super::holding::{Fate, Holding, NOBODY, Names, site};
use super::shares::lying;
use super::{Error, Quantity};
use crate::codes::{Address, Block, Dictionary, Members};
use crate::db::Conn;

/// What kind of gap.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DarkKind {
    /// It left and never arrived.
    NotReceived,
    /// It arrived and never left.
    NotShipped,
    /// It is missing in one place and left over in another: nobody recorded that it moved.
    NotRecorded,
    /// It is at a place that no registered organisation answers for.
    Outside,
    /// It turned up, and nothing says where it came from.
    NoOrigin,
    /// A process, and nothing says what went into it.
    NoInputs,
    /// A process, and nothing says what came out of it.
    NoOutputs,
    /// A container that was emptied after it was exposed, and nothing says what was in it.
    NoContents,
}

impl DarkKind {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReceived => "not_received",
            Self::NotShipped => "not_shipped",
            Self::NotRecorded => "not_recorded",
            Self::Outside => "outside",
            Self::NoOrigin => "no_origin",
            Self::NoInputs => "no_inputs",
            Self::NoOutputs => "no_outputs",
            Self::NoContents => "no_contents",
        }
    }
}

/// A gap in the records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct DarkEdge {
    /// `not_received`: left and never arrived. `not_shipped`: arrived and never left. `not_recorded`: missing
    /// at one place and left over at another. `outside`: with somebody who is not registered. `no_origin`: turned
    /// up from nowhere; in a recall, where affected stock is on the books or went into work that nothing came out
    /// of. `no_inputs`, `no_outputs`: a process that nothing went into, or came out of. `no_contents`: an exposed
    /// container that was emptied later and that nothing was in.
    pub kind: DarkKind,
    /// What; of several units, the first.
    pub id: String,
    /// From where.
    pub from: Option<String>,
    /// To where.
    pub to: Option<String>,
    /// How much, for lots.
    pub quantity: Option<Quantity>,
    /// How many units; none for lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Of several units, those after the first, up to nineteen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// Whom to ask for the missing record, sorted: the last known holder and the named destination.
    #[serde(default)]
    pub ask: Vec<String>,
}

impl DarkEdge {
    /// Whether a record is missing; what is outside is on record.
    pub fn is_missing(&self) -> bool {
        self.kind != DarkKind::Outside
    }
}

/// What gaps are read from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What was reached.
    pub reach: &'a Reach,
    /// Where the reached units are.
    pub standings: &'a Whereabouts,
    /// How much of each reached lot is where.
    pub balances: &'a BTreeMap<Block, Vec<Balances>>,
    /// Where the containers are that the balances name.
    pub containers: &'a Whereabouts,
    /// What is missing in the histories of the reached units, and of the containers that reached things were in.
    pub histories: &'a [UnitGap],
    /// What no record says of what was reached.
    pub blanks: &'a [Blank],
    /// The places and parties that all of these name.
    pub names: &'a Names,
}

/// One end of a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    place: Option<String>,
    holder: Option<String>,
    /// Who an event names, besides who answers for the place.
    named: Option<String>,
}

impl End {
    fn of(holding: Holding) -> Self {
        let known = matches!(holding.status, Fate::Held | Fate::InTransit);
        Self {
            place: holding.place,
            holder: Some(holding.holder).filter(|holder| known && holder != NOBODY),
            named: None,
        }
    }

    /// At a place, and of a party.
    fn at(names: &Names, place: Option<Block>, party: Option<Block>) -> Self {
        let end = Self::of(names.holding_at(place, party));
        let named = party.and_then(|party| names.party(party));
        Self {
            named: named.filter(|named| Some(named) != end.holder.as_ref()),
            ..end
        }
    }
}

/// What tells edges of units apart.
type Key = (DarkKind, End, End);

/// Units that an edge of several names.
const NAMED_MAX: usize = 20;

/// The units of an edge: how many, and the first of them.
#[derive(Debug, Default)]
struct Several {
    count: u64,
    first: BTreeSet<Address>,
}

impl Several {
    fn add(&mut self, block: Block, members: &Members) {
        self.count += u64::from(members.len());
        let named = members.iter().take(NAMED_MAX);
        self.first
            .extend(named.map(|member| Address { block, member }));
        while NAMED_MAX < self.first.len() {
            self.first.pop_last();
        }
    }
}

/// Every gap, sorted. Units that share kind, origin and destination are one edge.
pub fn dark_edges(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    evidence: &Evidence<'_>,
) -> Result<Vec<DarkEdge>, Error> {
    let mut units: BTreeMap<Key, Several> = BTreeMap::new();
    let standings: Vec<Vec<Key>> = evidence
        .standings
        .standings
        .iter()
        .map(|standing| {
            unit_keys(
                evidence.names,
                &standing.answer.status,
                standing.answer.party,
            )
        })
        .collect();
    for (block, group) in evidence.standings.groups() {
        for key in standings.get(group.standing as usize).into_iter().flatten() {
            let several = units.entry(key.clone()).or_default();
            several.add(block, &group.members);
        }
    }
    let end_with = |place, party| End::at(evidence.names, place, party);
    let end = |place| end_with(place, None);
    let mut wholes: Vec<(Key, Address)> = Vec::new();
    for gap in evidence.histories {
        let (from, to) = (end_with(gap.from, gap.sender), end(gap.to));
        if are_one_site(&from, &to) {
            continue;
        }
        let key = (kind(gap.kind), from, to);
        let several = units.entry(key).or_default();
        several.add(gap.block, &Members::from(gap.members.clone()));
    }
    for blank in evidence.blanks {
        let kind = match blank.kind {
            BlankKind::NoOrigin => DarkKind::NoOrigin,
            BlankKind::NoInputs => DarkKind::NoInputs,
            BlankKind::NoOutputs => DarkKind::NoOutputs,
            BlankKind::NoContents => DarkKind::NoContents,
        };
        let key = (kind, end(blank.from), end(blank.to));
        let members = Members::from(blank.members.clone());
        if blank.block.is_quantified() || kind != DarkKind::NoOrigin {
            // Each is asked for by its name.
            wholes.extend(members.iter().map(|member| {
                let thing = Address {
                    block: blank.block,
                    member,
                };
                (key.clone(), thing)
            }));
        } else {
            let several = units.entry(key).or_default();
            several.add(blank.block, &members);
        }
    }
    let mut lots: Vec<(Key, Block, Quantity)> = Vec::new();
    for lot in evidence.reach.lots() {
        for balances in evidence.balances.get(&lot).into_iter().flatten() {
            let uom = balances.uom.as_deref();
            for (key, bounds) in lot_keys(evidence, lot, balances) {
                lots.push((key, lot, Quantity::between(bounds, uom)));
            }
            for key in unmeasured_keys(evidence, lot, balances) {
                lots.push((key, lot, Quantity::unknown(uom)));
            }
        }
    }
    let things = units
        .values()
        .flat_map(|several| several.first.iter().copied());
    let lone = lots.iter().map(|(_, lot, _)| Address {
        block: *lot,
        member: 0,
    });
    let whole = wholes.iter().map(|(_, thing)| *thing);
    let ids = dictionary.spell(conn, &things.chain(lone).chain(whole).collect())?;
    let id = |thing: &Address| ids.get(thing).cloned().unwrap_or_default();
    let mut edges: Vec<DarkEdge> = Vec::new();
    for (key, several) in units {
        let mut ids = several.first.iter().map(id);
        let first = ids.next().unwrap_or_default();
        edges.push(DarkEdge {
            count: Some(several.count),
            more: ids.collect(),
            ..edge(key, first, None)
        });
    }
    for (key, lot, quantity) in lots {
        let thing = Address {
            block: lot,
            member: 0,
        };
        edges.push(edge(key, id(&thing), Some(quantity)));
    }
    for (key, thing) in wholes {
        edges.push(edge(key, id(&thing), None));
    }
    edges.sort();
    edges.dedup();
    Ok(edges)
}

fn edge((kind, from, to): Key, id: String, quantity: Option<Quantity>) -> DarkEdge {
    let ask = [from.holder, from.named, to.holder, to.named];
    let ask: BTreeSet<String> = ask.into_iter().flatten().collect();
    DarkEdge {
        kind,
        id,
        from: from.place,
        to: to.place,
        quantity,
        count: None,
        more: Vec::new(),
        ask: ask.into_iter().collect(),
    }
}

/// The gaps that where a unit is, or the stock of a lot, tells of.
fn unit_keys(names: &Names, status: &Status, party: Option<Block>) -> Vec<Key> {
    match *status {
        Status::InTransit { from, to, sender } => {
            // The sender may be no more than who recorded it.
            let left = End::of(names.holding_at(from, sender));
            let towards = match (to, party) {
                (None, None) => End::default(),
                _ => End::at(names, to, party),
            };
            vec![(DarkKind::NotReceived, left, towards)]
        }
        Status::Here(Some(place)) if names.is_outside(place, party) => {
            let to = End::at(names, Some(place), party);
            vec![(DarkKind::Outside, End::default(), to)]
        }
        _ => Vec::new(),
    }
}

/// The gaps that the balances of a lot tell of, as far as they touch what was reached.
fn lot_keys(evidence: &Evidence<'_>, lot: Block, balances: &Balances) -> Vec<(Key, Bounds)> {
    let spots: BTreeSet<Spot> = evidence.reach.lot(lot).map(|stock| stock.spot).collect();
    let touches = |account: &Account| match account {
        Account::Stock { place, .. } => place.is_none_or(|at| spots.contains(&Spot::At(at))),
        Account::Inside(Some(container)) => spots
            .iter()
            .any(|spot| matches!(spot, Spot::In(known, _) if known == container)),
        _ => true,
    };
    let anywhere = spots.contains(&Spot::Unknown);
    let mut found: BTreeMap<Key, Bounds> = BTreeMap::new();
    let begins_here =
        |gap: &Gap| gap.kind == GapKind::NotRecorded && gap.from.is_none() && !balances.began();
    // A party alone does not say where.
    let says_where = |end: &&Account| {
        !matches!(
            end,
            Account::Stock {
                place: None,
                party: Some(_)
            }
        )
    };
    let lying = lying(evidence.reach, lot);
    let reached = |gap: &Gap| {
        let lies = |end: &Account| end.place().is_some_and(|at| lying.contains(&Spot::At(at)));
        let under_way = gap.kind == GapKind::NotReceived;
        let to = gap.to.iter().filter(|to| !(under_way && lies(to)));
        let mut ends = gap.from.iter().chain(to).filter(says_where);
        anywhere || ends.any(touches)
    };
    let told = |gap: &&Gap| !begins_here(gap) && reached(gap);
    for gap in balances.gaps.iter().filter(told) {
        let (from, to) = (end_of(evidence, gap.from), end_of(evidence, gap.to));
        if gap.kind != GapKind::NotReceived && are_one_site(&from, &to) {
            continue;
        }
        let sum = found.entry((kind(gap.kind), from, to)).or_default();
        *sum = sum.plus(gap.amount);
    }
    for (account, part) in &balances.parts {
        if !anywhere && !touches(account) {
            continue;
        }
        let (status, party) = match account {
            Account::Stock { place, party } => (Status::Here(*place), *party),
            // What is inside is where its container is, on its way too.
            Account::Inside(Some(container)) => match evidence.containers.of(*container) {
                Some(standing) => (standing.answer.status, standing.answer.party),
                None => continue,
            },
            _ => continue,
        };
        for key in unit_keys(evidence.names, &status, party) {
            let sum = found.entry(key).or_default();
            *sum = sum.plus(*part);
        }
    }
    found.into_iter().collect()
}

/// What of a reached lot left, nobody says how much, and never arrived.
fn unmeasured_keys(evidence: &Evidence<'_>, lot: Block, balances: &Balances) -> BTreeSet<Key> {
    let spots: BTreeSet<Spot> = evidence.reach.lot(lot).map(|stock| stock.spot).collect();
    let is_reached = |end: &Account| {
        let at = end.place().map_or(Spot::Unknown, Spot::At);
        spots.contains(&at) || spots.contains(&Spot::Unknown)
    };
    let ways = balances.unmet.keys().map(Account::ends);
    let ways = ways.filter(|(from, to)| from.iter().chain(to).any(is_reached));
    ways.map(|(from, to)| {
        let (from, to) = (end_of(evidence, from), end_of(evidence, to));
        (DarkKind::NotReceived, from, to)
    })
    .collect()
}

const fn kind(kind: GapKind) -> DarkKind {
    match kind {
        GapKind::NotReceived => DarkKind::NotReceived,
        GapKind::NotShipped => DarkKind::NotShipped,
        GapKind::NotRecorded => DarkKind::NotRecorded,
    }
}

/// Whether something went from one part of a site to another: nobody else had it meanwhile.
fn are_one_site(from: &End, to: &End) -> bool {
    let name = |end: &End| {
        let place = end.place.as_deref()?;
        Some(site(place).unwrap_or(place).to_owned())
    };
    name(from).is_some_and(|from| Some(from) == name(to))
}

fn end_of(evidence: &Evidence<'_>, account: Option<Account>) -> End {
    let Some(account) = account else {
        return End::default();
    };
    let inside = |unit: Address| {
        let standing = evidence.containers.of(unit);
        standing.map(|standing| standing.answer)
    };
    match account {
        Account::Stock { place, party } => End::at(evidence.names, place, party),
        _ => End::of(evidence.names.account(&account, inside)),
    }
}

/// The places that gaps in histories and blanks name.
pub fn history_blocks(histories: &[UnitGap], blanks: &[Blank]) -> BTreeSet<Block> {
    let places = histories.iter();
    let places = places.flat_map(|gap| [gap.from, gap.to, gap.sender]);
    let of_blanks = blanks.iter().flat_map(|blank| [blank.from, blank.to]);
    places.chain(of_blanks).flatten().collect()
}
