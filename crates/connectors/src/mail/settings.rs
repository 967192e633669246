//! How mail leaves this server: the `[mail]` table of the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::{MailFolder, Postbox, Sender};

/// What can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// The sender, such as `Tare <no-reply@example.com>`.
    pub from: Option<String>,
    /// The folder for mails as files.
    pub folder: Option<PathBuf>,
}

impl MailSettings {
    /// Opens the postbox. Without settings, mails become files in `usual_folder`.
    ///
    /// # Errors
    /// What is wrong and what would be right.
    pub fn open(&self, public_url: &str, usual_folder: &Path) -> Result<Postbox, String> {
        let folder = self.folder.as_deref().unwrap_or(usual_folder);
        Ok(Postbox {
            mailer: Arc::new(MailFolder::new(folder.to_owned())),
            from: self.sender()?,
            public_url: public_url.trim_end_matches('/').to_owned(),
        })
    }

    fn sender(&self) -> Result<Sender, String> {
        let from = self.from.as_deref().unwrap_or("Tare <tare@localhost>");
        from.parse().map_err(|_| format!("mail.from: `{from}` is not a sender such as `Tare <no-reply@example.com>`"))
    }
}
