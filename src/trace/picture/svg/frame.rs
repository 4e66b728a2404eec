//! What stands around the graph: the question, the axis of time, the legend.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{FONTS, Laid, MARGIN, TEXT, axis, colours, thickness};
use crate::trace::picture::graph::{NodeKind, Tone};
use crate::trace::picture::text::{escape, lines, width};
use crate::trace::picture::words;

/// The narrowest picture, so that the question can be read.
const NARROWEST: i32 = 560;
/// Size of the question.
const QUESTION: i32 = 18;
/// The height of the axis of time.
const AXIS: i32 = 46;

/// A sample of the legend.
enum Sample {
    Line(Tone, bool),
    Box(Tone, bool, Option<NodeKind>),
}

pub(super) struct Frame {
    width: i32,
    height: i32,
    /// Where the graph begins.
    pub(super) top: i32,
    question: Vec<String>,
    notes: Vec<String>,
    legend: Vec<(i32, i32, Sample, String)>,
    legend_top: i32,
    after: Vec<String>,
}

impl Frame {
    pub(super) fn new(laid: &Laid<'_>) -> Self {
        let inner = laid.layout.width.max(NARROWEST);
        let question = lines(
            &laid.picture.question(laid.labels.lang),
            inner,
            QUESTION,
            true,
            4,
        );
        let mut notes = Vec::new();
        for note in laid.picture.notes(laid.labels.lang) {
            notes.extend(lines(&note, inner, TEXT, false, 6));
        }
        let count = |lines: &[String]| i32::try_from(lines.len()).unwrap_or_default();
        let top = MARGIN + count(&question) * 24 + count(&notes) * 17 + 12 + AXIS;
        let legend_top = top + laid.layout.height + 34;
        let (mut x, mut y) = (0, 0);
        let mut legend = Vec::new();
        for (sample, text) in samples(laid) {
            let room = 44 + width(&text, TEXT, false) + 22;
            if x > 0 && inner < x + room {
                (x, y) = (0, y + 24);
            }
            legend.push((x, y, sample, text));
            x += room;
        }
        let mut after = Vec::new();
        for note in laid.picture.foot_notes(laid.labels.lang) {
            after.extend(lines(&note, inner, TEXT, false, 6));
        }
        Self {
            width: inner + 2 * MARGIN,
            height: legend_top + y + 30 + count(&after) * 17 + MARGIN,
            top,
            question,
            notes,
            legend,
            legend_top,
            after,
        }
    }

    /// The beginning: what the picture is, the question, the axis.
    pub(super) fn begin(&self, svg: &mut String, laid: &Laid<'_>) {
        let (width, height) = (self.width, self.height);
        let lang = laid.labels.lang;
        let title = laid.picture.question(lang);
        let description = laid.picture.description(lang);
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t d\" xml:lang=\"{}\" lang=\"{}\" font-family=\"{FONTS}\" font-size=\"{TEXT}\"><title id=\"t\">{}</title><desc id=\"d\">{}</desc><defs>",
            lang.code(),
            lang.code(),
            escape(&title),
            escape(&description),
        );
        for (id, tone) in [
            ("a", Tone::Affected),
            ("p", Tone::Plain),
            ("c", Tone::Clean),
        ] {
            let _ = write!(
                svg,
                "<marker id=\"{id}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"10\" markerHeight=\"10\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\"><path d=\"M0 0.5L10 5L0 9.5z\" fill=\"{}\"/></marker>",
                colours(tone).0
            );
        }
        let _ = write!(
            svg,
            "</defs><rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
        );
        let mut y = MARGIN;
        for line in &self.question {
            y += 24;
            let _ = write!(
                svg,
                "<text x=\"{MARGIN}\" y=\"{}\" font-size=\"{QUESTION}\" font-weight=\"bold\" fill=\"#1c2733\">{}</text>",
                y - 6,
                escape(line)
            );
        }
        for line in &self.notes {
            y += 17;
            let _ = write!(
                svg,
                "<text x=\"{MARGIN}\" y=\"{}\" fill=\"#44505c\">{}</text>",
                y - 4,
                escape(line)
            );
        }
        self.axis(svg, laid, y + 12);
    }

    fn axis(&self, svg: &mut String, laid: &Laid<'_>, y: i32) {
        let bottom = self.top + laid.layout.height + 10;
        let base = y + AXIS - 14;
        let _ = write!(
            svg,
            "<path d=\"M{MARGIN} {base}H{}\" stroke=\"#c3c9cf\" fill=\"none\"/>",
            self.width - MARGIN
        );
        for (index, column) in laid.layout.columns.iter().enumerate() {
            let x = MARGIN + column.x;
            let _ = write!(
                svg,
                "<path d=\"M{x} {}V{bottom}\" stroke=\"#eceff1\" fill=\"none\"/><path d=\"M{x} {}V{}\" stroke=\"#8a949e\" fill=\"none\"/>",
                base + 4,
                base - 4,
                base + 4,
            );
            let boxes = laid.layout.boxes.iter().zip(&laid.picture.graph.nodes);
            let times = boxes
                .filter(|(rect, _)| rect.column == index)
                .filter_map(|(_, node)| node.times.map(|times| times.first));
            let (Some(first), Some(last)) = (times.clone().min(), times.max()) else {
                continue;
            };
            for (number, text) in (0..).zip(axis(first, last).iter().rev()) {
                let _ = write!(
                    svg,
                    "<text x=\"{x}\" y=\"{}\" font-size=\"11\" fill=\"#44505c\">{}</text>",
                    base - 8 - number * 14,
                    escape(text)
                );
            }
        }
    }

    /// The end: the legend, and what became one.
    pub(super) fn end(&self, svg: &mut String) {
        let top = self.legend_top;
        let _ = write!(
            svg,
            "<path d=\"M{MARGIN} {}H{}\" stroke=\"#c3c9cf\" fill=\"none\"/>",
            top - 14,
            self.width - MARGIN
        );
        let mut y = top;
        for (x, down, sample, text) in &self.legend {
            let x = MARGIN + x;
            y = top + down;
            draw(svg, x, y, sample);
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{}\" fill=\"#1c2733\">{}</text>",
                x + 44,
                y + 12,
                escape(text)
            );
        }
        y += 24;
        for line in &self.after {
            y += 17;
            let _ = write!(
                svg,
                "<text x=\"{MARGIN}\" y=\"{}\" fill=\"#44505c\">{}</text>",
                y - 4,
                escape(line)
            );
        }
        svg.push_str("</svg>");
    }
}

