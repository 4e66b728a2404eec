//! Members that are not the standard's: `{namespace}local=value`, siblings sorted, to any depth.

use super::super::context::Context;
use super::super::event::{Event, Member};
use super::super::json::Value;
use super::value::{key, spelled};
use super::{plain, sensor};

/// The members of an event, of ilmd or of a place, sorted.
pub(super) fn members(members: &[Member], context: &Context) -> String {
    let mut items = Vec::new();
    for (name, value) in members {
        member(name, value, context, &mut items);
    }
    items.sort_unstable();
    items.concat()
}

/// Members nested in `readPoint`, `bizLocation` and the sensor elements follow in a block of their own,
/// each group led by the names of the fields it stands in.
pub(super) fn nested_in_fields(out: &mut String, event: &Event) {
    for (name, place) in [
        ("readPoint", &event.read_point),
        ("bizLocation", &event.biz_location),
    ] {
        let found = place
            .as_ref()
            .map(|place| members(&place.extensions, &event.context))
            .unwrap_or_default();
        if !found.is_empty() {
            out.push_str(name);
            out.push_str(&found);
        }
    }
    let mut elements: Vec<_> = event
        .sensor_element_list
        .iter()
        .map(|element| sensor::extensions(element, &event.context))
        .collect();
    elements.sort_unstable();
    for element in elements {
        out.push_str(&element);
    }
}

/// The namespaced members of an object, sorted.
pub(super) fn namespaced(value: &Value<'_>, context: &Context) -> String {
    let mut items = Vec::new();
    for (name, value) in value.members().unwrap_or_default() {
        if name.contains(':') && !name.starts_with('@') && name != "rdfs:comment" {
            member(name, value, context, &mut items);
        }
    }
    items.sort_unstable();
    items.concat()
}

/// One member: an array repeats its key for every element.
fn member(name: &str, value: &Value<'_>, context: &Context, items: &mut Vec<String>) {
    if matches!(name, "rdfs:comment" | "comment") || name.starts_with('@') {
        return;
    }
    let name = key(name, context);
    match value {
        Value::Array(elements) => {
            for element in elements {
                items.push(item(&name, element, context));
            }
        }
        value => items.push(item(&name, value, context)),
    }
}

fn item(name: &str, value: &Value<'_>, context: &Context) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => plain(text),
        Value::String(text) => spelled(text, context),
        Value::Array(elements) => {
            let mut items: Vec<_> = elements
                .iter()
                .map(|value| item("", value, context))
                .collect();
            items.sort_unstable();
            return format!("{name}{}", items.concat());
        }
        Value::Object(members) => return object(name, members, context),
    };
    if text.is_empty() {
        return name.to_owned();
    }
    format!("{name}={text}")
}

/// An object: `#text` is its own value, the other members follow sorted.
fn object(
    name: &str,
    members: &[(std::borrow::Cow<'_, str>, Value<'_>)],
    context: &Context,
) -> String {
    let mut out = name.to_owned();
    let mut items = Vec::new();
    for (key, value) in members {
        if key == "#text" {
            out = item(name, value, context);
        } else {
            member(key, value, context, &mut items);
        }
    }
    items.sort_unstable();
    out.push_str(&items.concat());
    out
}
