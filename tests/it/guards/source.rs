//! Reads Rust source as far as the guards need it: tokens, string literals, and every path that starts in this crate.

use std::path::{Path, PathBuf};

/// One file, as the guards see it.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path from the package's folder, with `/` between the parts.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    /// Names, punctuation (`::` is one token) and literals, in order.
    pub(super) tokens: Vec<Token>,
}

/// A token and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// The line, counted from 1.
    pub(super) line: usize,
    /// What it is.
    pub(super) kind: TokenKind,
}

/// A token of Rust source, as roughly as the guards need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, keyword or number.
    Word(String),
    /// A string literal's content, escapes as written.
    Text(String),
    /// Any other character; `:` stands for a single colon, `\u{2237}` (∷) for a double one.
    Mark(char),
}

/// `::`
pub(super) const DOUBLE_COLON: char = '\u{2237}';

/// A path from the root of the crate, such as `["db", "schema"]`; a glob ends in `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CratePath {
    /// The line it ends on.
    pub(super) line: usize,
    /// Its names.
    pub(super) names: Vec<String>,
}

impl Source {
    /// A file that may not exist: the guards' own tests make them up.
    pub(super) fn new(name: String, text: String) -> Self {
        let tokens = tokens(&text);
        Self { name, text, tokens }
    }

    /// The modules of the crate that lead to this file: `src/db/conn.rs` is `["db", "conn"]`.
    pub(super) fn module(&self) -> Vec<&str> {
        let path = self.name.strip_prefix("src/").unwrap_or(&self.name);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let mut names: Vec<&str> = path.split('/').collect();
        if matches!(names.last(), Some(&("mod" | "lib" | "main"))) {
            names.pop();
        }
        names
    }

    /// Every path that starts with `crate` or reaches the crate's root by `super`, groups taken apart.
    pub(super) fn crate_paths(&self) -> Vec<CratePath> {
        let module: Vec<String> = self.module().iter().map(ToString::to_string).collect();
        let mut paths = Vec::new();
        // Inline modules that are open, and the depth of braces each was opened at.
        let mut inline: Vec<(String, usize)> = Vec::new();
        let mut depth = 0;
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            match &token.kind {
                TokenKind::Mark('{') => {
                    depth += 1;
                    if let [.., TokenKind::Word(keyword), TokenKind::Word(name)] =
                        &self.kinds_before(at)[..]
                        && keyword == "mod"
                    {
                        inline.push((name.clone(), depth));
                    }
                }
                TokenKind::Mark('}') => {
                    if inline.last().is_some_and(|(_, opened)| *opened == depth) {
                        inline.pop();
                    }
                    depth -= 1;
                }
                TokenKind::Word(word)
                    if matches!(word.as_str(), "crate" | "super" | "self")
                        && !self.is_mark(at.wrapping_sub(1), DOUBLE_COLON)
                        && self.is_mark(at + 1, DOUBLE_COLON) =>
                {
                    let mut here = module.clone();
                    here.extend(inline.iter().map(|(name, _)| name.clone()));
                    if word == "crate" {
                        here.clear();
                    } else if word == "super" {
                        here.pop();
                    }
                    at = self.read_tree(at + 1, here, &mut paths);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        paths
    }

    /// Reads what follows a prefix: names joined by `::`, a group or a glob. Gives the next token's place.
    fn read_tree(&self, from: usize, prefix: Vec<String>, paths: &mut Vec<CratePath>) -> usize {
        let mut at = from;
        let mut names = prefix;
        while self.is_mark(at, DOUBLE_COLON) {
            match self.tokens.get(at + 1).map(|token| &token.kind) {
                Some(TokenKind::Word(word)) if word == "super" => {
                    names.pop();
                }
                Some(TokenKind::Word(word)) if word == "self" => {}
                Some(TokenKind::Word(word)) => names.push(word.clone()),
                Some(TokenKind::Mark('*')) => names.push("*".to_owned()),
                Some(TokenKind::Mark('{')) => return self.read_group(at + 2, &names, paths),
                _ => break,
            }
            at += 2;
        }
        let line = self.tokens[at.min(self.tokens.len()) - 1].line;
        paths.push(CratePath { line, names });
        at
    }

    /// Reads the members of a group up to its closing brace.
    fn read_group(&self, from: usize, prefix: &[String], paths: &mut Vec<CratePath>) -> usize {
        let mut at = from;
        while let Some(token) = self.tokens.get(at) {
            let mut names = prefix.to_vec();
            match &token.kind {
                TokenKind::Mark('}') => return at + 1,
                TokenKind::Word(word) if word == "as" => {
                    at += 2;
                    continue;
                }
                TokenKind::Word(word) if word == "self" => {}
                TokenKind::Word(word) => names.push(word.clone()),
                TokenKind::Mark('*') => names.push("*".to_owned()),
                _ => {
                    at += 1;
                    continue;
                }
            }
            at = self.read_tree(at + 1, names, paths);
        }
        at
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == TokenKind::Mark(mark))
    }

    fn kinds_before(&self, at: usize) -> Vec<TokenKind> {
        self.tokens[at.saturating_sub(2)..at]
            .iter()
            .map(|token| token.kind.clone())
            .collect()
    }
}

/// Every file below these folders with this ending, sorted by name.
pub(super) fn files(folders: &[&str], ending: &str) -> Vec<Source> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| package.join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let name = path.strip_prefix(package).unwrap().to_str().unwrap();
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source::new(name.replace('\\', "/"), text));
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < chars.len() {
        let (end, kind) = next_token(&chars, at);
        if let Some(kind) = kind {
            tokens.push(Token { line, kind });
        }
        line += chars[at..end].iter().filter(|&&c| c == '\n').count();
        at = end;
    }
    tokens
}

