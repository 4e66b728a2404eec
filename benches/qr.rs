//! QR symbols a second on one core, side by side with the `qrcode` crate on the same links:
//! `cargo bench --bench qr`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use qrcode::QrCode;
use suyuan::codes::qr::{EcLevel, Qr};
use suyuan::codes::{ComputedSerial, ItemNumber, KeyEpoch, MasterKey, PublicUrl, SerialBook};
use suyuan::gs1::Gtin;

/// Different links, taken in turn.
const LINKS: usize = 1024;

/// How long each way is measured.
const ROUND: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = MasterKey::from_bytes([0x5A; 32]).serial_key("bench", KeyEpoch::FIRST);
    let gtin = Gtin::parse("09521234543213")?;
    let url = PublicUrl::parse("https://id.example.cn")?;
    let mut serials = [ComputedSerial::default(); LINKS];
    SerialBook::new(&key, KeyEpoch::FIRST, gtin)
        .issue_range(ItemNumber::new(17, 0)?, &mut serials)?;
    let links: Vec<String> = serials
        .iter()
        .map(|serial| url.item_link(gtin, serial))
        .collect();

    let symbol = |link: &str| Qr::of(link, EcLevel::M);
    let modules = rate(&links, |link| Ok(symbol(link)?.modules()))?;
    report("symbol", modules);
    let path = rate(&links, |link| Ok(symbol(link)?.svg_path().len()))?;
    report("symbol and SVG path", path);
    let png = rate(&links, |link| Ok(symbol(link)?.to_png(8)?.len()))?;
    report("symbol and PNG", png);
    let theirs = rate(&links, |link| {
        Ok(QrCode::with_error_correction_level(link, qrcode::EcLevel::M)?.width())
    })?;
    report("qrcode crate, symbol", theirs);
    println!("symbols are made {:.1} times as fast", modules / theirs);
    Ok(())
}

fn rate(
    links: &[String],
    make: impl Fn(&str) -> Result<usize, Box<dyn std::error::Error>>,
) -> Result<f64, Box<dyn std::error::Error>> {
    make(&links[0])?;
    let begin = Instant::now();
    let mut made = 0_u32;
    for link in links.iter().cycle() {
        black_box(make(link)?);
        made += 1;
        if made.is_multiple_of(64) && begin.elapsed() >= ROUND {
            break;
        }
    }
    Ok(f64::from(made) / begin.elapsed().as_secs_f64())
}

fn report(what: &str, rate: f64) {
    println!("{what:<22} {rate:>10.0} /s");
}
