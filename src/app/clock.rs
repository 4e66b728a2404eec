//! The one place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::epcis::Timestamp;

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine.
    #[default]
    System,
    /// Somebody who sets it: tests and drills.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at this time until it is set.
    pub fn standing(at: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(at.micros())))
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Self::Set(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
        }
    }
}
