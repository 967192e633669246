//! An ordinary transaction, as its work sees it.

use crate::session::Session;

/// A transaction that is open. Its methods stand with the nouns they write: people, keys, jobs, payments. It does
/// not see what was posted a moment ago: the tables of the books follow the log. Who must see it asks the [`crate::Reader`] first.
pub struct Tx<'a> {
    pub(crate) session: Session<'a>,
}
