//! From typed events to entries: every identifier of a batch is resolved once.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::Error;
use super::lots::{LotItems, lot_items};
use super::project::Known;
use crate::codes::{Address, Block, Derived, Dictionary, MemberSet};
use crate::db::Conn;
use crate::epcis::{self, Endpoint, QuantityElement};
use crate::events::{Action, Entry, EventType, Part, Quantity, Role, What};
use crate::gs1::Identifier;
use crate::trace::LotUnits;

/// How an identifier is used: the same text can be a thing here and a place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Usage {
    Thing,
    Quantity,
    Place,
    Party,
    Process,
    LoneTransformation,
    Organisation,
}

/// What a list of sources or destinations names of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends<'a> {
    Unnamed,
    One(&'a str),
    /// Several: nobody can tell which of them it is.
    Several,
}

impl<'a> Ends<'a> {
    fn of(list: &'a [Endpoint], kind: &str) -> Self {
        let named = list.iter().filter(|end| end.endpoint_type == kind);
        named.fold(Self::Unnamed, |ends, end| match ends {
            Self::Unnamed => Self::One(&end.id),
            Self::One(id) if id == end.id => ends,
            _ => Self::Several,
        })
    }

    const fn only(self) -> Option<&'a str> {
        match self {
            Self::One(id) => Some(id),
            Self::Unnamed | Self::Several => None,
        }
    }
}

