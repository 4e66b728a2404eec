//! The listing of a scope, a page at a time: lots first, then units, each with where it is, who has
//! it and why it is affected. Identifiers are written out only here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::Error;
use super::assumed::Ruling;
use super::digest::members;
use super::frozen::{Frozen, FrozenLot};
use super::scope::{Group, ScopeBlock};
use super::store;
use super::store_versions;
use crate::codes::{Address, BLOCK_SIZE, Block, Dictionary};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::parties;
use crate::trace::{EventKey, Fate, Holding, Quantity, certainty_word, event_ids};

/// Blocks read at a time, when it is not known yet how full they are.
const BLOCKS_AT_FIRST: i64 = 4;

/// Blocks read at a time, at most.
const BLOCKS_AT_ONCE: i64 = 256;

/// Listed units that fill a page: no block is begun beyond.
const UNITS_A_PAGE: u64 = 16_384;

/// Blocks that fill a page, however few units in them are listed.
const BLOCKS_A_PAGE: usize = 1_024;

/// Lots read for one page.
const LOTS_A_PAGE: i64 = 256;

/// Refuses who can be no holder. Whoever has nothing in a scope is one all the same; what is no organisation, no URI,
/// and no word that stands for a holder is a slip of the pen.
pub fn check_holder(conn: &mut Conn, holder: &str) -> Result<(), Error> {
    let is_known = Fate::is_holder(holder) || holder.contains(':');
    if is_known || parties::organisation(conn, holder)?.is_some() {
        return Ok(());
    }
    let detail = format!("\"{holder}\" has nothing in this recall and is no organisation");
    Err(Error::field("holder", detail))
}

/// A line of the listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallUnit)]
pub struct UnitLine {
    /// The identifier.
    pub id: String,
    /// How certain it is that it is affected.
    pub certainty: &'static str,
    /// How much, for parts of lots.
    pub quantity: Option<Quantity>,
    /// Where it is.
    pub place: Option<String>,
    /// How certain that is: `asserted` where an event tells of it there; `inferred` where what it is in is there, or
    /// the stock it went with. None where nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_certainty: Option<&'static str>,
    /// The container it is in, for parts of lots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// Who has it or is to get it.
    pub holder: String,
    /// What has become of it.
    pub status: Fate,
    /// The events that lead to it from the scope's start.
    pub path: Vec<String>,
    /// Who sent it, when it is in transit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Where it left, when it is in transit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The party whose property it is, as far as events name owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Where else it can be: what contradicts place and holder, and where the stock of its lot went among which it lay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Holding>,
    /// The version does not find it any more; it is affected until somebody releases it, and stands as it was
    /// found last.
    pub proposed_removal: bool,
    /// A person left it out: it is affected only across a gap in the records, and the recall leaves that out. Not
    /// told of a version as it was frozen.
    pub left_out: bool,
}

/// An answer that contradicts another, in one line: `holder at place, status, sent by sender from place`.
pub fn answer_text(held: &Holding) -> String {
    let mut text = held.holder.clone();
    if let Some(place) = &held.place {
        text.push_str(&format!(" at {place}"));
    }
    text.push_str(&format!(", {}", held.status.as_str()));
    if let Some(sender) = &held.sender {
        text.push_str(&format!(", sent by {sender}"));
    }
    if let Some(from) = &held.from {
        text.push_str(&format!(" from {from}"));
    }
    text
}

/// What of a scope is listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnitQuery<'a> {
    /// A version as it was frozen; the scope in effect unless given.
    pub version: Option<i32>,
    /// Only what this holder has, is to get, has sent or may have.
    pub holder: Option<&'a str>,
    /// Where everything was at this time; as of the version's position unless given.
    pub at: Option<Timestamp>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPage {
    /// The lines.
    pub lines: Vec<UnitLine>,
    /// Where the next page begins; none after the last. A page may be empty and not the last.
    pub next: Option<Cursor>,
}

/// Where a page begins, and in which edition of the scope: one that is changed between two pages has no
/// next page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    start: Start,
    edition: Edition,
}

/// The newest version, and how many releases there were; nothing of it matters for a frozen version.
type Edition = (i32, usize);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, releases) = self.edition;
        write!(f, "{}.{version}.{releases}", self.start)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.split('.');
        let start = parts.next().unwrap_or_default().parse()?;
        match (parts.next(), parts.next(), parts.next()) {
            (Some(version), Some(releases), None) => Ok(Self {
                start,
                edition: (
                    version.parse().map_err(|_no_number| no_cursor())?,
                    releases.parse().map_err(|_no_number| no_cursor())?,
                ),
            }),
            _ => Err(no_cursor()),
        }
    }
}

fn no_cursor() -> Error {
    Error::field("nextPageToken", "is not one that a page before gave")
}

/// Where a page begins: at a lot, or at a block of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) is_units: bool,
    pub(super) block: Block,
}

