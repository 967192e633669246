//! Payments that buy something other than credits: a change of seats, a term of a pass.
//!
//! What such a payment buys is written down with it ([`Buys`]), and so is its invoice. When the payment becomes paid,
//! [`paid`] makes it happen in the same transaction; when an attempt ends without the money, [`unpaid`] says so to
//! whoever waits. A further term has a debt, from the moment it is due, and [`crate::dunning`] takes its money.
//!
//! Something new to buy is a variant of [`Buys`], with its purpose and draft here and its two ends in [`paid`] and
//! [`unpaid`]; when it is a term, [`crate::dunning`] is told with `owe` that it is due.

mod plan;
pub(crate) use plan::{NewBill, draft, plan};

mod ends;
pub(crate) use ends::{paid, unpaid};

pub use store::Buys;

use crate::pass;

/// What a payment is for, as it is kept with it and as its invoice is called.
pub(crate) const fn purpose(buys: &Buys) -> &'static str {
    match buys {
        Buys::SeatsOrder { .. } | Buys::SeatsTerm { .. } => "seats",
        Buys::PassOffer { .. } | Buys::PassTerm { .. } => pass::PURPOSE,
    }
}
