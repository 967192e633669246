//! Where the payment processor knocks: only what it signed comes in, and nobody learns why they do not.

use connectors::processor::sign;
use operations::payment::EventsSeen;
use units::Seconds;

use crate::{http::Answer, world::World};

/// What signs the events of the world's processor.
const SECRET: &str = "a secret";
const EVENT: &str = r#"{"id": "evt_1", "created": 1, "data": {"object": {"id": "pi_1", "object": "payment_intent"}}}"#;

async fn knock(world: &World, signature: Option<&str>, body: &str) -> Answer {
    let headers: Vec<(&str, &str)> = signature.map(|signature| ("stripe-signature", signature)).into_iter().collect();
    world.client.send(world.address, "POST", "/webhooks/processor", &headers, body.to_owned()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_event_is_taken_once_and_answered_each_time() {
    let world = World::sqlite().await;
    let signature = sign(SECRET, EVENT.as_bytes(), world.clock.now());
    for _ in 0..3 {
        let answer = knock(&world, Some(&signature), EVENT).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    }
    assert_eq!(world.services.events.seen(), EventsSeen { new: 1, again: 2, other_mode: 0, refused: 0 });
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_signed_is_refused_without_a_word_why() {
    let world = World::sqlite().await;
    let now = world.clock.now();
    let good = sign(SECRET, EVENT.as_bytes(), now);
    let odd = EVENT.replace("pi_1", "../pi_1");
    let knocks = [
        (None, EVENT.to_owned()),
        (Some("t=1,v1=00".to_owned()), EVENT.to_owned()),
        (Some(sign("another", EVENT.as_bytes(), now)), EVENT.to_owned()),
        (Some(sign(SECRET, EVENT.as_bytes(), now.plus(Seconds(-301)))), EVENT.to_owned()),
        (Some(good.clone()), EVENT.replace(": ", ":")),
        (Some(sign(SECRET, b"{}", now)), "{}".to_owned()),
        (Some(sign(SECRET, odd.as_bytes(), now)), odd.clone()),
    ];
    let mut said = Vec::new();
    for (signature, body) in &knocks {
        let answer = knock(&world, signature.as_deref(), body).await;
        assert_eq!(answer.problem(400), "event_refused");
        said.push(answer.text);
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(world.services.events.seen(), EventsSeen { refused: 7, ..EventsSeen::default() });
    let long = format!("{EVENT}{}", " ".repeat(1024 * 1024));
    assert_eq!(knock(&world, Some(&good), &long).await.status, 413);
    world.close().await;
}
