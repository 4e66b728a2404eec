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
const NUMBER_DIGITS_MAX: usize = 9;

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

    /// A process: a transformationID, or the id of the one transformation event that is a process of
    /// its own.
    pub fn of_process(id: &str) -> Self {
        Self::hashed(BlockKind::Process, id.to_owned())
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
        let length = uri.rfind(['/', ':', '.']).map_or(uri.len(), |at| at + 1);
        Self::Intern {
            prefix: uri[..length].to_owned(),
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
    let is_count = serial.len() <= NUMBER_DIGITS_MAX
        && serial.bytes().all(|byte| byte.is_ascii_digit())
        && (serial == "0" || !serial.starts_with('0'));
    if !is_count {
        return None;
    }
    Some((identifier.strip_suffix(serial)?, serial.parse().ok()?))
}

/// What a key shares with its neighbours: its class, or, where it has none, as much of it as a company
/// prefix takes.
fn prefix_of_key(key: &Key) -> String {
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
mod tests {
    use proptest::prelude::*;

    use super::super::base::Spelled;
    use super::super::keys::{KeyEpoch, SerialKey};
    use super::super::serial::{BATCHES, INDEXES, SerialBook};
    use super::*;

    fn read(text: &str) -> Identifier {
        Identifier::parse(text).unwrap().identifier
    }

    fn at(derived: Derived) -> (Address, BaseRow) {
        match derived {
            Derived::At(address, row) => (address, row),
            Derived::Intern { .. } | Derived::MaybeComputed { .. } => panic!("{derived:?}"),
        }
    }

    fn link(rest: &str) -> String {
        format!("https://id.gs1.org{rest}")
    }

    fn interned(text: &str) -> (String, String) {
        match Derived::of_thing(&read(text)) {
            Derived::Intern { prefix, identifier } => (prefix, identifier),
            derived => panic!("{derived:?}"),
        }
    }

    /// Derives an identifier that says itself where it is, and writes it out again.
    fn check(derived: Derived, kind: BlockKind, base: &str, member: u16, identifier: &str) {
        let (address, row) = at(derived);
        assert_eq!(
            (row.kind, row.base.as_str(), address.member),
            (kind, base, member)
        );
        assert_eq!(address.block, row.block);
        assert_eq!(address.block.kind(), Some(kind));
        assert!(row.is_consistent());
        assert_eq!(
            row.spell(member),
            Ok(Spelled::Identifier(identifier.to_owned()))
        );
    }

    #[test]
    fn link_urn_and_element_string_of_one_key_are_one_address() {
        for (one, other) in [
            (
                "https://dl.example/x/01/9521234543213/21/17?15=271231",
                "urn:epc:id:sgtin:9521234.054321.17",
            ),
            (
                "https://dl.example/00/095212345000000018",
                "urn:epc:id:sscc:9521234.0500000001",
            ),
            (
                "(01)09521234543213(10)L-1",
                "urn:epc:class:lgtin:9521234.054321.L-1",
            ),
            (
                "https://dl.example/414/9521234000013",
                "urn:epc:id:sgln:9521234.00001.0",
            ),
        ] {
            assert_eq!(
                Derived::of_thing(&read(one)),
                Derived::of_thing(&read(other)),
                "{one}"
            );
        }
    }

    #[test]
    fn a_pallet_is_at_its_number_without_the_check_digit() {
        let sscc = link("/00/095212345000000018");
        let base = format!("{} {}", 9_521_234_500_000_001_u64 / 4096, link("/00/"));
        let member = u16::try_from(9_521_234_500_000_001_u64 % 4096).unwrap();
        check(
            Derived::of_thing(&read(&sscc)),
            BlockKind::Numbered,
            &base,
            member,
            &sscc,
        );
    }

    #[test]
    fn short_canonical_numbers_are_numbered_whatever_their_key() {
        for (identifier, base, member) in [
            (
                link("/01/09521234543213/21/4097"),
                "1 https://id.gs1.org/01/09521234543213/21/",
                1,
            ),
            (
                link("/01/09521234543213/21/0"),
                "0 https://id.gs1.org/01/09521234543213/21/",
                0,
            ),
            (
                link("/01/09521234543213/21/999999999"),
                "244140 https://id.gs1.org/01/09521234543213/21/",
                2559,
            ),
            (
                link("/8003/0952123454321312"),
                "0 https://id.gs1.org/8003/09521234543213",
                12,
            ),
            (
                link("/8010/9521234-7/8011/8192"),
                "2 https://id.gs1.org/8010/9521234-7/8011/",
                0,
            ),
        ] {
            check(
                Derived::of_thing(&read(&identifier)),
                BlockKind::Numbered,
                base,
                member,
                &identifier,
            );
        }
    }

    #[test]
    fn a_lot_named_beside_a_serial_number_does_not_change_the_address() {
        let with_lot = read(&link("/01/09521234543213/10/L1/21/4097"));
        let without = read(&link("/01/09521234543213/21/4097"));
        assert_eq!(Derived::of_thing(&with_lot), Derived::of_thing(&without));
    }

    #[test]
    fn lots_classes_places_parties_and_processes_are_blocks_of_their_own() {
        let lot = link("/01/09521234543213/10/a%2Fb");
        let class = link("/01/09521234543213");
        let place = link("/414/9521234000013/254/7");
        let party = link("/417/9521234000013");
        let store = "https://store.example/7";
        for (derived, kind, identifier) in [
            (Derived::of_thing(&read(&lot)), BlockKind::Lot, lot.as_str()),
            (Derived::of_quantity(&read(&lot)), BlockKind::Lot, &lot),
            (
                Derived::of_quantity(&read("urn:x:rice:7")),
                BlockKind::Lot,
                "urn:x:rice:7",
            ),
            (
                Derived::of_quantity(&read(&class)),
                BlockKind::Class,
                &class,
            ),
            (Derived::of_thing(&read(&class)), BlockKind::Class, &class),
            (Derived::of_place(&read(&place)), BlockKind::Place, &place),
            (Derived::of_thing(&read(&place)), BlockKind::Place, &place),
            (Derived::of_place(&read(store)), BlockKind::Place, store),
            (Derived::of_party(&read(&party)), BlockKind::Party, &party),
            (Derived::of_party(&read(store)), BlockKind::Party, store),
            (Derived::of_organisation("org-7"), BlockKind::Party, "org-7"),
            (
                Derived::of_process("urn:x:mix:1"),
                BlockKind::Process,
                "urn:x:mix:1",
            ),
        ] {
            check(derived, kind, identifier, 0, identifier);
        }
    }

    #[test]
    fn other_serials_are_interned_with_their_product() {
        let product = link("/01/09521234543213");
        for serial in ["1234567890", "007", "A17", "4097A", "%2F1"] {
            let identifier = format!("{product}/21/{serial}");
            assert_eq!(interned(&identifier), (product.clone(), identifier));
        }
        let piece = link("/8006/095212345432130102/21/x");
        assert_eq!(interned(&piece), (link("/8006/095212345432130102"), piece));
    }

    #[test]
    fn keys_without_a_class_are_interned_with_their_company() {
        for (identifier, prefix) in [
            ("/8004/9521234CRATE77", "/8004/9521234"),
            ("/402/95212340000000013", "/402/9521234"),
            ("/401/95212", "/401/95212"),
        ] {
            let Ok(parsed) = Identifier::parse(&link(identifier)) else {
                panic!("{identifier}");
            };
            let Identifier::Gs1(_) = parsed.identifier else {
                panic!("{identifier} is private: {:?}", parsed.warning);
            };
            assert_eq!(
                interned(&link(identifier)),
                (link(prefix), link(identifier))
            );
        }
    }

    #[test]
    fn private_uris_are_interned_up_to_their_last_separator() {
        for (uri, prefix) in [
            ("urn:uuid:0b0f8d3e-5f5a-7e7e-8000-000000000001", "urn:uuid:"),
            ("https://x.example/a/b", "https://x.example/a/"),
            ("urn:epcx:id:foo:1.2.3", "urn:epcx:id:foo:1.2."),
            ("x:", "x:"),
            ("x:y/", "x:y/"),
        ] {
            let identifier = Identifier::Private(uri.to_owned());
            let expected = Derived::Intern {
                prefix: prefix.to_owned(),
                identifier: uri.to_owned(),
            };
            assert_eq!(Derived::of_thing(&identifier), expected);
        }
    }

    #[test]
    fn a_serial_of_fourteen_characters_may_be_computed() {
        let identifier = link("/01/09521234543213/21/02JN72Z6KYRAWY");
        let derived = Derived::of_thing(&read(&identifier));

        let Derived::MaybeComputed {
            gtin,
            serial,
            otherwise,
        } = derived
        else {
            panic!("{derived:?}");
        };
        assert_eq!(
            (gtin.as_str(), serial.as_str()),
            ("09521234543213", "02JN72Z6KYRAWY")
        );
        assert_eq!(
            *otherwise,
            Derived::Intern {
                prefix: link("/01/09521234543213"),
                identifier
            }
        );
    }

    proptest! {
        #[test]
        fn a_computed_item_is_written_out_again(
            batch in 0..BATCHES, index in 0..INDEXES, epoch in 0..32_u8,
        ) {
            let gtin = Gtin::parse("09521234543213").unwrap();
            let key = SerialKey::from_bytes([7; 32]);
            let book = SerialBook::new(&key, KeyEpoch::new(epoch).unwrap(), gtin);
            let serial = book.issue(ItemNumber::new(batch, index).unwrap());

            let (address, row) = at(Derived::computed(gtin, &serial, book.open(&serial).unwrap()));

            prop_assert!(row.is_consistent());
            prop_assert_eq!(u32::from(address.member), index % 4096);
            let Ok(Spelled::Computed(block)) = row.spell(address.member) else {
                return Err(TestCaseError::fail("not computed"));
            };
            prop_assert_eq!(block.serial(&book, address.member), Some(serial));
        }

        #[test]
        fn a_number_is_written_out_again(number in 0..1_000_000_000_u64, gtin in 1..10_000_000_000_000_u64) {
            let gtin = Gtin::from_body(&format!("{gtin:013}")).unwrap();
            let identifier = link(&format!("/01/{gtin}/21/{number}"));
            let (address, row) = at(Derived::of_thing(&read(&identifier)));
            prop_assert!(row.is_consistent());
            prop_assert_eq!(row.spell(address.member), Ok(Spelled::Identifier(identifier)));
        }

        #[test]
        fn an_sscc_is_written_out_again(number in 1..100_000_000_000_000_000_u64) {
            let digit = crate::gs1::check_digit(&format!("{number:017}")).unwrap();
            let identifier = link(&format!("/00/{number:017}{digit}"));
            let (address, row) = at(Derived::of_thing(&read(&identifier)));
            prop_assert!(row.is_consistent());
            prop_assert_eq!(row.spell(address.member), Ok(Spelled::Identifier(identifier)));
        }
    }
}
