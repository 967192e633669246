//! What some people have lived before the server starts, on a virtual clock that ends now: terms that were not paid.
//!
//! - `Grace Works` of Gil: its plan was to be renewed a day ago, with a card that is declined.
//! - `Late Works` of Sue: the same, longer ago than the days of grace.
//! - The pass of Pat: to be renewed a day ago, with a card whose bank asks each time.

use std::sync::Arc;

use scenario::{Story, World};
use store::Database;
use units::{Instant, Seconds};

use crate::books::now;
use crate::office::SystemIds;

const HOUR: i64 = 3_600;

/// Lives it, in an empty database.
pub async fn live(database: &Database) {
    let now = now();
    let story = Story::parse(&tell(now)).unwrap();
    let mut world =
        World::start_with(database.clone(), story.catalog.clone(), story.start, Arc::new(SystemIds)).await.unwrap();
    for step in &story.steps {
        world.live(step).await.unwrap_or_else(|error| panic!("{}: {error}", step.verb));
    }
    world.advance(now).await.unwrap();
    world.stop().await;
}

fn tell(now: Instant) -> String {
    let ago = |hours: i64| now.plus(Seconds(-hours * HOUR));
    let (late, recent) = (year_before(ago(120)), year_before(ago(30)));
    let with_seats = |user: &str, organization: &str| {
        format!(
            r#"{{ do = "sign_up", user = "{user}" }},
  {{ do = "create_org", org = "{organization}", owner = "{user}" }},
  {{ do = "add_card", wallet = "{organization}", card = "4242424242424242" }},
  {{ do = "buy_credits", wallet = "{organization}", amount = "50.00" }},
  {{ do = "subscribe_seats", org = "{organization}", plan = "teams", cadence = "yearly", seats = 2 }},"#
        )
    };
    format!(
        r#"name = "What was not paid"
start = {late}
step = [
  {}
  {{ at = {recent}, do = "wait" }},
  {}
  {{ do = "sign_up", user = "pat" }},
  {{ do = "add_card", wallet = "pat", card = "4242424242424242" }},
  {{ do = "pass_subscribe", user = "pat", tier = 19, cadence = "yearly" }},
  {{ at = {}, do = "add_card", wallet = "Late Works", card = "4000000000000341" }},
  {{ do = "add_card", wallet = "Grace Works", card = "4000000000000341" }},
  {{ do = "add_card", wallet = "pat", card = "4000002760003184" }},
]
"#,
        with_seats("sue", "Late Works"),
        with_seats("gil", "Grace Works"),
        ago(24 * 8),
    )
}

/// The last moment whose anniversary is not after this one: a day before it where that falls on a leap day.
fn year_before(at: Instant) -> Instant {
    let candidates = (364..=367).map(|days| at.plus(Seconds(-days * 24 * HOUR)));
    candidates.into_iter().find(|anchor| anchor.plus_months(12) <= at).expect("one of them is a year before")
}
