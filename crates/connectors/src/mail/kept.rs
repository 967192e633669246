//! Mail that stays in memory, for stories and tests.

use std::sync::{Mutex, PoisonError};

use super::{Mail, Mailer, Sender, Sending};

/// Every mail that was sent, until it is taken.
#[derive(Default)]
pub struct KeptMail {
    mails: Mutex<Vec<Mail>>,
}

impl KeptMail {
    /// Takes out what was sent since the last time, in the order of sending.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.mails.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Mailer for KeptMail {
    /// The mail must stand the way to a server all the same.
    fn send<'a>(&'a self, from: &'a Sender, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            mail.message(from)?;
            let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
            if !mails.iter().any(|kept| kept.id == mail.id) {
                mails.push(mail.clone());
            }
            Ok(())
        })
    }
}
