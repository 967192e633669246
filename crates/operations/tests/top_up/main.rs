//! Automatic top-up, alerts and limits on cards on both databases: once, within their caps, and asking no bank twice.

#[path = "../outside/dice.rs"]
mod dice;
#[path = "../outside/faulty.rs"]
mod faulty;
mod line;
mod world;

mod alerts;
mod asking;
mod cards;
mod crashes;
mod crossing;
mod faults;
mod pauses;
