//! Changes what costs nothing and comes at the renewal, and takes it back.

use billing::period::Cadence;
use billing::role::Action;
use billing::seat::{Command, Seating};
use serde_json::json;
use units::OrganizationId;

use super::advance;
use super::book::{Wished, book};
use super::order::recall;
use crate::audit::{Change, Scope, record};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access};

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatChange {
    /// Fewer seats from the renewal on.
    Remove {
        /// How many fewer.
        seats: u32,
    },
    /// Seats stay that would have gone.
    UndoRemoval {
        /// How many of them.
        seats: u32,
    },
    /// Another cadence from the renewal on; the present one takes that back.
    Cadence(Cadence),
    /// The end, at the renewal.
    Cancel,
    /// No end, after all.
    Resume,
}

/// What is changed, by whom.
#[derive(Clone, Debug)]
pub struct ChangeSeats {
    /// Who wishes it.
    pub caller: Caller,
    /// Whose seats.
    pub organization: OrganizationId,
    /// What.
    pub change: SeatChange,
    /// The caller's key: the same key with the same wish changes once.
    pub key: Option<String>,
}

/// Changes, and answers how the seats stand now.
///
/// # Errors
/// `amount_out_of_range`, `seats_in_use` with both numbers, `change_pending`, `subscription_required`, `not_found` and
/// `forbidden`.
pub async fn change(services: &Services, ctx: &Context, request: ChangeSeats) -> Result<Seating, Error> {
    let ChangeSeats { caller, organization, change, key } = request;
    let reader = services.store.reader();
    access::read_organization(reader, &caller, organization, Action::ManageBilling).await?;
    advance(services, ctx, organization).await?;
    let content = content_hash(&format!("{change:?}"));
    let wished = Wished { by: caller.user(), key: key.as_ref().map(|key| (content_hash(key), content)) };
    let (command, action) = match change {
        SeatChange::Remove { seats } => (Command::Remove { seats }, "seats.remove"),
        SeatChange::UndoRemoval { seats } => (Command::UndoRemoval { seats }, "seats.undo_removal"),
        SeatChange::Cadence(cadence) => (Command::Cadence(cadence), "seats.set_cadence"),
        SeatChange::Cancel => (Command::Cancel, "seats.cancel"),
        SeatChange::Resume => (Command::Resume, "seats.resume"),
    };
    let (context, catalog) = (ctx.clone(), services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::ManageBilling).await?;
            let mut organization = standing.organization;
            if recall(tx, organization.id, &wished, key.as_deref()).await?.is_some() {
                return Ok(organization.seating);
            }
            let before = json!(organization.seating);
            let booked = book(tx, &context, &catalog, &mut organization, &command, wished).await?;
            if !booked.events.is_empty() {
                let change = Change {
                    scope: Scope::Organization(organization.id),
                    action,
                    subject: organization.id.to_string(),
                    person: None,
                    before,
                    after: json!({"events": booked.events}),
                };
                record(tx, &context, &caller, change).await?;
            }
            Ok(organization.seating)
        })
        .await
}
