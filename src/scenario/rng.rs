//! The randomness of a world: `SplitMix64` (Steele, Lea and Flood, 2014). Sixty-four bits of state, one
//! addition and a mix a number; the same seed gives the same numbers on every machine and for ever,
//! which no operating system's or library's generator promises. It keeps no secret.

/// The golden ratio's fraction in 64 bits, odd: the step of the state.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A seeded source of numbers.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// The source of this seed. `purpose` separates sources of one seed, so that more numbers drawn for
    /// one purpose do not change another.
    pub(super) const fn new(seed: u64, purpose: u64) -> Self {
        Self(mix(seed.wrapping_add(mix(purpose.wrapping_add(STEP)))))
    }

    /// The next 64 bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number in `0..n`, or 0 for an empty range. The bias of the multiplication is below n / 2^64.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(n)) >> 64).unwrap_or(0)
    }

    /// A number in `low..=high`.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A position in a slice of this length.
    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// True `times` times in a thousand.
    pub(super) fn per_mille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }
}

const fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_numbers_of_the_algorithm_come_out() {
        let mut rng = Rng(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| rng.next()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_both_ends() {
        let mut rng = Rng::new(7, 0);
        let drawn: Vec<u64> = (0..1000).map(|_| rng.between(3, 6)).collect();
        assert!(drawn.iter().all(|n| (3..=6).contains(n)));
        assert!(drawn.contains(&3) && drawn.contains(&6));
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn purposes_of_one_seed_do_not_share_numbers() {
        assert_ne!(Rng::new(7, 0).next(), Rng::new(7, 1).next());
    }
}
