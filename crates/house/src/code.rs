//! What a Rust file says, as the compiler's own tokens: comments are gone, strings are whole, macros are open.
//!
//! A search by regular expression would trip over comments, raw strings and numbers such as `pair.0.1`; a syntax
//! tree would stop at the door of each macro. Tokens do neither. Names are followed through the file's `use` lines
//! and no further: a name that arrives by a glob stays as it is written.

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use std::collections::BTreeMap;

/// One thing that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The line, counted from 1.
    pub line: usize,
    /// Whether only tests are built with it.
    pub in_test: bool,
    /// What it is.
    pub seen: Seen,
}

/// The kinds of things that rules ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A name or path: `f64`, `Instant::now`.
    Path(Vec<String>),
    /// A field or method after a dot: `unwrap`.
    Member(String),
    /// A macro that is called, by its last name: `todo`.
    Macro(String),
    /// The name of an attribute, or a name inside `cfg_attr`: `ignore`.
    Attribute(String),
    /// A number with a point, an exponent or a float's suffix.
    Float(String),
    /// A string, as it is written between its quotes.
    Text(String),
    /// A line of documentation.
    Doc(String),
}

/// A Rust file.
#[derive(Clone, Debug)]
pub struct Code {
    /// The file, from the root of the repository.
    pub file: String,
    /// What stands in it, in order.
    pub facts: Vec<Fact>,
    imports: BTreeMap<String, Vec<Vec<String>>>,
}

impl Code {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Says where the text stops being Rust.
    pub fn read(file: &str, text: &str) -> Result<Self, String> {
        let tokens: TokenStream = text.parse().map_err(|error| format!("{file}: {error}"))?;
        let mut code = Self { file: file.to_owned(), facts: Vec::new(), imports: BTreeMap::new() };
        code.walk(tokens, is_test_file(file));
        Ok(code)
    }

    /// The crate that the file belongs to: `ledger` for `crates/ledger/src/hold.rs`, `benches` for `benches/pairs.rs`.
    #[must_use]
    pub fn room(&self) -> &str {
        self.file.strip_prefix("crates/").unwrap_or(&self.file).split('/').next().unwrap_or_default()
    }

    /// All that a path may mean, with the file's `use` lines applied to its first name.
    #[must_use]
    pub fn meanings(&self, path: &[String]) -> Vec<Vec<String>> {
        match path.split_first().and_then(|(first, rest)| Some((self.imports.get(first)?, rest))) {
            Some((known, rest)) => known.iter().map(|full| [full, rest].concat()).collect(),
            None => vec![path.to_vec()],
        }
    }

