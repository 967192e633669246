//! Signs a person in with the digits of a mail.

use store::{SessionKind, Tx};
use subtle::ConstantTimeEq;

use super::mail_code::code_hash;
use super::{SignedIn, complete_welcome, enter};
use crate::secret::CHALLENGE;
use crate::{Context, Error, Services, words};

/// The digits, and what goes with them.
#[derive(Clone, Debug)]
pub struct RedeemCode {
    /// What [`super::send_code`] answered.
    pub challenge: String,
    /// The digits of the mail; spaces between them do not matter.
    pub code: String,
    /// What the browser calls itself.
    pub client: String,
}

/// Signs in, and signs a new person up. The session is a new one, whoever was signed in before.
pub async fn redeem_code(services: &Services, ctx: &Context, request: RedeemCode) -> Result<SignedIn, Error> {
    let hash = CHALLENGE.hash(&request.challenge).ok_or(Error::CodeClosed)?;
    let code: String = request.code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let tried = code_hash(hash, &code);
    let client = words::client(&request.client);
    let context = ctx.clone();
    // A wrong try is a change that has to stay, so it is an answer of the transaction and not its failure.
    let redeemed = services
        .store
        .write(async move |tx| match check(tx, &context, hash, tried).await? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(email) => enter(tx, &context, &email, SessionKind::Browser, &client).await.map(Ok),
        })
        .await??;
    complete_welcome(services, ctx, redeemed.wallet).await?;
    Ok(redeemed)
}

/// Counts the try, and answers whose code it was when it is right.
async fn check(
    tx: &mut Tx<'_>,
    ctx: &Context,
    challenge_hash: [u8; 32],
    tried: [u8; 32],
) -> Result<Result<String, Error>, Error> {
    let Some(mut row) = tx.find_sign_in_code(challenge_hash).await? else { return Ok(Err(Error::CodeClosed)) };
    if !row.is_open(ctx.now) {
        return Ok(Err(Error::CodeClosed));
    }
    let is_right = bool::from(row.code_hash.ct_eq(&tried));
    match is_right {
        true => row.used_at = Some(ctx.now),
        false => row.wrong += 1,
    }
    tx.update_sign_in_code(&row).await?;
    match is_right {
        true => Ok(Ok(row.email)),
        false => Ok(Err(Error::CodeWrong { left: row.tries - row.wrong })),
    }
}
