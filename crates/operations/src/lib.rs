//! One verb a file: load, decide, save.
//!
//! Deciding is `ledger`'s and `billing`'s; saving is `store`'s. What is left here is to bring them
//! together under one [`Context`], whose time and ids were read once at the door.

mod context;
pub use context::{Context, Door, Ids};

mod error;
pub use error::Error;

mod outside;
pub use outside::Outside;

mod services;
pub use services::Services;

pub mod api_key;
pub mod grant;
pub mod hold;
pub mod question;
pub mod user;

pub mod jobs;
