//! The one layer before every call: lets in whoever the rule lets in, and makes a change with a key happen once.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, header};
use operations::once::{Answer, Asked, Known, Once};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::{
    access::{Bound, Caller, Rule},
    credential, extract,
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
};

/// How often, and how long apart, an answer is looked for that another request is about to give.
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Lets in whoever the rule lets in.
pub(crate) async fn guard(rule: Rule, route: &'static str, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let (Some(site), Some(visit)) = (extensions.get::<Site>().cloned(), extensions.get::<Visit>().cloned()) else {
        return Problem::Internal.into_response();
    };
    let patience = site.settings.books_patience + site.settings.body_timeout;
    let answered = timeout(patience, admit_and_run(&site, &visit, rule, route, request, next)).await;
    answered.unwrap_or(Err(Problem::BooksAway)).unwrap_or_else(IntoResponse::into_response)
}

async fn admit_and_run(
    site: &Site,
    visit: &Visit,
    rule: Rule,
    route: &'static str,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = match rule {
        Rule::Anyone => None,
        rule => Some(admit(site, visit, rule, request.method().clone(), request.headers().clone()).await?),
    };
    if let Some(caller) = &caller {
        request.extensions_mut().insert(caller.clone());
    }
    if request.method() != Method::POST {
        return Ok(next.run(request).await);
    }
    let key = OnceKey::read(request.headers())?;
    request.extensions_mut().insert(key.clone());
    match rule {
        Rule::Metering | Rule::Buyer => Ok(next.run(request).await),
        _ => once(site, visit, caller.as_ref(), &key, route, request, next).await,
    }
}

async fn admit(site: &Site, visit: &Visit, rule: Rule, method: Method, headers: HeaderMap) -> Result<Caller, Problem> {
    let needs = |what: &str| Problem::Unauthenticated(format!("this needs {what}"));
    let caller = credential::caller(site, visit, &headers).await?;
    let caller = caller.ok_or_else(|| needs("one API key or token: send it as `Authorization: Bearer tare_...`"))?;
    let is_change = !matches!(method, Method::GET | Method::HEAD);
    if is_change {
        credential::require_csrf(site, &caller, &headers)?;
    }
    let is_let_in = match rule {
        Rule::Anyone | Rule::Anybody | Rule::Metering => true,
        Rule::Person | Rule::Buyer => caller.user.is_some(),
        Rule::Operator => caller.user.as_ref().is_some_and(|user| user.is_operator),
    };
    match is_let_in {
        true => Ok(caller),
        false => {
            tracing::info!(request = %visit.request, who = ?caller.who, "denied");
            let who = if rule == Rule::Operator { "an operator" } else { "a person who is signed in" };
            Err(Problem::Forbidden { said: format!("you may not do this; {who} may") })
        }
    }
}

/// Runs a change that is bound to its key, or answers as it was answered before.
async fn once(
    site: &Site,
    visit: &Visit,
    caller: Option<&Caller>,
    key: &OnceKey,
    route: &'static str,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let content = extract::read(Request::from_parts(parts.clone(), body), site).await?;
    // Names in the path are part of what is asked.
    let asked = [parts.uri.path().as_bytes(), b"\n", &content].concat();
    let once = Once::new(
        &visit.context,
        &Asked {
            scope: caller.map_or(Uuid::nil(), scope),
            route,
            key: key.text(),
            content: &asked,
            secret: caller.map_or("", |caller| &caller.secret.0),
            request: visit.request,
        },
    );
    match once.recall(&site.services).await? {
        Known::New => {}
        Known::Answered(answer) => return replay(*answer),
        Known::Unanswered => return wait(site, &once).await,
    }
    let mut request = Request::from_parts(parts, Body::from(content));
    request.extensions_mut().insert(Bound(once.bind(&site.services)));
    let response = next.run(request).await;
    if response.extensions().get::<crate::problem::Claimed>().is_some() {
        return wait(site, &once).await;
    }
    keep(site, visit, &once, response).await
}

/// Whose key it is: a person's, wherever they are signed in, or an API key's own.
fn scope(caller: &Caller) -> Uuid {
    match (&caller.user, &caller.who) {
        (Some(user), _) => user.id.uuid(),
        (None, operations::Caller::Key(principal)) => principal.api_key.uuid(),
        (None, _) => Uuid::nil(),
    }
}

/// Waits for the answer that another request is about to give to the same change.
async fn wait(site: &Site, once: &Once) -> Result<Response, Problem> {
    for _ in 0..LOOKS {
        match once.recall(&site.services).await? {
            Known::Answered(answer) => return replay(*answer),
            _ => sleep(BETWEEN_LOOKS).await,
        }
    }
    Err(Problem::AnswerLost)
}

/// Keeps the answer of a change beside it. A refusal that changed nothing has nothing to be kept beside.
async fn keep(site: &Site, visit: &Visit, once: &Once, response: Response) -> Result<Response, Problem> {
    if response.status().is_server_error() {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Problem::Internal)?;
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = Answer {
        status: head.status.as_u16(),
        kind: text(header::CONTENT_TYPE).unwrap_or_default(),
        cookie: text(header::SET_COOKIE),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    if let Err(error) = once.keep(&site.services, &visit.context, &answer).await {
        tracing::warn!(request = %visit.request, %error, "an answer could not be kept");
    }
    Ok(Response::from_parts(head, Body::from(body)))
}

fn replay(answer: Answer) -> Result<Response, Problem> {
    let mut response = Response::builder().status(answer.status).body(Body::from(answer.body));
    if let Ok(response) = &mut response {
        let value = |text: &str| HeaderValue::try_from(text).map_err(|_| Problem::Internal);
        if !answer.kind.is_empty() {
            response.headers_mut().insert(header::CONTENT_TYPE, value(&answer.kind)?);
        }
        if let Some(cookie) = &answer.cookie {
            response.headers_mut().insert(header::SET_COOKIE, value(cookie)?);
        }
    }
    response.map_err(|_| Problem::Internal)
}
