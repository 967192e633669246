//! What Kilo's clients ask beside chat: signing in, profile and balance, organizations, models.
//!
//! The shapes are those of CLIENTS.md. A member of a list that a client cannot read voids the whole list there,
//! so each is written whole.

mod device;

mod profile;

mod models;

mod views;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{completions::completions, doors::Doors};

/// Where the client shapes begin; their errors have Kilo's shape.
pub(crate) const BASE: &str = "/api/";

/// The routes. Kilo's own server has the second name of each for clients that are not its own.
pub(crate) fn routes() -> Router<Doors> {
    let mut routes = Router::new()
        .route("/api/device-auth/codes", post(device::start))
        .route("/api/device-auth/codes/{code}", get(device::poll))
        .route("/api/profile", get(profile::show))
        .route("/api/profile/balance", get(profile::balance))
        .route("/api/user", get(profile::user))
        .route("/api/defaults", get(models::defaults))
        .route("/api/organizations/{organization}/defaults", get(models::defaults_of))
        .route("/api/organizations/{organization}/models", get(models::list_of))
        .route("/api/organizations/{organization}/modes", get(views::modes))
        .route("/api/users/notifications", get(views::notifications))
        .route("/api/trpc/kiloPass.getState", get(views::pass));
    for base in ["/api/openrouter", "/api/gateway"] {
        routes = routes
            .route(&format!("{base}/models"), get(models::list))
            .route(&format!("{base}/chat/completions"), post(completions));
    }
    routes
}
