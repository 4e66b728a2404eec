//! A place where `suyuan ingest` runs, and small events for its topic.

use std::path::Path;

use diesel::prelude::*;
use suyuan::db::schema::ledger_entries;
use suyuan::db::{Db, Error};
use suyuan::ledger::{self, Head, StoredEntry};

use crate::harness::database::TestDatabase;
use crate::harness::kafka::{Outgoing, Topic};
use crate::harness::process::{Finished, Running, Workplace};

/// How long an ingesting program waits for more.
const IDLE: &str = "1s";

/// Where a program ingests one topic into one database.
pub(super) struct Site {
    pub(super) workplace: Workplace,
    pub(super) db: Db,
    topic: String,
}

impl Site {
    /// With keys and the organisation that the topic's records are recorded for.
    pub(super) fn new(database: &TestDatabase, topic: &Topic) -> Self {
        let workplace = Workplace::on(database);
        Self::make(workplace, (**database).clone(), topic, None)
    }

    /// With the keys of another site: the same records make the same leaves.
    pub(super) fn with_keys_of(other: &Self, database: &TestDatabase, topic: &Topic) -> Self {
        let workplace = Workplace::on(database);
        let keys = other.workplace.path("keys");
        Self::make(workplace, (**database).clone(), topic, Some(&keys))
    }

    /// Over a migrated database that the program finds at `address`, and the test through `db`.
    pub(super) fn at_address(address: &str, db: Db, topic: &Topic) -> Self {
        Self::make(Workplace::at_address(address), db, topic, None)
    }

    fn make(workplace: Workplace, db: Db, topic: &Topic, keys: Option<&Path>) -> Self {
        let site = Self {
            workplace,
            db,
            topic: topic.name().to_owned(),
        };
        site.configure(topic.bootstrap());
        if let Some(keys) = keys {
            copy_keys(keys, &site.workplace.path("keys"));
        }
        site.workplace
            .run(["migrate", "--init-keys"])
            .expect_code(0);
        std::fs::write(
            site.workplace.path("parties.csv"),
            "id,name,role\nmaker,乳业,producer\n",
        )
        .unwrap();
        site.workplace
            .run(["party", "import", "parties.csv"])
            .expect_code(0);
        site
    }

    /// Ingests from this broker in a group of its own. Its name in the group stays over restarts, so that the
    /// group does not wait for a member that was killed.
    pub(super) fn configure(&self, bootstrap: &str) {
        let folder = self.workplace.path("member").display().to_string();
        let name = folder.replace('/', "-");
        let instance = format!("\"group.instance.id\" = {name:?}\n");
        self.configure_client(bootstrap, &name, &instance);
    }

    /// The same, and sends no notices: nothing else is written to the database.
    pub(super) fn configure_alone(&self, bootstrap: &str) {
        self.configure(bootstrap);
        let file = self.workplace.path("suyuan.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace(
            "[kafka]\n",
            "[webhooks]\nsend = false\n[kafka]\nnotices = \"\"\n",
        );
        std::fs::write(file, text).unwrap();
    }

