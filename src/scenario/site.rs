//! A site as the simulations see it: a GLN, its keeper, and how it writes.

use std::sync::Arc;

use super::keys;

/// One site.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) link: Arc<str>,
    /// The id of the party that keeps it.
    pub(super) party: Arc<str>,
    pub(super) party_link: String,
    /// Writes logistic units as EPC URNs.
    pub(super) writes_urns: bool,
}

impl Site {
    /// A logistic unit as this site writes it.
    pub(super) fn written(&self, sscc: &str) -> String {
        if self.writes_urns {
            keys::sscc_urn(sscc)
        } else {
            keys::sscc_link(sscc)
        }
    }
}

/// A company of a world's cast.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) name_en: &'static str,
    pub(super) role: &'static str,
    pub(super) region: &'static str,
}

/// A row of a cast.
pub(super) const fn company(
    id: &'static str,
    name: &'static str,
    name_en: &'static str,
    role: &'static str,
    region: &'static str,
) -> Company {
    Company {
        id,
        name,
        name_en,
        role,
        region,
    }
}
