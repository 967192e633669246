//! Where master keys come from: a file that nobody else may read, or the environment. They never stand on the
//! command line, where every process sees them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Args;
use operations::byok::{Keyring, MasterKey, MasterKeys};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The variable that holds master keys themselves.
const VARIABLE: &str = "TARE_MASTER_KEYS";

/// Which master keys a command works with.
#[derive(Args, Clone, Default)]
pub struct MasterKeysArgs {
    /// The file of the master keys that provider keys are sealed under; the environment variable TARE_MASTER_KEYS
    /// may hold them instead.
    #[arg(long, env = "TARE_MASTER_KEYS_FILE", value_name = "FILE")]
    pub master_keys: Option<PathBuf>,
}

impl MasterKeysArgs {
    /// The keys, if any are named.
    pub fn read(&self) -> Result<Option<MasterKeys>, Failure> {
        match (&self.master_keys, std::env::var(VARIABLE)) {
            (Some(_), Ok(_)) => {
                Err(Failure::new(format!("master keys are in a file and in {VARIABLE}; say which of the two")))
            }
            (Some(file), Err(_)) => read(file).map(Some),
            (None, Ok(text)) => {
                let text = Zeroizing::new(text);
                let keys = MasterKeys::parse(&text);
                keys.map(Some).map_err(|error| Failure::new(format!("{VARIABLE}: {error}")))
            }
            (None, Err(_)) => Ok(None),
        }
    }

    /// The keys.
    pub fn require(&self) -> Result<MasterKeys, Failure> {
        let missing = || {
            Failure::new(format!(
                "no master keys are named: say --master-keys FILE or set {VARIABLE}; `tare keys new FILE` makes one"
            ))
        };
        self.read()?.ok_or_else(missing)
    }

    /// Puts the keys on a server's ring.
    pub fn put_on(&self, keyring: &Keyring) -> Result<(), Failure> {
        if let Some(keys) = self.read()? {
            keyring.put(keys);
        }
        Ok(())
    }
}

/// Reads a file that only its owner may read.
fn read(file: &Path) -> Result<MasterKeys, Failure> {
    let problem = |reason: String| Failure::new(format!("{}: {reason}", file.display()));
    let mode = fs::metadata(file).map_err(|error| problem(error.to_string()))?.mode();
    if mode & 0o077 != 0 {
        return Err(problem(format!("others may read it (mode {:o}); `chmod 600` it", mode & 0o777)));
    }
    let text = Zeroizing::new(fs::read_to_string(file).map_err(|error| problem(error.to_string()))?);
    MasterKeys::parse(&text).map_err(|error| problem(error.to_string()))
}

/// Puts a new key first in the file, and makes the file when it is missing. It is there whole or not at all.
pub fn add_to(file: &Path, name: &str, random: [u8; 32]) -> Result<(), Failure> {
    let before = match file.exists() {
        true => {
            read(file)?;
            Zeroizing::new(fs::read_to_string(file)?)
        }
        false => Zeroizing::new(String::from("# Master keys of Tare. The first one seals, the others only open.\n")),
    };
    let (comments, keys): (Vec<&str>, Vec<&str>) = before.lines().partition(|line| line.starts_with('#'));
    let line = MasterKey::line(name, random);
    let lines = comments.into_iter().chain([line.as_str()]).chain(keys);
    let text = Zeroizing::new(lines.flat_map(|line| [line, "\n"]).collect::<String>());
    MasterKeys::parse(&text)?;
    let beside = file.with_extension("new");
    // What an interrupted run left behind may be anybody's.
    let _ = fs::remove_file(&beside);
    let mut new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    fs::rename(&beside, file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_key_seals_and_the_old_ones_open() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.keys");
        let names = || read(&file).ok().unwrap().names().map(str::to_owned).collect::<Vec<_>>();
        add_to(&file, "one", [1; 32]).ok().unwrap();
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        add_to(&file, "two", [2; 32]).ok().unwrap();
        assert_eq!(names(), ["two", "one"]);
        // A name that is taken changes nothing.
        assert!(add_to(&file, "one", [3; 32]).is_err());
        assert_eq!(names(), ["two", "one"]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read(&file).err().unwrap().to_string().contains("others may read it (mode 640)"));
    }
}
