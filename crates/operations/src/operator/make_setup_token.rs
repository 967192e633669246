//! What a server prints at its start while nobody runs it.

use units::Seconds;

use crate::secret::{SETUP, content_hash};
use crate::{Context, Error, Services};

/// How long a token can be redeemed.
const LIFE: Seconds = Seconds::from_days(1);

/// A token that makes its bearer the operator, once. `None` when there is an operator.
///
/// Each start makes one, since only its hash is kept; the first that is redeemed ends all.
pub async fn make_setup_token(services: &Services, ctx: &Context) -> Result<Option<String>, Error> {
    let token = SETUP.text(ctx.ids.secret());
    let (hash, now) = (content_hash(&token), ctx.now);
    let is_wanted = services
        .store
        .write(async move |tx| {
            let is_wanted = tx.count_operators().await? == 0;
            if is_wanted {
                tx.insert_setup_token(hash, now, now.plus(LIFE)).await?;
            }
            Ok::<_, Error>(is_wanted)
        })
        .await?;
    Ok(is_wanted.then_some(token))
}
