//! The permutation behind computed serials: FF1 of NIST SP 800-38G with AES-256 over 13 numerals of
//! radix 32, that is over 65-bit numbers, tweaked by the 14 digits of the GTIN.
//!
//! The radix is a power of two, so a half is an integer and "modulo radix^m" is a mask. Of FF1's two
//! constant blocks, P and the first of Q (14 tweak bytes and two of padding), the CBC state is computed
//! once a key and tweak; a round then costs one AES block: ten a serial. A batch takes its serials
//! through the rounds side by side, which keeps the AES units of a core busy.

use std::fmt;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes256Enc, Block};

use super::base32;
use super::keys::SerialKey;

/// Numerals of a value: 13 of 5 bits.
pub const NUMERALS: usize = 13;

/// Bits of a value.
pub const VALUE_BITS: u32 = 65;

/// Bytes of the tweak: the digits of a GTIN.
pub const TWEAK_BYTES: usize = 14;

/// Bits of the left half: u = 6 numerals.
const LEFT_BITS: u32 = 30;

/// Bits of the right half: v = 7 numerals.
const RIGHT_BITS: u32 = 35;

const LEFT_MASK: u64 = (1 << LEFT_BITS) - 1;
const RIGHT_MASK: u64 = (1 << RIGHT_BITS) - 1;

/// FF1's first block: version 1, method 2, one branch; radix 32 in three bytes; ten rounds; u; then n
/// and the tweak's length, each in four bytes.
const P: [u8; 16] = [1, 2, 1, 0, 0, 32, 10, 6, 0, 0, 0, 13, 0, 0, 0, 14];

/// Serials taken through the rounds side by side: the widest batch of the `aes` crate's backends.
const LANES: usize = 64;

/// A 65-bit value in its two halves, most significant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Halves {
    left: u64,
    right: u64,
}

impl Halves {
    /// The halves of a value, taken modulo 2^65.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the masks keep fewer bits than the casts"
    )]
    pub const fn of(value: u128) -> Self {
        let low = value as u64;
        let high = (value >> RIGHT_BITS) as u64;
        Self {
            left: high & LEFT_MASK,
            right: low & RIGHT_MASK,
        }
    }

    /// The value.
    pub const fn value(self) -> u128 {
        ((self.left as u128) << RIGHT_BITS) | self.right as u128
    }

    /// The value as 13 characters of base 32, most significant first.
    pub fn characters(self) -> [u8; NUMERALS] {
        std::array::from_fn(|place| {
            let bits = if place < 6 {
                self.left >> (25 - 5 * place)
            } else {
                self.right >> (60 - 5 * place)
            };
            base32::character((bits & 31) as u8)
        })
    }

    /// The value 13 characters write; `None` when one of them is outside the alphabet.
    pub fn from_characters(characters: &[u8; NUMERALS]) -> Option<Self> {
        let mut halves = Self::default();
        for (place, character) in characters.iter().enumerate() {
            let numeral = u64::from(base32::value(*character)?);
            let half = if place < 6 {
                &mut halves.left
            } else {
                &mut halves.right
            };
            *half = *half << 5 | numeral;
        }
        Some(halves)
    }
}

/// FF1 under one key and one tweak.
#[derive(Clone)]
pub struct SerialCipher {
    aes: Aes256Enc,
    /// CBC state after P and the constant block of Q.
    state: u128,
}

impl fmt::Debug for SerialCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SerialCipher(…)")
    }
}

impl SerialCipher {
    /// The permutation of this key and tweak.
    pub fn new(key: &SerialKey, tweak: &[u8; TWEAK_BYTES]) -> Self {
        let aes = Aes256Enc::new(key.as_bytes().into());
        let mut padded_tweak = [0; 16];
        padded_tweak[..TWEAK_BYTES].copy_from_slice(tweak);
        let after_p = encrypt_block(&aes, u128::from_be_bytes(P));
        let state = encrypt_block(&aes, after_p ^ u128::from_be_bytes(padded_tweak));
        Self { aes, state }
    }

    /// The value's image.
    pub fn encrypt(&self, value: Halves) -> Halves {
        let Halves {
            left: mut a,
            right: mut b,
        } = value;
        for round in 0..10 {
            let sum = a.wrapping_add(self.round_value(round, b)) & half_mask(round);
            a = b;
            b = sum;
        }
        Halves { left: a, right: b }
    }

    /// The value that [`encrypt`](Self::encrypt) takes to this one.
    pub fn decrypt(&self, value: Halves) -> Halves {
        let Halves {
            left: mut a,
            right: mut b,
        } = value;
        for round in (0..10).rev() {
            let difference = b.wrapping_sub(self.round_value(round, a)) & half_mask(round);
            b = a;
            a = difference;
        }
        Halves { left: a, right: b }
    }

    /// Encrypts every value in place; equal to [`encrypt`](Self::encrypt) of each, many times faster.
    pub fn encrypt_all(&self, values: &mut [Halves]) {
        let mut blocks = [Block::default(); LANES];
        for lanes in values.chunks_mut(LANES) {
            let blocks = &mut blocks[..lanes.len()];
            for round in 0..10 {
                let mask = half_mask(round);
                for (block, lane) in blocks.iter_mut().zip(lanes.iter()) {
                    *block = self.round_input(round, lane.right).to_be_bytes().into();
                }
                self.aes.encrypt_blocks(blocks);
                for (block, lane) in blocks.iter().zip(lanes.iter_mut()) {
                    let sum = lane.left.wrapping_add(low_of_s(block)) & mask;
                    lane.left = lane.right;
                    lane.right = sum;
                }
            }
        }
    }

