//! What stands above every page about a wallet until it is seen to: what happened, until when, the one thing to do.

use billing::{
    role::Action,
    top_up::{Pause, State},
};
use operations::alert;

use super::{place::Place, words::money};
use crate::{problem::Problem, site::Site, visit::Visit};

/// One of them.
#[derive(Clone)]
pub(super) struct Banner {
    pub(super) text: String,
    /// Where it is seen to.
    pub(super) to: String,
    pub(super) words: &'static str,
    /// Whether something has stopped.
    pub(super) is_bad: bool,
}

/// Those of a place, the worst first, for whoever sees its billing.
pub(super) async fn of(site: &Site, visit: &Visit, place: &Place) -> Result<Vec<Banner>, Problem> {
    if !place.may(Action::SeeBilling) {
        return Ok(Vec::new());
    }
    let paused = paused(site, place).await?;
    Ok(paused.into_iter().chain(low(site, visit, place).await?).collect())
}

async fn paused(site: &Site, place: &Place) -> Result<Option<Banner>, Problem> {
    let row = site.services.store.reader().find_top_up(place.wallet).await?;
    let state = row.and_then(|row| State::from_names(&row.state, row.pause.as_deref()));
    Ok(match state {
        // Whoever is suspended has a banner that says so.
        Some(State::Paused(Pause::Suspended) | State::Off | State::On) | None => None,
        Some(State::Paused(pause)) => Some(Banner {
            text: format!("Auto top-up is paused: {}.", pause.words()),
            to: format!("{}/auto-top-up", place.base()),
            words: "See auto top-up",
            is_bad: true,
        }),
    })
}

async fn low(site: &Site, visit: &Visit, place: &Place) -> Result<Option<Banner>, Problem> {
    let below = alert::see(&site.services, &place.caller.who, place.wallet).await?.below;
    let books = site.services.store.reader().load_wallet(place.wallet).await?;
    let Some(books) = books.filter(|books| books.head.seq > 0) else { return Ok(None) };
    let available = books.available(visit.context.now);
    let text = match below.filter(|below| available < *below) {
        Some(below) => format!("{} of credits is available, below your line of {}.", money(available), money(below)),
        None if available.is_zero() => "No credits are available.".to_owned(),
        None => return Ok(None),
    };
    let (to, is_bad) = (format!("{}/credits", place.base()), available.is_zero());
    Ok(Some(Banner { text, to, words: "Buy credits", is_bad }))
}
