//! The site as a router: the API, its description, the assets; everything else is the next door's.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use http::{Method, Uri};

use crate::{
    access::Rule,
    api, assets,
    docs::Docs,
    frame::{absent_to_people, every_request, shown},
    pages,
    problem::Problem,
    routes::Route,
    site::Site,
    webhooks,
};

impl Site {
    /// The routes. What none of them knows goes to `next`. Requests need `ConnectInfo<SocketAddr>`, or all
    /// callers count as one address.
    pub fn router(&self, next: Router) -> Router {
        let (calls, description, _) = pages::routes(api::routes()).finish();
        let docs = Docs::new(&description);
        let document = docs.clone();
        calls
            .route("/api/docs", get(async move || docs.page()))
            .route("/api/openapi.json", get(async move || document.document()))
            .route("/api/v1/{*rest}", any(no_route))
            .route(webhooks::PROCESSOR, post(webhooks::take_event))
            .route(assets::STYLE, get(assets::style))
            .route(assets::SCRIPT, get(assets::script))
            .route(assets::MARK, get(assets::mark))
            .method_not_allowed_fallback(method_not_allowed)
            .layer(from_fn_with_state(self.clone(), with_site))
            .layer(from_fn_with_state(self.clone(), every_request))
            .with_state(self.clone())
            .fallback_service(next.layer(from_fn_with_state(self.clone(), absent_to_people)))
    }
}

/// Every route, with who is let in: the calls of the API, the pages, and what belongs to nobody.
pub fn routes() -> Vec<Route> {
    let (_, _, mut table) = pages::routes(api::routes()).finish();
    for path in ["/api/docs", "/api/openapi.json", assets::STYLE, assets::SCRIPT, assets::MARK] {
        table.push(Route { method: "GET", path: path.to_owned(), rule: Rule::Anyone });
    }
    table.push(Route { method: "POST", path: webhooks::PROCESSOR.to_owned(), rule: Rule::Anyone });
    table
}

/// Guards find the site in the request, so that the table of routes needs none.
async fn with_site(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(site);
    next.run(request).await
}

async fn no_route(method: Method, uri: Uri) -> Problem {
    Problem::NoRoute { method: method.to_string(), path: shown(&uri) }
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::MethodNotAllowed { method: method.to_string(), path: shown(&uri) }
}
