//! Which path does what.

use std::{future::pending, io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::json;

use super::{
    call::OpenCall,
    chat,
    embeddings::{self, EmbeddingsRequest},
    errors::{Refusal, json_response},
    playback::Playback,
    prices,
    request::ChatRequest,
    script::{Fault, Script},
    state::{Ask, State},
    wire::Wire,
};

type Answered = io::Result<Response<Playback>>;

const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Answers one request. An error closes the connection without an answer.
pub(super) async fn answer(state: Arc<State>, wire: Wire, request: Request<Incoming>) -> Answered {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MOST_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Ok(Refusal { status: 413, ..Refusal::bad_request("The request is too large.") }.response());
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    match (&parts.method, parts.uri.path()) {
        (&Method::POST, "/v1/chat/completions") => chat(&state, wire, &parts, &body).await,
        (&Method::POST, "/v1/embeddings") => embeddings(&state, wire, &parts, &body).await,
        (&Method::GET, "/v1/models") => Ok(match state.check(&parts.headers) {
            Ok(()) => models(&state),
            Err(refusal) => refusal.response(),
        }),
        (&Method::GET, "/_truth") => Ok(truth(&state, parts.uri.query().unwrap_or_default())),
        (&Method::GET, "/_truth/sum") => Ok(json_response(json!(state.truth.sum()).to_string())),
        (&Method::DELETE, "/_truth") => {
            state.truth.reset();
            Ok(no_content())
        }
        (&Method::PUT, "/_script") => Ok(match state.set_script(&String::from_utf8_lossy(&body)) {
            Ok(()) => no_content(),
            Err(error) => Refusal::bad_request(error.to_string()).response(),
        }),
        (&Method::PUT, "/_ended_keys") => {
            state.end_keys(&String::from_utf8_lossy(&body));
            Ok(no_content())
        }
        (&Method::GET, "/_help") => Ok(page(include_str!("README.md"), "text/markdown; charset=utf-8")),
        (_, "/_trap") => {
            state.truth.trap();
            Ok(json_response(r#"{"trapped":true}"#.to_owned()))
        }
        (method, path) => {
            let message = format!("Invalid URL ({method} {path})");
            Ok(Refusal { status: 404, ..Refusal::bad_request(message) }.response())
        }
    }
}

async fn chat(state: &State, wire: Wire, parts: &Parts, body: &Bytes) -> Answered {
    let request: ChatRequest = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return Ok(Refusal::bad_request(error.to_string()).response()),
    };
    let message = request.last_user_text();
    let ask = Ask {
        path: parts.uri.path(),
        model: &request.model,
        stream: request.stream.unwrap_or(false),
        tag: request.tag(),
        message: &message,
    };
    match state.admit(&parts.headers, &ask) {
        Err(refusal) => Ok(refusal.response()),
        Ok(mut admitted) => match early(state, &wire, &mut admitted.call, &admitted.script).await? {
            Some(response) => Ok(response),
            None => Ok(chat::answer(admitted, &request, body, &state.settings, wire)),
        },
    }
}

async fn embeddings(state: &State, wire: Wire, parts: &Parts, body: &Bytes) -> Answered {
    let request: EmbeddingsRequest = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return Ok(Refusal::bad_request(error.to_string()).response()),
    };
    let ask =
        Ask { path: parts.uri.path(), model: &request.model, stream: false, tag: request.user.as_deref(), message: "" };
    match state.admit(&parts.headers, &ask) {
        Err(refusal) => Ok(refusal.response()),
        Ok(mut admitted) => match early(state, &wire, &mut admitted.call, &admitted.script).await? {
            Some(response) => Ok(response),
            None => Ok(embeddings::answer(admitted.call, &request)),
        },
    }
}

/// What happens instead of an answer, or before it.
async fn early(
    state: &State,
    wire: &Wire,
    call: &mut OpenCall,
    script: &Script,
) -> io::Result<Option<Response<Playback>>> {
    if script.first_ms > 0 {
        tokio::time::sleep(Duration::from_millis(script.first_ms)).await;
    }
    let finished = |call: &mut OpenCall, response| {
        call.status = 200;
        call.finish();
        Ok(Some(response))
    };
    match script.fault {
        Some(Fault::Status(status)) => {
            call.refuse(status);
            Ok(Some(Refusal::scripted(status, script).response()))
        }
        Some(Fault::Hang) => pending().await,
        Some(Fault::ResetEarly) => {
            call.broken();
            Err(wire.reset())
        }
        Some(Fault::Html) => {
            finished(call, page("<!doctype html><title>Sign in</title><p>Please sign in.", "text/html; charset=utf-8"))
        }
        Some(Fault::Empty) => finished(call, page("", "application/json")),
        Some(Fault::Redirect) => {
            call.refuse(307);
            Ok(Some(redirect(state.port)))
        }
        _ => Ok(None),
    }
}

/// To the same server under another host name, so that a client that follows shows itself.
fn redirect(port: u16) -> Response<Playback> {
    let mut response = no_content();
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let target = format!("http://localhost:{port}/_trap");
    response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(target).expect("digits in a fixed text"));
    response
}

fn models(state: &State) -> Response<Playback> {
    let created = state.settings.created;
    let model = |id: &str| json!({"id": id, "object": "model", "created": created, "owned_by": "demo"});
    let data: Vec<_> = prices::MODELS.iter().map(|(id, _)| model(id)).collect();
    json_response(json!({"object": "list", "data": data}).to_string())
}

fn truth(state: &State, query: &str) -> Response<Playback> {
    let value = |key: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == key);
    let since = value("since").and_then(|(_, n)| n.parse().ok()).unwrap_or(0);
    let calls = state.truth.list(since, value("tag").map(|(_, tag)| tag));
    json_response(json!({"calls": calls}).to_string())
}

fn no_content() -> Response<Playback> {
    let mut response = Response::new(Playback::text(""));
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn page(text: &'static str, kind: &'static str) -> Response<Playback> {
    let mut response = Response::new(Playback::text(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
