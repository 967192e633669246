//! What happens to the passes of people in a story.

use billing::period::Cadence;
use operations::pass::{self, Seen, Subscribe};
use operations::payment::{self, PaymentState};
use operations::{Caller, Error};
use serde_json::{Map, Value, json};
use units::Cents;

use crate::World;
use crate::fields::Fields;
use crate::perform::RETURN_URL;
use crate::source::StoryError;
use crate::step::Names;

/// A step about somebody's pass.
#[derive(Clone, Debug, PartialEq)]
pub struct PassAction {
    /// The person's label.
    pub user: String,
    /// What is done.
    pub verb: PassVerb,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PassVerb {
    /// The person subscribes, with the newest card.
    Subscribe(Cents, Cadence),
    /// Another tier or cadence from the next period on; what is absent stays.
    Change(Option<Cents>, Option<Cadence>),
    /// The end, with the period.
    Cancel,
    /// What was scheduled is taken back.
    Resume,
}

/// The words after `do`.
pub(crate) const VERBS: [&str; 4] = ["pass_subscribe", "pass_change", "pass_cancel", "pass_resume"];

/// The step, when its word is one of those.
pub(crate) fn read(verb: &str, fields: &mut Fields<'_>, names: &Names) -> Result<Option<PassAction>, StoryError> {
    if !VERBS.contains(&verb) {
        return Ok(None);
    }
    let user = fields.text("user")?;
    names.require_person(fields, &user)?;
    let verb = match verb {
        "pass_subscribe" => {
            PassVerb::Subscribe(fields.number("tier")?, fields.find_number("cadence")?.unwrap_or(Cadence::Monthly))
        }
        "pass_change" => PassVerb::Change(fields.find_number("tier")?, fields.find_number("cadence")?),
        "pass_cancel" => PassVerb::Cancel,
        _ => PassVerb::Resume,
    };
    Ok(Some(PassAction { user, verb }))
}

pub(crate) async fn perform(world: &World, action: &PassAction) -> Result<(), Error> {
    let (services, ctx, wallet) = (world.services(), world.context(), world.wallets[&action.user]);
    let caller = world.caller(&action.user);
    match action.verb {
        PassVerb::Subscribe(tier, cadence) => subscribe(world, &action.user, tier, cadence).await,
        PassVerb::Change(tier, cadence) => {
            let seen = pass::see(services, &caller, wallet).await?;
            let now = seen.figures.map_or((Cents::ZERO, Cadence::Monthly), |figures| (figures.tier, figures.cadence));
            let (tier, cadence) = (tier.unwrap_or(now.0), cadence.unwrap_or(now.1));
            pass::change(services, &ctx, &caller, wallet, tier, cadence).await.map(drop)
        }
        PassVerb::Cancel => pass::cancel(services, &ctx, &caller, wallet).await.map(drop),
        PassVerb::Resume => pass::resume(services, &ctx, &caller, wallet).await.map(drop),
    }
}

/// Subscribes, says yes when the bank asks, and comes back to the page that shows how it went.
async fn subscribe(world: &World, user: &str, tier: Cents, cadence: Cadence) -> Result<(), Error> {
    let (services, ctx, caller) = (world.services(), world.context(), world.caller(user));
    let wallet = world.wallets[user];
    let return_url = RETURN_URL.to_owned();
    let request = Subscribe { caller, wallet, tier, cadence, card: None, key: None, return_url, from: None };
    let bought = pass::subscribe(services, &ctx, request).await?;
    if let PaymentState::ActionRequired { page } = &bought.state {
        let object = page.rsplit('/').next().unwrap_or_default();
        world.sandbox().answer_payment(object, true).await?;
        payment::see(services, &ctx, &caller, bought.payment).await?;
    }
    Ok(())
}

/// The pass of each person who has one, or had.
pub(crate) async fn state(world: &World) -> Result<Value, Error> {
    let mut passes = Map::new();
    for label in world.people.keys() {
        let seen = pass::see(world.services(), &Caller::Operator, world.wallets[label]).await?;
        if let Some(shown) = shown(&seen) {
            passes.insert(label.clone(), shown);
        }
    }
    Ok(Value::Object(passes))
}

fn shown(seen: &Seen) -> Option<Value> {
    let figures = seen.figures.as_ref()?;
    Some(json!({
        "tier": figures.tier,
        "cadence": figures.cadence,
        "status": figures.status,
        "period_start": figures.period.start,
        "period_end": figures.period.end,
        "renews_at": figures.renews_at,
        "streak": figures.streak,
        "bonus_percent": figures.percent,
        "bonus": figures.bonus,
        "bonus_granted": figures.is_bonus_granted,
        "used": figures.used,
        "needed": figures.needed,
        "next_bonus": figures.next.map(|next| next.bonus),
        "next_at": figures.next.map(|next| next.at),
        "scheduled": figures.scheduled,
    }))
}
