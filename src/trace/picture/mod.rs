//! Pictures of the chain of a lot or item: what is known of it as a graph ([`graph`], [`tell`]), made small
//! enough to read ([`collapse`]), laid out from left to right ([`layout`]) and drawn ([`svg`]). All of it is pure;
//! [`gather`] alone reads.

pub mod catalog;
pub mod collapse;
mod gather;
pub mod graph;
pub mod label;
pub mod layout;
mod names;
pub mod story;
mod svg;
pub mod tell;
pub mod text;
mod view;
pub mod words;

use serde::Serialize;
use utoipa::ToSchema;

use crate::trace::NamedPosition;
use catalog::Catalog;
use collapse::{Collapse, Collapsed, Level};
use graph::Graph;
use story::Story;
use svg::Laid;
use words::Lang;

pub use gather::{ProvinceName, Way, Wish, picture_of, picture_of_seeds};
pub use view::{EdgeView, LayerView, NamedView, NodeView, PictureView};

/// Events that one picture is made from, at most.
pub const EVENTS_MAX: usize = 300_000;

/// Nodes and edges that one picture shows, at most.
pub const DRAWN_MAX: usize = 3_000;

/// Events up to which things in different containers begin as different nodes.
const EVENTS_BY_CONTAINER: usize = 6_000;

/// What a picture was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PictureQuery)]
pub struct Asked {
    /// `back`, `forward`, `both`; `recall` for the scope of a recall.
    pub direction: &'static str,
    /// The canonical identifier, or the recall.
    pub id: String,
    /// Nothing earlier counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Nothing later counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The recall whose scope is marked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<String>,
}

/// A picture, before it is drawn in a language.
#[derive(Debug, Clone)]
pub struct Picture {
    asked: Asked,
    position: NamedPosition,
    /// What was asked about: its goods, if they have a name, and its lot or serial.
    subject: Option<u32>,
    catalog: Catalog,
    graph: Graph,
    collapsed: Vec<Collapsed>,
    whole_nodes: usize,
    whole_edges: usize,
    has_holders: bool,
}

impl Picture {
    /// The picture of a story.
    pub fn new(
        asked: Asked,
        position: NamedPosition,
        story: &Story,
        catalog: Catalog,
        how: Collapse,
    ) -> Self {
        let by_container = how == Collapse::Never || story.entries.len() <= EVENTS_BY_CONTAINER;
        let whole = tell::tell(story, by_container);
        let (whole_nodes, whole_edges) = (whole.nodes.len(), whole.edges.len());
        let (graph, mut collapsed) = collapse::collapse(whole, &catalog, how);
        if !by_container
            && collapsed
                .first()
                .is_none_or(|done| done.by != Level::Containers)
        {
            let passed_over = Collapsed {
                by: Level::Containers,
                before: whole_nodes,
                after: whole_nodes,
            };
            collapsed.insert(0, passed_over);
        }
        let subject = graph.nodes.iter().find(|node| node.is_subject);
        let subject = subject.and_then(|node| node.goods.first().copied());
        Self {
            asked,
            position,
            subject,
            catalog,
            graph,
            collapsed,
            whole_nodes,
            whole_edges,
            has_holders: !story.held.is_empty()
                || story.stock.iter().any(|part| part.holder.is_some()),
        }
    }

    /// The graph that is drawn.
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What became one.
    pub fn collapsed(&self) -> &[Collapsed] {
        &self.collapsed
    }

    /// As SVG.
    pub fn svg(&self, lang: Lang) -> String {
        Laid::new(self, lang).svg()
    }

    /// For programs.
    pub fn view(&self, lang: Lang) -> PictureView {
        let laid = Laid::new(self, lang);
        PictureView::of(self, &laid.labels, &laid.layout)
    }

