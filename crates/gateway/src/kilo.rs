//! What Kilo's clients ask beside chat: signing in, profile and balance, organizations, models.
//!
//! The shapes are those of CLIENTS.md. A member of a list that a client cannot read voids the whole list there,
//! so each is written whole.

mod device;

mod profile;

mod models;

mod views;

use crate::{completions::completions, routes::Routes};

/// Where the client shapes begin; their errors have Kilo's shape.
pub(crate) const BASE: &str = "/api/";

/// Where devices ask for a code, and below it for what became of it.
pub(crate) const DEVICE_CODES: &str = "/api/device-auth/codes";

/// Adds the routes. Kilo's own server has the second name of each for clients that are not its own.
pub(crate) fn add_routes(routes: Routes) -> Routes {
    let mut routes = routes
        .post(DEVICE_CODES, device::start)
        .get("/api/device-auth/codes/{code}", device::poll)
        .get("/api/profile", profile::show)
        .get("/api/profile/balance", profile::balance)
        .get("/api/user", profile::user)
        .get("/api/defaults", models::defaults)
        .get("/api/organizations/{organization}/defaults", models::defaults_of)
        .get("/api/organizations/{organization}/models", models::list_of)
        .get("/api/organizations/{organization}/modes", views::modes)
        .get("/api/users/notifications", views::notifications)
        .get("/api/trpc/kiloPass.getState", views::pass);
    for base in ["/api/openrouter", "/api/gateway"] {
        routes =
            routes.get(&format!("{base}/models"), models::list).post(&format!("{base}/chat/completions"), completions);
    }
    routes
}
