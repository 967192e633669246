//! The house rules, checked against the whole tree.
//!
//! A rule is a pure function from what was read to the violations it found, so each is tested with a planted
//! violation as well as with the tree itself. `make check` runs both. Nothing depends on this crate, and nothing
//! in it is shipped. What the compiler or clippy refuses by itself is not repeated here.

mod violation;
pub use violation::{Exception, Violation};

pub mod exceptions;

mod rooms;
pub use rooms::{OUTSIDE, ROOMS, Room, Wall};

mod manifest;
pub use manifest::{Dependency, Kind, Manifest};

mod code;
pub use code::{Code, Fact, Seen};

mod tree;
pub use tree::{Tree, read_tree};

pub mod rules;

pub mod errors;
