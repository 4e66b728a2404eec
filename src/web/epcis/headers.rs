//! The headers of the binding: what a client asks for is checked, what we are is announced. An event is
//! given as it was sent, so identifiers are never translated.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::app::{Code, Problem};
use crate::capture::ErrorBehaviour;
use crate::epcis::{BODY_BYTES_MAX, EVENTS_MAX};

/// The version we speak.
const VERSION: &str = "2.0.0";

/// Headers of every answer below `/epcis`.
const ANNOUNCED: [(&str, &str); 9] = [
    ("gs1-epcis-version", VERSION),
    ("gs1-epcis-min", VERSION),
    ("gs1-epcis-max", VERSION),
    ("gs1-cbv-version", VERSION),
    ("gs1-cbv-min", VERSION),
    ("gs1-cbv-max", VERSION),
    ("gs1-epc-format", "Never_Translates"),
    ("gs1-vendor-version", env!("CARGO_PKG_VERSION")),
    ("gs1-capture-error-behaviour", "all"),
];

/// The spellings of the header that says what an error in a capture does; the second is met in the wild.
const BEHAVIOUR: [&str; 2] = [
    "gs1-capture-error-behaviour",
    "gs1-epcis-capture-error-behaviour",
];

/// What the headers of a capture say an error does; all or nothing without any.
pub(super) fn error_behaviour(headers: &HeaderMap) -> Result<ErrorBehaviour, Problem> {
    let Some(value) = BEHAVIOUR.iter().find_map(|name| headers.get(*name)) else {
        return Ok(ErrorBehaviour::Rollback);
    };
    let name = value.to_str().unwrap_or_default().trim();
    ErrorBehaviour::from_name(name).ok_or_else(|| {
        Problem::new(
            Code::InvalidParameter,
            format!("GS1-Capture-Error-Behaviour is rollback or proceed, not {name:?}"),
        )
    })
}

/// Refuses a version or a form that we do not speak.
pub(in crate::web) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |name: &str, value: &str, spoken: &str| {
        Err(Problem::new(
            Code::NotAcceptable,
            format!("{name}: {value:?} is not spoken here, {spoken} is"),
        ))
    };
    for name in ["GS1-EPCIS-Version", "GS1-CBV-Version"] {
        if let Some(value) = headers.get(name) {
            let value = value.to_str().unwrap_or("?").trim();
            if value != "2.0" && !value.starts_with("2.0.") {
                return refuse(name, value, VERSION);
            }
        }
    }
    if let Some(value) = headers.get("GS1-EPC-Format") {
        let value = value.to_str().unwrap_or("?").trim();
        if !["Never_Translates", "No_Preference"].contains(&value) {
            return refuse("GS1-EPC-Format", value, "Never_Translates");
        }
    }
    Ok(())
}

/// Says what we are.
pub(in crate::web) fn announce(headers: &mut HeaderMap) {
    for (name, value) in ANNOUNCED {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    for (name, limit) in [
        ("gs1-epcis-capture-limit", EVENTS_MAX),
        ("gs1-epcis-capture-file-size-limit", BODY_BYTES_MAX),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from(limit as u64),
        );
    }
}
