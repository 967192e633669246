//! The books and the usage as files for other programs.
//!
//! Everything is read page by page and written as it comes, so a file can be larger than memory. Nothing here
//! decides about money: an export says what the journal says, in the words of accountants.

mod accounts;

mod format;
pub use format::Format;

mod journal;
pub use journal::{ExportJournal, journal};

mod usage;
pub use usage::{ExportUsage, usage};

/// How far an export is: what is done, and how much there is in all.
pub type Progress<'p> = &'p mut (dyn FnMut(u64, u64) + Send);