    /// NUM(S) of a round, modulo 2^64.
    fn round_value(&self, round: u8, half: u64) -> u64 {
        let mut block = self.round_input(round, half).to_be_bytes().into();
        self.aes.encrypt_block(&mut block);
        low_of_s(&block)
    }

    /// What the last AES of a round's PRF encrypts: state ⊕ (ten zeros ‖ round ‖ half in five bytes).
    fn round_input(&self, round: u8, half: u64) -> u128 {
        self.state ^ (u128::from(round) << 40 | u128::from(half))
    }
}

/// Which bits the half made in a round keeps: an even round makes a left half.
const fn half_mask(round: u8) -> u64 {
    if round.is_multiple_of(2) {
        LEFT_MASK
    } else {
        RIGHT_MASK
    }
}

/// S is the first d = 12 bytes of R; modulo 2^64 its last eight are enough.
fn low_of_s(block: &Block) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|place| block[place + 4]))
}

fn encrypt_block(aes: &Aes256Enc, block: u128) -> u128 {
    let mut block = block.to_be_bytes().into();
    aes.encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}

#[cfg(test)]
mod reference;

#[cfg(test)]
mod tests {
    use aes::Aes256;
    use fpe::ff1::{FF1, FlexibleNumeralString};
    use proptest::prelude::*;

    use super::reference::Ff1;
    use super::*;

    const DIGITS: [u8; TWEAK_BYTES] = *b"09521234543213";

    fn cipher(byte: u8) -> SerialCipher {
        SerialCipher::new(&SerialKey::from_bytes([byte; 32]), &DIGITS)
    }

    fn numerals(value: Halves) -> Vec<u16> {
        let characters = value.characters();
        characters
            .iter()
            .map(|character| base32::value(*character).unwrap().into())
            .collect()
    }

    fn value_of(numerals: &[u16]) -> u128 {
        numerals
            .iter()
            .fold(0, |value, numeral| value << 5 | u128::from(*numeral))
    }

    fn any_value() -> impl Strategy<Value = Halves> {
        (0..1_u128 << VALUE_BITS).prop_map(Halves::of)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn ciphertexts_equal_those_of_the_fpe_crate(
            key in any::<[u8; 32]>(), tweak in any::<[u8; TWEAK_BYTES]>(), value in any_value(),
        ) {
            let theirs = FF1::<Aes256>::new(&key, 32).unwrap();
            let plain = FlexibleNumeralString::from(numerals(value));
            let expected = Vec::from(theirs.encrypt(&tweak, &plain).unwrap());

            let ours = SerialCipher::new(&SerialKey::from_bytes(key), &tweak).encrypt(value);

            prop_assert_eq!(ours.value(), value_of(&expected));
        }

        #[test]
        fn ciphertexts_equal_those_of_the_standard_followed_step_by_step(
            key in any::<[u8; 32]>(), tweak in any::<[u8; TWEAK_BYTES]>(), value in any_value(),
        ) {
            let by_the_book = Ff1::<Aes256>::new(&key, 32).encrypt(&tweak, &numerals(value));

            let ours = SerialCipher::new(&SerialKey::from_bytes(key), &tweak).encrypt(value);

            prop_assert_eq!(numerals(ours), by_the_book);
        }

        #[test]
        fn decryption_undoes_encryption(byte in any::<u8>(), value in any_value()) {
            let cipher = cipher(byte);
            prop_assert_eq!(cipher.decrypt(cipher.encrypt(value)), value);
            prop_assert_eq!(cipher.encrypt(cipher.decrypt(value)), value);
        }

        #[test]
        fn characters_write_the_value_out(value in any_value()) {
            prop_assert_eq!(Halves::from_characters(&value.characters()), Some(value));
            prop_assert_eq!(Halves::of(value.value()), value);
            prop_assert_eq!(value_of(&numerals(value)), value.value());
        }
    }

    #[test]
    fn a_batch_of_any_length_equals_its_values_one_by_one() {
        let cipher = cipher(7);
        for count in [0, 1, 29, LANES - 1, LANES, LANES + 1, 3 * LANES + 5] {
            let plain: Vec<Halves> = (0..count as u128)
                .map(|n| Halves::of(n.wrapping_mul(0x1_9E37_79B9_7F4A_7C15)))
                .collect();
            let mut batch = plain.clone();

            cipher.encrypt_all(&mut batch);

            let one_by_one: Vec<Halves> = plain.iter().map(|v| cipher.encrypt(*v)).collect();
            assert_eq!(batch, one_by_one, "{count} values");
        }
    }

    #[test]
    fn the_ends_of_the_domain_are_values_like_others() {
        let cipher = cipher(0);
        for value in [0, 1, (1 << 65) - 1, 1 << 64, 1 << 35, (1 << 35) - 1] {
            let image = cipher.encrypt(Halves::of(value));
            assert!(image.value() < 1 << VALUE_BITS);
            assert_eq!(cipher.decrypt(image).value(), value);
        }
    }

    #[test]
    fn characters_outside_the_alphabet_are_no_value() {
        assert_eq!(Halves::from_characters(b"000000000000U"), None);
        assert_eq!(Halves::from_characters(b"00000000000a0"), None);
        assert_eq!(
            Halves::from_characters(b"0000000000000"),
            Some(Halves::default())
        );
    }
}
