//! How mail leaves this server: the `[mail]` table of the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::{MailFolder, Mailer, Postbox, Sender, SmtpServer, SmtpSettings};
use crate::secret::Secret;

/// What can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// The sender, such as `Tare <no-reply@example.com>`.
    pub from: Option<String>,
    /// The folder for mails as files.
    pub folder: Option<PathBuf>,
    /// The mail server; without one, mails become files.
    pub smtp: Option<SmtpSettings>,
}

impl MailSettings {
    /// Reads the password from the environment.
    ///
    /// # Errors
    /// Which variable is not set.
    pub fn read_secrets(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        let Some(smtp) = &mut self.smtp else { return Ok(()) };
        let Some(name) = &smtp.password_env else { return Ok(()) };
        smtp.password = Some(Secret::from_environment("mail.smtp", name, variable)?);
        Ok(())
    }

    /// Opens the postbox. Without settings, mails become files in `usual_folder`.
    ///
    /// # Errors
    /// What is wrong and what would be right.
    pub fn open(&self, public_url: &str, usual_folder: &Path) -> Result<Postbox, String> {
        let from = self.sender()?;
        let mailer: Arc<dyn Mailer> = match &self.smtp {
            Some(_) if self.folder.is_some() => {
                return Err("mail: choose either `folder` or `smtp`".to_owned());
            }
            // A mail server passes on nothing that comes from a machine without a name.
            Some(_) if self.from.is_none() => {
                return Err("mail.from is missing: who do mails come from? `Tare <no-reply@example.com>`".to_owned());
            }
            Some(smtp) => Arc::new(SmtpServer::new(smtp, &from)?),
            None => Arc::new(MailFolder::new(self.folder.as_deref().unwrap_or(usual_folder).to_owned())),
        };
        Ok(Postbox { mailer, from, public_url: public_url.trim_end_matches('/').to_owned() })
    }

    fn sender(&self) -> Result<Sender, String> {
        let from = self.from.as_deref().unwrap_or("Tare <tare@localhost>");
        from.parse().map_err(|_| format!("mail.from: `{from}` is not a sender such as `Tare <no-reply@example.com>`"))
    }
}
