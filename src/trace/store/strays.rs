//! Lots that turn up at a site and begin nowhere: which places are one site, and what is usual of a product.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::source::{lots_of_class, places_inside};
use super::{KEYS_A_QUERY, block, lots};
use crate::codes::{BaseRow, Block, BlockKind};
use crate::db::schema::blocks;
use crate::db::{self, Conn};
use crate::ledger::Position;
use crate::trace::{begins_nowhere, site};

/// The sites of these places, each with all its parts that events name, by place. A part of a site names it: a GLN
/// with an extension.
pub(super) fn sites<'p>(
    conn: &mut Conn,
    places: impl Iterator<Item = &'p Block>,
) -> Result<BTreeMap<Block, BTreeSet<Block>>, db::Error> {
    let places: Vec<&[u8]> = places.map(|place| place.0.as_slice()).collect();
    let mut of_site: BTreeMap<String, BTreeSet<Block>> = BTreeMap::new();
    for chunk in places.chunks(KEYS_A_QUERY) {
        let found: Vec<(Vec<u8>, String)> = blocks::table
            .filter(blocks::block.eq_any(chunk.iter().copied()))
            .select((blocks::block, blocks::base))
            .load(conn)?;
        for (bytes, base) in found {
            let place = block("blocks", "block", &bytes, || format!("place {base}"))?;
            let whole = site(&base).unwrap_or(&base).to_owned();
            of_site.entry(whole).or_default().insert(place);
        }
    }
    let mut found = BTreeMap::new();
    for (base, asked) in of_site {
        let mut parts: BTreeSet<Block> = places_inside(conn, &base)?.into_iter().collect();
        parts.insert(BaseRow::hashed(BlockKind::Place, base).block);
        for place in asked {
            found.insert(place, parts.clone());
        }
    }
    Ok(found)
}

/// Those of these lots that may begin nowhere: by the earliest times of their movements, and all of which anything was
/// taken back.
pub(super) fn doubtful(
    conn: &mut Conn,
    lots: &[Block],
    position: &Position,
) -> Result<Vec<Block>, db::Error> {
    let times = lots::first_times(conn, lots, position)?;
    let mut found = lots::with_voids(conn, lots)?;
    let strays = times
        .into_iter()
        .filter(|(_, times)| begins_nowhere(times.iter().copied()));
    found.extend(strays.map(|(lot, _)| lot));
    Ok(found.into_iter().collect())
}

/// Those of these lots that are the exception among the lots of their products: another lot was made or received on
/// record. Where none ever was, nobody records where such goods come from, and one more of them tells nothing. A lot
/// of no known product is an exception.
pub(super) fn unusual(
    conn: &mut Conn,
    lots: &[Block],
    position: &Position,
) -> Result<BTreeSet<Block>, db::Error> {
    let mut of_class: BTreeMap<String, Vec<Block>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for chunk in lots.chunks(KEYS_A_QUERY) {
        let named: Vec<(Vec<u8>, String)> = blocks::table
            .filter(blocks::block.eq_any(chunk.iter().map(|lot| lot.0.as_slice())))
            .select((blocks::block, blocks::base))
            .load(conn)?;
        for (bytes, base) in named {
            let lot = block("blocks", "block", &bytes, || format!("lot {base}"))?;
            match base.split_once("/10/") {
                Some((class, _)) => of_class.entry(class.to_owned()).or_default().push(lot),
                None => {
                    found.insert(lot);
                }
            }
        }
    }
    for (class, lots) in of_class {
        if begins_on_record(conn, &class, position)? {
            found.extend(lots);
        }
    }
    Ok(found)
}

/// Whether any lot of the class was made or brought before the position, and not only seen.
fn begins_on_record(conn: &mut Conn, class: &str, position: &Position) -> Result<bool, db::Error> {
    for lots in lots_of_class(conn, class)?.chunks(KEYS_A_QUERY) {
        let times = lots::first_times(conn, lots, position)?;
        if times
            .values()
            .any(|times| !begins_nowhere(times.iter().copied()))
        {
            return Ok(true);
        }
    }
    Ok(false)
}
