//! The worked example of `docs/LEDGER.md`: its document is captured, and every value the page gives is found in the
//! database and computed a second time from the words of the page alone.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use suyuan::app::{self, App, Clock, Config, VerifyOptions};
use suyuan::capture::ErrorBehaviour;
use suyuan::ledger::{self, ShardName};
use suyuan::{epcis, parties};

use crate::harness::app::NOW;

const PAGE: &str = include_str!("../../../docs/LEDGER.md");
const ORIGIN: &str = "suyuan.example";

/// The rows `| name | `hex` |` of the worked example, by the heading of their table and their name.
fn documented() -> BTreeMap<(usize, String), String> {
    let (_, example) = PAGE.split_once("## 12. A worked example").unwrap();
    let (example, _) = example.split_once("## 13.").unwrap();
    let mut table = 0;
    let mut rows = BTreeMap::new();
    for line in example.lines() {
        if line.starts_with("|---") {
            table += 1;
        }
        let Some(cells) = line
            .strip_prefix("| ")
            .and_then(|line| line.strip_suffix("` |"))
        else {
            continue;
        };
        let (name, value) = cells.rsplit_once(" | `").unwrap();
        rows.insert((table, name.to_owned()), value.to_owned());
    }
    rows
}

fn document() -> &'static str {
    let (_, rest) = PAGE.split_once("```json\n").unwrap();
    rest.split_once("\n```").unwrap().0
}

