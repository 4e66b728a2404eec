//! One notice over the wire: a POST to an address that is looked up and checked for this very connection, without
//! proxies, redirects, kept connections, or reading more of an answer than its head.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};

use super::roots::roots;
use crate::app::{self, Webhooks};
use crate::epcis::Timestamp;
use crate::webhooks::{Claimed, Failure, Misaddressed, Outcome, Parcel, Rules, asked_for};

/// How long connecting may take, names and encryption included, and how long everything.
const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);
/// Bytes of the head of an answer at most.
const HEAD_MAX: usize = 16 * 1024;
/// Bytes of the body of an answer that are taken, so that the receiver gets rid of it; nobody reads them.
const BODY_MAX: u64 = 16 * 1024;
/// Who asks.
const USER_AGENT: &str = concat!("suyuan/", env!("CARGO_PKG_VERSION"));

/// Somebody who carries notices to their receivers.
#[derive(Debug)]
pub(super) struct Courier {
    agent: Agent,
    rules: Rules,
}

impl Courier {
    /// With the networks and certificates of the configuration.
    pub(super) fn new(settings: &Webhooks) -> Result<Self, app::Error> {
        let roots = roots(&settings.ca_file)?;
        Ok(Self::with_names(
            settings.rules(),
            roots,
            DefaultResolver::default(),
        ))
    }

    fn with_names(rules: Rules, roots: Vec<Certificate<'static>>, names: impl Resolver) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Config::builder()
            .http_status_as_error(false)
            .https_only(!rules.plain_http)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .max_response_header_size(HEAD_MAX)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .user_agent(USER_AGENT)
            .tls_config(tls)
            .build();
        let checked = Checked {
            rules: rules.clone(),
            names,
        };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), checked),
            rules,
        }
    }

    /// Carries a notice to its receiver.
    pub(super) fn deliver(&self, claimed: &Claimed, parcel: &Parcel, now: Timestamp) -> Outcome {
        let seconds = now.micros().div_euclid(1_000_000);
        let signature = match claimed.sign(parcel, seconds) {
            Ok(signature) => signature,
            Err(failure) => return Outcome::failed(failure),
        };
        let headers = [
            ("webhook-id", parcel.id()),
            ("webhook-timestamp", &seconds.to_string()),
            ("webhook-signature", &signature),
        ];
        self.post(&claimed.url, &headers, parcel.payload(), now)
    }

    fn post(&self, url: &str, headers: &[(&str, &str)], body: &str, now: Timestamp) -> Outcome {
        // The rules may have changed since it was registered.
        let target = match self.rules.read(url) {
            Ok(target) => target,
            Err(misaddressed) => return Outcome::failed(misaddressed.into()),
        };
        let mut request = self
            .agent
            .post(target.as_str())
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send(body) {
            Ok(answer) => {
                let asked = answer.headers().get("retry-after");
                let asked = asked.and_then(|value| asked_for(value.to_str().ok()?, now));
                let outcome = Outcome::of_status(answer.status().as_u16(), asked);
                // Whatever it says, and however it ends: the status is what counts.
                let mut rest = answer.into_body().into_reader().take(BODY_MAX);
                drop(std::io::copy(&mut rest, &mut std::io::sink()));
                outcome
            }
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a notice was not delivered"
                );
                Outcome::failed(failure(&error))
            }
        }
    }
}

/// What is told of a failure.
fn failure(error: &ureq::Error) -> Failure {
    use ureq::Error;
    match error {
        Error::Timeout(_) => Failure::Late,
        Error::HostNotFound => Misaddressed::Unresolved.into(),
        Error::Other(inner) => inner
            .downcast_ref::<Misaddressed>()
            .map_or(Failure::Unreachable, |misaddressed| (*misaddressed).into()),
        Error::RequireHttpsOnly(_) => Misaddressed::Scheme.into(),
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) | Error::TlsRequired => {
            Failure::Encryption
        }
        Error::Io(inner) => failure_of_connection(inner),
        Error::Http(_) | Error::Protocol(_) | Error::LargeResponseHeader(_, _) => Failure::Garbled,
        _ => Failure::Unreachable,
    }
}

fn failure_of_connection(error: &std::io::Error) -> Failure {
    let is_of_encryption = |inner: &(dyn std::error::Error + Send + Sync + 'static)| {
        inner.downcast_ref::<rustls::Error>().is_some()
    };
    match error.kind() {
        std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Failure::Late,
        _ if error.get_ref().is_some_and(is_of_encryption) => Failure::Encryption,
        _ => Failure::Unreachable,
    }
}

/// Looks names up, and gives what was found only when all of it may be sent to. The connection is made to what is
/// given here: a name that leads elsewhere the next time leads nowhere else now.
#[derive(Debug)]
struct Checked<N> {
    rules: Rules,
    names: N,
}

impl<N: Resolver> Resolver for Checked<N> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = match self.names.resolve(uri, config, timeout) {
            Err(ureq::Error::Io(_)) => return Err(ureq::Error::HostNotFound),
            found => found?,
        };
        match self.rules.check(found.iter().map(SocketAddr::ip)) {
            Ok(()) => Ok(found),
            Err(misaddressed) => Err(ureq::Error::Other(Box::new(misaddressed))),
        }
    }
}

#[cfg(test)]
mod tests;
