//! What a recall is asked to find, as people say it.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use super::definition::{
    AttributeMatch, ContainerWindow, Definition, PlaceWindow, ProductWindow, Span, UnitRange,
};
use super::member::member_at;
use super::natural::natural_order;
use super::policies::RequestedPolicies;
use super::ranges::anything_of;
use super::strict::{Object, object, objects};
use crate::epcis::{Timestamp, is_master_data};
use crate::gs1::{Identifier, Level};
use crate::trace;

/// Identifiers and places of one scope: 10,000 are a megabyte of order.
const NAMED_MAX: usize = 10_000;

/// Characters of a reason or hazard.
pub(super) const TEXT_MAX: usize = 2_000;

/// The longest guard, band or tolerance, in seconds: a day on either side. Beyond, a longer window is meant.
const SPAN_MAX: i64 = 86_400;

/// The longest window at a place, in days: everything a site ever did is not one recall's question.
const WINDOW_DAYS_MAX: i64 = 366;

/// A scope as it is asked for: identifiers of any form. The JSON of `--scope FILE`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestedScope)]
pub struct Request {
    /// Lots and classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<String>,
    /// Single things, containers among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Single things, from one to another.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub ranges: Vec<RequestedRange>,
    /// Places with windows.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub places: Vec<RequestedPlace>,
    /// Containers with windows: what was inside meanwhile.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub containers: Vec<RequestedContainer>,
    /// Products with windows: what began meanwhile.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub products: Vec<RequestedProduct>,
    /// Products with something said of them when they began.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub attributes: Vec<RequestedAttribute>,
    /// Credentials, by number: what was made or done under them while they were not valid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<String>,
    /// What the danger is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<String>,
    /// What changes how taint spreads.
    #[serde(default, deserialize_with = "object")]
    pub policies: RequestedPolicies,
}

/// A place and a window as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedPlace {
    /// The place.
    pub place: String,
    /// The window's start (RFC 3339).
    pub from: String,
    /// The window's end.
    pub until: String,
    /// How far beyond the window to look: `10m`, `30s`, `1h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
}

/// Two ends as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedRange {
    /// The first.
    pub from: String,
    /// The last.
    pub to: String,
}

