//! Frames of a schema registry (Confluent's wire format): a few bytes before a Kafka record's value that name
//! its schema. EPCIS JSON begins with `{` or white space, so a frame is known by its first byte.
//!
//! ```text
//! version 0:  00 ‖ schema id (u32, big-endian) ‖ value
//! version 1:  01 ‖ schema GUID (16 bytes)      ‖ value
//! ```

use super::fault::Fault;

/// The schema id of a framed record: its four bytes after the first.
const ID_BYTES: usize = 4;

/// The schema GUID of a framed record.
const GUID_BYTES: usize = 16;

/// A frame before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The schema's id; 0 when it is named by a GUID, which stands in the frame alone.
    pub schema: u32,
    /// Bytes of the frame: the value begins behind them.
    pub length: usize,
}

/// A value that begins as a frame does and ends inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a schema-registry frame has {expected} bytes, and the record ends after {found}")]
pub struct Truncated {
    /// Bytes that the frame must have.
    pub expected: usize,
    /// Bytes that there are.
    pub found: usize,
}

impl From<Truncated> for Fault {
    fn from(truncated: Truncated) -> Self {
        Self {
            pointer: String::new(),
            rule: "frame-truncated",
            detail: truncated.to_string(),
        }
    }
}

/// The frame at the beginning of a value, if there is one.
pub fn frame(value: &[u8]) -> Result<Option<Frame>, Truncated> {
    let length = match value.first() {
        Some(0) => 1 + ID_BYTES,
        Some(1) => 1 + GUID_BYTES,
        _ => return Ok(None),
    };
    let head = value.get(1..length).ok_or(Truncated {
        expected: length,
        found: value.len(),
    })?;
    let schema = <[u8; ID_BYTES]>::try_from(head).map_or(0, u32::from_be_bytes);
    Ok(Some(Frame { schema, length }))
}

/// What stands behind the frame, where there is a whole one; else all of it.
pub fn unframed(value: &[u8]) -> &[u8] {
    let length = match frame(value) {
        Ok(Some(frame)) => frame.length,
        Ok(None) | Err(_) => 0,
    };
    value.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Frame, Truncated, frame, unframed};

    #[test]
    fn a_frame_is_known_by_its_first_byte() {
        let id = b"\x00\x00\x01\x02\x03{}";
        let guid = [&[1][..], &[7; 16], b"{}"].concat();

        let expected = |schema, length| Ok(Some(Frame { schema, length }));
        assert_eq!(frame(id), expected(0x0001_0203, 5));
        assert_eq!(frame(&guid), expected(0, 17));
        for value in [&id[..], &guid] {
            assert_eq!(unframed(value), b"{}");
        }
        for plain in [&b"{}"[..], b" {}", b"", b"\x02\x00", b"\xff\x00\xfe"] {
            assert_eq!(frame(plain), Ok(None));
            assert_eq!(unframed(plain), plain);
        }
    }

    #[test]
    fn a_value_that_ends_inside_its_frame_is_told() {
        for (value, expected) in [
            (&b"\x00"[..], 5),
            (b"\x00\x01\x02\x03", 5),
            (b"\x01", 17),
            (&[1; 16], 17),
        ] {
            let found = value.len();
            assert_eq!(frame(value), Err(Truncated { expected, found }));
            assert_eq!(unframed(value), value);
        }
        assert!(matches!(frame(&[0; 5]), Ok(Some(_))));
        assert!(matches!(frame(&[1; 17]), Ok(Some(_))));
    }
}
