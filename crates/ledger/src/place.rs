//! Credits are reserved on named grants for a request that is about to run.
//!
//! A hold writes no transfer: nothing was spent yet. What is held is the sum of the open holds.

use units::{Amount, Instant};

use crate::{Changes, Fate, Hold, Outcome, Place, Placed, Refusal, Wallet, journal};

pub(crate) fn place(
    wallet: &mut Wallet,
    changes: &mut Changes,
    place: &Place,
    now: Instant,
) -> Result<Outcome, Refusal> {
    if let Some(open) = wallet.hold(place.hold) {
        return match open.wanted == place.wanted && open.least == place.least {
            true => Ok(answer(wallet, open.amount(), now)),
            false => Err(Refusal::id_taken(place.hold)),
        };
    }
    if let Some(fate) = wallet.fate(place.hold) {
        return Err(Refusal::HoldClosed { hold: place.hold, how: fate.name() });
    }
    if !place.least.is_positive() || place.wanted < place.least {
        return Err(Refusal::AmountOutOfRange {
            what: "the hold",
            given: format!("{} to {}", place.least, place.wanted),
            allowed: "more than 0, and the least amount at most the wanted one".to_owned(),
        });
    }
    let tightest = place.spender.tightest(wallet);
    if let Some((cap, room)) = tightest
        && room < place.least
    {
        return Err(cap.refusal(wallet, place.least));
    }
    let available = wallet.available(now);
    if available < place.least {
        return Err(Refusal::InsufficientCredits { needed: place.least, available });
    }

    let room = tightest.map_or(Amount::MAX, |(_, room)| room);
    let amount = place.wanted.min(available).min(room);
    let hold = Hold {
        id: place.hold,
        wallet: wallet.id,
        wanted: place.wanted,
        least: place.least,
        draws: journal::plan_available(wallet, amount, now),
        placed_at: now,
        lease_until: place.lease_until,
        user: place.spender.user,
        api_key: place.spender.api_key,
    };
    debug_assert_eq!(hold.amount(), amount);
    changes.opened.insert((wallet.id, hold.id), hold.clone());
    wallet.open_hold(hold);
    Ok(answer(wallet, amount, now))
}

fn answer(wallet: &Wallet, amount: Amount, now: Instant) -> Outcome {
    Outcome::Placed(Placed { amount, available: wallet.available(now) })
}

impl Fate {
    /// How the hold ended, for messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Settled(_) => "settled",
            Self::Released => "released",
            Self::Lapsed => "lapsed",
        }
    }
}
