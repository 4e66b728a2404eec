//! The quality of the records: what in them contradicts itself, is missing, or cannot be true. Everything
//! is read as of one position; voided events are no part of it. A finding accuses nobody: it says what does
//! not fit, and whom to ask.

mod containers;
mod finding;
mod kind;
mod lots;
mod sites;
mod store;
mod tell;
mod travel;
mod units;
mod walk;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluate::Window;
use super::store::StoreSource;
use super::subject::{Subject, Wanted, place_blocks, place_identifier, subject};
use super::{Error, NamedPosition, Until, site};
use crate::codes::{Block, Dictionary};
use crate::db::Conn;
use crate::ledger::{Position, control_size};
use crate::parties;

pub use finding::{Finding, THINGS_NAMED_MAX};
pub use kind::{Kind, Sentence};
use tell::Told;
use walk::{Step, Walk};

/// What to look at; everything when nothing is named.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// A product: its items, its lots, and itself as a class.
    pub gtin: Option<String>,
    /// A lot with its items.
    pub lot: Option<String>,
    /// Only what concerns this place or one inside it.
    pub place: Option<String>,
    /// Only what happened in this window.
    pub window: Window,
    /// Only these kinds; all when there are none.
    pub kinds: Vec<Kind>,
    /// Name every thing of a finding, not the first twenty alone.
    pub all: bool,
    /// Only what concerns this organisation: its products, its places, what was recorded for it.
    pub org: Option<String>,
}

/// What counts as too fast, too late, overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Nothing travels faster, in kilometres an hour.
    pub speed_kmh: u32,
    /// Nearer than this, in kilometres, anything may be: coordinates and clocks are rough.
    pub floor_km: u32,
    /// What was shipped this many days before the newest recording and has not arrived is overdue.
    pub overdue_days: u32,
    /// An event recorded more than this many days after it happened is late.
    pub late_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            speed_kmh: 900,
            floor_km: 50,
            overdue_days: 30,
            late_days: 30,
        }
    }
}

/// How many findings there are of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FindingCount)]
pub struct Count {
    /// The kind.
    pub kind: Kind,
    /// How many findings.
    pub findings: u64,
    /// How many things they are about.
    pub things: u64,
}

/// The report: counts first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = QualityReport)]
pub struct Report {
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// How many findings there are.
    pub total: u64,
    /// By kind; kinds without findings are left out.
    pub counts: Vec<Count>,
}

/// A place in the list of findings, after one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    step: Step,
    /// How many findings of the step come before it.
    passed: usize,
}

