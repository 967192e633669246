//! Somebody comes back from their bank, which said what it was about.

use operations::payment;
use serde::Deserialize;

use super::place::Place;
use crate::{problem::Problem, site::Site, visit::Visit};

/// What processors add to the address to which they send somebody back.
#[derive(Deserialize)]
pub(super) struct CameBack {
    pub(super) payment_intent: Option<String>,
}

/// Learns what the bank has said, if it was about a payment of this place.
pub(super) async fn learn(site: &Site, visit: &Visit, place: &Place, came_back: CameBack) -> Result<(), Problem> {
    let Some((processor, id)) = site.services.outside.processor.as_ref().zip(came_back.payment_intent) else {
        return Ok(());
    };
    let found = site.services.store.reader().find_payment_by_foreign_id(processor.name(), &id).await?;
    if let Some(payment) = found {
        payment::see(&site.services, &visit.context, &place.caller.who, payment).await?;
    }
    Ok(())
}
