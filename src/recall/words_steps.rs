//! The longer sentences of single steps: what the recall names, how an event meets a window, how stock moved.

use super::definition::Span;
use super::named::Named;
use crate::trace::evaluate::Meets;

/// What the recall names.
pub(super) fn named_english(named: Option<&Named>) -> String {
    let what = match named {
        None => return "named by the recall itself".to_owned(),
        Some(Named::Lot(lot)) => format!("the lot {lot}"),
        Some(Named::Unit(unit)) => unit.clone(),
        Some(Named::Range(range)) => format!("the range from {} to {}", range.from, range.to),
        Some(Named::Container(asked)) => {
            format!(
                "{} with what was inside it{}",
                asked.unit,
                span_english(&asked.span)
            )
        }
        Some(Named::Product(asked)) => {
            format!(
                "what of {} began{}",
                asked.product,
                span_english(&asked.span)
            )
        }
        Some(Named::Attribute(asked)) => {
            format!(
                "what of {} has the {} asked for",
                asked.product, asked.field
            )
        }
        Some(Named::Credential(number)) => {
            format!("what was made or done under the credential {number} while it was not valid")
        }
        Some(Named::Place(asked)) => format!("the place {}", asked.place),
    };
    format!("named by the recall: {what}")
}

/// What the recall names.
pub(super) fn named_chinese(named: Option<&Named>) -> String {
    let what = match named {
        None => return "召回范围中直接点名".to_owned(),
        Some(Named::Lot(lot)) => format!("批次{lot}"),
        Some(Named::Unit(unit)) => unit.clone(),
        Some(Named::Range(range)) => format!("从{}到{}的号段", range.from, range.to),
        Some(Named::Container(asked)) => {
            format!("容器{}及{}其内之物", asked.unit, span_chinese(&asked.span))
        }
        Some(Named::Product(asked)) => {
            format!("{}产生的{}", span_chinese(&asked.span), asked.product)
        }
        Some(Named::Attribute(asked)) => {
            format!("{}中属性{}符合条件者", asked.product, asked.field)
        }
        Some(Named::Credential(number)) => format!("证照{number}失效期间所产所为"),
        Some(Named::Place(asked)) => format!("地点{}", asked.place),
    };
    format!("召回范围中直接点名：{what}")
}

fn span_english(span: &Span) -> String {
    match (&span.from, &span.until) {
        (Some(from), Some(until)) => format!(" from {from} to {until}"),
        (Some(from), None) => format!(" from {from} on"),
        (None, Some(until)) => format!(" up to {until}"),
        (None, None) => String::new(),
    }
}

fn span_chinese(span: &Span) -> String {
    match (&span.from, &span.until) {
        (Some(from), Some(until)) => format!("{from}至{until}期间"),
        (Some(from), None) => format!("自{from}起"),
        (None, Some(until)) => format!("至{until}止"),
        (None, None) => String::new(),
    }
}

/// How an event at a place meets the window.
pub(super) fn meets_english(place: &str, meets: Meets) -> String {
    match meets {
        Meets::Window => format!("took part in an event at {place} within the window"),
        Meets::Widened(guard) => {
            let guard = length(guard);
            format!(
                "took part in an event at {place} within the window, which is taken {guard} longer on both sides"
            )
        }
        Meets::Guard(guard) => {
            let guard = length(guard);
            format!(
                "took part in an event at {place} outside the window, within the guard of {guard} around it"
            )
        }
        Meets::Began {
            at: Some(at),
            guard,
        } => {
            let so = if guard > 0 {
                format!("within the guard of {} around the window", length(guard))
            } else {
                "inside the window".to_owned()
            };
            format!(
                "came out of work at {place} that was stamped after the window and began, as far as is known, at {at}, when the work before it there ended: it ran {so}"
            )
        }
        Meets::Began { at: None, .. } => format!(
            "came out of work at {place} that was stamped after the window; no work before it is recorded there, so it can have begun inside the window"
        ),
        Meets::Ran => format!(
            "came out of a process at {place} that had begun before the window and went on after it"
        ),
    }
}

