//! Quantities: exact decimals, never floats.

/// An exact decimal: `digits × 10^-scale`, without zeros at the end of the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits as an integer.
    pub digits: i64,
    /// How many of them stand after the point.
    pub scale: u8,
}

/// Digits after the point that are kept: a microgram of a tonne is 12.
const SCALE_MAX: i64 = 18;

impl Decimal {
    /// From the text of a JSON number, `1.5e3` included. `None` if it does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction_kept = fraction.trim_end_matches('0');
        let mut digits: i64 = format!("{whole}{fraction_kept}").parse().ok()?;
        let mut scale = i64::try_from(fraction_kept.len())
            .ok()?
            .checked_sub(exponent)?;
        if digits == 0 {
            return Some(Self {
                digits: 0,
                scale: 0,
            });
        }
        while scale < 0 {
            digits = digits.checked_mul(10)?;
            scale += 1;
        }
        while 0 < scale && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        if SCALE_MAX < scale {
            return None;
        }
        let scale = u8::try_from(scale).ok()?;
        Some(Self { digits, scale })
    }

    /// Whether nothing stands after the point.
    pub fn is_whole(self) -> bool {
        self.scale == 0
    }
}

/// An element of a quantity list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityElement {
    /// The lot or class, as sent.
    pub epc_class: String,
    /// How much; `None` is "some of it", not zero.
    pub quantity: Option<Decimal>,
    /// The number's text as sent, present when `quantity` is.
    pub quantity_text: Option<String>,
    /// UN/CEFACT Rec 20 code; `None` with a quantity is a count of pieces.
    pub uom: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_texts_become_exact_decimals() {
        for (text, expect) in [
            ("0", Some((0, 0))),
            ("-0.00", Some((0, 0))),
            ("200", Some((200, 0))),
            ("200.50", Some((2005, 1))),
            ("55.7918652", Some((557_918_652, 7))),
            ("1.5e3", Some((1500, 0))),
            ("25E-1", Some((25, 1))),
            ("-3", Some((-3, 0))),
            ("1e-6", Some((1, 6))),
            ("9223372036854775807", Some((i64::MAX, 0))),
            ("9223372036854775808", None),
            ("1e-19", None),
            ("1e400", None),
            ("1e99999999999999999999", None),
            ("0e999999999999", Some((0, 0))),
        ] {
            let found = Decimal::parse(text).map(|d| (d.digits, d.scale));
            assert_eq!(found, expect, "{text}");
        }
    }
}
