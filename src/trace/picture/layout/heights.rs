//! How high slots stand: near their neighbours, in their order, never on one another.

use super::{GAP, Hop, PORT, Slot};

/// Sweeps, each right and left.
const SWEEPS: usize = 6;

/// How much more a line's own slot weighs, so that long lines run straight.
const LINE: i64 = 6;

/// The upper side of every slot.
pub(super) fn heights(slots: &[Slot], hops: &[Hop], order: &[Vec<usize>]) -> Vec<i32> {
    let mut into = vec![Vec::new(); slots.len()];
    let mut out = vec![Vec::new(); slots.len()];
    for hop in hops {
        into[hop.to].push(hop.from);
        out[hop.from].push(hop.to);
    }
    let mut middle = vec![0_i64; slots.len()];
    for column in order {
        let mut y = 0;
        for index in column {
            middle[*index] = y + i64::from(slots[*index].height) / 2;
            y += i64::from(slots[*index].height + GAP);
        }
    }
    for sweep in 0..SWEEPS {
        for column in order.iter().skip(1) {
            settle(slots, column, &into, &mut middle);
        }
        // The last sweep ends on the left, so that sources stand by what they feed.
        let skipped = usize::from(sweep + 1 < SWEEPS);
        for column in order.iter().rev().skip(skipped) {
            settle(slots, column, &out, &mut middle);
        }
    }
    let tops = middle
        .iter()
        .zip(slots)
        .map(|(y, slot)| y - i64::from(slot.height) / 2);
    let tops: Vec<i64> = tops.collect();
    let least = tops.iter().copied().min().unwrap_or_default();
    tops.iter()
        .map(|top| i32::try_from(top - least).unwrap_or(i32::MAX / 2))
        .collect()
}

/// Moves the slots of a column as near as their order allows to the mean of their neighbours: squares of
/// distances are least (pooling adjacent violators).
fn settle(slots: &[Slot], column: &[usize], neighbours: &[Vec<usize>], middle: &mut [i64]) {
    // Pools of slots that touch: the sum of what they want, its weight, how many they are.
    let mut pools: Vec<(i64, i64, usize)> = Vec::new();
    let mut offsets = Vec::new();
    let mut offset = 0;
    let mut before: Option<usize> = None;
    for index in column {
        if let Some(before) = before {
            let apart =
                slots[before].height - slots[before].height / 2 + GAP + slots[*index].height / 2;
            offset += i64::from(apart);
        }
        before = Some(*index);
        offsets.push(offset);
        let near = &neighbours[*index];
        let count = i64::try_from(near.len()).unwrap_or(1);
        let sum: i64 = near.iter().map(|next| middle[*next]).sum();
        let wanted = sum.checked_div(count).unwrap_or(middle[*index]);
        let is_straight = slots[*index].is_line || near.iter().any(|next| slots[*next].is_line);
        let weight = if is_straight { LINE } else { 1 };
        pools.push(((wanted - offset) * weight, weight, 1));
        while let [.., (sum, weight, _), (next_sum, next_weight, _)] = pools.as_slice()
            && next_sum.div_euclid(*next_weight) < sum.div_euclid(*weight)
        {
            let Some((sum, weight, size)) = pools.pop() else {
                break;
            };
            if let Some(pool) = pools.last_mut() {
                *pool = (pool.0 + sum, pool.1 + weight, pool.2 + size);
            }
        }
    }
    let at = pools
        .iter()
        .flat_map(|(sum, weight, size)| std::iter::repeat_n(sum.div_euclid(*weight), *size));
    for ((index, offset), at) in column.iter().zip(offsets).zip(at) {
        middle[*index] = at + offset;
    }
}

/// The heights at which each hop leaves and arrives. Lines at one box are apart, in the order of where they
/// come from or go to.
pub(super) fn ports(slots: &[Slot], hops: &[Hop], tops: &[i32]) -> Vec<(i32, i32)> {
    let middle = |index: usize| tops[index] + slots[index].height / 2;
    let mut into = vec![Vec::new(); slots.len()];
    let mut out = vec![Vec::new(); slots.len()];
    for (number, hop) in hops.iter().enumerate() {
        into[hop.to].push(number);
        out[hop.from].push(number);
    }
    let mut ports = vec![(0, 0); hops.len()];
    for (index, (mut into, mut out)) in into.into_iter().zip(out).enumerate() {
        into.sort_by_key(|hop| (middle(hops[*hop].from), hops[*hop].from, *hop));
        for (hop, y) in into.iter().zip(spread(middle(index), into.len())) {
            ports[*hop].1 = y;
        }
        out.sort_by_key(|hop| (middle(hops[*hop].to), hops[*hop].to, *hop));
        for (hop, y) in out.iter().zip(spread(middle(index), out.len())) {
            ports[*hop].0 = y;
        }
    }
    ports
}

/// Heights around a middle, a port apart.
fn spread(middle: i32, count: usize) -> impl Iterator<Item = i32> {
    let count = i32::try_from(count).unwrap_or_default();
    (0..count).map(move |at| middle + at * PORT - (count - 1) * PORT / 2)
}
