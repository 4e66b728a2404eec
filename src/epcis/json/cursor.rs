//! A place in the text, and the small steps a reader takes from it.

use super::JsonRule;

/// A rule broken at a byte.
pub(super) type Broken = (JsonRule, usize);

#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The next byte that is not white space; the cursor stands on it.
    pub(super) fn next_solid(&mut self) -> Result<u8, Broken> {
        self.skip_space();
        self.peek().ok_or((JsonRule::UnexpectedEnd, self.at))
    }

    /// Steps over `byte`, which must come next after white space.
    pub(super) fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), Broken> {
        if self.next_solid()? != byte {
            return Err((JsonRule::Expected(name), self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// Steps over `null`, `true` or `false`.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Broken> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        let cut_short = word.as_bytes().starts_with(rest);
        Err(if cut_short {
            (JsonRule::UnexpectedEnd, self.text.len())
        } else {
            (JsonRule::Expected("a value"), self.at)
        })
    }

    /// Steps over a number and returns its text.
    pub(super) fn number(&mut self) -> Result<&'a str, Broken> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err((JsonRule::BadNumber, start)),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits_due(start)?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits_due(start)?;
        }
        if let Some(b'0'..=b'9' | b'.' | b'a'..=b'z' | b'A'..=b'Z') = self.peek() {
            return Err((JsonRule::BadNumber, start));
        }
        Ok(self.slice(start, self.at))
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn digits_due(&mut self, start: usize) -> Result<(), Broken> {
        let before = self.at;
        self.digits();
        if self.at == before {
            return Err((JsonRule::BadNumber, start));
        }
        Ok(())
    }

    /// The text between two places the cursor has been; both stand on ASCII, so on character bounds.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }
}
