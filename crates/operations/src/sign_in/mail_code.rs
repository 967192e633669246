//! Makes the code of a challenge and mails it.
//!
//! Its hash is stored before the mail goes out, and the digits nowhere. When the mail fails, the next try makes
//! another code, and the last one that was mailed is the one that works.

use connectors::mail::{Letter, Mail};
use store::SignInCodeRow;
use units::{JobId, Seconds};

use super::CODE_LIFE;
use crate::jobs::Failed;
use crate::secret::content_hash;
use crate::{Context, Error, Services};

const MINUTE: Seconds = Seconds(60);

/// Draws the digits, keeps their hash, mails them. Nobody gets a mail about a challenge that is closed.
pub(crate) async fn mail_code(
    services: &Services,
    ctx: &Context,
    id: JobId,
    challenge_hash: [u8; 32],
) -> Result<(), Failed> {
    let code = digits(ctx.ids.secret());
    let hash = code_hash(challenge_hash, &code);
    let now = ctx.now;
    let drawn = services.store.write(async move |tx| {
        let Some(mut row) = tx.find_sign_in_code(challenge_hash).await? else { return Ok(None) };
        if !row.is_open(now) {
            return Ok(None);
        }
        row.code_hash = hash;
        tx.update_sign_in_code(&row).await?;
        Ok::<_, Error>(Some(row))
    });
    let Some(SignInCodeRow { email, .. }) = drawn.await? else { return Ok(()) };
    let minutes = (CODE_LIFE.0 / MINUTE.0).unsigned_abs().try_into().unwrap_or(u32::MAX);
    let (postbox, catalog) = (&services.outside.postbox, services.catalog.current());
    let letter = Letter::SignInCode { code, minutes };
    let mail = Mail::write(id, &email, &letter, &catalog.brand.name, postbox, now)?;
    Ok(postbox.mailer.send(&postbox.from, &mail).await?)
}

/// Six digits from 256 random bits.
fn digits(random: [u8; 32]) -> String {
    let number = random.iter().fold(0u64, |rest, byte| (rest * 256 + u64::from(*byte)) % 1_000_000);
    format!("{number:06}")
}

/// What is stored of a code: it is right for its challenge alone.
pub(super) fn code_hash(challenge_hash: [u8; 32], code: &str) -> [u8; 32] {
    let challenge: String = challenge_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    content_hash(&format!("{challenge} {code}"))
}
