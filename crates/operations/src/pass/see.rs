//! How the pass of a person stands.

use billing::catalog::{self, Percent};
use billing::pass::{self, Figures};
use billing::period::Cadence;
use billing::role::Action;
use store::{CardRow, PassGrantRow, PassRow, Reader};
use units::{Amount, Cents, PassId, WalletId};

use super::personal;
use crate::{Caller, Error, Services, access};

/// How many grants of the past are shown.
const HISTORY: u32 = 60;

/// How it stands, and what can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The pass in force, or the last one there was; none when there never was one.
    pub pass: Option<PassId>,
    /// Its figures: tier, period, next dates, streak, this month's bonus and how far it is, the next month's.
    pub figures: Option<Figures>,
    /// Whether a subscription would be the person's first, with a bonus of its own in the first month.
    pub is_first: bool,
    /// Every tier and cadence that there is.
    pub choices: Vec<Choice>,
    /// What passes have granted, the newest first.
    pub grants: Vec<PassGrantRow>,
    /// The card that would be charged: the one that was saved last.
    pub card: Option<CardRow>,
}

/// A tier and cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What a month brings.
    pub tier: Cents,
    /// How long is paid at once.
    pub cadence: Cadence,
    /// What a term costs, without tax.
    pub price: Cents,
    /// How many percent the first month's bonus would be for who subscribes now.
    pub percent: Percent,
    /// That bonus.
    pub bonus: Cents,
}

/// Shows it. Who may see billing may see it. What is to be paid is listed by [`crate::dunning::list_due`].
///
/// # Errors
/// `invalid_field` for the wallet of an organization, `not_found` and `forbidden`.
pub async fn see(services: &Services, caller: &Caller, wallet: WalletId) -> Result<Seen, Error> {
    let reader = services.store.reader();
    personal(access::read_wallet(reader, caller, wallet, Action::SeeBilling).await?)?;
    let card = match &services.outside.processor {
        Some(processor) => reader.list_cards(wallet, processor.name()).await?.pop(),
        None => None,
    };
    Ok(Seen { card, ..read(reader, &services.catalog.current().pass, wallet).await? })
}

/// The same for whoever runs the server, who need not know its processor: without a card.
pub async fn read(reader: &Reader, rules: &catalog::Pass, wallet: WalletId) -> Result<Seen, Error> {
    let passes = reader.list_passes(wallet).await?;
    let shown = passes.iter().find(|row| row.is_in_force).or(passes.last());
    let figures = match shown {
        Some(row) => Some(row.pass.figures(used(reader, row).await?, rules)),
        None => None,
    };
    let both = rules.tiers.iter().flat_map(|tier| Cadence::ALL.map(|cadence| (*tier, cadence)));
    let choice = |(tier, cadence)| {
        let percent = pass::percent(cadence, 1, passes.is_empty(), &rules.bonus);
        let price = pass::price(tier, cadence, rules);
        Choice { tier, cadence, price, percent, bonus: pass::bonus(tier, percent) }
    };
    Ok(Seen {
        pass: shown.map(|row| row.id),
        figures,
        is_first: passes.is_empty(),
        choices: both.map(choice).collect(),
        grants: reader.list_pass_grants(wallet, HISTORY).await?,
        card: None,
    })
}

/// What was used since the month was granted, as long as its bonus is locked.
async fn used(reader: &Reader, row: &PassRow) -> Result<Amount, Error> {
    let gauge = reader.find_gauge(row.wallet, row.id).await?;
    let gauge = gauge.filter(|gauge| row.pass.granted.is_some_and(|month| month.number == gauge.month));
    Ok(gauge.map_or(Amount::ZERO, |gauge| gauge.used))
}
