//! Who holds what: places and parties by their names, and the organisation that answers for a place.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use super::evaluate::{Account, Answer, Standing, Status};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::gs1::seat_of;
use crate::ledger::{self, Position};
use crate::parties;

/// What has become of something, in one word.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Somebody has it.
    Held,
    /// Left and has not arrived.
    InTransit,
    /// With a consumer.
    Sold,
    /// Destroyed or disposed of.
    Destroyed,
    /// Stolen.
    Stolen,
    /// Used up in a process.
    Consumed,
    /// Its code ended.
    Ended,
    /// Nobody says.
    Unknown,
}

impl Fate {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::InTransit => "in_transit",
            Self::Sold => "sold",
            Self::Destroyed => "destroyed",
            Self::Stolen => "stolen",
            Self::Consumed => "consumed",
            Self::Ended => "ended",
            Self::Unknown => "unknown",
        }
    }

    /// Whether this stands for whoever holds what nobody known holds.
    pub fn is_holder(word: &str) -> bool {
        let words = [
            Self::Unknown,
            Self::Sold,
            Self::Destroyed,
            Self::Consumed,
            Self::Ended,
        ];
        words.iter().any(|fate| fate.nobody() == word)
    }

    /// Who holds what nobody known holds.
    const fn nobody(self) -> &'static str {
        match self {
            Self::Held | Self::InTransit | Self::Stolen | Self::Unknown => NOBODY,
            Self::Sold => "consumer",
            Self::Destroyed => "destroyed",
            Self::Consumed => "consumed",
            Self::Ended => "ended",
        }
    }

    /// Where nobody says that it is.
    pub(super) fn nowhere() -> Holding {
        Holding {
            status: Self::Unknown,
            place: None,
            holder: NOBODY.to_owned(),
            sender: None,
            from: None,
            owner: None,
        }
    }

    /// Whether a named holder has it or is to get it.
    pub const fn is_with_somebody(self) -> bool {
        matches!(self, Self::Held | Self::InTransit)
    }
}

/// The holder of what nobody is known to hold.
pub const NOBODY: &str = "unknown";

/// Where something is and who has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Holding {
    /// What has become of it.
    pub status: Fate,
    /// Where it is; in transit, where it goes to if that is known; sold or destroyed, where that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The organisation that answers for the place, else the party that has it, else the place itself;
    /// `consumer`, `destroyed`, `consumed`, `ended` or `unknown` where there is none of them.
    pub holder: String,
    /// In transit: the holder before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// In transit: the place it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The party whose property it is, as far as events name owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Holdings of standings.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// The holdings; hardly any two are equal.
    pub list: Vec<Holding>,
    /// By standing the number of its answer's holding.
    pub of_standing: Vec<u32>,
}

impl Holdings {
    /// The holding of a standing.
    pub fn of(&self, standing: u32) -> Option<&Holding> {
        let number = self.of_standing.get(standing as usize)?;
        self.list.get(*number as usize)
    }
}

/// Names of places and parties, and who answers for places, as of a position.
#[derive(Debug, Clone, Default)]
pub struct Names {
    texts: BTreeMap<Block, String>,
    orgs: BTreeMap<String, String>,
    /// Those of the texts that are registered organisations.
    registered: BTreeSet<String>,
}

impl Names {
    /// Reads the names of these blocks.
    pub fn read(
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
        blocks: &BTreeSet<Block>,
        position: &Position,
    ) -> Result<Self, Error> {
        let addresses: BTreeSet<Address> = blocks
            .iter()
            .map(|block| Address {
                block: *block,
                member: 0,
            })
            .collect();
        let spelled = dictionary.spell(conn, &addresses)?;
        let texts: BTreeMap<Block, String> = spelled
            .into_iter()
            .map(|(address, text)| (address.block, text))
            .collect();
        let mut ids: BTreeSet<String> = texts.values().cloned().collect();
        ids.extend(
            texts
                .values()
                .filter_map(|text| site(text))
                .map(str::to_owned),
        );
        ids.extend(texts.values().filter_map(|text| seat_of(text)));
        let ids: Vec<String> = ids.into_iter().collect();
        let size = ledger::control_size(conn, position)?;
        let orgs = parties::place_orgs_before(conn, &ids, size)?;
        let registered = parties::organisations_among(conn, &ids, size)?;
        Ok(Self {
            texts,
            orgs,
            registered,
        })
    }

