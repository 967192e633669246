//! Who a request to a model acts for, whose credits it spends, and within which rules.
//!
//! Nothing is remembered between requests: a key that was revoked, a member who was removed and a limit that was
//! changed act at the next request on every node.

use billing::role::{Action, allows};
use billing::{Policy, SpendingLimit, limit};
use ledger::{Cap, Spender};
use store::{MemberRow, SessionKind, SuspensionRow, TermsRow};
use units::{ApiKeyId, Instant, OrganizationId, SessionId, UserId, WalletId};
use uuid::Uuid;

use crate::access::{self, WalletStanding};
use crate::{Caller, Context, Error, Services, api_key, secret, session};

/// Who a request acts for.
#[derive(Clone, Debug)]
pub struct Payer {
    /// What it was shown.
    pub credential: Credential,
    /// Whose credits it spends.
    pub wallet: WalletId,
    /// The person, where one is known.
    pub user: Option<UserId>,
    /// The organization whose wallet it is; absent for a personal one.
    pub organization: Option<OrganizationId>,
    /// How much they may spend.
    pub caps: Vec<Cap>,
    /// What they may use; absent where everything is allowed.
    pub policy: Option<Policy>,
}

/// What a client shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An API key.
    ApiKey(ApiKeyId),
    /// The token of a device that its person let in.
    Device(SessionId),
}

impl Credential {
    /// Its bare id.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::ApiKey(key) => key.uuid(),
            Self::Device(session) => session.uuid(),
        }
    }

    /// The API key, if it is one.
    pub const fn api_key(self) -> Option<ApiKeyId> {
        match self {
            Self::ApiKey(key) => Some(key),
            Self::Device(_) => None,
        }
    }
}

impl Payer {
    /// For holds.
    pub fn spender(&self) -> Spender {
        Spender { user: self.user, api_key: self.credential.api_key(), caps: self.caps.clone() }
    }
}

/// Whom a token belongs to, before an organization is chosen.
struct Bearer {
    credential: Credential,
    user: Option<UserId>,
    wallet: WalletId,
    organization: Option<OrganizationId>,
    limit: Option<SpendingLimit>,
    /// Whether an operator has stopped the service of its wallet.
    suspension: Option<SuspensionRow>,
}

/// Finds out who asks with this token, for themselves or for the organization that they name.
///
/// # Errors
/// [`Error::Unauthenticated`] for a token that is not in force; [`Error::NotFound`] for an organization that they
/// do not belong to, word for word as for one that does not exist; [`Error::Forbidden`] when they belong to it and
/// may not use its credits; [`Error::AccountSuspended`] when it owes too long; [`Error::SubscriptionRequired`] when its
/// trial is over; [`Error::SuspendedByOperator`] for whichever wallet an operator has suspended.
pub async fn identify(
    services: &Services,
    ctx: &Context,
    token: &str,
    organization: Option<&str>,
) -> Result<Payer, Error> {
    let bearer = bearer(services, ctx, token).await?;
    let wanted = organization.map(|text| read_organization(text).ok_or_else(|| not_found(text))).transpose()?;
    let chosen = match (bearer.organization, wanted) {
        // A key of an organization is a key of that one alone.
        (Some(own), Some(wanted)) if own != wanted => return Err(not_found(organization.unwrap_or_default())),
        (own, wanted) => wanted.or(own),
    };
    let caps = bearer.cap(ctx.now).into_iter().collect();
    let Bearer { credential, user, wallet, .. } = bearer;
    let Some(id) = chosen else {
        access::require_unsuspended(bearer.suspension.as_ref())?;
        return Ok(Payer { credential, wallet, user, organization: None, caps, policy: None });
    };
    let terms = services.store.reader().find_terms(id, user).await?;
    let TermsRow { organization: found, member, policy, debts } =
        terms.ok_or_else(|| not_found(organization.unwrap_or(&id.to_string())))?;
    let is_its_own = bearer.organization.is_some() && user.is_none();
    let member = use_credits(member, is_its_own, organization.unwrap_or(&id.to_string()))?;
    access::require_plan(&services.catalog.current(), &found, &debts, ctx.now)?;
    let mut payer = Payer { credential, wallet: found.wallet, user, organization: Some(id), caps, policy };
    if let Some(MemberRow { user, daily_limit, last_active_at, .. }) = member {
        services.activity.note_member(id, user, last_active_at, ctx.now);
        payer.caps.extend(daily_limit.map(|amount| limit::of_member(user, amount, ctx.now)));
    }
    Ok(payer)
}

