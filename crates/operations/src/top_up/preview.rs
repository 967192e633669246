//! What turning automatic top-up on would mean, for a person who has not agreed to it yet.

use billing::invoice::InvoiceKind;
use billing::role::Action;
use billing::top_up::{self, CONSENT_VERSION, Decision, Settings, Standing, State, Wish, decide};
use store::{CardRow, Tx};
use units::{Amount, Cents, WalletId};

use super::{attempts, read, saved_card, wished};
use crate::{Caller, Context, Error, Services, access, invoice};

/// What would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The wish with what it leaves open.
    pub settings: Settings,
    /// Where a top-up that fires at the threshold brings the wallet.
    pub target: Amount,
    /// What is available now.
    pub available: Amount,
    /// What the card pays for each top-up, with fee and tax.
    pub price: Cents,
    /// What would happen at once: [`Decision::Attempt`] charges the price.
    pub at_once: Decision,
    /// The card that would be charged; without one it cannot be turned on.
    pub card: Option<CardRow>,
    /// What the person agrees to.
    pub consent: String,
    /// Which text that is.
    pub consent_version: &'static str,
}

/// Tells it, and changes nothing. Another charge or payment in between may change what happens at once.
///
/// # Errors
/// `amount_out_of_range` with what is allowed, `not_found` and `forbidden`.
pub async fn preview(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    wish: Wish,
) -> Result<Preview, Error> {
    let reader = services.store.reader();
    let standing = access::read_wallet(reader, caller, wallet, Action::ManageBilling).await?;
    let processor = services.outside.processor()?;
    let card = reader.list_cards(wallet, processor.name()).await?.pop();
    let before = reader.find_top_up(wallet).await?;
    let catalog = services.catalog.current();
    let settings = wished(&catalog, &standing.wallet.holder, before.as_ref(), &wish)?;
    let tally = reader.tally_top_ups(wallet, ctx.now).await?;
    let available = reader.load_wallet(wallet).await?.map_or(Amount::ZERO, |books| books.available(ctx.now));
    let (rules, known, seen) = (catalog.clone(), standing.wallet, card.clone());
    let quoted = services.store.write(async move |tx: &mut Tx<'_>| {
        let draft = invoice::draft_for_credits(tx, &rules, &known, InvoiceKind::AutoTopUp, settings.amount).await?;
        Ok::<_, Error>((draft.total, saved_card(tx, seen.as_ref()).await?))
    });
    let (price, pays) = quoted.await?;
    let is_on_so = match &before {
        Some(row) => read(row)? == (State::On, settings),
        None => false,
    };
    let then = Standing { state: State::On, settings, price, available, card: pays, attempts: attempts(&tally) };
    let rules = &catalog.top_up;
    Ok(Preview {
        settings,
        target: settings.target(),
        available,
        price,
        // The same wish again changes nothing.
        at_once: if is_on_so { Decision::Nothing } else { decide(&then, rules.per_day, ctx.now) },
        card,
        consent: top_up::consent(&catalog.brand.name, rules, &settings),
        consent_version: CONSENT_VERSION,
    })
}
