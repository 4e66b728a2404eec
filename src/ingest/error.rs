//! What keeps ingest from running at all. What happens to one partition is reported, and the others go on.

use rdkafka::error::KafkaError;

use crate::app::{Code, Problem};
use crate::db;

/// Why ingest does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is missing or wrong.
    #[error("configuration: {key}: {detail}")]
    Configuration {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// Kafka does not answer.
    #[error("Kafka cannot be reached at {brokers}")]
    Unreachable {
        /// Where it was looked for.
        brokers: String,
        /// Why there is no answer.
        #[source]
        cause: KafkaError,
    },
    /// Kafka is not there, or lets us not in.
    #[error("Kafka cannot be reached at {brokers}: {reason}")]
    ShutOut {
        /// Where it was looked for.
        brokers: String,
        /// What the client's log says of it.
        reason: String,
    },
    /// The topic is not there.
    #[error("Kafka has no topic {topic}")]
    NoTopic {
        /// The topic.
        topic: String,
    },
    /// The operator said something of a partition that the topic has not.
    #[error("{option}: {topic} has no partition {partition}, only {count}, from 0 on")]
    NoPartition {
        /// The option that says it.
        option: &'static str,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// How many there are.
        count: usize,
    },
    /// The client was told to go for good.
    #[error("the Kafka client failed for good")]
    Fatal(#[source] KafkaError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Configuration { .. } => Self::new(Code::Configuration, error.to_string()),
            Error::Unreachable { ref brokers, cause } => {
                let detail = format!("Kafka cannot be reached at {brokers}");
                Self::new(Code::Unavailable, detail).because(cause)
            }
            Error::NoPartition { .. } => Self::new(Code::InvalidParameter, error.to_string()),
            Error::ShutOut { .. } | Error::NoTopic { .. } => {
                Self::new(Code::Unavailable, error.to_string())
            }
            Error::Fatal(cause) => {
                Self::new(Code::Unavailable, "the Kafka client failed for good").because(cause)
            }
            Error::Db(error) => error.into(),
        }
    }
}
