//! What stands in boxes and on lines.

use std::collections::BTreeSet;

use jiff::tz::{Offset, TimeZone};

use super::catalog::{Catalog, Goods, Place};
use super::graph::{Amounts, Edge, EdgeKind, Graph, Load, Node, NodeKind, Times, Tone};
use super::text;
use super::words::{self, Lang};
use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::evaluate::Bounds;

/// Hours from UTC that times are shown at: China's.
const OFFSET_HOURS: i8 = 8;

/// Identifiers named in a tooltip.
const NAMED: usize = 8;

/// A line of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub text: String,
    /// Whether it is the box's title.
    pub is_title: bool,
    /// Lines it may be broken into.
    pub breaks: usize,
}

/// The words for one graph in one language.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Names.
    pub catalog: &'a Catalog,
    /// The language.
    pub lang: Lang,
    /// Whether times need their year.
    pub with_year: bool,
}

impl<'a> Labels<'a> {
    /// The words for a graph.
    pub fn of(graph: &Graph, catalog: &'a Catalog, lang: Lang) -> Self {
        let times = graph.nodes.iter().filter_map(|node| node.times);
        let years: BTreeSet<String> = times
            .flat_map(|times| [times.first, times.last])
            .map(|time| format(time, "%Y"))
            .collect();
        Self {
            catalog,
            lang,
            with_year: years.len() > 1,
        }
    }

    /// The lines of a box.
    pub fn node(&self, node: &Node) -> Vec<Line> {
        let lang = self.lang;
        let line = |text: String, breaks| Line {
            text,
            is_title: false,
            breaks,
        };
        let title = |text: String| Line {
            text,
            is_title: true,
            breaks: 3,
        };
        let mut lines = Vec::new();
        match node.kind {
            NodeKind::Stay => {
                lines.push(title(self.places(node)));
                lines.push(line(self.goods(node), 3));
            }
            NodeKind::Process => {
                lines.push(title(self.process(node)));
                lines.push(line(self.places(node), 2));
            }
            NodeKind::Holder => {
                lines.push(title(self.holders(node)));
                lines.push(line(words::node(node.kind, lang).to_owned(), 1));
            }
            NodeKind::Transit => {
                lines.push(title(words::node(node.kind, lang).to_owned()));
                if !node.places.is_empty() {
                    lines.push(line(format!("→ {}", self.places(node)), 2));
                }
                lines.push(line(self.goods(node), 2));
            }
            NodeKind::Sold | NodeKind::Destroyed | NodeKind::Ended | NodeKind::Stolen => {
                lines.push(title(words::node(node.kind, lang).to_owned()));
                lines.push(line(self.places(node), 2));
                lines.push(line(self.goods(node), 2));
            }
            NodeKind::LeftOut => {
                lines.push(title(words::node(node.kind, lang).to_owned()));
                lines.push(line(self.goods(node), 2));
                let reasons = node.reasons.iter().map(|why| words::reason(*why, lang));
                lines.push(line(
                    reasons.collect::<Vec<_>>().join(lang.of("、", ", ")),
                    2,
                ));
            }
        }
        lines.extend(self.amounts_of(node).into_iter().map(|text| line(text, 1)));
        if let Some(inside) = self.inside(node) {
            lines.push(line(inside, 1));
        }
        if let Some(times) = node.times {
            lines.push(line(self.times(times), 2));
        }
        lines.retain(|line| !line.text.is_empty());
        lines
    }

