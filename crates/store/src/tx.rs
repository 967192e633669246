//! An ordinary transaction, as its work sees it.

use crate::session::Session;

/// A transaction that is open. Its methods stand with the nouns they write: people, keys, jobs, payments.
pub struct Tx<'a> {
    pub(crate) session: Session<'a>,
}
