//! Who is knocking.

use billing::SpendingLimit;
use billing::role::{Action, allows};
use store::{Holder, SuspensionRow};
use units::{Amount, ApiKeyId, OrganizationId, UserId, WalletId};

use crate::secret::API_KEY;
use crate::{Context, Error, Services};

/// Who a request acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// With which key.
    pub api_key: ApiKeyId,
    /// Whose credits it spends.
    pub wallet: WalletId,
    /// Who uses it, when a person is known.
    pub user: Option<UserId>,
    /// The organization whose wallet it is; absent for a personal one.
    pub organization: Option<OrganizationId>,
    /// How much the key may spend.
    pub limit: Option<SpendingLimit>,
    /// How much its person may spend of the organization's credits in a UTC day.
    pub daily_limit: Option<Amount>,
}

/// Finds the key by its hash. The comparison is the store's lookup of a SHA-256, which tells nothing
/// about the key by its timing.
///
/// What a key's person may is looked up with it, so that it never does more than they may now. That it was used
/// is noted and written later.
pub async fn authenticate(services: &Services, ctx: &Context, text: &str) -> Result<Principal, Error> {
    Ok(recognise(services, ctx, text).await?.0)
}

/// The same, and whether an operator has stopped the service of its wallet.
pub(crate) async fn recognise(
    services: &Services,
    ctx: &Context,
    text: &str,
) -> Result<(Principal, Option<SuspensionRow>), Error> {
    let hash = API_KEY.hash(text).ok_or(Error::Unauthenticated("this is not an API key of this server"))?;
    let known = services
        .store
        .reader()
        .find_api_key_by_hash(hash)
        .await?
        .ok_or(Error::Unauthenticated("this API key is not known here"))?;
    let key = known.key;
    if key.revoked_at.is_some() {
        return Err(Error::Unauthenticated("this API key was revoked; create a new one"));
    }
    if key.expires_at.is_some_and(|end| end <= ctx.now) {
        return Err(Error::Unauthenticated("this API key has expired; create a new one"));
    }
    let organization = match known.holder {
        Holder::User(_) => None,
        Holder::Organization(organization) => Some(organization),
    };
    if organization.is_some() && key.user.is_some() && !known.role.is_some_and(|role| allows(role, Action::UseCredits))
    {
        return Err(Error::Unauthenticated("this API key's person does not use this organization's credits any more"));
    }
    if let (Some(organization), Some(user)) = (organization, key.user) {
        services.activity.note_member(organization, user, known.last_active_at, ctx.now);
    }
    services.activity.note_key(key.id, key.last_used_at, ctx.now);
    let principal = Principal {
        api_key: key.id,
        wallet: key.wallet,
        user: key.user,
        organization,
        limit: key.limit,
        daily_limit: known.daily_limit,
    };
    Ok((principal, known.suspension))
}
