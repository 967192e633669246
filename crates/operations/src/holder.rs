//! Writing to whoever holds a wallet.

use billing::Role;
use connectors::mail::Letter;
use store::{Holder, Tx};

use crate::member::write_to as write_to_person;
use crate::{Context, Error};

/// Writes about a wallet to its person, or to every owner of its organization. `letter` is told the name of the
/// organization and where the credits are shown.
pub(crate) async fn write_to(
    tx: &mut Tx<'_>,
    ctx: &Context,
    holder: &Holder,
    letter: impl FnOnce(Option<String>, String) -> Letter,
) -> Result<(), Error> {
    match holder {
        Holder::User(user) => write_to_person(tx, ctx, *user, letter(None, "/profile".to_owned())).await,
        Holder::Organization(id) => {
            let Some(standing) = tx.find_standing(*id, None).await? else { return Ok(()) };
            let letter = letter(Some(standing.organization.name), format!("/organizations/{id}"));
            for owner in tx.list_members_of_role(*id, Role::Owner).await? {
                write_to_person(tx, ctx, owner, letter.clone()).await?;
            }
            Ok(())
        }
    }
}
