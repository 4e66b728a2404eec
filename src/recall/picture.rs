//! The scope of a recall for pictures: what is marked in somebody's chain, and the scope's own chain.

use super::Error;
use super::seeds::seeds;
use super::{store, store_scopes, store_versions};
use crate::codes::{Block, Dictionary};
use crate::db::Conn;
use crate::trace;
use crate::trace::picture::collapse::Collapse;
use crate::trace::picture::story::Things;
use crate::trace::picture::{Picture, ProvinceName, picture_of_seeds};
use crate::trace::store::StoreSource;

/// Blocks and lots read at once.
const ROWS: i64 = 256;

/// What of a recall's frozen scope is affected; with a holder, what he has, is to get, has sent or may have.
pub fn scope_things(conn: &mut Conn, recall: &str, holder: Option<&str>) -> Result<Things, Error> {
    let case = store::case(conn, recall)?;
    let version = store_versions::version(conn, recall, case.version)?;
    let is_told = |group: u32| {
        let group = usize::try_from(group)
            .ok()
            .and_then(|number| version.groups.get(number));
        holder.is_none_or(|holder| group.is_some_and(|group| group.is_with(holder)))
    };
    let mut things = Things::default();
    let mut from = Some(Block([0; 16]));
    while let Some(block) = from {
        let blocks = store_scopes::blocks_from(conn, &version.scope, block, ROWS)?;
        from = blocks.last().and_then(|last| next(last.block));
        for block in blocks {
            for cell in block.cells.iter().filter(|cell| is_told(cell.group)) {
                let members = things.units.entry(block.block).or_default();
                members.union_with(&cell.members);
            }
        }
    }
    let mut from = Some(Block([0; 16]));
    while let Some(block) = from {
        let lots = store_scopes::lots_from(conn, &version.scope, block, ROWS)?;
        from = lots.last().and_then(|(last, _)| next(last.lot));
        let told = lots
            .into_iter()
            .map(|(lot, _)| lot)
            .filter(|lot| holder.is_none() || lot.parts.iter().any(|part| is_told(part.group)));
        things.lots.extend(told.map(|lot| lot.lot));
    }
    Ok(things)
}

/// The block after one.
fn next(block: Block) -> Option<Block> {
    let next = u128::from_be_bytes(block.0).checked_add(1)?;
    Some(Block(next.to_be_bytes()))
}

/// The picture of a recall's scope, evaluated again at its own position: the seeds on the left, who has it on
/// the right.
pub fn picture(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    version: Option<i32>,
    collapse: Collapse,
    province: ProvinceName<'_>,
) -> Result<Picture, Error> {
    let case = store::case(conn, recall)?;
    let version = store_versions::version(conn, recall, version.unwrap_or(case.version))?;
    let position = version.position.numbered(conn)?;
    let mut source = StoreSource::new(conn, position.clone()).map_err(trace::Error::from)?;
    let seeds = seeds(&mut source, dictionary, &version.definition)?;
    let hazard = version.definition.hazard.as_deref();
    let policies = &version.definition.policies;
    let rules = policies.rules(source.conn(), dictionary, hazard)?;
    let at = (position, version.position);
    Ok(picture_of_seeds(
        conn,
        dictionary,
        recall,
        (&seeds.list, &rules),
        at,
        collapse,
        province,
    )?)
}