    fn amounts_of(&self, node: &Node) -> Vec<String> {
        let lang = self.lang;
        if node.kind == NodeKind::Process {
            return Vec::new();
        }
        let mut lines = Vec::new();
        let mut all = self.load(&node.load);
        if node.load.units == 1
            && let Some(id) = node
                .load
                .sample
                .first()
                .and_then(|unit| self.catalog.units.get(unit))
        {
            all = short(id);
        }
        if 0 < node.load.affected && node.load.affected < node.load.units {
            let count = text::number(node.load.affected);
            all.push_str(
                &lang
                    .of("，受影响 {}", ", {} affected")
                    .replace("{}", &count),
            );
        }
        if !node.undrawn.is_empty() {
            let mut whole = node.load.amounts.clone();
            whole.add(&node.undrawn);
            let whole = self.amounts(&whole).join(" · ");
            all = if node.load.amounts.is_empty() {
                lang.of("{w}的一部分", "part of {w}")
            } else {
                lang.of("{a}（共 {w}）", "{a} of {w} in all")
            }
            .replace("{a}", &all)
            .replace("{w}", &whole);
        }
        lines.push(all);
        let is_counted = node.kind == NodeKind::Stay && node.now != node.load;
        let has_any = node.load.units > 0 || !node.load.amounts.is_empty();
        if is_counted && has_any {
            let now = self.load(&node.now);
            if !now.is_empty() {
                let pattern = if node.is_share {
                    lang.of("现存受影响 {}", "now {} affected")
                } else {
                    lang.of("现存 {}", "now {}")
                };
                lines.push(pattern.replace("{}", &now));
            }
        }
        lines
    }

    /// Units and amounts: `24 units · 6 L`.
    pub fn load(&self, load: &Load) -> String {
        let mut parts = Vec::new();
        if load.units > 0 {
            let count = text::number(load.units);
            let one = if load.units == 1 { "unit" } else { "units" };
            parts.push(format!("{count} {}", self.lang.of("件", one)));
        }
        parts.extend(self.amounts(&load.amounts));
        parts.join(" · ")
    }

    fn amounts(&self, amounts: &Amounts) -> Vec<String> {
        let mut parts: Vec<String> = amounts
            .known
            .iter()
            .map(|(uom, amount)| {
                let amount = bounds(amount);
                match uom.as_deref().map(words::unit) {
                    Some("×") | None => format!("{amount} {}", self.lang.of("个", "pcs")),
                    Some(unit) => format!("{amount} {unit}"),
                }
            })
            .collect();
        if amounts.is_open {
            parts.push(self.lang.of("数量不详", "some").to_owned());
        }
        parts
    }

    /// What stands on a line.
    pub fn edge(&self, edge: &Edge) -> String {
        let silent = [
            EdgeKind::Moved,
            EdgeKind::Made,
            EdgeKind::Used,
            EdgeKind::Held,
        ];
        let words: Vec<&str> = edge
            .kinds
            .iter()
            .filter(|kind| !silent.contains(kind))
            .map(|kind| words::edge(*kind, self.lang))
            .collect();
        let mut parts = Vec::new();
        if edge.is_dark {
            parts.push("?".to_owned());
        }
        if words.len() == 1 {
            parts.extend(words.into_iter().map(str::to_owned));
        }
        if edge.load.units > 0 {
            parts.push(text::number(edge.load.units));
        }
        let amounts = self.amounts(&edge.load.amounts).join(" · ");
        if !amounts.is_empty() {
            if edge.load.units > 0 {
                parts.push("·".to_owned());
            }
            parts.push(amounts);
        }
        parts.join(" ")
    }

    fn process(&self, node: &Node) -> String {
        let lang = self.lang;
        let mut steps = node.names.iter().map(|step| words::step(step, lang));
        let name = match (steps.next(), steps.next()) {
            (Some(one), None) => one,
            _ => words::node(NodeKind::Process, lang).to_owned(),
        };
        if node.parts > 1 {
            format!("{name} ×{}", text::number(node.parts))
        } else {
            name
        }
    }

    fn holders(&self, node: &Node) -> String {
        match node.names.iter().next() {
            Some(one) if node.names.len() == 1 => self.org(one),
            _ => format!(
                "{} ×{}",
                words::node(NodeKind::Holder, self.lang),
                node.names.len()
            ),
        }
    }

    fn org(&self, org: &str) -> String {
        let name = self
            .catalog
            .orgs
            .get(org)
            .map(|name| name.of(self.lang).to_owned());
        name.unwrap_or_else(|| short(org))
    }

