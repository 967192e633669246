//! The calls under `/api/v1`, each described where it is handled.

mod sign_in;

mod sessions;

mod organizations;

mod members;

mod governance;

mod holds;

mod wallets;

mod charges;

mod receipts;

mod entries;

mod api_keys;

mod byok_keys;

mod payment_methods;

mod purchases;

mod refunds;

mod auto_top_up;

mod alerts;

mod due;

mod seats;

mod pass;

mod invoices;
pub(crate) use invoices::find as find_invoice;

mod operators;

mod operator_wallets;

mod suspension;

mod operator_books;

mod metering;

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
        (name = "wallets", description = "What is in a wallet, where it went, and the keys that spend from it."),
        (name = "buying", description = "Cards, and credits for real money."),
        (name = "people", description = "Signing in, and what is yours."),
        (name = "organizations", description = "People who share a wallet."),
        (name = "operator", description = "For whoever runs this server.")
    )
)]
struct Description;

struct Keys;

impl Modify for Keys {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let bearer = bearer.description(Some("An API key: `Authorization: Bearer tare_sk_...`")).build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let words = "The token of a session or device: `Authorization: Bearer tare_ss_...`. Browsers send it as a cookie, \
                     and with every change the header `X-Tare-CSRF`.";
        let bearer = bearer.description(Some(words)).build();
        components.add_security_scheme("session", SecurityScheme::Http(bearer));
    }
}

/// Every call, with who is let in.
pub(crate) fn routes() -> Routes {
    Routes::new(Description::openapi())
        .call(Rule::Metering, routes!(holds::place))
        .call(Rule::Metering, routes!(holds::settle))
        .call(Rule::Metering, routes!(holds::release))
        .call(Rule::Metering, routes!(metering::meter))
        .call(Rule::Anybody, routes!(wallets::show))
        .call(Rule::Anybody, routes!(wallets::grants))
        .call(Rule::Anybody, routes!(charges::list))
        .call(Rule::Anybody, routes!(charges::show))
        .call(Rule::Anybody, routes!(receipts::show))
        .call(Rule::Anyone, routes!(receipts::key))
        .call(Rule::Anybody, routes!(entries::list))
        .call(Rule::Anybody, routes!(api_keys::list))
        .call(Rule::Person, routes!(api_keys::create))
        .call(Rule::Person, routes!(api_keys::change))
        .call(Rule::Person, routes!(api_keys::revoke))
        .call(Rule::Person, routes!(byok_keys::list))
        .call(Rule::Person, routes!(byok_keys::create))
        .call(Rule::Person, routes!(byok_keys::change))
        .call(Rule::Person, routes!(byok_keys::forget))
        .call(Rule::Anybody, routes!(payment_methods::list))
        .call(Rule::Person, routes!(payment_methods::begin))
        .call(Rule::Person, routes!(payment_methods::create))
        .call(Rule::Person, routes!(payment_methods::forget))
        .call(Rule::Anybody, routes!(purchases::list))
        .call(Rule::Buyer, routes!(purchases::buy))
        .call(Rule::Person, routes!(purchases::show))
        .call(Rule::Person, routes!(refunds::preview))
        .call(Rule::Anybody, routes!(refunds::list))
        .call(Rule::Person, routes!(refunds::create))
        .call(Rule::Anybody, routes!(auto_top_up::show))
        .call(Rule::Anybody, routes!(auto_top_up::preview))
        .call(Rule::Person, routes!(auto_top_up::set))
        .call(Rule::Person, routes!(auto_top_up::resume))
        .call(Rule::Anybody, routes!(pass::show))
        .call(Rule::Person, routes!(pass::quote))
        .call(Rule::Buyer, routes!(pass::subscribe))
        .call(Rule::Person, routes!(pass::change))
        .call(Rule::Person, routes!(pass::cancel))
        .call(Rule::Person, routes!(pass::resume))
        .call(Rule::Anybody, routes!(due::list))
        .call(Rule::Buyer, routes!(due::pay))
        .call(Rule::Anybody, routes!(alerts::show))
        .call(Rule::Person, routes!(alerts::set))
        .call(Rule::Anybody, routes!(invoices::list))
        .call(Rule::Anybody, routes!(invoices::show))
        .with_ending(Rule::Anybody, routes!(invoices::pdf))
        .call(Rule::Anybody, routes!(invoices::details))
        .call(Rule::Person, routes!(invoices::set_details))
        .call(Rule::Anyone, routes!(sign_in::send_code))
        .call(Rule::Anyone, routes!(sign_in::redeem))
        .call(Rule::Anybody, routes!(sessions::me))
        .call(Rule::Person, routes!(governance::audit_of_me))
        .call(Rule::Person, routes!(sessions::list))
        .call(Rule::Person, routes!(sessions::end_others))
        .call(Rule::Person, routes!(sessions::end))
        .call(Rule::Person, routes!(members::list_mine))
        .call(Rule::Person, routes!(members::accept))
        .call(Rule::Anybody, routes!(sessions::organizations))
        .call(Rule::Person, routes!(organizations::create))
        .call(Rule::Anybody, routes!(organizations::show))
        .call(Rule::Person, routes!(organizations::rename))
        .call(Rule::Person, routes!(organizations::leave))
        .call(Rule::Person, routes!(organizations::transfer))
        .call(Rule::Anybody, routes!(seats::show))
        .call(Rule::Anybody, routes!(seats::history))
        .call(Rule::Person, routes!(seats::quote))
        .call(Rule::Buyer, routes!(seats::change))
        .call(Rule::Person, routes!(seats::call_off))
        .call(Rule::Anybody, routes!(members::list))
        .call(Rule::Person, routes!(members::set_role))
        .call(Rule::Person, routes!(members::set_daily_limit))
        .call(Rule::Person, routes!(members::remove))
        .call(Rule::Person, routes!(members::list_invitations))
        .call(Rule::Person, routes!(members::invite))
        .call(Rule::Person, routes!(members::resend))
        .call(Rule::Person, routes!(members::revoke))
        .call(Rule::Anybody, routes!(governance::show_policy))
        .call(Rule::Person, routes!(governance::set_policy))
        .call(Rule::Person, routes!(governance::audit_of_organization))
        .call(Rule::Person, routes!(governance::export_audit))
        .call(Rule::Anyone, routes!(sign_in::set_up))
        .call(Rule::Operator, routes!(operators::users))
        .call(Rule::Operator, routes!(operator_wallets::search))
        .call(Rule::Operator, routes!(operator_wallets::why))
        .call(Rule::Operator, routes!(operators::adjust))
        .call(Rule::Operator, routes!(operator_wallets::give))
        .call(Rule::Operator, routes!(operator_wallets::refund))
        .call(Rule::Operator, routes!(suspension::suspend))
        .call(Rule::Operator, routes!(suspension::restore))
        .call(Rule::Operator, routes!(operator_books::reconcile))
        .call(Rule::Operator, routes!(operator_books::alarms))
        .call(Rule::Operator, routes!(operators::appoint))
        .call(Rule::Operator, routes!(operators::dismiss))
        .call(Rule::Operator, routes!(governance::audit_of_server))
}
