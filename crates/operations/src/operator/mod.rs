//! Who runs this server.

mod make_setup_token;
pub use make_setup_token::make_setup_token;

mod redeem_setup_token;
pub use redeem_setup_token::{RedeemSetupToken, redeem_setup_token};

mod appoint;
pub use appoint::{appoint, dismiss};

mod acts;
pub use acts::{adjust, correct, give, refund};

mod preview;
pub use preview::{ActPreview, preview_adjust, preview_give, preview_purchase_refund, require_unchanged};

mod suspend;
pub use suspend::{Service, restore, service, suspend};

mod books;
pub use books::{Alarms, Reconciled, alarms, reconcile};

mod search;
pub use search::{MOST_FOUND, find_holder, search};