    /// What a node's places are called.
    pub fn places(&self, node: &Node) -> String {
        let lang = self.lang;
        let count = node.places.len();
        let mut places = node.places.iter();
        match (places.next(), places.next()) {
            (None, _) => return lang.of("地点不详", "Place not known").to_owned(),
            (Some(one), None) => return self.place(one),
            _ => {}
        }
        let of = |text: fn(&'a Catalog, &Block) -> &'a str| -> Option<&'a str> {
            let all: BTreeSet<&str> = node
                .places
                .iter()
                .map(|place| text(self.catalog, place))
                .collect();
            all.first()
                .copied()
                .filter(|text| all.len() == 1 && !text.is_empty())
        };
        let times = format!("×{count}");
        if let Some(org) = of(|catalog, place| catalog.org(place)) {
            return format!("{} {times}", self.org(org));
        }
        let role = of(|catalog, place| catalog.role(place)).unwrap_or_default();
        let role = words::role(role, lang);
        let province = of(|catalog, place| catalog.province(place));
        let province = province.and_then(|code| self.catalog.provinces.get(code));
        match province {
            Some(province) => format!("{} · {role} {times}", province.of(lang)),
            None => format!("{role} {times}"),
        }
    }

    /// What a place is called.
    pub fn place(&self, block: &Block) -> String {
        let place = self.catalog.places.get(block);
        place.map_or_else(
            || format!("{block:?}"),
            |place| place_name(place, self.lang),
        )
    }

    fn goods(&self, node: &Node) -> String {
        let lang = self.lang;
        let all: Vec<&Goods> = node
            .goods
            .iter()
            .filter_map(|goods| self.catalog.goods(*goods))
            .collect();
        let Some(first) = all.first() else {
            return String::new();
        };
        let products: BTreeSet<&str> = all.iter().map(|goods| goods.product.as_str()).collect();
        if products.len() > 1 {
            return lang
                .of("{} 种产品", "{} products")
                .replace("{}", &products.len().to_string());
        }
        let name = goods_name(first, lang);
        let lots: BTreeSet<&str> = all
            .iter()
            .filter_map(|goods| goods.lot.as_deref())
            .collect();
        match (lots.len(), lots.first()) {
            (0, _) | (_, None) => name,
            (1, Some(lot)) => format!("{name} {} {lot}", lang.of("批次", "lot")),
            (count, _) => format!("{name} · {count} {}", lang.of("批", "lots")),
        }
    }

    fn inside(&self, node: &Node) -> Option<String> {
        let lang = self.lang;
        let first = node.containers.first()?;
        if node.containers.len() == 1 {
            let id = self
                .catalog
                .units
                .get(first)
                .map(|id| short(id))
                .unwrap_or_default();
            return Some(format!("{} {id}", lang.of("装于", "in")));
        }
        let count = node.containers.len().to_string();
        Some(
            lang.of("装于 {} 个容器", "in {} containers")
                .replace("{}", &count),
        )
    }

    /// From when to when.
    pub fn times(&self, times: Times) -> String {
        let first = self.time(times.first);
        let last = self.time(times.last);
        if first == last {
            return first;
        }
        let same_day = format(times.first, "%Y-%m-%d") == format(times.last, "%Y-%m-%d");
        if same_day {
            return format!("{first}–{}", format(times.last, "%H:%M"));
        }
        format!("{first} – {last}")
    }

    fn time(&self, time: Timestamp) -> String {
        let pattern = if self.with_year {
            "%Y-%m-%d %H:%M"
        } else {
            "%m-%d %H:%M"
        };
        format(time, pattern)
    }

    /// Everything of a box, for its tooltip.
    pub fn tip(&self, node: &Node) -> String {
        let lang = self.lang;
        let mut lines: Vec<String> = self.node(node).into_iter().map(|line| line.text).collect();
        let goods = node
            .goods
            .iter()
            .filter_map(|goods| self.catalog.goods(*goods));
        named(
            &mut lines,
            goods
                .map(|goods| goods.id.clone())
                .filter(|id| !id.is_empty()),
        );
        let places = node
            .places
            .iter()
            .filter_map(|place| self.catalog.places.get(place));
        named(&mut lines, places.map(|place| place.id.clone()));
        let units = node.load.sample.iter().chain(&node.containers);
        named(
            &mut lines,
            units.filter_map(|unit| self.catalog.units.get(unit).cloned()),
        );
        if node.kind == NodeKind::Holder {
            named(&mut lines, node.names.iter().cloned());
        }
        if node.tone == Tone::Affected {
            lines.push(lang.of("受影响", "affected").to_owned());
        }
        lines.push(
            lang.of("事件：{}", "events: {}")
                .replace("{}", &node.events.len().to_string()),
        );
        lines.join("\n")
    }

