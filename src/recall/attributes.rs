//! What a scope asks of the events in which things began: attributes (`ilmd`), by their names and values.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use super::definition::AttributeMatch;
use super::natural::natural_order;
use crate::codes::Dictionary;
use crate::epcis::json::Value;
use crate::epcis::{Context, Event};
use crate::trace::store::StoreSource;
use crate::trace::{Births, Wanted, subject};

/// Names of attributes that are told beside one that nothing has.
const TOLD_MAX: usize = 50;

/// An attribute that a scope asks for and that no event tells of the product: a slip of the pen, or nobody records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UntoldAttribute {
    /// The product, as it is recorded.
    pub product: String,
    /// The attribute that was asked for.
    pub field: String,
    /// The attributes that events tell of it, as they write them: the first fifty.
    pub told: Vec<String>,
}

/// What began with an attribute, and whether no event tells that of the product at all. What began in an event that was
/// erased counts: nobody can say that it does not belong here.
pub(super) fn with_attribute(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    asked: &AttributeMatch,
) -> Result<(Births, Option<UntoldAttribute>), Error> {
    let subject = subject(source, dictionary, &asked.product, Wanted::Lot)?;
    let births = Births::read(source, &subject)?;
    let (mut is_told, mut told) = (false, BTreeSet::new());
    let found = births.whose_event(source, |event| {
        for (key, _) in &event.ilmd {
            is_told |= is_field(&event.context, key, &asked.field);
            if !is_told && !told.contains(key) {
                told.insert(key.clone());
            }
        }
        fits(event, asked)
    })?;
    let untold = (!is_told && found.is_empty()).then(|| UntoldAttribute {
        product: asked.product.clone(),
        field: asked.field.clone(),
        told: told.into_iter().take(TOLD_MAX).collect(),
    });
    Ok((found, untold))
}

/// Whether what an event says of the things that begin in it fits.
fn fits(event: &Event, asked: &AttributeMatch) -> bool {
    let mut fields = event.ilmd.iter();
    fields.any(|(key, value)| is_field(&event.context, key, &asked.field) && has(value, asked))
}

/// Whether a member of `ilmd` is the attribute asked for: by its name in the CBV, by its full name, or by its
/// last part, under whatever prefix: prefixes are each sender's own.
fn is_field(context: &Context, key: &str, asked: &str) -> bool {
    if key == asked || context.master_data_name(key) == Some(asked) {
        return true;
    }
    let Some((namespace, local)) = context.expand(key) else {
        return false;
    };
    let is_full = asked.strip_prefix(namespace) == Some(local);
    let by_prefix = asked
        .split_once(':')
        .filter(|(_, rest)| !rest.contains('/'));
    is_full || by_prefix.is_some_and(|(_, rest)| rest == local)
}

/// Whether a value is what is asked for; of a list, whether any of it is. Objects are compared with nothing.
fn has(value: &Value<'_>, asked: &AttributeMatch) -> bool {
    let (text, is_number) = match value {
        Value::String(text) => (text.to_string(), false),
        Value::Number(number) => (number.to_string(), true),
        Value::Bool(truth) => (truth.to_string(), false),
        Value::Array(list) => return list.iter().any(|value| has(value, asked)),
        Value::Null | Value::Object(_) => return false,
    };
    let is = |limit: &Option<String>, orders: &[Ordering]| {
        let compared = |limit: &String| orders.contains(&compare(&text, limit, is_number));
        limit.as_ref().is_none_or(compared)
    };
    is(&asked.equals, &[Ordering::Equal])
        && is(&asked.from, &[Ordering::Equal, Ordering::Greater])
        && is(&asked.until, &[Ordering::Equal, Ordering::Less])
}

/// Numbers by value, texts as people order them.
fn compare(one: &str, other: &str, is_number: bool) -> Ordering {
    let numbers = one.parse::<f64>().ok().zip(other.parse::<f64>().ok());
    let by_value = numbers.and_then(|(one, other)| one.partial_cmp(&other));
    by_value
        .filter(|_| is_number)
        .unwrap_or_else(|| natural_order(one, other))
}
