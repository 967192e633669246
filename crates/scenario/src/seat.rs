//! What happens to the seats of organizations in a story.

use billing::period::Cadence;
use billing::seat::{Plan, Wish};
use operations::payment::{Bought, PaymentState};
use operations::seat::{self, ChangeSeats, OrderSeats, SeatChange};
use operations::{Caller, Error, payment};
use units::OrganizationId;

use crate::World;
use crate::fields::Fields;
use crate::perform::RETURN_URL;
use crate::source::StoryError;
use crate::step::Names;

/// A step about the seats of an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct SeatAction {
    /// The organization's label.
    pub org: String,
    /// Who does it; the operator when absent.
    pub by: Option<String>,
    /// What is done.
    pub verb: SeatVerb,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SeatVerb {
    /// A first subscription.
    Subscribe(Wanted),
    /// Only the price is asked for.
    Quote(Wanted),
    /// Another plan, cadence or number of seats.
    Change(Wanted),
    /// So many more.
    Add(u32),
    /// What costs nothing and comes at the renewal.
    Free(SeatChange),
}

/// What is wanted; what is absent stays, or is the first there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Which plan.
    pub plan: Option<Plan>,
    /// By the month or year.
    pub cadence: Option<Cadence>,
    /// How many seats in all.
    pub seats: Option<u32>,
}

/// The words after `do`.
pub(crate) const VERBS: [&str; 9] = [
    "subscribe_seats",
    "quote_seats",
    "change_seats_plan",
    "add_seats",
    "remove_seats",
    "undo_removal",
    "cancel_seats",
    "resume_seats",
    "change_cadence",
];

/// The step, when its word is one of those.
pub(crate) fn read(verb: &str, fields: &mut Fields<'_>, names: &Names) -> Result<Option<SeatAction>, StoryError> {
    if !VERBS.contains(&verb) {
        return Ok(None);
    }
    let org = fields.text("org")?;
    if !names.organizations.contains(&org) {
        return Err(fields.error(format!("`{org}` is not known here; an earlier step must create it")));
    }
    let by = fields.find_text("by")?;
    by.iter().try_for_each(|by| names.require_person(fields, by))?;
    let verb = match verb {
        "subscribe_seats" => SeatVerb::Subscribe(Wanted { seats: Some(fields.number("seats")?), ..wanted(fields)? }),
        "quote_seats" => SeatVerb::Quote(wanted(fields)?),
        "change_seats_plan" => SeatVerb::Change(wanted(fields)?),
        "add_seats" => SeatVerb::Add(fields.number("count")?),
        "remove_seats" => SeatVerb::Free(SeatChange::Remove { seats: fields.number("count")? }),
        "undo_removal" => SeatVerb::Free(SeatChange::UndoRemoval { seats: fields.number("count")? }),
        "cancel_seats" => SeatVerb::Free(SeatChange::Cancel),
        "resume_seats" => SeatVerb::Free(SeatChange::Resume),
        _ => SeatVerb::Free(SeatChange::Cadence(fields.number("cadence")?)),
    };
    Ok(Some(SeatAction { org, by, verb }))
}

fn wanted(fields: &mut Fields<'_>) -> Result<Wanted, StoryError> {
    Ok(Wanted {
        plan: fields.find_number("plan")?,
        cadence: fields.find_number("cadence")?,
        seats: fields.find_number("seats")?,
    })
}

pub(crate) async fn perform(world: &mut World, action: &SeatAction) -> Result<(), Error> {
    let org = world.organizations[&action.org];
    let caller = action.by.as_ref().map_or(Caller::Operator, |by| world.caller(by));
    match action.verb {
        SeatVerb::Subscribe(wanted) => order(world, &caller, org, subscription(wanted)).await,
        SeatVerb::Add(seats) => order(world, &caller, org, Wish::Add { seats }).await,
        SeatVerb::Free(change) => free(world, &caller, org, change).await,
        SeatVerb::Quote(wanted) => {
            let wish = wish(world, &caller, org, wanted).await?;
            quote(world, &caller, org, wish).await.map(drop)
        }
        SeatVerb::Change(wanted) => change(world, &caller, org, wanted).await,
    }
}

fn subscription(wanted: Wanted) -> Wish {
    Wish::Subscribe {
        plan: wanted.plan.unwrap_or(Plan::Teams),
        cadence: wanted.cadence.unwrap_or(Cadence::Monthly),
        seats: wanted.seats.unwrap_or(0),
    }
}

/// What a quote is asked for: a subscription where there is none, else another plan, else more seats.
async fn wish(world: &World, caller: &Caller, org: OrganizationId, wanted: Wanted) -> Result<Wish, Error> {
    let seating = seat::show(world.services(), &world.context(), caller, org).await?.seating;
    Ok(match (&seating.subscription, wanted.plan) {
        (None, _) => subscription(wanted),
        (Some(it), Some(plan)) if plan != it.plan => Wish::Plan { plan },
        (Some(_), _) => Wish::Add { seats: wanted.seats.unwrap_or(0).saturating_sub(seating.staying()) },
    })
}

/// Another plan first, then seats, then the cadence.
async fn change(world: &mut World, caller: &Caller, org: OrganizationId, wanted: Wanted) -> Result<(), Error> {
    if let Some(plan) = wanted.plan {
        order(world, caller, org, Wish::Plan { plan }).await?;
    }
    if let Some(seats) = wanted.seats {
        let staying = seat::show(world.services(), &world.context(), caller, org).await?.seating.staying();
        if seats > staying {
            order(world, caller, org, Wish::Add { seats: seats - staying }).await?;
        } else if seats < staying {
            free(world, caller, org, SeatChange::Remove { seats: staying - seats }).await?;
        }
    }
    match wanted.cadence {
        Some(cadence) => free(world, caller, org, SeatChange::Cadence(cadence)).await,
        None => Ok(()),
    }
}

async fn quote(world: &mut World, caller: &Caller, org: OrganizationId, wish: Wish) -> Result<units::Cents, Error> {
    let total = seat::quote(world.services(), &world.context(), caller, org, wish).await?.total;
    world.quoted = Some(total);
    Ok(total)
}

/// Looks at the price, orders at it, and says yes when the bank asks.
async fn order(world: &mut World, caller: &Caller, org: OrganizationId, wish: Wish) -> Result<(), Error> {
    let quoted = quote(world, caller, org, wish).await?;
    let request = OrderSeats {
        caller: *caller,
        organization: org,
        wish,
        quoted,
        card: None,
        key: None,
        return_url: RETURN_URL.to_owned(),
        from: None,
    };
    let ordered = seat::order(world.services(), &world.context(), request).await?;
    match ordered.payment {
        Some(bought) => answer(world, caller, &bought).await,
        None => Ok(()),
    }
}

async fn free(world: &World, caller: &Caller, org: OrganizationId, change: SeatChange) -> Result<(), Error> {
    let request = ChangeSeats { caller: *caller, organization: org, change, key: None };
    seat::change(world.services(), &world.context(), request).await.map(drop)
}

/// Says yes when the bank asks, and comes back to the page that shows how it went.
pub(crate) async fn answer(world: &World, caller: &Caller, bought: &Bought) -> Result<(), Error> {
    if let PaymentState::ActionRequired { page } = &bought.state {
        let object = page.rsplit('/').next().unwrap_or_default();
        world.sandbox().answer_payment(object, true).await?;
        payment::see(world.services(), &world.context(), caller, bought.payment).await?;
    }
    Ok(())
}
