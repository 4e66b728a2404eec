//! Versions as they are shown, and the listing of how two of them differ.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::Error;
use super::assumed::{AssumedView, Ruling};
use super::diff::{DiffLine, Label, Walk, after};
use super::difference::{Changes, Difference, Sides};
use super::evidence::Moments;
use super::extend::{Extension, due};
use super::frozen::Frozen;
use super::gaps::GapChanges;
use super::state::State;
use super::store;
use super::store_versions::{self, Removal, Version};
use super::summary::HolderRow;
use super::units::Start;
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::ledger::ShardName;
use crate::trace::{NamedPosition, Quantity};

/// Blocks compared at a time: up to 16,384 units.
const BLOCKS_AT_ONCE: i64 = 4;

/// How often blocks are read for one page, however few lines they give.
const READS_A_PAGE: usize = 256;

/// Lines that fill a page: no more blocks are read beyond.
const LINES_A_PAGE: usize = 8_192;

/// Lots compared for one page.
const LOTS_A_PAGE: i64 = 256;

/// What an extension came to, or would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallExtension)]
pub struct ExtensionView {
    /// The recall.
    pub recall: String,
    /// The number of the version.
    pub version: i32,
    /// Whether it was recorded; not when it was only tried out.
    pub recorded: bool,
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// Units that it finds.
    pub unit_count: u64,
    /// Units of the scope in effect: those, and the ones whose removal is proposed and not released.
    pub in_effect: u64,
    /// Quantities of lots that it finds.
    pub quantity: Vec<Quantity>,
    /// The digest of what it finds.
    pub digest: String,
    /// How it differs from the version before.
    pub difference: Difference,
    /// The digest of the lines of that difference.
    pub difference_digest: String,
    /// The state of the case, when it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Tasks without an answer, when it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_tasks: Option<usize>,
    /// What of the scope in effect is affected only across a gap in the records, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<AssumedView>,
    /// What becomes of that; none while nobody has said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
}

impl ExtensionView {
    /// An extension that is only tried out, under what is said of what is assumed.
    pub fn of(extension: &Extension, ruling: Option<Ruling>) -> Self {
        let assessment = extension.assessment();
        let summary = &assessment.scope.summary;
        Self {
            recall: extension.recall.clone(),
            version: extension.number(),
            recorded: false,
            position: assessment.position.clone(),
            unit_count: summary.unit_count,
            in_effect: in_effect(summary.unit_count, extension.removals()),
            quantity: summary.quantity.clone(),
            digest: assessment.scope.digest.clone(),
            difference: extension.difference().clone(),
            difference_digest: extension.digest().to_owned(),
            state: None,
            open_tasks: None,
            assumed: extension.assumed().told(),
            ruling: ruling.or(extension.ruling),
        }
    }

    /// The same, recorded.
    pub(super) fn recorded(mut self, state: State, open_tasks: usize) -> Self {
        self.recorded = true;
        self.state = Some(state.as_str());
        self.open_tasks = Some(open_tasks);
        self
    }
}

/// Whether a recall is due to be extended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallWatch)]
pub struct Watch {
    /// Leaves of events recorded since its newest version.
    pub recorded_since: i64,
    /// Orders recorded since: names of lots, places, parties, credentials and whatever else is no event; moves of the
    /// recall itself aside.
    pub orders_since: i64,
    /// Whether an extension would change the scope. None when that was not looked at, because the scope is
    /// large: `recall check` tells.
    pub due: Option<bool>,
    /// How the scope would change, if it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// What was recorded since the newest version of a recall: how many leaves of events and how many orders (the moves
/// of the recall itself aside), and whether anything at all was: orders can change who answers for a place.
pub fn recorded_since(conn: &mut Conn, recall: &str) -> Result<Since, Error> {
    let case = store::case(conn, recall)?;
    let seen = store_versions::version(conn, recall, case.version)?.position;
    let (_, now) = NamedPosition::now(conn)?;
    let control = ShardName::control().to_string();
    let grown = |name: &String, size: i64| size - seen.0.get(name).map_or(0, |mark| mark.size);
    let shards = now.0.iter().filter(|(name, _)| **name != control);
    let events = shards.map(|(name, mark)| grown(name, mark.size)).sum();
    let seen_orders = seen.0.get(&control).map_or(0, |mark| mark.size);
    let orders = now.0.get(&control).map_or(0, |mark| mark.size) - seen_orders;
    let moves = store::moves(conn, recall)?;
    let moves = moves.iter().filter(|made| seen_orders <= made.seq).count();
    Ok(Since {
        events,
        orders: orders - i64::try_from(moves).unwrap_or(i64::MAX),
        is_grown: now != seen,
    })
}

/// What was recorded since a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// Leaves of events.
    pub events: i64,
    /// Orders that are no moves of the recall.
    pub orders: i64,
    /// Whether anything at all was.
    pub is_grown: bool,
}

