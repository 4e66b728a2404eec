//! Pictures of a symbol: SVG for artwork, PNG for screens and label printers, half blocks for terminals.
//! All of them have the quiet zone and show dark modules dark.

use super::{QUIET_ZONE, Qr, QrError};

/// Most pixels a module of a PNG.
pub const SCALE_MAX: u32 = 64;

/// Bytes of a run of dark modules in a path, at most: `M64 64h61v1h-61z`.
const RUN_BYTES: usize = 16;

/// Runs of dark modules in most rows, at most.
const RUNS_A_ROW: usize = 12;

/// How a terminal shows dark and light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// Black on white by escape sequences, whatever the terminal's own colours.
    Coloured,
    /// Characters alone, for a file or a terminal that writes light on dark: light modules are drawn.
    Plain,
}

/// Black characters on a white ground, of the 256-colour palette, which themes do not change.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";

/// Back to the terminal's own colours.
const RESET: &str = "\x1b[0m";

impl Qr {
    /// Modules a side, the quiet zone included.
    pub const fn modules_with_quiet_zone(&self) -> usize {
        self.modules() + 2 * QUIET_ZONE
    }

    /// An SVG of one unit a module: a white ground and one path of runs of dark modules.
    pub fn to_svg(&self) -> String {
        let side = self.modules_with_quiet_zone();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\""
        );
        svg.push_str(&self.svg_path());
        svg.push_str("\"/></svg>\n");
        svg
    }

    /// The path data of the dark modules, one unit a module, the quiet zone included: for artwork that
    /// has several symbols.
    pub fn svg_path(&self) -> String {
        let mut path = String::with_capacity(RUN_BYTES * RUNS_A_ROW * self.modules());
        for (row, y) in self.grid.rows().iter().zip(QUIET_ZONE..) {
            let mut left = *row;
            while left != 0 {
                let x = left.trailing_zeros();
                let length = (left >> x).trailing_ones();
                left &= !(((1 << length) - 1) << x);
                let place = |modules: u32| modules as usize;
                path.push('M');
                push_number(&mut path, place(x) + QUIET_ZONE);
                path.push(' ');
                push_number(&mut path, y);
                path.push('h');
                push_number(&mut path, place(length));
                path.push_str("v1h-");
                push_number(&mut path, place(length));
                path.push('z');
            }
        }
        path
    }

    /// A PNG of one bit a pixel with so many pixels a module.
    pub fn to_png(&self, scale: u32) -> Result<Vec<u8>, QrError> {
        let pixels_a_module = match usize::try_from(scale) {
            Ok(pixels) if (1..=SCALE_MAX).contains(&scale) => pixels,
            _ => return Err(QrError::Scale(scale)),
        };
        let side = self.modules_with_quiet_zone();
        let line_bytes = (side * pixels_a_module).div_ceil(8);
        let mut image = Vec::with_capacity(line_bytes * side * pixels_a_module);
        let mut line = vec![0; line_bytes];
        for y in 0..side {
            line.fill(0xFF);
            for x in (0..side).filter(|x| self.is_dark_in_zone(*x, y)) {
                for pixel in x * pixels_a_module..(x + 1) * pixels_a_module {
                    line[pixel / 8] &= !(0x80 >> (pixel % 8));
                }
            }
            for _ in 0..pixels_a_module {
                image.extend_from_slice(&line);
            }
        }
        let pixels = u32::try_from(side * pixels_a_module).unwrap_or(u32::MAX);
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, pixels, pixels);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        // Lines repeat: what differs from the line above is little.
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Up);
        let mut writer = encoder.write_header().map_err(QrError::Png)?;
        writer.write_image_data(&image).map_err(QrError::Png)?;
        writer.finish().map_err(QrError::Png)?;
        Ok(png)
    }

    /// Lines for a terminal, two rows of modules in each.
    pub fn to_terminal(&self, terminal: Terminal) -> String {
        let side = self.modules_with_quiet_zone();
        let mut lines = String::new();
        for y in (0..side).step_by(2) {
            if terminal == Terminal::Coloured {
                lines.push_str(BLACK_ON_WHITE);
            }
            for x in 0..side {
                let drawn = |y| match terminal {
                    Terminal::Coloured => self.is_dark_in_zone(x, y),
                    Terminal::Plain => y < side && !self.is_dark_in_zone(x, y),
                };
                lines.push(match (drawn(y), drawn(y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            if terminal == Terminal::Coloured {
                lines.push_str(RESET);
            }
            lines.push('\n');
        }
        lines
    }

    /// Whether a module is dark, counted from the corner of the quiet zone.
    fn is_dark_in_zone(&self, x: usize, y: usize) -> bool {
        x >= QUIET_ZONE && y >= QUIET_ZONE && self.is_dark(x - QUIET_ZONE, y - QUIET_ZONE)
    }
}

/// Appends a number below 100, as all are in a symbol with its quiet zone.
fn push_number(text: &mut String, number: usize) {
    let digit = |value: usize| char::from(b"0123456789"[value % 10]);
    if number >= 10 {
        text.push(digit(number / 10));
    }
    text.push(digit(number));
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use rqrr::{MetaData, PreparedImage};

    use super::super::EcLevel;
    use super::*;

    const LINK: &str = "https://ID.EXAMPLE.CN/01/09521234543213/21/02JN72Z6KYRAWY";

    fn qr() -> Qr {
        Qr::of(LINK, EcLevel::M).unwrap()
    }

    /// Reads a square picture with a decoder of other people's.
    fn decode(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> (MetaData, String) {
        let shade = |x, y| if is_dark(x, y) { 0 } else { 255 };
        let mut picture = PreparedImage::prepare_from_greyscale(side, side, shade);
        let symbols = picture.detect_grids();
        assert_eq!(symbols.len(), 1, "symbols found");
        symbols[0].decode().unwrap()
    }

    /// Pixels of the dark runs of an SVG path, four a module.
    fn painted(path: &str, side: usize) -> Vec<Vec<bool>> {
        let mut modules = vec![vec![false; side]; side];
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, rest) = rest.split_once('v').unwrap();
            assert_eq!(rest, format!("1h-{length}z"));
            let (x, length): (usize, usize) = (x.parse().unwrap(), length.parse().unwrap());
            modules[y.parse::<usize>().unwrap()][x..x + length].fill(true);
        }
        modules
    }

    #[test]
    fn the_svg_is_read_by_an_independent_decoder() {
        let svg = qr().to_svg();
        let (_, path) = svg.rsplit_once(" d=\"").unwrap();
        let modules = painted(path.strip_suffix("\"/></svg>\n").unwrap(), 37);

        let (meta, text) = decode(37 * 4, |x, y| modules[y / 4][x / 4]);

        assert_eq!(text, LINK);
        assert_eq!(meta.version.to_size(), 29);
        assert!(svg.contains("viewBox=\"0 0 37 37\" shape-rendering=\"crispEdges\""));
        assert!(svg.len() < 4_000, "runs, not modules: {} bytes", svg.len());
    }

    #[test]
    fn the_png_is_read_by_an_independent_decoder() {
        for scale in [3, 8] {
            let png = qr().to_png(scale).unwrap();
            let mut reader = png::Decoder::new(Cursor::new(&png)).read_info().unwrap();
            let mut bits = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut bits).unwrap();
            assert_eq!(frame.bit_depth, png::BitDepth::One);
            assert_eq!(frame.width, 37 * scale);
            assert!(
                png.len() < 2_000,
                "{} bytes at {scale} pixels a module",
                png.len()
            );

            let side = frame.width as usize;
            let is_dark =
                |x: usize, y: usize| bits[y * frame.line_size + x / 8] >> (7 - x % 8) & 1 == 0;

            assert_eq!(decode(side, is_dark).1, LINK);
        }
    }

    #[test]
    fn the_terminal_shows_it_with_and_without_colours() {
        for terminal in [Terminal::Coloured, Terminal::Plain] {
            let shown = qr().to_terminal(terminal);
            assert_eq!(shown.contains('\x1b'), terminal == Terminal::Coloured);
            let plain = shown.replace(BLACK_ON_WHITE, "").replace(RESET, "");
            let lines: Vec<Vec<char>> = plain.lines().map(|line| line.chars().collect()).collect();
            assert_eq!(lines.len(), 19, "two rows of modules a line");

            let is_dark = |x: usize, y: usize| {
                let upper = y.is_multiple_of(2);
                let drawn = match lines[y / 2][x] {
                    '█' => true,
                    '▀' => upper,
                    '▄' => !upper,
                    _ => false,
                };
                drawn == (terminal == Terminal::Coloured)
            };

            assert_eq!(decode(37 * 4, |x, y| is_dark(x / 4, y / 4)).1, LINK);
        }
    }

    #[test]
    fn symbols_of_all_sizes_and_levels_are_read() {
        for level in EcLevel::ALL {
            for length in [1, 12, 27, 50, 77, 101, 130] {
                let text: String = "suyuan 溯源 0123456789 ABC-$"
                    .chars()
                    .cycle()
                    .take(length)
                    .collect();
                let Ok(qr) = Qr::of(&text, level) else {
                    assert!(text.len() > 137, "{level} holds {length} characters");
                    continue;
                };
                let side = qr.modules_with_quiet_zone();
                let (_, read) = decode(side * 4, |x, y| qr.is_dark_in_zone(x / 4, y / 4));
                assert_eq!(read, text, "{qr:?}");
            }
        }
    }

    #[test]
    fn scales_that_make_no_picture_are_refused() {
        for scale in [0, SCALE_MAX + 1, u32::MAX] {
            assert!(matches!(qr().to_png(scale), Err(QrError::Scale(found)) if found == scale));
        }
    }
}
