//! What a recall is asked to find: as people say it, and as it is recorded.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use crate::epcis::Timestamp;
use crate::trace;

/// Identifiers and places of one scope: 10,000 are a megabyte of order.
const NAMED_MAX: usize = 10_000;

/// Characters of a reason or hazard.
pub(super) const TEXT_MAX: usize = 2_000;

/// The longest guard: a day on either side. Beyond, a longer window is meant.
const GUARD_MAX: i64 = 86_400_000_000;

/// A scope as it is asked for: identifiers of any form. The JSON of `--scope FILE`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Lots and classes.
    #[serde(default)]
    pub lots: Vec<String>,
    /// Single things, containers among them.
    #[serde(default)]
    pub units: Vec<String>,
    /// Places with windows.
    #[serde(default)]
    pub places: Vec<RequestedPlace>,
    /// What the danger is.
    #[serde(default)]
    pub hazard: Option<String>,
}

/// A place and a window as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestedPlace {
    /// The place.
    pub place: String,
    /// The window's start (RFC 3339).
    pub from: String,
    /// The window's end.
    pub until: String,
    /// How far beyond the window to look: `10m`, `30s`, `1h`.
    #[serde(default)]
    pub guard: Option<String>,
}

/// A scope as it is recorded: canonical, sorted, nothing twice. Its field names are for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = RecallDefinition)]
pub struct Definition {
    /// Lots and classes.
    pub lots: BTreeSet<String>,
    /// Single things.
    pub units: BTreeSet<String>,
    /// Places with windows.
    pub places: BTreeSet<PlaceWindow>,
    /// What the danger is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<String>,
}

/// A place and a window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct PlaceWindow {
    /// The canonical identifier of the place.
    pub place: String,
    /// The window's start.
    pub from: String,
    /// The window's end.
    pub until: String,
    /// How far beyond the window to look, in seconds.
    pub guard_seconds: i64,
}

impl Request {
    /// Reads the JSON of `--scope FILE`.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(Error::Unreadable)
    }

    /// The definition, when every field can be read.
    pub fn definition(&self) -> Result<Definition, Error> {
        let named = self.lots.len() + self.units.len() + self.places.len();
        if named == 0 {
            return Err(Error::NothingAsked);
        }
        if NAMED_MAX < named {
            let detail = format!("names {named} lots, units and places, more than {NAMED_MAX}");
            return Err(Error::field("scope", detail));
        }
        let canonical = |text: &String| -> Result<String, Error> {
            Ok(trace::identifier(text)?.canonical().into_owned())
        };
        Ok(Definition {
            lots: self.lots.iter().map(canonical).collect::<Result<_, _>>()?,
            units: self.units.iter().map(canonical).collect::<Result<_, _>>()?,
            places: self
                .places
                .iter()
                .map(RequestedPlace::window)
                .collect::<Result<_, _>>()?,
            hazard: self
                .hazard
                .as_deref()
                .map(|hazard| sentence("hazard", hazard))
                .transpose()?,
        })
    }
}

impl RequestedPlace {
    fn window(&self) -> Result<PlaceWindow, Error> {
        let from = time("from", &self.from)?;
        let until = time("until", &self.until)?;
        if until < from {
            return Err(trace::Error::Window {
                from: from.to_string(),
                until: until.to_string(),
            }
            .into());
        }
        let place = trace::place_identifier(&self.place)?;
        Ok(PlaceWindow {
            place: place.canonical().into_owned(),
            from: from.to_string(),
            until: until.to_string(),
            guard_seconds: self.guard.as_deref().map_or(Ok(0), guard_seconds)?,
        })
    }
}

/// Reads a time of a request or an order.
pub(super) fn time(field: &str, text: &str) -> Result<Timestamp, Error> {
    text.parse()
        .map_err(|error: crate::epcis::NotATime| Error::field(field, error.to_string()))
}

/// `10m`, `30s`, `1h`, in whole seconds.
fn guard_seconds(text: &str) -> Result<i64, Error> {
    let refuse = || {
        Error::field(
            "guard",
            format!("{text:?} is no span of time up to a day (30s, 10m, 1h)"),
        )
    };
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(refuse)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(refuse()),
    };
    let number: i64 = number.parse().map_err(|_no_number| refuse())?;
    number
        .checked_mul(unit)
        .filter(|seconds| (0..=GUARD_MAX / 1_000_000).contains(seconds))
        .ok_or_else(refuse)
}

/// A sentence of a person: not empty, not too long, no control characters.
pub(super) fn sentence(field: &str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::field(field, "is empty"));
    }
    if TEXT_MAX < text.chars().count() {
        return Err(Error::field(
            field,
            format!("at most {TEXT_MAX} characters"),
        ));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(Error::field(field, "has a control character in it"));
    }
    Ok(text.to_owned())
}
