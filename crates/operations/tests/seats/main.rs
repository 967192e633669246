//! Seats and what becomes of who does not pay, on both databases, with two nodes on PostgreSQL.

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
#[allow(dead_code)]
mod world;

mod audit;
mod desk;

mod by_hand;
mod faults;
mod late;
mod lives;
mod orders;
mod purge;
mod renewals;