    /// The name of a block.
    pub fn text(&self, block: Block) -> Option<&str> {
        self.texts.get(&block).map(String::as_str)
    }

    fn owned(&self, block: Option<Block>) -> Option<String> {
        self.text(block?).map(str::to_owned)
    }

    /// The organisation that answers for a place: its own registration, else that of its site.
    pub fn org_of(&self, place: Block) -> Option<&str> {
        let text = self.text(place)?;
        let of = |id: &str| self.orgs.get(id).map(String::as_str);
        of(text).or_else(|| of(site(text)?))
    }

    /// Somebody to be told: a place nobody is registered for is one too, so that what lies there is not
    /// forgotten.
    fn holder(&self, place: Option<Block>, party: Option<Block>) -> Option<String> {
        let org = place.and_then(|place| self.org_of(place));
        org.map(str::to_owned)
            .or_else(|| self.party(party?))
            .or_else(|| self.owned(place))
    }

    /// Who a party is: the organisation of this name, else the one whose place has the party's GLN, else the party
    /// as events name it.
    pub fn party(&self, party: Block) -> Option<String> {
        let text = self.text(party)?;
        Some(self.org_named(text).unwrap_or(text).to_owned())
    }

    /// The registered organisation that a party is.
    fn org_named<'n>(&'n self, party: &'n str) -> Option<&'n str> {
        if self.registered.contains(party) {
            return Some(party);
        }
        self.orgs.get(&seat_of(party)?).map(String::as_str)
    }

    /// The organisation that answers for a place, else the place itself.
    pub fn answers_for(&self, place: Block) -> Option<String> {
        self.holder(Some(place), None)
    }

    /// Whether no registered organisation answers for a place, nor is one named to have what lies there.
    pub fn is_outside(&self, place: Block, party: Option<Block>) -> bool {
        let named = party.and_then(|party| self.text(party));
        self.org_of(place).is_none() && named.and_then(|party| self.org_named(party)).is_none()
    }

    /// The same holding as somebody's property.
    pub fn owned_by(&self, owner: Option<Block>, holding: Holding) -> Holding {
        Holding {
            owner: owner.and_then(|owner| self.party(owner)),
            ..holding
        }
    }

    /// Something held at a place by a party.
    pub fn holding_at(&self, place: Option<Block>, party: Option<Block>) -> Holding {
        self.still(Fate::Held, place, party)
    }

    /// What an answer says of place and holder.
    pub fn holding(&self, answer: &Answer) -> Holding {
        self.of(answer.status, answer.party)
    }

    /// What standings say of place and holder, each once.
    pub fn holdings(&self, standings: &[Standing]) -> Holdings {
        let mut found = Holdings::default();
        let mut numbers: FxHashMap<(Status, Option<Block>), u32> = FxHashMap::default();
        for standing in standings {
            let answer = &standing.answer;
            let number = numbers.entry((answer.status, answer.party));
            let number = number.or_insert_with(|| {
                found.list.push(self.holding(answer));
                u32::try_from(found.list.len() - 1).unwrap_or(u32::MAX)
            });
            found.of_standing.push(*number);
        }
        found
    }

    /// Who has what has become this.
    pub fn held_by(&self, status: Status, party: Option<Block>) -> String {
        self.of(status, party).holder
    }

