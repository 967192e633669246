//! Seats of organizations: the trial, the subscription, and what is asked of them.
//!
//! The rules are `billing::seat`'s: here they are told the moment, the people and the prices, and what they decide is
//! written down: the events behind the history, the state with the organization, and what follows, all in one
//! transaction ([`happened`] and `book`). Whatever is due comes first: each operation lets the seats [`advance`] before it
//! decides. A change that costs something is priced with [`quote`], and [`order`] makes it at that price or not at all: it
//! happens with its payment. What costs nothing is a [`change`]. Renewals are jobs; their money is `dunning`'s.
//!
//! For doors: [`show`], [`history`], [`quote`], [`order`], [`change`], [`call_off`] and [`forecast`]. What an organization
//! owes is paid with [`crate::dunning::pay_due`].

mod book;
pub(crate) use book::happened;

mod advance;
pub use advance::advance;

mod quote;
pub use quote::{Quoted, quote};

mod order;
pub use order::{OrderSeats, Ordered, order};

mod change;
pub use change::{ChangeSeats, SeatChange, change};

mod call_off;
pub use call_off::call_off;

mod show;
pub use show::{Seats, history, show};

mod forecast;
pub use forecast::{Forecast, forecast};
