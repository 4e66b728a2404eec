//! Who had a unit and who answers for what was done to it, hop by hop, from the events themselves.

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::events::{Action, Entry, EventType};
use crate::trace::EventKey;

/// What an organisation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Recorded that it came to be.
    Producer,
    /// Recorded a transformation.
    Processor,
    /// Packed or unpacked it.
    Packer,
    /// Sent it.
    Shipper,
    /// Took it in.
    Receiver,
    /// Sold it.
    Seller,
    /// Took it back.
    ReturnTaker,
    /// Destroyed it.
    Destroyer,
    /// Recorded anything else of it.
    Recorder,
}

/// An organisation and what it did, in one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Responsible {
    /// The organisation.
    pub org: Block,
    /// What it did.
    pub part: Part,
    /// The event.
    pub event: EventKey,
}

/// Where custody or ownership passed, or a place was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The event.
    pub event: EventKey,
    /// Its earliest time.
    pub time: Timestamp,
    /// Where it happened.
    pub place: Option<Block>,
    /// Who has it from here on.
    pub custody: Option<Block>,
    /// Who owns it from here on.
    pub owner: Option<Block>,
}

/// Custody, ownership and responsibility over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Who had it last, as far as events name parties.
    pub custody: Option<Block>,
    /// Who owned it last, as far as events name owners.
    pub owner: Option<Block>,
    /// Every change, in order.
    pub hops: Vec<Hop>,
    /// Everybody who answers for an event, in order.
    pub responsible: Vec<Responsible>,
}

/// Reads the events (in order of evaluation).
pub fn who(entries: &[Entry]) -> Who {
    let mut who = Who::default();
    for entry in entries {
        let event = (entry.shard, entry.seq);
        let custody = entry.to_party.or(who.custody);
        let owner = entry.to_owner.or(who.owner);
        let place = entry.happened_at();
        let last = who.hops.last();
        let moved = last.is_none_or(|last| place.is_some() && last.place != place);
        if moved || custody != who.custody || owner != who.owner {
            who.hops.push(Hop {
                event,
                time: entry.t_lo,
                place,
                custody,
                owner,
            });
        }
        who.custody = custody;
        who.owner = owner;
        let part = part(entry);
        let mut answers = vec![(entry.submitter, part)];
        if part == Part::Shipper || part == Part::Receiver {
            answers.push((entry.from_party, Part::Shipper));
            answers.push((entry.to_party, Part::Receiver));
        }
        let first = who.responsible.len();
        for (org, part) in answers {
            let Some(org) = org else { continue };
            let responsible = Responsible { org, part, event };
            if !who.responsible[first..].contains(&responsible) {
                who.responsible.push(responsible);
            }
        }
    }
    who
}

fn part(entry: &Entry) -> Part {
    match (entry.biz_step.as_deref(), entry.disposition.as_deref()) {
        (_, Some("returned")) => Part::ReturnTaker,
        (Some("shipping" | "departing" | "transporting" | "consigning"), _) => Part::Shipper,
        (Some("receiving" | "arriving" | "accepting"), _) => Part::Receiver,
        (Some("retail_selling" | "dispensing"), _) => Part::Seller,
        (Some("destroying"), _) => Part::Destroyer,
        _ => match (entry.event_type, entry.action) {
            (EventType::Transformation, _) => Part::Processor,
            (EventType::Aggregation | EventType::Association, _) => Part::Packer,
            (EventType::Object, Some(Action::Add)) => Part::Producer,
            (EventType::Object | EventType::Transaction | EventType::Custom, _) => Part::Recorder,
        },
    }
}
