//! What can go wrong with an upstream, and whether it can have cost something.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// A fault, and whose it is.
#[derive(Clone, Debug)]
pub struct UpstreamFault {
    /// The upstream's name.
    pub upstream: Arc<str>,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// No connection could be made.
    Unreachable(String),
    /// Nothing came in time.
    TimedOut(Phase),
    /// It answered with a status from 400 on.
    Rejected(Box<Rejection>),
    /// It sends to another place, and nobody goes there.
    Redirected(StatusCode),
    /// It said 200, but it is not an answer of an API.
    Unreadable(&'static str),
    /// The connection ended before the answer did.
    BrokenOff(String),
    /// The answer has more bytes than the settings allow.
    TooLarge {
        /// The limit that was exceeded, in bytes.
        limit: u64,
    },
}

/// An error as an upstream answered it.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The status.
    pub status: StatusCode,
    /// Those headers that may reach a client, `retry-after` among them.
    pub headers: HeaderMap,
    /// The beginning of the body, at most 64 KiB. With 401 and 402 it speaks of the operator's account.
    pub body: Bytes,
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A connection.
    Connecting,
    /// The head of the answer, or its first byte.
    FirstByte,
    /// More of an answer that had begun.
    Idle,
}

/// Whether an upstream can have billed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billed {
    /// Nothing: the model never ran, or the upstream says that it failed.
    Nothing,
    /// Perhaps: the request arrived, and what became of it is not known.
    Perhaps,
}

impl Fault {
    /// Whether the upstream can have billed something.
    pub fn billed(&self) -> Billed {
        match self {
            Self::Unreachable(_) | Self::TimedOut(Phase::Connecting) | Self::Rejected(_) | Self::Redirected(_) => {
                Billed::Nothing
            }
            Self::TimedOut(_) | Self::Unreadable(_) | Self::BrokenOff(_) | Self::TooLarge { .. } => Billed::Perhaps,
        }
    }

    /// Whether another upstream can be asked instead: nothing was billed, and it is not the request's fault.
    pub(super) fn is_its_own_trouble(&self) -> bool {
        match self {
            Self::Rejected(rejection) => {
                rejection.status.is_server_error() || matches!(rejection.status.as_u16(), 401 | 402 | 429)
            }
            other => other.billed() == Billed::Nothing,
        }
    }
}

/// An error and all that led to it, in one line.
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}

impl fmt::Display for UpstreamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "upstream {}: {}", self.upstream, self.fault)
    }
}

impl std::error::Error for UpstreamFault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "cannot be reached ({reason})"),
            Self::TimedOut(Phase::Connecting) => f.write_str("did not take the connection in time"),
            Self::TimedOut(Phase::FirstByte) => f.write_str("did not begin to answer in time"),
            Self::TimedOut(Phase::Idle) => f.write_str("fell silent in the middle of its answer"),
            Self::Rejected(rejection) => write!(f, "answered {}", rejection.status),
            Self::Redirected(status) => write!(f, "answered {status}; redirects are not followed"),
            Self::Unreadable(reason) => write!(f, "answered with {reason}"),
            Self::BrokenOff(reason) => write!(f, "broke off ({reason})"),
            Self::TooLarge { limit } => write!(f, "answered with more than {limit} bytes"),
        }
    }
}
