//! Where places are, and which of them are parts of one site.

use std::collections::{BTreeMap, BTreeSet};

use super::travel::Point;
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::parties;
use crate::trace::{Error, site};

/// Places by their blocks.
#[derive(Debug, Clone, Default)]
pub(super) struct Sites(BTreeMap<Block, Site>);

#[derive(Debug, Clone)]
struct Site {
    name: String,
    point: Option<Point>,
}

impl Sites {
    /// Reads these places as they were before `control/0` had this size. A part of a site that has no point of
    /// its own is where the site is.
    pub(super) fn read(
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
        places: &BTreeSet<Block>,
        size: i64,
    ) -> Result<Self, Error> {
        let addresses = places.iter().map(|block| Address {
            block: *block,
            member: 0,
        });
        let texts = dictionary.spell(conn, &addresses.collect())?;
        let mut ids: BTreeSet<String> = texts.values().cloned().collect();
        ids.extend(
            texts
                .values()
                .filter_map(|text| site(text))
                .map(str::to_owned),
        );
        let ids: Vec<String> = ids.into_iter().collect();
        let known = parties::places_before(conn, &ids, size)?;
        let point = |id: &str| {
            let place = known.get(id)?;
            Point::read(place.lat.as_deref()?, place.lon.as_deref()?)
        };
        let sites = texts.into_iter().map(|(address, text)| {
            let name = site(&text).unwrap_or(&text).to_owned();
            let point = point(&text).or_else(|| point(&name));
            (address.block, Site { name, point })
        });
        Ok(Self(sites.collect()))
    }

    /// Whether two places are, or are parts of, one.
    pub(super) fn are_one(&self, a: Option<Block>, b: Option<Block>) -> bool {
        let name = |place: Option<Block>| place.and_then(|place| self.0.get(&place));
        match (name(a), name(b)) {
            (Some(a), Some(b)) => a.name == b.name,
            _ => a == b,
        }
    }

    /// Where two different places are, if both are known.
    pub(super) fn points(&self, a: Option<Block>, b: Option<Block>) -> Option<(Point, Point)> {
        if a == b {
            return None;
        }
        let point = |place: Option<Block>| self.0.get(&place?)?.point;
        Some((point(a)?, point(b)?))
    }
}
