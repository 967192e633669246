//! One admitted request: who pays for it, and how it ends in the books.
//!
//! It is closed exactly once, as a charge or without one. What the store cannot take now is tried again
//! in the background until it does; the hold's id is the key, so trying again never charges twice. A
//! hold whose process died is closed by the sweeper when its lease has run out.

use std::{convert::Infallible, sync::Arc, time::Duration};

use billing::{CostSource, PriceList, Usage, UsageRecord, cost_of};
use ledger::{LateSettle, Placed, Refusal, Settled};
use operations::{
    hold::{self, PlaceHold, SettleHold},
    payer::Payer,
};
use tokio::time::{sleep, timeout};
use units::{Amount, Cost, HoldId, Instant, RequestId, Seconds};

use crate::{doors::Doors, error::Error};

/// Who pays for what.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) doors: Doors,
    pub(crate) request: RequestId,
    pub(crate) payer: Arc<Payer>,
    /// The id of the hold, and of the charge that ends it. Free requests have the charge only.
    pub(crate) hold: HoldId,
    /// The model's public id.
    pub(crate) model: String,
    /// What the client calls its project.
    pub(crate) project: String,
    pub(crate) admitted_at: Instant,
    /// How long its hold lives unless it is renewed.
    pub(crate) lease: Seconds,
    /// Whether credits are reserved.
    pub(crate) is_held: bool,
    /// Whether it goes out with a key of the wallet's own, which costs no credits.
    pub(crate) has_own_key: bool,
}

/// What a request came to.
pub(crate) struct Charged {
    /// What is taken from the wallet.
    pub(crate) cost: Cost,
    /// What the provider charges the wallet's own key.
    pub(crate) own_cost: Option<Cost>,
    /// What the wallet has left; not known when the store is away.
    pub(crate) balance: Option<Amount>,
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);

impl Ticket {
    /// Reserves `least` to `wanted`. When the store does not answer, what it may have written is undone later.
    pub(crate) async fn place(&mut self, wanted: Amount, least: Amount) -> Result<Placed, Error> {
        let context = self.doors.gateway.door.context();
        let wallet = self.payer.wallet;
        let spender = self.payer.spender();
        let wish = PlaceHold { wallet, hold: self.hold, wanted, least, lease: self.lease, is_fresh: true, spender };
        let placing = hold::place(&self.doors.gateway.services, &context, wish);
        match timeout(self.doors.gateway.settings.books_patience, placing).await {
            Ok(Ok(placed)) => {
                self.is_held = true;
                Ok(placed)
            }
            Ok(Err(operations::Error::Refused(Refusal::InsufficientCredits { needed, available }))) => {
                let buy_url = format!("{}/profile", self.doors.gateway.settings.public_url);
                Err(Error::InsufficientCredits { needed, available, buy_url })
            }
            Ok(Err(operations::Error::Refused(refusal @ Refusal::DailyLimitReached { .. }))) => {
                Err(Error::DailyLimitReached(refusal.to_string()))
            }
            Ok(Err(operations::Error::Refused(refusal @ Refusal::KeyLimitReached { .. }))) => {
                Err(Error::KeyLimitReached(refusal.to_string()))
            }
            Ok(Err(operations::Error::Fault(_))) | Err(_) => {
                self.clone().try_again(Closing::Release);
                Err(Error::BooksAway)
            }
            Ok(Err(error)) => Err(error.into()),
        }
    }

    /// Renews the hold for as long as it is waited for: twice may fail before its lease runs out.
    pub(crate) async fn keep(&self) -> Infallible {
        let third = Duration::from_secs(self.lease.0.unsigned_abs()) / 3;
        loop {
            sleep(third.min(self.doors.gateway.settings.renew_every)).await;
            if self.is_held {
                let context = self.doors.gateway.door.context();
                let services = &self.doors.gateway.services;
                let renewed = hold::renew(services, &context, self.payer.wallet, self.hold, self.lease).await;
                if let Err(error) = renewed {
                    tracing::warn!(request = %self.request, %error, "a hold was not renewed");
                }
            }
        }
    }

