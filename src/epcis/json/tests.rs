use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    String::from_utf8(read(text.as_bytes()).unwrap().canonical()).unwrap()
}

#[test]
fn every_broken_text_is_refused_at_its_place() {
    use JsonRule as R;
    let deep = "[".repeat(DEPTH_MAX + 1);
    let deep_pointer = "/0".repeat(DEPTH_MAX);
    let cases: [(&[u8], R, &str, usize); 30] = [
        (b"", R::UnexpectedEnd, "", 0),
        (b"  ", R::UnexpectedEnd, "", 2),
        (b"\xef\xbb\xbf{}", R::ByteOrderMark, "", 0),
        (b"{\"a\":\"\xff\"}", R::InvalidUtf8, "", 6),
        (b"\"\xed\xa0\x80\"", R::InvalidUtf8, "", 1),
        (b"{} x", R::TrailingText, "", 3),
        (b"{\"a\":1,}", R::Expected("a string"), "", 7),
        (b"{\"a\" 1}", R::Expected("a colon"), "/a", 5),
        (b"{\"a\":[1,2", R::UnexpectedEnd, "/a", 9),
        (b"{\"a\":[1 2]}", R::Expected("a comma or ]"), "/a", 8),
        (b"{\"a\":1 \"b\":2}", R::Expected("a comma or }"), "", 7),
        (b"[1,]", R::Expected("a value"), "/1", 3),
        (b"[nul]", R::Expected("a value"), "/0", 1),
        (b"[tru", R::UnexpectedEnd, "/0", 4),
        (b"{'a':1}", R::Expected("a string"), "", 1),
        (b"// x", R::Expected("a value"), "", 0),
        (b"NaN", R::Expected("a value"), "", 0),
        (b"[01]", R::BadNumber, "/0", 1),
        (b"[1.]", R::BadNumber, "/0", 1),
        (b"[.5]", R::Expected("a value"), "/0", 1),
        (b"[1e]", R::BadNumber, "/0", 1),
        (b"[-]", R::BadNumber, "/0", 1),
        (b"[0x10]", R::BadNumber, "/0", 1),
        (b"{\"a\":\"\n\"}", R::ControlCharacter, "/a", 6),
        (b"{\"a\":\"\\x\"}", R::BadEscape, "/a", 6),
        (b"{\"a\":\"\\u12g4\"}", R::BadEscape, "/a", 6),
        (
            b"{\"a/b\":{\"c~d\":[0,\"\\ud800\"]}}",
            R::LoneSurrogate,
            "/a~1b/c~0d/1",
            18,
        ),
        (b"\"\\udc00\"", R::LoneSurrogate, "", 1),
        (
            b"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
            R::DuplicateKey,
            "/a/b",
            18,
        ),
        (deep.as_bytes(), R::TooDeep, &deep_pointer, DEPTH_MAX),
    ];
    for (bytes, rule, pointer, offset) in cases {
        let fault = read(bytes).unwrap_err();
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(
            (fault.rule, fault.pointer.as_str(), fault.offset),
            (rule, pointer, offset),
            "{text}"
        );
    }
}

