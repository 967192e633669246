//! What is somebody's: their credits, their organizations, their keys, and where they are signed in.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::{Action, allows};
use operations::{
    access,
    api_key::{self, CreateApiKey},
    organization, session,
};
use serde::Deserialize;
use store::{ApiKeyRow, SessionRow};
use units::{SessionId, WalletId};

use super::{
    form::Form,
    go, html, sorry,
    words::{moment, money},
};
use crate::{access::Caller, credential, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    who: String,
    csrf: String,
    is_operator: bool,
    wallets: Vec<Wallet>,
    sessions: Vec<Session>,
    made: Option<String>,
    base_url: String,
}

struct Wallet {
    id: String,
    name: String,
    role: String,
    is_own: bool,
    may_make_keys: bool,
    balance: String,
    exact: String,
    held: Option<String>,
    grants: Vec<Grant>,
    keys: Vec<Key>,
}

struct Grant {
    left: String,
    source: String,
    until: String,
}

struct Key {
    id: String,
    name: String,
    ends_in: String,
    used: String,
}

struct Session {
    id: String,
    client: String,
    kind: &'static str,
    seen: String,
    is_current: bool,
}

#[derive(Deserialize)]
pub(super) struct NewKey {
    wallet: String,
    name: String,
}

#[derive(Deserialize)]
pub(super) struct KeyId {
    key: String,
}

#[derive(Deserialize)]
pub(super) struct SessionName {
    session: String,
}

pub(super) async fn home() -> Response {
    go("/profile")
}

pub(super) async fn show(State(site): State<Site>, visit: Visit, caller: Caller) -> Response {
    answer(&site, &visit, &caller, None).await
}

/// Makes a key and shows it: this page, once.
pub(super) async fn create_key(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Form(NewKey { wallet, name }): Form<NewKey>,
) -> Response {
    let made = async {
        let wallet = caller.wallet_at(&wallet)?;
        let request = CreateApiKey { wallet, user: None, name, expires_at: None, limit: None };
        Ok::<_, Problem>(api_key::create(&site.services, &visit.context, &caller.who, request).await?)
    };
    match made.await {
        Ok(made) => answer(&site, &visit, &caller, Some(made.secret)).await,
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn revoke_key(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Form(KeyId { key }): Form<KeyId>,
) -> Response {
    let revoked = async {
        let id = wire::id("API key", &key)?;
        Ok::<_, Problem>(api_key::revoke(&site.services, &visit.context, &caller.who, id).await?)
    };
    match revoked.await {
        Ok(()) => go("/profile"),
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn end_session(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Form(SessionName { session }): Form<SessionName>,
) -> Response {
    let ended = async {
        let id: SessionId = wire::id("session", &session)?;
        Ok::<_, Problem>(session::revoke(&site.services, &visit.context, &caller.who, id).await?)
    };
    match ended.await {
        Ok(()) => go("/profile"),
        Err(problem) => sorry(&problem),
    }
}

async fn answer(site: &Site, visit: &Visit, caller: &Caller, made: Option<String>) -> Response {
    match page(site, visit, caller, made).await {
        Ok(page) => html(&page),
        Err(problem) => sorry(&problem),
    }
}

async fn page(site: &Site, visit: &Visit, caller: &Caller, made: Option<String>) -> Result<ProfilePage, Problem> {
    let mut wallets = vec![wallet(site, visit, caller, caller.own, "Your credits".to_owned()).await?];
    for (organization, _) in organization::list(&site.services, &caller.who).await? {
        wallets.push(wallet(site, visit, caller, organization.wallet, organization.name).await?);
    }
    let current = match caller.who {
        operations::Caller::Person { session, .. } => Some(session),
        _ => None,
    };
    let sessions = session::list(&site.services, &visit.context, &caller.who).await?;
    Ok(ProfilePage {
        who: caller.name(),
        csrf: credential::csrf(&caller.secret),
        is_operator: caller.user.as_ref().is_some_and(|user| user.is_operator),
        wallets,
        sessions: sessions.into_iter().map(|row| Session::of(row, current)).collect(),
        made,
        base_url: format!("{}/v1", site.settings.public_url),
    })
}

async fn wallet(site: &Site, visit: &Visit, caller: &Caller, id: WalletId, name: String) -> Result<Wallet, Problem> {
    let (reader, now) = (site.services.store.reader(), visit.context.now);
    let standing = access::read_wallet(reader, &caller.who, id, Action::SeeOrganization).await?;
    let books = reader.load_wallet(id).await?;
    let books = books.ok_or_else(|| Problem::NotFound { what: "wallet", name: id.to_string() })?;
    let keys = api_key::list(&site.services, &caller.who, id).await?;
    let grants = books.grants().iter().filter(|grant| grant.is_spendable(now)).map(Grant::from);
    let (balance, held) = (books.balance(now), books.held());
    Ok(Wallet {
        id: id.to_string(),
        name,
        role: standing.role.name().replace('_', " "),
        is_own: id == caller.own,
        may_make_keys: allows(standing.role, Action::ManageOwnKeys),
        balance: money(balance),
        exact: balance.to_string(),
        held: held.is_positive().then(|| money(held)),
        grants: if allows(standing.role, Action::SeeBilling) { grants.collect() } else { Vec::new() },
        keys: keys.into_iter().filter(|key| key.revoked_at.is_none()).map(Key::from).collect(),
    })
}

impl From<&ledger::Grant> for Grant {
    fn from(grant: &ledger::Grant) -> Self {
        Self {
            left: money(grant.left),
            source: grant.source.name().replace('_', " "),
            until: grant.expires_at.map_or_else(|| "never expires".to_owned(), |end| format!("until {}", moment(end))),
        }
    }
}

impl From<ApiKeyRow> for Key {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            ends_in: row.last4,
            used: row.last_used_at.map_or_else(|| "not used yet".to_owned(), |at| format!("used {}", moment(at))),
        }
    }
}

impl Session {
    fn of(row: SessionRow, current: Option<SessionId>) -> Self {
        Self {
            id: row.id.to_string(),
            client: row.client,
            kind: row.kind.name(),
            seen: moment(row.last_seen_at),
            is_current: current == Some(row.id),
        }
    }
}
