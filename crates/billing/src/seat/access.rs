//! How many seats are free, and whether the organization is served at all.

use serde::Serialize;
use units::Instant;

use super::{Change, Seating};
use crate::refusal::Refusal;

/// The numbers of the page of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many there are.
    pub seats: u32,
    /// Taken by owners, admins and members.
    pub members: u32,
    /// Taken by pending invitations.
    pub invited: u32,
    /// How many go at the renewal.
    pub leaving: u32,
    /// How many somebody can be invited to.
    pub free: u32,
}

/// Whether an organization has something that it may use. What is unpaid is apart from it, in [`crate::dunning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "access", rename_all = "snake_case")]
pub enum Access {
    /// On trial.
    Trial {
        /// Until then.
        until: Instant,
    },
    /// The trial is over, and a banner says that a plan has to be chosen. All is served still.
    Banner {
        /// Until then.
        until: Instant,
    },
    /// Subscribed.
    Subscribed,
    /// Nothing is served and nothing can be changed but by subscribing (`subscription_required`).
    Required,
}

impl Seating {
    /// The numbers, when so many members and invitations take a seat.
    pub fn counts(&self, members: u32, invited: u32) -> Counts {
        let leaving = self.seats - self.staying();
        Counts { seats: self.seats, members, invited, leaving, free: self.room().saturating_sub(members + invited) }
    }

    /// Refuses when no seat is free for one more. What leaves at the renewal is not free, and neither is what a plan
    /// that is being paid for will not have: otherwise more would be taken than there are.
    pub fn require_free(&self, used: u32) -> Result<(), Refusal> {
        if used < self.room() { Ok(()) } else { Err(Refusal::NoFreeSeat { seats: self.room() }) }
    }

    /// How many seats may be taken.
    fn room(&self) -> u32 {
        match self.order.as_ref().map(|order| &order.change) {
            Some(Change::Subscribe { seats, .. }) => self.staying().min(*seats),
            _ => self.staying(),
        }
    }

    /// Whether the organization is served. A trial that ended has `grace_days` of banners.
    pub fn access(&self, grace_days: u32, now: Instant) -> Access {
        let until = self.trial_ends_at.plus_days(grace_days);
        match (&self.subscription, self.ended_at) {
            (Some(_), _) => Access::Subscribed,
            (None, Some(_)) => Access::Required,
            (None, None) if now < self.trial_ends_at => Access::Trial { until: self.trial_ends_at },
            (None, None) if now < until => Access::Banner { until },
            (None, None) => Access::Required,
        }
    }
}