/// The end of what starts here, and the token it is; comments and spaces are none.
fn next_token(chars: &[char], at: usize) -> (usize, Option<TokenKind>) {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => (find(chars, at, |rest| rest[0] == '\n'), None),
        '/' if next == Some('*') => (end_of_block_comment(chars, at), None),
        '"' => {
            let end = end_of_string(chars, at + 1);
            (end, Some(text_between(chars, at + 1, end - 1)))
        }
        'r' if matches!(next, Some('"' | '#')) && raw_hashes(chars, at + 1).is_some() => {
            raw_string(chars, at + 1)
        }
        'b' if next == Some('r') && raw_hashes(chars, at + 2).is_some() => {
            raw_string(chars, at + 2)
        }
        '\'' => (end_of_quote(chars, at), None),
        ':' if next == Some(':') => (at + 2, Some(TokenKind::Mark(DOUBLE_COLON))),
        c if c.is_alphanumeric() || c == '_' => {
            let end = find(chars, at, |rest| {
                !(rest[0].is_alphanumeric() || rest[0] == '_')
            });
            let word = chars[at..end].iter().collect();
            (end, Some(TokenKind::Word(word)))
        }
        c if c.is_whitespace() => (at + 1, None),
        c => (at + 1, Some(TokenKind::Mark(c))),
    }
}

fn text_between(chars: &[char], from: usize, to: usize) -> TokenKind {
    TokenKind::Text(chars[from..to.max(from)].iter().collect())
}

fn find(chars: &[char], from: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len())
        .find(|&at| is_end(&chars[at..]))
        .unwrap_or(chars.len())
}

fn end_of_block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => {
                depth += 1;
                at += 2;
            }
            ('*', '/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    chars.len()
}

fn end_of_string(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The number of `#` before the quote of a raw string that starts here.
fn raw_hashes(chars: &[char], from: usize) -> Option<usize> {
    let end = find(chars, from, |rest| rest[0] != '#');
    (chars.get(end) == Some(&'"')).then_some(end - from)
}

fn raw_string(chars: &[char], from: usize) -> (usize, Option<TokenKind>) {
    let hashes = raw_hashes(chars, from).unwrap_or(0);
    let start = from + hashes + 1;
    let close = find(chars, start, |rest| {
        rest[0] == '"' && rest.len() > hashes && rest[1..].iter().take(hashes).all(|&c| c == '#')
    });
    (
        (close + 1 + hashes).min(chars.len()),
        Some(text_between(chars, start, close)),
    )
}

/// A character literal to its end; a lifetime or label only past its quote.
fn end_of_quote(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => find(chars, at + 3, |rest| rest[0] == '\'') + 1,
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, TokenKind};

    fn paths(name: &str, text: &str) -> Vec<String> {
        let source = Source::new(name.to_owned(), text.to_owned());
        source
            .crate_paths()
            .into_iter()
            .map(|path| path.names.join("::"))
            .collect()
    }

    #[test]
    fn paths_are_found_in_groups_expressions_and_behind_super() {
        let text = "
            use crate::{db::{self, Conn as C, schema::*}, gs1::Gtin};
            use super::super::ledger::append;
            fn f() { crate::codes::issue::<u8>(self::x()) }
            mod tests { use super::super::super::web::App; mod deep { use super::y; } }
            use super::z;
        ";

        assert_eq!(
            paths("src/trace/log.rs", text),
            [
                "db",
                "db::Conn",
                "db::schema::*",
                "gs1::Gtin",
                "ledger::append",
                "codes::issue",
                "trace::log::x",
                "web::App",
                "trace::log::tests::y",
                "trace::z",
            ]
        );
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = r##"
            // crate::a::b
            /* crate::a::b /* crate::c */ crate::d */
            const A: (&str, &str, char, char) = ("crate::e \" crate::f", r#"crate::g " "#, '"', '\'');
            fn f<'a>(_: &'a str) { crate::h::i() }
        "##;

        assert_eq!(paths("src/lib.rs", text), ["h::i"]);
    }

    #[test]
    fn tokens_know_their_line_and_strings_their_text() {
        let source = Source::new("src/x.rs".into(), "a\n\"b\nc\" d".into());

        let seen: Vec<_> = source
            .tokens
            .iter()
            .map(|token| (token.line, token.kind.clone()))
            .collect();
        assert_eq!(
            seen,
            [
                (1, TokenKind::Word("a".into())),
                (2, TokenKind::Text("b\nc".into())),
                (3, TokenKind::Word("d".into())),
            ]
        );
    }
}
