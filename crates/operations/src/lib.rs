//! One verb a file: load, decide, save.
