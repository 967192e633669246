//! The rules, each a pure function from what was read to what breaks it.

mod imports;
pub use imports::{doors_read_only, imports, lints_inherited, map_is_whole};

mod floats;
pub use floats::no_floats;

mod sql;
pub use sql::sql_in_store;

mod clock;
pub use clock::no_clock;

mod promises;
pub use promises::{no_promises, no_unwrap};

mod files;
pub use files::{MAX_LINES, no_machine, short_files};
