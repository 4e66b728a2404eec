//! What an ingesting program tells of itself: health, readiness, measurements.

use std::time::{Duration, Instant};

use suyuan::db::{self, Conn, DatabaseUrl, Db};

use super::given::{Site, block_seq, events};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;
use crate::harness::process::Running;
use crate::harness::server::{Kind, OwnServer};

/// How long something may take until it is told.
const PATIENCE: Duration = Duration::from_mins(1);

/// The address a program serves at.
fn url(running: &Running) -> String {
    let told: serde_json::Value = serde_json::from_str(&running.stdout_line("url")).unwrap();
    assert!(told["pid"].is_u64(), "{told}");
    told["url"].as_str().unwrap().to_owned()
}

/// Status, media type and text of an answer.
fn get(address: &str) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut reply = agent.get(address).call().unwrap();
    let form = reply.headers().get("content-type").unwrap().to_str();
    let form = form.unwrap().to_owned();
    let status = reply.status().as_u16();
    (status, form, reply.body_mut().read_to_string().unwrap())
}

/// Asks until the answer has this status and these words.
fn wait_for(address: &str, status: u16, words: &[&str]) -> String {
    let asked = Instant::now();
    loop {
        let (found, _, text) = get(address);
        if found == status && words.iter().all(|word| text.contains(word)) {
            return text;
        }
        assert!(
            asked.elapsed() < PATIENCE,
            "no {status} with {words:?}: {found} {text}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

both! {
    fn an_ingesting_program_tells_health_readiness_and_metrics_and_nothing_else(db) {
        let topic = Topic::new(2);
        let site = Site::new(db, &topic);

        let running = site.start(&["--listen", "127.0.0.1:0"]);
        let url = url(&running);
        assert_eq!(get(&format!("{url}/healthz")).2, "alive\n");
        assert_eq!(wait_for(&format!("{url}/readyz"), 200, &[]), "ready\n");
        topic.produce_all(&events(0, 0..30));
        let metrics = format!("{url}/metrics");
        let newest = format!(
            "suyuan_ingest_newest_record_timestamp_seconds{{topic=\"{}\",partition=\"0\"}} ",
            topic.name()
        );
        let lag = format!("suyuan_ingest_lag_records{{topic=\"{}\",partition=\"0\"}} 0\n", topic.name());
        let text = wait_for(&metrics, 200, &[
            &newest,
            &lag,
            "{outcome=\"recorded\"} 30\n",
            "suyuan_outbox_pending 0\n",
            "suyuan_outbox_oldest_seconds 0\n",
            "suyuan_outbox_published_total 0\n",
            "suyuan_outbox_failures_total 0\n",
        ]);
        let counted = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().parse().unwrap()
        };
        for expected in [
            "suyuan_ingest_events_total{outcome=\"refused\"} 0\n",
            "suyuan_ingest_held_partitions 0\n",
            "suyuan_ingest_batch_bytes_bucket{le=\"1024\"}",
            "suyuan_ingest_batch_seconds_bucket{le=\"0.1\"}",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!((counted("suyuan_ingest_batch_records_sum") - 30.0).abs() < 0.5);
        assert!(counted(&newest) > 1_700_000_000.0, "{text}");

        for nothing in ["/", "/epcis", "/api/v1/openapi.json", "/api/v1/position"] {
            let (status, form, _) = get(&format!("{url}{nothing}"));
            assert_eq!((status, form.as_str()), (404, "application/problem+json"), "{nothing}");
        }
        let finished = running.stop().expect_code(0);
        let report: serde_json::Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
        assert_eq!(report["recorded"], 30);
    }

    fn a_held_partition_is_told_and_hinders_when_no_other_goes_on(db) {
        let topic = Topic::new(2);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..3));
        topic.produce_all(&events(1, 3..6));
        site.ingest().expect_code(0);
        let heads = site.heads();
        block_seq(db, heads[0].1.shard, 3);
        topic.produce_all(&events(0, 6..9));

        let running = site.start(&["--listen", "127.0.0.1:0"]);
        let url = url(&running);
        let ready = format!("{url}/readyz");
        let held = format!("held, the log says why: {}/0", topic.name());
        assert_eq!(wait_for(&ready, 200, &[&held]), format!("ready\n{held}\n"));
        let lag = format!("suyuan_ingest_lag_records{{topic=\"{}\",partition=\"0\"}} 3\n", topic.name());
        let newest = format!(
            "suyuan_ingest_newest_record_timestamp_seconds{{topic=\"{}\",partition=\"0\"}} 1",
            topic.name()
        );
        let told = ["suyuan_ingest_held_partitions 1\n", &lag, &newest];
        wait_for(&format!("{url}/metrics"), 200, &told);

        block_seq(db, heads[1].1.shard, 3);
        topic.produce_all(&events(1, 9..12));
        wait_for(&ready, 503, &["no partition goes on", &format!("{held}, {}/1", topic.name())]);
        running.stop().expect_code(1);
    }

    fn a_serving_program_that_ingests_tells_the_same(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..3));

        let running = site.workplace.start(["-v", "--json", "serve", "--ingest"]);
        let url = url(&running);
        let ready = format!("{url}/readyz");
        wait_for(&ready, 200, &["ready\n"]);
        running.stderr_line("next_offset=3");
        block_seq(db, site.heads()[0].1.shard, 3);
        topic.produce_all(&events(0, 3..4));
        wait_for(&ready, 503, &["no partition goes on"]);
        assert_eq!(get(&format!("{url}/metrics")).0, 401);
        running.stop().expect_code(0);
    }
}