fn value(table: usize, name: &str) -> String {
    let known = documented();
    known
        .get(&(table, name.to_owned()))
        .unwrap_or_else(|| panic!("{name} is not in {known:#?}"))
        .clone()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key_folder(folder: &Path) {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .unwrap();
    let line = |from: u8| format!("0 {}\n", hex(&(from..from + 32).collect::<Vec<u8>>()));
    std::fs::write(folder.join("master.key"), line(0)).unwrap();
    std::fs::write(folder.join("salt.key"), line(0x20)).unwrap();
}

both! {
    fn the_worked_example_is_what_the_program_records(db) {
        let home = tempfile::tempdir().unwrap();
        key_folder(&home.path().join("keys"));
        let mut config = Config::default();
        config.database.url = db.address();
        config.keys.dir = home.path().join("keys");
        ORIGIN.clone_into(&mut config.ledger.origin);
        let app = App::open(config, Clock::standing(NOW)).unwrap();
        let giver = ledger::Giver { by: "cli:test".into(), on_behalf_of: None, at: NOW };
        let csv = b"id,name,role\ndairy,Dairy,producer\n";
        app.db.write(|conn| parties::import_organisations(conn, &app.ledger, &giver, csv, false)).unwrap();

        let receipt = app::capture_local(&app, "dairy", document().as_bytes().to_vec(), ErrorBehaviour::Proceed).unwrap();

        assert_eq!(receipt.recorded, 1, "{receipt:?}");
        let mut conn = db.conn();
        let shard = ledger::shard_by_name(&mut conn, &ShardName::http()).unwrap().unwrap();
        let entries = ledger::entries(&mut conn, shard.number, 0, 9).unwrap();
        let payloads = ledger::payloads(&mut conn, shard.number, 0, 9).unwrap();
        let head = ledger::head(&mut conn, shard.number).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(hex(&payloads[0].bytes[..13]), value(1, "envelope, the first 13 bytes"));
        assert_eq!(hex(&shard.ident), value(1, "ident of `http/0`"));
        for (seq, table) in [(0, 2), (1, 3)] {
            assert_eq!(hex(&payloads[seq].salt), value(table, "salt"));
            assert_eq!(hex(&entries[seq].leaf), value(table, "leaf"));
            assert_eq!(hex(&entries[seq].leaf_hash), value(table, "leaf hash"));
        }
        assert_eq!(hex(&head.chain_hash), value(3, "chain after it"));
        assert_eq!(hex(&head.frontier.root()), value(3, "root of the two leaves"));
        let slices = [payloads[1].bytes.clone()];
        assert_eq!(epcis::join(&payloads[0].bytes, &slices).unwrap(), document().as_bytes());
        let report = app::verify(&app, &mut conn, &VerifyOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(report.bad, vec![]);
    }
}

// ---------------------------------------------------------------- the page's words, nothing of the program

fn h(parts: &[&[u8]]) -> Vec<u8> {
    Sha256::digest(parts.concat()).to_vec()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(&parts.concat());
    mac.finalize().into_bytes().to_vec()
}

fn root(leaves: &[Vec<u8>]) -> Vec<u8> {
    match leaves {
        [] => h(&[]),
        [leaf] => leaf.clone(),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            h(&[&[1], &root(left), &root(right)])
        }
    }
}

#[test]
fn the_worked_example_follows_from_the_words_of_the_page() {
    let event = &document()[188..470];
    let rest = format!("{}{}", &document()[..188], &document()[470..]);
    let envelope = [
        &[1, 0, 0, 0, 1],
        188_u64.to_be_bytes().as_slice(),
        rest.as_bytes(),
    ]
    .concat();
    let name = [&4_u64.to_be_bytes()[..], b"http", &[0; 4], &[0; 4]].concat();
    let ident = h(&[&14_u64.to_be_bytes(), ORIGIN.as_bytes(), &name])[..8].to_vec();
    assert_eq!(document().len(), 473);
    assert_eq!(hex(&ident), value(1, "ident of `http/0`"));

    let mut key: Vec<u8> = (0x20..0x40).collect();
    for _ in 0..680 {
        let mut next = [0; 32];
        Hkdf::<Sha256>::new(None, &key)
            .expand(b"suyuan salt key, next month", &mut next)
            .unwrap();
        key = next.to_vec();
    }
    assert_eq!(hex(&key), value(1, "k of September 2026 (month 680)"));

    let mut chain = h(&[&[3], b"suyuan.example/http/0"]);
    assert_eq!(hex(&chain), value(1, "chain before seq 0"));
    let mut leaf_hashes = Vec::new();
    for (seq, table, kind, payload) in [
        (0_u8, 2, 8, envelope.as_slice()),
        (1, 3, 1, event.as_bytes()),
    ] {
        let part = [0, 0, 0, seq];
        let salt = mac(&key, &[&name, &[0; 8], &part]);
        assert_eq!(hex(&salt), value(table, "salt"));
        let raw_commit = h(&[&mac(&salt, &[b"raw"]), payload]);
        assert_eq!(hex(&raw_commit), value(table, "raw_commit"));

        let mut fields: Vec<(String, String)> = Vec::new();
        for ((_, row), hash) in
            documented().range((table, "`/".to_owned())..(table, "`0".to_owned()))
        {
            let (pointer, shown) = row.trim_matches('`').split_once("` = `").unwrap();
            let leaf = h(&[
                &[0],
                &mac(&salt, &[pointer.as_bytes()]),
                pointer.as_bytes(),
                &[0],
                shown.as_bytes(),
            ]);
            assert_eq!(hex(&leaf), *hash, "{row}");
            fields.push((pointer.to_owned(), hex(&leaf)));
        }
        assert_eq!(fields.len(), if seq == 0 { 0 } else { 8 });
        fields.sort_unstable();
        let field_leaves: Vec<Vec<u8>> = fields.iter().map(|(_, leaf)| bytes(leaf)).collect();
        let payload_root = root(&field_leaves);
        let named = if seq == 0 {
            "payload_root, of no fields"
        } else {
            "payload_root"
        };
        assert_eq!(hex(&payload_root), value(table, named));

        let leaf = [
            &[1, kind][..],
            &ident,
            &u64::from(seq).to_be_bytes(),
            &[0; 8],
            &part,
            &[0, 0, 0, 2],
            &1_790_000_000_000_000_i64.to_be_bytes(),
            &chain,
            &raw_commit,
            &payload_root,
            &[0; 8],
            &[0; 4],
            &[0; 8],
        ]
        .concat();
        assert_eq!(leaf.len(), 158);
        assert_eq!(hex(&leaf), value(table, "leaf"));
        leaf_hashes.push(h(&[&[0], &leaf]));
        assert_eq!(
            hex(&leaf_hashes[usize::from(seq)]),
            value(table, "leaf hash")
        );
        chain = h(&[&[2], &leaf]);
        assert_eq!(hex(&chain), value(table, "chain after it"));
    }
    assert_eq!(hex(&root(&leaf_hashes)), value(3, "root of the two leaves"));
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
