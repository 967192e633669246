//! Changes that cost nothing and come at the renewal, and how they are taken back.

use super::quote::within;
use super::{Event, Seating, Subscription};
use crate::period::Cadence;
use crate::refusal::Refusal;

impl Seating {
    pub(super) fn remove(&self, seats: u32, used: u32) -> Result<Option<Event>, Refusal> {
        let it = self.changeable()?;
        it.require_going_on()?;
        let wanted = self.staying().saturating_sub(seats);
        if wanted < used {
            return Err(Refusal::SeatsInUse { used, wanted });
        }
        within("the number of seats to remove", seats, self.staying() - 1)?;
        Ok(Some(Event::RemovalPlanned { seats }))
    }

    pub(super) fn undo_removal(&self, seats: u32) -> Result<Option<Event>, Refusal> {
        let it = self.changeable()?;
        within("the number of seats to keep", seats, it.leaving)?;
        Ok(Some(Event::RemovalUndone { seats }))
    }

    pub(super) fn schedule_cadence(&self, cadence: Cadence) -> Result<Option<Event>, Refusal> {
        let it = self.changeable()?;
        it.require_going_on()?;
        let wanted = (cadence != it.term.cadence).then_some(cadence);
        Ok((wanted != it.next_cadence).then_some(Event::CadenceScheduled { cadence: wanted }))
    }

    pub(super) fn cancel(&self) -> Result<Option<Event>, Refusal> {
        let it = self.changeable()?;
        Ok((!it.is_cancelled).then_some(Event::Cancelled))
    }

    pub(super) fn resume(&self) -> Result<Option<Event>, Refusal> {
        let it = self.changeable()?;
        Ok(it.is_cancelled.then_some(Event::Resumed))
    }

    /// Refuses while the payment of another change is under way.
    pub(super) fn require_no_order(&self) -> Result<(), Refusal> {
        match self.order {
            None => Ok(()),
            Some(_) => Err(Refusal::ChangePending {
                pending: "the payment of another change is under way",
                instead: "Finish it or call it off first",
            }),
        }
    }

    fn changeable(&self) -> Result<&Subscription, Refusal> {
        self.require_no_order()?;
        self.subscription.as_ref().ok_or(Refusal::SubscriptionRequired { what: "subscription" })
    }
}

impl Subscription {
    /// Refuses what would come with a renewal that will not be.
    fn require_going_on(&self) -> Result<(), Refusal> {
        match self.is_cancelled {
            false => Ok(()),
            true => Err(Refusal::ChangePending {
                pending: "the subscription ends with its period",
                instead: "Resume it first",
            }),
        }
    }
}
