//! From an identifier to its address: what can be said without a look-up. Digital Link and URN of one
//! key are read to one [`Identifier`] and so have one address.
//!
//! Computed, numbered, lot, class, process, place and party identifiers say themselves where they are.
//! All others are *interned*: the dictionary gives them the next free member of the open block of their
//! prefix.

use crate::gs1::{Gtin, Identifier, Key, Level};

use super::address::{Address, BlockKind};
use super::base::{BaseRow, SSCC_STEM};
use super::computed::ComputedBlock;
use super::serial::{ComputedSerial, ItemNumber};

/// Digits of a serial number that is taken for a count; longer ones are usually random.
pub(super) const NUMBER_DIGITS_MAX: usize = 9;

/// Characters that identifiers of one company share in keys that have no class: a company prefix is
/// rarely shorter.
const COMPANY_PREFIX_LENGTH: usize = 7;

/// Where an identifier lives, or what finding out needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Derived {
    /// It says itself where: its address and the dictionary's row of the block.
    At(Address, BaseRow),
    /// It has the member that the dictionary gave or will give it.
    Intern {
        /// What it shares with its neighbours.
        prefix: String,
        /// The canonical identifier.
        identifier: String,
    },
    /// It has the shape of a computed serial. If it opens under a key of its product,
    /// [`Derived::computed`] is its address, else `otherwise` is.
    MaybeComputed {
        /// The product.
        gtin: Gtin,
        /// The serial.
        serial: ComputedSerial,
        /// Where it lives when it was not issued here.
        otherwise: Box<Derived>,
    },
}

impl Derived {
    /// An identifier where an event lists things one by one.
    pub fn of_thing(identifier: &Identifier) -> Self {
        let Identifier::Gs1(key) = identifier else {
            return Self::intern_uri(&identifier.canonical());
        };
        match key.level() {
            Level::Lot => Self::hashed(BlockKind::Lot, key.canonical()),
            Level::Class => Self::hashed(BlockKind::Class, key.canonical()),
            Level::Place => Self::hashed(BlockKind::Place, key.canonical()),
            Level::Party => Self::hashed(BlockKind::Party, key.canonical()),
            Level::Instance | Level::Other => Self::of_instance(key),
        }
    }

    /// An identifier where an event lists quantities (`epcClass`): a GS1 class is a class, anything
    /// else a lot.
    pub fn of_quantity(identifier: &Identifier) -> Self {
        let kind = match identifier.level() {
            Some(Level::Class) => BlockKind::Class,
            Some(Level::Lot | Level::Instance | Level::Place | Level::Party | Level::Other)
            | None => BlockKind::Lot,
        };
        Self::hashed(kind, identifier.canonical().into_owned())
    }

    /// A process that several transformation events name: a transformationID.
    pub fn of_process(identifier: &Identifier) -> Self {
        Self::hashed(BlockKind::Process, identifier.canonical().into_owned())
    }

    /// The process that a transformation event without a transformationID is, by the event's id.
    pub fn of_lone_transformation(event_id: &str) -> Self {
        Self::hashed(BlockKind::Process, event_id.to_owned())
    }

    /// An identifier where an event names a place.
    pub fn of_place(identifier: &Identifier) -> Self {
        Self::hashed(BlockKind::Place, identifier.canonical().into_owned())
    }

    /// An identifier where an event names an owner or possessor.
    pub fn of_party(identifier: &Identifier) -> Self {
        Self::hashed(BlockKind::Party, identifier.canonical().into_owned())
    }

    /// A registered organisation that has no GLN, by its id.
    pub fn of_organisation(id: &str) -> Self {
        Self::hashed(BlockKind::Party, id.to_owned())
    }

    /// The item of a computed serial that was opened.
    pub fn computed(gtin: Gtin, serial: &ComputedSerial, item: ItemNumber) -> Self {
        let (block, member) = ComputedBlock::of_item(gtin, serial.epoch(), item);
        Self::At(block.address(member), BaseRow::computed(&block))
    }

    fn hashed(kind: BlockKind, base: String) -> Self {
        let row = BaseRow::hashed(kind, base);
        Self::At(row.address(0), row)
    }

    fn of_instance(key: &Key) -> Self {
        let otherwise = Self::of_stored(key);
        let serial = key.serial().and_then(ComputedSerial::parse);
        match (key.primary(), key.gtin(), serial) {
            ("01", Some(gtin), Some(serial)) if key.qualifier("21").is_some() => {
                Self::MaybeComputed {
                    gtin,
                    serial,
                    otherwise: Box::new(otherwise),
                }
            }
            _ => otherwise,
        }
    }

    fn of_stored(key: &Key) -> Self {
        let identifier = key.canonical();
        if let Some((stem, number)) = numbered_parts(key, &identifier) {
            let (row, address) = BaseRow::numbered(stem, number);
            return Self::At(address, row);
        }
        Self::Intern {
            prefix: prefix_of_key(key),
            identifier,
        }
    }

    fn intern_uri(uri: &str) -> Self {
        Self::Intern {
            prefix: uri_stem(uri).to_owned(),
            identifier: uri.to_owned(),
        }
    }
}

/// The number at the end of a canonical identifier, and what stands before it; the check digit of an
/// SSCC is no part of its number.
fn numbered_parts<'a>(key: &Key, identifier: &'a str) -> Option<(&'a str, u64)> {
    if let Some(sscc) = key.sscc() {
        let stem = identifier.get(..SSCC_STEM.len())?;
        let (body, _check) = sscc.as_str().split_at_checked(17)?;
        return Some((stem, body.parse().ok()?));
    }
    let serial = key.serial()?;
    if NUMBER_DIGITS_MAX < serial.len() || !is_plain_number(serial) {
        return None;
    }
    Some((identifier.strip_suffix(serial)?, serial.parse().ok()?))
}

/// Whether a serial is a number as numbers are written: digits, without a leading zero.
pub(super) fn is_plain_number(serial: &str) -> bool {
    let is_digits = !serial.is_empty() && serial.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && (serial == "0" || !serial.starts_with('0'))
}

/// What a private URI shares with its neighbours: everything up to its last separator.
pub(super) fn uri_stem(uri: &str) -> &str {
    let length = uri.rfind(['/', ':', '.']).map_or(uri.len(), |at| at + 1);
    &uri[..length]
}

/// What a key shares with its neighbours: its class, or, where it has none, as much of it as a company
/// prefix takes.
pub(super) fn prefix_of_key(key: &Key) -> String {
    let class = key.class();
    if class.level() == Level::Class {
        return class.canonical();
    }
    let value = key.value();
    let length = value.char_indices().nth(COMPANY_PREFIX_LENGTH);
    let prefix = &value[..length.map_or(value.len(), |(at, _)| at)];
    format!("https://id.gs1.org/{}/{prefix}", key.primary())
}

#[cfg(test)]
mod tests;
