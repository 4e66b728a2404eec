//! The Kafka client's configuration.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::client::{Client, ClientContext};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::metadata::MetadataPartition;

use super::Error;
use super::group::Group;
use crate::app::{Kafka, Unsigned};

/// How long Kafka may take to answer at the start.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What exactly-once rests on: not for the configuration to change.
const FIXED: [(&str, &str); 7] = [
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("enable.partition.eof", "true"),
    ("auto.offset.reset", "error"),
    ("isolation.level", "read_committed"),
    ("partition.assignment.strategy", "cooperative-sticky"),
    ("check.crcs", "true"),
];

/// What has proved itself for consumers; `[kafka.client]` may say otherwise.
const DEFAULTS: [(&str, &str); 8] = [
    ("session.timeout.ms", "10000"),
    ("fetch.wait.max.ms", "100"),
    ("fetch.message.max.bytes", "1048576"),
    ("queued.max.messages.kbytes", "32768"),
    ("queued.min.messages", "20000"),
    // The default of 1,000 stalls fetching for a second whenever the small queue is full.
    ("fetch.queue.backoff.ms", "20"),
    // How soon partitions that were added to the topic are noticed; the default is five minutes.
    ("topic.metadata.refresh.interval.ms", "30000"),
    // For the lag that is measured.
    ("statistics.interval.ms", "5000"),
];

/// The same for producers: what waits to be sent takes little memory.
const PRODUCER_DEFAULTS: [(&str, &str); 1] = [("queue.buffering.max.kbytes", "65536")];

/// Refuses a configuration that cannot work.
pub(super) fn check(kafka: &Kafka) -> Result<(), Error> {
    let refuse = |key, detail: &str| {
        Err(Error::Configuration {
            key,
            detail: detail.to_owned(),
        })
    };
    for (key, value) in [
        ("kafka.brokers", &kafka.brokers),
        ("kafka.topic", &kafka.topic),
        ("kafka.group", &kafka.group),
    ] {
        if value.is_empty() {
            return refuse(key, "is needed");
        }
    }
    if kafka.submitter.is_empty() && kafka.unsigned == Unsigned::Record {
        return refuse(
            "kafka.submitter",
            "is needed: the organisation that the topic's records are recorded for",
        );
    }
    for key in kafka.client.0.keys() {
        let own = ["bootstrap.servers", "group.id"];
        if own.contains(&key.as_str()) || FIXED.iter().any(|(fixed, _)| fixed == key) {
            return Err(Error::Configuration {
                key: "kafka.client",
                detail: format!("{key} is not for this table to set"),
            });
        }
    }
    Ok(())
}

fn properties(kafka: &Kafka, defaults: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    // Why a broker lets us not in is told in the log alone.
    config.set_log_level(RDKafkaLogLevel::Error);
    config
        .set("client.id", "suyuan")
        .set("bootstrap.servers", &kafka.brokers);
    for (key, value) in defaults {
        config.set(*key, *value);
    }
    for (key, value) in &kafka.client.0 {
        config.set(key, value);
    }
    config
}

/// A producer's configuration.
pub(super) fn producer_properties(kafka: &Kafka) -> ClientConfig {
    properties(kafka, &PRODUCER_DEFAULTS)
}

/// A member of the group, subscribed.
pub(super) fn consumer(kafka: &Kafka, group: Group) -> Result<BaseConsumer<Group>, Error> {
    let mut config = properties(kafka, &DEFAULTS);
    config.set("group.id", &kafka.group);
    for (key, value) in FIXED {
        config.set(key, value);
    }
    let refuse = |key, error: rdkafka::error::KafkaError| Error::Configuration {
        key,
        detail: error.to_string(),
    };
    let consumer: BaseConsumer<Group> = config
        .create_with_context(group)
        .map_err(|error| refuse("kafka.client", error))?;
    consumer
        .subscribe(&[&kafka.topic])
        .map_err(|error| refuse("kafka.topic", error))?;
    Ok(consumer)
}

/// The last failure that a client told of in its log: why a broker cannot be reached, or lets nobody in.
#[derive(Debug, Clone, Default)]
pub(super) struct LastFailure(Arc<Mutex<Option<String>>>);

