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
use crate::codes::{Block, Dictionary, MemberSet, Speller};
use crate::db::Conn;
use crate::ledger::hex;
use crate::trace::certainty_word;

/// Blocks spelled at a time: what spelling them needs is read at once.
const BLOCKS_AT_A_TIME: usize = 256;

/// The digest of a scope, in hexadecimal.
pub(super) fn digest(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    scope: &Scope,
) -> Result<String, Error> {
    let tails: Vec<String> = scope.groups.iter().map(tail).collect();
    let tail = |group: u32| tails.get(group as usize).map_or("", String::as_str);
    let mut lines = Vec::new();
    for blocks in scope.blocks.chunks(BLOCKS_AT_A_TIME) {
        let speller = dictionary.speller(conn, &members(blocks))?;
        let of_blocks: Vec<Lines> = blocks
            .par_iter()
            .map(|block| unit_lines(&speller, block, &tail))
            .collect::<Result<_, _>>()?;
        lines.extend(of_blocks);
    }
    let mut of_lots = Lines::default();
    for lot in &scope.lots {
        let (id, word) = (&lot.id, certainty_word(lot.certainty));
        if lot.parts.is_empty() {
            of_lots.push(&[id, "\t", word]);
        }
        for part in &lot.parts {
            let known = |text: &Option<String>| text.clone().unwrap_or_default();
            let (lo, hi) = (known(&part.quantity.lo), known(&part.quantity.hi));
            let uom = known(&part.quantity.uom);
            let tail = tail(part.group);
            let word = certainty_word(part.certainty);
            of_lots.push(&[id, "\t", word, "\t", tail, "\t", &lo, "\t", &hi, "\t", &uom]);
        }
    }
    lines.push(of_lots);
    Ok(digest_of(&lines))
}

/// Some lines, one after the other, each with its end.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Lines {
    fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
        self.end();
    }

    fn end(&mut self) {
        self.text.push('\n');
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts.zip(&self.ends);
        ranges.filter_map(|(start, end)| self.text.get(*start..*end))
    }
}

/// SHA-256 over all lines in the order of their bytes. Most begin alike: they are compared by what comes
/// after that, sixteen bytes at once.
fn digest_of(lines: &[Lines]) -> String {
    let common = common_start(lines);
    let mut sorted: Vec<(u128, &str)> = lines
        .par_iter()
        .flat_map_iter(|lines| lines.iter().map(|line| (sixteen(line, common), line)))
        .collect();
    sorted.par_sort_unstable();
    let mut hash = Sha256::new();
    for (_, line) in &sorted {
        hash.update(line.as_bytes());
    }
    hex(&hash.finalize())
}

/// How many bytes all lines begin with alike.
fn common_start(lines: &[Lines]) -> usize {
    let mut all = lines.iter().flat_map(Lines::iter);
    let Some(first) = all.next() else {
        return 0;
    };
    all.fold(first.len(), |common, line| {
        let alike = first.bytes().zip(line.bytes()).take(common);
        alike.take_while(|(a, b)| a == b).count()
    })
}

/// The sixteen bytes from there on as a number that is ordered as they are; the end of a line counts as zeros.
fn sixteen(line: &str, from: usize) -> u128 {
    let rest = line.as_bytes().get(from..).unwrap_or_default();
    let mut bytes = [0; 16];
    for (byte, of_line) in bytes.iter_mut().zip(rest) {
        *byte = *of_line;
    }
    u128::from_be_bytes(bytes)
}

fn unit_lines<'t>(
    speller: &Speller,
    block: &ScopeBlock,
    tail: &impl Fn(u32) -> &'t str,
) -> Result<Lines, Error> {
    let spelling = speller.of_block(block.block);
    let mut lines = Lines::default();
    for cell in &block.cells {
        let word = certainty_word(cell.certainty);
        let rest = format!("\t{word}\t{}", tail(cell.group));
        for member in cell.members.iter() {
            if let Some(spelling) = &spelling {
                spelling.spell_into(member, &mut lines.text)?;
            }
            lines.text.push_str(&rest);
            lines.end();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_digested_in_the_order_of_their_bytes(
            start in "[a-c/]{0,20}",
            rests in proptest::collection::vec("[ -~é\u{0}\t]{0,24}", 0..60),
            cut in 0_usize..60,
        ) {
            let all: Vec<String> = rests.iter().map(|rest| format!("{start}{rest}")).collect();
            let (one, other) = all.split_at(cut.min(all.len()));
            let lines = [one, other].map(|texts| {
                let mut lines = Lines::default();
                for text in texts {
                    lines.push(&[text]);
                }
                lines
            });

            let mut sorted: Vec<String> = all.iter().map(|line| format!("{line}\n")).collect();
            sorted.sort();
            let mut hash = Sha256::new();
            for line in &sorted {
                hash.update(line);
            }
            prop_assert_eq!(digest_of(&lines), hex(&hash.finalize()));
        }
    }
}
