//! Brings the sandbox's events in, by the same door through which those of a real processor come.

use connectors::processor::sandbox::Sandbox;

use super::receive_event;
use crate::{Context, Error, Services};

/// How events arrive. Whatever the way, the books must be the same in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// In which order.
    pub order: Order,
    /// How often each.
    pub times: u32,
}

/// The order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they happened.
    Normal,
    /// The newest first.
    Reverse,
    /// They do not arrive.
    Never,
}

impl Way {
    /// As it should be.
    pub const USUAL: Self = Self { order: Order::Normal, times: 1 };
}

/// Lets the sandbox's banks finish thinking, and takes what it has to tell. Answers how many events came.
pub async fn deliver(services: &Services, ctx: &Context, sandbox: &Sandbox, way: Way) -> Result<u64, Error> {
    let mut deliveries = sandbox.collect().await?;
    match way.order {
        Order::Normal => {}
        Order::Reverse => deliveries.reverse(),
        Order::Never => return Ok(0),
    }
    let mut came = 0;
    for delivery in deliveries {
        for _ in 0..way.times {
            receive_event(services, ctx, &delivery.signature, &delivery.body).await?;
        }
        sandbox.delivered(&delivery.id, true).await?;
        came += 1;
    }
    Ok(came)
}
