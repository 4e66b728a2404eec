//! How the bytes of payloads are kept. What is committed to are the bytes as they came; here they are made small.
//!
//! An event is mostly the words of the standard. Compressed beside a text of those words, it takes an eighth to a
//! third of its room (`docs/BENCHMARKS.md`).

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe;

/// The bytes as they are.
const PLAIN: i32 = 0;
/// A Zstandard frame (RFC 8878) with [`WORDS`] as its raw dictionary.
const ZSTD: i32 = 1;

/// What frames refer to. It never changes: what was packed with it is read with it.
const WORDS: &[u8] = include_bytes!("packing-1.txt");
/// Higher levels gain little on so few bytes.
const LEVEL: i32 = 3;
/// Bytes that are longer are kept as they are; a frame that claims more was not made here.
const PLAIN_MAX: usize = 64 * 1024 * 1024;

static TO_PACK: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(WORDS, LEVEL));
static TO_UNPACK: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(WORDS));

thread_local! {
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Why bytes cannot be unpacked: the row was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotPacked {
    /// No packing has this number.
    #[error("packing {0}")]
    Unknown(i32),
    /// The bytes are not what the packing makes.
    #[error("{0}")]
    Broken(String),
}

impl NotPacked {
    /// The column that is wrong.
    pub(super) const fn column(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "packing",
            Self::Broken(_) => "bytes",
        }
    }
}

/// The packing and the bytes of it, where that is shorter; else none.
pub(super) fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.is_empty() || PLAIN_MAX < bytes.len() {
        return None;
    }
    let packed = PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            none => none.insert(Compressor::with_prepared_dictionary(&TO_PACK)?),
        };
        packer.compress(bytes)
    });
    // Without memory for it they stay as they are: nothing is lost but room.
    packed.ok().filter(|packed| packed.len() < bytes.len())
}

/// The bytes as they came.
pub(super) fn unpack(packing: i32, bytes: Vec<u8>) -> Result<Vec<u8>, NotPacked> {
    match packing {
        PLAIN => Ok(bytes),
        ZSTD => decompress(&bytes).map_err(NotPacked::Broken),
        other => Err(NotPacked::Unknown(other)),
    }
}

/// The number of the packing of what [`pack`] gave.
pub(super) const fn packing_of(is_packed: bool) -> i32 {
    if is_packed { ZSTD } else { PLAIN }
}

fn decompress(packed: &[u8]) -> Result<Vec<u8>, String> {
    let length = zstd_safe::get_frame_content_size(packed)
        .map_err(|error| error.to_string())?
        .and_then(|length| usize::try_from(length).ok())
        .filter(|length| *length <= PLAIN_MAX)
        .ok_or("a frame that does not say how long it is")?;
    let unpacked = UNPACKER.with_borrow_mut(|unpacker| {
        let unpacker = match unpacker {
            Some(unpacker) => unpacker,
            none => none.insert(Decompressor::with_prepared_dictionary(&TO_UNPACK)?),
        };
        unpacker.decompress(packed, length)
    });
    unpacked.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::{NotPacked, PLAIN, WORDS, ZSTD, pack, packing_of, unpack};
    use crate::ledger::hex;

    const EVENT: &str = r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:3f0c5d1e-8a41-4c7b-9c5b-0a53d7f0c2aa","eventTime":"2026-07-03T09:12:44+08:00","eventTimeZoneOffset":"+08:00","action":"OBSERVE","bizStep":"retail_selling","disposition":"retail_sold","readPoint":{"id":"https://id.gs1.org/414/9521234000013"},"epcList":["https://id.gs1.org/01/09521234543213/21/K7Q2M9X4"]}"#;

    fn back(bytes: &[u8]) -> Vec<u8> {
        let packed = pack(bytes);
        let packing = packing_of(packed.is_some());
        unpack(packing, packed.unwrap_or_else(|| bytes.to_vec())).unwrap()
    }

    #[test]
    fn an_event_takes_less_than_half_of_its_room_and_comes_back() {
        let packed = pack(EVENT.as_bytes()).unwrap();

        assert!(2 * packed.len() < EVENT.len(), "{}", packed.len());
        assert_eq!(back(EVENT.as_bytes()), EVENT.as_bytes());
    }

    #[test]
    fn what_would_not_be_shorter_stays_as_it_is() {
        for short in [&b""[..], b"x", &[0xff, 0x00, 0x13, 0x77, 0x42]] {
            assert_eq!(pack(short), None);
            assert_eq!(back(short), short);
        }
    }

    #[test]
    fn what_was_packed_once_is_read_for_ever() {
        // The words are part of the format.
        let digest = hex(&Sha256::digest(WORDS));
        assert_eq!(
            digest,
            "49c766dfa14e04ec73d7de79aeed41ec1d6d6e356949bf6579fdf969e6447ef4"
        );
        // Made by another program from the same words.
        let packed = "28b52ffd60a800c5030042440f16b0a70d0c00d2444e88005a7b0491e0cd95476043c901c901dc2803122be4615ef39e78bfc133c50a666c4b8b52d9ea68973adbaf3b07851cd2b6940113004445945501202a1e80c020a0246508fc73080845c05f2181198e86ee3904e4150880054bc10ea1450196e5ba1dc000107c5ff3a60208";
        let bytes = |at: usize| u8::from_str_radix(&packed[at..at + 2], 16).unwrap();
        let packed: Vec<u8> = (0..packed.len()).step_by(2).map(bytes).collect();
        assert_eq!(unpack(ZSTD, packed).unwrap(), EVENT.as_bytes());
    }

    #[test]
    fn a_row_that_was_changed_is_told() {
        let packed = pack(EVENT.as_bytes()).unwrap();
        let mut longer = packed.clone();
        longer.push(1);
        let huge = [&packed[..4], &[0xa0, 0xff, 0xff, 0xff, 0xff], &packed[9..]].concat();

        for broken in [&packed[..packed.len() - 1], &longer, &huge, b"", b"{}"] {
            let error = unpack(ZSTD, broken.to_vec()).unwrap_err();
            assert_eq!(error.column(), "bytes", "{error}");
        }
        let unknown = unpack(2, packed).unwrap_err();
        assert_eq!(
            (unknown.column(), &unknown),
            ("packing", &NotPacked::Unknown(2))
        );
        assert_eq!(unpack(PLAIN, b"{}".to_vec()).unwrap(), b"{}");
    }

    proptest! {
        #[test]
        fn everything_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(back(&bytes), bytes);
        }
    }
}
