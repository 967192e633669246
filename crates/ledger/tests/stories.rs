//! Every rule of the books as a story in plain text: `tests/stories/*.txt`.
//!
//! The format is described in `sim::story`. `TARE_ACCEPT=1` writes what the books answered into the
//! files; read the difference before you commit it.

use std::{env, fs, panic, path::Path};

#[test]
fn the_books_answer_every_story_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let accept = env::var_os("TARE_ACCEPT").is_some();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 25, "stories are missing: only {} found", files.len());

    let failed: Vec<String> = files
        .iter()
        .filter_map(|path| {
            // A panic is the books noticing a fault; the other stories are still worth hearing.
            let checked = panic::catch_unwind(|| sim::story::check(path, accept));
            let error = checked.unwrap_or_else(|_| Err("the books panicked, see above".to_owned())).err()?;
            Some(format!("{}: {error}", path.file_name()?.to_string_lossy()))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} stories fail\n\n{}\n", failed.len(), files.len(), failed.join("\n\n"));
}
