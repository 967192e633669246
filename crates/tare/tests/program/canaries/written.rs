//! Everything that is written down.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::scan::Place;
use crate::program::finish;

/// The files of SQLite: the database, its write-ahead log and what else lies beside it.
/// SQLite overwrites what is deleted only when it needs the room, so what stood there for a moment is found too.
pub fn sqlite(folder: &Path) -> Place {
    let (mut names, mut text) = (Vec::new(), String::new());
    for file in files(folder).into_iter().filter(|file| name(file).starts_with("tare.db")) {
        text.push_str(&String::from_utf8_lossy(&std::fs::read(&file).unwrap()));
        names.push(name(&file));
    }
    Place { name: names.join(", "), text, known: "canary-0@example.com".to_owned() }
}

/// All tables of a database of PostgreSQL.
pub async fn postgres(url: &str) -> Place {
    let text = finish(Command::new(dump()).arg(url)).await.well();
    Place { name: "the dump of PostgreSQL".to_owned(), text, known: "canary-0@example.com".to_owned() }
}

/// The newest of Debian's, which knows every server that is here; else that on PATH.
fn dump() -> PathBuf {
    let found = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = found.map(|entry| entry.path().join("bin/pg_dump")).filter(|program| program.exists());
    found.max().unwrap_or_else(|| "pg_dump".into())
}

/// What every process on this machine was called with.
pub fn processes(known: &str) -> Place {
    let mut text = String::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        // Some end while they are listed.
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&words).replace('\0', " "));
        text.push('\n');
    }
    Place { name: "the list of processes".to_owned(), text, known: known.to_owned() }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

fn name(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}
