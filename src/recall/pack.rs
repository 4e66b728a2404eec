//! `scope_blocks.data`: a version, the paths, then the cells. Numbers are of variable length.
//!
//! ```text
//! 1 · path count · { event count · { shard · seq } } · cell count · { certainty · path · group · members }
//! ```

use super::scope::{Cell, ScopeBlock};
use crate::codes::Block;
use crate::codes::pack::{Damaged, Unpack, members, put_members, put_number, put_signed};
use crate::trace::evaluate::Certainty;

const VERSION: u8 = 1;

/// Writes the content of a block.
pub(super) fn pack(block: &ScopeBlock) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_number(&mut out, block.paths.len() as u64);
    for path in &block.paths {
        put_number(&mut out, path.len() as u64);
        for (shard, seq) in path {
            put_signed(&mut out, i64::from(*shard));
            put_signed(&mut out, *seq);
        }
    }
    put_number(&mut out, block.cells.len() as u64);
    for cell in &block.cells {
        out.push(cell.certainty as u8);
        put_number(&mut out, cell.path.into());
        put_number(&mut out, cell.group.into());
        put_members(&mut out, &cell.members);
    }
    out
}

/// Reads what [`pack`] wrote.
pub(super) fn unpack(block: Block, data: &[u8]) -> Result<ScopeBlock, Damaged> {
    let mut from = Unpack::new(data);
    if from.byte()? != VERSION {
        return Err(Damaged("a scope block of another version"));
    }
    let number = |value: u64| {
        u32::try_from(value).map_err(|_too_large| Damaged("a number that is too large"))
    };
    let mut paths = Vec::new();
    for _ in 0..from.number()? {
        let mut path = Vec::new();
        for _ in 0..from.number()? {
            let shard = i32::try_from(from.signed()?).map_err(|_no_shard| Damaged("no shard"))?;
            path.push((shard, from.signed()?));
        }
        paths.push(path);
    }
    let mut cells = Vec::new();
    for _ in 0..from.number()? {
        cells.push(Cell {
            certainty: certainty(from.byte()?)?,
            path: number(from.number()?)?,
            group: number(from.number()?)?,
            members: members(&mut from)?,
        });
    }
    if !from.is_done() {
        return Err(Damaged("bytes after the last cell"));
    }
    Ok(ScopeBlock {
        block,
        paths,
        cells,
    })
}

pub(super) fn certainty(byte: u8) -> Result<Certainty, Damaged> {
    [
        Certainty::Asserted,
        Certainty::Inferred,
        Certainty::Policy,
        Certainty::Assumed,
    ]
    .into_iter()
    .find(|certainty| *certainty as u8 == byte)
    .ok_or(Damaged("no certainty"))
}

#[cfg(test)]
mod tests {
    use super::{Cell, Certainty, ScopeBlock, pack, unpack};
    use crate::codes::{Block, MemberSet};
    use proptest::prelude::*;

    fn block() -> ScopeBlock {
        ScopeBlock {
            block: Block([1; 16]),
            paths: vec![vec![(0, 7), (3, 1_000_000)], vec![]],
            cells: vec![
                Cell {
                    certainty: Certainty::Asserted,
                    path: 0,
                    group: 2,
                    members: (0..24).collect(),
                },
                Cell {
                    certainty: Certainty::Assumed,
                    path: 1,
                    group: 300,
                    members: MemberSet::one(4095),
                },
            ],
        }
    }

    #[test]
    fn a_block_reads_back_as_it_was_written() {
        assert_eq!(unpack(Block([1; 16]), &pack(&block())).unwrap(), block());
    }

    #[test]
    fn a_cut_block_is_damaged_wherever_it_is_cut() {
        let bytes = pack(&block());
        for length in 0..bytes.len() {
            assert!(
                unpack(Block([1; 16]), &bytes[..length]).is_err(),
                "{length}"
            );
        }
        let longer = [bytes, vec![0]].concat();
        assert!(unpack(Block([1; 16]), &longer).is_err());
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(Block([1; 16]), &bytes);
        }
    }
}
