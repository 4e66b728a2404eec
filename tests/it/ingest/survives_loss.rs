use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use suyuan::db::{self, Conn, DatabaseUrl, Db};

use super::given::{Site, events};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;
use crate::harness::server::{Kind, OwnServer};

/// A way to a PostgreSQL server on which the answer to one COMMIT gets lost, together with the connection.
struct LossyWay {
    address: String,
    armed: Arc<AtomicBool>,
}

impl LossyWay {
    /// To the server of this URL.
    fn to(url: &str) -> Self {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("{before}@{}/{path}", listener.local_addr().unwrap());
        let armed = Arc::new(AtomicBool::new(false));
        let (server, trigger) = (server.to_owned(), Arc::clone(&armed));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                carry(client, server, &trigger);
            }
        });
        Self { address, armed }
    }

    /// The next COMMIT is the one.
    fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }
}

/// Carries both directions, each on a thread of its own.
fn carry(client: TcpStream, server: TcpStream, armed: &Arc<AtomicBool>) {
    let (mut from_client, mut to_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut from_server, mut to_client) = (server, client);
    let lost = Arc::new(AtomicBool::new(false));
    let (armed, losing) = (Arc::clone(armed), Arc::clone(&lost));
    std::thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(size @ 1..) = from_client.read(&mut bytes) {
            let is_commit = bytes[..size].windows(6).any(|window| window == b"COMMIT");
            if is_commit && armed.swap(false, Ordering::SeqCst) {
                losing.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(&bytes[..size]).is_err() {
                break;
            }
        }
        drop(to_server.shutdown(Shutdown::Both));
    });
    std::thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(size @ 1..) = from_server.read(&mut bytes) {
            // The server has answered, so it has committed.
            if lost.load(Ordering::SeqCst) || to_client.write_all(&bytes[..size]).is_err() {
                break;
            }
        }
        drop(to_client.shutdown(Shutdown::Both));
    });
}

#[test]
fn a_commit_whose_answer_was_lost_is_not_repeated() {
    let topic = Topic::new(1);
    let database = TestDatabase::postgres();
    let way = LossyWay::to(&database.address());
    let site = Site::at_address(&way.address, (*database).clone(), &topic);
    site.configure_alone(topic.bootstrap());

    let running = site.start(&["--until-idle", "2s"]);
    running.stderr_line("claimed");
    way.arm();
    topic.produce_all(&events(0, 0..500));
    let finished = running.wait().expect_code(0);

    assert!(!way.armed.load(Ordering::SeqCst), "no COMMIT was lost");
    assert!(
        finished
            .stderr
            .contains("whose answer was lost has happened"),
        "{finished:?}"
    );
    let report = finished.json();
    assert_eq!(
        (&report["recorded"], &report["duplicates"]),
        (&500.into(), &0.into())
    );
    assert_eq!(site.heads()[0].1.size, 500);
    site.verify();
}

#[test]
fn a_database_that_goes_and_comes_back_is_waited_for() {
    let topic = Topic::new(2);
    let server = OwnServer::new(Kind::Postgres);
    let url = DatabaseUrl::Postgres(server.address().to_owned());
    db::migrate::run(&mut Conn::open(&url).unwrap()).unwrap();
    let site = Site::at_address(server.address(), Db::open(&url, 2).unwrap(), &topic);
    topic.produce_all(&events(0, 0..2_000));
    topic.produce_all(&events(1, 2_000..4_000));

    let running = site.start(&["--until-idle", "3s"]);
    running.stderr_line("batch open");
    server.kill();
    running.stderr_line("the database failed");
    server.start();
    running.stderr_line("the database is back");
    let report = running.wait().expect_code(0).json();

    assert_eq!(
        (&report["recorded"], &report["duplicates"]),
        (&4_000.into(), &0.into())
    );
    assert_eq!(
        site.heads().iter().map(|(_, head)| head.size).sum::<i64>(),
        4_000
    );
    site.verify_ledger();
}

#[test]
fn a_kafka_that_goes_and_comes_back_is_waited_for() {
    let server = OwnServer::new(Kind::Kafka);
    let topic = Topic::on(server.address(), 1);
    let database = TestDatabase::sqlite();
    let site = Site::new(&database, &topic);
    topic.produce_all(&events(0, 0..10));

    let running = site.start(&[]);
    running.stderr_line("batch committed");
    server.kill();
    running.stderr_line("Kafka failed");
    server.start();
    topic.produce_all(&events(0, 10..20));
    running.stderr_line("Kafka is back");
    running.stderr_line("next_offset=20");
    let report = running.stop().expect_code(0).json();

    assert_eq!(report["recorded"], 20);
}

#[test]
fn a_program_ends_when_it_is_told_to_even_while_the_database_is_away() {
    let topic = Topic::new(1);
    let server = OwnServer::new(Kind::Postgres);
    let url = DatabaseUrl::Postgres(server.address().to_owned());
    db::migrate::run(&mut Conn::open(&url).unwrap()).unwrap();
    let site = Site::at_address(server.address(), Db::open(&url, 2).unwrap(), &topic);

    let running = site.start(&[]);
    running.stderr_line("claimed");
    server.kill();
    topic.produce_all(&events(0, 0..10));
    running.stderr_line("the database failed");
    let report = running.stop().expect_code(0).json();
    assert_eq!(report["recorded"], 0);

    server.start();
    let report = site.ingest().expect_code(0).json();
    assert_eq!(report["recorded"], 10);
}

#[test]
fn what_does_not_fit_into_the_queue_waits_in_kafka() {
    let topic = Topic::new(1);
    let server = OwnServer::new(Kind::Postgres);
    let url = DatabaseUrl::Postgres(server.address().to_owned());
    db::migrate::run(&mut Conn::open(&url).unwrap()).unwrap();
    let site = Site::at_address(server.address(), Db::open(&url, 2).unwrap(), &topic);
    let large = vec![b'x'; 64 * 1024];
    let messages: Vec<_> = (0..1_000)
        .map(|_| (0, b"k".to_vec(), Some(large.clone())))
        .collect();

    let running = site.start(&["--until-idle", "3s"]);
    running.stderr_line("claimed");
    server.kill();
    topic.produce_all(&messages);
    running.stderr_line("pause=true");
    server.start();
    let report = running.wait().expect_code(0).json();

    assert_eq!(report["refused"], 1_000);
    assert_eq!(site.heads()[0].1.next_offset, 1_000);
}
