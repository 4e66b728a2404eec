//! A topic of one's own on the configured brokers: made for a measurement, gone after it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaError;

use super::broker::Error;
use super::client;
use crate::app::Kafka;

/// Longest wait for the broker's answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A topic that is deleted when this is dropped.
pub struct Topic {
    admin: AdminClient<DefaultClientContext>,
    name: String,
}

impl std::fmt::Debug for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Topic")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Topic {
    /// Makes the topic of a configuration, which must not be there yet, with one replica of each partition.
    pub fn make(kafka: &Kafka, partitions: i32) -> Result<Self, Error> {
        let failed = |cause| Error::Kafka {
            what: "the topic cannot be made",
            cause,
        };
        let admin: AdminClient<DefaultClientContext> = client::producer_properties(kafka)
            .create()
            .map_err(failed)?;
        let name = kafka.topic.clone();
        let wish = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
        let made = block_on(admin.create_topics([&wish], &options())).map_err(failed)?;
        for outcome in made {
            outcome.map_err(|(_, code)| failed(KafkaError::AdminOp(code)))?;
        }
        // From here on it is ours to delete.
        Ok(Self { admin, name })
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        let deleted = block_on(self.admin.delete_topics(&[&self.name], &options()));
        if let Err(error) = deleted {
            tracing::warn!(topic = self.name, %error, "a topic was not removed");
        }
    }
}

fn options() -> AdminOptions {
    AdminOptions::new()
        .operation_timeout(Some(PATIENCE))
        .request_timeout(Some(PATIENCE))
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Sleeper(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}
