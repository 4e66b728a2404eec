//! What must hold for any key, and for any text at all.

use proptest::prelude::*;

use super::percent::{Keep, encode};
use super::{Gln, Gtin, Identifier, Key, Level, Sscc, check_digit, hash_form};

const SET_82: &str = r#"[!"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}"#;

fn gtin() -> impl Strategy<Value = String> {
    "[0-9]952[0-9]{9}".prop_map(|body| with_check_digit(&body))
}

fn gln() -> impl Strategy<Value = String> {
    "952[0-9]{9}".prop_map(|body| with_check_digit(&body))
}

fn with_check_digit(body: &str) -> String {
    format!("{body}{}", check_digit(body).unwrap())
}

/// Any key: its application identifier, value and qualifiers.
fn key() -> impl Strategy<Value = Key> {
    let optional = || prop::option::of(SET_82);
    let product =
        (gtin(), optional(), optional(), optional()).prop_map(|(gtin, cpv, lot, serial)| {
            let all = [("22", cpv), ("10", lot), ("21", serial)];
            make("01", &gtin, &all)
        });
    let third_party =
        (gtin(), SET_82).prop_map(|(gtin, tpx)| make("01", &gtin, &[("235", Some(tpx))]));
    let piece = (gtin(), optional())
        .prop_map(|(gtin, serial)| make("8006", &format!("{gtin}0102"), &[("21", serial)]));
    let unit = "[0-9]952[0-9]{13}".prop_map(|body| make("00", &with_check_digit(&body), &[]));
    let place =
        (gln(), optional()).prop_map(|(gln, extension)| make("414", &gln, &[("254", extension)]));
    let party = gln().prop_map(|gln| make("417", &gln, &[]));
    let asset = (gln(), "[!-&A-Za-z0-9/%]{0,16}").prop_map(|(gln, serial)| {
        let serial: String = serial.chars().filter(|c| !matches!(c, '#' | '$')).collect();
        make("8003", &format!("0{gln}{serial}"), &[])
    });
    let document = (gln(), "[A-Z%/?.]{0,17}")
        .prop_map(|(gln, serial)| make("253", &format!("{gln}{serial}"), &[]));
    let own = "952123[0-9][A-Za-z0-9%/.(]{1,20}".prop_map(|value| make("8004", &value, &[]));
    let part = (
        "952123[0-9][A-Z#/-]{1,20}",
        prop::option::of("[1-9][0-9]{0,11}"),
    )
        .prop_map(|(value, serial)| make("8010", &value, &[("8011", serial)]));
    prop_oneof![
        product,
        third_party,
        piece,
        unit,
        place,
        party,
        asset,
        document,
        own,
        part
    ]
}

fn make(primary: &str, value: &str, qualifiers: &[(&str, Option<String>)]) -> Key {
    let qualifiers: Vec<(&str, &str)> = qualifiers
        .iter()
        .filter_map(|(code, value)| Some((*code, value.as_deref()?)))
        .collect();
    Key::new(primary, value, &qualifiers).unwrap()
}

proptest! {
    #[test]
    fn a_key_survives_its_digital_link(key in key()) {
        for host in ["id.gs1.org", "trace.example:8443", "brand.example/01/stem"] {
            let read = Identifier::parse(&key.digital_link(host)).unwrap();
            prop_assert_eq!(read.identifier, Identifier::Gs1(key.clone()));
            prop_assert_eq!(read.warning, None);
        }
    }

    #[test]
    fn a_key_survives_its_element_string(key in key()) {
        let read = Identifier::parse(&key.element_string()).unwrap();
        prop_assert_eq!(read.identifier, Identifier::Gs1(key));
    }

    #[test]
    fn what_a_key_identifies_survives_its_urn(key in key(), digits in 6..=12_usize) {
        if let Some(urn) = key.urn(digits) {
            let read = Identifier::parse(&urn).unwrap();
            prop_assert_eq!(read.identifier.canonical(), key.canonical(), "{}", urn);
            prop_assert_eq!(hash_form(&urn), hash_form(&key.canonical()));
        } else {
            prop_assert!(matches!(key.primary(), "8004" | "8010" | "8006"), "{:?}", key);
        }
    }

    #[test]
    fn a_canonical_form_is_its_own(key in key()) {
        let canonical = key.canonical();
        let read = Identifier::parse(&canonical).unwrap();
        prop_assert_eq!(read.identifier.canonical(), canonical.as_str());
        prop_assert_eq!(read.identifier, Identifier::Gs1(key.identity()));
        prop_assert_eq!(read.warning, None);
    }

    #[test]
    fn a_hash_form_is_its_own_and_the_same_for_every_spelling(key in key()) {
        let form = hash_form(&key.canonical());
        prop_assert_eq!(hash_form(&form), form.as_str());
        prop_assert_eq!(hash_form(&key.digital_link("brand.example/stem")), form);
    }

    #[test]
    fn series_and_serial_make_the_canonical_form(key in key()) {
        if let (Some(series), Some(serial)) = (key.series(), key.serial()) {
            let serial = encode(serial, Keep::Unreserved);
            prop_assert_eq!(format!("{series}{serial}"), key.canonical());
            prop_assert_eq!(key.level(), Level::Instance);
        }
    }

    #[test]
    fn one_changed_digit_is_always_refused(body in "[0-9]952[0-9]{9}", at in 0..14_usize, by in 1..10_u8) {
        let mut digits = with_check_digit(&body).into_bytes();
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        let wrong = String::from_utf8(digits).unwrap();
        prop_assert!(Gtin::parse(&wrong).is_err());
        let link = format!("https://brand.example/01/{wrong}/21/S");
        prop_assert!(Identifier::parse(&link).is_err());
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in any::<String>()) {
        if let Ok(parsed) = Identifier::parse(&text) {
            prop_assert!(!parsed.identifier.canonical().chars().any(char::is_control));
        }
        let _ = hash_form(&text);
        let _ = (Gtin::parse(&text), Gln::parse(&text), Sscc::parse(&text));
    }

    #[test]
    fn near_identifiers_are_read_or_refused_without_panic(
        text in r"(https://(id\.gs1\.org|x\.y)|urn:epc:(id|idpat|class):[a-z]{4,5}:|\(|)[0-9A-Z./:()%é*?=-]{0,40}"
    ) {
        if let Ok(parsed) = Identifier::parse(&text) {
            let again = Identifier::parse(&parsed.identifier.canonical()).unwrap();
            prop_assert_eq!(again.identifier.canonical(), parsed.identifier.canonical());
        }
        let form = hash_form(&text);
        prop_assert_eq!(hash_form(&form), form);
    }
}
