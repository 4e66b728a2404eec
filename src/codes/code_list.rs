//! The codes of a batch as a table for printers: CSV (RFC 4180), one code a line, in the order of their
//! indexes. The same batch is the same bytes every time. Memory does not grow with the batch.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::batch::Batch;
use super::serial::{ComputedSerial, ItemNumber};
use super::{MasterKey, PublicUrl};
use crate::gs1::Key;

/// Codes made and written at a time: a buffer of about half a megabyte.
const CHUNK: usize = 4_096;

/// The columns. Serial, GTIN and lot stand in quotes in every line: they are texts, though some of them
/// look like numbers. Link and index need none.
const HEADER: &str = "serial,link,gtin,lot,index\r\n";

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// SHA-256 of all bytes.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub bytes: u64,
}

/// Writes the codes of a batch and tells `progress` of every few thousand of them.
pub fn write_csv(
    batch: &Batch,
    master: &MasterKey,
    public_url: &PublicUrl,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Written> {
    let book = batch.book(master);
    let line = Line::of(batch, public_url);
    let mut out = Digesting {
        out,
        hash: Sha256::new(),
        bytes: 0,
    };
    out.write(HEADER.as_bytes())?;
    let mut serials = vec![ComputedSerial::default(); CHUNK];
    let mut lines = Vec::new();
    let mut next = batch.first_index();
    while next < batch.count {
        let left = usize::try_from(batch.count - next).unwrap_or(CHUNK);
        let serials = &mut serials[..left.min(CHUNK)];
        let first = ItemNumber::new(batch.number, next).map_err(io::Error::other)?;
        book.issue_range(first, serials).map_err(io::Error::other)?;
        lines.clear();
        for (serial, index) in serials.iter().zip(next..) {
            line.push(&mut lines, serial, index);
        }
        out.write(&lines)?;
        progress(serials.len() as u64);
        next += u32::try_from(serials.len()).map_err(io::Error::other)?;
    }
    Ok(Written {
        sha256: out.hash.finalize().into(),
        bytes: out.bytes,
    })
}

/// What all lines of a batch have in common.
struct Line {
    /// Between the two serials: `",https://HOST/01/{gtin}/21/`.
    before_link: String,
    /// After them: `,"{gtin}","{lot}",`.
    after_link: String,
}

impl Line {
    fn of(batch: &Batch, public_url: &PublicUrl) -> Self {
        let class = public_url.link(&Key::of_class(batch.gtin));
        Self {
            before_link: format!("\",{class}/21/"),
            after_link: format!(",\"{}\",\"{}\",", batch.gtin, batch.lot),
        }
    }

    fn push(&self, lines: &mut Vec<u8>, serial: &ComputedSerial, index: u32) {
        lines.push(b'"');
        lines.extend_from_slice(serial.as_bytes());
        lines.extend_from_slice(self.before_link.as_bytes());
        lines.extend_from_slice(serial.as_bytes());
        lines.extend_from_slice(self.after_link.as_bytes());
        push_number(lines, index);
        lines.extend_from_slice(b"\r\n");
    }
}

fn push_number(text: &mut Vec<u8>, number: u32) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    let mut left = number;
    loop {
        first -= 1;
        digits[first] = b"0123456789"[left as usize % 10];
        left /= 10;
        if left == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[first..]);
}

/// Counts and hashes what it passes on.
struct Digesting<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
    bytes: u64,
}

impl Digesting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{KEY_BYTES, KeyEpoch};
    use crate::epcis::Timestamp;
    use crate::gs1::{Gtin, Lot};

    const MASTER: MasterKey = MasterKey::from_bytes([7; KEY_BYTES]);

    fn batch(count: u32) -> Batch {
        Batch {
            id: "b".into(),
            gtin: Gtin::parse("09521234543213").unwrap(),
            number: 3,
            lot: Lot::parse("L-7").unwrap(),
            count,
            tenant: "dairy".into(),
            key_epoch: KeyEpoch::FIRST,
            issued_for: "dairy".into(),
            request_id: None,
            issued_at: Timestamp::from_micros(0),
            seq: 0,
        }
    }

    fn written(batch: &Batch) -> (Vec<u8>, Written) {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        let mut text = Vec::new();
        let written = write_csv(batch, &MASTER, &url, &mut text, &mut |_| {}).unwrap();
        (text, written)
    }

    #[test]
    fn a_line_has_serial_link_gtin_lot_and_index() {
        let batch = batch(2);
        let item = ItemNumber::new(3, 1).unwrap();
        let serial = batch.book(&MASTER).issue(item);
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        let link = url.item_link(batch.gtin, &serial);

        let (text, _) = written(&batch);

        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 4, "header, two codes, the end");
        assert_eq!(lines[0], "serial,link,gtin,lot,index");
        assert_eq!(
            lines[2],
            format!("\"{serial}\",{link},\"09521234543213\",\"L-7\",1")
        );
    }

    #[test]
    fn every_code_of_a_batch_of_many_chunks_is_there_once() {
        let count = 2 * u32::try_from(CHUNK).unwrap() + 5;
        let batch = batch(count);
        let book = batch.book(&MASTER);

        let (text, written) = written(&batch);

        assert_eq!(written.bytes, text.len() as u64);
        assert_eq!(written.sha256[..], Sha256::digest(&text)[..]);
        let mut rows = csv::Reader::from_reader(text.as_slice());
        let indexes: Vec<u32> = rows
            .records()
            .map(|row| {
                let row = row.unwrap();
                let serial = ComputedSerial::parse(&row[0]).unwrap();
                let item = book.open(&serial).unwrap();
                assert_eq!(item.batch(), 3);
                assert_eq!(row[4], item.index().to_string());
                item.index()
            })
            .collect();
        assert_eq!(indexes, (0..count).collect::<Vec<_>>());
    }

    #[test]
    fn progress_counts_every_code() {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        let mut seen = 0;
        let count = 9_000;

        write_csv(&batch(count), &MASTER, &url, &mut io::sink(), &mut |more| {
            seen += more;
        })
        .unwrap();

        assert_eq!(seen, u64::from(count));
    }

    #[test]
    fn a_sink_that_fails_fails_the_writing() {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        let mut room = [0_u8; 1_000];

        let failed = write_csv(
            &batch(100),
            &MASTER,
            &url,
            &mut room.as_mut_slice(),
            &mut |_| {},
        );

        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}
