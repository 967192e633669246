//! The outside, as operations reach it.

use std::sync::Arc;

use connectors::mail::{KeptMail, Postbox};
use connectors::oidc::OidcProvider;
use connectors::processor::Processor;

use crate::Error;
use crate::invoice::Printer;

/// Whom operations can call. Cheap to clone. Calls are made before or after a transaction, never inside.
#[derive(Clone)]
pub struct Outside {
    /// Where letters are handed in.
    pub postbox: Postbox,
    /// Who moves real money, where payments are possible.
    pub processor: Option<Arc<dyn Processor>>,
    /// Who prints invoices, where the program can.
    pub printer: Option<Arc<dyn Printer>>,
    /// With whom people can sign in beside a code by mail.
    pub oidc: Option<OidcProvider>,
}

impl Outside {
    /// The processor, or that there is none.
    pub(crate) fn processor(&self) -> Result<Arc<dyn Processor>, Error> {
        let none = || Error::ProcessorUnavailable { reason: "no payment processor is configured".to_owned() };
        self.processor.clone().ok_or_else(none)
    }
}

impl Default for Outside {
    /// Nothing leaves this process: mails are kept in memory, and nothing can be paid.
    fn default() -> Self {
        Self { postbox: Postbox::in_memory(Arc::new(KeptMail::default())), processor: None, printer: None, oidc: None }
    }
}
