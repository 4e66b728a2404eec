//! Which member of a JSON document stands at a position: what a mistake in it is called.

/// One array or object that is open at a position.
enum Open {
    Array(usize),
    /// With the name of the member at hand.
    Object(String),
}

/// The member at a line and column (both from 1, as the reader counts bytes): `places[1].from`; empty where the whole
/// document is meant.
pub fn member_at(json: &[u8], line: usize, column: usize) -> String {
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    let end = before.saturating_add(column).min(json.len());
    let mut open: Vec<Open> = Vec::new();
    let mut bytes = json.get(..end).unwrap_or_default().iter().copied();
    // In an object, the text of the last string until a value follows it.
    let mut is_name = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => {
                open.push(Open::Object(String::new()));
                is_name = true;
            }
            b'[' => {
                open.push(Open::Array(0));
                is_name = false;
            }
            b'}' | b']' => {
                open.pop();
                is_name = false;
            }
            b',' => match open.last_mut() {
                Some(Open::Array(index)) => *index += 1,
                Some(Open::Object(_)) => is_name = true,
                None => {}
            },
            b':' => is_name = false,
            b'"' => {
                let text = string(&mut bytes);
                if let Some(Open::Object(name)) = open.last_mut().filter(|_| is_name) {
                    *name = text;
                }
            }
            _ => {}
        }
    }
    let mut path = String::new();
    for part in open {
        match part {
            Open::Array(index) => path.push_str(&format!("[{index}]")),
            Open::Object(name) if name.is_empty() => {}
            Open::Object(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name);
            }
        }
    }
    path
}

/// The rest of a string, as it is written, without its escapes' meaning.
fn string(bytes: &mut impl Iterator<Item = u8>) -> String {
    let mut text = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => text.extend(std::iter::once(byte).chain(bytes.next())),
            _ => text.push(byte),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::member_at;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Inner {
        from: String,
        list: Vec<u32>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        #[serde(default)]
        places: Vec<Inner>,
        #[serde(default)]
        count: u32,
    }

    #[test]
    fn the_member_that_cannot_be_read_is_named() {
        for (json, member) in [
            (r#""text""#, ""),
            ("3", ""),
            (r#"{"count":"3"}"#, "count"),
            (r#"{"count":{}}"#, "count"),
            (r#"{"places":3,"count":1}"#, "places"),
            (r#"{"places":[{"from":"a"},{"from":7}]}"#, "places[1].from"),
            (
                "{\"places\":[\n {\"list\":[1,2,\n\"x\"]}]}",
                "places[0].list[2]",
            ),
            (r#"{"places":[{"till":"a"}]}"#, "places[0].till"),
            (
                r#"{"places":[{"from":"a, \"{[:"},{"list":[true]}]}"#,
                "places[1].list[0]",
            ),
        ] {
            let error = serde_json::from_str::<Outer>(json).unwrap_err();
            assert_eq!(
                member_at(json.as_bytes(), error.line(), error.column()),
                member,
                "{json}: {error}"
            );
        }
    }
}
