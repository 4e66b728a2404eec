//! Where the serial numbers of a world come from: real codes are issued by the product itself, so the
//! world asks for them.

/// Whoever issues serial numbers.
pub trait SerialSource {
    /// The next `count` serials of this GTIN (14 digits) and lot, never given before. They stand in a
    /// Digital Link as they are, so they hold only `A`–`Z`, `a`–`z`, `0`–`9`, `-`, `.`, `_`, `~`.
    fn take(&mut self, gtin: &str, lot: &str, count: usize) -> Vec<String>;
}

impl<F: FnMut(&str, &str, usize) -> Vec<String>> SerialSource for F {
    fn take(&mut self, gtin: &str, lot: &str, count: usize) -> Vec<String> {
        self(gtin, lot, count)
    }
}

/// Serials that count on: `T-0000001`, `T-0000002`, … The letter keeps them from being read as numbers.
#[derive(Debug, Clone, Default)]
pub struct PlainSerials(u64);

impl SerialSource for PlainSerials {
    fn take(&mut self, _gtin: &str, _lot: &str, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| {
                self.0 += 1;
                format!("T-{:07}", self.0)
            })
            .collect()
    }
}
