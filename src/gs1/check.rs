//! Check digits and check characters: the arithmetic that catches a mistyped key.

/// Characters of the GS1 alphanumeric set 82, in the order that gives them their values 0..=81.
const CSET_82: &[u8; 82] =
    b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// The 32 characters a check pair is written with.
const PAIR_ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Weights of a check pair, from the right: the first 23 primes (a body has at most 23 characters).
const PAIR_WEIGHTS: [u32; 23] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
];

/// The prime a check pair is taken by: the largest below 32 × 32.
const PAIR_MODULUS: u32 = 1021;

/// The mod-10 check digit of GTIN, SSCC, GLN, GSRN, GSIN and the heads of GRAI, GDTI and GCN: weights
/// 3, 1, 3, 1 … from the digit next to it. `None` unless the body is digits.
///
/// ```
/// assert_eq!(suyuan::gs1::check_digit("0952123454321"), Some('3'));
/// assert_eq!(suyuan::gs1::check_digit("09521234x"), None);
/// ```
pub fn check_digit(body: &str) -> Option<char> {
    if body.is_empty() {
        return None;
    }
    let mut sum = 0;
    for (place, byte) in body.bytes().rev().enumerate() {
        let digit = char::from(byte).to_digit(10)?;
        sum += if place % 2 == 0 { digit * 3 } else { digit };
        sum %= 10;
    }
    char::from_digit((10 - sum) % 10, 10)
}

/// The two check characters at the end of a Global Model Number. `None` unless the body is 1 to 23
/// characters of set 82.
pub fn check_pair(body: &str) -> Option<[char; 2]> {
    if body.is_empty() || PAIR_WEIGHTS.len() < body.len() {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in body.bytes().rev().zip(PAIR_WEIGHTS) {
        let value = CSET_82.iter().position(|known| *known == byte)?;
        sum += u32::try_from(value).ok()? * weight;
    }
    let sum = usize::try_from(sum % PAIR_MODULUS).ok()?;
    Some([PAIR_ALPHABET[sum / 32], PAIR_ALPHABET[sum % 32]].map(char::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_every_length_agree_with_known_keys() {
        for (body, expected) in [
            ("9521234", '0'),
            ("0952123454321", '3'),
            ("952000000000", '4'),
            ("09521234500000001", '8'),
            ("0000000000000", '0'),
        ] {
            assert_eq!(check_digit(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn one_wrong_digit_and_most_swaps_change_the_check_digit() {
        let good = "952123454321";
        let digit = check_digit(good);
        for place in 0..good.len() {
            let mut wrong = good.as_bytes().to_vec();
            wrong[place] = b'0' + (wrong[place] - b'0' + 1) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            assert_ne!(check_digit(&wrong), digit, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_digits_has_no_check_digit() {
        for body in ["", "95x", "９５２", "-1", " 1"] {
            assert_eq!(check_digit(body), None, "{body}");
        }
    }

    #[test]
    fn check_pairs_follow_the_prime_weights() {
        // "9" has value 22; 22 × 2 = 44 = 1 × 32 + 12.
        assert_eq!(check_pair("9"), Some(['3', 'E']));
        assert_eq!(check_pair(&"9".repeat(24)), None);
        assert_eq!(check_pair("a b"), None);
    }
}
