//! A provider with bad manners: whatever goes wrong, it repeats the key that it was shown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Response, StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;

/// What it answers, one after the other.
pub const STATUSES: [u16; 10] = [400, 401, 402, 403, 404, 413, 422, 429, 500, 503];

/// Starts one, which lives as long as the test.
pub async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let next = Arc::new(AtomicUsize::new(0));
    let router = Router::new().fallback(async move |request: Request| answer(&request, &next));
    tokio::spawn(gateway::serve(listener, router, std::future::pending()));
    address
}

fn answer(request: &Request, next: &AtomicUsize) -> Response<Body> {
    // A key that it is asked about is good.
    if request.method() == Method::GET {
        return Response::new(Body::from("{\"object\": \"list\", \"data\": []}"));
    }
    let key = request.headers().get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
    let status = STATUSES[next.fetch_add(1, Ordering::Relaxed) % STATUSES.len()];
    let message = format!("Incorrect API key provided: {key}. You can find yours at https://example.com/{key}");
    let error = json!({"error": {"message": message, "type": key, "param": key, "code": key}});
    let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    let response = response.header("x-key", key).header(header::WWW_AUTHENTICATE, key);
    response.header(header::CONTENT_TYPE, "application/json").body(Body::from(error.to_string())).unwrap()
}
