//! Makes the first operator.

use serde_json::json;
use store::SessionKind;

use super::appoint::change;
use crate::audit::record;
use crate::secret::SETUP;
use crate::sign_in::{SignedIn, complete_welcome, enter};
use crate::{Caller, Context, Error, Services, words};

/// Who holds the token that the server printed.
#[derive(Clone, Debug)]
pub struct RedeemSetupToken {
    /// The token.
    pub token: String,
    /// The mail address of who is to run this server.
    pub email: String,
    /// What the browser calls itself.
    pub client: String,
}

/// Signs the person in as the operator. Whoever can read the server's output is believed, since mail may not be
/// set up yet. It works once: afterwards there is an operator, and every token has ended.
pub async fn redeem_setup_token(
    services: &Services,
    ctx: &Context,
    request: RedeemSetupToken,
) -> Result<SignedIn, Error> {
    let email = words::email(&request.email)?;
    let wrong =
        || Error::Unauthenticated("this set-up token is not valid any more; start the server again for a new one");
    let hash = SETUP.hash(request.token.trim()).ok_or_else(wrong)?;
    let client = words::client(&request.client);
    let context = ctx.clone();
    let signed_in = services
        .store
        .write(async move |tx| {
            if !tx.has_setup_token(hash, context.now).await? || tx.count_operators().await? > 0 {
                return Err(wrong());
            }
            tx.delete_setup_tokens().await?;
            let signed_in = enter(tx, &context, &email, SessionKind::Browser, &client).await?;
            tx.set_operator(signed_in.user, true).await?;
            let caller = Caller::Person { user: signed_in.user, session: signed_in.session };
            let appointed = change(signed_in.user, false, true, json!({"by": "set-up token"}));
            record(tx, &context, &caller, appointed).await?;
            Ok(signed_in)
        })
        .await?;
    complete_welcome(services, ctx, signed_in.wallet).await?;
    Ok(signed_in)
}
