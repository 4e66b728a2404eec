//! Verification of the ledger's own tables: everything is derived again and the first difference of
//! each row is named.

use super::leaf::{Kind, LEAF_LEN, Leaf, chain_start, chain_step, field_root, hex, raw_commit};
use super::merkle::{CompactRange, Hash, leaf_hash};
use super::store::{self, StoredEntry};
use super::store_payloads::{Payload, StoredPayload, payload_seqs, stored_payloads};
use super::{Bad, Error, Fields, SaltKeys, SealKey, Shard};
use crate::db::Conn;

/// Rows read at a time.
const PAGE: i64 = 2_000;

/// What the walk over a shard found.
#[derive(Debug, Clone)]
pub struct ShardReport {
    /// How many leaves were read.
    pub entries: i64,
    /// The size the head tells.
    pub size: i64,
    /// The chain after the last leaf, as the head tells it.
    pub chain_hash: Hash,
    /// What is wrong.
    pub bad: Vec<Bad>,
}

struct Walk<'a> {
    shard: &'a Shard,
    salts: &'a SaltKeys,
    bad: Vec<Bad>,
    chain: Option<Hash>,
    frontier: Option<CompactRange>,
    next_offset: i64,
    /// The row before: its seq, and whether its `leaf_hash` column differs from its leaf.
    doubtful: Option<(i64, String, String)>,
}

/// Walks a shard from `from` on: leaves, chain, columns, payloads, head. `fields` derives the fields of
/// a payload by its kind. `progress` hears how many leaves were read since it was last called.
pub fn verify_shard(
    conn: &mut Conn,
    shard: &Shard,
    keys: (&SaltKeys, &SealKey),
    from: i64,
    fields: &dyn Fn(Kind, &[u8]) -> Fields,
    progress: &mut dyn FnMut(i64),
) -> Result<ShardReport, Error> {
    let (salts, seal) = keys;
    let head = store::head(conn, shard.number)?;
    let start = chain_start(&shard.name.log_origin(&shard.origin));
    let mut walk = Walk {
        shard,
        salts,
        bad: Vec::new(),
        chain: (from == 0).then_some(start),
        frontier: (from == 0).then(CompactRange::default),
        next_offset: 0,
        doubtful: None,
    };
    let mut next = from;
    let mut entries_read = 0;
    loop {
        let entries = store::entries(conn, shard.number, next, PAGE)?;
        let Some(last) = entries.last() else { break };
        let until = last.seq + 1;
        let mut payloads = stored_payloads(conn, shard.number, next, until)?
            .into_iter()
            .peekable();
        for entry in &entries {
            while let Some(stray) = payloads.next_if(|payload| payload.seq < entry.seq) {
                walk.row(
                    "ledger_payloads",
                    stray.seq,
                    None,
                    "no row",
                    "a row without a leaf",
                );
            }
            walk.missing(next, entry.seq);
            next = entry.seq + 1;
            if head.size <= entry.seq {
                walk.row(
                    "ledger_entries",
                    entry.seq,
                    None,
                    "no row: the head has less",
                    "a row",
                );
                continue;
            }
            let payload = payloads.next_if(|payload| payload.seq == entry.seq);
            walk.entry(entry, payload, fields);
        }
        let count = i64::try_from(entries.len()).unwrap_or(PAGE);
        entries_read += count;
        progress(count);
    }
    walk.missing(next, head.size);
    for seq in payload_seqs(conn, shard.number, next)? {
        walk.row(
            "ledger_payloads",
            seq,
            None,
            "no row",
            "a row without a leaf",
        );
    }
    walk.head(conn, seal, &head)?;
    Ok(ShardReport {
        entries: entries_read,
        size: head.size,
        chain_hash: head.chain_hash,
        bad: walk.bad,
    })
}

