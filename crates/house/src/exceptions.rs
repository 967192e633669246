//! The files that a rule lets pass, each with its reason. Short lists, and best empty.

use crate::Exception;

/// Files outside `tare` that read a clock.
pub const CLOCK: &[Exception] = &[];

/// Files that are longer than the rest and stay whole.
pub const LONG: &[Exception] = &[];