/// What a release came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallRelease)]
pub struct ReleaseView {
    /// The recall.
    pub recall: String,
    /// The versions whose proposals were approved.
    pub versions: Vec<i32>,
    /// Units that are out.
    pub unit_count: u64,
    /// Lots that are out.
    pub lot_count: u64,
    /// The state of the case.
    pub state: &'static str,
    /// Tasks without an answer.
    pub open_tasks: usize,
}

/// What one version proposes to remove and nobody has released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallRemoval)]
pub struct RemovalView {
    /// The version that proposes it.
    pub version: i32,
    /// Units; a holder sees how many it holds.
    pub unit_count: u64,
    /// Lots; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_count: Option<u64>,
    /// Quantities of lots.
    pub quantity: Vec<Quantity>,
    /// By holder and place, as they were last found.
    pub holders: Vec<HolderRow>,
}

impl From<Removal> for RemovalView {
    fn from(removal: Removal) -> Self {
        Self {
            version: removal.version,
            unit_count: removal.summary.unit_count,
            lot_count: Some(removal.summary.lot_count),
            quantity: removal.summary.quantity,
            holders: removal.summary.holders,
        }
    }
}

/// Units that a version found, and those that are kept beside it.
pub(super) fn in_effect(found: u64, removals: &[Removal]) -> u64 {
    let kept = removals.iter().map(|removal| removal.summary.unit_count);
    found + kept.sum::<u64>()
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallVersion)]
pub struct VersionLine {
    /// The version.
    pub version: i32,
    /// When it was frozen.
    pub at: String,
    /// Who gave the order.
    pub by: String,
    /// For whom.
    #[serde(rename = "as")]
    pub org: Option<String>,
    /// Why.
    pub reason: String,
    /// Its leaf in `control/0`.
    pub seq: i64,
    /// Units that it found; a holder sees how many it has to answer for.
    pub unit_count: u64,
    /// The digest of what it found.
    pub digest: String,
    /// Units by what became of them since the version before; none for the first, and for holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Changes>,
    /// Lots by what became of them since the version before; none for the first, and for holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lots: Option<Changes>,
    /// Gaps in the records by what became of them since the version before; none for the first, and for holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaps: Option<GapChanges>,
    /// Whether what it proposed to remove was released; none when it proposed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<bool>,
}

/// The versions of a recall, oldest first; with a holder, only what concerns it.
pub fn versions(
    conn: &mut Conn,
    recall: &str,
    holder: Option<&str>,
) -> Result<Vec<VersionLine>, Error> {
    let case = store::case(conn, recall)?;
    let moves = store::moves(conn, recall)?;
    let releases = store_versions::releases(conn, recall)?;
    let mut lines = Vec::new();
    for number in 1..=case.version {
        let version = store_versions::version(conn, recall, number)?;
        let compared = store_versions::compared(conn, recall, number)?;
        let made = moves.iter().find(|row| row.seq == version.seq);
        let made = made.ok_or_else(|| Error::corrupt("recall_moves", &version.seq))?;
        let difference = compared.map(|compared| compared.summary);
        let proposes = difference.as_ref().is_some_and(|difference| {
            0 < difference.units.proposed_removal + difference.lots.proposed_removal
        });
        let told = difference.filter(|_| holder.is_none());
        let of_holder = holder.map(|holder| {
            let due = version.summary.due_under(case.assumed).iter();
            let due = due.filter(|due| due.holder == holder);
            due.map(|due| due.unit_count).sum()
        });
        lines.push(VersionLine {
            version: number,
            at: crate::epcis::Timestamp::from_micros(made.given_at).to_string(),
            by: made.given_by.clone(),
            org: made.org.clone(),
            reason: made.reason.clone(),
            seq: version.seq,
            unit_count: of_holder.unwrap_or(version.summary.unit_count),
            digest: version.digest,
            units: told.as_ref().map(|difference| difference.units),
            lots: told.as_ref().map(|difference| difference.lots),
            gaps: told.as_ref().map(|difference| difference.gaps),
            released: proposes.then(|| releases.contains_key(&number)),
        });
    }
    Ok(lines)
}

