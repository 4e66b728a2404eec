//! A place where `suyuan ingest` runs, and small events for its topic.

use std::path::Path;

use suyuan::ledger::{self, Head, StoredEntry};

use crate::harness::database::TestDatabase;
use crate::harness::kafka::{Outgoing, Topic};
use crate::harness::process::{Finished, Running, Workplace};

/// How long an ingesting program waits for more.
const IDLE: &str = "1s";

/// Where a program ingests one topic into one database.
pub(super) struct Site<'a> {
    pub(super) workplace: Workplace,
    pub(super) database: &'a TestDatabase,
    topic: String,
    instance: String,
}

impl<'a> Site<'a> {
    /// With keys and the organisation that the topic's records are recorded for.
    pub(super) fn new(database: &'a TestDatabase, topic: &Topic) -> Self {
        Self::make(database, topic, None)
    }

    /// With the keys of another site: the same records make the same leaves.
    pub(super) fn with_keys_of(
        other: &Site<'_>,
        database: &'a TestDatabase,
        topic: &Topic,
    ) -> Self {
        Self::make(database, topic, Some(&other.workplace.path("keys")))
    }

    fn make(database: &'a TestDatabase, topic: &Topic, keys: Option<&Path>) -> Self {
        let workplace = Workplace::on(database);
        let site = Self {
            workplace,
            database,
            topic: topic.name().to_owned(),
            instance: String::new(),
        };
        site.configure(topic.bootstrap(), "suyuan");
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

    /// Ingests as a member of this group. Its name in the group stays over restarts, so that a group does
    /// not wait for a member that was killed.
    pub(super) fn configure(&self, bootstrap: &str, group: &str) {
        let member =
            format!("{}{}", self.workplace.path("").display(), self.instance).replace('/', "-");
        self.workplace.configure(&format!(
            "[kafka]\nbrokers = {bootstrap:?}\ntopic = {:?}\ngroup = \"{group}-{}\"\nsubmitter = \"maker\"\n\
             [kafka.client]\n\"heartbeat.interval.ms\" = \"300\"\n\"session.timeout.ms\" = \"6000\"\n\
             \"group.instance.id\" = {member:?}\n",
            self.topic, self.topic
        ));
    }

    /// Ingests until nothing more comes.
    pub(super) fn ingest(&self) -> Finished {
        self.start(&["--until-idle", IDLE]).wait()
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
            .database
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

    /// The leaves of the topic's first partition: kind, offset, reference.
    pub(super) fn leaves(&self) -> Vec<(i32, i64)> {
        let heads = self.heads();
        let entries: Vec<StoredEntry> = self
            .database
            .read(|conn| ledger::entries(conn, heads[0].1.shard, 0, 1000))
            .unwrap();
        entries
            .into_iter()
            .map(|entry| (entry.kind, entry.record_offset))
            .collect()
    }

    /// Fails unless everything in the database follows from its ledger.
    pub(super) fn verify(&self) {
        let report = self
            .workplace
            .run(["verify", "--json"])
            .expect_code(0)
            .json();
        assert_eq!(report["ok"], true, "{report}");
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
