//! The digest of a scope, which anybody can compute from its listing: SHA-256 over the lines
//!
//! ```text
//! {identifier}\t{certainty}\t{status}\t{place}\t{holder}\n                        a unit
//! {identifier}\t{certainty}\t{status}\t{place}\t{holder}\t{lo}\t{hi}\t{uom}\n     a part of a lot
//! ```
//!
//! in the order of their bytes (`LC_ALL=C sort | sha256sum`). What is not known is left empty. No line
//! has an address in it: the same facts give the same digest wherever they are recorded.

use std::collections::BTreeMap;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Error;
use super::scope::{Group, Scope, ScopeBlock};
use crate::codes::{Address, Block, Dictionary, MemberSet, Speller};
use crate::db::Conn;
use crate::ledger::hex;
use crate::trace::certainty_word;

/// Blocks written out at a time: 256 × 4096 lines of about 130 bytes are 136 MB.
const BLOCKS_AT_A_TIME: usize = 256;

/// The digest of a scope, in hexadecimal.
pub(super) fn digest(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    scope: &Scope,
) -> Result<String, Error> {
    let mut lines: Vec<Box<str>> = Vec::new();
    let tails: Vec<String> = scope.groups.iter().map(tail).collect();
    let tail = |group: u32| tails.get(group as usize).map_or("", String::as_str);
    for blocks in scope.blocks.chunks(BLOCKS_AT_A_TIME) {
        let speller = dictionary.speller(conn, &members(blocks))?;
        let of_blocks: Vec<Vec<Box<str>>> = blocks
            .par_iter()
            .map(|block| unit_lines(&speller, block, &tail))
            .collect::<Result<_, _>>()?;
        lines.extend(of_blocks.into_iter().flatten());
    }
    for lot in &scope.lots {
        let (id, word) = (&lot.id, certainty_word(lot.certainty));
        if lot.parts.is_empty() {
            lines.push(format!("{id}\t{word}\n").into_boxed_str());
        }
        for part in &lot.parts {
            let known = |text: &Option<String>| text.clone().unwrap_or_default();
            let (lo, hi) = (known(&part.quantity.lo), known(&part.quantity.hi));
            let uom = known(&part.quantity.uom);
            let tail = tail(part.group);
            let line = format!("{id}\t{word}\t{tail}\t{lo}\t{hi}\t{uom}\n");
            lines.push(line.into_boxed_str());
        }
    }
    lines.par_sort_unstable();
    let mut hash = Sha256::new();
    for line in &lines {
        hash.update(line.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

fn unit_lines<'t>(
    speller: &Speller,
    block: &ScopeBlock,
    tail: &impl Fn(u32) -> &'t str,
) -> Result<Vec<Box<str>>, Error> {
    let mut lines = Vec::new();
    for cell in &block.cells {
        let word = certainty_word(cell.certainty);
        let tail = tail(cell.group);
        for member in cell.members.iter() {
            let unit = Address {
                block: block.block,
                member,
            };
            let id = speller.spell(unit)?.unwrap_or_default();
            lines.push(format!("{id}\t{word}\t{tail}\n").into_boxed_str());
        }
    }
    Ok(lines)
}

/// The members of these blocks.
pub(super) fn members(blocks: &[ScopeBlock]) -> BTreeMap<Block, MemberSet> {
    blocks
        .iter()
        .map(|block| {
            let mut members = MemberSet::new();
            for cell in &block.cells {
                members.union_with(&cell.members);
            }
            (block.block, members)
        })
        .collect()
}

fn tail(group: &Group) -> String {
    let held = &group.holding;
    let place = held.place.as_deref().unwrap_or_default();
    format!("{}\t{place}\t{}", held.status.as_str(), held.holder)
}
