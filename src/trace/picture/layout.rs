//! Where boxes and lines go: columns from left to right, no two boxes on one another, few crossings. All in
//! whole units of the picture, so that the same graph gives the same picture everywhere.

use std::collections::BTreeSet;

mod columns;
mod heights;
mod order;

/// Between two boxes of a column.
pub const GAP: i32 = 18;
/// Between two lines that end at one box.
pub const PORT: i32 = 17;
/// Where lines bend, between two columns.
const BEND: i32 = 46;
/// Between a line's label and the box it ends at.
const ARROW: i32 = 14;

/// A box to place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Its width.
    pub width: i32,
    /// Its height, at least.
    pub height: i32,
    /// When it begins: what is free to stand in one of several columns stands by its time.
    pub time: i64,
    /// Whether it belongs at the right end.
    pub is_last: bool,
}

/// A line to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// From this box.
    pub from: usize,
    /// To this one.
    pub to: usize,
    /// The width of its label.
    pub label: i32,
}

/// A placed box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Its left side.
    pub x: i32,
    /// Its upper side.
    pub y: i32,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// Its column, from 0.
    pub column: usize,
}

impl Rect {
    /// Whether the two have a point in common.
    pub const fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// A stretch of a line: it bends from one height to another, then runs straight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where it begins.
    pub from: (i32, i32),
    /// Where it stops bending.
    pub bent: (i32, i32),
    /// Where it ends, at that height.
    pub end: i32,
}

/// A drawn line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its stretches, left to right.
    pub stretches: Vec<Stretch>,
    /// Where its label ends, on its right, and the height of the line there.
    pub label: (i32, i32),
    /// Whether it runs from right to left.
    pub is_back: bool,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its left side.
    pub x: i32,
    /// Its width.
    pub width: i32,
}

/// Everything in its place. The upper left corner is (0, 0).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The boxes, in the order they were given.
    pub boxes: Vec<Rect>,
    /// The lines, in the order they were given; none for a line from a box to itself.
    pub routes: Vec<Option<Route>>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The width of all.
    pub width: i32,
    /// The height of all.
    pub height: i32,
}

/// A slot of a column: a box, or the place a line passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    height: i32,
    is_line: bool,
    column: usize,
}

/// A line between slots of neighbouring columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hop {
    from: usize,
    to: usize,
    /// The line it is part of.
    link: usize,
}

/// Places boxes and lines.
pub fn layout(items: &[Item], links: &[Link]) -> Layout {
    if items.is_empty() {
        return Layout::default();
    }
    let (columns, back) = columns::columns(items, links);
    let mut slots: Vec<Slot> = items
        .iter()
        .zip(&columns)
        .map(|(item, column)| Slot {
            height: item.height,
            is_line: false,
            column: *column,
        })
        .collect();
    let hops = hops(links, &back, &mut slots);
    let mut ends = vec![(0, 0); slots.len()];
    for hop in &hops {
        ends[hop.to].0 += 1;
        ends[hop.from].1 += 1;
    }
    for (slot, (into, out)) in slots.iter_mut().zip(ends).take(items.len()) {
        slot.height = slot.height.max(into.max(out) * PORT + 6);
    }
    let order = order::order(&slots, &hops);
    let tops = heights::heights(&slots, &hops, &order);
    draw(items, links, &back, &slots, &hops, &tops)
}

/// Cuts lines at every column between their ends.
fn hops(links: &[Link], back: &BTreeSet<usize>, slots: &mut Vec<Slot>) -> Vec<Hop> {
    let mut hops = Vec::new();
    for (link, ends) in links.iter().enumerate() {
        let (mut from, mut to) = (ends.from, ends.to);
        if back.contains(&link) {
            std::mem::swap(&mut from, &mut to);
        }
        let (Some(first), Some(last)) = (slots.get(from).copied(), slots.get(to).copied()) else {
            continue;
        };
        if from == to {
            continue;
        }
        let mut before = from;
        for column in first.column + 1..last.column {
            slots.push(Slot {
                height: PORT,
                is_line: true,
                column,
            });
            let here = slots.len() - 1;
            hops.push(Hop {
                from: before,
                to: here,
                link,
            });
            before = here;
        }
        hops.push(Hop {
            from: before,
            to,
            link,
        });
    }
    hops
}

fn draw(
    items: &[Item],
    links: &[Link],
    back: &BTreeSet<usize>,
    slots: &[Slot],
    hops: &[Hop],
    tops: &[i32],
) -> Layout {
    let last = slots
        .iter()
        .map(|slot| slot.column)
        .max()
        .unwrap_or_default();
    let mut widths = vec![0; last + 1];
    for (item, slot) in items.iter().zip(slots) {
        widths[slot.column] = item.width.max(widths[slot.column]);
    }
    // Labels stand before the box their line ends at.
    let mut labels = vec![0; last + 1];
    for hop in hops.iter().filter(|hop| hop.to < items.len()) {
        let column = slots[hop.to].column;
        labels[column] = labels[column].max(links[hop.link].label + ARROW + 6);
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut x = 0;
    for (width, label) in widths.iter().zip(&labels) {
        if !columns.is_empty() {
            x += BEND + label;
        }
        columns.push(Column { x, width: *width });
        x += width;
    }
    let boxes: Vec<Rect> = items
        .iter()
        .zip(slots.iter().zip(tops))
        .map(|(item, (slot, top))| Rect {
            x: columns[slot.column].x,
            y: *top,
            width: item.width,
            height: slot.height,
            column: slot.column,
        })
        .collect();
    let ports = heights::ports(slots, hops, tops);
    let mut routes: Vec<Option<Route>> = vec![None; links.len()];
    for (hop, (start, end)) in hops.iter().zip(ports) {
        let (from, to) = (
            columns[slots[hop.from].column],
            columns[slots[hop.to].column],
        );
        let begin = boxes
            .get(hop.from)
            .map_or(from.x, |rect| rect.x + rect.width);
        let bent = to.x - labels[slots[hop.to].column];
        let is_end = hop.to < items.len();
        let route = routes[hop.link].get_or_insert_with(|| Route {
            stretches: Vec::new(),
            label: (0, 0),
            is_back: back.contains(&hop.link),
        });
        let right = from.x + from.width;
        if begin < right {
            // A box narrower than its column, or a line passing through it.
            route.stretches.push(Stretch {
                from: (begin, start),
                bent: (begin, start),
                end: right,
            });
        }
        route.stretches.push(Stretch {
            from: (right, start),
            bent: (bent, end),
            end: to.x,
        });
        if is_end {
            route.label = (to.x - ARROW, end);
        }
    }
    let bottom = slots.iter().zip(tops).map(|(slot, top)| top + slot.height);
    Layout {
        routes,
        width: x,
        height: bottom.max().unwrap_or_default(),
        columns,
        boxes,
    }
}
