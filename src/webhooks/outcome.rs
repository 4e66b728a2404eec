//! What became of a try to deliver. Pure.

use std::time::Duration;

use super::target::Misaddressed;

/// What came of sending a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver wants no more notices.
    Gone,
    /// The receiver may not have it.
    Failed {
        /// Why.
        failure: Failure,
        /// How long the receiver asks to be left alone.
        asked: Option<Duration>,
    },
}

/// Why a notice may not have been taken: as much as its owner is told. What the receiver wrote, or what stands behind
/// a name, is not told, or this would be a way to look around in other networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Another status than 2xx and 410.
    #[error("answered {0}")]
    Answered(u16),
    /// It leads elsewhere.
    #[error("answered {0}: redirects are not followed")]
    Redirected(u16),
    /// No answer.
    #[error("no answer in time")]
    Late,
    /// Nobody there.
    #[error("no connection")]
    Unreachable,
    /// Not encrypted as it must be.
    #[error("the certificate or the encryption was not accepted")]
    Encryption,
    /// An answer that is no HTTP.
    #[error("the answer was not understood")]
    Garbled,
    /// Not sent there.
    #[error(transparent)]
    Misaddressed(#[from] Misaddressed),
    /// Not signed.
    #[error("the secret could not be opened: rotate it")]
    Unsigned,
}

impl Outcome {
    /// What a status says; `asked` is what `Retry-After` asks for.
    pub const fn of_status(status: u16, asked: Option<Duration>) -> Self {
        let failure = match status {
            200..=299 => return Self::Delivered,
            410 => return Self::Gone,
            300..=399 => Failure::Redirected(status),
            _ => Failure::Answered(status),
        };
        Self::Failed { failure, asked }
    }

    /// A try that came to no answer.
    pub const fn failed(failure: Failure) -> Self {
        Self::Failed {
            failure,
            asked: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_and_gone_are_final() {
        let asked = Some(Duration::from_secs(9));
        for status in [200, 204, 299] {
            assert_eq!(Outcome::of_status(status, asked), Outcome::Delivered);
        }
        assert_eq!(Outcome::of_status(410, asked), Outcome::Gone);
        for (status, failure) in [
            (199, Failure::Answered(199)),
            (301, Failure::Redirected(301)),
            (400, Failure::Answered(400)),
            (429, Failure::Answered(429)),
            (503, Failure::Answered(503)),
        ] {
            let failed = Outcome::Failed { failure, asked };
            assert_eq!(Outcome::of_status(status, asked), failed);
        }
    }
}
