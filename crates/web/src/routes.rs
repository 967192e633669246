//! The table of routes: each with its rule, its handler and its description.
//!
//! A route enters the router, the description of the API and the table by the same call, so that none of the
//! three can know of one that the others do not.

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    routing::MethodRouter,
};
use utoipa::openapi::{
    ContentBuilder, OpenApi, PathItem, Ref, RefOr, Required, ResponseBuilder,
    path::{Operation, ParameterBuilder, ParameterIn},
    security::SecurityRequirement,
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::{access::Rule, guard::guard, once, pages, site::Site};

/// One route as the table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST` and so on.
    pub method: &'static str,
    /// The path, with names in braces.
    pub path: String,
    /// Who is let in.
    pub rule: Rule,
}

/// Routes that are being put together.
pub(crate) struct Routes {
    router: OpenApiRouter<Site>,
    table: Vec<Route>,
}

impl Routes {
    pub(crate) fn new(description: OpenApi) -> Self {
        Self { router: OpenApiRouter::with_openapi(description), table: Vec::new() }
    }

    /// Adds a call of the API, described by its handler.
    pub(crate) fn call(mut self, rule: Rule, (schemas, mut paths, handlers): UtoipaMethodRouter<Site>) -> Self {
        let mut name = String::new();
        for (path, item) in &mut paths.paths {
            for (method, operation) in operations(item) {
                describe(operation, rule, method == "POST");
                self.table.push(Route { method, path: path.clone(), rule });
                name = format!("{method} {path}");
            }
        }
        // Routes are made once a process, so that their names may stay for ever.
        let name: &'static str = name.leak();
        let handlers =
            handlers.route_layer(from_fn(move |request: Request, next: Next| guard(rule, name, request, next)));
        self.router = self.router.routes((schemas, paths, handlers));
        self
    }

    /// Describes a call that another one's handler answers, since the router knows no names with an ending: its path
    /// is that of the other and the ending.
    pub(crate) fn with_ending(mut self, rule: Rule, (schemas, mut paths, _): UtoipaMethodRouter<Site>) -> Self {
        for (path, item) in &mut paths.paths {
            for (method, operation) in operations(item) {
                describe(operation, rule, method == "POST");
                self.table.push(Route { method, path: path.clone(), rule });
            }
        }
        let description = self.router.get_openapi_mut();
        description.paths.paths.extend(paths.paths);
        description.components.get_or_insert_default().schemas.extend(schemas);
        self
    }

    /// Adds a page or the target of a form.
    pub(crate) fn page(mut self, rule: Rule, method: &'static str, path: &str, handler: MethodRouter<Site>) -> Self {
        self.table.push(Route { method, path: path.to_owned(), rule });
        let admit = from_fn(move |request: Request, next: Next| pages::admit(rule, request, next));
        self.router = self.router.route(path, handler.route_layer(admit));
        self
    }

    pub(crate) fn finish(self) -> (Router<Site>, OpenApi, Vec<Route>) {
        let (router, description) = self.router.split_for_parts();
        (router, description, self.table)
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete), ("PATCH", patch)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// What every call of its kind has in common.
fn describe(operation: &mut Operation, rule: Rule, is_post: bool) {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let answer = ResponseBuilder::new().description("What is wrong, and what would be right.");
    let answer = answer.content("application/problem+json", problem).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(answer));
    if is_post {
        let text = "A text that you choose anew for each new request. The same key with the same content answers as the \
                    first time; with other content it is refused.";
        let schema = utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .min_length(Some(1))
            .max_length(Some(255))
            .pattern(Some("^[!-~]+$"));
        let header = ParameterBuilder::new()
            .name(once::NAME)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(text))
            .schema(Some(schema));
        operation.parameters.get_or_insert_default().push(RefOr::T(header.build()));
    }
    let ways = match rule {
        Rule::Anyone => &[][..],
        Rule::Anybody | Rule::Metering => &["api_key", "session"],
        Rule::Person | Rule::Buyer | Rule::Operator => &["session"],
    };
    operation.security = Some(ways.iter().map(|way| SecurityRequirement::new::<_, _, String>(*way, [])).collect());
}
