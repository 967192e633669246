//! Settings, clock, randomness, wiring and the command line.
fn main() {}