/// A container and a window as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedContainer {
    /// The container.
    pub unit: String,
    /// The window's start (RFC 3339); open unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The window's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A product and a window as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedProduct {
    /// The product or lot.
    pub product: String,
    /// The window's start (RFC 3339); open unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The window's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A product and what is said of its things, as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedAttribute {
    /// The product or lot.
    pub product: String,
    /// The attribute: a name of CBV master data (`bestBeforeDate`), a full name (`https://example.org/firmware`), or a
    /// prefixed one (`ex:firmware`), found under whatever prefix.
    pub field: String,
    /// It is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// It is this or comes after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// It is this or comes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Request {
    /// Reads the JSON of `--scope FILE`, or of a member `scope`.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        read_object("scope", json)
    }

    /// What is wrong with the scope, told of the field as it was asked for.
    #[must_use]
    pub fn located(&self, error: Error) -> Error {
        let (range, detail) = match error {
            Error::Range { range, detail } => (range, detail),
            Error::Trace(error) => {
                return match error.text().and_then(|text| self.field_of(text)) {
                    Some((field, asked)) => Error::Named {
                        field,
                        error: error.of(asked),
                    },
                    None => Error::Trace(error),
                };
            }
            Error::PolicyPlace { list, place } => {
                return match self.policies.field_of(list, &place) {
                    Some(field) => Error::field(field, format!("{place} is known from no event")),
                    None => Error::PolicyPlace { list, place },
                };
            }
            Error::NoCredential { field, id, until } => {
                let field = self.credential_field(&id).unwrap_or(field);
                return Error::NoCredential { field, id, until };
            }
            Error::AboutNothing { ref id } => {
                return match self.credential_field(id) {
                    Some(field) => Error::field(field, error.to_string()),
                    None => error,
                };
            }
            other => return other,
        };
        let is_it = |asked: &RequestedRange| {
            asked
                .range(&|name| name.to_owned())
                .is_ok_and(|read| read == range)
        };
        match self.ranges.iter().position(is_it) {
            Some(number) => Error::field(format!("ranges[{number}]"), detail),
            None => Error::Range { range, detail },
        }
    }

    /// The field that names a credential.
    fn credential_field(&self, id: &str) -> Option<String> {
        let number = self.credentials.iter().position(|asked| asked.trim() == id);
        number.map(|number| format!("credentials[{number}]"))
    }

    /// The field that names this, as it was written or as it was understood, and what is written there.
    fn field_of(&self, text: &str) -> Option<(String, String)> {
        let is_it = |asked: &str| {
            let is_read = |read: Identifier| read.canonical() == text;
            asked == text
                || trace::identifier(asked).is_ok_and(is_read)
                || trace::place_identifier(asked).is_ok_and(is_read)
        };
        let lists = [
            ("lots", "", of(&self.lots, |asked| asked)),
            ("units", "", of(&self.units, |asked| asked)),
            ("ranges", ".from", of(&self.ranges, |asked| &asked.from)),
            ("ranges", ".to", of(&self.ranges, |asked| &asked.to)),
            ("places", ".place", of(&self.places, |asked| &asked.place)),
            (
                "containers",
                ".unit",
                of(&self.containers, |asked| &asked.unit),
            ),
            (
                "products",
                ".product",
                of(&self.products, |asked| &asked.product),
            ),
            (
                "attributes",
                ".product",
                of(&self.attributes, |asked| &asked.product),
            ),
        ];
        let is_range = |asked: &RequestedRange| {
            let read = asked.range(&|name| name.to_owned());
            read.is_ok_and(|read| anything_of(&read) == text)
        };
        if let Some(number) = self.ranges.iter().position(is_range) {
            return Some((format!("ranges[{number}]"), text.to_owned()));
        }
        lists.into_iter().find_map(|(list, member, texts)| {
            let (number, asked) = texts
                .into_iter()
                .enumerate()
                .find(|(_, asked)| is_it(asked))?;
            Some((format!("{list}[{number}]{member}"), asked.to_owned()))
        })
    }

    /// The definition, when every field can be read.
    pub fn definition(&self) -> Result<Definition, Error> {
        self.read_fields().map_err(|error| self.located(error))
    }

    fn read_fields(&self) -> Result<Definition, Error> {
        let named = self.lots.len()
            + self.units.len()
            + self.ranges.len()
            + self.places.len()
            + self.containers.len()
            + self.products.len()
            + self.attributes.len()
            + self.credentials.len();
        if named == 0 {
            return Err(Error::NothingAsked);
        }
        if NAMED_MAX < named {
            let detail = format!("names {named} things and places, more than {NAMED_MAX}");
            return Err(Error::field("scope", detail));
        }
        Ok(Definition {
            lots: self
                .lots
                .iter()
                .map(|lot| canonical(lot))
                .collect::<Result<_, _>>()?,
            units: self
                .units
                .iter()
                .map(|unit| canonical(unit))
                .collect::<Result<_, _>>()?,
            ranges: each("ranges", &self.ranges, RequestedRange::range)?,
            places: each("places", &self.places, RequestedPlace::window)?,
            containers: each("containers", &self.containers, RequestedContainer::window)?,
            products: each("products", &self.products, RequestedProduct::window)?,
            attributes: each(
                "attributes",
                &self.attributes,
                RequestedAttribute::attribute,
            )?,
            credentials: self
                .credentials
                .iter()
                .enumerate()
                .map(|(number, id)| sentence(&format!("credentials[{number}]"), id))
                .collect::<Result<_, _>>()?,
            hazard: self
                .hazard
                .as_deref()
                .map(|hazard| sentence("hazard", hazard))
                .transpose()?,
            policies: self.policies.policies(self.hazard.is_some())?,
        })
    }
}

/// Reads what a field, or a file in its place, has as a JSON object.
pub(super) fn read_object<T: serde::de::DeserializeOwned>(
    field: &'static str,
    json: &[u8],
) -> Result<T, Error> {
    // Some editors begin a file with a byte order mark.
    let json = json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json);
    let read: Result<Object<T>, _> = serde_json::from_slice(json);
    let Object(object) = read.map_err(|source| Error::Unreadable {
        field,
        member: member_at(json, source.line(), source.column()),
        source,
    })?;
    Ok(object)
}

/// What each of a list names.
fn of<A>(list: &[A], named: impl Fn(&A) -> &String) -> Vec<&str> {
    list.iter().map(|asked| named(asked).as_str()).collect()
}

/// Reads each of a list under its field.
fn each<A, T: Ord>(
    list: &str,
    asked: &[A],
    read: impl Fn(&A, &dyn Fn(&str) -> String) -> Result<T, Error>,
) -> Result<std::collections::BTreeSet<T>, Error> {
    let numbered = asked.iter().enumerate();
    numbered
        .map(|(number, asked)| read(asked, &|name| format!("{list}[{number}].{name}")))
        .collect()
}

fn canonical(text: &str) -> Result<String, Error> {
    let identifier = trace::identifier(text)?;
    let canonical = identifier.canonical();
    if matches!(identifier, Identifier::Private(_)) && canonical.contains('*') {
        return Err(Error::Pattern(text.to_owned()));
    }
    Ok(canonical.into_owned())
}

/// The canonical identifier of a product or lot.
fn product(field: &str, text: &str) -> Result<String, Error> {
    let identifier = trace::identifier(text)?;
    let canonical = identifier.canonical();
    if matches!(identifier.level(), Some(Level::Class | Level::Lot)) {
        return Ok(canonical.into_owned());
    }
    let detail = format!("{canonical} is no product and no lot");
    Err(Error::field(field, detail))
}

