//! A laid out graph as SVG: attributes alone, no scripts, no styles, no fonts and pictures from elsewhere.

use std::fmt::Write as _;

use super::Picture;
use super::graph::{Node, NodeKind, Tone};
use super::label::{Labels, Line, format};
use super::layout::{Item, Layout, Link, Rect, Route, layout};
use super::text::{escape, lines, width};
use super::words::Lang;

mod frame;

/// Size of titles of boxes.
const TITLE: i32 = 13;
/// Size of the other text.
const TEXT: i32 = 12;
/// From one line of text to the next.
const LEADING: i32 = 17;
/// Inside a box, around its text.
const PADDING: i32 = 10;
/// The narrowest and the widest box.
const WIDTHS: (i32, i32) = (104, 236);
/// Around the whole picture.
const MARGIN: i32 = 24;

const FONTS: &str = "'Helvetica Neue', Arial, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";

/// The colours of a tone: line, box, text. They differ in brightness, too, for print and for eyes that do
/// not see red.
const fn colours(tone: Tone) -> (&'static str, &'static str, &'static str) {
    match tone {
        Tone::Affected => ("#b3001b", "#fdeaec", "#4a000b"),
        Tone::Plain => ("#2f5d8a", "#ffffff", "#1c2733"),
        Tone::Clean => ("#9aa0a6", "#f3f4f5", "#5f6368"),
    }
}

const fn thickness(tone: Tone) -> &'static str {
    match tone {
        Tone::Affected => "3.5",
        Tone::Plain => "1.6",
        Tone::Clean => "1.1",
    }
}

/// The text of a box, broken into lines that fit.
struct Boxed {
    lines: Vec<(String, bool)>,
    width: i32,
    height: i32,
}

fn boxed(texts: &[Line]) -> Boxed {
    let most = WIDTHS.1 - 2 * PADDING;
    let mut broken = Vec::new();
    for line in texts {
        let size = if line.is_title { TITLE } else { TEXT };
        let of_line = lines(&line.text, most, size, line.is_title, line.breaks);
        broken.extend(of_line.into_iter().map(|text| (text, line.is_title)));
    }
    let widest = broken.iter().map(|(text, is_title)| {
        width(text, if *is_title { TITLE } else { TEXT }, *is_title) + 2 * PADDING
    });
    let height = i32::try_from(broken.len()).unwrap_or_default() * LEADING + PADDING + 6;
    Boxed {
        width: widest.max().unwrap_or_default().clamp(WIDTHS.0, WIDTHS.1),
        lines: broken,
        height,
    }
}

/// A picture with everything in its place.
pub(super) struct Laid<'a> {
    pub(super) picture: &'a Picture,
    pub(super) labels: Labels<'a>,
    pub(super) layout: Layout,
    boxes: Vec<Boxed>,
    edges: Vec<String>,
}

impl<'a> Laid<'a> {
    pub(super) fn new(picture: &'a Picture, lang: Lang) -> Self {
        let graph = &picture.graph;
        let labels = Labels::of(graph, &picture.catalog, lang);
        let boxes: Vec<Boxed> = graph
            .nodes
            .iter()
            .map(|node| boxed(&labels.node(node)))
            .collect();
        let edges: Vec<String> = graph.edges.iter().map(|edge| labels.edge(edge)).collect();
        let items: Vec<Item> = graph
            .nodes
            .iter()
            .zip(&boxes)
            .map(|(node, text)| Item {
                width: text.width,
                height: text.height,
                time: node.times.map_or(i64::MAX, |times| times.first.micros()),
                is_last: picture.has_holders && is_end(node.kind),
            })
            .collect();
        let links: Vec<Link> = graph
            .edges
            .iter()
            .zip(&edges)
            .map(|(edge, label)| Link {
                from: edge.from,
                to: edge.to,
                label: width(label, TEXT, edge.tone == Tone::Affected),
            })
            .collect();
        Self {
            picture,
            labels,
            layout: layout(&items, &links),
            boxes,
            edges,
        }
    }

    /// The whole picture.
    pub(super) fn svg(&self) -> String {
        let frame = frame::Frame::new(self);
        let mut svg = String::new();
        frame.begin(&mut svg, self);
        let _ = write!(svg, "<g transform=\"translate({MARGIN},{})\">", frame.top);
        let order = |tone: Tone| match tone {
            Tone::Clean => 0,
            Tone::Plain => 1,
            Tone::Affected => 2,
        };
        let graph = &self.picture.graph;
        let mut edges: Vec<usize> = (0..graph.edges.len()).collect();
        edges.sort_by_key(|number| {
            graph
                .edges
                .get(*number)
                .map(|edge| (order(edge.tone), *number))
        });
        for number in &edges {
            self.edge(&mut svg, *number);
        }
        for (number, node) in graph.nodes.iter().enumerate() {
            if let (Some(rect), Some(text)) =
                (self.layout.boxes.get(number), self.boxes.get(number))
            {
                self.node(&mut svg, node, *rect, text);
            }
        }
        for number in &edges {
            self.edge_label(&mut svg, *number);
        }
        svg.push_str("</g>");
        frame.end(&mut svg);
        svg
    }

