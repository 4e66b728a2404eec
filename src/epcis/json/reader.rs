//! The reader: values as a tree, or member by member where the caller wants to know byte ranges.

use std::borrow::Cow;
use std::collections::HashSet;

use super::cursor::{Broken, Cursor};
use super::text::string;
use super::{DEPTH_MAX, JsonFault, JsonRule, Value, push_token};

/// Up to this many members, keys are compared with each other; beyond it a set is built.
const COMPARED_KEYS_MAX: usize = 16;

/// Where the reader is, one step a level.
#[derive(Debug)]
enum Step<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

/// Reads a text once, from front to back.
///
/// Faults after which the extent of every value is still certain (a key twice, a surrogate without its
/// pair) are collected in [`Reader::faults`] and reading goes on; others end it.
#[derive(Debug)]
pub struct Reader<'a> {
    cursor: Cursor<'a>,
    path: Vec<Step<'a>>,
    keys: Keys<'a>,
    faults: Vec<JsonFault>,
}

/// Reads a whole text as one value. The first fault is the answer if there is any.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, JsonFault> {
    let mut reader = Reader::new(bytes)?;
    let value = reader.value()?;
    reader.end()?;
    match reader.faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(value),
    }
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`, which must be UTF-8 without a byte order mark.
    pub fn new(bytes: &'a [u8]) -> Result<Self, JsonFault> {
        let refuse = |rule, offset| JsonFault {
            rule,
            pointer: String::new(),
            offset,
        };
        let text = std::str::from_utf8(bytes)
            .map_err(|error| refuse(JsonRule::InvalidUtf8, error.valid_up_to()))?;
        if text.starts_with('\u{feff}') {
            return Err(refuse(JsonRule::ByteOrderMark, 0));
        }
        Ok(Self {
            cursor: Cursor { text, at: 0 },
            path: Vec::new(),
            keys: Keys::default(),
            faults: Vec::new(),
        })
    }

    /// The byte the reader stands on.
    pub fn position(&self) -> usize {
        self.cursor.at
    }

    /// The faults so far that did not end the reading, in the order of the text.
    pub fn faults(&self) -> &[JsonFault] {
        &self.faults
    }

    /// The pointer to where the reader is.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => push_token(&mut pointer, key),
                Step::Index(index) => push_token(&mut pointer, &index.to_string()),
            }
        }
        pointer
    }

    /// Steps over white space and tells the byte the next value begins with.
    pub fn peek(&mut self) -> Result<u8, JsonFault> {
        self.cursor.next_solid().map_err(|b| self.fault(b))
    }

    /// Reads one value of any kind.
    pub fn value(&mut self) -> Result<Value<'a>, JsonFault> {
        match self.peek()? {
            b'{' => {
                let mut members = Vec::new();
                self.members(|reader, key| {
                    let value = reader.value()?;
                    members.push((key, value));
                    Ok(())
                })?;
                Ok(Value::Object(members))
            }
            b'[' => {
                let mut elements = Vec::new();
                self.elements(|reader| {
                    elements.push(reader.value()?);
                    Ok(())
                })?;
                Ok(Value::Array(elements))
            }
            b'"' => Ok(Value::String(self.string()?)),
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'-' | b'0'..=b'9' => {
                let text = self.cursor.number().map_err(|b| self.fault(b))?;
                Ok(Value::Number(Cow::Borrowed(text)))
            }
            _ => Err(self.fault((JsonRule::Expected("a value"), self.cursor.at))),
        }
    }

    /// Reads an object; `each` is called with the reader on every member's value and must read it.
    pub fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), JsonFault>,
    ) -> Result<(), JsonFault> {
        self.open(b'{', "an object")?;
        if self.peek()? == b'}' {
            self.cursor.at += 1;
            return Ok(());
        }
        let mut seen = self.keys.open();
        loop {
            self.peek()?;
            let key_at = self.cursor.at;
            let key = self.string()?;
            self.path.push(Step::Key(key.clone()));
            if !self.keys.insert(&mut seen, key.clone()) {
                self.note((JsonRule::DuplicateKey, key_at));
            }
            self.cursor
                .expect(b':', "a colon")
                .map_err(|b| self.fault(b))?;
            self.peek()?;
            each(self, key)?;
            self.path.pop();
            match self.peek()? {
                b',' => self.cursor.at += 1,
                b'}' => {
                    self.cursor.at += 1;
                    self.keys.close(&seen);
                    return Ok(());
                }
                _ => return Err(self.fault((JsonRule::Expected("a comma or }"), self.cursor.at))),
            }
        }
    }

    /// Reads an array; `each` is called with the reader on every element and must read it.
    pub fn elements(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), JsonFault>,
    ) -> Result<(), JsonFault> {
        self.open(b'[', "an array")?;
        if self.peek()? == b']' {
            self.cursor.at += 1;
            return Ok(());
        }
        let mut index = 0;
        loop {
            self.peek()?;
            self.path.push(Step::Index(index));
            each(self)?;
            self.path.pop();
            index += 1;
            match self.peek()? {
                b',' => self.cursor.at += 1,
                b']' => {
                    self.cursor.at += 1;
                    return Ok(());
                }
                _ => return Err(self.fault((JsonRule::Expected("a comma or ]"), self.cursor.at))),
            }
        }
    }

    /// Makes sure that nothing but white space is left.
    pub fn end(&mut self) -> Result<(), JsonFault> {
        self.cursor.skip_space();
        if self.cursor.peek().is_some() {
            return Err(self.fault((JsonRule::TrailingText, self.cursor.at)));
        }
        Ok(())
    }

    fn open(&mut self, byte: u8, name: &'static str) -> Result<(), JsonFault> {
        if DEPTH_MAX <= self.path.len() {
            return Err(self.fault((JsonRule::TooDeep, self.cursor.at)));
        }
        self.cursor.expect(byte, name).map_err(|b| self.fault(b))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonFault> {
        let (text, lone) = string(&mut self.cursor).map_err(|b| self.fault(b))?;
        if let Some(lone) = lone {
            self.note(lone);
        }
        Ok(text)
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Result<Value<'a>, JsonFault> {
        self.cursor.word(word).map_err(|b| self.fault(b))?;
        Ok(value)
    }

    fn note(&mut self, broken: Broken) {
        let fault = self.fault(broken);
        debug_assert!(fault.rule.is_local());
        self.faults.push(fault);
    }

    fn fault(&self, (rule, offset): Broken) -> JsonFault {
        JsonFault {
            rule,
            pointer: self.pointer(),
            offset,
        }
    }
}

/// The keys of the objects being read, innermost last: one stack for all, so that an object costs no
/// allocation of its own.
#[derive(Debug, Default)]
struct Keys<'a> {
    stack: Vec<Cow<'a, str>>,
}

/// The keys of one object so far.
struct OwnKeys<'a> {
    start: usize,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    fn open(&self) -> OwnKeys<'a> {
        OwnKeys {
            start: self.stack.len(),
            many: HashSet::new(),
        }
    }

    fn close(&mut self, own: &OwnKeys<'a>) {
        self.stack.truncate(own.start);
    }

    /// Whether the key is new in its object.
    fn insert(&mut self, own: &mut OwnKeys<'a>, key: Cow<'a, str>) -> bool {
        let few = self.stack.get(own.start..).unwrap_or_default();
        if few.len() < COMPARED_KEYS_MAX {
            let new = !few.contains(&key);
            self.stack.push(key);
            return new;
        }
        if own.many.is_empty() {
            own.many.extend(few.iter().cloned());
        }
        own.many.insert(key)
    }
}