#[test]
fn a_database_that_is_away_is_told_until_it_is_back() {
    let topic = Topic::new(1);
    let server = OwnServer::new(Kind::Postgres);
    let url_of = DatabaseUrl::Postgres(server.address().to_owned());
    db::migrate::run(&mut Conn::open(&url_of).unwrap()).unwrap();
    let site = Site::at_address(server.address(), Db::open(&url_of, 2).unwrap(), &topic);

    let running = site.start(&["--listen", "127.0.0.1:0"]);
    let url = url(&running);
    let ready = format!("{url}/readyz");
    wait_for(&ready, 200, &["ready\n"]);
    server.kill();
    topic.produce_all(&events(0, 0..10));
    let text = wait_for(&ready, 503, &["database"]);
    assert!(!text.contains("postgres@"), "no address is told: {text}");
    assert_eq!(get(&format!("{url}/healthz")).0, 200);

    server.start();
    wait_for(&ready, 200, &["ready\n"]);
    running.stderr_line("next_offset=10");
    running.stop().expect_code(0);
}

#[test]
fn a_kafka_that_is_away_is_told_until_it_is_back() {
    let server = OwnServer::new(Kind::Kafka);
    let topic = Topic::on(server.address(), 1);
    let database = TestDatabase::sqlite();
    let site = Site::new(&database, &topic);

    let running = site.start(&["--listen", "127.0.0.1:0"]);
    let ready = format!("{}/readyz", url(&running));
    wait_for(&ready, 200, &["ready\n"]);
    server.kill();
    wait_for(&ready, 503, &["Kafka is not reached any more"]);

    // Nothing new comes: it is found out all the same.
    server.start();
    wait_for(&ready, 200, &["ready\n"]);
    running.stop().expect_code(0);
}

#[test]
fn an_address_that_cannot_be_listened_at_is_told_before_anything_is_read() {
    let topic = Topic::new(1);
    let database = TestDatabase::sqlite();
    let site = Site::new(&database, &topic);
    topic.produce_all(&events(0, 0..3));

    let finished = site
        .ingest_with(&["--listen", "nowhere.invalid:1"])
        .expect_code(2);

    assert!(finished.stderr.contains("--listen"), "{finished:?}");
    assert!(site.heads().is_empty());
}
