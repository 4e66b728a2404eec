//! Deciding: what each event leaf is in its shard (its kind), and what it is over all shards (its verdict).

use std::collections::HashMap;

use super::Error;
use super::read::{Accepted, ReadRecord};
use crate::db::Conn;
use crate::events::{self, Claim, Echo, IdKey, Verdict};
use crate::ledger::Kind;

/// What became of one valid event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// Its leaf.
    pub(super) seq: i64,
    /// What the leaf is: from this record and this shard's past alone.
    pub(super) kind: Kind,
    /// For a duplicate or conflict in the shard: the leaf that was first.
    pub(super) in_shard: Option<i64>,
    /// What counts.
    pub(super) verdict: Verdict,
    /// The event that has the id, unless it is this one.
    pub(super) reference: Option<(i32, i64)>,
}

/// Who was first, and with what content.
#[derive(Clone, Copy)]
struct First {
    shard: i32,
    seq: i64,
    content: [u8; 32],
}

/// Decides over the valid events of a batch, claims their ids, and writes first sights.
pub(super) fn decide(
    conn: &mut Conn,
    shard: i32,
    first_seq: i64,
    records: &[ReadRecord],
    allowed: &[bool],
) -> Result<Vec<Decision>, Error> {
    let events = placed(first_seq, records).map(|(seq, _, event)| (seq, event));
    let events: Vec<(i64, &Accepted)> = events.collect();
    let hashes: Vec<&[u8]> = events
        .iter()
        .map(|(_, event)| event.id_hash.as_slice())
        .collect();
    let mut global = firsts(events::claims(conn, &hashes)?.into_values());
    let mut local: HashMap<IdKey, First> = global
        .iter()
        .filter(|(_, first)| first.shard == shard)
        .map(|(key, first)| (key.clone(), *first))
        .collect();
    // A first sight that is no claim lies before any claim of the same id in this shard.
    local.extend(
        events::echoes(conn, shard, &hashes)?
            .into_values()
            .filter_map(|echo| {
                let first = First {
                    shard,
                    seq: echo.seq,
                    content: echo.content.as_slice().try_into().ok()?,
                };
                Some(((echo.hash, echo.is_declaration), first))
            }),
    );

    let mut decisions = Vec::with_capacity(events.len());
    let mut claims = Vec::new();
    for ((seq, event), allowed) in events.iter().zip(allowed) {
        let key: IdKey = (event.id_hash.to_vec(), event.is_declaration);
        let here = First {
            shard,
            seq: *seq,
            content: event.content,
        };
        let (kind, in_shard) = match local.get(&key) {
            None => {
                local.insert(key.clone(), here);
                (Kind::Event, None)
            }
            Some(first) if first.content == event.content => (Kind::Duplicate, Some(first.seq)),
            Some(first) => (Kind::Conflict, Some(first.seq)),
        };
        if *allowed && !global.contains_key(&key) {
            global.insert(key.clone(), here);
            claims.push(Claim {
                hash: key.0,
                is_declaration: key.1,
                content: event.content.to_vec(),
                shard,
                seq: *seq,
            });
        }
        let verdict = if *allowed {
            Verdict::First
        } else {
            Verdict::NotAuthorised
        };
        decisions.push(Decision {
            seq: *seq,
            kind,
            in_shard,
            verdict,
            reference: None,
        });
    }
    if !events::claim(conn, claims)? {
        // Another shard was first with some of them.
        global = firsts(events::claims(conn, &hashes)?.into_values());
    }

    let mut echoes = Vec::new();
    for (decision, (seq, event)) in decisions.iter_mut().zip(&events) {
        let key: IdKey = (event.id_hash.to_vec(), event.is_declaration);
        if decision.verdict == Verdict::First
            && let Some(first) = global
                .get(&key)
                .filter(|first| (first.shard, first.seq) != (shard, *seq))
        {
            decision.reference = Some((first.shard, first.seq));
            decision.verdict = if first.content == event.content {
                Verdict::Duplicate
            } else {
                Verdict::Conflict
            };
        }
        if decision.kind == Kind::Event && decision.verdict != Verdict::First {
            let (hash, is_declaration) = key;
            echoes.push(Echo {
                hash,
                is_declaration,
                shard,
                content: event.content.to_vec(),
                seq: *seq,
            });
        }
    }
    events::insert_echoes(conn, echoes)?;
    Ok(decisions)
}

/// The valid events of a batch with the leaf each will have, and the part it is in.
pub(super) fn placed(
    first_seq: i64,
    records: &[ReadRecord],
) -> impl Iterator<Item = (i64, usize, &Accepted)> {
    let mut next = first_seq;
    records.iter().flat_map(move |record| {
        let first = next;
        next += i64::try_from(record.shape.leaf_count()).unwrap_or(i64::MAX);
        record.shape.outcomes().filter_map(move |(part, outcome)| {
            Some((
                first + i64::try_from(part).unwrap_or(i64::MAX),
                record.part,
                outcome.ok()?,
            ))
        })
    })
}

fn firsts(claims: impl Iterator<Item = Claim>) -> HashMap<IdKey, First> {
    claims
        .filter_map(|claim| {
            let content = claim.content.as_slice().try_into().ok()?;
            Some((
                (claim.hash, claim.is_declaration),
                First {
                    shard: claim.shard,
                    seq: claim.seq,
                    content,
                },
            ))
        })
        .collect()
}