/// How an event at a place meets the window.
pub(super) fn meets_chinese(place: &str, meets: Meets) -> String {
    match meets {
        Meets::Window => format!("在时间窗内经历了{place}的事件"),
        Meets::Widened(guard) => {
            format!(
                "在时间窗（两端各延长{}）内经历了{place}的事件",
                length(guard)
            )
        }
        Meets::Guard(guard) => format!(
            "在时间窗之外、{}保护时段之内经历了{place}的事件",
            length(guard)
        ),
        Meets::Began {
            at: Some(at),
            guard,
        } => {
            let so = if guard > 0 {
                format!("{}保护时段", length(guard))
            } else {
                "时间窗".to_owned()
            };
            format!(
                "出自{place}的作业：其时间戳在时间窗之后，据所知于{at}即前一作业结束时开始，故在{so}内进行"
            )
        }
        Meets::Began { at: None, .. } => format!(
            "出自{place}的作业：其时间戳在时间窗之后，此前没有作业记录，可能在时间窗内已开始"
        ),
        Meets::Ran => format!("出自{place}的加工过程：时间窗之前已开始，之后仍在进行"),
    }
}

/// How stock came from one spot to another; none where nobody says.
pub(super) fn moved_english(from: Option<&str>, to: Option<&str>, is_recorded: bool) -> String {
    match (from, to) {
        (Some(from), Some(to)) if is_recorded => format!("stock of it went from {from} to {to}"),
        (Some(from), None) if is_recorded => {
            format!("stock of it left {from}; no record tells where it went")
        }
        (Some(from), Some(to)) => format!(
            "this event shows stock of it at {to}; no record tells of its move there from {from}"
        ),
        (None, Some(to)) => {
            format!("this event shows stock of it at {to}; no record tells how it came there")
        }
        (_, None) => "this event shows stock of it; no record tells where".to_owned(),
    }
}

/// How stock came from one spot to another; none where nobody says.
pub(super) fn moved_chinese(from: Option<&str>, to: Option<&str>, is_recorded: bool) -> String {
    match (from, to) {
        (Some(from), Some(to)) if is_recorded => format!("该批次有货从{from}到{to}"),
        (Some(from), None) if is_recorded => format!("该批次有货离开{from}；去向没有记录"),
        (Some(from), Some(to)) => {
            format!("此事件表明该批次有货在{to}；从{from}到那里的移动没有记录")
        }
        (None, Some(to)) => format!("此事件表明该批次有货在{to}；如何到达没有记录"),
        (_, None) => "此事件表明该批次有货；地点没有记录".to_owned(),
    }
}

/// A length of time in microseconds, as guards are written: 30s, 10m, 1h.
fn length(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (number, unit) = match seconds {
        seconds if seconds % 3_600 == 0 => (seconds / 3_600, 'h'),
        seconds if seconds % 60 == 0 => (seconds / 60, 'm'),
        seconds => (seconds, 's'),
    };
    format!("{number}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epcis::Timestamp;

    #[test]
    fn a_guard_is_told_as_it_is_written() {
        let told = [30, 90, 600, 3_600, 5_400].map(|seconds| length(seconds * 1_000_000));
        assert_eq!(told, ["30s", "90s", "10m", "1h", "90m"]);
    }

    #[test]
    fn an_event_outside_the_window_is_never_said_to_be_within_it() {
        let guard = 600_000_000;
        let at = Some(Timestamp::from_micros(0));
        for meets in [
            Meets::Guard(guard),
            Meets::Began { at, guard: 0 },
            Meets::Began { at, guard },
            Meets::Began { at: None, guard: 0 },
            Meets::Ran,
        ] {
            assert!(
                !meets_english("P", meets).contains("within the window"),
                "{meets:?}"
            );
        }
        assert!(meets_english("P", Meets::Guard(guard)).contains("within the guard of 10m"));
        assert!(meets_chinese("P", Meets::Guard(guard)).contains("10m保护时段"));
        let began = Meets::Began { at, guard: 0 };
        assert!(meets_english("P", began).contains("1970-01-01T00:00:00Z"));
        assert!(meets_english("P", began).ends_with("it ran inside the window"));
    }

    #[test]
    fn a_move_that_no_record_tells_of_is_said_to_be_none() {
        let gap = moved_english(None, Some("shop"), false);
        assert_eq!(
            gap,
            "this event shows stock of it at shop; no record tells how it came there"
        );
        assert!(moved_chinese(None, Some("店"), false).contains("没有记录"));
        let known = moved_english(Some("plant"), Some("shop"), true);
        assert_eq!(known, "stock of it went from plant to shop");
    }
}
