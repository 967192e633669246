//! The JSON API, its description, and the pages.
//!
//! A request is framed (its time, its id, what no route takes), let in by the rule of its route, read strictly, and
//! answered from one operation or one reading. Nothing here decides about money, and nothing here writes: rules are
//! `ledger`'s and `billing`'s, verbs `operations`'. No key and no body is logged.

mod problem;

mod settings;
pub use settings::{ClientOf, Settings};

mod site;
pub use site::{Site, Web};

mod visit;

mod wire;

mod once;

mod access;
pub use access::Rule;

mod credential;

mod frame;

mod extract;

mod guard;

mod aftermath;

mod pages;

mod routes;
pub use routes::Route;

mod api;

mod docs;

mod webhooks;

mod assets;

mod router;
pub use router::routes;
