//! One spelling for every value.

use super::super::context::Context;
use super::super::vocabulary::{CBV_WEB, Term, Vocabulary};
use super::plain;
use crate::gs1::hash_form;

/// The namespace that `gs1:` stands for in the hash, whatever a context says.
pub(super) const GS1_WEB: &str = "https://ref.gs1.org/voc/";

/// The namespace of `cbvmda:` in the hash when no context declares it.
const MASTER_DATA: &str = "urn:epcglobal:cbv:mda";

/// URN prefixes of CBV values and what stands in their place.
const CBV_URNS: [(&str, &str); 5] = [
    ("urn:epcglobal:cbv:bizstep:", "BizStep-"),
    ("urn:epcglobal:cbv:disp:", "Disp-"),
    ("urn:epcglobal:cbv:btt:", "BTT-"),
    ("urn:epcglobal:cbv:sdt:", "SDT-"),
    ("urn:epcglobal:cbv:er:", "ER-"),
];

/// A value as it stands in the hash: GS1's CURIEs and URNs written out, numbers plain, GS1 identifiers as
/// canonical Digital Links. A CURIE of somebody's own stays a CURIE.
pub(super) fn spelled(text: &str, context: &Context) -> String {
    let text = text.trim();
    if let Some((prefix, local)) = text.split_once(':')
        && let Some(namespace) = hash_namespace(prefix, context)
        && is_gs1(namespace)
    {
        return format!("{namespace}{local}");
    }
    for (urn, web) in CBV_URNS {
        if let Some(word) = text.strip_prefix(urn) {
            return format!("{CBV_WEB}{web}{word}");
        }
    }
    if text.contains(':') {
        hash_form(text)
    } else {
        plain(text)
    }
}

/// A value of a vocabulary as it stands in the hash: a CBV word as its web URI.
pub(super) fn term(vocabulary: &Vocabulary, text: &str, context: &Context) -> String {
    match vocabulary.term(text, context) {
        Ok(Term::Word(word) | Term::OldSpelling(word)) => {
            format!("{CBV_WEB}{}{word}", vocabulary.web)
        }
        Ok(Term::Own(_) | Term::OwnUndeclared(_)) | Err(_) => spelled(text, context),
    }
}

/// What a sensor measures, or which alarm it raised: a bare name belongs to the GS1 Web Vocabulary.
pub(super) fn measured(text: &str, context: &Context) -> String {
    let text = text.trim();
    let full = ["https://gs1.org/voc/", "https://www.gs1.org/voc/"]
        .into_iter()
        .find_map(|old| text.strip_prefix(old));
    match full {
        Some(name) => format!("{GS1_WEB}{name}"),
        None if !text.contains(':') => format!("{GS1_WEB}{text}"),
        None => spelled(text, context),
    }
}

/// A member's key as it stands in the hash: `{namespace}local`, or as sent without a known prefix.
pub(super) fn key(key: &str, context: &Context) -> String {
    match key.split_once(':') {
        Some((prefix, local)) => match hash_namespace(prefix, context) {
            Some(namespace) => format!("{{{namespace}}}{local}"),
            None => key.to_owned(),
        },
        None => key.to_owned(),
    }
}

fn hash_namespace<'a>(prefix: &str, context: &'a Context) -> Option<&'a str> {
    match prefix {
        "gs1" => Some(GS1_WEB),
        "cbvmda" => Some(context.declared(prefix).unwrap_or(MASTER_DATA)),
        _ => context.namespace(prefix),
    }
}

fn is_gs1(namespace: &str) -> bool {
    namespace.starts_with("https://ref.gs1.org") || namespace.starts_with("https://gs1.org")
}
