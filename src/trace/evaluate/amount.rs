//! Exact amounts: decimals over one scale, and the bounds on how much of a share is tainted.

use std::fmt;

/// The digits after the point that amounts are kept with: an amount of 64 bits at this scale fits 128
/// bits (2^63 × 10^18 < 2^127).
const SCALE: u8 = 18;

/// An exact amount. Never a float, never mixed over units of measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `value × 10^-scale`; none if it has more digits after the point than are kept.
    pub fn new(value: i64, scale: u8) -> Option<Self> {
        let value = i128::from(value);
        if let Some(missing) = SCALE.checked_sub(scale) {
            return value
                .checked_mul(10_i128.checked_pow(missing.into())?)
                .map(Self);
        }
        let spare = 10_i128.checked_pow(u32::from(scale - SCALE))?;
        (value % spare == 0).then(|| Self(value / spare))
    }

    /// A whole number.
    pub const fn whole(value: i32) -> Self {
        Self(value as i128 * 10_i128.pow(SCALE as u32))
    }

    /// So many pieces.
    pub fn pieces(count: u32) -> Self {
        Self(i128::from(count) * 10_i128.pow(SCALE.into()))
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is less than nothing: a debt.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, held at the largest amount there is.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, held at the largest debt there is.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u128.pow(SCALE.into());
        let digits = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{:018}", digits % unit);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{fraction}", digits / unit)
    }
}

/// Whether a unit of measure counts pieces, each of which is affected or not (UN/CEFACT Rec 20: none, one,
/// piece, each); of anything else a part affects what it is mixed with.
pub fn is_counted(uom: Option<&str>) -> bool {
    matches!(uom, None | Some("C62" | "H87" | "EA"))
}

/// At least and at most how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bounds {
    /// At least.
    pub lo: Amount,
    /// At most.
    pub hi: Amount,
}

impl Bounds {
    /// Exactly this much.
    pub const fn exact(amount: Amount) -> Self {
        Self {
            lo: amount,
            hi: amount,
        }
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            lo: self.lo.plus(other.lo),
            hi: self.hi.plus(other.hi),
        }
    }

    /// Less this much, bound by bound; never less than nothing.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            lo: self.lo.minus(other.lo).max(Amount::ZERO),
            hi: self.hi.minus(other.hi).max(Amount::ZERO),
        }
    }

    /// How much of this part is tainted when `tainted` of the lot is, nobody can tell which, and the rest
    /// of the lot can hold at most `rest` of it.
    #[must_use]
    pub fn tainted(self, tainted: Amount, rest: Amount) -> Self {
        let tainted = tainted.max(Amount::ZERO);
        let rest = rest.max(Amount::ZERO);
        let hi = tainted.min(self.hi);
        Self {
            lo: tainted.minus(rest).max(Amount::ZERO).min(self.lo).min(hi),
            hi,
        }
    }
}
