//! FF1 as SP 800-38G writes it, for any AES, radix and length, step by step and slowly: a measure for the
//! fast cipher, itself measured against the nine samples NIST publishes.

#![expect(
    clippy::many_single_char_names,
    reason = "they are the names of the standard"
)]

use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U16};

/// FF1 of one key and radix.
pub(super) struct Ff1<C> {
    aes: C,
    radix: u128,
}

impl<C: BlockCipherEncrypt + KeyInit + BlockSizeUser<BlockSize = U16>> Ff1<C> {
    pub(super) fn new(key: &[u8], radix: u16) -> Self {
        Self {
            aes: C::new_from_slice(key).unwrap(),
            radix: radix.into(),
        }
    }

    pub(super) fn encrypt(&self, tweak: &[u8], numerals: &[u16]) -> Vec<u16> {
        let n = numerals.len();
        let (u, v) = (n / 2, n - n / 2);
        let (mut a, mut b) = (self.num(&numerals[..u]), self.num(&numerals[u..]));
        for round in 0..10 {
            let m = if round % 2 == 0 { u } else { v };
            let modulus = self.radix.pow(m.try_into().unwrap());
            let sum = (a + self.y(tweak, n, round, b) % modulus) % modulus;
            a = b;
            b = sum;
        }
        [self.str(a, u), self.str(b, v)].concat()
    }

    /// Steps 5 and 6i to 6iv. The samples and the serials need d ≤ 16: S is cut from one block.
    fn y(&self, tweak: &[u8], n: usize, round: u8, half: u128) -> u128 {
        let (u, v) = (n / 2, n - n / 2);
        let largest = self.radix.pow(v.try_into().unwrap()) - 1;
        let b = (128 - largest.leading_zeros()).div_ceil(8) as usize;
        let d = 4 * b.div_ceil(4) + 4;
        assert!(d <= 16, "S is cut from one block");

        let mut input = vec![1, 2, 1];
        input.extend_from_slice(&self.radix.to_be_bytes()[13..]);
        input.extend_from_slice(&[10, u8::try_from(u % 256).unwrap()]);
        input.extend_from_slice(&u32::try_from(n).unwrap().to_be_bytes());
        input.extend_from_slice(&u32::try_from(tweak.len()).unwrap().to_be_bytes());
        input.extend_from_slice(tweak);
        while !(input.len() + b + 1).is_multiple_of(16) {
            input.push(0);
        }
        input.push(round);
        input.extend_from_slice(&half.to_be_bytes()[16 - b..]);

        let s = &self.cbc_mac(&input)[..d];
        s.iter().fold(0, |y, byte| y << 8 | u128::from(*byte))
    }

    fn cbc_mac(&self, input: &[u8]) -> [u8; 16] {
        let mut state = [0; 16];
        for block in input.chunks(16) {
            let mut mixed = std::array::from_fn(|place| state[place] ^ block[place]).into();
            self.aes.encrypt_block(&mut mixed);
            state = mixed.into();
        }
        state
    }

    fn num(&self, numerals: &[u16]) -> u128 {
        numerals.iter().fold(0, |number, numeral| {
            number * self.radix + u128::from(*numeral)
        })
    }

    fn str(&self, mut number: u128, length: usize) -> Vec<u16> {
        let mut numerals = vec![0; length];
        for numeral in numerals.iter_mut().rev() {
            *numeral = (number % self.radix).try_into().unwrap();
            number /= self.radix;
        }
        numerals
    }
}

/// Key bytes all samples share; longer keys go on with [`KEY_REST`].
const KEY: [u8; 16] = [
    0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
];
const KEY_REST: [u8; 16] = [
    0xEF, 0x43, 0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F, 0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94,
];

fn digits(text: &str) -> Vec<u16> {
    text.chars()
        .map(|digit| digit.to_digit(36).unwrap().try_into().unwrap())
        .collect()
}

fn check<C>(key: &[u8], radix: u16, tweak: &[u8], plain: &str, cipher: &str)
where
    C: BlockCipherEncrypt + KeyInit + BlockSizeUser<BlockSize = U16>,
{
    let encrypted = Ff1::<C>::new(key, radix).encrypt(tweak, &digits(plain));
    assert_eq!(
        encrypted,
        digits(cipher),
        "{} key bytes, radix {radix}",
        key.len()
    );
}

#[test]
fn the_nine_samples_of_nist_are_met() {
    let key = [KEY, KEY_REST].concat();
    let decimal = "0123456789";
    let letters = "0123456789abcdefghi";
    let tweak = b"9876543210";
    let long_tweak = b"7777pqrs777";

    check::<aes::Aes128>(&KEY, 10, b"", decimal, "2433477484");
    check::<aes::Aes128>(&KEY, 10, tweak, decimal, "6124200773");
    check::<aes::Aes128>(&KEY, 36, long_tweak, letters, "a9tv40mll9kdu509eum");
    check::<aes::Aes192>(&key[..24], 10, b"", decimal, "2830668132");
    check::<aes::Aes192>(&key[..24], 10, tweak, decimal, "2496655549");
    check::<aes::Aes192>(&key[..24], 36, long_tweak, letters, "xbj3kv35jrawxv32ysr");
    check::<aes::Aes256>(&key, 10, b"", decimal, "6657667009");
    check::<aes::Aes256>(&key, 10, tweak, decimal, "1001623463");
    check::<aes::Aes256>(&key, 36, long_tweak, letters, "xs8a0azh2avyalyzuwd");
}
