//! The order of slots in their columns, so that few lines cross: sweeps over the columns, each slot at the
//! mean of its neighbours; the best order met is kept.

use super::{Hop, Slot};

/// Sweeps, each right and left.
const SWEEPS: usize = 12;

/// Positions are compared in thousandths.
const SCALE: usize = 1000;

/// The slots of each column, from the top.
pub(super) fn order(slots: &[Slot], hops: &[Hop]) -> Vec<Vec<usize>> {
    let last = slots
        .iter()
        .map(|slot| slot.column)
        .max()
        .unwrap_or_default();
    let mut into = vec![Vec::new(); slots.len()];
    let mut out = vec![Vec::new(); slots.len()];
    for hop in hops {
        into[hop.to].push(hop.from);
        out[hop.from].push(hop.to);
    }
    let mut columns = vec![Vec::new(); last + 1];
    for index in first_order(slots, &into, &out) {
        columns[slots[index].column].push(index);
    }
    let mut best = (crossings(&columns, slots, &out), columns.clone());
    for _ in 0..SWEEPS {
        if best.0 == 0 {
            break;
        }
        for column in 1..=last {
            sort(&mut columns, column, column - 1, &into);
        }
        for column in (0..last).rev() {
            sort(&mut columns, column, column + 1, &out);
        }
        let count = crossings(&columns, slots, &out);
        if count < best.0 {
            best = (count, columns.clone());
        }
    }
    best.1
}

/// What hangs together stands together: depth first, from the left.
fn first_order(slots: &[Slot], into: &[Vec<usize>], out: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; slots.len()];
    let mut order = Vec::new();
    let mut starts: Vec<usize> = (0..slots.len()).collect();
    starts.sort_by_key(|index| (slots[*index].column, *index));
    for start in starts {
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            order.push(index);
            open.extend(into[index].iter().rev());
            open.extend(out[index].iter().rev());
        }
    }
    order
}

fn sort(columns: &mut [Vec<usize>], column: usize, beside: usize, neighbours: &[Vec<usize>]) {
    let mut position = std::collections::BTreeMap::new();
    for (at, index) in columns[beside].iter().enumerate() {
        position.insert(*index, at * SCALE);
    }
    let here = std::mem::take(&mut columns[column]);
    let mut keyed: Vec<(usize, usize, usize)> = here
        .iter()
        .enumerate()
        .map(|(at, index)| {
            let of = neighbours[*index]
                .iter()
                .filter_map(|next| position.get(next));
            let (sum, count) = of.fold((0, 0), |(sum, count), at| (sum + at, count + 1));
            let mean = sum.checked_div(count).unwrap_or(at * SCALE);
            (mean, at, *index)
        })
        .collect();
    keyed.sort_unstable();
    columns[column] = keyed.into_iter().map(|(_, _, index)| index).collect();
}

/// How many pairs of lines cross.
fn crossings(columns: &[Vec<usize>], slots: &[Slot], out: &[Vec<usize>]) -> usize {
    let mut position = vec![0; slots.len()];
    for column in columns {
        for (at, index) in column.iter().enumerate() {
            position[*index] = at;
        }
    }
    let mut count = 0;
    for pair in columns.windows(2) {
        let [left, right] = pair else { continue };
        // A Fenwick tree over the positions on the right: how many lines end above.
        let mut tree = vec![0_usize; right.len() + 1];
        let mut total = 0;
        for index in left {
            let mut ends: Vec<usize> = out[*index].iter().map(|to| position[*to]).collect();
            ends.sort_unstable();
            for end in &ends {
                let (mut at, mut upto) = (end + 1, 0);
                while at > 0 {
                    upto += tree[at];
                    at &= at - 1;
                }
                count += total - upto;
            }
            for end in ends {
                let mut at = end + 1;
                while at < tree.len() {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
                total += 1;
            }
        }
    }
    count
}
