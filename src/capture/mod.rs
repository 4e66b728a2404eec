//! The one way in: read → authorise → decide → append → address → project. HTTP, Kafka and the command
//! line all come through [`record`]; the caller owns the transaction and does not commit halfway.

mod address;
mod authorise;
mod decide;
mod error;
mod job;
mod letter;
mod lots;
mod project;
mod read;
mod receipt;
mod signature;
mod store_jobs;
mod store_letters;

pub use authorise::Authority;
pub use error::Error;
pub use job::{ErrorBehaviour, Job};
pub use letter::{Letter, LetterBytes, LetterFault, LetterId, LetterQuery, NotALetterId};
pub use project::{Known, Projected, project_events};
pub use read::{
    Accepted, Content, Incoming, Leaf, ReadRecord, Shape, accepted, fields, read_all, refused,
};
pub use receipt::{EventFault, EventPlace, Receipt};
pub use signature::{HEADER as SIGNATURE_HEADER, Signature, Unproven};
pub use store_jobs::{insert_jobs, job, jobs};
pub use store_letters::{letter_bytes, letters, mark_replayed};

use crate::codes::Dictionary;
use crate::db::Conn;
use crate::events::{self, Verdict, VerdictRow};
use crate::ledger::{Appender, Expect, Head, Ledger, RecordDraft, Shard};

use decide::Decision;

/// Records to capture in one transaction.
#[derive(Debug)]
pub struct Batch<'a> {
    /// Where they go.
    pub shard: &'a Shard,
    /// What the shard's head must be.
    pub expect: Expect,
    /// What came, sender by sender; they follow one another.
    pub parts: Vec<Part<'a>>,
}

/// Records of one sender.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// The organisation they are recorded for; empty when none is named.
    pub submitter: &'a str,
    /// What that organisation may say.
    pub authority: Authority,
    /// What came, read.
    pub records: Vec<ReadRecord>,
}

/// What became of a batch.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// What is told to each sender, in the order of the parts.
    pub receipts: Vec<Receipt>,
    /// The shard's head.
    pub head: Head,
}

impl Recorded {
    /// What is told of all parts together.
    pub fn whole(self) -> Receipt {
        let mut receipts = self.receipts.into_iter();
        let first = receipts.next().unwrap_or_default();
        receipts.fold(first, |mut whole, receipt| {
            whole.merge(receipt);
            whole
        })
    }
}

/// Who sent a part.
#[derive(Debug, Clone)]
struct Sender<'a> {
    org: &'a str,
    authority: Authority,
}

/// Captures a batch: leaves, verdicts, dead letters and projections, all or nothing.
pub fn record(
    conn: &mut Conn,
    ledger: &Ledger,
    dictionary: Dictionary<'_>,
    batch: Batch<'_>,
) -> Result<Recorded, Error> {
    let Batch {
        shard,
        expect,
        parts,
    } = batch;
    let (senders, records) = flatten(parts);
    let mut appender = Appender::begin(conn, shard, expect, &ledger.salts, &ledger.seal)?;
    let allowed = authorise::check(conn, &senders, &records)?;
    let decisions = decide::decide(conn, shard.number, appender.next_seq(), &records, &allowed)?;
    let first_seq = appender.next_seq();
    let receipts = Receipt::of(shard, first_seq, &senders, &records, &decisions);
    let letters =
        store_letters::dead_letters(shard.number, first_seq, &records, &decisions, &senders);
    let whose = decide::placed(first_seq, &records).map(|(_, part, _)| part);
    let whose: Vec<usize> = whose.collect();
    let (drafts, firsts) = split(first_seq, records, &decisions, &senders);
    appender.push(drafts)?;
    let verdicts = decisions
        .iter()
        .zip(whose)
        .map(|(decision, part)| {
            let Decision {
                seq,
                verdict,
                reference,
                ..
            } = decision;
            VerdictRow::sealed(
                &ledger.seal,
                (shard.number, *seq),
                *verdict,
                *reference,
                senders[part].org,
            )
        })
        .collect();
    events::insert_verdicts(conn, verdicts)?;
    store_letters::insert_dead_letters(conn, letters)?;
    project::project(conn, dictionary, shard.number, &firsts)?;
    let head = appender.finish(conn)?;
    Ok(Recorded { receipts, head })
}

/// The senders of a batch, and its records, each with the number of its part.
fn flatten(parts: Vec<Part<'_>>) -> (Vec<Sender<'_>>, Vec<ReadRecord>) {
    let mut senders = Vec::with_capacity(parts.len());
    let mut records = Vec::new();
    for part in parts {
        let number = senders.len();
        senders.push(Sender {
            org: part.submitter,
            authority: part.authority,
        });
        let of_part = part.records.into_iter();
        records.extend(of_part.map(|record| ReadRecord {
            part: number,
            ..record
        }));
    }
    (senders, records)
}

/// Takes records apart: what the ledger keeps, and the events that count.
fn split(
    first_seq: i64,
    records: Vec<ReadRecord>,
    decisions: &[Decision],
    senders: &[Sender<'_>],
) -> (Vec<RecordDraft>, Vec<Known>) {
    let mut decisions = decisions.iter();
    let mut seq = first_seq;
    let mut firsts = Vec::new();
    let drafts = records
        .into_iter()
        .map(|record| {
            let ReadRecord {
                offset,
                record_time,
                schema,
                submitter_key,
                part,
                shape,
            } = record;
            let leaves = shape
                .into_leaves()
                .map(|leaf| {
                    let here = seq;
                    seq += 1;
                    let (mut draft, event) = leaf.into_draft();
                    draft.detail = schema;
                    if let Some((event, decision)) =
                        event.and_then(|event| Some((event, decisions.next()?)))
                    {
                        draft.kind = decision.kind;
                        draft.reference = decision.in_shard.unwrap_or(0);
                        if decision.verdict == Verdict::First {
                            firsts.push(Known {
                                seq: here,
                                record_time,
                                submitter: senders[part].org.to_owned(),
                                event,
                            });
                        }
                    }
                    draft
                })
                .collect();
            RecordDraft {
                offset,
                record_time,
                submitter_key,
                leaves,
            }
        })
        .collect();
    (drafts, firsts)
}