impl Mark {
    /// As text, for pages.
    pub fn to_text(self) -> String {
        match self.step {
            Step::Block(block) => format!("b:{block:?}:{}", self.passed),
            Step::Events((shard, seq)) => format!("e:{shard}:{seq}:{}", self.passed),
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (step, passed) = match parts.as_slice() {
            ["b", hex, passed] => (Step::Block(block_of(hex)?), passed),
            ["e", shard, seq, passed] => (
                Step::Events((shard.parse().ok()?, seq.parse().ok()?)),
                passed,
            ),
            _ => return None,
        };
        let passed = passed.parse().ok()?;
        Some(Self { step, passed })
    }
}

fn block_of(hex: &str) -> Option<Block> {
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    let mut id = [0; 16];
    for (byte, digits) in id.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(Block(id))
}

/// How many findings there are of each kind. Call inside a snapshot.
pub fn count(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    ((position, named), until): ((Position, NamedPosition), Until),
    look: &Look,
    settings: Settings,
) -> Result<Report, Error> {
    let mut counts: BTreeMap<Kind, (u64, u64)> = BTreeMap::new();
    let mut add = |finding: Finding, _| -> Result<bool, Error> {
        let (findings, things) = counts.entry(finding.kind).or_default();
        *findings += 1;
        *things += finding.count;
        Ok(true)
    };
    let at = (&position, until);
    each(conn, dictionary, at, look, settings, None, &mut add)?;
    Ok(Report {
        position: named,
        total: counts.values().map(|(findings, _)| findings).sum(),
        counts: counts
            .into_iter()
            .map(|(kind, (findings, things))| Count {
                kind,
                findings,
                things,
            })
            .collect(),
    })
}

/// Hands over the findings after a mark, each with its own mark, until `take` says false. The same position
/// gives the same findings in the same order. Call inside a snapshot.
pub fn each<E: From<Error>>(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    (position, until): (&Position, Until),
    look: &Look,
    settings: Settings,
    after: Option<Mark>,
    take: &mut dyn FnMut(Finding, Mark) -> Result<bool, E>,
) -> Result<(), E> {
    let mut source = StoreSource::new(conn, position.clone()).map_err(Error::from)?;
    let place = match &look.place {
        Some(place) => Some(known_place(&mut source, dictionary, place)?),
        None => None,
    };
    let wanted = wanted(&mut source, dictionary, look).map_err(|error| error.until(until))?;
    let mut walk = Walk::new(source, dictionary, settings, wanted)?;
    let from = after.map(|mark| mark.step);
    walk.run(from, &mut |source, step, mut raws| {
        raws.retain(|raw| {
            let kind = look.kinds.is_empty() || look.kinds.contains(&raw.kind);
            let after = look.window.from.is_none_or(|from| from <= raw.at);
            kind && after && look.window.until.is_none_or(|until| raw.at <= until)
        });
        raws.sort_by(|a, b| (a.kind, &a.events, a.at).cmp(&(b.kind, &b.events, b.at)));
        let mut told = tell::tell(source.conn(), dictionary, position, (raws, look.all))?;
        told.retain(|told| place.as_deref().is_none_or(|place| is_at(told, place)));
        if let Some(org) = &look.org {
            retain_own(source.conn(), &mut told, org)?;
        }
        let passed = after.filter(|mark| mark.step == step);
        let skipped = passed.map_or(0, |mark| mark.passed);
        for (number, told) in (1..).zip(told).skip(skipped) {
            let mark = Mark {
                step,
                passed: number,
            };
            if !take(told.finding, mark)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// The canonical identifier of a place that is registered or named by an event.
fn known_place(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    text: &str,
) -> Result<String, Error> {
    let identifier = place_identifier(text)?;
    let understood = identifier.canonical().into_owned();
    if !place_blocks(source.conn(), dictionary, &identifier)?.is_empty() {
        return Ok(understood);
    }
    let position = source.position().clone();
    let size = control_size(source.conn(), &position)?;
    let ids = [understood.clone()];
    if parties::places_before(source.conn(), &ids, size)?.is_empty() {
        return Err(Error::UnknownPlace {
            text: text.to_owned(),
            understood,
        });
    }
    Ok(understood)
}

fn wanted(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    look: &Look,
) -> Result<Option<walk::Wanted>, Error> {
    let text = match (&look.lot, &look.gtin) {
        (Some(lot), _) => lot.clone(),
        (None, Some(gtin)) if gtin.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("(01){gtin:0>14}")
        }
        (None, Some(gtin)) => gtin.clone(),
        (None, None) => return Ok(None),
    };
    let Subject {
        address,
        items,
        lots,
        ..
    } = subject(source, dictionary, &text, Wanted::Lot)?;
    let mut lots: std::collections::BTreeSet<Block> = lots.into_iter().collect();
    lots.insert(address.block);
    Ok(Some(walk::Wanted { units: items, lots }))
}

fn is_at(told: &Told, place: &str) -> bool {
    let mut places = told.finding.places.iter();
    places.any(|known| known == place || site(known) == Some(place))
}

/// Leaves what concerns an organisation: its products, its places, what was recorded for it.
fn retain_own(conn: &mut Conn, told: &mut Vec<Told>, org: &str) -> Result<(), Error> {
    let gtins: std::collections::BTreeSet<String> =
        told.iter().filter_map(|told| told.gtin.clone()).collect();
    let gtins: Vec<String> = gtins.into_iter().collect();
    let products = parties::products(conn, &gtins)?;
    told.retain(|told| {
        let product = told.gtin.as_ref().and_then(|gtin| products.get(gtin));
        let is_own = product.is_some_and(|product| product.org == org);
        is_own || told.orgs.contains(org)
    });
    Ok(())
}
