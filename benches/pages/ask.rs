//! The site over the filled books, and somebody who opens its pages.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use benches::Failure;
use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Postbox};
use connectors::upstream::Upstreams;
use http::{Request, StatusCode};
use operations::sign_in::{RedeemCode, SendCode, redeem_code, send_code};
use operations::{Context, Door, Ids, Outside, Services, jobs};
use store::Store;
use tower_service::Service;
use uuid::Uuid;
use web::Web;

use crate::fill::OWNER;

struct Clock;
struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(Uuid::now_v7().as_bytes());
        secret
    }
}

impl Door for Clock {
    fn context(&self) -> Context {
        Context { now: now(), ids: Arc::new(RandomIds) }
    }
}

pub fn now() -> units::Instant {
    units::Instant::from_micros(jiff::Timestamp::now().as_microsecond())
}

pub struct Site {
    router: Router,
    store: Store,
    cookie: String,
}

/// One page, opened often.
pub struct Visit {
    pub page: String,
    pub bytes: usize,
    /// Shortest first.
    took: Vec<Duration>,
}

impl Visit {
    /// The time that so many percent of the answers stayed below.
    pub fn ms(&self, percent: usize) -> f64 {
        self.took[(self.took.len() * percent / 100).min(self.took.len() - 1)].as_secs_f64() * 1e3
    }
}

impl Site {
    pub async fn open(store: Store) -> Result<Self, Failure> {
        let mails = Arc::new(KeptMail::default());
        let outside = Outside { postbox: Postbox::in_memory(mails.clone()), ..Outside::default() };
        let services = Services { outside, ..Services::new(store.clone(), Catalog::embedded(), PriceBook::embedded()) };
        let token = sign_in(&services, &mails).await?;
        let (door, settings) = (Arc::new(Clock), web::Settings::default());
        let site = Web { services, door, upstreams: Upstreams::new(Vec::new())?, sandbox: None, settings };
        Ok(Self { router: site.open().router(Router::new()), store, cookie: format!("tare={token}") })
    }

    /// Every page that the lists at the side lead to, for the person and for the organization, and the year of usage.
    pub async fn pages(&self) -> Result<Vec<String>, Failure> {
        let profile = self.get("/profile").await?;
        let organization = links(&profile, "class=\"switch\"", "</details>");
        let organization =
            organization.into_iter().find(|path| path.contains("/org_")).ok_or("there is no organization")?;
        let mut pages: Vec<String> = links(&profile, "class=\"side\"", "</nav>").into_iter().collect();
        pages.extend(links(&self.get(&organization).await?, "class=\"side\"", "</nav>"));
        let of_usage =
            ["days=7", "days=365", "days=0", "days=365&by=project", "days=365&by=person", "days=365&only=mine"];
        pages.extend(of_usage.map(|question| format!("{organization}/usage?{question}")));
        let requests = format!("{organization}/usage/requests");
        pages.extend(links(&self.get(&requests).await?, "<tbody", "</tbody>").into_iter().next());
        pages.push(requests);
        pages.extend(["/sign-in".to_owned(), "/organizations/new".to_owned(), "/device".to_owned()]);
        Ok(pages)
    }

    pub async fn visit(&self, path: &str, times: usize) -> Result<Visit, Failure> {
        let bytes = self.get(path).await?.len();
        let mut took = Vec::new();
        for _ in 0..times.max(1) {
            let began = Instant::now();
            self.get(path).await?;
            took.push(began.elapsed());
        }
        took.sort_unstable();
        let named = path.split('/').map(|part| match part.split_once('_') {
            Some(("org", _)) => "{organization}",
            Some(("hld", _)) => "{request}",
            _ => part,
        });
        Ok(Visit { page: named.collect::<Vec<_>>().join("/"), bytes, took })
    }

    async fn get(&self, path: &str) -> Result<String, Failure> {
        let request = Request::get(path).header("cookie", &self.cookie).body(Body::empty())?;
        let response = self.router.clone().call(request).await?;
        let status = response.status();
        let text = String::from_utf8(to_bytes(response.into_body(), usize::MAX).await?.to_vec())?;
        match status {
            StatusCode::OK => Ok(text),
            status => Err(format!("{path} answers {status}: {text}").into()),
        }
    }

    pub async fn close(self) {
        self.store.close().await;
    }
}

async fn sign_in(services: &Services, mails: &KeptMail) -> Result<String, Failure> {
    let from = [127, 0, 0, 1].into();
    let sent = send_code(services, &Clock.context(), SendCode { email: OWNER.to_owned(), from }).await?;
    let door: Arc<dyn Door> = Arc::new(Clock);
    jobs::run(services, &door).await?;
    let mail = mails.take().pop().ok_or("no code was mailed")?;
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = mail.text.split_whitespace().find(is_code).ok_or("there is no code in the mail")?.to_owned();
    let request = RedeemCode { challenge: sent.challenge, code, client: "bench".to_owned() };
    Ok(redeem_code(services, &Clock.context(), request).await?.token)
}

/// Where the links between two marks lead.
fn links(page: &str, from: &str, to: &str) -> BTreeSet<String> {
    let part = page.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map_or("", |(part, _)| part);
    part.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
