//! Who had a unit and who answers for what was done to it, hop by hop, from the events themselves.

use std::collections::BTreeSet;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry, EventType, Role, What};
use crate::trace::EventKey;
use crate::trace::project::{flow_of, owner_after, party_after, place_after, project};
use crate::trace::record::Flow;

use super::epochs::Ended;
use super::{Certainty, GoneAlong, Status};

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

/// Somebody who did something in an event: the party named, else whoever answers for the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Responsible {
    /// The party the event names.
    pub party: Option<Block>,
    /// Where it was done.
    pub place: Option<Block>,
    /// When: the event's earliest time.
    pub time: Timestamp,
    /// What was done.
    pub part: Part,
    /// The event.
    pub event: EventKey,
    /// How certain it is that this was done to the thing: inferred of an event that moved the stock of its lot
    /// among which it lay.
    pub certainty: Certainty,
    /// The organisation the event was recorded for.
    pub recorded_by: Option<Block>,
}

/// An event after which custody, ownership or place is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The event.
    pub event: EventKey,
    /// Its earliest time.
    pub time: Timestamp,
    /// Where it happened.
    pub place: Option<Block>,
    /// What has become of the thing from here on.
    pub status: Status,
    /// Who was named to have it from here on.
    pub party: Option<Block>,
    /// Who owns it from here on.
    pub owner: Option<Block>,
    /// How certain it is that this happened to the thing, as for [`Responsible`].
    pub certainty: Certainty,
}

/// Custody, ownership and responsibility over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Who owned it last, as far as events name owners.
    pub owner: Option<Block>,
    /// Every change, in order.
    pub hops: Vec<Hop>,
    /// Everybody who answers for an event, in order.
    pub responsible: Vec<Responsible>,
}

/// Events that tell of stock among which an item lay, and not of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    inferred: BTreeSet<EventKey>,
    /// Those of them after which it is not where that stock is, as far as anybody can tell.
    open: BTreeSet<EventKey>,
}

impl Told {
    /// Of events by which an item can have gone along, those that do not tell of itself. `has_gone`: it is surely
    /// where the stock is among which it lay last.
    pub(super) fn new(of_itself: &BTreeSet<EventKey>, along: GoneAlong, has_gone: bool) -> Self {
        let others = |events: BTreeSet<EventKey>| events.difference(of_itself).copied().collect();
        let (came, may): (BTreeSet<_>, BTreeSet<_>) = (others(along.came), others(along.may));
        let open = if has_gone {
            BTreeSet::new()
        } else {
            may.clone()
        };
        Self {
            inferred: came.into_iter().chain(may).collect(),
            open,
        }
    }

    /// All of them.
    pub(super) fn inferred(&self) -> &BTreeSet<EventKey> {
        &self.inferred
    }

    fn certainty(&self, event: EventKey) -> Certainty {
        if self.inferred.contains(&event) {
            Certainty::Inferred
        } else {
            Certainty::Asserted
        }
    }
}

/// Reads the events of a unit or lot (in order of evaluation). Where it can have gone along with its lot and may
/// have stayed, nothing changes hands.
pub fn who(entries: &[Entry], subject: Address, told: &Told) -> Who {
    let mut who = Who::default();
    let mut ended = Ended::default();
    for entry in entries {
        if begins_again(&mut ended, entry, subject) {
            who.owner = None;
        }
        let certainty = told.certainty((entry.shard, entry.seq));
        let mut acts = responsible(entry, certainty);
        for act in &mut acts {
            act.place = act.place.or_else(|| shipped_from(&who.responsible, act));
        }
        who.responsible.extend(acts);
        if told.open.contains(&(entry.shard, entry.seq)) {
            continue;
        }
        let owner = owner(entry, subject, who.owner);
        let (status, party) = after(entry, who.hops.last());
        let hop = Hop {
            event: (entry.shard, entry.seq),
            time: entry.t_lo,
            place: entry.happened_at(),
            status,
            party,
            owner,
            certainty,
        };
        who.owner = owner;
        let same = |last: &Hop| {
            let stays = hop.place.is_none() || last.place == hop.place;
            let party = hop.party.is_none() || last.party == hop.party;
            stays && party && last.status == hop.status && last.owner == hop.owner
        };
        if !who.hops.last().is_some_and(same) {
            who.hops.push(hop);
        }
    }
    who
}

