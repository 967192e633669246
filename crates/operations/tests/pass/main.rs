//! The pass on both databases: it begins with its payment and is granted once a month, whoever dies, whatever comes late
//! and however long nothing ran.

#[path = "../outside/dice.rs"]
mod dice;
#[path = "../outside/faulty.rs"]
mod faulty;
#[path = "../outside/fingers.rs"]
mod fingers;
#[path = "../top_up/line.rs"]
mod line;
#[path = "../top_up/renewal.rs"]
mod renewal;
#[path = "../top_up/audit.rs"]
mod top_ups;
#[path = "../top_up/weather.rs"]
mod weather;
#[path = "../top_up/world.rs"]
#[allow(dead_code, reason = "a world that is shared with the tests of automatic top-up")]
mod world;

mod person;

mod audit;
mod downtime;
mod faults;
mod lives;
mod money;
mod use_of_credits;
