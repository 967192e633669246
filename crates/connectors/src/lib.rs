//! The doors to the outside: upstream model providers, mail, an OpenID provider, a payment processor.
//!
//! Nothing here knows who called or why, and nothing here decides about money: the client reports what
//! an upstream answered, and the demo upstream keeps the truth of what an honest provider would bill.

pub mod address;

pub mod secret;

pub mod upstream;

pub mod watch;

pub mod demo;

pub mod mail;

pub mod outgoing;

pub mod oidc;

pub mod processor;
