//! Why something is in the scope in effect that the newest version does not find any more, or was until its removal
//! was released: how it was found, what took that away, and who released it.

use std::collections::BTreeSet;

use super::difference::Change;
use super::evidence::{Asked, Behind, Moments, Sight, explain, unseen};
use super::saying::{Saying, Step};
use super::store::{self, Case};
use super::store_versions::Version;
use super::view::MoveView;
use super::words::{self, Language};
use super::{Error, store_scopes, store_versions};
use crate::codes::{Address, Derived, Dictionary, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::trace::evaluate::{Certainty, Units};
use crate::trace::{self, EventKey};

/// Something that a version keeps, or that one proposed to remove until that was released.
#[derive(Debug)]
pub(super) struct KeptWhy {
    /// Whether it is in the scope that was asked about.
    pub(super) is_in: bool,
    pub(super) certainty: Certainty,
    /// The version that proposes to remove it.
    pub(super) proposed_in: i32,
    /// When that was frozen.
    pub(super) proposed_at: Timestamp,
    /// The order that released it.
    pub(super) released: Option<MoveView>,
    /// Why that does not find it, and the events that had led to it.
    pub(super) steps: Vec<Step>,
}

/// Why a thing is kept, by a version as it was frozen or by the scope in effect, or is not any more; none when its
/// removal was never proposed, or it was found again.
pub(super) fn kept(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    case: &Case,
    version: Option<i32>,
    text: &str,
    language: Language,
) -> Result<Option<KeptWhy>, Error> {
    let derived = Derived::of_thing(&trace::identifier(text)?);
    let Some(thing) = dictionary.find(conn, &[derived])?.pop().flatten() else {
        return Ok(None);
    };
    let number = version.unwrap_or(case.version);
    let asked = store_versions::version(conn, &case.id, number)?;
    let Some((row, release)) = proposal(conn, case, &asked, thing)? else {
        return Ok(None);
    };
    let is_in = release.is_none_or(|seq| version.is_some() && asked.seq < seq);
    let released = match release {
        Some(seq) => {
            let mut moves = store::moves(conn, &case.id)?.into_iter();
            let made = moves.find(|made| made.seq == seq);
            made.map(MoveView::try_from).transpose()?
        }
        None => None,
    };
    let proposed_in = row.proposed_in;
    let before = store_versions::version(conn, &case.id, proposed_in - 1)?;
    let after = store_versions::version(conn, &case.id, proposed_in)?;
    let moments = Moments {
        old: before.position.numbered(conn)?,
        frozen_at: store_versions::frozen_at(conn, &case.id, before.seq)?,
        new: after.position.numbered(conn)?,
    };
    let (mut units, mut lots) = (Units::new(), BTreeSet::new());
    if thing.block.is_quantified() {
        lots.insert(thing.block);
    } else {
        units.insert(thing.block, MemberSet::one(thing.member));
    }
    let mut places = Vec::new();
    for position in [&moments.old, &moments.new] {
        let sight = Sight::at(conn, position, &units, &lots)?;
        let mut events = sight.events_of_lot(thing.block);
        events.extend(sight.events_of(thing.block).get(&thing.member));
        places.push(events);
    }
    let mut now = places.pop().unwrap_or_default();
    now.extend(unseen(conn, &moments, &units)?.values());
    let asked = Asked {
        change: Change::ProposedRemoval,
        old: Behind {
            path: row.path.iter().copied().collect(),
            place: places.pop().unwrap_or_default(),
        },
        new: Behind {
            path: BTreeSet::new(),
            place: now,
        },
    };
    let findings = explain(conn, &moments, &[asked])?;
    let mut said = Saying {
        conn,
        dictionary,
        position: &moments.new,
        language,
        named: &[],
    };
    let mut steps = Vec::new();
    for finding in findings {
        let has_event = finding.event.is_some();
        let words = words::not_found(proposed_in, finding.why, has_event, language);
        steps.push(match finding.event {
            Some(event) => said.event_step(event, words)?,
            None => Step::said(words),
        });
    }
    for event in &row.path {
        steps.push(said.event_step(*event, words::had_led(proposed_in, language))?);
    }
    Ok(Some(KeptWhy {
        is_in,
        certainty: row.certainty,
        proposed_in,
        proposed_at: store_versions::frozen_at(conn, &case.id, after.seq)?,
        released,
        steps,
    }))
}

/// The newest proposal to remove a thing that a version knows of, with the order that released it. A version keeps
/// what nobody has released before it; of what was, the version that proposed it tells.
fn proposal(
    conn: &mut Conn,
    case: &Case,
    asked: &Version,
    thing: Address,
) -> Result<Option<(Row, Option<i64>)>, Error> {
    let releases = store_versions::releases(conn, &case.id)?;
    if let Some(row) = row(conn, &case.id, asked.number, thing)? {
        let release = releases.get(&row.proposed_in).copied();
        return Ok(Some((row, release)));
    }
    if is_found(conn, asked, thing)? {
        return Ok(None);
    }
    for (proposed_in, seq) in releases.into_iter().rev() {
        if asked.number < proposed_in {
            continue;
        }
        let row = row(conn, &case.id, proposed_in, thing)?;
        if let Some(row) = row.filter(|row| row.proposed_in == proposed_in) {
            return Ok(Some((row, Some(seq))));
        }
    }
    Ok(None)
}

/// Whether a version finds a thing.
fn is_found(conn: &mut Conn, version: &Version, thing: Address) -> Result<bool, Error> {
    if thing.block.is_quantified() {
        let lots = store_scopes::lots_from(conn, &version.scope, thing.block, 1)?;
        return Ok(lots.iter().any(|(lot, _)| lot.lot == thing.block));
    }
    let blocks = store_scopes::blocks_from(conn, &version.scope, thing.block, 1)?;
    let mut cells = blocks
        .iter()
        .filter(|block| block.block == thing.block)
        .flat_map(|block| &block.cells);
    Ok(cells.any(|cell| cell.members.contains(thing.member)))
}

/// What a version keeps of a thing.
struct Row {
    certainty: Certainty,
    proposed_in: i32,
    path: Vec<EventKey>,
}

fn row(conn: &mut Conn, recall: &str, version: i32, thing: Address) -> Result<Option<Row>, Error> {
    let Some(compared) = store_versions::compared(conn, recall, version)? else {
        return Ok(None);
    };
    if thing.block.is_quantified() {
        let lots = store_scopes::lots_from(conn, &compared.kept, thing.block, 1)?;
        let lot = lots.into_iter().find(|(lot, _)| lot.lot == thing.block);
        return Ok(lot.and_then(|(lot, proposed_in)| {
            Some(Row {
                certainty: lot.certainty,
                proposed_in: proposed_in?,
                path: lot.path,
            })
        }));
    }
    let blocks = store_scopes::blocks_from(conn, &compared.kept, thing.block, 1)?;
    let block = blocks.into_iter().find(|block| block.block == thing.block);
    Ok(block.and_then(|block| {
        let mut cells = block.cells.iter();
        let cell = cells.find(|cell| cell.members.contains(thing.member))?;
        let group = compared.groups.get(cell.group as usize)?;
        let path = block.paths.get(cell.path as usize);
        Some(Row {
            certainty: cell.certainty,
            proposed_in: group.version,
            path: path.cloned().unwrap_or_default(),
        })
    }))
}
