//! Numbers in the hash: plain decimals, no exponent, no zeros that say nothing.

/// Digits a number may have when written out; a text beyond it stays as it is.
const DIGITS_MAX: i64 = 400;

/// A number's text as a plain decimal: `30.0` is `30`, `0.50` is `0.5`, `1.5e3` is `1500`, `007` is `7`. A
/// text that is no number stays as it is; the rule does not ask whether it was quoted.
pub(super) fn plain(text: &str) -> String {
    normal(text).unwrap_or_else(|| text.to_owned())
}

fn normal(text: &str) -> Option<String> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // Where the point stands, counted from the first digit that says something.
    let point = point - i64::try_from(leading).ok()?;
    let count = i64::try_from(significant.len()).ok()?;
    if DIGITS_MAX < point.abs().max(count) {
        return None;
    }
    let mut out = String::from(if negative { "-" } else { "" });
    if point <= 0 {
        out.push_str("0.");
        out.extend((point..0).map(|_| '0'));
        out.push_str(significant);
    } else if count <= point {
        out.push_str(significant);
        out.extend((count..point).map(|_| '0'));
    } else {
        let (before, after) = significant.split_at_checked(usize::try_from(point).ok()?)?;
        out.push_str(before);
        out.push('.');
        out.push_str(after);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_plainly_and_texts_left_alone() {
        for (text, expect) in [
            ("30.0", "30"),
            ("0.50", "0.5"),
            (".5", "0.5"),
            ("200", "200"),
            ("-3.10", "-3.1"),
            ("+7", "7"),
            ("007", "7"),
            ("0.000", "0"),
            ("-0", "0"),
            ("1.5e3", "1500"),
            ("12E-4", "0.0012"),
            ("123.456e1", "1234.56"),
            ("100", "100"),
            ("111100001111000011110000", "111100001111000011110000"),
            ("1e999", "1e999"),
            ("", ""),
            (".", "."),
            ("-", "-"),
            ("1.2.3", "1.2.3"),
            ("2020-01-01", "2020-01-01"),
            ("A12", "A12"),
            ("1e", "1e"),
        ] {
            assert_eq!(plain(text), expect, "{text}");
        }
    }
}