impl Walk<'_> {
    fn row(
        &mut self,
        table: &'static str,
        seq: i64,
        column: Option<&'static str>,
        expected: &str,
        found: &str,
    ) {
        self.bad.push(Bad::of_leaf(
            table, self.shard, seq, column, expected, found,
        ));
    }

    /// Leaves that are not there, `from..until`: one finding, however many they are.
    fn missing(&mut self, from: i64, until: i64) {
        if until <= from {
            return;
        }
        let last = until - 1;
        let expected = if from == last {
            "a row".to_owned()
        } else {
            format!("a row for each seq from {from} to {last}")
        };
        self.row("ledger_entries", from, None, &expected, "no row");
        self.chain = None;
        self.frontier = None;
    }

    fn entry(
        &mut self,
        entry: &StoredEntry,
        payload: Option<StoredPayload>,
        fields: &dyn Fn(Kind, &[u8]) -> Fields,
    ) {
        let hash = leaf_hash(&entry.leaf);
        let leaf = match Leaf::decode(&entry.leaf) {
            Ok(leaf) => leaf,
            Err(what) => {
                self.blame_before(true);
                self.row(
                    "ledger_entries",
                    entry.seq,
                    Some("leaf"),
                    &format!("a leaf of {LEAF_LEN} bytes"),
                    &what,
                );
                self.chain = None;
                self.frontier = None;
                return;
            }
        };
        let linked = self.chain.is_none_or(|chain| chain == leaf.prev);
        self.blame_before(linked);
        if !linked {
            let due = self.chain.map(|chain| hex(&chain)).unwrap_or_default();
            self.row(
                "ledger_entries",
                entry.seq,
                Some("leaf"),
                &format!("prev {due}"),
                &format!("prev {}", hex(&leaf.prev)),
            );
        }
        if hash.as_slice() != entry.leaf_hash {
            self.doubtful = Some((entry.seq, hex(&hash), hex(&entry.leaf_hash)));
        }
        self.chain = Some(chain_step(&entry.leaf));
        if let Some(frontier) = &mut self.frontier {
            frontier.push(hash);
        }
        self.columns(entry, &leaf);
        match payload {
            None => self.row("ledger_payloads", entry.seq, None, "a row", "no row"),
            Some(stored) => match stored.unpacked() {
                Ok(payload) => self.payload(&leaf, &payload, fields),
                Err(why) => self.row(
                    "ledger_payloads",
                    entry.seq,
                    Some(why.column()),
                    "what can be unpacked",
                    &why.to_string(),
                ),
            },
        }
    }

    /// A row whose leaf and `leaf_hash` differ: the next link of the chain tells which of them is wrong.
    /// `linked`: that link holds. When it does not, the leaf itself was changed, and the break that the
    /// next row would show is this row's.
    fn blame_before(&mut self, linked: bool) {
        let Some((seq, expected, found)) = self.doubtful.take() else {
            return;
        };
        if linked {
            self.row("ledger_entries", seq, Some("leaf_hash"), &expected, &found);
        } else {
            self.row(
                "ledger_entries",
                seq,
                Some("leaf"),
                &format!("a leaf with hash {found}"),
                &format!("hash {expected}"),
            );
        }
    }

    fn columns(&mut self, entry: &StoredEntry, leaf: &Leaf) {
        let columns = [
            ("seq", leaf.seq.cast_signed(), entry.seq),
            (
                "record_offset",
                leaf.offset.cast_signed(),
                entry.record_offset,
            ),
            ("part", leaf.part.into(), entry.part.into()),
            ("kind", i64::from(leaf.kind as u8), entry.kind.into()),
        ];
        for (column, expected, found) in columns {
            if expected != found {
                self.row(
                    "ledger_entries",
                    entry.seq,
                    Some(column),
                    &expected.to_string(),
                    &found.to_string(),
                );
            }
        }
        if leaf.shard != self.shard.ident {
            self.row(
                "ledger_entries",
                entry.seq,
                Some("shard"),
                &hex(&self.shard.ident),
                &hex(&leaf.shard),
            );
        }
        let offset = leaf.offset.cast_signed();
        let starts_at = if leaf.kind == Kind::Gap {
            leaf.reference.cast_signed()
        } else {
            offset
        };
        let due = match (leaf.part, self.shard.name.is_kafka()) {
            (0, true) => self.next_offset,
            (0, false) => entry.seq,
            _ => offset,
        };
        if self.frontier.is_some() && starts_at != due {
            self.row(
                "ledger_entries",
                entry.seq,
                Some("record_offset"),
                &due.to_string(),
                &starts_at.to_string(),
            );
        }
        self.next_offset = if self.shard.name.is_kafka() {
            offset + 1
        } else {
            entry.seq + 1
        };
    }

    fn payload(&mut self, leaf: &Leaf, payload: &Payload, fields: &dyn Fn(Kind, &[u8]) -> Fields) {
        let seq = payload.seq;
        let derived = self
            .salts
            .salt(&self.shard.name, leaf.offset, leaf.part, leaf.record_time)
            .ok();
        let salt = match (payload.salt(), derived) {
            (Some(stored), Some(derived)) if stored != derived => {
                self.row(
                    "ledger_payloads",
                    seq,
                    Some("salt"),
                    "the salt of this leaf",
                    "another",
                );
                derived
            }
            (Some(stored), _) => stored,
            (None, Some(derived)) => {
                self.row(
                    "ledger_payloads",
                    seq,
                    Some("salt"),
                    "32 bytes",
                    &format!("{} bytes", payload.salt.len()),
                );
                derived
            }
            (None, None) => {
                self.row(
                    "ledger_payloads",
                    seq,
                    Some("salt"),
                    "32 bytes",
                    &format!("{} bytes", payload.salt.len()),
                );
                return;
            }
        };
        let commit = raw_commit(&salt, &payload.bytes);
        if commit != leaf.raw_commit {
            self.row(
                "ledger_payloads",
                seq,
                Some("bytes"),
                &hex(&leaf.raw_commit),
                &hex(&commit),
            );
            return;
        }
        let fields = fields(leaf.kind, &payload.bytes);
        let root = field_root(
            &salt,
            fields
                .iter()
                .map(|(pointer, value)| (pointer.as_str(), value.as_slice())),
        );
        if root != leaf.payload_root {
            self.row(
                "ledger_entries",
                seq,
                Some("leaf"),
                &format!("payload root {}", hex(&root)),
                &hex(&leaf.payload_root),
            );
        }
    }

    fn head(&mut self, conn: &mut Conn, seal: &SealKey, head: &store::Head) -> Result<(), Error> {
        let linked = self.chain.is_none_or(|chain| chain == head.chain_hash);
        self.blame_before(linked);
        let before = self.bad.len();
        let shard = self.shard;
        let mut differ = |column: &str, expected: String, found: String| {
            self.bad.push(Bad::of_shard(
                "ledger_heads",
                shard,
                Some(column),
                &expected,
                &found,
            ));
        };
        if let Some(frontier) = &self.frontier {
            if let Some(chain) = self.chain.filter(|chain| *chain != head.chain_hash) {
                differ("chain_hash", hex(&chain), hex(&head.chain_hash));
            }
            if *frontier != head.frontier {
                differ(
                    "frontier",
                    hex(&frontier.to_bytes()),
                    hex(&head.frontier.to_bytes()),
                );
            }
            if frontier.size().cast_signed() != head.size {
                differ("size", frontier.size().to_string(), head.size.to_string());
            }
            if self.next_offset != head.next_offset {
                differ(
                    "next_offset",
                    self.next_offset.to_string(),
                    head.next_offset.to_string(),
                );
            }
        }
        let named = before < self.bad.len();
        if !named && !store::head_seal_holds(conn, seal, self.shard.number)? {
            let expected = "the seal over this row (writer_epoch, owner)";
            self.bad.push(Bad::of_shard(
                "ledger_heads",
                shard,
                Some("seal"),
                expected,
                "another",
            ));
        }
        Ok(())
    }
}
