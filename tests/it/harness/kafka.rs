//! Topics on a real broker, each test its own.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::{from_tests_run, unique};

/// Longest wait for the broker; reaching it fails the test.
const PATIENCE: Duration = Duration::from_mins(1);

/// A message as a test reads it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Its partition.
    pub(crate) partition: i32,
    /// Its offset in the partition.
    pub(crate) offset: i64,
    /// Its key.
    pub(crate) key: Option<Vec<u8>>,
    /// Its value; none is a tombstone.
    pub(crate) value: Option<Vec<u8>>,
}

/// A message to send: partition, key, value; no value is a tombstone.
pub(crate) type Outgoing = (i32, Vec<u8>, Option<Vec<u8>>);

/// A topic of a test's own, removed at the end.
#[derive(Debug)]
pub(crate) struct Topic {
    bootstrap: String,
    name: String,
    partitions: i32,
}

impl Topic {
    /// On the broker that all tests share.
    pub(crate) fn new(partitions: i32) -> Self {
        Self::on(&from_tests_run("SUYUAN_TEST_KAFKA"), partitions)
    }

    /// On the broker at this address.
    pub(crate) fn on(bootstrap: &str, partitions: i32) -> Self {
        let name = unique("suyuan.events");
        let topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let made = block_on(admin(bootstrap).create_topics([&topic], &options)).unwrap();
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        Self {
            bootstrap: bootstrap.to_owned(),
            name,
            partitions,
        }
    }

    /// The broker's address.
    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sends one message and waits until the broker has it. Gives its offset.
    pub(crate) fn produce(&self, partition: i32, key: &[u8], value: Option<&[u8]>) -> i64 {
        self.produce_all(&[(partition, key.to_vec(), value.map(<[u8]>::to_vec))])[0]
    }

    /// Sends messages in order and waits until the broker has them all. Gives their offsets.
    pub(crate) fn produce_all(&self, messages: &[Outgoing]) -> Vec<i64> {
        self.produce_packed("none", messages)
    }

    /// Sends messages as [`Topic::produce_all`] does, compressed by this codec.
    pub(crate) fn produce_packed(&self, codec: &str, messages: &[Outgoing]) -> Vec<i64> {
        let producer: BaseProducer<Deliveries> = config(&self.bootstrap)
            .set("enable.idempotence", "true")
            .set("compression.type", codec)
            .set("linger.ms", "1")
            .create_with_context(Deliveries::default())
            .unwrap();
        for (index, (partition, key, value)) in messages.iter().enumerate() {
            let mut record = BaseRecord::with_opaque_to(&self.name, index)
                .partition(*partition)
                .key(key.as_slice());
            if let Some(value) = value {
                record = record.payload(value.as_slice());
            }
            let mut unsent = Some(record);
            while let Some(record) = unsent.take() {
                unsent = producer.send(record).err().map(|(error, record)| {
                    let code = error.rdkafka_error_code();
                    assert_eq!(code, Some(rdkafka::types::RDKafkaErrorCode::QueueFull));
                    producer.poll(Duration::from_millis(10));
                    record
                });
            }
        }
        producer.flush(PATIENCE).unwrap();

        let mut delivered = producer.context().0.lock().unwrap().clone();
        delivered.sort_unstable();
        assert_eq!(delivered.len(), messages.len(), "not all were delivered");
        delivered.into_iter().map(|(_, offset)| offset).collect()
    }

    /// Sends a message with headers and waits until the broker has it.
    pub(crate) fn produce_headed(&self, partition: i32, value: &[u8], headers: &[(&str, &[u8])]) {
        let producer: BaseProducer<Deliveries> = config(&self.bootstrap)
            .create_with_context(Deliveries::default())
            .unwrap();
        let mut all = OwnedHeaders::new();
        for (key, value) in headers {
            let value = Some(*value);
            all = all.insert(Header { key, value });
        }
        let record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(&self.name, 0)
            .partition(partition)
            .payload(value)
            .headers(all);
        producer.send(record).map_err(|(error, _)| error).unwrap();
        producer.flush(PATIENCE).unwrap();
        assert_eq!(producer.context().0.lock().unwrap().len(), 1);
    }

