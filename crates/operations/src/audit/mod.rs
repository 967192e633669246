//! Who changed what, and reading it.

mod record;
pub(crate) use record::{Change, record, record_by_server};

/// Which lines of a log.
pub use store::AuditFilter;

mod list;
pub use list::{MOST_LINES, Scope, list};

mod export;
pub use export::export;
