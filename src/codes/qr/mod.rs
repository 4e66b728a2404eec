//! QR symbols of links: the smallest that holds the text, its characters split into modes so that the
//! fewest bits are used, and the mask that ISO/IEC 18004 asks for. Rendering is in `render.rs`.
//!
//! Segmentation, error correction and fixed patterns come from the `qrcode` crate; placing the bits and
//! choosing the mask are done here on rows of bits, because that is nine tenths of the work.

mod grid;
mod penalty;
mod render;

use std::fmt;

use qrcode::types::QrError as Unencodable;
use qrcode::{Version, bits, ec};
use thiserror::Error;

use grid::{Grid, Template};
pub use render::{SCALE_MAX, Terminal};

/// The largest version made: 61 modules, 251 bytes at level M. A link that needs more is no label.
pub const VERSION_MAX: u8 = 11;

/// Modules a side of the largest version.
pub const MODULES_MAX: usize = 17 + 4 * VERSION_MAX as usize;

/// Light modules every symbol needs on each side.
pub const QUIET_ZONE: usize = 4;

/// Pixels a module of a PNG unless asked otherwise: a label's symbol is 300 pixels wide.
pub const PNG_SCALE: u32 = 8;

/// How much of a symbol may be lost and still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum EcLevel {
    /// About 7 %.
    L,
    /// About 15 %: what labels use.
    #[default]
    M,
    /// About 25 %.
    Q,
    /// About 30 %: for a symbol with a picture over it.
    H,
}

impl EcLevel {
    /// All levels, weakest first.
    pub const ALL: [Self; 4] = [Self::L, Self::M, Self::Q, Self::H];

    /// The letter of the standard.
    pub const fn letter(self) -> char {
        match self {
            Self::L => 'L',
            Self::M => 'M',
            Self::Q => 'Q',
            Self::H => 'H',
        }
    }

    const fn of_crate(self) -> qrcode::EcLevel {
        match self {
            Self::L => qrcode::EcLevel::L,
            Self::M => qrcode::EcLevel::M,
            Self::Q => qrcode::EcLevel::Q,
            Self::H => qrcode::EcLevel::H,
        }
    }
}

impl fmt::Display for EcLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

/// Why there is no symbol, or no picture of it.
#[derive(Debug, Error)]
pub enum QrError {
    /// More than the largest version holds.
    #[error(
        "a text of {length} bytes does not fit a QR symbol of {MODULES_MAX} modules at level {level}"
    )]
    TooLong {
        /// Bytes of the text.
        length: usize,
        /// The level asked for.
        level: EcLevel,
    },
    /// The encoder refused the text.
    #[error("the text cannot be written as a QR symbol")]
    Encode(#[source] Unencodable),
    /// A picture with no, or too many, pixels a module.
    #[error("scale {0} is not in 1..={SCALE_MAX} pixels a module")]
    Scale(u32),
    /// The PNG could not be written.
    #[error("the PNG could not be written")]
    Png(#[source] png::EncodingError),
}

/// A QR symbol.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    version: u8,
    ec_level: EcLevel,
    mask: u8,
    grid: Grid,
}

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Qr({}-{}, mask {})",
            self.version, self.ec_level, self.mask
        )
    }
}

impl Qr {
    /// The smallest symbol of a text at a level.
    pub fn of(text: &str, ec_level: EcLevel) -> Result<Self, QrError> {
        let too_long = || QrError::TooLong {
            length: text.len(),
            level: ec_level,
        };
        let bits =
            bits::encode_auto(text.as_bytes(), ec_level.of_crate()).map_err(|e| match e {
                Unencodable::DataTooLong => too_long(),
                other => QrError::Encode(other),
            })?;
        let version = match bits.version() {
            Version::Normal(number) => u8::try_from(number).ok(),
            Version::Micro(_) => None,
        };
        let Some(version) = version.filter(|version| *version <= VERSION_MAX) else {
            return Err(too_long());
        };
        let (data, check) = ec::construct_codewords(
            &bits.into_bytes(),
            Version::Normal(version.into()),
            ec_level.of_crate(),
        )
        .map_err(QrError::Encode)?;
        let (mask, grid) = Template::of(version, ec_level).symbol(&data, &check);
        Ok(Self {
            version,
            ec_level,
            mask,
            grid,
        })
    }

    /// The version, 1..=11.
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The level of error correction.
    pub const fn ec_level(&self) -> EcLevel {
        self.ec_level
    }

    /// The mask pattern chosen, 0..8.
    pub const fn mask(&self) -> u8 {
        self.mask
    }

    /// Modules a side, without the quiet zone.
    pub const fn modules(&self) -> usize {
        modules(self.version)
    }

    /// Whether a module is dark; outside the symbol none is.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.grid.is_dark(x, y)
    }
}

/// Modules a side of a version.
const fn modules(version: u8) -> usize {
    17 + 4 * version as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://ID.EXAMPLE.CN/01/09521234543213/21/02JN72Z6KYRAWY";

    #[test]
    fn our_link_is_version_3_at_level_m() {
        let qr = Qr::of(LINK, EcLevel::M).unwrap();
        assert_eq!((qr.version(), qr.modules()), (3, 29));
    }

    #[test]
    fn longer_texts_and_higher_levels_make_larger_symbols() {
        let versions = EcLevel::ALL.map(|level| Qr::of(LINK, level).unwrap().version());
        assert_eq!(versions, [3, 3, 4, 5]);
    }

    #[test]
    fn a_text_beyond_the_largest_version_is_refused() {
        let text = "x".repeat(252);

        assert_eq!(Qr::of(&text[..251], EcLevel::M).unwrap().version(), 11);
        let refusal = Qr::of(&text, EcLevel::M).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "a text of 252 bytes does not fit a QR symbol of 61 modules at level M"
        );
        assert!(matches!(
            Qr::of(&"x".repeat(4_000), EcLevel::L),
            Err(QrError::TooLong { .. })
        ));
    }

    #[test]
    fn debug_names_the_symbol() {
        let qr = Qr::of("A", EcLevel::H).unwrap();
        assert!(format!("{qr:?}").starts_with("Qr(1-H, mask "));
    }
}