impl Start {
    pub(super) const FIRST: Self = Self {
        is_units: false,
        block: Block([0; 16]),
    };
    pub(super) const UNITS: Self = Self {
        is_units: true,
        block: Block([0; 16]),
    };

    /// Just after a block.
    fn after(is_units: bool, block: Block) -> Self {
        let next = u128::from_be_bytes(block.0).saturating_add(1);
        Self {
            is_units,
            block: Block(next.to_be_bytes()),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_units { 'u' } else { 'l' };
        write!(f, "{kind}{:032x}", u128::from_be_bytes(self.block.0))
    }
}

impl FromStr for Start {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = no_cursor;
        let digits = text
            .get(1..)
            .filter(|digits| digits.len() == 32)
            .ok_or_else(refuse)?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let block = u128::from_str_radix(digits, 16)
            .ok()
            .filter(|_| is_hex)
            .ok_or_else(refuse)?;
        let is_units = match text.as_bytes().first() {
            Some(b'l') => false,
            Some(b'u') => true,
            _ => return Err(refuse()),
        };
        Ok(Self {
            is_units,
            block: Block(block.to_be_bytes()),
        })
    }
}

/// A page of the listing of a recall's scope in effect, or of a version as it was frozen.
pub fn units(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    query: UnitQuery<'_>,
) -> Result<UnitPage, Error> {
    let case = store::case(conn, recall)?;
    let number = query.version.unwrap_or(case.version);
    let ruling = case.assumed.filter(|_| query.version.is_none());
    let version = store_versions::version(conn, recall, number)?;
    let compared = store_versions::compared(conn, recall, number)?;
    let mut version = Frozen::stored(version, compared);
    let mut edition = (number, 0);
    if query.version.is_none() {
        let released = store_versions::releases(conn, recall)?;
        edition.1 = released.len();
        version = version.without(released.into_keys().collect());
    }
    Listing::new(version, edition, ruling).page(conn, dictionary, query)
}

/// A version to be listed.
#[derive(Debug)]
pub(super) struct Listing<'s> {
    version: Frozen<'s>,
    edition: Edition,
    /// What a person said becomes of what is assumed.
    ruling: Option<Ruling>,
}

impl<'s> Listing<'s> {
    pub(super) const fn new(version: Frozen<'s>, edition: Edition, ruling: Option<Ruling>) -> Self {
        Self {
            version,
            edition,
            ruling,
        }
    }

    pub(super) fn page(
        &self,
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
        query: UnitQuery<'_>,
    ) -> Result<UnitPage, Error> {
        let Self {
            version,
            edition,
            ruling,
        } = self;
        let told = (version, *ruling);
        if query.after.is_some_and(|after| after.edition != *edition) {
            let detail = "the scope was changed since the first page; begin again";
            return Err(Error::field("nextPageToken", detail));
        }
        let cursor = |start| Cursor {
            start,
            edition: *edition,
        };
        let listed: Vec<bool> = version
            .groups
            .iter()
            .map(|group| query.holder.is_none_or(|holder| group.is_with(holder)))
            .collect();
        let from = query.after.map_or(Start::FIRST, |after| after.start);
        if from.is_units {
            let blocks = blocks_of_page(conn, version, &listed, from.block)?;
            let next = blocks.last().map(|last| Start::after(true, last.block));
            let lines = unit_lines(conn, dictionary, told, &listed, &blocks)?;
            let next = next.map(cursor);
            return Ok(UnitPage { lines, next });
        }
        let lots = version.lots_from(conn, from.block, LOTS_A_PAGE)?;
        let next = lots
            .last()
            .map_or(Start::UNITS, |last| Start::after(false, last.lot.lot));
        let is_everything = query.holder.is_none();
        let lines = lot_lines(conn, told, &listed, &lots, is_everything)?;
        Ok(UnitPage {
            lines,
            next: Some(cursor(next)),
        })
    }
}