    fn walk(&mut self, tokens: TokenStream, in_test: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        // An item under `#[cfg(test)]` or `#[test]` lasts to its first brace or semicolon.
        let (mut item_is_test, mut at) = (false, 0);
        while let Some(token) = tokens.get(at) {
            let (line, here) = (token.span().start().line, in_test || item_is_test);
            if let Some((group, length)) = attribute(&tokens, at) {
                item_is_test |= self.attribute(group, here, line);
                at += length;
                continue;
            }
            let before = previous_is_dot(&tokens, at);
            let mut push = |seen| self.facts.push(Fact { line, in_test: here, seen });
            match token {
                TokenTree::Punct(mark) if mark.as_char() == ';' => item_is_test = false,
                TokenTree::Punct(_) => {}
                TokenTree::Ident(name) if name == "use" && !before => {
                    let end = (at..tokens.len()).find(|&end| is_punct(tokens.get(end), ';')).unwrap_or(tokens.len());
                    self.import(&tokens[at + 1..end], &[]);
                }
                TokenTree::Ident(name) if before => push(Seen::Member(name.to_string())),
                TokenTree::Ident(_) => {
                    let (path, length) = path(&tokens, at);
                    let calls = is_punct(tokens.get(at + length), '!')
                        && matches!(tokens.get(at + length + 1), Some(TokenTree::Group(_)));
                    push(if calls { Seen::Macro(path[path.len() - 1].clone()) } else { Seen::Path(path) });
                    at += length;
                    continue;
                }
                TokenTree::Literal(literal) => {
                    if let Some(seen) = value(literal, before) {
                        push(seen);
                    }
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), here);
                    if group.delimiter() == Delimiter::Brace {
                        item_is_test = false;
                    }
                }
            }
            at += 1;
        }
    }

    /// Notes an attribute, and answers whether what follows is only built for tests.
    fn attribute(&mut self, group: &Group, in_test: bool, line: usize) -> bool {
        let tokens: Vec<_> = group.stream().into_iter().collect();
        let (name, length) = path(&tokens, 0);
        let name = name.last().cloned().unwrap_or_default();
        if name == "doc" {
            let text = tokens.iter().map(ToString::to_string).collect::<String>();
            self.facts.push(Fact { line, in_test, seen: Seen::Doc(text) });
            return false;
        }
        self.facts.push(Fact { line, in_test, seen: Seen::Attribute(name.clone()) });
        let inside: TokenStream = tokens[length..].iter().cloned().collect();
        let words = words(&inside);
        if name == "cfg_attr" {
            let seen = words.iter().map(|word| Fact { line, in_test, seen: Seen::Attribute(word.clone()) });
            self.facts.extend(seen);
        }
        self.walk(inside, in_test);
        name == "test" || (name == "cfg" && words == ["test"])
    }

    /// Reads one tree of a `use` line: `std::{time::Instant, fmt as f}`.
    fn import(&mut self, tokens: &[TokenTree], prefix: &[String]) {
        for branch in tokens.split(|token| is_punct(Some(token), ',')) {
            let mut full = prefix.to_vec();
            let mut rename = None;
            for (at, token) in branch.iter().enumerate() {
                match token {
                    TokenTree::Ident(word) if word == "as" => rename = branch.get(at + 1).map(ToString::to_string),
                    TokenTree::Ident(word) if rename.is_none() && word != "self" => full.push(word.to_string()),
                    TokenTree::Group(group) => self.import(&group.stream().into_iter().collect::<Vec<_>>(), &full),
                    _ => {}
                }
            }
            let ends_here = !branch.is_empty() && !matches!(branch.last(), Some(TokenTree::Group(_)));
            if let Some(last) = full.last().filter(|_| ends_here) {
                let name = rename.unwrap_or_else(|| last.clone());
                self.imports.entry(name).or_default().push(full);
            }
        }
    }
}

fn is_test_file(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.split('/').any(|folder| ["tests", "benches", "examples"].contains(&folder))
}

/// The attribute that begins here, and how many tokens it takes: `#[...]` or `#![...]`.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    let skip = if is_punct(tokens.get(at + 1), '!') { 2 } else { 1 };
    match tokens.get(at + skip).filter(|_| is_punct(tokens.get(at), '#')) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some((group, skip + 1)),
        _ => None,
    }
}

/// The path that begins here, and how many tokens it takes.
fn path(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let (mut names, mut next) = (Vec::new(), at);
    while let Some(TokenTree::Ident(name)) = tokens.get(next) {
        names.push(name.to_string());
        next += 1;
        let goes_on = is_punct(tokens.get(next), ':')
            && is_punct(tokens.get(next + 1), ':')
            && matches!(tokens.get(next + 2), Some(TokenTree::Ident(_)));
        if !goes_on {
            break;
        }
        next += 2;
    }
    (names, next - at)
}

/// Whether a single dot stands before: a field or a method, but not the end of a range.
fn previous_is_dot(tokens: &[TokenTree], at: usize) -> bool {
    let dot = |back: usize| at >= back && is_punct(tokens.get(at - back), '.');
    dot(1) && !dot(2)
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// A string or a float. After a dot, `0.1` is two fields of nested tuples.
fn value(literal: &Literal, after_dot: bool) -> Option<Seen> {
    let text = literal.to_string();
    if let (Some(first), Some(last)) = (text.find('"'), text.rfind('"')) {
        return Some(Seen::Text(text[first + 1..last.max(first + 1)].to_owned()));
    }
    let is_number = text.starts_with(|first: char| first.is_ascii_digit()) && !text.starts_with("0x");
    let has_float = text.ends_with("f32") || text.ends_with("f64") || text.contains(['.', 'e', 'E']);
    // `usize` and `isize` are suffixes with an `e` of their own.
    let is_float = is_number && has_float && !text.ends_with("size") && !after_dot;
    is_float.then_some(Seen::Float(text))
}

fn words(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => found.push(word.to_string()),
            TokenTree::Group(group) => found.extend(words(&group.stream())),
            _ => {}
        }
    }
    found
}
