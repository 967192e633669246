//! What every answer carries, and what is left to the next door.

use std::sync::Arc;

use connectors::processor::stripe::{Stripe, StripeSettings};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_framed() {
    let world = World::sqlite().await;
    let person = world.person("1").await;
    for (path, kind) in [
        ("/api/v1/wallets/me", "application/json"),
        ("/api/v1/nothing", "application/problem+json"),
        ("/api/docs", "text/html; charset=utf-8"),
        ("/api/openapi.json", "application/json"),
        ("/assets/tare.css", "text/css; charset=utf-8"),
        ("/assets/tare.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = world.get(&person, path).await;
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert!(answer.header("x-tare-request-id").is_some_and(|id| id.starts_with("req_")));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("; script-src 'self'; style-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        let kept = if path.starts_with("/assets") { "public, max-age=300" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(kept), "{path}");
        // HTTP on loopback promises no HTTPS.
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    for path in ["/v1/models", "/api/profile", "/api"] {
        assert_eq!(world.get(&person, path).await.text, "the gateway", "{path}");
    }
    world.close().await;
}

/// A page fetches nothing from elsewhere, has the script of this site beside it, and no script and no style written into it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docs_stand_alone_and_every_link_in_them_leads_somewhere() {
    let world = World::sqlite().await;
    let person = world.person("1").await;
    let page = world.get(&person, "/api/docs").await.text;
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("<script src=\"/assets/tare.js\" defer blocking=\"render\"></script>"));
    for foreign in ["style=", "src=\"http", "href=\"http", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let anchors: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(anchors.len() > 20);
    for anchor in anchors {
        assert!(page.contains(&format!("id=\"{anchor}\"")), "#{anchor}");
    }
    for route in web::routes().iter().filter(|route| route.path.starts_with("/api/v1")) {
        assert!(page.contains(&route.path), "{}", route.path);
    }
    assert!(page.contains("id=\"insufficient_credits\""));
    world.close().await;
}

/// A form may lead to the page on which the processor asks for a card, and nowhere else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_lead_to_the_processors_page_and_nowhere_else() {
    let world = World::sqlite().await;
    let forms = async |world: &World| {
        let policy = world.browse(None, "GET", "/sign-in").await.header("content-security-policy").unwrap().to_owned();
        policy.rsplit("form-action ").next().unwrap().to_owned()
    };
    assert_eq!(forms(&world).await, "'self'");
    let settings = StripeSettings::default();
    let secrets = settings.read_secrets(&|name| Some(format!("sk_test_{name}"))).unwrap();
    let world = world.with_processor(Arc::new(Stripe::new(&settings, secrets).unwrap())).await;
    assert_eq!(forms(&world).await, "'self' https://checkout.stripe.com");
    world.close().await;
}
