//! Why something is in the scope in effect that the newest version does not find any more: how it was found, and
//! what took that away.

use std::collections::BTreeSet;

use super::difference::Change;
use super::evidence::{Asked, Behind, Moments, Sight, explain};
use super::saying::{Saying, Step};
use super::store::Case;
use super::words::{self, Language};
use super::{Error, store_scopes, store_versions};
use crate::codes::{Address, Derived, Dictionary, MemberSet};
use crate::db::Conn;
use crate::trace::evaluate::{Certainty, Units};
use crate::trace::{self, EventKey};

/// Something that a version keeps.
#[derive(Debug)]
pub(super) struct KeptWhy {
    pub(super) certainty: Certainty,
    /// The version that proposes to remove it.
    pub(super) proposed_in: i32,
    /// Why that does not find it, and the events that had led to it.
    pub(super) steps: Vec<Step>,
}

/// Why a thing is kept: by a version as it was frozen, or by the scope in effect; none when it is not kept.
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
    let Some(row) = row(conn, &case.id, number, thing)? else {
        return Ok(None);
    };
    let released = store_versions::releases(conn, &case.id)?;
    if version.is_none() && released.contains_key(&row.proposed_in) {
        return Ok(None);
    }
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
    let now = places.pop().unwrap_or_default();
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
        certainty: row.certainty,
        proposed_in,
        steps,
    }))
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
