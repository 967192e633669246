//! A processor that moves no money: the numbers of Stripe's test cards, and a few of our own, with what they do.
//!
//! Its memory lies on a [`Shelf`], which is Tare's own database: it survives a restart, and every node sees the
//! same. There is no chance in it: ids come from keys, time from the clock that it is given, and the outcome from
//! the card. No other number than the listed ones is taken, so no real card is ever stored.

mod cards;
pub use cards::{Card, find as find_card};

mod shelf;
pub use shelf::{Item, Shelf, ShelfFault};

mod objects;

mod desk;

mod contests;

mod payments;

mod refunds;

mod setups;

mod events;
pub use events::Delivery;

mod processor;
pub use processor::Sandbox;

mod pages;
pub use pages::{PaymentPage, SetupPage};