    /// Everything of a line, for its tooltip.
    pub fn edge_tip(&self, edge: &Edge) -> String {
        let kinds: Vec<&str> = edge
            .kinds
            .iter()
            .map(|kind| words::edge(*kind, self.lang))
            .collect();
        let mut lines = vec![kinds.join(" + "), self.load(&edge.load)];
        lines.extend(edge.times.map(|times| self.times(times)));
        lines.push(crate::trace::certainty_word(edge.certainty).to_owned());
        let events = edge
            .events
            .iter()
            .filter_map(|event| self.catalog.events.get(event));
        named(&mut lines, events.cloned());
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

/// An amount, or what it is at least and at most: `0..30`.
fn bounds(amount: &Bounds) -> String {
    let hi = text::grouped(&amount.hi.to_string());
    if amount.lo == amount.hi {
        return hi;
    }
    format!("{}..{hi}", text::grouped(&amount.lo.to_string()))
}

/// Adds identifiers, and how many more there are.
fn named(lines: &mut Vec<String>, ids: impl Iterator<Item = String>) {
    let all: Vec<String> = ids.collect();
    let more = all.len().saturating_sub(NAMED);
    lines.extend(all.into_iter().take(NAMED));
    if more > 0 {
        lines.push(format!("… +{more}"));
    }
}

/// A time at China's offset.
pub fn format(time: Timestamp, pattern: &str) -> String {
    let zone = TimeZone::fixed(Offset::constant(OFFSET_HOURS));
    jiff::Timestamp::from_microsecond(time.micros()).map_or_else(
        |_| time.to_string(),
        |at| at.to_zoned(zone).strftime(pattern).to_string(),
    )
}

/// What goods are called, their lot aside.
pub fn goods_name(goods: &Goods, lang: Lang) -> String {
    match &goods.name {
        Some(name) => name.of(lang).to_owned(),
        None if goods.is_logistic => lang.of("物流单元", "Logistic unit").to_owned(),
        None => short(&goods.product),
    }
}

fn place_name(place: &Place, lang: Lang) -> String {
    let part = place.id.split_once("/254/").map(|(_, part)| part);
    match (&place.name, part) {
        (Some(name), Some(part)) if !name.of(lang).contains(part) => {
            format!("{} · {part}", name.of(lang))
        }
        (Some(name), _) => name.of(lang).to_owned(),
        (None, _) => short(&place.id),
    }
}

/// An identifier as people read it: the key's name and its digits, or the end of a private one.
pub fn short(id: &str) -> String {
    if let Some(path) = id.strip_prefix("https://id.gs1.org/") {
        let mut parts = path.split('/');
        let (code, value) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let rest: Vec<&str> = parts.collect();
        let name = match code {
            "00" => "SSCC",
            "01" => "GTIN",
            "414" | "417" => "GLN",
            other => other,
        };
        return match (code, rest.as_slice()) {
            ("01", [.., "21", serial]) => format!("SN {serial}"),
            ("01", [.., "10", lot]) => format!("LOT {lot}"),
            (_, [.., last]) => format!("{name} {value} · {last}"),
            _ => format!("{name} {value}"),
        };
    }
    let end = id.rsplit(['/', '#']).next().filter(|end| !end.is_empty());
    let end = end.unwrap_or(id);
    let mut pieces = end.rsplit(':');
    match (pieces.next(), pieces.next()) {
        (Some(last), Some(_)) if !last.is_empty() => last.to_owned(),
        _ => end.to_owned(),
    }
}
