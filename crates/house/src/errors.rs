//! The list of error codes in `docs/errors.md`, made from the code that answers with them.
//!
//! Each room that refuses has an `enum` whose variants carry their message, and a `fn code` that gives each
//! its stable code. Both are read here; so the list cannot drift from the program. A code counts as shown
//! when some test names it.

use std::collections::BTreeMap;

use crate::Tree;

/// One stable code.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// What is answered, in each room's words.
    pub messages: Vec<String>,
    /// The first test that names it.
    pub shown_in: Option<String>,
}

/// Where codes are made, in the order of the list.
const SOURCES: [&str; 5] = [
    "crates/ledger/src/refusal.rs",
    "crates/billing/src/refusal.rs",
    "crates/operations/src/error.rs",
    "crates/gateway/src/error.rs",
    "crates/web/src/problem.rs",
];

/// Every code of the tree.
#[must_use]
pub fn codes(tree: &Tree) -> BTreeMap<String, Code> {
    let mut codes: BTreeMap<String, Code> = BTreeMap::new();
    for (_, text) in tree.files.iter().filter(|(file, _)| SOURCES.contains(&file.as_str())) {
        let messages = messages(text);
        for (variant, code) in pairs(text) {
            let entry = codes.entry(code).or_default();
            if let Some(message) = messages.get(&variant).filter(|message| !entry.messages.contains(message)) {
                entry.messages.push(message.clone());
            }
        }
    }
    for (code, entry) in &mut codes {
        entry.shown_in =
            tree.files.iter().find(|(file, text)| is_test(file) && names(text, code)).map(|(file, _)| file.clone());
    }
    codes
}

/// The text of `docs/errors.md`.
#[must_use]
pub fn render(codes: &BTreeMap<String, Code>) -> String {
    let mut text = String::from(
        "# Errors\n\nEvery refusal has a stable code, the numbers that explain it, and what to do next. A refusal changed \
         nothing.\nThis page is made from the program (`TARE_ACCEPT=1 cargo test -p house --test errors` writes it \
         anew); names in\nbraces stand for the values of the moment.\n\n| code | what it says | shown by |\n|---|---|---|\n",
    );
    for (code, entry) in codes {
        let messages = entry.messages.join("<br>").replace('|', "\\|");
        let shown = entry.shown_in.as_deref().unwrap_or("nothing");
        text.push_str(&format!("| `{code}` | {messages} | [{shown}](../{shown}) |\n"));
    }
    text
}

fn is_test(file: &str) -> bool {
    (file.contains("/tests/") || file.starts_with("scenarios/")) && !file.starts_with("crates/house/")
}

/// Whether the code stands in the text as a word of its own.
fn names(text: &str, code: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices(code)
        .any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + code.len()..].chars().next()))
}

/// Variant and code, from the arms of `fn code`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let Some(body) = text.split("fn code(").nth(1) else { return Vec::new() };
    let body = body.split("\n    }\n").next().unwrap_or_default();
    let mut pairs = Vec::new();
    let mut waiting: Vec<String> = Vec::new();
    for (index, part) in body.split("Self::").enumerate().skip(1) {
        assert!(index > 0);
        waiting.push(part.chars().take_while(|c| c.is_ascii_alphanumeric()).collect());
        if let Some(code) = part.split_once("=>").and_then(|(_, right)| right.split('"').nth(1)) {
            pairs.extend(waiting.drain(..).map(|variant| (variant, code.to_owned())));
        }
    }
    pairs
}

/// Variant and message, from the `#[error]` above each variant.
fn messages(text: &str) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for part in text.split("#[error(").skip(1) {
        let Some((attribute, rest)) = part.split_once(")]\n") else { continue };
        let Some(quoted) = attribute.split_once('"').and_then(|(_, right)| right.rsplit_once('"')) else { continue };
        let message = quoted.0.replace("\\\"", "\"");
        let variant: String = rest
            .lines()
            .map(str::trim)
            .find(|line| !line.starts_with("///") && !line.starts_with("#["))
            .map(|line| line.chars().take_while(|c| c.is_ascii_alphanumeric()).collect())
            .unwrap_or_default();
        messages.insert(variant, message);
    }
    messages
}
