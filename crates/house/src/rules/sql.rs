//! Every line of SQL lives in `store`, so that one room knows the tables. The baselines of `benches` have their own
//! tables, which is their point.

use crate::{Seen, Tree, Violation};

/// What SQL begins with. In one case throughout, so that "Select a model" in a sentence is none.
const BEGINNINGS: &[(&str, &str)] = &[
    ("select", ""),
    ("insert into", ""),
    ("replace into", ""),
    ("delete from", ""),
    ("update", " set "),
    ("with", " as ("),
    ("create table", ""),
    ("create index", ""),
    ("create unique index", ""),
    ("create trigger", ""),
    ("create database", ""),
    ("create view", ""),
    ("create schema", ""),
    ("create function", ""),
    ("alter table", ""),
    ("drop table", ""),
    ("drop index", ""),
    ("drop database", ""),
    ("truncate table", ""),
    ("lock table", ""),
    ("begin immediate", ""),
    ("pragma", ""),
    ("vacuum into", ""),
];

/// Two of these in capitals make a piece of a statement, wherever it stands.
const WORDS: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "FROM",
    "WHERE",
    "JOIN",
    "VALUES",
    "SET",
    "ORDER BY",
    "GROUP BY",
    "ON CONFLICT",
    "RETURNING",
    "FOR UPDATE",
    "LIMIT",
    "UNION ALL",
    "IS NULL",
    "IS NOT NULL",
];

/// No string that reads like SQL, and no file of it, outside `store`.
#[must_use]
pub fn sql_in_store(tree: &Tree) -> Vec<Violation> {
    let refused = |file: &str, line: usize, found: String| Violation {
        file: file.to_owned(),
        line,
        rule: "every line of SQL lives in `store`",
        found,
        instead: "a function of the store, named for what it means".to_owned(),
    };
    let mut found = Vec::new();
    for (file, _) in tree.files.iter().filter(|(file, _)| file.ends_with(".sql") && !file.starts_with("crates/store/"))
    {
        found.push(refused(file, 1, "a file of SQL".to_owned()));
    }
    for file in tree.code.iter().filter(|file| !["store", "benches", "house"].contains(&file.room())) {
        for fact in &file.facts {
            if let Seen::Text(text) = &fact.seen {
                let text = one_line(text);
                if is_sql(&text) {
                    found.push(refused(&file.file, fact.line, format!("{:?}", shortened(&text))));
                }
            }
        }
    }
    found
}

fn is_sql(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins = BEGINNINGS.iter().any(|(beginning, later)| {
        let cased = text.starts_with(beginning) || text.starts_with(&beginning.to_ascii_uppercase());
        let is_word = lower.strip_prefix(beginning).is_some_and(|rest| rest.starts_with([' ', '(']));
        cased && is_word && lower.contains(later)
    });
    begins && !is_sentence(&lower) || WORDS.iter().filter(|word| has_word(text, word)).count() >= 2
}

/// "select the newest" and "update it, then set the date" are sentences: a query names a table, a number, a
/// function, a star or a parameter, an update has an equals sign, and what begins with "with" goes on to a query.
fn is_sentence(lower: &str) -> bool {
    if let Some(columns) = lower.strip_prefix("select ") {
        let is_column = columns.starts_with(['*', '$', '?']) || columns.contains('(') || columns.parse::<i64>().is_ok();
        return !is_column && !columns.contains(" from ");
    }
    let is_with =
        lower.starts_with("with ") && !["select ", "values", "returning "].iter().any(|it| lower.contains(it));
    is_with || lower.starts_with("update ") && !lower.contains('=')
}

fn has_word(text: &str, word: &str) -> bool {
    let is_edge = |byte: Option<u8>| !byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.match_indices(word).any(|(at, _)| {
        let before = at.checked_sub(1).map(|at| text.as_bytes()[at]);
        is_edge(before) && is_edge(text.as_bytes().get(at + word.len()).copied())
    })
}

fn one_line(text: &str) -> String {
    text.replace("\\n", " ").replace('\\', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
