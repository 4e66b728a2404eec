//! What is refused, what becomes a private URI, and the sentences that say why.

use super::{IDENTIFIER_MAX_BYTES, Identifier};

#[track_caller]
fn private(text: &str) -> Option<String> {
    let parsed = Identifier::parse(text).unwrap();
    assert_eq!(parsed.identifier, Identifier::Private(text.to_owned()));
    parsed.warning
}

#[test]
fn a_wrong_gtin_sscc_or_gln_in_a_link_is_refused_with_what_was_expected() {
    for (text, reason) in [
        (
            "https://shop.example/01/09521234543214",
            "GTIN (01) 09521234543214: expected check digit 3, found 4",
        ),
        (
            "https://shop.example/01/952123454321",
            "GTIN (01) 00952123454321: expected check digit 4, found 1",
        ),
        (
            "https://shop.example/01/095212345432131/21/S",
            "GTIN (01): expected 14 digits, found \"095212345432131\"",
        ),
        (
            "https://id.gs1.org/01/95212",
            "GTIN (01): expected 14 digits, found \"95212\"",
        ),
        (
            "https://id.gs1.org/01/abc",
            "GTIN (01): expected 14 digits, found \"abc\"",
        ),
        (
            "https://id.gs1.org/gtin/abc",
            "GTIN (01): expected 14 digits, found \"abc\"",
        ),
        (
            "https://shop.example/01/00000000000000",
            "GTIN (01): expected a number that can be issued, found \"00000000000000\"",
        ),
        (
            "https://shop.example/00/095212345000000011",
            "SSCC (00) 095212345000000011: expected check digit 8, found 1",
        ),
        (
            "https://shop.example/414/952000000000",
            "GLN of a place (414): expected 13 digits, found \"952000000000\"",
        ),
        (
            "https://shop.example/417/9520000000003",
            "GLN of a party (417) 9520000000003: expected check digit 4, found 3",
        ),
    ] {
        assert_eq!(Identifier::parse(text).unwrap_err().to_string(), reason);
    }
}

#[test]
fn another_key_that_fails_its_scheme_is_private_with_a_warning() {
    for (text, reason) in [
        (
            "https://id.gs1.org/8003/09521234543214A",
            "GRAI (8003) 09521234543214A: expected check digit 3, found 4",
        ),
        (
            "https://shop.example/8006/095212345432130301",
            "ITIP (8006): expected a piece between 01 and the total, found \"095212345432130301\"",
        ),
        (
            "https://id.gs1.org/8004/ABC",
            "GIAI (8004): expected a company prefix, at least 4 digits, at its beginning, found \"ABC\"",
        ),
        (
            "https://shop.example/01/09521234543213/10/%E6%89%B9A",
            "lot (10): expected 1 to 20 characters of the GS1 set 82, found \"批A\"",
        ),
        (
            "https://shop.example/01/09521234543213/21/S/10/L",
            "GTIN (01) takes the qualifiers 22, 10, 21 or 235 in this order, found (10)",
        ),
        (
            "https://shop.example/01/09521234543213/reviews/all",
            "GTIN (01) takes the qualifiers 22, 10, 21 or 235 in this order, found (reviews)",
        ),
        (
            "https://shop.example/01/09521234543213/21",
            "a GS1 key is expected (01, 00, 414 …), found \"/01/09521234543213/21\"",
        ),
        (
            "https://shop.example/01/09521234543213?21=S",
            "(21) belongs in the path of a Digital Link, found in its query",
        ),
        (
            "https://shop.example/party/12345678",
            "GLN of a party (417): expected 13 digits, found \"12345678\"",
        ),
        (
            "urn:epc:id:sgtin:9521234.54321.S",
            "urn:epc:id:sgtin: expected company prefix and item reference, 13 digits together, and a \
             serial number, found \"9521234.54321.S\"",
        ),
        (
            "urn:epc:idpat:sgtin:9521234.*.*",
            "urn:epc:idpat:sgtin: expected company prefix and item reference, 13 digits together, \
             and a serial number, found \"9521234.*.*\"",
        ),
    ] {
        assert_eq!(
            private(text),
            Some(format!("recorded as a private URI: {reason}"))
        );
    }
}

#[test]
fn other_uris_are_private_exactly_as_they_came() {
    for text in [
        "https://brand.example/item/01/2",
        "https://brand.example/01/2024",
        "https://brand.example/01/2024-review",
        "https://brand.example/01/12345678/comments/7",
        "https://brand.example/8004/2024-11",
        "https://brand.example/",
        "https://brand.example",
        "https://brand.example/a b/../%7e/?q=%E6%89%B9#x",
        "urn:uuid:0190f3c2-7c1e-7000-8000-000000000001",
        "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022",
        "urn:epc:id:bic:CSQU3054383",
        "tag:brand.example,2026:pallet/7",
        "ex:thing",
        "mailto:a@brand.example",
    ] {
        let text = text.replace(' ', "%20");
        assert_eq!(private(&text), None, "{text}");
    }
}

#[test]
fn what_is_no_identifier_is_refused() {
    let long = format!("https://brand.example/{}", "x".repeat(IDENTIFIER_MAX_BYTES));
    for text in [
        "",
        " ",
        "hello",
        "09521234543213",
        "0109521234543213",
        "1:2",
        ":x",
        "ex:",
        "_:b1",
        "https://brand.example/a b",
        "https://brand.example/批",
        "https://brand.example/<x>",
        "https://brand.example/100%",
        "https://brand.example/%zz",
        "urn:x\u{0}",
        "urn:x\n",
        "urn:x\u{85}",
        "https://id.gs1.org/01/09521234543213/21/S%00",
        "https://brand.example/01/09521234543213/10/L%0A",
        "(01)09521234543214",
        "(01)09521234543213(21)S\u{1d}",
        "(8003)09521234543214",
        " https://id.gs1.org/01/09521234543213",
        &long,
    ] {
        assert!(Identifier::parse(text).is_err(), "{text:?}");
    }
}
