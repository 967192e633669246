//! How large a month's bonus is, and what unlocks it.

use units::{Amount, Cents};

use crate::catalog::{PassBonus, Percent};
use crate::period::Cadence;

/// The base less this has to be used.
const UNUSED: Cents = Cents::from_count(100);

/// The percentage of the `streak`-th month in a row, counted from 1; `is_first` when the user had no pass before.
pub fn percent(cadence: Cadence, streak: u32, is_first: bool, rules: &PassBonus) -> Percent {
    match (cadence, streak, is_first) {
        (Cadence::Yearly, ..) => rules.yearly,
        (Cadence::Monthly, ..=1, true) => rules.first_month,
        (Cadence::Monthly, ..) => rules.start.stepped(rules.step, streak.saturating_sub(1), rules.cap),
    }
}

/// So many percent of the base, in whole cents, half up.
pub fn bonus(tier: Cents, percent: Percent) -> Cents {
    percent.of_half_up(tier).expect("tiers are bounded by the catalog, and no percentage is above 100")
}

/// How much has to be used for the bonus: the base less a dollar.
pub fn threshold(tier: Cents) -> Amount {
    credits(Cents::from_count(tier.count() - UNUSED.count())).max(Amount::ZERO)
}

/// Cents as credits.
pub(super) fn credits(cents: Cents) -> Amount {
    Amount::from_cents(cents).expect("tiers are bounded by the catalog")
}