/// For whom a caller who meters on their own spends from a wallet, and how much they may.
///
/// # Errors
/// [`Error::NotFound`] for a wallet that they do not belong to; [`Error::Forbidden`] when they may not use its
/// credits; [`Error::SuspendedByOperator`], [`Error::AccountSuspended`] and [`Error::SubscriptionRequired`] when it is
/// not served.
pub async fn spender(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<Spender, Error> {
    let reader = services.store.reader();
    let standing = access::read_wallet(reader, caller, wallet, Action::UseCredits).await?;
    require_served_here(services, ctx, &standing).await?;
    let member = standing.member;
    let (api_key, key_limit) = match caller {
        Caller::Key(principal) => (Some(principal.api_key), principal.limit),
        _ => (None, None),
    };
    let of_key = api_key.zip(key_limit).map(|(key, cap)| limit::of_key(key, cap.amount, cap.period, ctx.now));
    let of_member = member.and_then(|member| Some(limit::of_member(member.user, member.daily_limit?, ctx.now)));
    Ok(Spender { user: caller.user(), api_key, caps: of_key.into_iter().chain(of_member).collect() })
}

/// Refuses what a wallet that is not served does not get, for whoever meters without a caller.
///
/// # Errors
/// [`Error::SuspendedByOperator`], [`Error::AccountSuspended`] and [`Error::SubscriptionRequired`]; [`Error::NotFound`]
/// for a wallet that is not there.
pub async fn require_served(services: &Services, ctx: &Context, wallet: WalletId) -> Result<(), Error> {
    let reader = services.store.reader();
    let standing = access::read_wallet(reader, &Caller::Operator, wallet, Action::UseCredits).await?;
    require_served_here(services, ctx, &standing).await
}

async fn require_served_here(services: &Services, ctx: &Context, standing: &WalletStanding) -> Result<(), Error> {
    let WalletStanding { wallet, organization, .. } = standing;
    let Some(organization) = organization else { return access::require_unsuspended(wallet.suspension.as_ref()) };
    let debts = services.store.reader().list_debts(wallet.id).await?;
    access::require_plan(&services.catalog.current(), organization, &debts, ctx.now)
}

impl Bearer {
    fn cap(&self, now: Instant) -> Option<Cap> {
        let (limit, key) = (self.limit?, self.credential.api_key()?);
        Some(limit::of_key(key, limit.amount, limit.period, now))
    }
}

async fn bearer(services: &Services, ctx: &Context, token: &str) -> Result<Bearer, Error> {
    if secret::DEVICE.hash(token).is_none() {
        let (principal, suspension) = api_key::recognise(services, ctx, token).await?;
        return Ok(Bearer {
            credential: Credential::ApiKey(principal.api_key),
            user: principal.user,
            wallet: principal.wallet,
            organization: principal.organization,
            limit: principal.limit,
            suspension,
        });
    }
    let signed_in = session::authenticate(services, ctx, token).await?;
    match signed_in.session.kind {
        SessionKind::Device => Ok(Bearer {
            credential: Credential::Device(signed_in.session.id),
            user: Some(signed_in.user.id),
            wallet: signed_in.user.wallet,
            organization: None,
            limit: None,
            suspension: signed_in.suspension,
        }),
        SessionKind::Browser => Err(Error::Unauthenticated("a browser's session is not taken here")),
    }
}

/// The membership with which the organization's credits are used. A key of the organization itself has none.
fn use_credits(member: Option<MemberRow>, is_its_own: bool, name: &str) -> Result<Option<MemberRow>, Error> {
    match member {
        Some(member) if allows(member.role, Action::UseCredits) => Ok(Some(member)),
        Some(_) => {
            let action = Action::UseCredits;
            Err(Error::Forbidden { what: action.words(), who: action.who() })
        }
        None if is_its_own => Ok(None),
        None => Err(not_found(name)),
    }
}

/// As Tare writes ids, or a bare UUID as some clients do.
fn read_organization(text: &str) -> Option<OrganizationId> {
    text.parse().ok().or_else(|| Uuid::try_parse(text).ok().map(OrganizationId::from_uuid))
}

fn not_found(name: &str) -> Error {
    Error::NotFound { what: "organization", name: name.chars().take(100).collect() }
}
