//! Automatic top-up: credits that are bought without asking.
//!
//! A holder turns it on, with a saved card and their consent, which is kept word for word. From then on a watch stands over the wallet
//! ([`store::WatchRow`]): the store notes with the charge that it fell below the threshold, and [`look`] decides once
//! for all charges that crossed together. What may be bought is counted in the transaction that writes the attempt
//! down, and a unique row lets a wallet have one; then the card is charged like any other payment, and what becomes
//! of it is followed with it. A bank that says no pauses it, with one letter, until a person resumes it.
//!
//! For doors: [`see`] (for `GET`), [`preview`], [`turn_on`] and [`turn_off`] (for `PUT`), [`resume`]. All but the preview answer a
//! [`TopUp`]. What happens by itself is done by [`crate::jobs::watch`].

mod logged;

mod see;
pub use see::{TopUp, see};

mod preview;
pub use preview::{Preview, preview};

mod turn_on;
pub use turn_on::{TurnOn, turn_on};

mod turn_off;
pub use turn_off::turn_off;

mod resume;
pub use resume::resume;

mod pause;
pub(crate) use pause::{pause, pause_when_low};

mod follow;
pub(crate) use follow::{credited, follow};

mod look;
pub(crate) use look::look;

use billing::Catalog;
use billing::top_up::{Attempts, SavedCard, Settings, State, Wish};
use ledger::Source;
use store::{CardRow, Fault, Holder, TopUpRow, TopUpTally, Tx, WatchKind, WatchRow};
use units::Instant;

use crate::Error;

/// What such a payment is for, and the source of its grant.
pub(crate) const PURPOSE: Source = Source::AutoTopUp;

/// What a row says, in the words of the rules.
fn read(row: &TopUpRow) -> Result<(State, Settings), Error> {
    let state = State::from_names(&row.state, row.pause.as_deref());
    let state = state.ok_or_else(|| Fault::Bug { what: format!("the top-up of {} is {}", row.wallet, row.state) })?;
    Ok((state, Settings { threshold: row.threshold, amount: row.amount, monthly_cap: row.monthly_cap }))
}

/// The row with another state, which waits for nothing.
fn in_state(row: &TopUpRow, state: State, now: Instant) -> TopUpRow {
    TopUpRow {
        state: state.name().to_owned(),
        pause: state.pause().map(|pause| pause.name().to_owned()),
        waits_for: None,
        changed_at: now,
        ..row.clone()
    }
}

/// A watch at the threshold that must be looked at once: the wallet may be below it already.
fn watch(row: &TopUpRow, now: Instant) -> WatchRow {
    WatchRow {
        wallet: row.wallet,
        kind: WatchKind::TopUp,
        below: row.threshold,
        is_armed: true,
        rearms: false,
        look_at: Some(now),
        version: 0,
    }
}

/// A watch that waits for nothing, until something that it belongs to changes.
fn at_rest(row: &TopUpRow) -> WatchRow {
    WatchRow { is_armed: false, look_at: None, ..watch(row, row.changed_at) }
}

/// Whether the card that would be charged pays.
async fn saved_card(tx: &mut Tx<'_>, card: Option<&CardRow>) -> Result<SavedCard, Error> {
    let Some(card) = card else { return Ok(SavedCard::Missing) };
    match tx.is_card_blocked(card.wallet, &card.processor, &card.fingerprint).await? {
        true => Ok(SavedCard::Blocked),
        false => Ok(SavedCard::Good),
    }
}

/// Refuses a card that would pause it at its first payment.
async fn require_good(tx: &mut Tx<'_>, card: &CardRow) -> Result<(), Error> {
    match saved_card(tx, Some(card)).await? {
        SavedCard::Blocked => Err(Error::CardBlocked),
        SavedCard::Good | SavedCard::Missing => Ok(()),
    }
}

/// What the catalog lets the holder choose from.
fn choice<'a>(catalog: &'a Catalog, holder: &Holder) -> &'a billing::catalog::TopUpChoice {
    match holder {
        Holder::User(_) => &catalog.top_up.personal,
        Holder::Organization(_) => &catalog.top_up.organization,
    }
}

/// The settings of a wish: as before when nothing is wished and it was on once, else with the catalog's defaults.
fn wished(catalog: &Catalog, holder: &Holder, before: Option<&TopUpRow>, wish: &Wish) -> Result<Settings, Error> {
    match before {
        Some(before) if *wish == Wish::default() => Ok(read(before)?.1),
        _ => Ok(Settings::choose(&catalog.top_up, choice(catalog, holder), wish)?),
    }
}

/// What was tried, in the words of the rules.
fn attempts(tally: &TopUpTally) -> Attempts {
    let TopUpTally { is_open, today, this_month, called_off_at } = *tally;
    Attempts { is_open, today, this_month, called_off_at }
}
