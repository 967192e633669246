//! What happened to seats, in words.

use std::collections::BTreeMap;

use billing::seat::{EndedBy, Event};
use store::SeatEventRow;
use units::UserId;

use super::words;
use crate::{
    pages::words::{Moment, moment},
    problem::Problem,
    site::Site,
};

/// One thing.
pub(super) struct Line {
    pub(super) what: String,
    pub(super) at: Moment,
    /// Who wished it; empty when it came by itself.
    pub(super) by: String,
}

pub(super) async fn lines(site: &Site, rows: Vec<SeatEventRow>) -> Result<Vec<Line>, Problem> {
    let mut names: BTreeMap<UserId, String> = BTreeMap::new();
    let mut lines = Vec::new();
    for row in rows {
        let Some(what) = said(&row.event) else { continue };
        let by = match row.by {
            None => String::new(),
            Some(user) => match names.get(&user) {
                Some(name) => name.clone(),
                None => {
                    let found = site.services.store.reader().find_user(user).await?;
                    let name = found.map(|user| user.email.unwrap_or(user.name)).unwrap_or_default();
                    names.insert(user, name.clone());
                    name
                }
            },
        };
        lines.push(Line { what, at: moment(row.at), by });
    }
    Ok(lines)
}

/// Nothing for what only a payment on its way leaves behind.
fn said(event: &Event) -> Option<String> {
    let count = |seats: u32| if seats == 1 { "1 seat".to_owned() } else { format!("{seats} seats") };
    Some(match event {
        Event::Ordered(_) | Event::OrderClosed { .. } | Event::TermPaid { .. } => return None,
        Event::Subscribed { plan, seats, .. } => format!("Subscribed to {} with {}", words::plan(*plan), count(*seats)),
        Event::Added { undone: 0, added } => format!("Added {}", count(*added)),
        Event::Added { undone, added: 0 } => format!("Kept {} that would have gone", count(*undone)),
        Event::Added { undone, added } => {
            format!("Kept {} that would have gone, and added {}", count(*undone), count(*added))
        }
        Event::PlanChanged { plan, .. } => format!("Changed to {}", words::plan(*plan)),
        Event::PlanScheduled { plan: Some(plan) } => format!("{} from the renewal on", words::plan(*plan)),
        Event::PlanScheduled { plan: None } => "Kept the plan after all".to_owned(),
        Event::CadenceScheduled { cadence: Some(cadence) } => {
            format!("Paid {} from the renewal on", words::cadence(*cadence))
        }
        Event::CadenceScheduled { cadence: None } => "Kept the cadence after all".to_owned(),
        Event::RemovalPlanned { seats } => format!("{} fewer from the renewal on", count(*seats)),
        Event::RemovalUndone { seats } => format!("Kept {} after all", count(*seats)),
        Event::Cancelled => "Cancelled at the renewal".to_owned(),
        Event::Resumed => "Goes on after all".to_owned(),
        Event::Renewed { plan, seats, .. } => format!("Renewed {} with {}", words::plan(*plan), count(*seats)),
        Event::Ended { why, .. } => match why {
            EndedBy::Cancellation => "Ended, as it was cancelled".to_owned(),
            EndedBy::Unpaid => "Ended, as its term was not paid".to_owned(),
        },
    })
}
