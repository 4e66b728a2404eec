//! What a component of a value must satisfy beyond length and characters.

use super::check::{check_digit, check_pair};

/// A GS1 company prefix has at least this many digits.
pub(super) const COMPANY_PREFIX_MIN: usize = 4;

/// What a component must satisfy beyond length and characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing.
    Free,
    /// Its last digit is the mod-10 check digit of the others.
    CheckDigit,
    /// Its last two characters are the check pair of the others.
    CheckPair,
    /// It begins with a company prefix: at least four digits.
    CompanyPrefix,
    /// It is `0`.
    Zero,
    /// It is not all zeros.
    NonZero,
    /// Its first digit is not 0, unless it is the only one.
    NoLeadingZero,
    /// Two digits piece, two digits total: 1 ≤ piece ≤ total.
    PieceOfTotal,
    /// YYMMDD; DD = 00 means the whole month.
    Month,
    /// YYMMDD with a real day.
    Day,
    /// YYYYMMDD.
    LongDay,
    /// HH, HHMM: hours to 23, minutes to 59.
    Clock,
    /// Minutes or seconds: to 59.
    Sixty,
    /// `0` or `1`.
    YesNo,
}

impl Rule {
    pub(super) const fn wants_prefix(self) -> bool {
        matches!(self, Self::CompanyPrefix | Self::CheckPair)
    }

    /// Whether a component, known to have the right length and characters, satisfies the rule.
    pub(super) fn judge(self, piece: &str) -> Verdict {
        let (good, expected) = match self {
            Self::Free => (true, ""),
            Self::CheckDigit => {
                return check_characters(piece, 1, |body| check_digit(body).map(String::from));
            }
            Self::CheckPair => {
                if !starts_with_prefix(piece) {
                    return Verdict::Not(PREFIX_EXPECTED);
                }
                return check_characters(piece, 2, |body| {
                    check_pair(body).map(|pair| pair.iter().collect())
                });
            }
            Self::CompanyPrefix => (starts_with_prefix(piece), PREFIX_EXPECTED),
            Self::Zero => (piece == "0", "0 as its first digit"),
            Self::NonZero => (
                piece.bytes().any(|byte| byte != b'0'),
                "a number above zero",
            ),
            Self::NoLeadingZero => (
                piece == "0" || !piece.starts_with('0'),
                "a number without leading zeros",
            ),
            Self::PieceOfTotal => {
                let (piece, total) = piece.split_at(2);
                (
                    piece != "00" && piece <= total,
                    "a piece between 01 and the total",
                )
            }
            Self::Month => (is_date(&piece[..2], &piece[2..], true), "a date YYMMDD"),
            Self::Day => (
                is_date(&piece[..2], &piece[2..], false),
                "a date YYMMDD with its day",
            ),
            Self::LongDay => (is_date(&piece[2..4], &piece[4..], false), "a date YYYYMMDD"),
            Self::Clock => (
                &piece[..2] <= "23" && (piece.len() == 2 || &piece[2..] <= "59"),
                "a time HHMM",
            ),
            Self::Sixty => (piece <= "59", "a number from 00 to 59"),
            Self::YesNo => (piece == "0" || piece == "1", "0 or 1"),
        };
        if good {
            Verdict::Good
        } else {
            Verdict::Not(expected)
        }
    }
}

/// What became of a component.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It satisfies its rule.
    Good,
    /// Its check digit or pair is another.
    CheckCharacters { expected: String, found: String },
    /// It is not this.
    Not(&'static str),
}

const PREFIX_EXPECTED: &str = "a company prefix, at least 4 digits, at its beginning";

fn starts_with_prefix(piece: &str) -> bool {
    piece.bytes().take_while(u8::is_ascii_digit).count() >= COMPANY_PREFIX_MIN
}

fn check_characters(
    piece: &str,
    count: usize,
    compute: impl Fn(&str) -> Option<String>,
) -> Verdict {
    let Some((body, found)) = piece.len().checked_sub(count).map(|at| piece.split_at(at)) else {
        return Verdict::Not("check characters at its end");
    };
    match compute(body) {
        Some(expected) if expected == found => Verdict::Good,
        Some(expected) => Verdict::CheckCharacters {
            expected,
            found: found.to_owned(),
        },
        None => Verdict::Not("check characters at its end"),
    }
}

/// Whether two digits of a year and MMDD are a date. Every year ending in a multiple of four is a leap
/// year between 1901 and 2099, which two digits stand for.
fn is_date(year: &str, month_day: &str, day_may_be_00: bool) -> bool {
    let (month, day) = month_day.split_at(2);
    let leap = year.parse::<u32>().is_ok_and(|year| year % 4 == 0);
    let days = match month {
        "01" | "03" | "05" | "07" | "08" | "10" | "12" => "31",
        "04" | "06" | "09" | "11" => "30",
        "02" if leap => "29",
        "02" => "28",
        _ => return false,
    };
    day <= days && (day_may_be_00 || day != "00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for good in ["261231", "240229", "000229", "261200"] {
            assert_eq!(Rule::Month.judge(good), Verdict::Good, "{good}");
        }
        for wrong in ["261301", "260230", "250229", "260001", "260432"] {
            assert_ne!(Rule::Month.judge(wrong), Verdict::Good, "{wrong}");
        }
        assert_ne!(Rule::Day.judge("261200"), Verdict::Good);
        assert_eq!(Rule::LongDay.judge("19960229"), Verdict::Good);
    }

    #[test]
    fn times_pieces_and_numbers_have_bounds() {
        for (rule, good, wrong) in [
            (Rule::Clock, "2359", "2400"),
            (Rule::Clock, "23", "24"),
            (Rule::Clock, "0000", "0060"),
            (Rule::Sixty, "59", "60"),
            (Rule::PieceOfTotal, "0202", "0302"),
            (Rule::PieceOfTotal, "0101", "0001"),
            (Rule::NoLeadingZero, "0", "01"),
            (Rule::NonZero, "0010", "0000"),
            (Rule::Zero, "0", "1"),
            (Rule::YesNo, "1", "2"),
            (Rule::CompanyPrefix, "9521ABC", "952ABC"),
        ] {
            assert_eq!(rule.judge(good), Verdict::Good, "{rule:?} {good}");
            assert_ne!(rule.judge(wrong), Verdict::Good, "{rule:?} {wrong}");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_named_with_the_right_one() {
        assert_eq!(
            Rule::CheckDigit.judge("09521234543214"),
            Verdict::CheckCharacters {
                expected: "3".to_owned(),
                found: "4".to_owned()
            }
        );
    }
}
