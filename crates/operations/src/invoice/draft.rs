//! What a payment will cost, and what its invoice will say.

use billing::Catalog;
use billing::invoice::{Draft, DraftError, InvoiceKind, Party, for_credits};
use billing::role::Action;
use store::{Holder, Tx, WalletRow};
use units::{Cents, WalletId};

use crate::{Caller, Error, Services, access};

/// What `amount` of credits costs this wallet now: the credits, the fee and the tax as lines, and the total that a
/// card would pay. Nothing is written down.
///
/// # Errors
/// `invalid_field` for an amount that no invoice can have; `not_found` and `forbidden`.
pub async fn quote(services: &Services, caller: &Caller, wallet: WalletId, amount: Cents) -> Result<Draft, Error> {
    let (catalog, caller) = (services.catalog.current(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, wallet, Action::SeeBilling).await?;
            draft_for_credits(tx, &catalog, &standing.wallet, InvoiceKind::Credits, amount).await
        })
        .await
}

/// What the invoice of a payment for credits will say. The payment's amount is its total, and the two are written
/// down together.
pub(crate) async fn draft_for_credits(
    tx: &mut Tx<'_>,
    catalog: &Catalog,
    wallet: &WalletRow,
    kind: InvoiceKind,
    amount: Cents,
) -> Result<Draft, Error> {
    Ok(for_credits(catalog, kind, buyer(tx, wallet).await?, amount)?)
}

/// Who buys: as the holder has said, and where they have not, by what is known of them.
pub(crate) async fn buyer(tx: &mut Tx<'_>, wallet: &WalletRow) -> Result<Party, Error> {
    let mut buyer = tx.find_billing_details(wallet.id).await?.unwrap_or_default().buyer;
    let (name, country) = match wallet.holder {
        Holder::User(user) => match tx.find_user(user).await? {
            Some(user) => (user.display_name.or(user.email).unwrap_or(user.name), user.country),
            None => (wallet.id.to_string(), None),
        },
        Holder::Organization(organization) => match tx.find_standing(organization, None).await? {
            Some(standing) => (standing.organization.name, None),
            None => (wallet.id.to_string(), None),
        },
    };
    if buyer.name.is_empty() {
        buyer.name = name;
    }
    if buyer.country.is_empty() {
        buyer.country = country.unwrap_or_default();
    }
    Ok(buyer)
}

impl From<DraftError> for Error {
    fn from(error: DraftError) -> Self {
        Self::Invalid { field: "amount", reason: error.to_string() }
    }
}
