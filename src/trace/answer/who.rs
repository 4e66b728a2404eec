//! Who had something, who owned it, who answers for what was done to it.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::place::where_is;
use super::{END, event_ids};
use crate::codes::{Block, Dictionary};
use crate::db::Conn;
use crate::ledger::Position;
use crate::trace::evaluate::{Evaluation, Part};
use crate::trace::holding::{Names, status_blocks};
use crate::trace::store::StoreSource;
use crate::trace::subject::{Wanted, subject};
use crate::trace::{Error, EventKey};

/// Who had something and who answers for it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Responsibility)]
pub struct WhoView {
    /// Its identifier.
    pub id: String,
    /// Who has it, as [`where_is`] tells it.
    pub custody: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Who answers for what, event by event.
    pub responsible: Vec<ResponsibleView>,
    /// Where custody, ownership or place changed.
    pub hops: Vec<HopView>,
}

/// An organisation's part in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Responsible)]
pub struct ResponsibleView {
    /// The party the event names, else the organisation that answers for the place; where neither is
    /// known, the one the event was recorded for.
    pub org: String,
    /// Its part.
    pub role: &'static str,
    /// The event.
    pub event: String,
    /// The organisation the event was recorded for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
}

/// A change of custody, ownership or place.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Hop)]
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

/// Who had an identifier and who answers for it. Call inside a snapshot.
pub fn who(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    text: &str,
    position: &Position,
) -> Result<WhoView, Error> {
    let now = where_is(conn, dictionary, text, END, position)?;
    let mut source = StoreSource::new(conn, position.clone())?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
    let who = Evaluation::new(&mut source).who(subject.address, END)?;
    let mut blocks: BTreeSet<Block> = who.owner.into_iter().collect();
    let mut keys = BTreeSet::new();
    for hop in &who.hops {
        blocks.extend([hop.place, hop.party, hop.owner].into_iter().flatten());
        blocks.extend(status_blocks(&hop.status));
        keys.insert(hop.event);
    }
    for acting in &who.responsible {
        let named = [acting.party, acting.place, acting.recorded_by];
        blocks.extend(named.into_iter().flatten());
        keys.insert(acting.event);
    }
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let ids = event_ids(source.conn(), &keys)?;
    let name = |block: Option<Block>| names.text(block?).map(str::to_owned);
    let event = |key: EventKey| ids.get(&key).cloned().unwrap_or_default();
    let mut responsible: Vec<ResponsibleView> = Vec::new();
    for acting in &who.responsible {
        let recorded_by = name(acting.recorded_by);
        let of_place = acting.place.and_then(|place| names.org_of(place));
        let org = name(acting.party).or_else(|| of_place.map(str::to_owned));
        let Some(org) = org.or_else(|| recorded_by.clone()) else {
            continue;
        };
        let view = ResponsibleView {
            org,
            role: role_word(acting.part),
            event: event(acting.event),
            recorded_by,
        };
        if responsible.last() != Some(&view) {
            responsible.push(view);
        }
    }
    Ok(WhoView {
        id: subject.id,
        custody: now.holder,
        owner: name(who.owner),
        responsible,
        hops: who
            .hops
            .iter()
            .map(|hop| HopView {
                at: hop.time.to_string(),
                place: name(hop.place),
                custody: Some(names.held_by(hop.status, hop.party)),
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
