//! Automatic top-up, alerts and limits on cards on both databases: once, within their caps, and asking no bank twice.

mod world;

mod alerts;
mod asking;
mod cards;
mod crashes;
mod crossing;
mod pauses;
