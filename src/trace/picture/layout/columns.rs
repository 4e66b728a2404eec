//! Which column a box stands in: right of all that lead to it; where it is free, by its time.

use std::collections::BTreeSet;

use super::{Item, Link};

/// The column of each box, and the lines that run back, from right to left.
pub(super) fn columns(items: &[Item], links: &[Link]) -> (Vec<usize>, BTreeSet<usize>) {
    let count = items.len();
    let mut into = vec![Vec::new(); count];
    let mut out = vec![Vec::new(); count];
    for (number, link) in links.iter().enumerate() {
        if link.from != link.to && link.from < count && link.to < count {
            into[link.to].push(number);
            out[link.from].push(number);
        }
    }
    let mut waits: Vec<usize> = into.iter().map(Vec::len).collect();
    let key = |index: usize| (items[index].time, index);
    let mut open: BTreeSet<(i64, usize)> = (0..count).map(key).collect();
    let mut ready: BTreeSet<(i64, usize)> = open
        .iter()
        .filter(|(_, index)| waits[*index] == 0)
        .copied()
        .collect();
    let mut order = Vec::new();
    let mut back = BTreeSet::new();
    let mut lo = vec![0; count];
    // In a circle the earliest box comes first, and what leads to it runs back.
    while let Some(next) = ready.pop_first().or_else(|| open.first().copied()) {
        let index = next.1;
        open.remove(&next);
        ready.remove(&next);
        order.push(index);
        for number in &into[index] {
            let from = links[*number].from;
            if open.contains(&key(from)) {
                back.insert(*number);
            } else {
                lo[index] = lo[index].max(lo[from] + 1);
            }
        }
        for number in &out[index] {
            let to = links[*number].to;
            if !back.contains(number) && open.contains(&key(to)) {
                waits[to] -= 1;
                if waits[to] == 0 {
                    ready.insert(key(to));
                }
            }
        }
    }
    // A line that runs back leads, drawn, from the earlier box to the later one.
    for index in &order {
        for number in &out[*index] {
            if back.contains(number) {
                continue;
            }
            let to = links[*number].to;
            lo[to] = lo[to].max(lo[*index] + 1);
        }
        for number in &into[*index] {
            if back.contains(number) {
                let later = links[*number].from;
                lo[later] = lo[later].max(lo[*index] + 1);
            }
        }
    }
    (shift(items, links, &back, &order, lo), back)
}

/// Moves boxes that are free to the column their time fits, and those that belong there to the end.
fn shift(
    items: &[Item],
    links: &[Link],
    back: &BTreeSet<usize>,
    order: &[usize],
    lo: Vec<usize>,
) -> Vec<usize> {
    let mut later = vec![Vec::new(); items.len()];
    for (number, link) in links.iter().enumerate() {
        if link.from != link.to {
            if back.contains(&number) {
                later[link.to].push(link.from);
            } else {
                later[link.from].push(link.to);
            }
        }
    }
    let last = lo.iter().copied().max().unwrap_or_default();
    let mut begins = vec![i64::MAX; last + 1];
    for (index, column) in lo.iter().enumerate() {
        begins[*column] = begins[*column].min(items[index].time);
    }
    let is_end = |index: &usize| items[*index].is_last && later[*index].is_empty();
    let has_ends = (0..items.len()).any(|index| is_end(&index));
    let needs_end = has_ends && (0..items.len()).any(|index| lo[index] == last && !is_end(&index));
    let end = if needs_end { last + 1 } else { last };
    let mut columns = lo;
    for index in order.iter().rev().copied() {
        if later[index].is_empty() {
            if is_end(&index) {
                columns[index] = end;
            }
            continue;
        }
        let hi = later[index].iter().map(|next| columns[*next]).min();
        let hi = hi.unwrap_or_default().saturating_sub(1).min(last);
        let fits = (columns[index]..=hi).rev();
        let mut fits = fits.filter(|column| begins[*column] <= items[index].time);
        if let Some(column) = fits.next() {
            columns[index] = column;
        }
    }
    columns
}
