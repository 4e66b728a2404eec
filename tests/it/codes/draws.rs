use std::io::Cursor;

use rqrr::PreparedImage;

use super::writes::dairy_at_work;
use crate::harness::process::Workplace;

const LINK: &str = "https://ID.EXAMPLE.CN/01/09521234543213/21/02JN72Z6KYRAWY";
const URN: &str = "urn:epc:id:sgtin:9521234.054321.02JN72Z6KYRAWY";

/// Modules of a version 3 symbol with its quiet zone.
const SIDE: usize = 37;

/// Pixels a module when a path is painted.
const PIXELS: usize = 4;

/// Reads a square picture with a decoder of other people's.
fn decode(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    let shade = |x, y| if is_dark(x, y) { 0 } else { 255 };
    let mut picture = PreparedImage::prepare_from_greyscale(side, side, shade);
    let symbols = picture.detect_grids();
    assert_eq!(symbols.len(), 1, "symbols found");
    symbols[0].decode().unwrap().1
}

/// Paints the runs of dark modules of an SVG.
fn painted(svg: &str) -> Vec<Vec<bool>> {
    let (_, path) = svg.rsplit_once(" d=\"").unwrap();
    let (path, _) = path.split_once('"').unwrap();
    let mut modules = vec![vec![false; SIDE]; SIDE];
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
fn an_identifier_is_drawn_as_its_printed_link() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);

    let told = workplace
        .run(["qr", URN, "-o", "code.svg", "--json"])
        .expect_code(0)
        .json();

    assert_eq!(
        told,
        serde_json::json!({"version": 3, "ec_level": "M", "modules": 29})
    );
    let modules = painted(&std::fs::read_to_string(workplace.path("code.svg")).unwrap());
    let read = decode(SIDE * PIXELS, |x, y| modules[y / PIXELS][x / PIXELS]);
    assert_eq!(read, LINK);
}

#[test]
fn a_png_is_read_by_an_independent_decoder() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);

    workplace.run(["qr", LINK, "-o", "code.PNG"]).expect_code(0);

    let file = std::fs::read(workplace.path("code.PNG")).unwrap();
    let mut reader = png::Decoder::new(Cursor::new(&file)).read_info().unwrap();
    let mut bits = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bits).unwrap();
    let is_dark = |x: usize, y: usize| bits[y * frame.line_size + x / 8] >> (7 - x % 8) & 1 == 0;
    assert_eq!(decode(frame.width as usize, is_dark), LINK);
}

#[test]
fn without_a_file_the_picture_goes_to_standard_output() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);

    let svg = workplace.run(["qr", URN, "--format", "svg"]).expect_code(0);
    let plain = workplace.run(["qr", URN]).expect_code(0);

    assert!(svg.stdout.starts_with("<svg "), "{svg:#?}");
    assert_eq!(plain.stdout.lines().count(), SIDE.div_ceil(2));
    assert!(plain.stderr.contains(LINK), "{plain:#?}");
}

#[test]
fn an_ending_that_is_no_picture_of_ours_is_refused_unless_the_format_is_named() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);

    let refused = workplace.run(["qr", URN, "-o", "code.gif"]).expect_code(2);

    for format in [".gif", "svg", "png", "txt"] {
        assert!(refused.stderr.contains(format), "{refused:#?}");
    }
    assert!(!workplace.path("code.gif").exists());
    workplace.run(["qr", URN, "-o", "code.txt"]).expect_code(0);
    workplace
        .run(["qr", URN, "-o", "code.gif", "--format", "png"])
        .expect_code(0);
}

#[test]
fn what_is_no_identifier_is_not_drawn() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);

    let wrong = workplace
        .run(["qr", "(01)09521234543214(21)A1", "-o", "code.svg"])
        .expect_code(2);

    assert!(wrong.stderr.contains("check digit"), "{wrong:#?}");
    assert!(!workplace.path("code.svg").exists());
    let long = format!("https://a.cn/{}", "x".repeat(300));
    workplace.run(["qr", &long]).expect_code(2);
}
