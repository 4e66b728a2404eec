//! Members that are not the standard's: each carries its namespace, and the namespace is declared.

use super::super::context::{Context, is_uri};
use super::super::fault::At;
use super::super::json::Value;
use super::Member;
use super::value::Reading;

/// Attributes that converters from EPCIS 1.2 XML write without their prefix. Every other bare key that
/// the standard does not know is refused: its meaning is lost.
pub(in crate::epcis) const BARE_MASTER_DATA: [&str; 7] = [
    "harvestEndDate",
    "harvestStartDate",
    "landingEndDate",
    "landingStartDate",
    "transshipEndDate",
    "transshipStartDate",
    "transshipmentCountry",
];

impl Reading<'_> {
    pub(super) fn ilmd(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<Member> {
        let mut members = Vec::new();
        for (key, value) in self.object(value, at).unwrap_or_default() {
            members.extend(self.member(key, value, &at.key(key)));
        }
        members
    }

    /// A member of the event or of its ilmd that is not the standard's.
    pub(super) fn member(&mut self, key: &str, value: &Value<'_>, at: &At<'_>) -> Option<Member> {
        if BARE_MASTER_DATA.contains(&key) {
            self.findings.warn(
                at,
                "master-data-without-prefix",
                format_args!("{key} is written cbvmda:{key}; taken as it is"),
            );
            return Some((key.to_owned(), value.clone().into_owned()));
        }
        self.namespaced(key, value, at)
    }

    /// A member whose key must carry its namespace; comments and keywords are passed over.
    pub(super) fn namespaced(
        &mut self,
        key: &str,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<Member> {
        if key == "comment" || key.starts_with('@') {
            return None;
        }
        if !key.contains(':') {
            self.findings.fault(
                at,
                "key-unknown",
                format_args!("{key:?} is no field here; one of your own needs a prefix"),
            );
            return None;
        }
        Some((key.to_owned(), value.clone().into_owned()))
    }

    /// A prefix no context declares, unless a context we never fetch may do so.
    pub(super) fn undeclared(&mut self, key: &str, at: &At<'_>) {
        let detail = format!("no context declares the prefix of {key:?}");
        if self.context.has_unknown_urls() {
            self.findings.warn(at, "prefix-undeclared", detail);
        } else {
            self.findings.fault(at, "prefix-undeclared", detail);
        }
    }

    /// Every prefix, at any depth, must be declared: without it a key means nothing. And no text holds
    /// U+0000, which not every database can keep.
    pub(super) fn nested_keys(&mut self, value: &Value<'_>, at: &At<'_>) {
        match value {
            Value::String(text) if text.contains('\0') => {
                self.findings
                    .fault(at, "nul-character", "U+0000 cannot be recorded");
            }
            Value::Object(members) => {
                for (key, value) in members {
                    let at = at.key(key);
                    if key == "@context" {
                        continue;
                    }
                    if key.contains('\0') {
                        self.findings
                            .fault(&at, "nul-character", "U+0000 cannot be recorded");
                    }
                    if has_undeclared_prefix(key, self.context) {
                        self.undeclared(key, &at);
                    }
                    self.nested_keys(value, &at);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.nested_keys(element, &at.index(index));
                }
            }
            _ => {}
        }
    }
}

fn has_undeclared_prefix(key: &str, context: &Context) -> bool {
    let Some((prefix, local)) = key.split_once(':') else {
        return false;
    };
    let full_uri = prefix == "urn" || local.starts_with("//");
    !key.starts_with('@') && context.namespace(prefix).is_none() && !(full_uri && is_uri(key))
}
