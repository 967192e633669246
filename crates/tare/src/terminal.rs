//! The terminal, which can go away.

use std::fmt::Display;
use std::io::{Write, stdout};
use std::panic;
use std::process::exit;

/// What a shell reports of a program that was told that nobody reads on (128 and the number of SIGPIPE).
const NOBODY_READS: i32 = 141;

/// Prints a line for whoever still looks. A server goes on when nobody does.
pub fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// Ends a command whose output nobody reads on, as after `| head`, without calling it a bug.
pub fn end_when_nobody_reads() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some_and(|text| text.starts_with("failed printing to std")) {
            exit(NOBODY_READS);
        }
        usual(panic);
    }));
}
