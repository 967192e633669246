//! The built-in demo upstream: an OpenAI-compatible provider on loopback, and the fake of all tests.
//!
//! It is a real HTTP server. The same request always gets the same answer, without a clock or a random
//! source; it fails on demand in every way that was seen at real providers; and it keeps its own truth
//! of what an honest provider bills, so that a test compares debits with that and not with itself.
//! Nothing about Tare's rules is known here: its prices are its own.
#![doc = include_str!("README.md")]

mod settings;
pub use settings::{BillOnLeave, DemoSettings};

mod tokens;
pub use tokens::Tokens;

mod prices;

mod script;
pub use script::ScriptError;

mod truth;
pub use truth::{Call, Outcome, Sum, Truth};

mod call;

mod wire;

mod playback;

mod request;

mod reply;

mod usage;

mod chat;

mod embeddings;

mod errors;

mod state;

mod routes;

mod server;
pub use server::{DemoUpstream, RunningDemo};
