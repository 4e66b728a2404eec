//! Replaying: from the ledger to every projection, with the same verbs that recorded it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::{App, Problem};
use crate::capture::{self, Accepted, Known};
use crate::codes::{self, Dictionary};
use crate::credentials;
use crate::db::Conn;
use crate::epcis::{self, Context, Limits};
use crate::events::{self, Claim, Echo, Verdict, VerdictRow};
use crate::ledger::{self, Bad, Kind, Leaf, Shard, StoredEntry};
use crate::parties;
use crate::recall;
use crate::trace;

/// Leaves replayed at a time.
const PAGE: i64 = 2_000;

/// Applies one order: its name, its seq in `control/0`, its bytes.
type Apply<'a> = dyn FnMut(&mut Conn, &str, i64, &[u8]) -> Result<(), Problem> + 'a;

/// Where the projections go.
pub(super) enum Target<'a> {
    /// Back into the database that is read.
    Same,
    /// Into another one, with the claims and first sights too.
    Other(&'a mut Conn),
}

impl Target<'_> {
    fn of<'s>(&'s mut self, source: &'s mut Conn) -> &'s mut Conn {
        match self {
            Self::Same => source,
            Self::Other(other) => other,
        }
    }
}

/// Replays everything and tells what could not be read. `progress` hears of leaves read.
pub(super) fn replay(
    app: &App,
    source: &mut Conn,
    mut target: Target<'_>,
    progress: &mut dyn FnMut(i64),
) -> Result<Vec<Bad>, Problem> {
    let shards = ledger::shards(source)?;
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let mut bad = Vec::new();
    for shard in shards
        .iter()
        .filter(|shard| shard.name.topic == ledger::CONTROL)
    {
        replay_orders(source, &mut target, shard, progress, &mut apply_order)?;
    }
    let mut rebuild = trace::store::Rebuild::new();
    for shard in shards
        .iter()
        .filter(|shard| shard.name.topic != ledger::CONTROL)
    {
        let mut context = ContextCache::default();
        let mut next = 0;
        loop {
            let page = read_page(app, source, shard, next, &mut context)?;
            bad.extend(page.bad);
            let Some(after) = page.after else { break };
            if let Target::Other(other) = &mut target {
                for claim in two_firsts(other, &page.claims)? {
                    bad.push(verdict_bad(
                        shard,
                        claim.seq,
                        Some("verdict"),
                        "one first an id",
                        "a second first",
                    ));
                }
                events::insert_echoes(other, page.echoes)?;
            }
            let sink = target.of(source);
            let projected = capture::project_events(sink, dictionary, shard.number, &page.known)?;
            for entry in &projected.entries {
                rebuild.add(sink, entry)?;
            }
            trace::add_lot_units(sink, &projected.lot_units)?;
            trace::void(sink, &projected.voids)?;
            progress(after - next);
            next = after;
        }
    }
    rebuild.finish(target.of(source))?;
    bad.extend(replay_recalls(app, source, &mut target, &shards)?);
    Ok(bad)
}

/// Recalls come last: each is evaluated again at its own position, over everything before it.
fn replay_recalls(
    app: &App,
    source: &mut Conn,
    target: &mut Target<'_>,
    shards: &[Shard],
) -> Result<Vec<Bad>, Problem> {
    if let Target::Other(other) = target {
        // Positions name shards: the other database numbers them in the same order.
        for shard in shards {
            ledger::open_shard(other, &app.ledger.seal, &shard.origin, &shard.name)?;
        }
    }
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let mut bad = Vec::new();
    for shard in shards
        .iter()
        .filter(|shard| shard.name.topic == ledger::CONTROL)
    {
        let mut apply =
            |sink: &mut Conn, order: &str, seq: i64, bytes: &[u8]| -> Result<(), Problem> {
                match recall::apply(sink, dictionary, order, seq, bytes) {
                    Ok(()) => Ok(()),
                    Err(recall::Error::Db(error)) => Err(error.into()),
                    Err(recall::Error::Ledger(error)) => Err(error.into()),
                    // What it stood on is damaged, and is named where it is.
                    Err(error) => {
                        bad.push(Bad::of_leaf(
                            "recalls",
                            shard,
                            seq,
                            None,
                            "an order that can be applied",
                            &error.to_string(),
                        ));
                        Ok(())
                    }
                }
            };
        replay_orders(source, target, shard, &mut |_| {}, &mut apply)?;
    }
    Ok(bad)
}

