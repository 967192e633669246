//! One request at a door.

use std::net::IpAddr;

use operations::Context;
use units::RequestId;

/// What is known of a request before anybody looked into it.
#[derive(Clone)]
pub(crate) struct Visit {
    /// Its time, and where its ids come from.
    pub(crate) context: Context,
    /// Its name.
    pub(crate) request: RequestId,
    /// Where it comes from.
    pub(crate) client: IpAddr,
}