    /// Names that are to be read before it is drawn.
    fn catalog_mut(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    /// The question, as the picture's title.
    fn question(&self, lang: Lang) -> String {
        let short = label::short(&self.asked.id);
        let goods = self.subject.and_then(|goods| self.catalog.goods(goods));
        let name = goods.filter(|goods| goods.name.is_some() || goods.is_logistic);
        let what = match name {
            Some(goods) => format!("{} {short}", label::goods_name(goods, lang)),
            None => short,
        };
        let pattern = match self.asked.direction {
            "back" => lang.of("{}：从哪里来", "Where does {} come from?"),
            "forward" => lang.of("{}：到了哪里去", "Where did {} go?"),
            "both" => lang.of(
                "{}：从哪里来，到了哪里去",
                "Where does {} come from, and where did it go?",
            ),
            _ => lang.of(
                "召回 {}：受影响的在哪里，在谁手里",
                "Recall {}: what is affected, and who has it?",
            ),
        };
        let what = if self.asked.direction == "recall" {
            &self.asked.id
        } else {
            &what
        };
        pattern.replace("{}", what)
    }

    /// What stands below the question.
    fn notes(&self, lang: Lang) -> Vec<String> {
        let asked = &self.asked;
        let mut notes = Vec::new();
        if asked.direction != "recall" {
            notes.push(asked.id.clone());
        }
        if let Some(recall) = &asked.recall {
            notes.push(format!(
                "{} {recall}",
                lang.of("标出召回范围：", "marked: the scope of recall")
            ));
        }
        for (word, time) in [
            (lang.of("自", "from"), &asked.from),
            (lang.of("至", "until"), &asked.until),
        ] {
            notes.extend(time.iter().map(|time| format!("{word} {time}")));
        }
        let marks = self
            .position
            .0
            .iter()
            .map(|(shard, mark)| format!("{shard} {}", mark.size));
        let marks: Vec<String> = marks.collect();
        notes.push(format!(
            "{} {}  ·  {}",
            lang.of("账本位置", "ledger position"),
            marks.join(", "),
            lang.of("时间为北京时间 (+08:00)", "times at +08:00"),
        ));
        notes
    }

    /// What was collapsed.
    fn collapsed_notes(&self, lang: Lang) -> Vec<String> {
        if self.collapsed.is_empty() {
            return Vec::new();
        }
        let steps: Vec<String> = self
            .collapsed
            .iter()
            .map(|done| {
                let by = words::level(done.by, lang);
                if done.before == done.after {
                    return by.to_owned();
                }
                let (open, close) = lang.of(("（", "）"), (" (", ")"));
                format!("{by}{open}{} → {}{close}", done.before, done.after)
            })
            .collect();
        let (before, after) = (self.whole_nodes, self.graph.nodes.len());
        let intro = lang.of("为便于阅读已合并：", "Made one, so that it can be read: ");
        let sums = lang.of(
            "数量均为合计，没有略去任何节点；--collapse never 画出全部。",
            "Counts are sums; no node is left away. --collapse never draws all.",
        );
        vec![format!(
            "{intro}{} {before} → {after}{} {}{} {sums}",
            lang.of("节点", "nodes"),
            lang.of("。", "."),
            steps.join(lang.of("；", "; ")),
            lang.of("。", "."),
        )]
    }

    /// What stands below the legend: what was collapsed, and how amounts are to be read that are no plain sums.
    fn foot_notes(&self, lang: Lang) -> Vec<String> {
        let mut notes = self.collapsed_notes(lang);
        let nodes = || self.graph.nodes.iter();
        let has_undrawn = nodes().any(|node| !node.undrawn.is_empty());
        if has_undrawn {
            let note = lang.of(
                "“A（共 B）”：到达该处的共 B，其中 A 由图中所画的事件带来；其余的来去不属于答案，未画出。",
                "“A of B in all”: so much came there in all, A of it by what is drawn; the rest came and went by events that are no part of the answer and are not drawn.",
            );
            notes.push(note.to_owned());
        }
        let mut amounts = nodes().flat_map(|node| node.now.amounts.known.values());
        if amounts.any(|amount| amount.lo != amount.hi) {
            let note = lang.of(
                "“0..30”：至少与至多；无法分辨受影响的是哪一部分，各处上限之和可能多于受影响的总量。",
                "“0..30”: at least and at most. Nobody can tell which part is affected, so the upper bounds together can be more than is affected.",
            );
            notes.push(note.to_owned());
        }
        notes
    }

    /// What the thick lines mean, in Chinese and English.
    fn affected_words(&self) -> (&'static str, &'static str) {
        let asked = &self.asked;
        match (asked.recall.is_some(), asked.direction) {
            (true, _) | (_, "recall") => (
                "受影响的路径（召回范围）",
                "affected path (scope of the recall)",
            ),
            (_, "back") => ("所查对象的路径", "path of what was asked about"),
            _ => (
                "所查对象及其可能波及的路径",
                "path of what was asked about, and of what it can have affected",
            ),
        }
    }

    /// What the picture shows, for who cannot see it.
    fn description(&self, lang: Lang) -> String {
        let mut text = lang
            .of("{n} 个节点，{e} 条连线。", "{n} nodes, {e} edges. ")
            .replace("{n}", &self.graph.nodes.len().to_string())
            .replace("{e}", &self.graph.edges.len().to_string());
        for note in self.foot_notes(lang) {
            text.push_str(&note);
        }
        text
    }
}

#[cfg(test)]
mod tests;
