//! Documents, the newest first.

use billing::invoice::Document;
use billing::role::Action;
use store::InvoiceFilter;
use units::InvoiceId;

use crate::{Caller, Error, Services, access};

/// The most documents of one page.
pub const MOST_DOCUMENTS: u32 = 200;

/// A page of documents, invoices and credit notes, the newest first. The next page begins `before` the id of the last
/// one; a page that is shorter than `limit` is the last. Without a wallet in the filter, those of all wallets: for
/// operators.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn list(
    services: &Services,
    caller: &Caller,
    filter: InvoiceFilter,
    before: Option<InvoiceId>,
    limit: u32,
) -> Result<Vec<Document>, Error> {
    let reader = services.store.reader();
    match filter.wallet {
        Some(wallet) => drop(access::read_wallet(reader, caller, wallet, Action::SeeBilling).await?),
        None => access::read_operator(reader, caller).await?,
    }
    Ok(reader.list_invoices(filter, before, limit.min(MOST_DOCUMENTS)).await?)
}
