//! Who asks for an operation.

use store::ActorKind;
use units::{SessionId, UserId};
use uuid::Uuid;

use crate::api_key::Principal;

/// Who asks. Every operation that a person can ask for takes one, and finds out inside its transaction what
/// they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person who is signed in.
    Person {
        /// Who.
        user: UserId,
        /// Where.
        session: SessionId,
    },
    /// An API key. It acts for its person and may do less, see [`billing::role::allows_key`].
    Key(Principal),
    /// Whoever sits at this server's command line. Operators who are signed in are persons.
    Operator,
}

impl Caller {
    /// The person who asks, when one is known.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Person { user, .. } => Some(*user),
            Self::Key(principal) => principal.user,
            Self::Operator => None,
        }
    }

    /// As the audit log names them.
    pub(crate) fn actor(&self) -> (ActorKind, Option<Uuid>) {
        match self {
            Self::Person { user, .. } => (ActorKind::Person, Some(user.uuid())),
            Self::Key(principal) => (ActorKind::Key, Some(principal.api_key.uuid())),
            Self::Operator => (ActorKind::Operator, None),
        }
    }
}
