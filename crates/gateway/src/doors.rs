//! The doors of one process: what they need, what they share, and how they close.

use std::sync::Arc;

use billing::{Model, catalog::Limits};
use connectors::upstream::{Route, Upstreams};
use operations::{Door, Services};
use tokio::sync::{Semaphore, watch};
use units::{ApiKeyId, WalletId};

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
    pub(crate) by_key: Slots<ApiKeyId>,
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
        let drains = Semaphore::new(self.services.catalog.limits.draining_streams as usize);
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

    pub(crate) fn limits(&self) -> &Limits {
        &self.gateway.services.catalog.limits
    }

    /// The model of that public id and who serves it.
    pub(crate) fn find_model(&self, id: &str) -> Result<(&Model, Route), Error> {
        let found = self.gateway.services.prices.find(id).and_then(|model| {
            let route = self.gateway.upstreams.route(id)?;
            // The price book knows what each provider calls the model; settings that say so themselves decide.
            Some((model, route.named(|provider| Some(model.offer(provider)?.upstream_model.clone()))))
        });
        found.ok_or_else(|| {
            let known = self.models().map(|model| model.id.as_str());
            Error::ModelUnknown { model: id.chars().take(100).collect(), near: near::names(id, known) }
        })
    }

    /// The models that somebody serves.
    pub(crate) fn models(&self) -> impl Iterator<Item = &Model> {
        self.gateway.services.prices.models().filter(|model| self.gateway.upstreams.route(&model.id).is_some())
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