    /// Sends messages in a transaction, which is then committed or aborted.
    pub(crate) fn produce_in_transaction(&self, messages: &[Outgoing], commit: bool) {
        let producer: BaseProducer = config(&self.bootstrap)
            .set("transactional.id", unique("transaction"))
            .create()
            .unwrap();
        producer.init_transactions(PATIENCE).unwrap();
        producer.begin_transaction().unwrap();
        for (partition, key, value) in messages {
            let record = BaseRecord::to(&self.name)
                .partition(*partition)
                .key(key.as_slice())
                .payload(value.as_deref().unwrap_or_default());
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(PATIENCE).unwrap();
        let ended = if commit {
            producer.commit_transaction(PATIENCE)
        } else {
            producer.abort_transaction(PATIENCE)
        };
        ended.unwrap();
    }

    /// Removes a partition's messages before this offset, as retention does.
    pub(crate) fn remove_before(&self, partition: i32, offset: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.name, partition, Offset::Offset(offset))
            .unwrap();
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let done = block_on(admin(&self.bootstrap).delete_records(&list, &options)).unwrap();
        assert!(
            done.elements()
                .iter()
                .all(|element| element.error().is_ok())
        );
    }

    /// Adds partitions, up to this many.
    pub(crate) fn grow(&self, partitions: usize) {
        let more = NewPartitions::new(&self.name, partitions);
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let done = block_on(admin(&self.bootstrap).create_partitions([&more], &options)).unwrap();
        assert!(done.iter().all(Result::is_ok), "{done:?}");
    }

    /// Everything in the topic now, ordered by partition and offset.
    pub(crate) fn read_all(&self) -> Vec<Received> {
        let consumer: BaseConsumer = config(&self.bootstrap)
            .set("group.id", unique("reader"))
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "false")
            .create()
            .unwrap();
        let mut from = TopicPartitionList::new();
        let mut awaited = 0;
        for partition in 0..self.partitions {
            let (low, high) = consumer
                .fetch_watermarks(&self.name, partition, PATIENCE)
                .unwrap();
            awaited += usize::try_from(high - low).unwrap();
            from.add_partition_offset(&self.name, partition, Offset::Beginning)
                .unwrap();
        }
        consumer.assign(&from).unwrap();

        let mut received = Vec::with_capacity(awaited);
        let give_up = Instant::now() + PATIENCE;
        while received.len() < awaited {
            assert!(
                Instant::now() < give_up,
                "{} of {awaited} messages came",
                received.len()
            );
            if let Some(message) = consumer.poll(Duration::from_millis(100)) {
                let message = message.unwrap();
                received.push(Received {
                    partition: message.partition(),
                    offset: message.offset(),
                    key: message.key().map(<[u8]>::to_vec),
                    value: message.payload().map(<[u8]>::to_vec),
                });
            }
        }
        received.sort_unstable_by_key(|message| (message.partition, message.offset));
        received
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        // The broker may be one that the test has killed; its topics go with its folder.
        let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(2)));
        drop(block_on(
            admin(&self.bootstrap).delete_topics(&[&self.name], &options),
        ));
    }
}

fn config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

fn admin(bootstrap: &str) -> AdminClient<DefaultClientContext> {
    config(bootstrap).create().unwrap()
}

/// (index of the message, its offset), in order of arrival.
#[derive(Default)]
struct Deliveries(Mutex<Vec<(usize, i64)>>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        if let Ok(message) = result {
            self.0.lock().unwrap().push((index, message.offset()));
        }
    }
}

/// Runs one future on this thread: the admin client's futures are woken by its own thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Topic;
    use crate::harness::server::{Kind, OwnServer};

    #[test]
    fn what_is_produced_is_read_back_in_the_order_of_its_partition() {
        let topic = Topic::new(2);

        let offsets = topic.produce_all(&[
            (1, b"a".to_vec(), Some(b"first".to_vec())),
            (0, b"b".to_vec(), Some(b"other".to_vec())),
            (1, b"a".to_vec(), Some(b"second".to_vec())),
        ]);
        let tombstone = topic.produce(1, b"a", None);

        assert!(topic.name().starts_with("suyuan.events"));
        assert_eq!(offsets, [0, 0, 1]);
        assert_eq!(tombstone, 2);
        let values: Vec<_> = topic
            .read_all()
            .into_iter()
            .map(|message| (message.partition, message.offset, message.value))
            .collect();
        assert_eq!(
            values,
            [
                (0, 0, Some(b"other".to_vec())),
                (1, 0, Some(b"first".to_vec())),
                (1, 1, Some(b"second".to_vec())),
                (1, 2, None),
            ]
        );
    }

    #[test]
    fn a_broker_that_was_killed_comes_back_with_what_it_had() {
        let broker = OwnServer::new(Kind::Kafka);
        let topic = Topic::on(broker.address(), 1);
        topic.produce(0, b"k", Some(b"before"));

        broker.kill();
        let address = broker.start();

        assert_eq!(address, topic.bootstrap());
        topic.produce(0, b"k", Some(b"after"));
        let values: Vec<_> = topic.read_all().into_iter().map(|m| m.value).collect();
        assert_eq!(values, [Some(b"before".to_vec()), Some(b"after".to_vec())]);
    }
}
