//! Who opens a page or sends a form, before its handler runs.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};
use serde::{Deserialize, de::DeserializeOwned};

use super::{go, is_own_path, sorry};
use crate::{
    access::{Caller, Rule},
    credential, extract,
    problem::Problem,
    site::Site,
    visit::Visit,
};

/// The field of the session's token in each form.
#[derive(Deserialize)]
struct Token {
    csrf: Option<String>,
}

/// Lets in whoever the page's rule lets in.
pub(crate) async fn admit(rule: Rule, mut request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let (Some(site), Some(visit)) = (extensions.get::<Site>().cloned(), extensions.get::<Visit>().cloned()) else {
        return Problem::Internal.into_response();
    };
    let headers = request.headers().clone();
    let caller = match find(&site, &visit, &headers).await {
        Ok(caller) => caller,
        Err(problem) => return sorry(&problem),
    };
    if rule != Rule::Anyone && caller.is_none() {
        return go(&format!("/sign-in?next={}", escaped(to_come_back_to(&request))));
    }
    let runs_this_server = caller.as_ref().and_then(|caller| caller.user.as_ref()).is_some_and(|user| user.is_operator);
    if rule == Rule::Operator && !runs_this_server {
        tracing::info!(request = %visit.request, "denied");
        return sorry(&operations::Error::Forbidden { what: "do this", who: "an operator".to_owned() }.into());
    }
    if request.method() == Method::POST {
        // Signing in again is possible from any own page: there is no session yet that its form could know.
        let known = caller.as_ref().filter(|_| rule != Rule::Anyone);
        request = match believe(&site, known, &headers, request).await {
            Ok(request) => request,
            Err(problem) => return sorry(&problem),
        };
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    next.run(request).await
}

/// The page at which somebody was. A form's own address is none, so it is the page that sent it.
fn to_come_back_to(request: &Request) -> &str {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let sender = text(header::REFERER).filter(|_| request.method() == Method::POST);
    let path = sender.and_then(|url| url.split_once("://")?.1.strip_prefix(text(header::HOST)?));
    path.filter(|path| is_own_path(path)).unwrap_or(here)
}

/// Who is signed in. A session that has ended is as good as none, and a key is no person.
async fn find(site: &Site, visit: &Visit, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    match credential::caller(site, visit, headers).await {
        Ok(caller) => Ok(caller.filter(|caller| caller.user.is_some())),
        Err(Problem::Unauthenticated(_)) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Refuses a form that no page of this site has sent.
async fn believe(
    site: &Site,
    caller: Option<&Caller>,
    headers: &HeaderMap,
    request: Request,
) -> Result<Request, Problem> {
    credential::require_own_page(site, headers)?;
    let (parts, body) = request.into_parts();
    let content = extract::read(Request::from_parts(parts.clone(), body), site).await?;
    if let Some(caller) = caller {
        let Token { csrf } = serde_urlencoded::from_bytes(&content).map_err(|_| Problem::ForeignPage)?;
        if !credential::is_equal(&csrf.unwrap_or_default(), &credential::csrf(&caller.secret)) {
            return Err(Problem::ForeignPage);
        }
    }
    Ok(Request::from_parts(parts, Body::from(content)))
}

fn escaped(path: &str) -> String {
    serde_urlencoded::to_string([("next", path)]).unwrap_or_default().trim_start_matches("next=").to_owned()
}

/// The fields of a form.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Site> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let content = extract::read(request, site).await.map_err(|problem| sorry(&problem))?;
        serde_urlencoded::from_bytes(&content)
            .map(Self)
            .map_err(|error| sorry(&Problem::Field { field: "form".to_owned(), reason: error.to_string() }))
    }
}