#[test]
fn a_key_twice_is_noticed_in_escapes_and_in_large_objects() {
    let escaped = read(br#"{"a":1,"\u0061":2}"#).unwrap_err();
    assert_eq!(
        (escaped.rule, escaped.pointer.as_str()),
        (JsonRule::DuplicateKey, "/a")
    );

    let members: Vec<_> = (0..40).map(|i| format!("\"k{i}\":{i}")).collect();
    let good = format!("{{{}}}", members.join(","));
    assert!(read(good.as_bytes()).is_ok());
    for again in [0, 15, 16, 39] {
        let bad = format!("{{{},\"k{again}\":0}}", members.join(","));
        assert_eq!(
            read(bad.as_bytes()).unwrap_err().pointer,
            format!("/k{again}")
        );
    }
}

#[test]
fn nesting_up_to_the_limit_is_read() {
    let text = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    assert!(read(text.as_bytes()).is_ok());
}

#[test]
#[rustfmt::skip]
fn the_canonical_form_sorts_escapes_and_keeps_numbers() {
    for (text, expect) in [
        ("{ \"b\" : 1 , \"a\" : [ ] }", r#"{"a":[],"b":1}"#),
        ("[1.0, 1.50, -0, 1E5, 10]", "[1.0,1.50,-0,1E5,10]"),
        (r#""\u0041\/\u00e9\ud83d\ude00""#, "\"A/é😀\""),
        (r#""\b\t\n\f\r\"\\\u0001\u001f\u007f""#, "\"\\b\\t\\n\\f\\r\\\"\\\\\\u0001\\u001f\u{7f}\""),
        // U+1F600 is D83D DE00 in UTF-16 and sorts before U+FB33, which UTF-8 puts the other way round.
        (r#"{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"1":4}"#, "{\"1\":4,\"€\":3,\"😀\":2,\"\u{fb33}\":1}"),
        (" null ", "null"),
    ] {
        assert_eq!(canonical(text), expect, "{text}");
    }
}

#[test]
fn a_reader_tells_where_every_element_stands() {
    let text = br#" { "list" : [ {"a":1} , [2,3],"x" ] } "#;
    let mut reader = Reader::new(text).unwrap();
    let mut slices = Vec::new();
    reader
        .members(|reader, _| {
            reader.elements(|reader| {
                let start = reader.position();
                reader.value()?;
                slices.push(&text[start..reader.position()]);
                Ok(())
            })
        })
        .unwrap();
    reader.end().unwrap();

    assert_eq!(slices, [&b"{\"a\":1}"[..], b"[2,3]", b"\"x\""]);
}

/// Any value, as what it is and as a text with odd spacing and its members in the order given.
fn any_value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?"
            .prop_map(|text| Value::Number(text.into())),
        any::<String>().prop_map(|text| Value::String(text.into())),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::hash_map(any::<String>(), inner, 0..6).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(key, value)| (key.into(), value))
                        .collect(),
                )
            }),
        ]
    })
}

fn spaced(value: &Value<'_>, space: &str, backwards: bool) -> String {
    let join = |mut parts: Vec<String>| {
        if backwards {
            parts.reverse();
        }
        parts.join(&format!("{space},{space}"))
    };
    match value {
        Value::Array(elements) => {
            let parts: Vec<_> = elements
                .iter()
                .map(|e| spaced(e, space, backwards))
                .collect();
            format!(
                "[{space}{}{space}]",
                parts.join(&format!("{space},{space}"))
            )
        }
        Value::Object(members) => {
            let part = |(key, value): &(std::borrow::Cow<'_, str>, Value<'_>)| {
                let key = Value::String(key.clone()).canonical();
                let key = String::from_utf8(key).unwrap();
                format!("{key}{space}:{space}{}", spaced(value, space, backwards))
            };
            format!(
                "{{{space}{}{space}}}",
                join(members.iter().map(part).collect())
            )
        }
        scalar => String::from_utf8(scalar.canonical()).unwrap(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in any_value()) {
        let text = spaced(&value, "", false);
        prop_assert_eq!(read(text.as_bytes()).unwrap(), value);
    }

    #[test]
    fn the_canonical_form_does_not_depend_on_spacing_or_order(value in any_value(), space in "[ \n\r\t]{0,3}") {
        let expect = value.canonical();
        for backwards in [false, true] {
            let text = spaced(&value, &space, backwards);
            prop_assert_eq!(&read(text.as_bytes()).unwrap().canonical(), &expect);
        }
        prop_assert_eq!(&read(&expect).unwrap().canonical(), &expect);
    }

    #[test]
    fn the_reader_agrees_with_another_one(bytes in "[\\[\\]{}:,\"0-9eE.+tfnrul \\\\abu-]{0,24}") {
        let ours = read(bytes.as_bytes()).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&bytes).is_ok();
        // The other one lets a key stand twice and refuses numbers it cannot hold.
        let excused = |fault: &JsonFault| fault.rule == JsonRule::DuplicateKey;
        prop_assert!(ours == theirs || read(bytes.as_bytes()).is_err_and(|f| excused(&f)) || bytes.contains(['e', 'E']));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes);
    }
}