fn lot_lines(
    conn: &mut Conn,
    (version, ruling): (&Frozen<'_>, Option<Ruling>),
    listed: &[bool],
    lots: &[FrozenLot],
    is_everything: bool,
) -> Result<Vec<UnitLine>, Error> {
    let keys = lots
        .iter()
        .flat_map(|lot| {
            let parts = lot.lot.parts.iter().flat_map(|part| &part.path);
            lot.lot.path.iter().chain(parts).copied()
        })
        .collect();
    let ids = event_ids(conn, &keys)?;
    let mut lines = Vec::new();
    for FrozenLot { lot, proposed, .. } in lots.iter().filter(|lot| !lot.is_released) {
        let proposed_removal = proposed.is_some();
        if lot.parts.is_empty() && is_everything {
            lines.push(UnitLine {
                id: lot.id.clone(),
                certainty: certainty_word(lot.certainty),
                quantity: None,
                place: None,
                place_certainty: None,
                inside: None,
                holder: crate::trace::NOBODY.to_owned(),
                status: Fate::Unknown,
                path: path(&ids, &lot.path),
                sender: None,
                from: None,
                owner: None,
                others: Vec::new(),
                proposed_removal,
                left_out: Ruling::leaves_out(ruling, lot.certainty),
            });
        }
        for part in &lot.parts {
            let Some(group) = group(version, listed, part.group) else {
                continue;
            };
            let quantity = Some(part.quantity.clone());
            let word = certainty_word(part.certainty);
            let path = path(&ids, &part.path);
            let line = line(lot.id.clone(), word, quantity, group, path);
            lines.push(UnitLine {
                proposed_removal,
                left_out: Ruling::leaves_out(ruling, part.certainty),
                inside: part.inside.clone(),
                ..line
            });
        }
    }
    Ok(lines)
}

/// The blocks of a page, with what is listed of them: as many as fill it, so that things that lie far apart
/// come many blocks at a time.
fn blocks_of_page(
    conn: &mut Conn,
    version: &Frozen<'_>,
    listed: &[bool],
    mut from: Block,
) -> Result<Vec<ScopeBlock>, Error> {
    let is_listed = |group: u32| listed.get(group as usize).copied().unwrap_or(false);
    let (mut page, mut units, mut count) = (Vec::new(), 0_u64, BLOCKS_AT_FIRST);
    loop {
        let mut blocks = version.blocks_from(conn, from, count)?;
        let last = blocks.last().map(|block| block.block);
        let is_end = (blocks.len() as u64) < count.unsigned_abs();
        for block in &mut blocks {
            block.cells.retain(|cell| is_listed(cell.group));
            let here = block.cells.iter().map(|cell| u64::from(cell.members.len()));
            units += here.sum::<u64>();
        }
        page.append(&mut blocks);
        let Some(last) = last.filter(|_| !is_end) else {
            return Ok(page);
        };
        if UNITS_A_PAGE <= units || BLOCKS_A_PAGE <= page.len() {
            return Ok(page);
        }
        from = Start::after(true, last).block;
        // As many more as the page has room for, if the next are as full as those.
        let room = (UNITS_A_PAGE - units) * page.len() as u64 / units.max(1);
        count = i64::try_from(room)
            .unwrap_or(BLOCKS_AT_ONCE)
            .clamp(1, BLOCKS_AT_ONCE);
    }
}

fn unit_lines(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    (version, ruling): (&Frozen<'_>, Option<Ruling>),
    listed: &[bool],
    blocks: &[ScopeBlock],
) -> Result<Vec<UnitLine>, Error> {
    let speller = dictionary.speller(conn, &members(blocks))?;
    let mut keys: BTreeSet<EventKey> = BTreeSet::new();
    for block in blocks {
        for cell in &block.cells {
            keys.extend(block.paths.get(cell.path as usize).into_iter().flatten());
        }
    }
    let ids = event_ids(conn, &keys)?;
    let mut lines = Vec::new();
    for block in blocks {
        let paths: Vec<Vec<String>> = block.paths.iter().map(|keys| path(&ids, keys)).collect();
        let mut cell_of = vec![None; BLOCK_SIZE as usize];
        for cell in &block.cells {
            for member in cell.members.iter() {
                cell_of[usize::from(member)] = Some(cell);
            }
        }
        for (member, cell) in (0_u16..).zip(cell_of) {
            let Some(cell) = cell else { continue };
            let Some(group) = group(version, listed, cell.group) else {
                continue;
            };
            let unit = Address {
                block: block.block,
                member,
            };
            let id = speller.spell(unit)?.unwrap_or_default();
            let path = paths.get(cell.path as usize).cloned().unwrap_or_default();
            let line = line(id, certainty_word(cell.certainty), None, group, path);
            lines.push(UnitLine {
                proposed_removal: version.proposed_in(cell.group).is_some(),
                left_out: Ruling::leaves_out(ruling, cell.certainty),
                ..line
            });
        }
    }
    Ok(lines)
}

fn group<'v>(version: &'v Frozen<'_>, listed: &[bool], number: u32) -> Option<&'v Group> {
    let number = number as usize;
    version
        .groups
        .get(number)
        .filter(|_| listed.get(number).copied().unwrap_or(false))
}

fn path(ids: &BTreeMap<EventKey, String>, keys: &[EventKey]) -> Vec<String> {
    keys.iter()
        .filter_map(|key| ids.get(key).cloned())
        .collect()
}

fn line(
    id: String,
    certainty: &'static str,
    quantity: Option<Quantity>,
    group: &Group,
    path: Vec<String>,
) -> UnitLine {
    let held = &group.holding;
    UnitLine {
        id,
        certainty,
        quantity,
        place: held.place.clone(),
        place_certainty: group.place_certainty(),
        inside: None,
        holder: held.holder.clone(),
        status: held.status,
        path,
        sender: held.sender.clone(),
        from: held.from.clone(),
        owner: held.owner.clone(),
        others: group.alternatives().cloned().collect(),
        proposed_removal: false,
        left_out: false,
    }
}
