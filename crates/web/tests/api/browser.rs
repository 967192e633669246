//! Somebody at a browser without a script: pages are opened with the cookie, and forms sent with their page's token.

use billing::Role;
use serde_json::json;
use store::MemberRow;
use units::OrganizationId;
use uuid::Uuid;

use crate::{
    http::Answer,
    pages::{field, open, submit},
    world::{Signed, World},
};

/// Where an answer leads.
#[track_caller]
pub fn next(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").unwrap().to_owned()
}

pub struct Browser<'a> {
    world: &'a World,
    who: Signed,
    csrf: String,
}

impl<'a> Browser<'a> {
    pub async fn of(world: &'a World, who: &Signed) -> Self {
        let csrf = field(&open(world, Some(who), "/profile").await.text, "csrf");
        Self { world, who: who.clone(), csrf }
    }

    pub async fn open(&self, path: &str) -> Answer {
        let page = open(self.world, Some(&self.who), path).await;
        // The script of this site stands beside the page, and nothing is written into it.
        let text = page
            .text
            .replacen("<script src=\"/assets/tare.js\" defer blocking=\"render\"></script>", "", 1)
            .to_lowercase();
        assert!(!text.contains("<script") && !text.contains("style=") && !text.contains(" onload="), "{path}");
        assert!(page.status != 200 || page.text.len() < 100_000, "{path} has {} bytes", page.text.len());
        page
    }

    pub async fn send(&self, path: &str, fields: &str) -> Answer {
        let own = format!("http://{}", self.world.address);
        submit(self.world, Some(&self.who), path, &own, &format!("csrf={}&{fields}", self.csrf)).await
    }

    /// Types a card on the sandbox's page that a form led to, and answers where the person is then.
    pub async fn type_card(&self, begun: &Answer, number: &str) -> String {
        let page = next(begun);
        assert!(page.starts_with("/sandbox/setups/seti_"), "{page}");
        next(&self.send(&page, &format!("answer=save&number={number}")).await)
    }

    /// Buys with a card that is saved, up to the answer of the form.
    pub async fn pay(&self, base: &str, amount: &str) -> Answer {
        let page = self.open(&format!("{base}/credits/pay?amount={amount}")).await;
        let fields = ["amount", "card", "once"].map(|name| format!("{name}={}", field(&page.text, name)));
        self.send(&format!("{base}/credits/pay"), &fields.join("&")).await
    }
}

pub async fn somebody(world: &World) -> Signed {
    world.signed_in(&format!("{}@example.com", Uuid::now_v7().simple())).await
}

pub async fn join(world: &World, organization: OrganizationId, role: Role) -> Signed {
    let signed = somebody(world).await;
    let (user, joined_at) = (signed.user, world.clock.now());
    let row = MemberRow { organization, user, role, daily_limit: None, joined_at, last_active_at: None };
    world.services.store.write(async move |tx| tx.insert_member(&row).await).await.unwrap();
    signed
}

pub async fn found(world: &World, owner: &Signed, name: &str) -> (OrganizationId, String) {
    let founded = world.call(Some(owner), "POST", "/api/v1/organizations", &json!({"name": name})).await.ok(201);
    (founded["id"].as_str().unwrap().parse().unwrap(), founded["wallet"].as_str().unwrap().to_owned())
}

/// A page with its moments as the words that are read.
pub fn in_words(text: &str) -> String {
    let mut parts = text.split("<time ");
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (moment, rest) = part.split_once("</time>").expect("a moment ends");
        said.extend(moment.split(['<', '>']).skip(1).step_by(2));
        said.push_str(rest);
    }
    said
}