    fn edge(&self, svg: &mut String, number: usize) {
        let (Some(edge), Some(Some(route))) = (
            self.picture.graph.edges.get(number),
            self.layout.routes.get(number),
        ) else {
            return;
        };
        let (line, _, _) = colours(edge.tone);
        let dash = if edge.is_dark {
            " stroke-dasharray=\"7 5\""
        } else {
            ""
        };
        let marker = match edge.tone {
            Tone::Affected => "a",
            Tone::Plain => "p",
            Tone::Clean => "c",
        };
        let end = if route.is_back {
            "marker-start"
        } else {
            "marker-end"
        };
        let _ = write!(
            svg,
            "<path d=\"{}\" fill=\"none\" stroke=\"{line}\" stroke-width=\"{}\"{dash} {end}=\"url(#{marker})\"><title>{}</title></path>",
            path(route),
            thickness(edge.tone),
            escape(&self.labels.edge_tip(edge)),
        );
    }

    fn edge_label(&self, svg: &mut String, number: usize) {
        let (Some(edge), Some(Some(route)), Some(label)) = (
            self.picture.graph.edges.get(number),
            self.layout.routes.get(number),
            self.edges.get(number),
        ) else {
            return;
        };
        if label.is_empty() {
            return;
        }
        let (_, _, colour) = colours(edge.tone);
        let weight = if edge.tone == Tone::Affected {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let (x, y) = route.label;
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"end\" fill=\"{colour}\"{weight} stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
            y - 4,
            escape(label)
        );
    }

    fn node(&self, svg: &mut String, node: &Node, rect: Rect, text: &Boxed) {
        let (line, fill, colour) = colours(node.tone);
        let fill = if node.is_subject { "#fff3c4" } else { fill };
        let (radius, dash) = match node.kind {
            NodeKind::Process => (rect.height / 2, ""),
            NodeKind::Transit => (4, " stroke-dasharray=\"7 5\""),
            NodeKind::LeftOut => (4, " stroke-dasharray=\"2 3\""),
            _ => (4, ""),
        };
        let stroke = match node.tone {
            Tone::Affected => "2.6",
            Tone::Plain | Tone::Clean => "1.4",
        };
        let Rect {
            x,
            y,
            width,
            height,
            ..
        } = rect;
        let _ = write!(
            svg,
            "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{}\" fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"{stroke}\"{dash}/>",
            escape(&self.labels.tip(node)),
            radius.min(22),
        );
        if node.is_subject {
            let _ = write!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"7\" fill=\"none\" stroke=\"{line}\" stroke-width=\"1.2\"/>",
                x - 4,
                y - 4,
                width + 8,
                height + 8,
            );
        }
        if is_end(node.kind) {
            let _ = write!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"5\" height=\"{height}\" fill=\"{line}\"/>"
            );
        }
        let high = i32::try_from(text.lines.len()).unwrap_or_default() * LEADING;
        let mut baseline = y + (height - high) / 2 + 13;
        for (text, is_title) in &text.lines {
            let style = if *is_title {
                " font-size=\"13\" font-weight=\"bold\""
            } else {
                ""
            };
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{baseline}\" fill=\"{colour}\"{style}>{}</text>",
                x + PADDING,
                escape(text)
            );
            baseline += LEADING;
        }
        svg.push_str("</g>");
    }
}

/// Whether nothing goes on from such a node.
pub(super) const fn is_end(kind: NodeKind) -> bool {
    match kind {
        NodeKind::Sold
        | NodeKind::Destroyed
        | NodeKind::Ended
        | NodeKind::Stolen
        | NodeKind::Transit
        | NodeKind::Holder => true,
        NodeKind::Stay | NodeKind::Process | NodeKind::LeftOut => false,
    }
}

fn path(route: &Route) -> String {
    let mut d = String::new();
    for (number, stretch) in route.stretches.iter().enumerate() {
        let (x, y) = stretch.from;
        if number == 0 {
            let _ = write!(d, "M{x} {y}");
        }
        let (to, down) = stretch.bent;
        if y == down {
            let _ = write!(d, "L{} {y}", stretch.end);
        } else {
            let middle = i32::midpoint(x, to);
            let _ = write!(
                d,
                "L{x} {y}C{middle} {y} {middle} {down} {to} {down}L{} {down}",
                stretch.end
            );
        }
    }
    d
}

/// A column's times, in at most two lines.
fn axis(first: crate::epcis::Timestamp, last: crate::epcis::Timestamp) -> Vec<String> {
    let begin = format(first, "%Y-%m-%d %H:%M");
    let end = format(last, "%Y-%m-%d %H:%M");
    if begin == end {
        return vec![begin];
    }
    vec![begin, format!("– {end}")]
}
