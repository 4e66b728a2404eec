//! The words of the Core Business Vocabulary 2.0, and the spellings in which they arrive.
//!
//! In JSON a CBV value is a bare word. The web URI and its CURIE mean the same; the URN of EPCIS 1.2 is
//! taken with a warning because feeds converted from XML are full of it.

use super::context::{Context, has_uri_characters, is_uri};

/// One list of words and its prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vocabulary {
    /// What stands before a word in a web URI, such as `BizStep-`.
    pub web: &'static str,
    /// What stands before a word in a URN, such as `bizstep:`.
    pub urn: &'static str,
    /// The words.
    pub words: &'static [&'static str],
}

/// `bizStep`
pub const BIZ_STEP: Vocabulary = Vocabulary {
    web: "BizStep-",
    urn: "bizstep:",
    words: &[
        "accepting",
        "arriving",
        "assembling",
        "collecting",
        "commissioning",
        "consigning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "departing",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "holding",
        "inspecting",
        "installing",
        "killing",
        "loading",
        "other",
        "packing",
        "picking",
        "receiving",
        "removing",
        "repackaging",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "shipping",
        "staging_outbound",
        "stock_taking",
        "stocking",
        "storing",
        "transporting",
        "unloading",
        "unpacking",
        "void_shipping",
    ],
};

/// `disposition` and the members of `persistentDisposition`
pub const DISPOSITION: Vocabulary = Vocabulary {
    web: "Disp-",
    urn: "disp:",
    words: &[
        "active",
        "available",
        "completeness_inferred",
        "completeness_verified",
        "conformant",
        "container_closed",
        "container_open",
        "damaged",
        "destroyed",
        "dispensed",
        "disposed",
        "encoded",
        "expired",
        "in_progress",
        "in_transit",
        "inactive",
        "mismatch_class",
        "mismatch_instance",
        "mismatch_quantity",
        "needs_replacement",
        "no_pedigree_match",
        "non_conformant",
        "non_sellable_other",
        "partially_dispensed",
        "recalled",
        "reserved",
        "retail_sold",
        "returned",
        "sellable_accessible",
        "sellable_not_accessible",
        "stolen",
        "unavailable",
        "unknown",
    ],
};

/// The type of a business transaction
pub const BIZ_TRANSACTION: Vocabulary = Vocabulary {
    web: "BTT-",
    urn: "btt:",
    words: &[
        "bol",
        "cert",
        "desadv",
        "inv",
        "pedigree",
        "po",
        "poc",
        "prodorder",
        "recadv",
        "rma",
        "testprd",
        "testres",
        "upevt",
    ],
};

/// The type of a source or destination
pub const SOURCE_DEST: Vocabulary = Vocabulary {
    web: "SDT-",
    urn: "sdt:",
    words: &["location", "owning_party", "possessing_party"],
};

/// The reason of an error declaration
pub const ERROR_REASON: Vocabulary = Vocabulary {
    web: "ER-",
    urn: "er:",
    words: &["did_not_occur", "incorrect_data"],
};

/// The component of a sensor report
pub const COMPONENT: Vocabulary = Vocabulary {
    web: "Comp-",
    urn: "comp:",
    words: &[
        "altitude",
        "axial_distance",
        "azimuth",
        "easting",
        "elevation_angle",
        "height",
        "latitude",
        "longitude",
        "northing",
        "polar_angle",
        "spherical_radius",
        "x",
        "y",
        "z",
    ],
};

/// The namespace of CBV terms.
pub(super) const CBV_WEB: &str = "https://ref.gs1.org/cbv/";

/// A value of a vocabulary field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term<'a> {
    /// A CBV word, bare.
    Word(&'static str),
    /// A CBV word that came in a spelling JSON should not use.
    OldSpelling(&'static str),
    /// A value of somebody's own, as sent.
    Own(&'a str),
    /// Likewise, with a prefix no context declares: what it means is between its senders.
    OwnUndeclared(&'a str),
}

/// Why a value does not belong to a vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTerm {
    /// A bare word, or a word in a CBV namespace, that the CBV does not have.
    UnknownWord,
    /// Neither a word nor a URI.
    NotAUri,
}

impl Vocabulary {
    /// What `text` means in this vocabulary.
    pub fn term<'a>(&self, text: &'a str, context: &Context) -> Result<Term<'a>, NoTerm> {
        if !text.contains(':') {
            return self.word(text).map(Term::Word);
        }
        let web = text
            .strip_prefix(CBV_WEB)
            .or_else(|| text.strip_prefix("cbv:"));
        if let Some(rest) = web {
            return match rest.strip_prefix(self.web) {
                Some(word) => self.word(word).map(Term::Word),
                None => Err(NoTerm::UnknownWord),
            };
        }
        let old = text.strip_prefix("urn:epcglobal:cbv:");
        if let Some(word) = old.and_then(|rest| rest.strip_prefix(self.urn)) {
            return self.word(word).map(Term::OldSpelling);
        }
        match context.expand(text) {
            Some((_, local)) if has_uri_characters(local) => Ok(Term::Own(text)),
            Some(_) => Err(NoTerm::NotAUri),
            None if !is_uri(text) => Err(NoTerm::NotAUri),
            None if has_known_scheme(text) => Ok(Term::Own(text)),
            None => Ok(Term::OwnUndeclared(text)),
        }
    }

    fn word(&self, text: &str) -> Result<&'static str, NoTerm> {
        self.words
            .iter()
            .find(|word| **word == text)
            .copied()
            .ok_or(NoTerm::UnknownWord)
    }
}

/// Whether a text with a colon is a URI rather than a CURIE with an undeclared prefix.
fn has_known_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        rest.starts_with("//") || ["urn", "tag", "did", "ni", "info"].contains(&scheme)
    })
}