/// From where the party shipped it before that a receipt names as its sender.
fn shipped_from(before: &[Responsible], act: &Responsible) -> Option<Block> {
    let is_same = |other: &&Responsible| other.part == act.part && other.party == act.party;
    let is_sender = act.part == Part::Shipper && act.party.is_some();
    let mut shipments = before.iter().rev().filter(is_same);
    shipments.find_map(|other| other.place.filter(|_| is_sender))
}

/// Whether the code of the subject is used again with this event: that is another thing.
fn begins_again(ended: &mut Ended, entry: &Entry, subject: Address) -> bool {
    if subject.block.is_quantified() {
        return false;
    }
    let alone = MemberSet::one(subject.member);
    let records = project(entry).records.into_iter();
    let own = records.filter(|(block, _)| *block == subject.block);
    own.fold(false, |again, (_, record)| {
        ended.again(&record, &alone).is_some() || again
    })
}

/// Who owns the subject after an event. What was sold to a consumer, destroyed or used up has no owner that is known,
/// unless the event names one; of a lot the rest has one still.
fn owner(entry: &Entry, subject: Address, before: Option<Block>) -> Option<Block> {
    let flow = flow_of(entry);
    let named = owner_after(entry, flow);
    if subject.block.is_quantified() {
        return named.or(before);
    }
    let came_out = entry.parts.iter().any(|part| {
        let is_subject = part.block == subject.block
            && matches!(&part.what, What::Members(members) if members.contains(subject.member));
        part.role == Role::Output && is_subject
    });
    match (entry.event_type, flow) {
        (EventType::Transformation, _) if !came_out => None,
        (EventType::Transformation, _) => named.or(before),
        (_, Flow::Sell | Flow::Destroy) => named,
        _ => named.or(before),
    }
}

/// What has become of the participants after an event, and who was named to have them. An event that
/// says neither leaves it as it was.
fn after(entry: &Entry, last: Option<&Hop>) -> (Status, Option<Block>) {
    let flow = flow_of(entry);
    let place = place_after(entry, flow);
    let party = party_after(entry, flow);
    let status = match flow {
        Flow::Ship => Status::InTransit {
            from: entry.from_place.or(entry.happened_at()),
            to: place,
            sender: entry.from_party,
        },
        Flow::Sell => Status::Sold(place),
        Flow::Destroy => Status::Destroyed(place),
        Flow::Stolen => Status::Stolen(place),
        Flow::None | Flow::Receive | Flow::Return | Flow::VoidShip => Status::Here(place),
    };
    match (status, last) {
        (Status::Here(None), Some(last)) => (last.status, party.or(last.party)),
        _ => (status, party),
    }
}

/// Everybody who did something in an event. A shipment and a receipt have two sides; both answer where
/// both are named.
fn responsible(entry: &Entry, certainty: Certainty) -> Vec<Responsible> {
    let answers = |party, place, part| Responsible {
        party,
        place,
        time: entry.t_lo,
        part,
        event: (entry.shard, entry.seq),
        certainty,
        recorded_by: entry.submitter,
    };
    let here = entry.happened_at();
    let part = part(entry);
    let shipper = || answers(entry.from_party, entry.from_place.or(here), Part::Shipper);
    let receiver = || answers(entry.to_party, entry.to_place, Part::Receiver);
    match part {
        Part::Shipper if entry.to_party.is_some() => vec![shipper(), receiver()],
        Part::Shipper => vec![shipper()],
        Part::Receiver => {
            let receiver = answers(entry.to_party, here.or(entry.to_place), Part::Receiver);
            let sender = entry.from_party;
            let shipper = sender.map(|_| answers(sender, entry.from_place, Part::Shipper));
            shipper.into_iter().chain([receiver]).collect()
        }
        _ => vec![answers(None, here, part)],
    }
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