/// The identifiers of a batch and, after the look-up, their addresses.
#[derive(Default)]
struct Book<'a> {
    index: HashMap<(Usage, &'a str), usize>,
    named: Vec<(Usage, &'a str)>,
    addresses: Vec<Address>,
}

/// The entries of events, all identifiers addressed, and what the events say of the lots of items. Call
/// inside a write.
pub(super) fn entries(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    shard: i32,
    events: &[Known],
) -> Result<(Vec<Entry>, Vec<LotUnits>), Error> {
    let lots: Vec<Vec<LotItems<'_>>> = events
        .iter()
        .map(|known| lot_items(&known.event.event))
        .collect();
    let mut book = Book::default();
    for known in events {
        book.note_event(known);
    }
    for of_lot in lots.iter().flatten() {
        book.note(Usage::Quantity, &of_lot.lot);
    }
    book.addresses = dictionary.resolve(conn, shard, &book.derived())?;
    let entries = events.iter().map(|known| book.entry(shard, known));
    let entries = entries.collect::<Result<_, _>>()?;
    let mut units = Vec::new();
    for (known, lots) in events.iter().zip(&lots) {
        for of_lot in lots {
            book.lot_units(shard, known, of_lot, &mut units)?;
        }
    }
    Ok((entries, units))
}

impl<'a> Book<'a> {
    fn note(&mut self, usage: Usage, text: &'a str) {
        let named = (usage, text);
        self.index.entry(named).or_insert_with(|| {
            self.named.push(named);
            self.named.len() - 1
        });
    }

    /// What each of them comes to, worked out by all cores.
    fn derived(&self) -> Vec<Derived> {
        self.named
            .par_iter()
            .map(|(usage, text)| derived(*usage, text))
            .collect()
    }

    fn note_event(&mut self, known: &'a Known) {
        let event = &known.event.event;
        for (_, texts) in things(event) {
            for text in texts {
                self.note(Usage::Thing, text);
            }
        }
        for (_, elements) in quantities(event) {
            for element in elements {
                self.note(Usage::Quantity, &element.epc_class);
            }
        }
        for place in [&event.read_point, &event.biz_location]
            .into_iter()
            .flatten()
        {
            self.note(Usage::Place, &place.id);
        }
        for endpoint in event.source_list.iter().chain(&event.destination_list) {
            match endpoint.endpoint_type.as_str() {
                "location" => self.note(Usage::Place, &endpoint.id),
                "owning_party" | "possessing_party" => self.note(Usage::Party, &endpoint.id),
                _ => {}
            }
        }
        if let Some((usage, process)) = process_of(known) {
            self.note(usage, process);
        }
        if !known.submitter.is_empty() {
            self.note(Usage::Organisation, &known.submitter);
        }
    }

    fn address(&self, known: &Known, usage: Usage, text: &str) -> Result<Address, Error> {
        self.index
            .get(&(usage, text))
            .and_then(|index| self.addresses.get(*index))
            .copied()
            .ok_or_else(|| Error::Damaged {
                shard: 0,
                seq: known.seq,
                what: format!("{text} has no address"),
            })
    }

    fn entry(&self, shard: i32, known: &Known) -> Result<Entry, Error> {
        let event = &known.event.event;
        let block = |usage, text: &str| {
            self.address(known, usage, text)
                .map(|address| address.block)
        };
        let place = |place: &Option<epcis::Place>| -> Result<Option<Block>, Error> {
            place
                .as_ref()
                .map(|place| block(Usage::Place, &place.id))
                .transpose()
        };
        let end =
            |list: &[Endpoint], kinds: &[&str], usage: Usage| -> Result<Option<Block>, Error> {
                kinds
                    .iter()
                    .map(|kind| Ends::of(list, kind))
                    .find(|ends| *ends != Ends::Unnamed)
                    .and_then(Ends::only)
                    .map(|id| block(usage, id))
                    .transpose()
            };
        let custody = ["possessing_party", "owning_party"];
        Ok(Entry {
            shard,
            seq: known.seq,
            id: known.event.id.clone(),
            event_type: event_type(&event.event_type),
            action: event.action.map(|action| match action {
                epcis::Action::Add => Action::Add,
                epcis::Action::Observe => Action::Observe,
                epcis::Action::Delete => Action::Delete,
            }),
            biz_step: event.biz_step.clone(),
            disposition: event.disposition.clone(),
            t_lo: event.event_time.at,
            t_hi: event.event_time.at,
            record_time: known.record_time,
            read_point: place(&event.read_point)?,
            biz_location: place(&event.biz_location)?,
            from_place: end(&event.source_list, &["location"], Usage::Place)?,
            to_place: end(&event.destination_list, &["location"], Usage::Place)?,
            from_party: end(&event.source_list, &custody, Usage::Party)?,
            to_party: end(&event.destination_list, &custody, Usage::Party)?,
            from_owner: end(&event.source_list, &["owning_party"], Usage::Party)?,
            to_owner: end(&event.destination_list, &["owning_party"], Usage::Party)?,
            submitter: if known.submitter.is_empty() {
                None
            } else {
                Some(block(Usage::Organisation, &known.submitter)?)
            },
            process: process_of(known)
                .map(|(usage, process)| block(usage, process))
                .transpose()?,
            is_declaration: known.event.is_declaration,
            parts: self.parts(known)?,
        })
    }

    fn lot_units(
        &self,
        shard: i32,
        known: &Known,
        told: &LotItems<'_>,
        units: &mut Vec<LotUnits>,
    ) -> Result<(), Error> {
        let lot = self.address(known, Usage::Quantity, &told.lot)?.block;
        let mut blocks: BTreeMap<Block, MemberSet> = BTreeMap::new();
        for item in &told.items {
            let address = self.address(known, Usage::Thing, item)?;
            let members = blocks.entry(address.block).or_default();
            members.insert(address.member);
        }
        units.extend(blocks.into_iter().map(|(block, members)| LotUnits {
            lot,
            block,
            shard,
            seq: known.seq,
            members,
        }));
        Ok(())
    }

    fn parts(&self, known: &Known) -> Result<Vec<Part>, Error> {
        let event = &known.event.event;
        let mut members: BTreeMap<(Role, Block), MemberSet> = BTreeMap::new();
        for (role, texts) in things(event) {
            for text in texts {
                let address = self.address(known, Usage::Thing, text)?;
                members
                    .entry((role, address.block))
                    .or_default()
                    .insert(address.member);
            }
        }
        let mut parts: Vec<Part> = members
            .into_iter()
            .map(|((role, block), set)| Part {
                role,
                block,
                what: What::Members(set),
            })
            .collect();
        for (role, elements) in quantities(event) {
            for element in elements {
                let block = self
                    .address(known, Usage::Quantity, &element.epc_class)?
                    .block;
                parts.push(Part {
                    role,
                    block,
                    what: What::Quantity(quantity(element)),
                });
            }
        }
        // Stable: quantities of one lot keep the order in which the event lists them.
        parts.sort_by_key(|part| (part.role, part.block));
        Ok(parts)
    }
}

fn derived(usage: Usage, text: &str) -> Derived {
    // Events are checked when they are read: what is no identifier then is not here.
    let identifier = || {
        Identifier::parse(text).map_or_else(
            |_| Identifier::Private(text.to_owned()),
            |parsed| parsed.identifier,
        )
    };
    match usage {
        Usage::Thing => Derived::of_thing(&identifier()),
        Usage::Quantity => Derived::of_quantity(&identifier()),
        Usage::Place => Derived::of_place(&identifier()),
        Usage::Party => Derived::of_party(&identifier()),
        Usage::Process => Derived::of_process(&identifier()),
        Usage::LoneTransformation => Derived::of_lone_transformation(text),
        Usage::Organisation => Derived::of_organisation(text),
    }
}

fn things(event: &epcis::Event) -> [(Role, &[String]); 5] {
    [
        (Role::Object, &event.epc_list),
        (Role::Parent, event.parent_id.as_slice()),
        (Role::Child, &event.child_epcs),
        (Role::Input, &event.input_epc_list),
        (Role::Output, &event.output_epc_list),
    ]
}

fn quantities(event: &epcis::Event) -> [(Role, &[QuantityElement]); 4] {
    [
        (Role::Object, &event.quantity_list),
        (Role::Child, &event.child_quantity_list),
        (Role::Input, &event.input_quantity_list),
        (Role::Output, &event.output_quantity_list),
    ]
}

fn quantity(element: &QuantityElement) -> Quantity {
    Quantity {
        amount: element
            .quantity
            .map(|decimal| (decimal.digits, decimal.scale)),
        uom: element.uom.clone(),
    }
}

/// The process of a transformation: what it calls itself, else the event.
fn process_of(known: &Known) -> Option<(Usage, &str)> {
    let event = &known.event.event;
    if event.event_type != epcis::EventType::Transformation {
        return None;
    }
    Some(match &event.transformation_id {
        Some(id) => (Usage::Process, id),
        None => (Usage::LoneTransformation, &known.event.id),
    })
}

fn event_type(sent: &epcis::EventType) -> EventType {
    match sent {
        epcis::EventType::Object => EventType::Object,
        epcis::EventType::Aggregation => EventType::Aggregation,
        epcis::EventType::Association => EventType::Association,
        epcis::EventType::Transaction => EventType::Transaction,
        epcis::EventType::Transformation => EventType::Transformation,
        epcis::EventType::Custom(_) => EventType::Custom,
    }
}
