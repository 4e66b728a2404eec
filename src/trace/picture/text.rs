//! Text of a picture: how wide it is, cut and broken to fit, escaped.

use std::fmt::Write as _;

/// Widths of the printable ASCII characters, from the blank on, in thousandths of the size: those of a wide
/// sans serif, so that no common font is wider.
const ASCII: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// How wide a text is at a size. East Asian wide characters count a full square.
pub fn width(text: &str, size: i32, is_bold: bool) -> i32 {
    let thousandths: i32 = text.chars().map(|c| i32::from(advance(c))).sum();
    let bold = if is_bold { 11 } else { 10 };
    (thousandths * bold / 10 * size + 999) / 1000
}

fn advance(c: char) -> u16 {
    let code = u32::from(c);
    if let Some(ascii) = code.checked_sub(32).and_then(|at| usize::try_from(at).ok())
        && let Some(width) = ASCII.get(ascii)
    {
        return *width;
    }
    match code {
        // Combining marks and joiners take no room of their own.
        0x300..=0x36F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2000..=0x2BFF
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE4F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F000.. => 1000,
        _ => 700,
    }
}

/// A text no wider than this: cut, with an ellipsis, when it is longer.
pub fn fit(text: &str, most: i32, size: i32, is_bold: bool) -> String {
    if width(text, size, is_bold) <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if most < width(&format!("{cut}…"), size, is_bold) {
            cut.pop();
            break;
        }
    }
    format!("{}…", cut.trim_end())
}

/// A text in lines no wider than this: broken at blanks and between wide characters; the last line is cut
/// when there are more.
pub fn lines(text: &str, most: i32, size: i32, is_bold: bool, count: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && lines.len() + 1 < count {
        if width(rest, size, is_bold) <= most {
            break;
        }
        let mut end = None;
        let mut upto = String::new();
        let mut before = None;
        for (at, c) in rest.char_indices() {
            if at > 0 && (c == ' ' || advance(c) == 1000 || before.is_some_and(breaks_after)) {
                end = Some(at);
            }
            upto.push(c);
            before = Some(c);
            if most < width(upto.trim_end(), size, is_bold) {
                break;
            }
        }
        let Some(end) = end else { break };
        let (line, after) = rest.split_at(end);
        if most < width(line.trim_end(), size, is_bold) {
            break;
        }
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        lines.push(fit(rest, most, size, is_bold));
    }
    lines
}

fn breaks_after(c: char) -> bool {
    matches!(c, '/' | '-' | ':' | ',' | '·') || advance(c) == 1000
}

/// A text between tags or in an attribute; what XML cannot hold is shown as a replacement character.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            // Control characters, and those that turn the direction of what follows.
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fffe}'
            | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A whole number with its thousands apart.
pub fn number(value: u64) -> String {
    grouped(&value.to_string())
}

/// The digits of a decimal with its thousands apart.
pub fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    for (at, c) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}
