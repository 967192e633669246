//! TOML files read strictly: what is not understood is refused, with its place and what would be right.
//!
//! The reader walks the parsed document itself instead of deriving it, for three reasons: every error
//! can name line, column and key; numbers stay text, so that no floating point number is ever made of
//! an amount; and a partial file can be laid over defaults key by key.

mod error;
pub use error::CatalogError;
pub(crate) use error::{Place, fail};

mod item;
pub(crate) use item::Item;

mod table;
pub(crate) use table::{Mode, Table};
