//! Who may knock where. Each route is added with its rule, and there is no other way to add one.
//!
//! The rule decides who is let in at all. What somebody may do with the wallet or organization that a request names
//! is decided by `operations::access`, where it is found; what is somebody else's is then as absent as what never was.

use axum::extract::FromRequestParts;
use http::request::Parts;
use operations::{Services, access};
use store::UserRow;
use units::{ApiKeyId, WalletId};

use crate::{
    once::OnceKey,
    problem::Problem,
    site::Site,
    wire::{self, WalletName},
};

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Everybody: what is shown is nobody's.
    Anyone,
    /// Whoever shows a key or is signed in.
    Anybody,
    /// The same, to place and settle holds: these bind themselves to their idempotency keys, in the books.
    Metering,
    /// A person who is signed in, in a browser or on a device.
    Person,
    /// The same, to buy: a purchase binds itself to its key, so that asking again tells how it stands by now.
    Buyer,
    /// A person who is signed in and runs this server.
    Operator,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 6] = [Self::Anyone, Self::Anybody, Self::Metering, Self::Person, Self::Buyer, Self::Operator];

    /// Who that is, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Anyone => "Everybody",
            Self::Anybody | Self::Metering => "API key or signed in",
            Self::Person | Self::Buyer => "Signed in",
            Self::Operator => "Operator",
        }
    }
}

/// Who is knocking.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// For operations.
    pub(crate) who: operations::Caller,
    /// The wallet that `me` means.
    pub(crate) own: WalletId,
    /// The person, when they are signed in.
    pub(crate) user: Option<UserRow>,
    /// What only they know: the token or key that they showed.
    pub(crate) secret: Secret,
    /// Whether a browser sent it by itself.
    pub(crate) by_cookie: bool,
}

/// A token or key. It is never shown.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Caller {
    /// The wallet of that name.
    pub(crate) fn wallet(&self, name: WalletName) -> WalletId {
        match name {
            WalletName::Me => self.own,
            WalletName::Id(id) => id,
        }
    }

    /// How people call whoever is signed in.
    pub(crate) fn name(&self) -> String {
        let user = self.user.as_ref();
        user.map(|user| user.email.as_ref().unwrap_or(&user.name).clone()).unwrap_or_default()
    }

    /// The caller's key for a change of a wallet that others change too: equal keys of two people never meet.
    pub(crate) fn own_key(&self, key: &OnceKey) -> String {
        match self.who.user() {
            Some(user) => format!("{user} {}", key.text()),
            None => key.text().to_owned(),
        }
    }

    /// The key that was shown, when it was one.
    pub(crate) fn api_key(&self) -> Option<ApiKeyId> {
        match self.who {
            operations::Caller::Key(principal) => Some(principal.api_key),
            _ => None,
        }
    }

    /// The wallet that a path names.
    pub(crate) fn wallet_at(&self, text: &str) -> Result<WalletId, Problem> {
        wire::id("wallet", text).map(|name| self.wallet(name))
    }

    /// The wallet that a path names, when the caller may do this with it.
    pub(crate) async fn may_read(
        &self,
        site: &Site,
        text: &str,
        action: billing::role::Action,
    ) -> Result<WalletId, Problem> {
        let id = self.wallet_at(text)?;
        access::read_wallet(site.services.store.reader(), &self.who, id, action).await?;
        Ok(id)
    }
}

/// A handler that asks for a caller behind a rule that lets everybody in is a bug, and answers as one.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or(Problem::Internal)
    }
}

/// The services for a change: its transactions are bound to the caller's key.
#[derive(Clone)]
pub(crate) struct Bound(pub(crate) Services);

impl FromRequestParts<Site> for Bound {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Self(site.services.clone())))
    }
}
