//! Mail through a mail server.
//!
//! A connection is encrypted unless the settings say in so many words that it is not: a server that offers no
//! encryption gets neither a password nor a mail. Each mail has a connection of its own; they are few.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::Deserialize;

use super::{Mail, MailFault, Mailer, Sender, Sending};
use crate::secret::Secret;
use crate::upstream::reason;

/// How to reach the mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name, which stands in its certificate too.
    pub host: String,
    /// Its port; that which is usual for the encryption when absent.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub encryption: Encryption,
    /// As whom to sign in there.
    pub username: Option<String>,
    /// The environment variable that holds the password.
    pub password_env: Option<String>,
    /// A file with a certificate authority of one's own, in PEM.
    pub ca_file: Option<std::path::PathBuf>,
    /// The password, once it was read.
    #[serde(skip)]
    pub password: Option<Secret>,
}

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// Begins in the open and is encrypted before anything is said (port 587).
    #[default]
    StartTls,
    /// From the first byte (port 465).
    Tls,
    /// Not at all (port 25). For a server on this machine.
    None,
}

/// A mail server.
pub struct SmtpServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// How long connecting may take, and the whole conversation: a server can fall silent in the middle of it.
const PATIENCE: Duration = Duration::from_secs(20);
/// See [`PATIENCE`].
const WHOLE: Duration = Duration::from_secs(60);

impl SmtpServer {
    /// Prepares; nothing is asked yet.
    ///
    /// # Errors
    /// What is wrong in the settings and what would be right.
    pub fn new(settings: &SmtpSettings, sender: &Sender) -> Result<Self, String> {
        let (tls, port) = match settings.encryption {
            Encryption::StartTls => (Tls::Required(settings.tls()?), 587),
            Encryption::Tls => (Tls::Wrapper(settings.tls()?), 465),
            Encryption::None => (Tls::None, 25),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port.unwrap_or(port))
            .hello_name(ClientId::Domain(sender.email.domain().to_owned()))
            .timeout(Some(PATIENCE))
            .tls(tls);
        let builder = match (&settings.username, &settings.password) {
            (Some(_), Some(_)) if settings.encryption == Encryption::None => {
                return Err("mail.smtp: a password is not sent without encryption; use `starttls` or `tls`".to_owned());
            }
            (Some(user), Some(password)) => {
                builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()))
            }
            (None, None) => builder,
            _ => return Err("mail.smtp: `username` and `password_env` go together".to_owned()),
        };
        Ok(Self { transport: builder.build() })
    }
}

impl SmtpSettings {
    fn tls(&self) -> Result<TlsParameters, String> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.ca_file {
            let wrong = |reason: String| format!("mail.smtp.ca_file: {}: {reason}", file.display());
            let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build_rustls().map_err(|error| format!("mail.smtp: {error}"))
    }
}

impl Mailer for SmtpServer {
    fn send<'a>(&'a self, from: &'a Sender, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let sending = self.transport.send(mail.message(from)?);
            let late = |_| MailFault::Temporary(format!("it took longer than {} seconds", WHOLE.as_secs()));
            tokio::time::timeout(WHOLE, sending).await.map_err(late)?.map_err(|error| fault(&error))?;
            tracing::info!(to = %mail.to, subject = %mail.subject, mail = %mail.id, "a mail was sent");
            Ok(())
        })
    }
}

/// What a failure means. A server that refuses the reader refuses for good. One that refuses *us*, by our
/// password or by what the connection is, does so until an operator has seen to it: the mail can wait.
fn fault(error: &lettre::transport::smtp::Error) -> MailFault {
    let text = reason(error);
    // 530 to 538 are about signing in and encryption.
    let is_about_us = error.status().is_some_and(|code| (530..=538).contains(&u16::from(code)));
    match error.is_permanent() && !is_about_us {
        true => MailFault::Permanent(text),
        false => MailFault::Temporary(text),
    }
}
