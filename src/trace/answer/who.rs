//! Who had something, who owned it, who answers for what was done to it.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::place::where_is;
use super::{END, certainty_word, event_ids};
use crate::codes::{Address, Block, Dictionary};
use crate::credentials::{Act, Register, Standing, Things};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::gs1::{Key, Level};
use crate::ledger::{self, Position};
use crate::parties;
use crate::trace::evaluate::{Certainty, Evaluation, Part, Who};
use crate::trace::holding::{Names, status_blocks};
use crate::trace::store::StoreSource;
use crate::trace::subject::{Subject, Wanted, identifier, subject};
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
    /// When it acted: the event's earliest time.
    pub at: String,
    /// Where.
    pub place: Option<String>,
    /// How certain it is that this was done to it: `asserted` of the events that tell of it; `inferred` of those that
    /// moved the stock of its lot among which it lay, so that it can have gone along.
    pub certainty: &'static str,
    /// What it held and who was in charge then.
    #[serde(flatten)]
    pub standing: Standing,
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
    /// How certain it is that this happened to it, as for whoever answers for it.
    pub certainty: &'static str,
}

/// Who had an identifier and who answers for it, with what each held and who was in charge of it then: as of the
/// position, what was recorded later about that time included. Call inside a snapshot.
pub fn who(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    text: &str,
    position: &Position,
) -> Result<WhoView, Error> {
    let now = where_is(conn, dictionary, text, END, position)?;
    let mut source = StoreSource::new(conn, position.clone())?;
    let by_kin = Named::ByKin {
        has_gone: now.has_gone,
    };
    let told = Told::read(&mut source, dictionary, text, by_kin)?;
    let ids = event_ids(source.conn(), &told.events())?;
    let event = |key: EventKey| ids.get(&key).cloned().unwrap_or_default();
    let acts = told.acts();
    let size = ledger::control_size(source.conn(), position)?;
    let things = things(&mut source, dictionary, text, &told.subject, size)?;
    let orgs = acts.iter().flat_map(|act| &act.orgs).cloned().collect();
    let register = Register::read(source.conn(), &orgs, things, size)?;
    let mut responsible: Vec<ResponsibleView> = Vec::new();
    for acting in &acts {
        let Some(org) = acting.orgs.first() else {
            continue;
        };
        let orgs: Vec<&str> = acting.orgs.iter().map(String::as_str).collect();
        let view = ResponsibleView {
            org: org.clone(),
            role: role_word(acting.part),
            event: event(acting.event),
            recorded_by: acting.recorded_by.clone(),
            at: acting.at.to_string(),
            place: acting.place.clone(),
            certainty: certainty_word(acting.certainty),
            standing: register.standing(&Act {
                orgs: &orgs,
                place: acting.place.as_deref(),
                at: acting.at,
            }),
        };
        if responsible.last() != Some(&view) {
            responsible.push(view);
        }
    }
    Ok(WhoView {
        custody: now.holder,
        owner: told.party(told.who.owner),
        responsible,
        hops: told
            .who
            .hops
            .iter()
            .map(|hop| HopView {
                at: hop.time.to_string(),
                place: told.name(hop.place),
                custody: Some(told.names.held_by(hop.status, hop.party)),
                owner: told.party(hop.owner),
                event: event(hop.event),
                certainty: certainty_word(hop.certainty),
            })
            .collect(),
        id: told.subject.id,
    })
}

/// The canonical identifier of a thing, and everybody who did or recorded something of it or had it.
pub fn involved(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    text: &str,
    position: &Position,
) -> Result<(String, BTreeSet<String>), Error> {
    let mut source = StoreSource::new(conn, position.clone())?;
    let told = Told::read(&mut source, dictionary, text, Named::Itself)?;
    let mut orgs = BTreeSet::new();
    for act in told.acts() {
        orgs.extend(act.orgs.into_iter().next());
        orgs.extend(act.recorded_by);
    }
    for hop in &told.who.hops {
        orgs.insert(told.names.held_by(hop.status, hop.party));
    }
    Ok((told.subject.id, orgs))
}

