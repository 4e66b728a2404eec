//! Dead letters, and what became of them when they were submitted again.

use crate::app::{ReplayOutcome, Replayed};
use crate::capture::Letter;
use crate::cli::Lang;

/// A letter on a line: its place, for whom it came, and the first reason.
pub(in crate::cli) fn line(letter: &Letter, lang: Lang) -> String {
    let id = &letter.id;
    let when = &letter.recorded_at;
    let who = submitter(letter, lang);
    let why = match letter.faults.as_slice() {
        [] => String::new(),
        [only] => fault(&only.pointer, &only.detail),
        [first, rest @ ..] => {
            let more = rest.len();
            let first = fault(&first.pointer, &first.detail);
            either!(
                lang,
                "{first}（另有 {more} 处）",
                "{first} (and {more} more)"
            )
        }
    };
    let since = letter.replayed_at.as_ref().map_or_else(String::new, |at| {
        either!(lang, "  已于 {at} 重新提交", "  replayed {at}")
    });
    visible(&format!("{id}  {when}  {who}  {why}{since}"))
}

fn submitter(letter: &Letter, lang: Lang) -> String {
    if letter.submitter.is_empty() {
        lang.of("（提交方未记录）", "(for whom is not noted)")
            .to_owned()
    } else {
        letter.submitter.clone()
    }
}

fn fault(pointer: &str, detail: &str) -> String {
    let colon = if pointer.is_empty() { "" } else { ": " };
    format!("{pointer}{colon}{detail}")
}

/// How to go on with a list.
pub(in crate::cli) fn more(last: &str, lang: Lang) -> String {
    either!(
        lang,
        "还有更多：用 --after {last} 继续",
        "there are more: go on with --after {last}"
    )
}

/// A letter with its reasons and its bytes. What could move a terminal's cursor is written as `\u{…}`.
pub(in crate::cli) fn shown(
    letter: &Letter,
    bytes: &[u8],
    replayed_as: Option<&str>,
    lang: Lang,
) -> String {
    let (id, seq, when) = (&letter.id, letter.seq, &letter.recorded_at);
    let who = submitter(letter, lang);
    let mut lines = vec![either!(
        lang,
        "{id}  第 {seq} 条，记录于 {when}，提交方 {who}",
        "{id}  seq {seq}, recorded {when}, captured for {who}"
    )];
    lines.push(match &letter.replayed_at {
        Some(at) => either!(
            lang,
            "已于 {at} 重新提交并记录",
            "replayed and recorded {at}"
        ),
        None => lang.of("尚未重新提交", "open").to_owned(),
    });
    lines.extend(letter.faults.iter().map(|broken| {
        let rule = &broken.rule;
        format!("  {rule}  {}", fault(&broken.pointer, &broken.detail))
    }));
    let count = bytes.len();
    lines.push(either!(
        lang,
        "原文（{count} 字节）：",
        "as it came ({count} bytes):"
    ));
    lines.push(String::from_utf8_lossy(bytes).into_owned());
    if let Some(body) = replayed_as {
        lines.push(
            lang.of(
                "这是文件中的一个事件；重新提交时连同原文件的 @context：",
                "an event of a document; replayed by itself, under the @context it came with:",
            )
            .to_owned(),
        );
        lines.push(body.to_owned());
    }
    visible(&lines.join("\n"))
}

/// What became of a letter.
pub(in crate::cli) fn replayed(replayed: &Replayed, lang: Lang) -> String {
    let id = &replayed.id;
    let (recorded, duplicates) = (replayed.recorded, replayed.duplicates);
    let mut text = match replayed.outcome {
        ReplayOutcome::Recorded => either!(
            lang,
            "{id}  已记录：新事件 {recorded} 个，重复 {duplicates} 个",
            "{id}  recorded: {recorded} events, {duplicates} duplicates"
        ),
        ReplayOutcome::Duplicate => either!(
            lang,
            "{id}  已知：{duplicates} 个事件早已记录",
            "{id}  known already: {duplicates} duplicates"
        ),
        ReplayOutcome::Refused => either!(lang, "{id}  仍被拒绝：", "{id}  refused again:"),
        ReplayOutcome::Already => {
            either!(lang, "{id}  此前已重新提交", "{id}  replayed before")
        }
    };
    if replayed.dry_run && replayed.outcome != ReplayOutcome::Already {
        text.push_str(lang.of("（试运行，未写入）", " (dry run, nothing is written)"));
    }
    for error in &replayed.errors {
        text.push_str(&format!("\n  {}", fault(&error.pointer, &error.detail)));
    }
    visible(&text)
}

/// How many letters are recorded now, and how many were refused again.
pub(in crate::cli) fn sums(good: usize, bad: usize, lang: Lang) -> String {
    either!(
        lang,
        "{good} 封已记录，{bad} 封仍被拒绝",
        "{good} recorded, {bad} refused again"
    )
}

/// Text that came from elsewhere, with control characters written out.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\t') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}