/// Orders of `control/0`: each concept applies its own.
fn replay_orders(
    source: &mut Conn,
    target: &mut Target<'_>,
    shard: &Shard,
    progress: &mut dyn FnMut(i64),
    apply: &mut Apply<'_>,
) -> Result<(), Problem> {
    let mut next = 0;
    loop {
        let entries = ledger::entries(source, shard.number, next, PAGE)?;
        let Some(last) = entries.last() else {
            return Ok(());
        };
        let until = last.seq + 1;
        let payloads = ledger::payloads(source, shard.number, next, until)?;
        let sink = target.of(source);
        for payload in &payloads {
            let Some(order) = order_name(&payload.bytes) else {
                continue;
            };
            apply(sink, &order, payload.seq, &payload.bytes)?;
        }
        progress(until - next);
        next = until;
    }
}

fn apply_order(conn: &mut Conn, order: &str, seq: i64, bytes: &[u8]) -> Result<(), Problem> {
    parties::apply(conn, order, &[(seq, bytes)])?;
    credentials::apply(conn, order, seq, bytes)?;
    codes::apply(conn, order, &[(seq, bytes)])?;
    Ok(())
}

fn order_name(bytes: &[u8]) -> Option<String> {
    let value = epcis::json::read(bytes).ok()?;
    value.get("order")?.as_str().map(str::to_owned)
}

/// What a page of leaves says.
struct Page {
    /// The seq after the page; `None` when there was nothing.
    after: Option<i64>,
    known: Vec<Known>,
    claims: Vec<Claim>,
    echoes: Vec<Echo>,
    bad: Vec<Bad>,
}

/// The context of the envelope read last.
#[derive(Default)]
struct ContextCache {
    envelope: Option<(i64, Arc<Context>)>,
}

struct Readable {
    seq: i64,
    kind: Kind,
    leaf: Leaf,
    bytes: Vec<u8>,
    context: Arc<Context>,
    verdict: VerdictRow,
}

fn read_page(
    app: &App,
    conn: &mut Conn,
    shard: &Shard,
    from: i64,
    cache: &mut ContextCache,
) -> Result<Page, Problem> {
    let entries = ledger::entries(conn, shard.number, from, PAGE)?;
    let mut page = Page {
        after: entries.last().map(|last| last.seq + 1),
        known: Vec::new(),
        claims: Vec::new(),
        echoes: Vec::new(),
        bad: Vec::new(),
    };
    let until = page.after.unwrap_or(i64::MAX);
    let mut verdicts: BTreeMap<i64, VerdictRow> =
        events::verdicts_of(conn, shard.number, from, until)?
            .into_iter()
            .map(|row| (row.seq, row))
            .collect();
    if page.after.is_none() {
        for seq in verdicts.into_keys() {
            page.bad.push(verdict_bad(
                shard,
                seq,
                None,
                "no row",
                "a row without a leaf",
            ));
        }
        return Ok(page);
    }
    let mut payloads: BTreeMap<i64, Vec<u8>> = ledger::payloads(conn, shard.number, from, until)?
        .into_iter()
        .map(|payload| (payload.seq, payload.bytes))
        .collect();

    let mut readable = Vec::new();
    for StoredEntry { seq, leaf, .. } in entries {
        // Damaged leaves and missing payloads are named by the walk over the ledger itself.
        let (Ok(leaf), Some(bytes)) = (Leaf::decode(&leaf), payloads.remove(&seq)) else {
            continue;
        };
        if leaf.kind == Kind::Envelope {
            let context = epcis::envelope_context(&bytes).unwrap_or_default();
            cache.envelope = Some((seq, context));
            continue;
        }
        let verdict = verdicts.remove(&seq);
        if !leaf.kind.is_event() {
            if verdict.is_some() {
                page.bad.push(verdict_bad(
                    shard,
                    seq,
                    None,
                    "no row: the leaf is no event",
                    "a row",
                ));
            }
            continue;
        }
        let Some(verdict) = verdict else {
            page.bad
                .push(verdict_bad(shard, seq, None, "a row", "no row"));
            continue;
        };
        if !verdict.sealer(&app.ledger.seal).matches(&verdict.seal) {
            page.bad.push(verdict_bad(
                shard,
                seq,
                Some("seal"),
                "the seal over this row",
                "another",
            ));
        }
        let context = context_of(conn, shard, seq, &leaf, cache)?;
        readable.push(Readable {
            seq,
            kind: leaf.kind,
            leaf,
            bytes,
            context,
            verdict,
        });
    }
    for seq in verdicts.into_keys() {
        page.bad.push(verdict_bad(
            shard,
            seq,
            None,
            "no row",
            "a row without a leaf",
        ));
    }
    let read: Vec<(Readable, Option<Accepted>)> = readable
        .into_par_iter()
        .with_min_len(16)
        .map(|readable| {
            let item = epcis::read_event(
                &readable.bytes,
                &readable.context,
                &Limits::at(readable.leaf.record_time),
            );
            let accepted = item
                .event
                .ok()
                .map(|event| capture::accepted(event, &item.fields));
            (readable, accepted)
        })
        .collect();
    for (readable, accepted) in read {
        page.take(shard, readable, accepted);
    }
    Ok(page)
}

