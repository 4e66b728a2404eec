//! Serials a second on one core, side by side with FF1 of the `fpe` crate on the same items:
//! `cargo bench --bench serial`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};
use suyuan::codes::{ComputedSerial, ItemNumber, KeyEpoch, MasterKey, SerialBook, base32};
use suyuan::gs1::Gtin;

/// Serials of a buffer: what an export holds at a time.
const BUFFER: usize = 4096;

/// How long each way is measured.
const ROUND: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = MasterKey::from_bytes([0x5A; 32]).serial_key("bench", KeyEpoch::FIRST);
    let gtin = Gtin::parse("09521234543213")?;
    let book = SerialBook::new(&key, KeyEpoch::FIRST, gtin);
    let item = |index| ItemNumber::new(17, index);

    let mut buffer = vec![ComputedSerial::default(); BUFFER];
    let mut index = 0;
    let issue_range = rate(BUFFER, || {
        index = (index + 4096) % (1 << 24);
        book.issue_range(item(index)?, &mut buffer)?;
        black_box(&buffer);
        Ok(())
    })?;
    report("issue_range", issue_range, issue_range);

    let issue = rate(BUFFER, || {
        for index in 0..4096 {
            black_box(book.issue(item(index)?));
        }
        Ok(())
    })?;
    report("issue, one by one", issue, issue_range);

    book.issue_range(item(0)?, &mut buffer)?;
    let open = rate(BUFFER, || {
        for serial in &buffer {
            black_box(book.open(serial));
        }
        Ok(())
    })?;
    report("open, one by one", open, issue_range);

    let theirs = FF1::<Aes256>::new(key.as_bytes(), 32).map_err(|e| format!("{e:?}"))?;
    let mut index = 0_u32;
    let fpe = rate(BUFFER, || {
        for serial in &mut buffer {
            index = (index + 1) % (1 << 24);
            *serial = with_fpe(&theirs, gtin, 17, index)?;
        }
        black_box(&buffer);
        Ok(())
    })?;
    report("fpe crate", fpe, issue_range);

    let expected = book.issue(item(index)?);
    if buffer.last() != Some(&expected) {
        return Err("the two ways do not agree".into());
    }
    Ok(())
}

/// The serial as the `fpe` crate makes it.
fn with_fpe(
    ff1: &FF1<Aes256>,
    gtin: Gtin,
    batch: u32,
    index: u32,
) -> Result<ComputedSerial, String> {
    let value = (u128::from(batch) << 24 | u128::from(index)) << 21;
    let numerals: Vec<u16> = (0..13)
        .rev()
        .map(|place| (value >> (5 * place) & 31) as u16)
        .collect();
    let image = ff1
        .encrypt(
            gtin.as_str().as_bytes(),
            &FlexibleNumeralString::from(numerals),
        )
        .map_err(|e| e.to_string())?;
    let mut text = String::from("0");
    for numeral in Vec::from(image) {
        let numeral = u8::try_from(numeral).map_err(|e| e.to_string())?;
        text.push(char::from(base32::character(numeral)));
    }
    ComputedSerial::parse(&text).ok_or(text)
}

/// Items a second of a way that makes `each` of them a run.
fn rate(
    each: usize,
    mut run: impl FnMut() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<f64, Box<dyn std::error::Error>> {
    run()?;
    let begin = Instant::now();
    let mut runs = 0_u32;
    while begin.elapsed() < ROUND {
        run()?;
        runs += 1;
    }
    let items = f64::from(runs) * f64::from(u32::try_from(each)?);
    Ok(items / begin.elapsed().as_secs_f64())
}

fn report(what: &str, rate: f64, best: f64) {
    println!(
        "{what:<20} {:>8.3} M/s  {:>6.1} times slower than issue_range",
        rate / 1e6,
        best / rate
    );
}
