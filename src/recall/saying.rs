//! Causes as steps that a person reads: identifiers and names written out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::Error;
use super::named::Named;
use super::words::{Language, Told};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::ledger::Position;
use crate::parties;
use crate::trace::evaluate::{Cause, Spot, Why};
use crate::trace::{EventKey, Names, event_ids};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallStep)]
pub struct Step {
    /// The event that says so.
    pub event: Option<String>,
    /// Its time.
    pub time: Option<String>,
    /// What happened, in words.
    pub text: String,
}

impl Step {
    /// A step that no event tells of.
    pub(super) const fn said(text: String) -> Self {
        Self {
            event: None,
            time: None,
            text,
        }
    }

    /// The step as a line.
    pub(super) fn line(&self) -> String {
        let when = self.time.as_deref().map(|time| format!("{time}  "));
        let event = self.event.as_deref().map(|event| format!("  ({event})"));
        format!(
            "\n- {}{}{}",
            when.unwrap_or_default(),
            self.text,
            event.unwrap_or_default()
        )
    }
}

/// Writes identifiers and names out.
pub(super) struct Saying<'c> {
    pub(super) conn: &'c mut Conn,
    pub(super) dictionary: Dictionary<'c>,
    pub(super) position: &'c Position,
    pub(super) language: Language,
    /// What each seed is of.
    pub(super) named: &'c [Named],
}

impl Saying<'_> {
    /// The steps of a chain of causes.
    pub(super) fn steps(&mut self, chain: &[&Cause]) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for cause in chain {
            let text = self.told(cause.why)?.words(self.language);
            steps.push(match cause.event {
                Some(event) => self.event_step(event, text)?,
                None => Step::said(text),
            });
        }
        Ok(steps)
    }

    /// A step that an event tells of.
    pub(super) fn event_step(&mut self, event: EventKey, text: String) -> Result<Step, Error> {
        let entry = crate::events::by_keys(self.conn, &[event])?.pop();
        let ids = event_ids(self.conn, &BTreeSet::from([event]))?;
        Ok(Step {
            event: ids.get(&event).cloned(),
            time: entry.map(|entry| entry.t_lo.to_string()),
            text,
        })
    }

    fn told(&mut self, why: Why) -> Result<Told, Error> {
        Ok(match why {
            Why::Listed(seed) => Told::Listed(self.named.get(seed as usize).cloned()),
            Why::AtPlace { place, meets } => Told::AtPlace {
                place: self.place(place)?,
                meets,
            },
            Why::Inside(container) => Told::Inside(self.thing(container)?),
            Why::Entered { unit, process } => Told::Entered {
                unit: self.thing(unit)?,
                process: self.thing(lone(process))?,
            },
            Why::Left(process) => Told::Left(self.thing(lone(process))?),
            Why::OfLot(lot) => Told::OfLot(self.thing(lone(lot))?),
            Why::Mixed(vessel) => Told::Mixed(self.place(vessel)?),
            Why::Near(place) => Told::Near(self.place(place)?),
            Why::Beside(container) => Told::Beside(self.thing(container)?),
            Why::SameAs(lot) => Told::SameAs(self.thing(lone(lot))?),
            Why::Moved {
                from,
                to,
                is_recorded,
                ..
            } => Told::Moved {
                from: self.spot(from)?,
                to: self.spot(to)?,
                is_recorded,
            },
        })
    }

    /// The identifier of a thing.
    pub(super) fn thing(&mut self, thing: Address) -> Result<String, Error> {
        let spelled = self.dictionary.spell(self.conn, &BTreeSet::from([thing]))?;
        Ok(spelled.get(&thing).cloned().unwrap_or_default())
    }

    /// Where stock is; none when nobody says.
    pub(super) fn spot(&mut self, spot: Spot) -> Result<Option<String>, Error> {
        match spot {
            Spot::At(place) => self.place(place).map(Some),
            Spot::In(container, _) => self.thing(container).map(Some),
            Spot::Unknown => Ok(None),
        }
    }

    /// The name of a place with its identifier.
    fn place(&mut self, place: Block) -> Result<String, Error> {
        let blocks = BTreeSet::from([place]);
        let names = Names::read(self.conn, self.dictionary, &blocks, self.position)?;
        let id = names.text(place).unwrap_or_default().to_owned();
        let known: BTreeMap<String, parties::Place> =
            parties::places(self.conn, std::slice::from_ref(&id)).map_err(Error::Db)?;
        Ok(match (known.get(&id), self.language) {
            (Some(known), Language::Zh) => format!("{}（{id}）", known.name),
            (Some(known), Language::En) => {
                let name = known.name_en.as_ref().unwrap_or(&known.name);
                format!("{name} ({id})")
            }
            (None, _) => id,
        })
    }
}

const fn lone(block: Block) -> Address {
    Address { block, member: 0 }
}
