//! Appending: lock the head, push records, finish. One transaction, owned by the caller.

use std::ops::Range;

use rayon::prelude::*;

use super::leaf::{Kind, Leaf, chain_step, field_root, raw_commit};
use super::merkle::{Hash, leaf_hash};
use super::packing;
use super::store::{self, Expect, Head, StoredEntry};
use super::store_payloads::StoredPayload;
use super::{Error, Salt, SaltKeys, SealKey, Shard};
use crate::db::Conn;
use crate::epcis::Timestamp;

/// The fields of a payload for its salted tree: JSON pointer and canonical value.
pub type Fields = Vec<(String, Vec<u8>)>;

/// A leaf to be.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it stands for.
    pub kind: Kind,
    /// The bytes to keep.
    pub payload: Vec<u8>,
    /// The fields to commit to one by one.
    pub fields: Fields,
    /// See [`Leaf::detail`].
    pub detail: u32,
    /// See [`Leaf::reference`].
    pub reference: i64,
}

/// A record to be: one Kafka offset, one request, one order.
#[derive(Debug, Clone)]
pub struct RecordDraft {
    /// The Kafka offset; `None` where the seq of the first leaf is the offset.
    pub offset: Option<i64>,
    /// When it was recorded.
    pub record_time: Timestamp,
    /// The key that signed it: see [`Leaf::submitter_key`].
    pub submitter_key: [u8; 8],
    /// Its leaves, in order.
    pub leaves: Vec<Draft>,
}

/// An append in progress: holds the head's lock until the transaction ends.
#[derive(Debug)]
pub struct Appender<'a> {
    shard: &'a Shard,
    head: Head,
    salts: &'a SaltKeys,
    seal: &'a SealKey,
    entries: Vec<StoredEntry>,
    payloads: Vec<StoredPayload>,
}

/// What of a leaf does not depend on the leaf before it: computed in parallel.
struct Prepared {
    salt: Salt,
    raw_commit: Hash,
    payload_root: Hash,
    /// The payload, where it is shorter so.
    packed: Option<Vec<u8>>,
}

/// Where a leaf stands in its record, and that in its shard.
#[derive(Clone, Copy)]
struct Place {
    offset: i64,
    part: u32,
    parts: u32,
}

impl<'a> Appender<'a> {
    /// Locks the shard. Fails with [`Error::Fenced`] when the expectation does not hold.
    pub fn begin(
        conn: &mut Conn,
        shard: &'a Shard,
        expect: Expect,
        salts: &'a SaltKeys,
        seal: &'a SealKey,
    ) -> Result<Self, Error> {
        let head = store::lock(conn, seal, shard, expect)?;
        Ok(Self {
            shard,
            head,
            salts,
            seal,
            entries: Vec::new(),
            payloads: Vec::new(),
        })
    }

    /// The seq of the next leaf.
    pub const fn next_seq(&self) -> i64 {
        self.head.size
    }

    /// The offset that is due next.
    pub const fn next_offset(&self) -> i64 {
        self.head.next_offset
    }

    /// Adds records in order and tells the seqs of each one's leaves.
    pub fn push(&mut self, records: Vec<RecordDraft>) -> Result<Vec<Range<i64>>, Error> {
        let mut first_seq = self.head.size;
        let mut next_offset = self.head.next_offset;
        let mut placed = Vec::with_capacity(records.len());
        for record in records {
            let offset = record.offset.unwrap_or(first_seq);
            let starts_at = match record.leaves.first() {
                Some(draft) if draft.kind == Kind::Gap => draft.reference,
                _ => offset,
            };
            if starts_at != next_offset {
                return Err(Error::OutOfOrder {
                    shard: self.shard.name.clone(),
                    expected: next_offset,
                    found: starts_at,
                });
            }
            let after = first_seq + i64::try_from(record.leaves.len()).unwrap_or(i64::MAX);
            next_offset = if record.offset.is_some() {
                offset + 1
            } else {
                after
            };
            placed.push((first_seq..after, offset, record));
            first_seq = after;
        }

        let jobs: Vec<(i64, u32, Timestamp, &Draft)> = placed
            .iter()
            .flat_map(|(_, offset, record)| {
                record
                    .leaves
                    .iter()
                    .zip(0_u32..)
                    .map(|(draft, part)| (*offset, part, record.record_time, draft))
            })
            .collect();
        let prepared: Vec<Prepared> = jobs
            .par_iter()
            .with_min_len(64)
            .map(|(offset, part, recorded, draft)| self.prepare(*offset, *part, *recorded, draft))
            .collect::<Result<_, Error>>()?;

        let mut prepared = prepared.into_iter();
        let mut ranges = Vec::with_capacity(placed.len());
        for (range, offset, record) in placed {
            let parts = u32::try_from(record.leaves.len()).unwrap_or(u32::MAX);
            for ((draft, part), ready) in record
                .leaves
                .into_iter()
                .zip(0_u32..)
                .zip(prepared.by_ref())
            {
                let place = Place {
                    offset,
                    part,
                    parts,
                };
                self.link(
                    draft,
                    place,
                    record.record_time,
                    record.submitter_key,
                    ready,
                );
            }
            ranges.push(range);
        }
        self.head.next_offset = next_offset;
        Ok(ranges)
    }

    /// Writes everything and moves the head.
    pub fn finish(self, conn: &mut Conn) -> Result<Head, Error> {
        store::insert(conn, self.entries, self.payloads)?;
        store::save_head(conn, self.seal, &self.head)?;
        Ok(self.head)
    }

    fn prepare(
        &self,
        offset: i64,
        part: u32,
        recorded: Timestamp,
        draft: &Draft,
    ) -> Result<Prepared, Error> {
        let salt = self
            .salts
            .salt(&self.shard.name, offset.cast_unsigned(), part, recorded)?;
        let fields = draft
            .fields
            .iter()
            .map(|(pointer, value)| (pointer.as_str(), value.as_slice()));
        let payload_root = field_root(&salt, fields);
        let raw_commit = raw_commit(&salt, &draft.payload);
        Ok(Prepared {
            salt,
            raw_commit,
            payload_root,
            packed: packing::pack(&draft.payload),
        })
    }

    fn link(
        &mut self,
        draft: Draft,
        Place {
            offset,
            part,
            parts,
        }: Place,
        recorded: Timestamp,
        submitter_key: [u8; 8],
        ready: Prepared,
    ) {
        let leaf = Leaf {
            kind: draft.kind,
            shard: self.shard.ident,
            seq: self.head.size.cast_unsigned(),
            offset: offset.cast_unsigned(),
            part,
            parts,
            record_time: recorded,
            prev: self.head.chain_hash,
            raw_commit: ready.raw_commit,
            payload_root: ready.payload_root,
            submitter_key,
            detail: draft.detail,
            reference: draft.reference.cast_unsigned(),
        }
        .encode();
        let hash = leaf_hash(&leaf);
        self.entries.push(StoredEntry {
            shard: self.shard.number,
            seq: self.head.size,
            record_offset: offset,
            part: part.cast_signed(),
            kind: i32::from(draft.kind as u8),
            leaf: leaf.to_vec(),
            leaf_hash: hash.to_vec(),
        });
        self.payloads.push(StoredPayload {
            shard: self.shard.number,
            seq: self.head.size,
            packing: packing::packing_of(ready.packed.is_some()),
            bytes: ready.packed.unwrap_or(draft.payload),
            salt: ready.salt.bytes().to_vec(),
        });
        self.head.chain_hash = chain_step(&leaf);
        self.head.frontier.push(hash);
        self.head.size += 1;
    }
}