impl Page {
    fn take(&mut self, shard: &Shard, readable: Readable, accepted: Option<Accepted>) {
        let Readable {
            seq,
            kind,
            leaf,
            verdict,
            ..
        } = readable;
        // A payload that is no event any more fails its commitment, and is named there.
        let Some(accepted) = accepted else { return };
        let first = verdict.verdict == i32::from(Verdict::First as u8);
        if first {
            self.claims.push(Claim {
                hash: accepted.id_hash.to_vec(),
                is_declaration: accepted.is_declaration,
                content: accepted.content.to_vec(),
                shard: shard.number,
                seq,
            });
        } else if kind == Kind::Event {
            self.echoes.push(Echo {
                hash: accepted.id_hash.to_vec(),
                is_declaration: accepted.is_declaration,
                shard: shard.number,
                content: accepted.content.to_vec(),
                seq,
            });
        }
        if first {
            self.known.push(Known {
                seq,
                record_time: leaf.record_time,
                submitter: verdict.submitter,
                event: Box::new(accepted),
            });
        }
    }
}

/// The context an event is read with: its envelope's, or its own alone.
fn context_of(
    conn: &mut Conn,
    shard: &Shard,
    seq: i64,
    leaf: &Leaf,
    cache: &mut ContextCache,
) -> Result<Arc<Context>, Problem> {
    if leaf.parts <= 1 {
        return Ok(Arc::default());
    }
    let envelope = seq - i64::from(leaf.part);
    if let Some((at, context)) = &cache.envelope
        && *at == envelope
    {
        return Ok(Arc::clone(context));
    }
    let payloads = ledger::payloads(conn, shard.number, envelope, envelope + 1)?;
    let context = payloads
        .first()
        .map(|payload| epcis::envelope_context(&payload.bytes).unwrap_or_default())
        .unwrap_or_default();
    cache.envelope = Some((envelope, Arc::clone(&context)));
    Ok(context)
}

/// Claims ids in the other database; the ones that are claimed twice come back.
fn two_firsts(conn: &mut Conn, claims: &[Claim]) -> Result<Vec<Claim>, Problem> {
    if events::claim(conn, claims.to_vec())? {
        return Ok(Vec::new());
    }
    let hashes: Vec<&[u8]> = claims.iter().map(|claim| claim.hash.as_slice()).collect();
    let stored = events::claims(conn, &hashes)?;
    Ok(claims
        .iter()
        .filter(|claim| stored.get(&(claim.hash.clone(), claim.is_declaration)) != Some(claim))
        .cloned()
        .collect())
}

fn verdict_bad(shard: &Shard, seq: i64, column: Option<&str>, expected: &str, found: &str) -> Bad {
    Bad::of_leaf("verdicts", shard, seq, column, expected, found)
}
