//! Crockford's base 32: digits and upper-case letters without I, L, O and U. Every character is in the
//! alphanumeric set of QR symbols and needs no escape in a link.

/// The 32 characters, in the order of their values.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Marks a byte that is no character of the alphabet.
const NONE: u8 = 0xFF;

/// Value of every byte, or [`NONE`].
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 32 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// The character of the lowest five bits.
pub const fn character(value: u8) -> u8 {
    ALPHABET[(value & 31) as usize]
}

/// The value of a character; `None` outside the alphabet. Nothing is folded here.
pub const fn value(character: u8) -> Option<u8> {
    match VALUES[character as usize] {
        NONE => None,
        value => Some(value),
    }
}

/// What a hand-typed character stands for: upper case, I and L read as 1, O as 0; anything else as it is.
pub const fn fold(character: u8) -> u8 {
    match character.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        upper => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_values_are_each_others_inverse() {
        for number in 0..32 {
            assert_eq!(value(character(number)), Some(number));
        }
        assert_eq!(
            (0..=255_u8).filter(|byte| value(*byte).is_some()).count(),
            32
        );
    }

    #[test]
    fn look_alikes_fold_to_the_character_they_look_like() {
        assert_eq!(b"iIlLoOaZ7u".map(fold), *b"111100AZ7U");
        assert_eq!(
            value(fold(b'u')),
            None,
            "U is in no serial, whatever its case"
        );
    }
}
