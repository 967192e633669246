//! What is asked at a route: the path with names of somebody's or nobody's, and a body good enough to be let in.

use http::HeaderMap;
use serde_json::{Value, json};
use units::UserId;
use uuid::Uuid;

use crate::{
    http::Answer,
    world::{Signed, World, hold_id},
};

/// A route of the running server.
pub struct Route {
    pub method: &'static str,
    pub path: String,
    pub door: Door,
}

/// How its callers show who they are.
#[derive(Clone, Copy, PartialEq)]
pub enum Door {
    Api,
    Page,
    Gateway,
}

/// What stands for each name in a path.
#[derive(Clone)]
pub struct Names(pub Vec<(&'static str, String)>);

/// One question: what the path names first, and what it names within that.
pub struct Target {
    pub name: &'static str,
    outer: Names,
    inner: Names,
}

/// Every route of the site and of the gateway behind it.
pub fn routes() -> Vec<Route> {
    let door = |path: &str| if path.starts_with("/api/v1/") { Door::Api } else { Door::Page };
    let site = web::routes().into_iter().map(|route| Route {
        method: route.method,
        door: door(&route.path),
        path: route.path,
    });
    let gateway = gateway::routes();
    let gateway =
        gateway.into_iter().map(|route| Route { method: route.method, path: route.path, door: Door::Gateway });
    site.chain(gateway).collect()
}

impl Names {
    /// Names of which there is nothing.
    pub fn absent() -> Self {
        let id = |prefix: &str| format!("{prefix}_{}", Uuid::now_v7().simple());
        Self(vec![
            ("{organization}", id("org")),
            ("{wallet}", id("wal")),
            ("{user}", id("usr")),
            ("{invitation}", id("ivt")),
            ("{key}", id("key")),
            ("{provider_key}", id("byk")),
            ("{session}", id("ses")),
            ("{card}", id("crd")),
            ("{number}", "2027-999999".to_owned()),
            ("{purchase}", id("pay")),
            ("{setup}", format!("seti_{}", &Uuid::now_v7().simple().to_string()[8..])),
            ("{payment}", format!("pi_{}", &Uuid::now_v7().simple().to_string()[8..])),
            ("{id}", hold_id()),
            ("{charge}", hold_id()),
        ])
    }

    fn of<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.iter().find(|(known, _)| *known == name).map_or(name, |(_, value)| value)
    }
}

impl Route {
    /// What can be told apart here.
    pub fn targets(&self, ours: &Names, foreign: &Names) -> Vec<Target> {
        let target = |name, outer: &Names, inner: &Names| Target { name, outer: outer.clone(), inner: inner.clone() };
        let absent = Names::absent();
        let names = self.path.matches('{').count();
        let is_named = names > 0 && !self.path.starts_with("/v1/models/") && !self.path.ends_with("{code}");
        let has_other_name = self.path.starts_with("/api/v1/holds") || self.path == "/api/v1/metering";
        let mut targets = vec![target("own", ours, ours)];
        let takes_header = self.door == Door::Gateway && !self.path.starts_with("/api/device-auth/");
        if is_named || has_other_name || takes_header {
            targets.extend([target("foreign", foreign, foreign), target("absent", &absent, &absent)]);
        }
        if names > 1 {
            targets.extend([target("own/foreign", ours, foreign), target("own/absent", ours, &absent)]);
        }
        targets
    }

    /// Asks, and answers with what was said, where the names that were given read the same.
    pub async fn ask(&self, world: &World, who: Option<&Signed>, target: &Target, spare: UserId) -> (String, String) {
        let mut path = String::new();
        let mut names = &target.outer;
        for (index, part) in self.path.split('/').enumerate() {
            path.push_str(if index > 0 { "/" } else { "" });
            path.push_str(match part {
                "{*id}" => "demo/small",
                "{code}" => "K7QM-2XHP",
                part => names.of(name_of(part)),
            });
            path.push_str(part.strip_prefix(name_of(part)).unwrap_or_default());
            names = if part.starts_with('{') { &target.inner } else { names };
        }
        let body = self.body(&target.outer, spare);
        let answer = match self.door {
            Door::Api => world.call(who, self.method, &path, &body).await,
            Door::Page => world.browse(who, self.method, &path).await,
            Door::Gateway => {
                let bearer = who.map(|who| format!("Bearer {}", who.token));
                let mut headers = vec![("content-type", "application/json")];
                headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
                // Where the path names the organization, the header is not needed.
                headers.extend(
                    (!path.contains("/org_")).then_some(("x-tare-organization", target.outer.of("{organization}"))),
                );
                let body = if body.is_null() { String::new() } else { body.to_string() };
                world.client.send(world.address, self.method, &path, &headers, body).await
            }
        };
        let status = match self.path.as_str() {
            "/api/v1/metering" if answer.status == 200 => answer.json()["answers"][0]["status"].to_string(),
            _ => answer.status.to_string(),
        };
        (status, target.nameless(&answer))
    }

    fn body(&self, names: &Names, spare: UserId) -> Value {
        let wallet = names.of("{wallet}");
        let address = || format!("{}@example.com", Uuid::now_v7().simple());
        if self.method == "GET" {
            return json!(null);
        }
        match self.path.trim_start_matches("/api/v1") {
            "/holds" => json!({"id": hold_id(), "wallet": wallet, "amount": "0.01"}),
            "/holds/{id}/settle" => json!({"wallet": wallet, "cost": "0"}),
            "/holds/{id}/release" => json!({"wallet": wallet}),
            "/metering" => json!({"calls": [{"place": {"id": hold_id(), "wallet": wallet, "amount": "0.01"}}]}),
            "/sign-in/codes" => json!({"email": address()}),
            "/sign-in/sessions" => json!({"challenge": "tare_sc_0", "code": "000000"}),
            "/operator/set-up" => json!({"token": "tare_su_0", "email": "a@example.com"}),
            "/operator/wallets/{wallet}/adjustments" => json!({"amount": "1", "reason": "a test"}),
            "/operator/wallets/{wallet}/grants" => json!({"amount": "1", "reason": "a test"}),
            "/operator/wallets/{wallet}/suspend" | "/operator/wallets/{wallet}/restore" => json!({"reason": "a test"}),
            "/operator/wallets/{wallet}/refunds" => json!({"purchase": names.of("{purchase}"), "reason": "a test"}),
            "/organizations/{organization}/transfer" => json!({"to": spare}),
            "/organizations/{organization}/members/{user}/role" => json!({"role": "member"}),
            "/organizations/{organization}/members/{user}/daily-limit" => json!({"limit": null}),
            "/organizations/{organization}/invitations" => json!({"email": address(), "role": "member"}),
            "/organizations/{organization}/policies" => json!({}),
            "/organizations/{organization}/seats/quotes" => json!({"kind": "add", "seats": 1}),
            "/organizations/{organization}/seats/changes" if self.method == "POST" => {
                json!({"wish": {"kind": "resume"}})
            }
            "/wallets/{wallet}/payment-methods" => json!({"setup": "seti_0"}),
            "/wallets/{wallet}/billing-details" => json!({}),
            "/wallets/{wallet}/auto-top-up" => json!({"is_on": false}),
            "/wallets/{wallet}/pass" | "/wallets/{wallet}/pass/quote" if self.method != "DELETE" => {
                json!({"tier": "19", "cadence": "monthly"})
            }
            "/wallets/{wallet}/alerts" => json!({"low_balance": "1"}),
            "/wallets/{wallet}/refunds" => json!({"purchase": names.of("{purchase}"), "reason": "a test"}),
            "/wallets/{wallet}/purchases" => json!({"amount": "50"}),
            "/wallets/{wallet}/byok-keys" => json!({"provider": "second", "name": "x", "key": "sk-0123456789"}),
            "/wallets/{wallet}/byok-keys/{provider_key}" if self.method == "PATCH" => json!({"key": "sk-9876543210"}),
            "/wallets/{wallet}/api-keys" | "/organizations" | "/organizations/{organization}" | "/api-keys/{key}"
                if self.method != "DELETE" =>
            {
                json!({"name": "x"})
            }
            path if path.ends_with("/chat/completions") => {
                json!({"model": "demo/small", "messages": [{"role": "user", "content": "hello"}]})
            }
            _ => json!(null),
        }
    }
}

impl Target {
    /// The whole answer, headers too, but for the id of the request, the time, and the names that were given.
    fn nameless(&self, answer: &Answer) -> String {
        let mut said = format!("{} {:?}\n{}", answer.status, plain(&answer.headers), answer.text);
        for (name, value) in self.outer.0.iter().chain(&self.inner.0) {
            said = said.replace(value, name);
        }
        said
    }
}

fn plain(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let mut plain: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())).collect();
    plain.retain(|(name, _)| !["x-tare-request-id", "date"].contains(name));
    plain.sort_unstable();
    plain
}

/// A part of a path without the ending behind a name.
fn name_of(part: &str) -> &str {
    part.split_inclusive('}').next().unwrap_or(part)
}