    /// As before, with more properties of the Kafka client.
    pub(super) fn configure_client_too(&self, properties: &str) {
        let file = self.workplace.path("suyuan.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let more = format!("[kafka.client]\n{properties}");
        std::fs::write(file, text.replace("[kafka.client]\n", &more)).unwrap();
    }

    /// Ingests from this broker in the group that all sites of the topic share and that forgets members
    /// when they leave.
    pub(super) fn configure_shared(&self, bootstrap: &str) {
        self.configure_client(bootstrap, &self.topic, "");
    }

    fn configure_client(&self, bootstrap: &str, group: &str, more: &str) {
        self.workplace.configure(&format!(
            "[kafka]\nbrokers = {bootstrap:?}\ntopic = {:?}\ngroup = {group:?}\nsubmitter = \"maker\"\n\
             [kafka.client]\n\"heartbeat.interval.ms\" = \"300\"\n\"session.timeout.ms\" = \"6000\"\n{more}",
            self.topic
        ));
    }

    /// Ingests until nothing more comes.
    pub(super) fn ingest(&self) -> Finished {
        self.ingest_with(&[])
    }

    /// The same with these arguments.
    pub(super) fn ingest_with(&self, more: &[&str]) -> Finished {
        let args = [&["--until-idle", IDLE], more].concat();
        self.start(&args).wait()
    }

    /// Starts to ingest, logging batches.
    pub(super) fn start(&self, args: &[&str]) -> Running {
        let mut all = vec!["-v", "--json", "ingest"];
        all.extend(args);
        self.workplace.start(all)
    }

    /// The heads of the topic's shards, by partition.
    pub(super) fn heads(&self) -> Vec<(i32, Head)> {
        let mut heads: Vec<(i32, Head)> = self
            .db
            .read(|conn| {
                ledger::shards(conn)?
                    .into_iter()
                    .filter(|shard| shard.name.topic == self.topic)
                    .map(|shard| Ok((shard.name.partition, ledger::head(conn, shard.number)?)))
                    .collect::<Result<_, ledger::Error>>()
            })
            .unwrap();
        heads.sort_by_key(|(partition, _)| *partition);
        heads
    }

    /// The leaves of the topic's first partition: kind and offset.
    pub(super) fn leaves(&self) -> Vec<(i32, i64)> {
        let heads = self.heads();
        let entries: Vec<StoredEntry> = self
            .db
            .read(|conn| ledger::entries(conn, heads[0].1.shard, 0, 1000))
            .unwrap();
        entries
            .into_iter()
            .map(|entry| (entry.kind, entry.record_offset))
            .collect()
    }

    /// Fails unless every row follows from the ledger.
    pub(super) fn verify_ledger(&self) {
        let report = self
            .workplace
            .run(["verify", "--json"])
            .expect_code(0)
            .json();
        assert_eq!(report["ok"], true, "{report}");
    }

    /// Fails unless every row follows from the ledger, and every projection made anew is equal.
    pub(super) fn verify(&self) {
        self.verify_ledger();
        let report = self
            .workplace
            .run(["rebuild", "--check", "--json"])
            .expect_code(0)
            .json();
        assert_eq!(report["equal"], true, "{report}");
    }
}

fn copy_keys(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The kind's number of an event, duplicate, conflict, refused record, tombstone and gap.
pub(super) const EVENT: i32 = 1;
pub(super) const DUPLICATE: i32 = 2;
pub(super) const CONFLICT: i32 = 3;
pub(super) const REFUSED: i32 = 4;
pub(super) const TOMBSTONE: i32 = 5;
pub(super) const GAP: i32 = 7;

/// A bare event with this number, about one item.
pub(super) fn event(number: usize) -> String {
    event_about(number, number)
}

/// A bare event with this number, about this item.
pub(super) fn event_about(number: usize, item: usize) -> String {
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:00000000-0000-4000-8000-{number:012x}","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"shipping","readPoint":{{"id":"https://id.gs1.org/414/9521234000013"}},"epcList":["https://id.gs1.org/01/09521234543213/21/{item}"]}}"#
    )
}

/// Events with these numbers for a partition.
pub(super) fn events(partition: i32, numbers: impl IntoIterator<Item = usize>) -> Vec<Outgoing> {
    numbers
        .into_iter()
        .map(|number| {
            (
                partition,
                b"9521234000013".to_vec(),
                Some(event(number).into_bytes()),
            )
        })
        .collect()
}

/// A leaf where none may be yet: whoever comes to this seq cannot write his.
pub(super) fn block_seq(db: &Db, shard: i32, seq: i64) {
    db.write(|conn| {
        diesel::insert_into(ledger_entries::table)
            .values((
                ledger_entries::shard.eq(shard),
                ledger_entries::seq.eq(seq),
                ledger_entries::record_offset.eq(1_000_000),
                ledger_entries::part.eq(0),
                ledger_entries::kind.eq(1),
                ledger_entries::leaf.eq(Vec::<u8>::new()),
                ledger_entries::leaf_hash.eq(vec![0_u8; 32]),
            ))
            .execute(conn)?;
        Ok::<(), Error>(())
    })
    .unwrap();
}
