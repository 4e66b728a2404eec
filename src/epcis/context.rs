//! `@context`: which prefixes stand for which namespaces. Nothing is ever fetched.
//!
//! A full JSON-LD processor is not needed to keep events: the standard contexts are known by name, object
//! entries declare prefixes, and the terms of the standard cannot be given another meaning.

use super::fault::{At, Findings};
use super::json::Value;

/// What the standard context declares.
const STANDARD_PREFIXES: [(&str, &str); 8] = [
    ("epcis", "https://ref.gs1.org/epcis/"),
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("cbvmda", "urn:epcglobal:cbv:mda:"),
    ("gs1", "https://ref.gs1.org/voc/"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("dcterms", "http://purl.org/dc/terms/"),
];

/// Prefixes nobody may give another meaning, and the namespaces under which they are known.
const PROTECTED_PREFIXES: [(&str, &[&str]); 3] = [
    (
        "epcis",
        &["https://ref.gs1.org/epcis/", "https://ns.gs1.org/epcis/"],
    ),
    (
        "cbv",
        &["https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/"],
    ),
    (
        "gs1",
        &[
            "https://ref.gs1.org/voc/",
            "https://gs1.org/voc/",
            "https://www.gs1.org/voc/",
        ],
    ),
];

/// The spellings under which the namespace of CBV master data attributes is met.
const MASTER_DATA_NAMESPACES: [&str; 3] = [
    "urn:epcglobal:cbv:mda:",
    "urn:epcglobal:cbv:mda",
    "urn:epcglobal:cbv:mda#",
];

/// Field names of the standard that a context must not redefine.
pub(super) const STANDARD_TERMS: [&str; 35] = [
    "id",
    "type",
    "eventID",
    "eventTime",
    "eventTimeZoneOffset",
    "recordTime",
    "errorDeclaration",
    "certificationInfo",
    "action",
    "epcList",
    "quantityList",
    "parentID",
    "childEPCs",
    "childQuantityList",
    "inputEPCList",
    "inputQuantityList",
    "outputEPCList",
    "outputQuantityList",
    "transformationID",
    "bizTransactionList",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
    "sourceList",
    "destinationList",
    "sensorElementList",
    "ilmd",
    "epcClass",
    "quantity",
    "uom",
    "epcisBody",
    "eventList",
    "schemaVersion",
];

/// The contexts of a document and of an event in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    urls: Vec<String>,
    prefixes: Vec<(String, String)>,
}

impl Context {
    /// The remote contexts named, in order. They are remembered, not fetched.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The prefixes declared, in order; the standard's own are not among them unless declared again.
    pub fn prefixes(&self) -> &[(String, String)] {
        &self.prefixes
    }

    /// The namespace of a prefix. The last declaration counts, then the standard's own.
    pub fn namespace(&self, prefix: &str) -> Option<&str> {
        self.declared(prefix).or_else(|| {
            STANDARD_PREFIXES
                .iter()
                .find(|(name, _)| *name == prefix)
                .map(|(_, namespace)| *namespace)
        })
    }

    /// The namespace that a context of the document or event gives a prefix.
    pub fn declared(&self, prefix: &str) -> Option<&str> {
        self.prefixes
            .iter()
            .rev()
            .find(|(name, _)| name == prefix)
            .map(|(_, namespace)| namespace.as_str())
    }

    /// Whether a context is named that is not one of the standard's: it may declare prefixes we never see.
    pub fn has_unknown_urls(&self) -> bool {
        self.urls.iter().any(|url| !is_standard_context(url))
    }

    /// Namespace and local name of a CURIE whose prefix is declared.
    pub fn expand<'a>(&'a self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let (prefix, local) = text.split_once(':')?;
        if local.is_empty() || local.starts_with("//") {
            return None;
        }
        Some((self.namespace(prefix)?, local))
    }

    /// The local name of a key that is a CBV master data attribute, in any spelling of the namespace.
    pub fn master_data_name<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        if let Some((namespace, local)) = self.expand(key) {
            return MASTER_DATA_NAMESPACES.contains(&namespace).then_some(local);
        }
        key.strip_prefix("urn:epcglobal:cbv:mda")?
            .strip_prefix([':', '#'])
    }

    /// Adds what `value`, an `@context`, says.
    pub(super) fn add(&mut self, value: &Value<'_>, at: &At<'_>, findings: &mut Findings) {
        match value {
            Value::String(url) if is_uri(url) => self.urls.push(url.to_string()),
            Value::String(_) => {
                findings.fault(at, "context-not-a-uri", "a context is named by its URI");
            }
            Value::Array(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    let at = at.index(index);
                    if let Value::Array(_) = entry {
                        findings.fault(&at, "context-shape", "contexts do not nest");
                    } else {
                        self.add(entry, &at, findings);
                    }
                }
            }
            Value::Object(members) => {
                for (key, value) in members {
                    self.declare(key, value, &at.key(key), findings);
                }
            }
            other => findings.fault(
                at,
                "context-shape",
                format_args!(
                    "expected a URI, an object or an array of them, found {}",
                    other.kind()
                ),
            ),
        }
    }

    /// Declares a prefix under a name that is not checked: for `@xmlns:` keys and headers.
    pub(super) fn declare(
        &mut self,
        name: &str,
        value: &Value<'_>,
        at: &At<'_>,
        findings: &mut Findings,
    ) {
        if name.starts_with('@') {
            findings.warn(
                at,
                "context-keyword-ignored",
                format_args!("{name} has no effect here"),
            );
            return;
        }
        let namespace = value
            .as_str()
            .or_else(|| value.get("@id").and_then(Value::as_str));
        let Some(namespace) = namespace else {
            findings.fault(at, "context-shape", "a prefix stands for a namespace URI");
            return;
        };
        if STANDARD_TERMS.contains(&name) {
            findings.fault(
                at,
                "context-redefines-term",
                format_args!("{name} is a term of the standard"),
            );
            return;
        }
        if self.namespace(namespace.trim_end_matches(':')).is_none() && !is_uri(namespace) {
            findings.fault(
                at,
                "context-not-a-uri",
                "a prefix stands for a namespace URI",
            );
            return;
        }
        let protected = PROTECTED_PREFIXES
            .iter()
            .find(|(prefix, _)| *prefix == name);
        if let Some((_, known)) = protected
            && !known.contains(&namespace)
        {
            findings.fault(
                at,
                "context-redefines-term",
                format_args!("{name} always stands for {}", known.first().unwrap_or(&"")),
            );
            return;
        }
        self.prefixes.push((name.to_owned(), namespace.to_owned()));
    }
}

/// Whether a URL names the EPCIS context, in any of its versions and places.
fn is_standard_context(url: &str) -> bool {
    let name = url
        .strip_prefix("https://ref.gs1.org/standards/epcis/")
        .or_else(|| url.strip_prefix("https://gs1.github.io/EPCIS/"));
    name.is_some_and(|name| name.ends_with("epcis-context.jsonld"))
}

/// Whether a text is a URI by its characters: a scheme, a colon, something after it, ASCII throughout.
pub fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut scheme = scheme.bytes();
    scheme.next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && has_uri_characters(rest)
}

/// Whether a text has only characters a URI may have, percent signs with their two digits.
pub(super) fn has_uri_characters(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'%' => match tail {
                [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {}
                _ => return false,
            },
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => return false,
            0x21..=0x7e => {}
            _ => return false,
        }
    }
    true
}
