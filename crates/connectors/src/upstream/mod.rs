//! The client of OpenAI-compatible upstreams, at any base URL.
//!
//! It routes a model to the upstreams that serve it, in order, and goes on to the next one only while
//! nothing was answered and nothing can have been billed. What an upstream answers is handed on as it
//! comes, frame by frame, under a time limit and a size limit; nothing is collected.
//!
//! It keeps true: the client's own credentials never leave, and the upstream's key goes to no host but
//! its own. Redirects are not followed. Absent on purpose: any rule about money, and the statuses that
//! our own clients see.
//!
//! | fault | when | can have been billed | next upstream |
//! |---|---|---|---|
//! | `Unreachable` | no connection | no | yes |
//! | `TimedOut(Connecting)` | no connection in time | no | yes |
//! | `Rejected` 401, 402, 429, 5xx | its own trouble | no | yes |
//! | `Rejected`, other | the request's fault | no | no |
//! | `Redirected` | 3xx | no | yes |
//! | `TimedOut(FirstByte)`, `TimedOut(Idle)` | silence | yes | no |
//! | `BrokenOff` | the connection ended too early | yes | no |
//! | `Unreadable` | a web page, or an encoding that was not asked for | yes | no |
//! | `TooLarge` | more bytes than allowed | yes | no |

mod key;
pub use key::{ApiKey, InvalidKey};

mod pattern;

mod settings;
pub use settings::{SettingsError, UpstreamSettings};

mod target;
pub(crate) use target::Target;

mod headers;

mod fault;
pub(crate) use fault::reason;
pub use fault::{Billed, Fault, Phase, Rejection, UpstreamFault};

mod request;
pub use request::UpstreamRequest;

mod response;
pub use response::{UpstreamBody, UpstreamResponse};

mod route;
pub use route::Route;

mod client;
pub use client::Upstreams;
pub(crate) use client::connector;

mod check;
pub use check::KeyCheck;
