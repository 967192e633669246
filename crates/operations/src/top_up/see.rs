//! How the automatic top-up of a wallet stands.

use billing::role::Action;
use billing::top_up::{self, CONSENT_VERSION, Limit, Settings, State, Wish};
use store::{CardRow, WatchKind};
use units::{Amount, Cents, Instant, WalletId};

use super::{choice, read};
use crate::{Caller, Context, Error, Services, access};

/// How it stands, and what can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// Off, on, or paused with the reason. `State::name`, `Pause::name` and `Pause::words` are for showing.
    pub state: State,
    /// What the holder allows; the catalog's defaults when it was never on.
    pub settings: Settings,
    /// Where a top-up that fires at the threshold brings the wallet.
    pub target: Amount,
    /// What is available now.
    pub available: Amount,
    /// What automatic payments of this UTC month have taken or may still take.
    pub spent_this_month: Cents,
    /// Automatic payments that began on this UTC day.
    pub payments_today: u32,
    /// The most that may begin in a day.
    pub payments_per_day: u32,
    /// Whether a payment is on its way.
    pub is_buying: bool,
    /// The limit that is reached, and until when.
    pub waits_for: Option<(Limit, Instant)>,
    /// The card that would be charged: the one that was saved last.
    pub card: Option<CardRow>,
    /// Amounts to choose from, rising.
    pub amounts: Vec<Cents>,
    /// What a person agrees to who turns it on with these settings, to be shown before. It is kept with their wish.
    pub consent: String,
    /// Which text that is.
    pub consent_version: &'static str,
}

/// Shows it. Who may see billing may see it.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn see(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<TopUp, Error> {
    let reader = services.store.reader();
    let standing = access::read_wallet(reader, caller, wallet, Action::SeeBilling).await?;
    let catalog = services.catalog.current();
    let (rules, choice) = (&catalog.top_up, choice(&catalog, &standing.wallet.holder));
    let row = reader.find_top_up(wallet).await?;
    let (state, settings) = match &row {
        Some(row) => read(row)?,
        None => (State::Off, Settings::choose(rules, choice, &Wish::default())?),
    };
    let limit = row.and_then(|row| Limit::from_name(&row.waits_for?));
    let until = reader.find_watch(wallet, WatchKind::TopUp).await?.and_then(|watch| watch.look_at);
    let tally = reader.tally_top_ups(wallet, ctx.now).await?;
    let books = reader.load_wallet(wallet).await?;
    let card = match &services.outside.processor {
        Some(processor) => reader.list_cards(wallet, processor.name()).await?.pop(),
        None => None,
    };
    Ok(TopUp {
        state,
        settings,
        target: settings.target(),
        available: books.map_or(Amount::ZERO, |books| books.available(ctx.now)),
        spent_this_month: tally.this_month,
        payments_today: tally.today,
        payments_per_day: rules.per_day,
        is_buying: tally.is_open,
        waits_for: limit.zip(until),
        card,
        amounts: choice.amounts.clone(),
        consent: top_up::consent(&catalog.brand.name, rules, &settings),
        consent_version: CONSENT_VERSION,
    })
}
