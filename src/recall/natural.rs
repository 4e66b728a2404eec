//! The order that people give to texts with numbers in them: 1.9 before 1.10, PB2 before PB10.

use std::cmp::Ordering;

/// Compares runs of digits by value and everything else by its characters. Texts that differ in leading zeros
/// alone are not equal.
pub(super) fn natural_order(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        if begins_with_digit(left) && begins_with_digit(right) {
            let ((number, left_rest), (other_number, right_rest)) = (number(left), number(right));
            let by_value = number.len().cmp(&other_number.len());
            match by_value.then_with(|| number.cmp(other_number)) {
                Ordering::Equal => (left, right) = (left_rest, right_rest),
                unequal => return unequal,
            }
            continue;
        }
        let (mut lefts, mut rights) = (left.chars(), right.chars());
        match (lefts.next(), rights.next()) {
            (None, None) => return one.cmp(other),
            (a, b) if a == b => (left, right) = (lefts.as_str(), rights.as_str()),
            (a, b) => return a.cmp(&b),
        }
    }
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The digits that a text begins with, without leading zeros, and what comes after them.
fn number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    (digits.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_by_value_and_the_rest_by_characters() {
        for (less, more) in [
            ("1.9", "1.10"),
            ("1.9", "1.12"),
            ("PB2", "PB10"),
            ("2027-01-31", "2027-02-01"),
            ("a", "b"),
            ("", "0"),
            ("7", "8"),
            ("v1", "v1.1"),
            ("99999999999999999999998", "99999999999999999999999"),
        ] {
            assert_eq!(natural_order(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(natural_order(more, less), Ordering::Greater);
            assert_eq!(natural_order(less, less), Ordering::Equal);
        }
        assert_ne!(natural_order("007", "7"), Ordering::Equal);
        assert_ne!(natural_order("1.1", "1.10"), Ordering::Equal);
    }
}
