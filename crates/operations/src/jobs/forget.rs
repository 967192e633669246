//! Forgets codes that nobody can use any more, and answers that nobody asks for again.

use units::Seconds;

use crate::{Context, Error, Services, once};

/// How long codes are kept: sign-in codes are counted for an hour after they were sent.
const KEPT: Seconds = Seconds(2 * 3600);

/// How long tries of cards are kept: they are counted for a day.
const TRIES_KEPT: Seconds = Seconds(2 * 86_400);

/// Deletes old sign-in and device codes, old tries of cards, and old answers. Answers how many.
pub async fn forget(services: &Services, ctx: &Context) -> Result<u64, Error> {
    let before = ctx.now.plus(Seconds(-KEPT.0));
    let tries_before = ctx.now.plus(Seconds(-TRIES_KEPT.0));
    let answers_before = ctx.now.plus(Seconds(-once::KEPT.0));
    services
        .store
        .write(async move |tx| {
            let codes = tx.delete_sign_in_codes(before).await?;
            let answers = tx.delete_answers(answers_before).await?;
            let tries = tx.delete_card_tries(tries_before).await?;
            let setouts = tx.delete_oidc_setouts(before).await?;
            Ok::<_, Error>(codes + answers + tries + setouts + tx.delete_device_codes(before).await?)
        })
        .await
}
