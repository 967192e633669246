//! Who buys, as invoices name them, and whether invoices go out by mail.

use billing::invoice::{BillingDetails, WrongField};
use billing::role::Action;
use serde_json::json;
use store::{Holder, Tx, WalletRow};
use units::WalletId;

use crate::audit::{self, Change};
use crate::{Caller, Context, Error, Services, access, words};

/// What the holder has set, or nothing but defaults. Who sees bills may read it.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn load_details(services: &Services, caller: &Caller, wallet: WalletId) -> Result<BillingDetails, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::SeeBilling).await?;
    Ok(reader.find_billing_details(wallet).await?.unwrap_or_default())
}

/// Sets all of it, and answers it as it is kept: without blanks, the tax id as it is printed. It counts for what is
/// bought from now on; what was bought before keeps its words. Setting the same again changes nothing.
///
/// # Errors
/// `invalid_field` with the name of the field: `name`, `street`, `extra`, `postal_code`, `city`, `region`, `country`,
/// `tax_id` or `email`; `not_found` and `forbidden`.
pub async fn set_details(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    details: BillingDetails,
) -> Result<BillingDetails, Error> {
    let buyer = details.buyer.checked()?;
    let email = match details.email.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(words::email(text)?),
    };
    let details = BillingDetails { buyer, email, is_mailed: details.is_mailed };
    let (ctx, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, wallet, Action::ManageBilling).await?;
            if details.is_mailed && address(tx, &standing.wallet, &details).await?.is_none() {
                let reason = "say where invoices are to be mailed: no address is known here".to_owned();
                return Err(Error::Invalid { field: "email", reason });
            }
            let before = tx.find_billing_details(wallet).await?;
            if before.as_ref() == Some(&details) {
                return Ok(details.clone());
            }
            tx.save_billing_details(wallet, &details, ctx.now).await?;
            let change = Change {
                scope: standing.scope(),
                action: "billing_details.set",
                subject: wallet.to_string(),
                person: None,
                before: json!(before),
                after: json!(details),
            };
            audit::record(tx, &ctx, &caller, change).await?;
            Ok(details.clone())
        })
        .await
}

/// Where the invoices of a wallet are mailed to: the address of its details, or that of the person.
pub(super) async fn address(
    tx: &mut Tx<'_>,
    wallet: &WalletRow,
    details: &BillingDetails,
) -> Result<Option<String>, Error> {
    if let Some(email) = &details.email {
        return Ok(Some(email.clone()));
    }
    match wallet.holder {
        Holder::User(user) => Ok(tx.find_user(user).await?.and_then(|user| user.email)),
        Holder::Organization(_) => Ok(None),
    }
}

impl From<WrongField> for Error {
    fn from(wrong: WrongField) -> Self {
        Self::Invalid { field: wrong.field, reason: wrong.reason }
    }
}
