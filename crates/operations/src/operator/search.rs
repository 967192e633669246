//! Finds wallets by whatever an operator has in hand: an address, a part of a name, an id, the number of an invoice.

use billing::invoice::Number;
use store::{Holder, HolderRow, Reader};
use units::{OrganizationId, PaymentId, UserId, WalletId};

use crate::{Caller, Error, Services, access};

/// The most that are found at once.
pub const MOST_FOUND: u32 = 50;

/// Finds. An id or a number finds the one wallet that it belongs to; nothing finds nothing.
///
/// # Errors
/// `forbidden`.
pub async fn search(services: &Services, caller: &Caller, text: &str) -> Result<Vec<HolderRow>, Error> {
    let reader = services.store.reader();
    access::read_operator(reader, caller).await?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match wallet_of(reader, text).await? {
        Some(wallet) => Ok(holder_of(reader, wallet).await?.into_iter().collect()),
        None => Ok(reader.search_holders(text, MOST_FOUND).await?),
    }
}

/// Who has a wallet.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn find_holder(services: &Services, caller: &Caller, wallet: WalletId) -> Result<HolderRow, Error> {
    let reader = services.store.reader();
    access::read_operator(reader, caller).await?;
    let found = holder_of(reader, wallet).await?;
    found.ok_or_else(|| Error::NotFound { what: "wallet", name: wallet.to_string() })
}

async fn wallet_of(reader: &Reader, text: &str) -> Result<Option<WalletId>, Error> {
    if let Ok(wallet) = text.parse::<WalletId>() {
        return Ok(Some(wallet));
    }
    if let Ok(user) = text.parse::<UserId>() {
        return Ok(reader.find_user(user).await?.map(|user| user.wallet));
    }
    if let Ok(organization) = text.parse::<OrganizationId>() {
        return Ok(reader.find_standing(organization, None).await?.map(|standing| standing.organization.wallet));
    }
    if let Ok(payment) = text.parse::<PaymentId>() {
        return Ok(reader.find_payment(payment).await?.map(|payment| payment.wallet));
    }
    if let Ok(number) = text.parse::<Number>() {
        return Ok(reader.find_invoice(number).await?.map(|document| document.wallet));
    }
    Ok(None)
}

async fn holder_of(reader: &Reader, wallet: WalletId) -> Result<Option<HolderRow>, Error> {
    let Some(row) = reader.find_wallet(wallet).await? else { return Ok(None) };
    let name = match row.holder {
        Holder::User(user) => reader.find_user(user).await?.map(|user| user.email.unwrap_or(user.name)),
        Holder::Organization(id) => reader.find_standing(id, None).await?.map(|standing| standing.organization.name),
    };
    Ok(Some(HolderRow { holder: row.holder, wallet, name: name.unwrap_or_default() }))
}
