//! Real money that comes in: cards, purchases of credits, and what becomes of each attempt to charge.
//!
//! Each attempt is written down before the processor is asked, created there first and confirmed second. What is
//! learned of it, by an answer, by an event or by looking, goes through one function, [`apply`], and in
//! whatever order: the rules are `billing::payment`'s. Credits follow a paid payment exactly once, by its id. A payment
//! that buys something else has a [`crate::bill`].

pub(crate) mod consequences;

mod apply;
pub(crate) use apply::{credit, try_name};

mod drive;

mod guard;
pub(crate) use guard::admit;

mod plan;
pub(crate) use plan::{brings_credits, new_payment, plan, plan_again, source};

mod attended;
pub(crate) use attended::{Chargeable, charge_attended, find_chargeable};

mod buy;
pub use buy::{Bought, BuyCredits, PaymentState, buy};

mod card;
pub use card::{AddCard, BeginCard, add_card, begin_card};

mod saved_cards;
pub use saved_cards::{list_cards, remove_card};

mod unattended;
pub(crate) use unattended::charge_unattended;

mod look;
pub(crate) use look::{call_off, look, look_by_foreign_id};

mod counts;
pub use counts::{EventCounts, EventsSeen};

mod mode;
pub use mode::list_other_modes;

mod event;
pub use event::receive_event;

mod catch_up;
pub use catch_up::catch_up;

mod deliver;
pub use deliver::{Order, Way, deliver};

mod see;
pub use see::{see, see_by_key};

mod shelf;
pub use shelf::StoreShelf;
