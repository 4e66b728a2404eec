//! Who had something, who owned it, who answers for what was done to it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{END, event_ids};
use crate::codes::{Block, Dictionary};
use crate::db::Conn;
use crate::ledger::Position;
use crate::trace::evaluate::{Evaluation, Part};
use crate::trace::holding::Names;
use crate::trace::store::StoreSource;
use crate::trace::subject::{Wanted, subject};
use crate::trace::{Error, EventKey};

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
