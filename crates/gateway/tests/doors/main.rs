//! The doors from outside: a real server, a real store, and an upstream that keeps its own truth.

mod http;
mod line;
mod world;

mod bad_input;
mod byok;
mod credits;
mod faults;
mod kilo;
mod leaving;
mod models;
mod nodes;
mod organizations;
mod prices;
mod privacy;
mod reply;
mod suspended;
