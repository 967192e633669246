//! The pass on both databases: it begins with its payment and is granted once a month, whoever dies, whatever comes late
//! and however long nothing ran.

#[path = "../top_up/world.rs"]
#[allow(dead_code, reason = "a world that is shared with the tests of automatic top-up")]
mod world;

mod person;

mod audit;
mod downtime;
mod lives;
mod money;
mod use_of_credits;
