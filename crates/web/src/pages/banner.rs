//! What stands above every page about a wallet until it is seen to: what happened, until when, the one thing to do.

use billing::{
    dunning::State as Standing,
    role::Action,
    seat::Access,
    top_up::{Pause, State},
};
use operations::{alert, dunning};
use store::SuspensionRow;

use super::{
    place::Place,
    words::{Said, help_at, moment, money, on_day, until},
};
use crate::{problem::Problem, site::Site, visit::Visit};

/// One of them.
#[derive(Clone)]
pub(super) struct Banner {
    pub(super) text: Said,
    /// Where it is seen to; empty for whoever cannot.
    pub(super) to: String,
    pub(super) words: &'static str,
    /// Whether something has stopped.
    pub(super) is_bad: bool,
}

/// Those of a place, the worst first. What has stopped is told to everybody there, money to whoever sees the billing.
pub(super) async fn of(site: &Site, visit: &Visit, place: &Place) -> Result<Vec<Banner>, Problem> {
    let stopped = owed(site, visit, place).await?.or_else(|| without_plan(site, visit, place));
    let stopped: Vec<_> = suspended(site, place).into_iter().chain(stopped).collect();
    if !place.may(Action::SeeBilling) {
        return Ok(stopped);
    }
    let paused = paused(site, place, stopped.iter().any(|banner| banner.is_bad)).await?;
    Ok(stopped.into_iter().chain(paused).chain(low(site, visit, place).await?).collect())
}

/// What whoever runs this server has stopped by hand, and where to ask about it.
fn suspended(site: &Site, place: &Place) -> Option<Banner> {
    let SuspensionRow { since, reason } = place.suspension.as_ref()?;
    let brand = &site.services.catalog.current().brand;
    let text = Said::from("Suspended since ").then(moment(*since)).then(format!(
        " by whoever runs {}: {reason}. Requests are refused; credits, keys and settings are kept.",
        brand.name,
        reason = reason.trim_end_matches('.'),
    ));
    let (to, words) = (help_at(&brand.support), "Ask for help");
    Some(Banner { text, to, words, is_bad: true })
}

/// What was not paid.
async fn owed(site: &Site, visit: &Visit, place: &Place) -> Result<Option<Banner>, Problem> {
    let (services, now) = (&site.services, visit.context.now);
    let standing = dunning::status(services.store.reader(), &services.catalog.current(), place.wallet, now).await?;
    let (text, is_bad) = match standing {
        Standing::Active => return Ok(None),
        Standing::Grace { until: end } => {
            (Said::from("A payment failed. Everything goes on until ").then(on_day(end)).then("."), false)
        }
        Standing::Suspended { purges_at, .. } => {
            let stopped = "Suspended: requests are refused until what is due is paid. Keys and settings are deleted ";
            (Said::from(stopped).then(until(purges_at, now)).then("."), true)
        }
        Standing::Purged { .. } => ("Suspended: requests are refused until what is due is paid.".into(), true),
    };
    Ok(Some(Banner { text, to: format!("{}/due", place.base()), words: "Pay it", is_bad }.for_who_pays(place)))
}

/// A trial, and what comes behind it.
fn without_plan(site: &Site, visit: &Visit, place: &Place) -> Option<Banner> {
    let (now, row) = (visit.context.now, place.organization.as_ref()?);
    let (text, is_bad) = match row.seating.access(site.services.catalog.current().dunning.grace_days, now) {
        Access::Subscribed => return None,
        Access::Trial { until: end } => (Said::from("The trial ends ").then(until(end, now)).then("."), false),
        Access::Banner { until: end } => {
            let over = Said::from("The trial is over. Requests are refused from ");
            (over.then(on_day(end)).then(" on, unless a plan is chosen."), true)
        }
        Access::Required => ("There is no plan: requests are refused. Credits and data are kept.".into(), true),
    };
    let (to, words) = (format!("{}/seats/plan", place.base()), "Choose a plan");
    Some(Banner { text, to, words, is_bad }.for_who_pays(place))
}

impl Banner {
    /// Whoever may not pay is told who may.
    fn for_who_pays(mut self, place: &Place) -> Self {
        if !place.may(Action::ManageBilling) {
            self.text = self.text.then(" Tell an owner or billing manager.");
            self.to.clear();
        }
        self
    }
}

async fn paused(site: &Site, place: &Place, is_stopped: bool) -> Result<Option<Banner>, Problem> {
    let row = site.services.store.reader().find_top_up(place.wallet).await?;
    let state = row.and_then(|row| State::from_names(&row.state, row.pause.as_deref()));
    Ok(match state {
        Some(State::Off | State::On) | None => None,
        // Whoever is suspended has a banner that says so.
        Some(State::Paused(Pause::Suspended)) if is_stopped => None,
        Some(State::Paused(pause)) => Some(Banner {
            text: format!("Auto top-up is paused: {}.", pause.words()).into(),
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
    Ok(Some(Banner { text: text.into(), to, words: "Add credits", is_bad }))
}
