//! The modules of a symbol as bits of rows and, again, of columns. For every version and level a
//! template keeps what is the same in all symbols, once for each mask: fixed patterns, format and
//! version information, and the mask over empty data. A symbol is a template, inverted where
//! its data has ones.

use std::sync::OnceLock;

use qrcode::Version;
use qrcode::canvas::{Canvas, MaskPattern, Module};

use super::penalty::penalty;
use super::{EcLevel, MODULES_MAX, VERSION_MAX, modules};

/// The masks in the order of their numbers.
pub(super) const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// The column of the vertical timing pattern: data goes round it.
const TIMING_COLUMN: usize = 6;

/// Dark modules: bit x of row y, and bit y of column x.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    width: usize,
    rows: [u64; MODULES_MAX],
    columns: [u64; MODULES_MAX],
}

impl Grid {
    fn light(width: usize) -> Self {
        Self {
            width,
            rows: [0; MODULES_MAX],
            columns: [0; MODULES_MAX],
        }
    }

    pub(super) fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && self.rows().get(y).is_some_and(|row| row >> x & 1 == 1)
    }

    pub(super) fn rows(&self) -> &[u64] {
        &self.rows[..self.width]
    }

    pub(super) fn columns(&self) -> &[u64] {
        &self.columns[..self.width]
    }

    /// Inverts the module where `bit` is 1.
    fn flip(&mut self, x: usize, y: usize, bit: u64) {
        self.rows[y] ^= bit << x;
        self.columns[x] ^= bit << y;
    }

    fn xor(&self, other: &Self) -> Self {
        let mut grid = self.clone();
        for (mine, theirs) in grid.rows.iter_mut().zip(other.rows()) {
            *mine ^= theirs;
        }
        for (mine, theirs) in grid.columns.iter_mut().zip(other.columns()) {
            *mine ^= theirs;
        }
        grid
    }
}

/// What all symbols of a version and level share.
#[derive(Debug)]
pub(super) struct Template {
    /// Where the bits of the codewords go, in their order.
    places: Vec<(u8, u8)>,
    /// The symbol of no data under each mask.
    empty: [Grid; 8],
}

impl Template {
    /// The template of a version (1..=11) and level, made at first use.
    pub(super) fn of(version: u8, level: EcLevel) -> &'static Self {
        static TEMPLATES: [[OnceLock<Template>; EcLevel::ALL.len()]; VERSION_MAX as usize] =
            [const { [const { OnceLock::new() }; EcLevel::ALL.len()] }; VERSION_MAX as usize];
        TEMPLATES[usize::from(version) - 1][level as usize]
            .get_or_init(|| Self::make(version, level))
    }

    fn make(version: u8, level: EcLevel) -> Self {
        let width = modules(version);
        let mut canvas = Canvas::new(Version::Normal(version.into()), level.of_crate());
        canvas.draw_all_functional_patterns();
        let is_data = |x, y| canvas.get(coordinate(x), coordinate(y)) == Module::Empty;
        let places = zigzag(width)
            .filter(|(x, y)| is_data(*x, *y))
            .filter_map(|(x, y)| Some((u8::try_from(x).ok()?, u8::try_from(y).ok()?)))
            .collect();
        let empty = MASKS.map(|mask| {
            let mut masked = canvas.clone();
            masked.apply_mask(mask);
            let mut grid = Grid::light(width);
            for y in 0..width {
                for x in 0..width {
                    let dark = masked.get(coordinate(x), coordinate(y)).is_dark();
                    grid.flip(x, y, dark.into());
                }
            }
            grid
        });
        Self { places, empty }
    }

    /// The symbol of these codewords under the mask with the least penalty, the first of equals.
    pub(super) fn symbol(&self, data: &[u8], check: &[u8]) -> (u8, Grid) {
        let bits = self.placed(data, check);
        let mut best = (u32::MAX, 0, &self.empty[0]);
        for (empty, number) in self.empty.iter().zip(0..) {
            let penalty = penalty(&empty.xor(&bits));
            if penalty < best.0 {
                best = (penalty, number, empty);
            }
        }
        let (_, number, empty) = best;
        (number, empty.xor(&bits))
    }

    /// The codewords' bits at their places, everything else light.
    fn placed(&self, data: &[u8], check: &[u8]) -> Grid {
        let mut grid = Grid::light(self.empty[0].width);
        for (byte, places) in data.iter().chain(check).zip(self.places.chunks(8)) {
            for ((x, y), shift) in places.iter().zip((0..8).rev()) {
                grid.flip((*x).into(), (*y).into(), u64::from(byte >> shift & 1));
            }
        }
        grid
    }
}

/// All places in the order of the standard: two columns at a time from the right, first upwards, then
/// downwards, and so on; the right one of the two first.
fn zigzag(width: usize) -> impl Iterator<Item = (usize, usize)> {
    let beside_timing = |x: usize| if x <= TIMING_COLUMN { x - 1 } else { x };
    let pairs = (1..width).rev().step_by(2).map(beside_timing);
    pairs.enumerate().flat_map(move |(pair, right)| {
        (0..width).flat_map(move |step| {
            let y = if pair % 2 == 0 {
                width - 1 - step
            } else {
                step
            };
            [(right, y), (right - 1, y)]
        })
    })
}

/// A coordinate as the crate's canvas counts, of at most [`MODULES_MAX`].
fn coordinate(place: usize) -> i16 {
    i16::try_from(place).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, bits, ec};

    use super::*;

    #[test]
    fn every_version_level_and_mask_equals_the_canvas_of_the_crate() {
        for version in 1..=VERSION_MAX {
            for level in EcLevel::ALL {
                let of_crate = Version::Normal(version.into());
                let mut bits = bits::Bits::new(of_crate);
                bits.push_byte_data(b"\x5A\xC3q").unwrap();
                bits.push_terminator(level.of_crate()).unwrap();
                let (data, check) =
                    ec::construct_codewords(&bits.into_bytes(), of_crate, level.of_crate())
                        .unwrap();
                let template = Template::of(version, level);
                let placed = template.placed(&data, &check);
                for (mask, empty) in MASKS.into_iter().zip(&template.empty) {
                    let mut canvas = Canvas::new(of_crate, level.of_crate());
                    canvas.draw_all_functional_patterns();
                    canvas.draw_data(&data, &check);
                    canvas.apply_mask(mask);

                    let colours: Vec<bool> = canvas
                        .into_colors()
                        .into_iter()
                        .map(|colour| colour == Color::Dark)
                        .collect();

                    let grid = empty.xor(&placed);
                    let width = modules(version);
                    let ours = (0..width * width).map(|n| grid.is_dark(n % width, n / width));

                    assert_eq!(ours.collect::<Vec<_>>(), colours, "{version}-{level}");
                }
            }
        }
    }

    #[test]
    fn columns_say_what_rows_say() {
        let template = Template::of(3, EcLevel::M);
        let (_, grid) = template.symbol(&[0xA5; 44], &[0x3C; 26]);
        for x in 0..29 {
            for y in 0..29 {
                assert_eq!(grid.columns()[x] >> y & 1 == 1, grid.is_dark(x, y));
            }
        }
    }
}
