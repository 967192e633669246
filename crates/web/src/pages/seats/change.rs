//! Changing seats: what was quoted is ordered, and what costs nothing is done. Each form carries a key that was made
//! with its page, so that one that is sent twice changes once.

use axum::{extract::State, response::Response};
use operations::{
    payment::PaymentState,
    seat::{self, ChangeSeats, OrderSeats, SeatChange},
};

use super::{
    ask::{Typed, read_cadence, remove_page, review_page},
    here, page,
};
use crate::{
    extract::Asked,
    pages::{
        form::Form,
        go,
        place::Place,
        returned::{CameBack, learn},
        sandbox::own_address,
        sorry, typed,
    },
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

/// Orders at the price that was shown.
pub(in crate::pages) async fn order(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(typed): Form<Typed>,
) -> Response {
    let seats = format!("{}/seats", place.base());
    let ordered = async {
        let card = match typed.card.as_str() {
            "" => None,
            text => Some(wire::id("card", text)?),
        };
        let request = OrderSeats {
            caller: place.caller.who,
            organization: here(&place)?,
            wish: typed.read()?,
            quoted: typed::dollars("quoted", &typed.quoted)?,
            card,
            key: Some(format!("{} {}", place.caller.name(), typed.once)),
            return_url: format!("{}{seats}/paid", site.settings.public_url),
            from: Some(visit.client),
        };
        let ordered = seat::order(&site.services, &visit.context, request).await?;
        Ok::<_, Problem>(match ordered.payment.map(|bought| bought.state) {
            // A form does not lead to a bank, whose address nobody knows before.
            Some(PaymentState::ActionRequired { page }) if own_address(&site, &page).starts_with('/') => {
                own_address(&site, &page)
            }
            _ => seats.clone(),
        })
    };
    match ordered.await {
        Ok(next) => go(&next),
        Err(problem) => review_page(&site, &visit, &place, typed, Some(problem)).await,
    }
}

/// Somebody comes back from their bank: what it said is learned, and the seats are shown.
pub(in crate::pages) async fn paid(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(came_back): Asked<CameBack>,
) -> Response {
    match learn(&site, &visit, &place, came_back).await {
        Ok(()) => go(&format!("{}/seats", place.base())),
        Err(problem) if problem.status().is_client_error() => page(&site, &visit, &place, Some(problem)).await,
        Err(problem) => sorry(&problem),
    }
}

/// Changes what costs nothing.
pub(in crate::pages) async fn change(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(typed): Form<Typed>,
) -> Response {
    let changed = async {
        let change = match typed.wish.as_str() {
            "remove" => SeatChange::Remove { seats: typed.count()? },
            "undo_removal" => SeatChange::UndoRemoval { seats: typed.count()? },
            "cadence" => SeatChange::Cadence(read_cadence(&typed.cadence)?),
            "resume" => SeatChange::Resume,
            _ => SeatChange::Cancel,
        };
        let key = Some(format!("{} {}", place.caller.name(), typed.once));
        let request = ChangeSeats { caller: place.caller.who, organization: here(&place)?, change, key };
        seat::change(&site.services, &visit.context, request).await?;
        Ok::<_, Problem>(())
    };
    match changed.await {
        Err(problem) if typed.wish == "remove" => remove_page(&site, &visit, &place, typed.seats, Some(problem)).await,
        changed => end(&site, &visit, &place, changed).await,
    }
}

pub(in crate::pages) async fn call_off(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let called_off = async {
        let id = here(&place)?;
        Ok::<_, Problem>(seat::call_off(&site.services, &visit.context, &place.caller.who, id).await?)
    };
    end(&site, &visit, &place, called_off.await).await
}

async fn end(site: &Site, visit: &Visit, place: &Place, done: Result<(), Problem>) -> Response {
    match done {
        Ok(()) => go(&format!("{}/seats", place.base())),
        Err(problem) => page(site, visit, place, Some(problem)).await,
    }
}
