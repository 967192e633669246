//! What pages need beside their text: one style sheet, one script that they also do without, and the mark.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

/// Where the style sheet is.
pub(crate) const STYLE: &str = "/assets/tare.css";
/// Where the script is.
pub(crate) const SCRIPT: &str = "/assets/tare.js";
/// Where the mark is.
pub(crate) const MARK: &str = "/assets/mark.svg";

pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../assets/tare.css"))
}

pub(crate) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/tare.js"))
}

pub(crate) async fn mark() -> Response {
    asset("image/svg+xml", include_str!("../assets/mark.svg"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, text).into_response()
}
