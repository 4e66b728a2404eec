use suyuan::app::Kafka;
use suyuan::ingest::broker::{Broker, Producer};

use super::given::{Site, event};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;

#[test]
fn a_broker_in_the_process_serves_a_producer_and_an_ingesting_program() {
    let topic = Topic::new(1);
    let broker = Broker::start(topic.name(), 3).unwrap();
    let database = TestDatabase::sqlite();
    let site = Site::new(&database, &topic);
    site.configure(&broker.address());
    let producer = Producer::new(&Kafka {
        brokers: broker.address(),
        topic: topic.name().to_owned(),
        ..Kafka::default()
    })
    .unwrap();

    for number in 0..3_000_usize {
        let key = (number % 7).to_string();
        producer
            .send(key.as_bytes(), event(number).as_bytes())
            .unwrap();
    }
    producer.flush().unwrap();
    let report = site.ingest().expect_code(0).json();

    assert_eq!(producer.delivered(), 3_000);
    assert_eq!(report["recorded"], 3_000);
    let heads = site.heads();
    assert_eq!(heads.len(), 3);
    assert_eq!(
        heads.iter().map(|(_, head)| head.next_offset).sum::<i64>(),
        3_000
    );
}
