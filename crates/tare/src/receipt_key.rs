//! The key that receipts are signed with: from the environment, or from a file that the settings name.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use operations::receipt::SigningKey;

use crate::failure::Failure;
use crate::opened::read;

const VARIABLE: &str = "TARE_RECEIPT_KEY";

/// The key, when there is one. The environment comes first.
pub fn find(file: Option<&Path>) -> Result<Option<SigningKey>, Failure> {
    if let Ok(text) = std::env::var(VARIABLE) {
        let key = SigningKey::parse(&text).map_err(|error| Failure::new(format!("{VARIABLE}: {error}")))?;
        return Ok(Some(key));
    }
    let Some(file) = file else { return Ok(None) };
    let key = SigningKey::parse(&read(file)?);
    key.map(Some).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

/// Writes a new key where nothing is yet, for its owner alone.
pub fn make(file: &Path, seed: &[u8; 32]) -> Result<SigningKey, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut made| writeln!(made, "{}", SigningKey::to_text(seed)));
    written.map_err(|error| {
        Failure::new(format!("cannot make {}: {error}. A key is never written over", file.display()))
    })?;
    Ok(SigningKey::from_seed(seed))
}
