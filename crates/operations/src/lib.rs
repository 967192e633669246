//! One verb a file: load, decide, save.
//!
//! Deciding is `ledger`'s and `billing`'s; saving is `store`'s. What is left here is to bring them
//! together under one [`Context`], whose time and ids were read once at the door. What a person or key asks
//! for carries its [`Caller`], and [`access`] says inside the transaction whether they may; the change and
//! its line in the [`audit`] log are committed together.

mod context;
pub use context::{Context, Door, Ids};

mod error;
pub use error::Error;

mod outside;
pub use outside::Outside;

mod activity;
pub use activity::Activity;

mod in_force;
pub use in_force::InForce;

mod services;
pub use services::Services;

mod caller;
pub use caller::Caller;

pub mod access;
pub mod csv;
pub mod secret;

mod holder;
mod network;
mod words;

pub mod audit;

pub mod alert;
pub mod api_key;
pub mod bill;
pub mod byok;
pub mod charge;
pub mod device;
pub mod dispute;
pub mod dunning;
pub mod export;
pub mod grant;
pub mod hold;
pub mod invitation;
pub mod invoice;
pub mod member;
pub mod metering;
pub mod once;
pub mod operator;
pub mod organization;
pub mod pass;
pub mod payer;
pub mod payment;
pub mod policy;
pub mod question;
pub mod receipt;
pub mod refund;
pub mod root;
pub mod seat;
pub mod session;
pub mod sign_in;
pub mod top_up;
pub mod user;

pub mod jobs;