    /// Ends the hold without a charge.
    pub(crate) async fn release(self) {
        if self.is_held {
            self.close(Closing::Release).await;
        }
    }

    /// Ends the hold with the cost of `usage`, or without a charge where there is none.
    pub(crate) async fn end(self, list: &PriceList, upstream: &str, usage: Option<Usage>) -> Option<Charged> {
        match usage {
            Some(usage) => Some(self.charge(list, upstream, usage).await),
            None => {
                self.release().await;
                None
            }
        }
    }

    async fn charge(self, list: &PriceList, upstream: &str, usage: Usage) -> Charged {
        let cost = cost_of(list, &usage, self.admitted_at).unwrap_or_else(|error| {
            tracing::error!(request = %self.request, %error, "a usage could not be priced");
            Cost::ZERO
        });
        let cost_source = match usage.reported_cost {
            _ if list.is_free() => CostSource::Free,
            Some(_) => CostSource::Reported,
            None => CostSource::Priced,
        };
        let (cost, own_cost) = if self.has_own_key { (Cost::ZERO, Some(cost)) } else { (cost, None) };
        let record = UsageRecord {
            request: self.request,
            user: self.payer.user,
            api_key: self.payer.credential.api_key(),
            model: self.model.clone(),
            provider: upstream.to_owned(),
            project: self.project.clone(),
            admitted_at: self.admitted_at,
            price_version: Some(list.version().to_string()),
            cost_source,
            own_cost,
            usage,
        };
        let settled = self.close(Closing::Settle { cost, record: Box::new(record) }).await;
        Charged { cost, own_cost, balance: settled.map(|settled| settled.balance) }
    }

    /// Tries once with patience, and leaves the rest to the background.
    async fn close(self, closing: Closing) -> Option<Settled> {
        let patience = self.doors.gateway.settings.books_patience;
        match timeout(patience, self.attempt(&closing)).await {
            Ok(Attempt::Done(settled)) => settled,
            Ok(Attempt::Again) | Err(_) => {
                self.try_again(closing);
                None
            }
        }
    }

    fn try_again(self, closing: Closing) {
        let counted = (self.doors.working(), self.doors.unsettled());
        tokio::spawn(async move {
            let _counted = counted;
            let mut pause = FIRST_PAUSE;
            let end = self.doors.gateway.door.context().now.plus(self.lease);
            loop {
                sleep(pause).await;
                if let Attempt::Done(_) = self.attempt(&closing).await {
                    return;
                }
                // Without a charge the sweeper does the same, once the lease has run out.
                if matches!(closing, Closing::Release) && self.doors.gateway.door.context().now > end {
                    return;
                }
                pause = (pause * 2).min(self.doors.gateway.settings.settle_backoff);
            }
        });
    }

    async fn attempt(&self, closing: &Closing) -> Attempt {
        let context = self.doors.gateway.door.context();
        let (services, wallet) = (&self.doors.gateway.services, self.payer.wallet);
        let done = match closing {
            Closing::Release => hold::release(services, &context, wallet, self.hold).await.map(|_| None),
            Closing::Settle { cost, record } => {
                let usage = Some(record.as_ref().clone());
                let settle = SettleHold { wallet, hold: self.hold, cost: *cost, usage, late: LateSettle::Charge };
                hold::settle(services, &context, settle).await.map(Some)
            }
        };
        match done {
            Ok(settled) => Attempt::Done(settled),
            Err(operations::Error::Fault(fault)) => {
                tracing::warn!(request = %self.request, hold = %self.hold, %fault, "a request is not settled yet");
                Attempt::Again
            }
            // The hold was never written: what was to be undone did not happen.
            Err(operations::Error::Refused(Refusal::HoldUnknown { .. })) => Attempt::Done(None),
            Err(error) => {
                tracing::error!(request = %self.request, hold = %self.hold, %error, ?closing, "a request cannot be settled");
                Attempt::Done(None)
            }
        }
    }
}

#[derive(Debug)]
enum Closing {
    Release,
    Settle { cost: Cost, record: Box<UsageRecord> },
}

enum Attempt {
    Done(Option<Settled>),
    Again,
}
