//! Who may knock where. Each route is added with its rule, and there is no other way to add one.
//!
//! The guard decides by the rule who is let in at all. What somebody may do with a wallet that the request names
//! is decided where the wallet is found; a wallet of somebody else is then as absent as one that never was.

use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use billing::limit;
use http::{HeaderMap, Method, header, request::Parts};
use ledger::Spender;
use operations::api_key::{self, Principal};
use tokio::time::timeout;
use units::{Instant, WalletId};

use crate::{once::OnceKey, problem::Problem, site::Site, visit::Visit, wire::WalletName};

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Everybody: what is shown is nobody's.
    Anyone,
    /// Whoever shows an API key, for the wallet of that key.
    ApiKey,
}

/// Who is knocking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) Principal);

impl Caller {
    /// The wallet of that name, when it is the caller's.
    pub(crate) fn wallet(&self, name: WalletName) -> Result<WalletId, Problem> {
        match name {
            WalletName::Me => Ok(self.0.wallet),
            WalletName::Id(id) if id == self.0.wallet => Ok(id),
            WalletName::Id(id) => Err(Problem::NotFound { what: "wallet", name: id.to_string() }),
        }
    }

    /// For whom a hold is placed, and how much they may spend.
    pub(crate) fn spender(&self, now: Instant) -> Spender {
        let Principal { user, api_key, limit: key_limit, daily_limit, .. } = self.0;
        let of_key = key_limit.map(|key| limit::of_key(api_key, key.amount, key.period, now));
        let of_member = user.zip(daily_limit).map(|(user, amount)| limit::of_member(user, amount, now));
        Spender { user, api_key: Some(api_key), caps: of_key.into_iter().chain(of_member).collect() }
    }

    /// The wallet that a path names.
    pub(crate) fn wallet_at(&self, text: &str) -> Result<WalletId, Problem> {
        self.wallet(crate::wire::id("wallet", text)?)
    }
}

/// Lets in whoever the rule lets in.
pub(crate) async fn guard(rule: Rule, mut request: Request, next: Next) -> Response {
    match admit(rule, &mut request).await {
        Err(problem) => problem.into_response(),
        Ok(patience) => match timeout(patience, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::BooksAway.into_response(),
        },
    }
}

async fn admit(rule: Rule, request: &mut Request) -> Result<std::time::Duration, Problem> {
    let (Some(site), Some(visit)) =
        (request.extensions().get::<Site>().cloned(), request.extensions().get::<Visit>().cloned())
    else {
        return Err(Problem::Internal);
    };
    let patience = site.settings.books_patience;
    if rule == Rule::ApiKey {
        let asking = api_key::authenticate(&site.services, &visit.context, bearer(request.headers())?);
        let principal = timeout(patience, asking).await.map_err(|_| Problem::BooksAway)??;
        request.extensions_mut().insert(Caller(principal));
    }
    if request.method() == Method::POST {
        let key = OnceKey::read(request.headers())?;
        request.extensions_mut().insert(key);
    }
    Ok(patience + site.settings.body_timeout)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let wrong =
        |what: &str| Problem::Unauthenticated(format!("{what}. Send it as `Authorization: Bearer tare_sk_...`"));
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(wrong("this needs one API key"));
    };
    match value.to_str().unwrap_or_default().trim().split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => Ok(key.trim()),
        _ => Err(wrong("this is not an API key")),
    }
}

/// A handler that asks for a caller behind a rule that lets anybody in is a bug, and answers as one.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().copied().ok_or(Problem::Internal)
    }
}