impl LastFailure {
    /// Takes a line of the client's log.
    pub(super) fn note(&self, facility: &str, message: &str) {
        if facility == "FAIL" {
            *self.0.lock() = Some(reason(message).to_owned());
        }
    }

    /// It, if there was one.
    pub(super) fn told(&self) -> Option<String> {
        self.0.lock().clone()
    }
}

/// A line of the client's log without the thread that wrote it.
fn reason(message: &str) -> &str {
    let told = message.strip_prefix("[thrd:");
    let told = told.and_then(|rest| rest.split_once("]: "));
    told.map_or(message, |(_, reason)| reason)
}

/// A client that keeps why it failed last.
pub(super) trait Failing: ClientContext {
    /// Why.
    fn last_failure(&self) -> &LastFailure;
}

/// Fails when Kafka or the topic is not there; Kafka may take so long to answer.
/// Else the partitions of the topic. `poll` lets the client tell what it logged.
pub(super) fn reach<C: Failing>(
    client: &Client<C>,
    kafka: &Kafka,
    patience: Duration,
    poll: impl FnOnce(),
) -> Result<BTreeSet<i32>, Error> {
    let topic = &kafka.topic;
    let metadata = client.fetch_metadata(Some(topic), patience);
    let metadata = metadata.map_err(|cause| {
        poll();
        let brokers = kafka.brokers.clone();
        match client.context().last_failure().told() {
            Some(reason) => Error::ShutOut { brokers, reason },
            None => Error::Unreachable { brokers, cause },
        }
    })?;
    let mut topics = metadata.topics().iter();
    let known = topics.find(|known| known.name() == topic && !known.partitions().is_empty());
    let known = known.ok_or_else(|| Error::NoTopic {
        topic: topic.clone(),
    })?;
    Ok(known
        .partitions()
        .iter()
        .map(MetadataPartition::id)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{DEFAULTS, FIXED, LastFailure, check, properties};
    use crate::app::Kafka;

    fn kafka() -> Kafka {
        Kafka {
            brokers: "127.0.0.1:9".into(),
            submitter: "dairy".into(),
            ..Kafka::default()
        }
    }

    fn refused(change: impl FnOnce(&mut Kafka)) -> String {
        let mut kafka = kafka();
        change(&mut kafka);
        check(&kafka).unwrap_err().to_string()
    }

    #[test]
    fn a_failure_is_told_without_the_thread_it_befell() {
        let told = LastFailure::default();
        told.note("CONNECT", "[thrd:a]: Connected");
        assert_eq!(told.told(), None);
        told.note(
            "FAIL",
            "[thrd:sasl_ssl://a:1/bootstrap]: sasl_ssl://a:1/bootstrap: no such user",
        );
        told.note("CONNECT", "[thrd:a]: Connected");
        assert_eq!(
            told.told().as_deref(),
            Some("sasl_ssl://a:1/bootstrap: no such user")
        );
        told.note("FAIL", "gone");
        assert_eq!(told.told().as_deref(), Some("gone"));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(check(&kafka()).is_ok());
        assert!(refused(|kafka| kafka.brokers.clear()).contains("kafka.brokers"));
        assert!(refused(|kafka| kafka.topic.clear()).contains("kafka.topic"));
        assert!(refused(|kafka| kafka.group.clear()).contains("kafka.group"));
        assert!(refused(|kafka| kafka.submitter.clear()).contains("kafka.submitter"));
    }

    #[test]
    fn properties_are_the_clients_own_but_not_those_that_exactly_once_rests_on() {
        let mut with_more = kafka();
        with_more
            .client
            .0
            .insert("heartbeat.interval.ms".into(), "300".into());
        with_more
            .client
            .0
            .insert(DEFAULTS[0].0.into(), "45000".into());
        assert!(check(&with_more).is_ok());
        let config = properties(&with_more, &DEFAULTS);
        assert_eq!(config.get("heartbeat.interval.ms"), Some("300"));
        assert_eq!(config.get(DEFAULTS[0].0), Some("45000"));

        for (key, value) in FIXED {
            let detail = refused(|kafka| {
                kafka.client.0.insert(key.into(), value.into());
            });
            assert!(detail.contains(key), "{detail}");
        }
        assert!(
            refused(|kafka| {
                kafka.client.0.insert("group.id".into(), "other".into());
            })
            .contains("group.id")
        );
    }
}
