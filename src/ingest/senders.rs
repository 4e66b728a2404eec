//! Who sent the records of a topic: who signed them, or for unsigned ones the organisation of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::app::{App, Kafka, Unsigned};
use crate::capture::{Authority, Content, Incoming, Part, ReadRecord, Signature, Unproven};
use crate::db;
use crate::epcis;
use crate::parties::{self, Signer};

/// Whose a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// The configuration's, who is trusted: it is not signed.
    Configured,
    /// Who signed it.
    Signed(String),
    /// Nobody's: it is not proven who sent it.
    Nobodys(Unproven),
}

/// Whose each of these records is.
pub(super) fn whose(app: &App, incoming: &[Incoming]) -> Result<Vec<Whose>, db::Error> {
    let signatures = incoming
        .iter()
        .filter_map(|record| match &record.signature {
            Some(Ok(signature)) => Some(signature.kid.clone()),
            Some(Err(_)) | None => None,
        });
    let keys: BTreeSet<String> = signatures.collect();
    let signers = if keys.is_empty() {
        BTreeMap::new()
    } else {
        app.db.read(|conn| parties::signers(conn, &keys))?
    };
    let unsigned = app.config.kafka.unsigned;
    let of = |record: &Incoming| match (&record.signature, &record.content) {
        (Some(Ok(signature)), content) => proven(record, signature, content, &signers),
        (Some(Err(unproven)), _) => Whose::Nobodys(*unproven),
        (None, Content::Value(_)) if unsigned == Unsigned::Refuse => {
            Whose::Nobodys(Unproven::NotSigned)
        }
        (None, _) => Whose::Configured,
    };
    Ok(incoming.par_iter().with_min_len(16).map(of).collect())
}

fn proven(
    record: &Incoming,
    signature: &Signature,
    content: &Content,
    signers: &BTreeMap<String, Signer>,
) -> Whose {
    let value = match content {
        Content::Value(value) => epcis::unframed(value),
        Content::Tombstone | Content::Gap { .. } => &[],
    };
    match signature.prove(value, record.record_time, signers.get(&signature.kid)) {
        Ok(org) => Whose::Signed(org.to_owned()),
        Err(unproven) => Whose::Nobodys(unproven),
    }
}

/// The records, parted by whose they are, in their order.
pub(super) fn parts<'a>(
    kafka: &'a Kafka,
    whose: &'a [Whose],
    records: Vec<ReadRecord>,
) -> Vec<Part<'a>> {
    let mut records = records.into_iter();
    let same = whose.chunk_by(|one, next| one == next);
    same.map(|same| {
        let (submitter, authority) = match &same[0] {
            Whose::Configured => (kafka.submitter.as_str(), Authority::Any),
            Whose::Signed(org) => (org.as_str(), Authority::Of(org.clone())),
            Whose::Nobodys(unproven) => ("", Authority::Unproven(*unproven)),
        };
        Part {
            submitter,
            authority,
            records: records.by_ref().take(same.len()).collect(),
        }
    })
    .collect()
}
