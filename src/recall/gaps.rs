//! How the gaps in the records differ between two versions. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::trace::{DarkEdge, DarkKind};

/// How many gaps became what. Only those count in which a record is missing: what is with somebody who is not
/// registered is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RecallGapChanges)]
pub struct GapChanges {
    /// Gaps that the earlier version did not have.
    pub added: u64,
    /// Gaps that the later version does not have.
    pub gone: u64,
    /// Gaps with another amount, or with others to ask.
    pub changed: u64,
}

/// What stays the same of a gap: its kind, its ends, what is missing. Units that share the ends are one gap, whichever
/// of them is named.
type Key<'e> = (
    DarkKind,
    Option<&'e str>,
    Option<&'e str>,
    Option<&'e str>,
    Option<&'e str>,
);

impl GapChanges {
    /// From the gaps of one version to those of another.
    pub(super) fn between(before: &[DarkEdge], now: &[DarkEdge]) -> Self {
        let (before, mut now) = (by_key(before), by_key(now));
        let mut found = Self::default();
        for (key, was) in before {
            let is = now.remove(&key).unwrap_or_default();
            let pairs = was.iter().zip(&is);
            found.changed += pairs.filter(|(was, is)| was != is).count() as u64;
            found.gone += was.len().saturating_sub(is.len()) as u64;
            found.added += is.len().saturating_sub(was.len()) as u64;
        }
        found.added += now.values().map(|edges| edges.len() as u64).sum::<u64>();
        found
    }

    /// Whether the gaps are the same.
    pub const fn is_empty(&self) -> bool {
        self.added + self.gone + self.changed == 0
    }
}

fn by_key(edges: &[DarkEdge]) -> BTreeMap<Key<'_>, Vec<&DarkEdge>> {
    let mut by_key: BTreeMap<Key<'_>, Vec<&DarkEdge>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.is_missing()) {
        let id = edge.count.is_none().then_some(edge.id.as_str());
        let uom = edge.quantity.as_ref().and_then(|much| much.uom.as_deref());
        let key = (edge.kind, edge.from.as_deref(), edge.to.as_deref(), id, uom);
        by_key.entry(key).or_default().push(edge);
    }
    for edges in by_key.values_mut() {
        edges.sort();
    }
    by_key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(kind: DarkKind, id: &str, count: Option<u64>) -> DarkEdge {
        DarkEdge {
            kind,
            id: id.to_owned(),
            from: Some("P".to_owned()),
            to: None,
            quantity: None,
            count,
            more: Vec::new(),
            ask: vec!["maker".to_owned()],
        }
    }

    #[test]
    fn gaps_are_new_gone_or_changed() {
        let received = gap(DarkKind::NotReceived, "tin 1", Some(2));
        let origin = gap(DarkKind::NoOrigin, "lot 1", None);
        let other = gap(DarkKind::NoOrigin, "lot 2", None);
        let fewer = gap(DarkKind::NotReceived, "tin 2", Some(1));
        let between = |before: &[DarkEdge], now: &[DarkEdge]| {
            let GapChanges {
                added,
                gone,
                changed,
            } = GapChanges::between(before, now);
            (added, gone, changed)
        };
        let both = [received.clone(), origin.clone()];
        assert_eq!(between(&both, &both), (0, 0, 0));
        assert_eq!(between(&[], &both), (2, 0, 0));
        assert_eq!(between(&both, &[other]), (1, 2, 0));
        assert_eq!(between(&both, &[fewer, origin]), (0, 0, 1));
        let outside = gap(DarkKind::Outside, "tin 1", Some(1));
        assert_eq!(between(&[], &[outside]), (0, 0, 0), "it is on record");
    }
}