/// By which events a thing is told of.
#[derive(Debug, Clone, Copy)]
enum Named {
    /// Those that name it or its containers.
    Itself,
    /// Those of its other names and of the lots it is of, too.
    ByKin {
        /// It is surely where the stock is among which it was seen last.
        has_gone: bool,
    },
}

/// What events tell of a thing, with the names of everybody in them.
struct Told {
    subject: Subject,
    who: Who,
    names: Names,
}

/// Somebody's part in an event, by name.
struct Acting {
    /// The party the event names, then the organisation that answers for the place; where neither is known, the
    /// one the event was recorded for.
    orgs: Vec<String>,
    place: Option<String>,
    at: Timestamp,
    part: Part,
    event: EventKey,
    certainty: Certainty,
    recorded_by: Option<String>,
}

impl Told {
    fn read(
        source: &mut StoreSource<'_>,
        dictionary: Dictionary<'_>,
        text: &str,
        named: Named,
    ) -> Result<Self, Error> {
        let subject = subject(source, dictionary, text, Wanted::Anything)?;
        subject.check_is_thing(text)?;
        let mut evaluation = Evaluation::new(source);
        let who = match named {
            Named::Itself => evaluation.who_by_name(subject.address, END)?,
            Named::ByKin { has_gone } => evaluation.who(subject.address, END, has_gone)?,
        };
        let mut blocks: BTreeSet<Block> = who.owner.into_iter().collect();
        for hop in &who.hops {
            blocks.extend([hop.place, hop.party, hop.owner].into_iter().flatten());
            blocks.extend(status_blocks(&hop.status));
        }
        for acting in &who.responsible {
            let named = [acting.party, acting.place, acting.recorded_by];
            blocks.extend(named.into_iter().flatten());
        }
        let position = source.position().clone();
        let names = Names::read(source.conn(), dictionary, &blocks, &position)?;
        Ok(Self {
            subject,
            who,
            names,
        })
    }

    fn name(&self, block: Option<Block>) -> Option<String> {
        self.names.text(block?).map(str::to_owned)
    }

    fn party(&self, block: Option<Block>) -> Option<String> {
        self.names.party(block?)
    }

    fn events(&self) -> BTreeSet<EventKey> {
        let hops = self.who.hops.iter().map(|hop| hop.event);
        let acting = self.who.responsible.iter().map(|acting| acting.event);
        hops.chain(acting).collect()
    }

    fn acts(&self) -> Vec<Acting> {
        let acting = self.who.responsible.iter().map(|acting| {
            let recorded_by = self.name(acting.recorded_by);
            let of_place = acting.place.and_then(|place| self.names.org_of(place));
            let named = self.party(acting.party);
            let mut orgs: Vec<String> = named.into_iter().collect();
            orgs.extend(of_place.map(str::to_owned));
            orgs.dedup();
            if orgs.is_empty() {
                orgs.extend(recorded_by.clone());
            }
            Acting {
                orgs,
                place: self.name(acting.place),
                at: acting.time,
                part: acting.part,
                event: acting.event,
                certainty: acting.certainty,
                recorded_by,
            }
        });
        acting.collect()
    }
}

/// What credentials may name the thing by: its product, the lots it is known to be of, its product's category.
fn things(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    text: &str,
    subject: &Subject,
    size: i64,
) -> Result<Things, Error> {
    let identifier = identifier(text)?;
    let key = identifier.key();
    let Some(gtin) = key.and_then(Key::gtin) else {
        return Ok(Things::default());
    };
    let mut lots: BTreeSet<String> = key
        .and_then(Key::lot_key)
        .map(|lot| lot.canonical())
        .into_iter()
        .collect();
    if identifier.level() != Some(Level::Class) {
        let of_it = Evaluation::new(source)
            .lots_of(subject.address)?
            .into_iter();
        let of_it: BTreeSet<Address> = of_it.map(|block| Address { block, member: 0 }).collect();
        lots.extend(dictionary.spell(source.conn(), &of_it)?.into_values());
    }
    let product = parties::product_before(source.conn(), gtin.as_str(), size)?;
    Ok(Things {
        gtin: Some(gtin.as_str().to_owned()),
        lots: lots.into_iter().collect(),
        category: product.and_then(|product| product.category),
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
