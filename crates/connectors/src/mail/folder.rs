//! Mail as files, where no mail server is configured: an operator, or a developer, opens them by hand.
//!
//! A mail can hold a sign-in code, so the folder is its owner's alone. The name of a file is the id of the
//! mail: sent again, it is the same file.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::{Mail, MailFault, Mailer, Sender, Sending};

/// A folder of `.eml` files.
pub struct MailFolder {
    folder: PathBuf,
}

impl MailFolder {
    /// The folder is made when the first mail comes.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Mailer for MailFolder {
    fn send<'a>(&'a self, from: &'a Sender, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let bytes = mail.message(from)?.formatted();
            let file = self.folder.join(format!("{}.eml", mail.id));
            let (folder, target) = (self.folder.clone(), file.clone());
            let written = tokio::task::spawn_blocking(move || write(&folder, &target, &bytes)).await;
            let written = written.map_err(|error| MailFault::Temporary(error.to_string()))?;
            written.map_err(|error| MailFault::Temporary(format!("{} cannot be written: {error}", file.display())))?;
            tracing::info!(to = %mail.to, subject = %mail.subject, file = %file.display(), "a mail lies in the folder");
            Ok(())
        })
    }
}

/// Under another name first, so that a mail is there whole or not at all.
fn write(folder: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let unfinished = file.with_extension("part");
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(unfinished, file)
}
