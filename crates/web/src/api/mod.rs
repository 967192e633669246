//! The calls under `/api/v1`, each described where it is handled.

mod charges;
mod entries;
mod holds;
mod metering;
mod wallets;

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::routes;

use crate::{access::Rule, routes::Routes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tare",
        description = "Credits and billing for AI products. Amounts are dollars as decimal strings, moments are UTC. \
                       Every POST takes an `Idempotency-Key`. What goes wrong is told as `application/problem+json` \
                       with a stable `code`.",
        license(name = "MIT")
    ),
    components(schemas(crate::problem::Document)),
    modifiers(&Keys),
    tags(
        (name = "metering", description = "Hold credits, then charge what something really cost: for any product, not only language models."),
        (name = "wallets", description = "What is in a wallet, and where it went.")
    )
)]
struct Description;

struct Keys;

impl Modify for Keys {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let bearer = bearer.description(Some("An API key: `Authorization: Bearer tare_sk_...`")).build();
        description.components.get_or_insert_default().add_security_scheme("api_key", SecurityScheme::Http(bearer));
    }
}

/// Every call, with who is let in.
pub(crate) fn routes() -> Routes {
    Routes::new(Description::openapi())
        .call(Rule::ApiKey, routes!(holds::place))
        .call(Rule::ApiKey, routes!(holds::settle))
        .call(Rule::ApiKey, routes!(holds::release))
        .call(Rule::ApiKey, routes!(metering::meter))
        .call(Rule::ApiKey, routes!(wallets::show))
        .call(Rule::ApiKey, routes!(wallets::grants))
        .call(Rule::ApiKey, routes!(charges::list))
        .call(Rule::ApiKey, routes!(charges::show))
        .call(Rule::ApiKey, routes!(entries::list))
}