/// Which versions are compared, and which lines of that are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiffQuery<'a> {
    /// The earlier version; the one before the later unless given.
    pub from: Option<i32>,
    /// The later version; the newest unless given.
    pub to: Option<i32>,
    /// Only what this holder had or has.
    pub holder: Option<&'a str>,
    /// Where the page before ended.
    pub after: Option<DiffCursor>,
    /// Lines of a page at most; whole blocks unless given.
    pub limit: Option<usize>,
}

/// How two versions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallDiff)]
pub struct DiffView {
    /// The recall.
    pub recall: String,
    /// The earlier version.
    pub from: i32,
    /// The later version.
    pub to: i32,
    /// The digest of the lines; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The counts; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffPage {
    /// The lines.
    pub lines: Vec<DiffLine>,
    /// Where the next page begins; none after the last. A page may be empty and not the last.
    pub next: Option<DiffCursor>,
}

/// Where a page of a difference begins: at a lot or block, after some of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffCursor {
    at: Start,
    skip: usize,
}

impl fmt::Display for DiffCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.skip)
    }
}

impl FromStr for DiffCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::field("cursor", "is not one that a page before gave");
        let (at, skip) = text.split_once('.').ok_or_else(refuse)?;
        Ok(Self {
            at: at.parse().map_err(|_no_start: Error| refuse())?,
            skip: skip.parse().map_err(|_no_number| refuse())?,
        })
    }
}

/// The two versions of a query.
struct Pair {
    old: Version,
    new: Version,
    /// Whose proposals were released before the later one.
    released: BTreeSet<i32>,
}

fn pair(conn: &mut Conn, recall: &str, query: DiffQuery<'_>) -> Result<Pair, Error> {
    let case = store::case(conn, recall)?;
    let to = query.to.unwrap_or(case.version);
    let new = store_versions::version(conn, recall, to)?;
    let from = query.from.unwrap_or(to - 1);
    if to <= from {
        let detail = format!("version {from} is not earlier than version {to}");
        return Err(Error::field("from", detail));
    }
    if to == 1 {
        let detail = "version 1 is the first: there is none before it to compare it with";
        return Err(Error::field("to", detail));
    }
    let old = store_versions::version(conn, recall, from)?;
    let releases = store_versions::releases(conn, recall)?.into_iter();
    let released = releases.filter(|(_, seq)| *seq < new.seq);
    Ok(Pair {
        old,
        released: released.map(|(version, _)| version).collect(),
        new,
    })
}

