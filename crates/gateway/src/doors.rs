//! The doors of one process: what they need, what they share, and how they close.

use std::sync::Arc;

use billing::{
    Model, PriceBook,
    catalog::Limits,
    policy::{Forbidden, Wish},
};
use connectors::upstream::{Route, Upstreams};
use operations::{Door, Services, payer::Payer};
use tokio::sync::{Semaphore, watch};
use units::WalletId;
use uuid::Uuid;

use crate::{
    error::Error,
    limits::{Hourly, Slots},
    near,
    settings::Settings,
};

/// What the doors are made of.
pub struct Gateway {
    /// The books and the rules.
    pub services: Services,
    /// Time and ids of each request.
    pub door: Arc<dyn Door>,
    /// Who serves the models.
    pub upstreams: Upstreams,
    /// Addresses and patience.
    pub settings: Settings,
}

/// Open doors. Cheap to clone.
#[derive(Clone)]
pub struct Doors(Arc<Shared>);

/// What all requests share. Public only because `Doors` leads to it; nothing of it is.
pub struct Shared {
    pub(crate) gateway: Gateway,
    /// By API key or device.
    pub(crate) by_key: Slots<Uuid>,
    pub(crate) by_wallet: Slots<WalletId>,
    pub(crate) free: Hourly,
    /// Places for answers that are read on after their client left.
    pub(crate) drains: Semaphore,
    /// Requests that were taken, and settlements that wait.
    working: watch::Sender<usize>,
    unsettled: watch::Sender<usize>,
}

/// Counts one piece of work; dropping it ends that.
pub(crate) struct Counted(watch::Sender<usize>);

impl Gateway {
    /// Opens the doors.
    pub fn open(self) -> Doors {
        // A semaphore has one size for its life: this limit alone waits for a restart.
        let drains = Semaphore::new(self.services.catalog.current().limits.draining_streams as usize);
        Doors(Arc::new(Shared {
            gateway: self,
            by_key: Slots::default(),
            by_wallet: Slots::default(),
            free: Hourly::default(),
            drains,
            working: watch::Sender::new(0),
            unsettled: watch::Sender::new(0),
        }))
    }
}

impl Doors {
    /// Waits until every request that was taken is settled. New ones should be kept away before.
    pub async fn close(&self) {
        let mut working = self.working.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = working.wait_for(|count| *count == 0).await;
    }
}

impl Shared {
    /// Counts a request, or a settlement that outlives one, so that `close` waits for it.
    pub(crate) fn working(&self) -> Counted {
        Counted::one_more(&self.working)
    }

    /// Counts a settlement that waits for the store.
    pub(crate) fn unsettled(&self) -> Counted {
        Counted::one_more(&self.unsettled)
    }

    /// Whether too many settlements wait for the store to let more requests in.
    pub(crate) fn is_overdue(&self) -> bool {
        *self.unsettled.borrow() >= self.gateway.settings.unsettled
    }

    /// The limits in force now.
    pub(crate) fn limits(&self) -> Limits {
        self.gateway.services.catalog.current().limits.clone()
    }

    /// The prices in force now; a request keeps them to its end.
    pub(crate) fn prices(&self) -> Arc<PriceBook> {
        self.gateway.services.prices.current()
    }

    /// The model of that public id and who serves it.
    pub(crate) fn find_model<'p>(&self, prices: &'p PriceBook, id: &str) -> Result<(&'p Model, Route), Error> {
        let found = prices.find(id).and_then(|model| {
            let route = self.gateway.upstreams.route(id)?;
            // The price book knows what each provider calls the model; settings that say so themselves decide.
            Some((model, route.named(|provider| Some(model.offer(provider)?.upstream_model.clone()))))
        });
        found.ok_or_else(|| {
            let known = self.models(prices).map(|model| model.id.as_str());
            Error::ModelUnknown { model: id.chars().take(100).collect(), near: near::names(id, known) }
        })
    }

    /// The route without what the payer's policy forbids.
    pub(crate) fn permitted(&self, payer: &Payer, model: &Model, route: Route) -> Result<Route, Error> {
        let Some(policy) = &payer.policy else { return Ok(route) };
        let mut why = None;
        let allowed = route.only(|provider| {
            let may_train = self.gateway.upstreams.trains_on_prompts(provider);
            let checked = policy.check(Wish { model: &model.id, provider, may_train });
            why = checked.err().or(why);
            checked.is_ok()
        });
        allowed.ok_or_else(|| Error::ModelNotAllowed { model: model.id.clone(), why: words(why) })
    }

    /// The models that somebody serves and that this payer may use.
    pub(crate) fn models_for<'p>(
        &self,
        prices: &'p PriceBook,
        payer: Option<&Payer>,
    ) -> impl Iterator<Item = &'p Model> {
        self.models(prices).filter(move |model| match (payer, self.gateway.upstreams.route(&model.id)) {
            (Some(payer), Some(route)) => self.permitted(payer, model, route).is_ok(),
            (None, route) => route.is_some(),
            (Some(_), None) => false,
        })
    }

    /// The models that somebody serves.
    fn models<'p>(&self, prices: &'p PriceBook) -> impl Iterator<Item = &'p Model> {
        prices.models().filter(|model| self.gateway.upstreams.route(&model.id).is_some())
    }
}

fn words(why: Option<Forbidden>) -> &'static str {
    match why {
        Some(Forbidden::Provider) => "none of its providers is allowed",
        Some(Forbidden::Training) => "its provider may train on prompts",
        Some(Forbidden::Model) | None => "the model is not allowed",
    }
}

impl std::ops::Deref for Doors {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Counted {
    fn one_more(counter: &watch::Sender<usize>) -> Self {
        counter.send_modify(|count| *count += 1);
        Self(counter.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
