//! Delivering mail.

use std::pin::Pin;
use std::sync::Arc;

use thiserror::Error;

use super::{KeptMail, Mail};

/// Who a mail comes from: a name and an address.
pub type Sender = lettre::message::Mailbox;

/// A mail on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailFault>> + Send + 'a>>;

/// Takes mails and passes them on.
pub trait Mailer: Send + Sync {
    /// Delivers one mail. A mail with an id that was delivered before is the same mail.
    fn send<'a>(&'a self, from: &'a Sender, mail: &'a Mail) -> Sending<'a>;
}

/// Why a mail was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MailFault {
    /// It can be delivered later.
    #[error("{0}")]
    Temporary(String),
    /// Trying again will not help.
    #[error("{0}")]
    Permanent(String),
}

/// Where letters are handed in: who delivers them, who they come from, and where their links lead.
#[derive(Clone)]
pub struct Postbox {
    /// Who delivers.
    pub mailer: Arc<dyn Mailer>,
    /// The sender.
    pub from: Sender,
    /// Where people reach this server, without a slash at the end.
    pub public_url: String,
}

impl Postbox {
    /// A postbox from which nothing leaves: mails are kept in memory.
    pub fn in_memory(kept: Arc<KeptMail>) -> Self {
        let from = "Tare <tare@localhost>".parse().expect("an address");
        Self { mailer: kept, from, public_url: "http://localhost".to_owned() }
    }
}
