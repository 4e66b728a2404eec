//! Records in the frames of a schema registry.

use suyuan::epcis;
use suyuan::ledger::{self, Leaf};

use super::given::{EVENT, REFUSED, Site, event};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::{Outgoing, Topic};
use crate::harness::site;

/// The kind's number of an envelope.
const ENVELOPE: i32 = 8;

/// A frame of version 0.
const SCHEMA: &[u8] = b"\x00\x00\x01\x02\x03";
/// The schema's id in it.
const SCHEMA_ID: u32 = 0x0001_0203;

/// A frame of version 1.
fn guid() -> Vec<u8> {
    [&[1][..], &[7; 16]].concat()
}

/// A document with a prefix of its own; what stands in its list is given.
fn document(events: &[String]) -> String {
    format!(
        r#" {{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{{"own":"https://own.example/"}}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-01T00:00:00Z","epcisBody":{{"eventList":[{}]}}}}"#,
        events.join(" , ")
    )
}

/// An event of a document.
fn inner(number: usize) -> String {
    let plain = event(number);
    let from = plain.find("\"type\"").unwrap();
    format!("{{\"own:n\":1.50,{}", &plain[from..])
}

/// What is in the topic: each value, its leaves' kinds, and the schema id in them.
fn values() -> Vec<(Vec<u8>, Vec<i32>, u32)> {
    let framed = |frame: &[u8], text: &str| [frame, text.as_bytes()].concat();
    let with_bad = document(&[inner(3).replace("OBSERVE", "LOOK"), inner(4)]);
    vec![
        (
            framed(SCHEMA, &document(&[inner(1), inner(2)])),
            vec![ENVELOPE, EVENT, EVENT],
            SCHEMA_ID,
        ),
        (framed(&guid(), &event(5)), vec![ENVELOPE, EVENT], 0),
        (framed(SCHEMA, &event(6)), vec![ENVELOPE, EVENT], SCHEMA_ID),
        (SCHEMA[..3].to_vec(), vec![REFUSED], 0),
        (framed(SCHEMA, "{\"type\""), vec![REFUSED], SCHEMA_ID),
        (
            framed(SCHEMA, &with_bad),
            vec![ENVELOPE, REFUSED, EVENT],
            SCHEMA_ID,
        ),
        (event(7).into_bytes(), vec![EVENT], 0),
    ]
}

fn produced() -> Topic {
    let topic = Topic::new(1);
    let messages: Vec<Outgoing> = values()
        .into_iter()
        .map(|(value, _, _)| (0, b"k".to_vec(), Some(value)))
        .collect();
    topic.produce_all(&messages);
    topic
}

/// The payloads of each record with their leaves, in order.
fn records(site: &Site) -> Vec<Vec<(Leaf, Vec<u8>)>> {
    let shard = site.heads()[0].1.shard;
    let leaves: Vec<(Leaf, Vec<u8>)> = site
        .db
        .read(|conn| -> Result<_, ledger::Error> {
            let payloads = ledger::payloads(conn, shard, 0, 1000)?;
            let entries = ledger::entries(conn, shard, 0, 1000)?;
            Ok(entries
                .iter()
                .map(|entry| Leaf::decode(&entry.leaf).unwrap())
                .zip(payloads.into_iter().map(|payload| payload.bytes))
                .collect())
        })
        .unwrap();
    leaves
        .chunk_by(|a, b| a.0.offset == b.0.offset)
        .map(<[(Leaf, Vec<u8>)]>::to_vec)
        .collect()
}

both! {
    fn the_leaves_of_a_framed_record_cover_it_as_it_came(db) {
        let topic = produced();
        let site = Site::new(db, &topic);

        let report = site.ingest().expect_code(0).json();

        assert_eq!((&report["recorded"], &report["refused"]), (&6.into(), &3.into()), "{report}");
        let found = records(&site);
        for (record, (value, kinds, schema)) in found.iter().zip(values()) {
            let read: Vec<i32> = record.iter().map(|(leaf, _)| i32::from(leaf.kind as u8)).collect();
            assert_eq!(read, kinds);
            assert!(record.iter().all(|(leaf, _)| leaf.detail == schema), "{record:?}");
            let payloads: Vec<&[u8]> = record.iter().map(|(_, bytes)| bytes.as_slice()).collect();
            let whole = match payloads.as_slice() {
                [only] => only.to_vec(),
                [envelope, slices @ ..] => epcis::join(envelope, slices).unwrap(),
                [] => Vec::new(),
            };
            assert_eq!(whole, value);
        }
        assert_eq!(found.len(), values().len());
        for number in [1, 5, 6] {
            let id = format!("urn:uuid:00000000-0000-4000-8000-{number:012x}");
            let shown = site.workplace.run(["--json", "event", "show", &id]).expect_code(0).json();
            assert_eq!(shown["event"]["eventID"], id, "{shown}");
        }
        site.verify();

        // Read again into an empty database, it is the same to the bit.
        let empty = if db.address().starts_with("sqlite") { TestDatabase::sqlite() } else { TestDatabase::postgres() };
        let again = Site::with_keys_of(&site, &empty, &topic);
        again.ingest().expect_code(0);
        assert_eq!(again.heads()[0].1.chain_hash, site.heads()[0].1.chain_hash);
    }

    fn what_was_refused_in_a_frame_is_shown_with_it_and_replayed_without(db) {
        let topic = produced();
        let site = Site::new(db, &topic);
        site.ingest().expect_code(0);
        let shard = format!("{}/0", topic.name());
        let run = |args: &[&str]| site.workplace.run([&["--json", "dead-letter"], args].concat());

        let cut = run(&["show", &shard, "3"]).expect_code(0).json();
        assert_eq!(cut["faults"][0]["rule"], "frame-truncated", "{cut}");
        assert_eq!(cut["text"], "\u{0}\u{0}\u{1}");
        let shown = run(&["show", &shard, "4", "--raw"]).expect_code(0);
        assert_eq!(shown.stdout.as_bytes(), values()[4].0);
        let broken = run(&["replay", &shard, "4"]).expect_code(3);
        assert!(!broken.stdout.contains("frame"), "{broken:?}");
        let part = run(&["show", &shard, "5", "1"]).expect_code(0).json();
        let body: serde_json::Value = serde_json::from_str(part["replayed_as"].as_str().unwrap()).unwrap();
        assert_eq!(body["@context"][1]["own"], "https://own.example/");
        run(&["replay", &shard, "5", "1"]).expect_code(3);
    }

    fn frames_are_for_kafka_records_alone(db) {
        let site = site::Site::on(db);
        let body = format!("\u{0}\u{0}\u{0}\u{0}\u{1}{}", event(1));

        for path in ["/epcis/capture", "/epcis/events"] {
            let problem = site.org("dairy").post(path, &body).problem(400);
            assert_eq!(problem["errors"][0]["rule"], "frame-unexpected", "{problem}");
        }
    }
}
