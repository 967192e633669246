//! Seats and what becomes of who does not pay, on both databases, with two nodes on PostgreSQL.

#[path = "../outside/faulty.rs"]
mod faulty;
#[path = "../top_up/world.rs"]
#[allow(dead_code)]
mod world;

mod desk;

mod by_hand;
mod faults;
mod late;
mod lives;
mod orders;
mod purge;
mod renewals;
