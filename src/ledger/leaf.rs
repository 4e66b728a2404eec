//! The leaf: 158 bytes, big-endian, the same for every kind. `docs/LEDGER.md` has the table.

use sha2::{Digest, Sha256};

use super::merkle::{self, Hash};
use super::salt::Salt;
use crate::epcis::Timestamp;

/// Bytes of a version-1 leaf.
pub const LEAF_LEN: usize = 158;
/// The version this program writes. It fixes the layout and the rules that give a record its kind.
const VERSION: u8 = 1;

/// What a leaf stands for. The number stands in the leaf: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// An event whose id this shard had not seen.
    Event = 1,
    /// An event this shard has already, word for word; `reference` is the first one's seq.
    Duplicate = 2,
    /// An id this shard has already, with other content; `reference` is the first one's seq.
    Conflict = 3,
    /// A record or an event that is no valid EPCIS.
    Refused = 4,
    /// A Kafka record without a value.
    Tombstone = 5,
    /// Notice that a payload was erased under an order.
    Redaction = 6,
    /// Offsets that never came: `offset` is the last missing one, `reference` the first.
    Gap = 7,
    /// The document around the events that follow, with their slices cut out.
    Envelope = 8,
    /// A control order: master data, codes, keys, policies, recalls.
    Order = 9,
}

impl Kind {
    /// The kind with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Event,
            2 => Self::Duplicate,
            3 => Self::Conflict,
            4 => Self::Refused,
            5 => Self::Tombstone,
            6 => Self::Redaction,
            7 => Self::Gap,
            8 => Self::Envelope,
            9 => Self::Order,
            _ => return None,
        })
    }

    /// Whether the leaf carries a valid EPCIS event: each such leaf has a verdict.
    pub const fn is_event(self) -> bool {
        matches!(self, Self::Event | Self::Duplicate | Self::Conflict)
    }
}

/// A leaf, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What it stands for.
    pub kind: Kind,
    /// The shard's identity: first 8 bytes of SHA-256 over origin, topic, partition, incarnation.
    pub shard: [u8; 8],
    /// Its number in the shard, from 0.
    pub seq: u64,
    /// The Kafka offset; in `http/N` and `control/0` the seq of the record's first leaf.
    pub offset: u64,
    /// Which leaf of its record, from 0.
    pub part: u32,
    /// How many leaves the record has.
    pub parts: u32,
    /// Kafka's append time, or ours.
    pub record_time: Timestamp,
    /// The chain up to here: see [`chain_start`] and [`chain_step`].
    pub prev: Hash,
    /// Salted commitment to the payload's bytes.
    pub raw_commit: Hash,
    /// Root of the salted tree of the payload's fields.
    pub payload_root: Hash,
    /// The key that signed the record; zeros for an unsigned one.
    pub submitter_key: [u8; 8],
    /// The schema id of a framed record, or 0.
    pub detail: u32,
    /// Kinds `Duplicate`, `Conflict`, `Gap`: what they refer to. Otherwise 0.
    pub reference: u64,
}

impl Leaf {
    /// The bytes that are hashed and served.
    pub fn encode(&self) -> [u8; LEAF_LEN] {
        let mut out = [0_u8; LEAF_LEN];
        let mut rest = out.as_mut_slice();
        let mut put = |bytes: &[u8]| {
            let (head, tail) = std::mem::take(&mut rest).split_at_mut(bytes.len());
            head.copy_from_slice(bytes);
            rest = tail;
        };
        put(&[VERSION, self.kind as u8]);
        put(&self.shard);
        put(&self.seq.to_be_bytes());
        put(&self.offset.to_be_bytes());
        put(&self.part.to_be_bytes());
        put(&self.parts.to_be_bytes());
        put(&self.record_time.micros().to_be_bytes());
        put(&self.prev);
        put(&self.raw_commit);
        put(&self.payload_root);
        put(&self.submitter_key);
        put(&self.detail.to_be_bytes());
        put(&self.reference.to_be_bytes());
        out
    }