    fn of(&self, status: Status, party: Option<Block>) -> Holding {
        let (fate, place) = match status {
            Status::InTransit { from, to, sender } => {
                return self.transit(from, to, sender, party);
            }
            Status::Here(place) => (Fate::Held, place),
            Status::Sold(place) => (Fate::Sold, place),
            Status::Destroyed(place) => (Fate::Destroyed, place),
            Status::Stolen(place) => (Fate::Stolen, place),
            Status::Consumed(_) => (Fate::Consumed, None),
            Status::Ended(place) => (Fate::Ended, place),
            Status::Unknown => (Fate::Unknown, None),
        };
        self.still(fate, place, party)
    }

    fn still(&self, status: Fate, place: Option<Block>, party: Option<Block>) -> Holding {
        let holder = match status {
            Fate::Held => self.holder(place, party),
            _ => None,
        };
        Holding {
            status,
            place: self.owned(place),
            holder: holder.unwrap_or_else(|| status.nobody().to_owned()),
            sender: None,
            from: None,
            owner: None,
        }
    }

    fn transit(
        &self,
        from: Option<Block>,
        to: Option<Block>,
        sender: Option<Block>,
        party: Option<Block>,
    ) -> Holding {
        let sender = self.holder(from, sender);
        let from = self.owned(from);
        match self.holder(to, party) {
            Some(holder) => Holding {
                status: Fate::InTransit,
                place: self.owned(to),
                holder,
                sender,
                from,
                owner: None,
            },
            // Nobody is named to get it: the last known holder answers.
            None => Holding {
                status: Fate::InTransit,
                place: self.owned(to).or_else(|| from.clone()),
                holder: sender.unwrap_or_else(|| NOBODY.to_owned()),
                sender: None,
                from,
                owner: None,
            },
        }
    }

    /// Where and with whom an account of a lot is; `inside` says where a container is.
    pub fn account(
        &self,
        account: &Account,
        inside: impl Fn(Address) -> Option<Answer>,
    ) -> Holding {
        match account {
            Account::Stock { place, party } => self.still(Fate::Held, *place, *party),
            Account::InTransit { from, to, parties } => {
                self.transit(*from, *to, parties.sender, parties.receiver)
            }
            Account::Inside(container) => {
                let answer = container.and_then(inside);
                answer.map_or_else(
                    || self.still(Fate::Unknown, None, None),
                    |answer| self.holding(&answer),
                )
            }
            Account::Used => self.still(Fate::Consumed, None, None),
            Account::Sold(place) => self.still(Fate::Sold, *place, None),
            Account::Destroyed(place) => self.still(Fate::Destroyed, *place, None),
            Account::Stolen(place) => self.still(Fate::Stolen, *place, None),
            Account::Made | Account::Unrecorded(_) | Account::Singly(_) | Account::SinglyEnded => {
                self.still(Fate::Unknown, None, None)
            }
        }
    }
}

/// The canonical identifier of a place without its extension; none when it has none. A part belongs to
/// whoever has the site.
pub fn site(place: &str) -> Option<&str> {
    place.split_once("/254/").map(|(site, _)| site)
}

/// The places and parties that answers name.
pub fn named_blocks<'a>(standings: impl Iterator<Item = &'a Standing>) -> BTreeSet<Block> {
    let mut blocks = BTreeSet::new();
    for standing in standings {
        for answer in std::iter::once(&standing.answer).chain(&standing.others) {
            blocks.extend(answer.party);
            blocks.extend(status_blocks(&answer.status));
        }
    }
    blocks
}

/// The places and parties that a status names.
pub(super) fn status_blocks(status: &Status) -> impl Iterator<Item = Block> + use<> {
    let named = match *status {
        Status::Here(place)
        | Status::Sold(place)
        | Status::Destroyed(place)
        | Status::Stolen(place)
        | Status::Ended(place) => [place, None, None],
        Status::InTransit { from, to, sender } => [from, to, sender],
        Status::Consumed(_) | Status::Unknown => [None; 3],
    };
    named.into_iter().flatten()
}