fn draw(svg: &mut String, x: i32, y: i32, sample: &Sample) {
    match sample {
        Sample::Line(tone, is_dark) => {
            let dash = if *is_dark {
                " stroke-dasharray=\"7 5\""
            } else {
                ""
            };
            let _ = write!(
                svg,
                "<path d=\"M{x} {}H{}\" stroke=\"{}\" stroke-width=\"{}\" fill=\"none\"{dash}/>",
                y + 8,
                x + 34,
                colours(*tone).0,
                thickness(*tone),
            );
        }
        Sample::Box(tone, is_subject, kind) => {
            let (line, fill, _) = colours(*tone);
            let fill = if *is_subject { "#fff3c4" } else { fill };
            let radius = if *kind == Some(NodeKind::Process) {
                8
            } else {
                3
            };
            let dash = match kind {
                Some(NodeKind::Transit) => " stroke-dasharray=\"7 5\"",
                Some(NodeKind::LeftOut) => " stroke-dasharray=\"2 3\"",
                _ => "",
            };
            let _ = write!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"34\" height=\"16\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"1.4\"{dash}/>"
            );
            if kind.is_some_and(super::is_end) {
                let _ = write!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"5\" height=\"16\" fill=\"{line}\"/>"
                );
            }
        }
    }
}

/// What the legend has to explain: no more than the picture shows.
fn samples(laid: &Laid<'_>) -> Vec<(Sample, String)> {
    let lang = laid.labels.lang;
    let graph = &laid.picture.graph;
    let mut found = Vec::new();
    let tones: BTreeSet<Tone> = graph.nodes.iter().map(|node| node.tone).collect();
    let kinds: BTreeSet<NodeKind> = graph.nodes.iter().map(|node| node.kind).collect();
    let mut add = |sample, zh: &str, en: &str| found.push((sample, lang.of(zh, en).to_owned()));
    if graph.nodes.iter().any(|node| node.is_subject) {
        add(
            Sample::Box(Tone::Plain, true, None),
            "所查对象",
            "what was asked about",
        );
    }
    if tones.contains(&Tone::Affected) {
        let (zh, en) = laid.picture.affected_words();
        add(Sample::Line(Tone::Affected, false), zh, en);
    }
    if tones.contains(&Tone::Plain) {
        add(Sample::Line(Tone::Plain, false), "途经", "on the way");
    }
    if tones.contains(&Tone::Clean) {
        add(
            Sample::Line(Tone::Clean, false),
            "已排除或未受影响",
            "left out or clean",
        );
    }
    if graph.edges.iter().any(|edge| edge.is_dark) {
        add(
            Sample::Line(Tone::Plain, true),
            "? 记录缺失",
            "? records are missing",
        );
    }
    let shapes = [
        NodeKind::Process,
        NodeKind::Sold,
        NodeKind::Destroyed,
        NodeKind::Transit,
        NodeKind::Holder,
    ];
    for kind in shapes.into_iter().filter(|kind| kinds.contains(kind)) {
        let word = words::node(kind, lang);
        found.push((
            Sample::Box(Tone::Plain, false, Some(kind)),
            word.to_lowercase(),
        ));
    }
    let units: u64 = graph.edges.iter().map(|edge| edge.load.units).sum();
    if units > 0 {
        let text = lang.of("线上数字：件数", "numbers on lines: single units");
        found.push((Sample::Line(Tone::Plain, false), text.to_owned()));
    }
    found
}
