//! Mails as they lie in the folder of a server without a mail server.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Nothing that these tests wait for takes so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// All mails in the folder, oldest first: their files have the ids of their jobs.
pub fn mails(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    files.into_iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// The code in the newest mail to an address, as soon as it is there.
pub async fn code(folder: &Path, email: &str) -> String {
    let began = Instant::now();
    loop {
        let mails = mails(folder);
        let mail = mails.iter().rfind(|mail| mail.contains(&format!("To: {email}")));
        let words = mail.into_iter().flat_map(|mail| mail.split(|letter: char| !letter.is_ascii_alphanumeric()));
        let mut digits = words.filter(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(code) = digits.next() {
            return code.to_owned();
        }
        assert!(began.elapsed() < PATIENCE, "no code was mailed to {email}");
        sleep(Duration::from_millis(20)).await;
    }
}