impl RequestedPlace {
    fn window(&self, field: &dyn Fn(&str) -> String) -> Result<PlaceWindow, Error> {
        let from = time(&field("from"), &self.from)?;
        let until = time(&field("until"), &self.until)?;
        let in_order = in_order(field, from, until)?;
        if WINDOW_DAYS_MAX < in_order / 86_400 {
            let days = in_order / 86_400;
            let detail = format!("{days} days after the start, more than {WINDOW_DAYS_MAX}");
            return Err(Error::field(field("until"), detail));
        }
        let place = trace::place_identifier(&self.place)?;
        Ok(PlaceWindow {
            place: place.canonical().into_owned(),
            from: from.to_string(),
            until: until.to_string(),
            guard_seconds: match self.guard.as_deref() {
                Some(guard) => seconds(&field("guard"), guard)?,
                None => 0,
            },
        })
    }
}

impl RequestedRange {
    fn range(&self, _field: &dyn Fn(&str) -> String) -> Result<UnitRange, Error> {
        Ok(UnitRange {
            from: canonical(&self.from)?,
            to: canonical(&self.to)?,
        })
    }
}

impl RequestedContainer {
    fn window(&self, field: &dyn Fn(&str) -> String) -> Result<ContainerWindow, Error> {
        Ok(ContainerWindow {
            unit: canonical(&self.unit)?,
            span: span(field, self.from.as_deref(), self.until.as_deref())?,
        })
    }
}

impl RequestedProduct {
    fn window(&self, field: &dyn Fn(&str) -> String) -> Result<ProductWindow, Error> {
        Ok(ProductWindow {
            product: product(&field("product"), &self.product)?,
            span: span(field, self.from.as_deref(), self.until.as_deref())?,
        })
    }
}

impl RequestedAttribute {
    fn attribute(&self, field: &dyn Fn(&str) -> String) -> Result<AttributeMatch, Error> {
        if self.equals.is_none() && self.from.is_none() && self.until.is_none() {
            return Err(Error::field(
                field("equals"),
                "needed, or from, or until: an attribute is compared with something",
            ));
        }
        if self.equals.is_some() && (self.from.is_some() || self.until.is_some()) {
            let detail = "stands alone: what is equal to it needs no from and no until";
            return Err(Error::field(field("equals"), detail));
        }
        let read = |name: &str, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| sentence(&field(name), text)).transpose()
        };
        let (from, until) = (read("from", &self.from)?, read("until", &self.until)?);
        if let (Some(from), Some(until)) = (&from, &until)
            && is_before(until, from)
        {
            let detail = format!("{until:?} comes before from, {from:?}");
            return Err(Error::field(field("until"), detail));
        }
        Ok(AttributeMatch {
            product: product(&field("product"), &self.product)?,
            field: attribute_name(&field("field"), &self.field)?,
            equals: read("equals", &self.equals)?,
            from,
            until,
        })
    }
}

/// The name of an attribute: one of the CBV, a full name or a prefixed one.
fn attribute_name(field: &str, text: &str) -> Result<String, Error> {
    let name = sentence(field, text)?;
    if is_master_data(&name) || name.contains(':') {
        return Ok(name);
    }
    let detail = format!(
        "{name:?} is no attribute of the CBV (bestBeforeDate, lotNumber and others); write others in full (https://example.org/{name}) or with a prefix (ex:{name})"
    );
    Err(Error::field(field, detail))
}

/// Whether it comes before the other both as a text and, if they are numbers, by value.
fn is_before(one: &str, other: &str) -> bool {
    let numbers = one.parse::<f64>().ok().zip(other.parse::<f64>().ok());
    let by_value = numbers.is_none_or(|(one, other)| one < other);
    by_value && natural_order(one, other) == Ordering::Less
}

/// A window that is open at an end that is not given.
fn span(
    field: &dyn Fn(&str) -> String,
    from: Option<&str>,
    until: Option<&str>,
) -> Result<Span, Error> {
    let from = from.map(|text| time(&field("from"), text)).transpose()?;
    let until = until.map(|text| time(&field("until"), text)).transpose()?;
    if let (Some(from), Some(until)) = (from, until) {
        in_order(field, from, until)?;
    }
    Ok(Span {
        from: from.map(|time| time.to_string()),
        until: until.map(|time| time.to_string()),
    })
}

/// How long a window is, in seconds; it must not end before it starts.
fn in_order(
    field: &dyn Fn(&str) -> String,
    from: Timestamp,
    until: Timestamp,
) -> Result<i64, Error> {
    if until < from {
        let detail = format!("the window ends ({until}) before it starts ({from})");
        return Err(Error::field(field("until"), detail));
    }
    Ok(until.micros().saturating_sub(from.micros()) / 1_000_000)
}

/// Reads a time of a request or an order.
pub(super) fn time(field: &str, text: &str) -> Result<Timestamp, Error> {
    text.parse()
        .map_err(|error: crate::epcis::NotATime| Error::field(field, error.to_string()))
}

/// `10m`, `30s`, `1h`, in whole seconds.
pub(super) fn seconds(field: &str, text: &str) -> Result<i64, Error> {
    let refuse = || {
        Error::field(
            field,
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
        .filter(|seconds| (0..=SPAN_MAX).contains(seconds))
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
