use proptest::prelude::*;

use super::*;
use crate::codes::base::Spelled;
use crate::codes::keys::{KeyEpoch, SerialKey};
use crate::codes::serial::{BATCHES, INDEXES, SerialBook};

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
            Derived::of_process(&read("urn:x:mix:1")),
            BlockKind::Process,
            "urn:x:mix:1",
        ),
        (
            Derived::of_lone_transformation("ni:///sha-256;1"),
            BlockKind::Process,
            "ni:///sha-256;1",
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
