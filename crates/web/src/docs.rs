//! The description of the API as a page: readable without a script and without a download from elsewhere.
//!
//! It is made once, at the start, from the very document at `/api/openapi.json`.

mod schema;
mod view;

use askama::Template;
use axum::{
    body::Bytes,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use view::{Group, Kind, Problem};

/// The page and the document that it was made from.
#[derive(Clone)]
pub(crate) struct Docs {
    json: Bytes,
    html: String,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Page {
    title: String,
    version: String,
    intro: String,
    groups: Vec<Group>,
    kinds: Vec<Kind>,
    problems: Vec<Problem>,
}

impl Docs {
    pub(crate) fn new(description: &OpenApi) -> Self {
        let document = serde_json::to_value(description).expect("a description is always JSON");
        let text = |path: &str| document.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let page = Page {
            title: text("/info/title"),
            version: text("/info/version"),
            intro: text("/info/description"),
            groups: view::groups(&document),
            kinds: view::kinds(&document),
            problems: view::problems(),
        };
        let html = page.render().expect("the template writes to memory");
        Self { json: document.to_string().into(), html }
    }

    pub(crate) fn page(&self) -> Response {
        Html(self.html.clone()).into_response()
    }

    pub(crate) fn document(&self) -> Response {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], self.json.clone()).into_response()
    }
}
