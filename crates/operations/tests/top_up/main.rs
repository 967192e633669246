//! Automatic top-up on both databases: once, within its caps, and asking no bank twice.

mod world;

mod asking;
mod crashes;
mod crossing;
mod pauses;