/// Calls with the walk over a pair of versions.
fn walking<T>(
    conn: &mut Conn,
    recall: &str,
    pair: Pair,
    walk: impl FnOnce(&mut Conn, &Walk<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let moments = Moments {
        old: pair.old.position.numbered(conn)?,
        frozen_at: store_versions::frozen_at(conn, recall, pair.old.seq)?,
        new: pair.new.position.numbered(conn)?,
    };
    let compared = store_versions::compared(conn, recall, pair.old.number)?;
    let old = Frozen::stored(pair.old, compared);
    let compared = store_versions::compared(conn, recall, pair.new.number)?;
    let new = Frozen::stored(pair.new, compared);
    let sides = Sides::new(&old, &new, pair.released);
    walk(conn, &Walk { sides, moments })
}

/// What the difference of two versions comes to. That of neighbours is frozen; another is counted.
pub fn difference(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    query: DiffQuery<'_>,
) -> Result<DiffView, Error> {
    let pair = pair(conn, recall, query)?;
    let (from, to) = (pair.old.number, pair.new.number);
    let compared = store_versions::compared(conn, recall, to)?;
    let (difference, digest) = match compared.filter(|_| from + 1 == to) {
        Some(compared) => (compared.summary, compared.digest),
        None => counted(conn, dictionary, recall, pair)?,
    };
    Ok(DiffView {
        recall: recall.to_owned(),
        from,
        to,
        digest: Some(digest),
        difference: Some(difference),
    })
}

fn counted(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    pair: Pair,
) -> Result<(Difference, String), Error> {
    let mut dues = Vec::new();
    for (version, is_old) in [(&pair.old, true), (&pair.new, false)] {
        let compared = store_versions::compared(conn, recall, version.number)?;
        let mut removals = compared.map_or_else(Vec::new, |compared| compared.removals);
        removals.retain(|removal| !is_old || !pair.released.contains(&removal.version));
        dues.push(due(&version.summary, &removals, None));
    }
    let [before, now] = [&pair.old, &pair.new].map(|version| &version.summary.dark_edges);
    let gaps = GapChanges::between(before, now);
    let (count, digest) = walking(conn, recall, pair, |conn, walk| {
        walk.count(conn, dictionary)
    })?;
    let now = dues.pop().unwrap_or_default();
    let before = dues.pop().unwrap_or_default();
    Ok((count.finish(gaps, &before, &now), digest))
}

/// A page of the lines in which two versions differ: lots first, then units.
pub fn diff(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    query: DiffQuery<'_>,
) -> Result<DiffPage, Error> {
    let pair = pair(conn, recall, query)?;
    walking(conn, recall, pair, |conn, walk| {
        page(conn, dictionary, walk, query)
    })
}

fn page(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    walk: &Walk<'_>,
    query: DiffQuery<'_>,
) -> Result<DiffPage, Error> {
    let start = DiffCursor {
        at: Start::FIRST,
        skip: 0,
    };
    let from = query.after.unwrap_or(start);
    let mut cut = Cut {
        holder: query.holder,
        limit: query.limit.unwrap_or(usize::MAX),
        from,
        lines: Vec::new(),
    };
    let begin = from.at.block;
    if from.at.is_units {
        let at = |block| Start {
            is_units: true,
            block,
        };
        let mut next = Some(begin);
        for _ in 0..READS_A_PAGE {
            let Some(begin) = next.filter(|_| cut.lines.len() < LINES_A_PAGE) else {
                break;
            };
            let (blocks, last) = walk.blocks(conn, begin, BLOCKS_AT_ONCE)?;
            for block in &blocks {
                let lines = walk.unit_lines(conn, dictionary, std::slice::from_ref(block))?;
                if let Some(next) = cut.take(at(block.old.block), lines) {
                    return Ok(cut.page(Some(next)));
                }
            }
            next = last.and_then(after);
        }
        let next = next.map(|block| DiffCursor {
            at: at(block),
            skip: 0,
        });
        return Ok(cut.page(next));
    }
    let (lots, last) = walk.lots(conn, begin, LOTS_A_PAGE)?;
    for lot in &lots {
        let lines = walk.lot_lines(conn, std::slice::from_ref(lot))?;
        let block = lot.old.as_ref().or(lot.new.as_ref());
        let at = Start {
            is_units: false,
            block: block.map_or(begin, |lot| lot.lot.lot),
        };
        if let Some(next) = cut.take(at, lines) {
            return Ok(cut.page(Some(next)));
        }
    }
    let at = match last.and_then(after) {
        Some(block) => Start {
            is_units: false,
            block,
        },
        None => Start::UNITS,
    };
    Ok(cut.page(Some(DiffCursor { at, skip: 0 })))
}

/// A page being filled.
struct Cut<'q> {
    holder: Option<&'q str>,
    limit: usize,
    from: DiffCursor,
    lines: Vec<DiffLine>,
}

impl Cut<'_> {
    /// Takes the lines of one lot or block; where the page ends among them, says where the next begins.
    fn take(&mut self, at: Start, lines: Vec<DiffLine>) -> Option<DiffCursor> {
        let skip = if at == self.from.at {
            self.from.skip
        } else {
            0
        };
        for (index, line) in lines.into_iter().enumerate().skip(skip) {
            let line = match self.holder {
                None => Some(line),
                Some(holder) => line.seen_by(holder),
            };
            let Some(line) = line else { continue };
            if self.lines.len() == self.limit {
                return Some(DiffCursor { at, skip: index });
            }
            self.lines.push(line);
        }
        None
    }

    fn page(self, next: Option<DiffCursor>) -> DiffPage {
        DiffPage {
            lines: self.lines,
            next,
        }
    }
}

impl Label {
    fn is_with(&self, holder: &str) -> bool {
        let mut all = std::iter::once(&self.holding).chain(&self.others);
        all.any(|held| held.holder == holder || held.sender.as_deref() == Some(holder))
    }
}

impl DiffLine {
    /// The line as a holder may see it: only the side on which it had or has something to do with it.
    fn seen_by(mut self, holder: &str) -> Option<Self> {
        self.was = self.was.filter(|label| label.is_with(holder));
        self.now = self.now.filter(|label| label.is_with(holder));
        (self.was.is_some() || self.now.is_some()).then_some(self)
    }
}
