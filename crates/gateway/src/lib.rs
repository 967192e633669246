//! The doors that language-model clients knock at: authenticate, estimate, hold, relay, settle.
//!
//! A request is answered only when its worst case is reserved, and what was begun is settled whoever
//! leaves. Nothing here decides about money: rules are `ledger`'s and `billing`'s, verbs `operations`'.
//! No prompt, completion or key is logged or kept.

mod error;

mod settings;
pub use settings::Settings;

mod client;
pub use client::{Network, ParseNetworkError, address as client_address};

mod json;

mod near;

mod chat;

mod limits;

mod doors;
pub use doors::{Doors, Gateway};

mod visit;

mod authenticate;

mod body;

mod tariff;

mod ticket;

mod relay;

mod walk;

mod completions;

mod models;

mod kilo;

mod routes;
pub use routes::Route;

mod router;
pub use router::routes;

mod server;
pub use server::serve;