    /// Reads a leaf; the error says what is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let bytes: &[u8; LEAF_LEN] = bytes
            .try_into()
            .map_err(|_wrong| format!("a leaf has {LEAF_LEN} bytes, not {}", bytes.len()))?;
        let mut rest = bytes.as_slice();
        let [version, kind] = take::<2>(&mut rest);
        if version != VERSION {
            return Err(format!("leaf version {version} is not known"));
        }
        let kind =
            Kind::from_number(kind).ok_or_else(|| format!("leaf kind {kind} is not known"))?;
        Ok(Self {
            kind,
            shard: take(&mut rest),
            seq: u64::from_be_bytes(take(&mut rest)),
            offset: u64::from_be_bytes(take(&mut rest)),
            part: u32::from_be_bytes(take(&mut rest)),
            parts: u32::from_be_bytes(take(&mut rest)),
            record_time: Timestamp::from_micros(i64::from_be_bytes(take(&mut rest))),
            prev: take(&mut rest),
            raw_commit: take(&mut rest),
            payload_root: take(&mut rest),
            submitter_key: take(&mut rest),
            detail: u32::from_be_bytes(take(&mut rest)),
            reference: u64::from_be_bytes(take(&mut rest)),
        })
    }
}

/// The next `N` bytes; the length was checked before.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let (head, tail) = rest.split_at(N);
    out.copy_from_slice(head);
    *rest = tail;
    out
}

/// The chain before the first leaf of a shard: `SHA-256(0x03 ‖ origin string)`.
pub fn chain_start(origin: &str) -> Hash {
    Sha256::new()
        .chain_update([3_u8])
        .chain_update(origin)
        .finalize()
        .into()
}

/// The chain after a leaf: `SHA-256(0x02 ‖ leaf)`. The leaf holds the chain before it.
pub fn chain_step(leaf: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([2_u8])
        .chain_update(leaf)
        .finalize()
        .into()
}

/// The salted commitment to a payload: `SHA-256(HMAC(salt, "raw") ‖ bytes)`.
pub fn raw_commit(salt: &Salt, bytes: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(salt.derive(b"raw"))
        .chain_update(bytes)
        .finalize()
        .into()
}

/// The root over a payload's fields, sorted by JSON pointer. A field's leaf is
/// `SHA-256(0x00 ‖ HMAC(salt, pointer) ‖ pointer ‖ 0x00 ‖ canonical value)`.
pub fn field_root<'a>(salt: &Salt, fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Hash {
    let mut sorted: Vec<(&str, &[u8])> = fields.collect();
    sorted.sort_unstable_by_key(|(pointer, _)| *pointer);
    let leaves: Vec<Hash> = sorted
        .into_iter()
        .map(|(pointer, value)| {
            Sha256::new()
                .chain_update([0_u8])
                .chain_update(salt.derive(pointer.as_bytes()))
                .chain_update(pointer)
                .chain_update([0_u8])
                .chain_update(value)
                .finalize()
                .into()
        })
        .collect();
    merkle::root(&leaves)
}

/// Lower-case hexadecimal, as hashes are shown.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::{Kind, LEAF_LEN, Leaf};
    use crate::epcis::Timestamp;

    fn example() -> Leaf {
        Leaf {
            kind: Kind::Conflict,
            shard: [1; 8],
            seq: 2,
            offset: 3,
            part: 4,
            parts: 5,
            record_time: Timestamp::from_micros(-6),
            prev: [7; 32],
            raw_commit: [8; 32],
            payload_root: [9; 32],
            submitter_key: [10; 8],
            detail: 11,
            reference: 12,
        }
    }

    #[test]
    fn a_leaf_reads_back_as_written() {
        assert_eq!(Leaf::decode(&example().encode()), Ok(example()));
    }

    #[test]
    fn every_byte_of_a_leaf_means_something() {
        let bytes = example().encode();
        for index in 0..LEAF_LEN {
            let mut changed = bytes;
            changed[index] ^= 0x40;
            assert_ne!(Leaf::decode(&changed), Ok(example()), "byte {index}");
        }
    }

    #[test]
    fn the_layout_is_the_written_one() {
        let bytes = example().encode();
        assert_eq!(&bytes[..2], &[1, 3]);
        assert_eq!(&bytes[10..18], &2_u64.to_be_bytes());
        assert_eq!(&bytes[18..26], &3_u64.to_be_bytes());
        assert_eq!(&bytes[26..34], &[0, 0, 0, 4, 0, 0, 0, 5]);
        assert_eq!(&bytes[42..74], &[7; 32]);
        assert_eq!(&bytes[150..158], &12_u64.to_be_bytes());
    }

    #[test]
    fn bytes_that_are_no_leaf_are_refused() {
        assert!(Leaf::decode(&[1; 10]).is_err());
        assert!(Leaf::decode(&[0; LEAF_LEN]).is_err());
        let mut unknown = example().encode();
        unknown[1] = 99;
        assert!(Leaf::decode(&unknown).is_err());
    }
}
