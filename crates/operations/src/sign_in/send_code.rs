//! Asks for a code to a mail address, known or not: the answer is the same, and so is the work.
//!
//! The digits do not exist yet: they are drawn when the mail goes out, so that they stand in no row that waits.

use std::net::IpAddr;

use store::{Job, SignInCodeRow, Tx};
use units::{Instant, Seconds};

use crate::jobs::Task;
use crate::network::network;
use crate::secret::{CHALLENGE, content_hash};
use crate::{Context, Error, Services, words};

/// How long a code can be used.
pub const CODE_LIFE: Seconds = Seconds(600);

/// How many wrong tries a code bears, and how many while somebody guesses at the address from everywhere.
const TRIES: u32 = 5;
const TRIES_UNDER_ATTACK: u32 = 1;
/// So many wrong tries within an hour, over all codes of an address, are no typing errors.
const ATTACK: u64 = 50;
const HOUR: Seconds = Seconds(3600);

/// Who wants to sign in, from where.
#[derive(Clone, Debug)]
pub struct SendCode {
    /// A mail address.
    pub email: String,
    /// The address that asks.
    pub from: IpAddr,
}

/// What goes with the code.
#[derive(Clone, Debug)]
pub struct SentCode {
    /// To be kept by who asked, and given back with the digits of the mail.
    pub challenge: String,
    /// From when the code is refused.
    pub expires_at: Instant,
}

/// Opens a challenge, and leaves the job that makes its code and mails it.
pub async fn send_code(services: &Services, ctx: &Context, request: SendCode) -> Result<SentCode, Error> {
    let email = words::email(&request.email)?;
    let network = network(request.from);
    let challenge = CHALLENGE.text(ctx.ids.secret());
    let challenge_hash = content_hash(&challenge);
    let expires_at = ctx.now.plus(CODE_LIFE);
    let row = SignInCodeRow {
        challenge_hash,
        email,
        network,
        // No digits have this hash: until the mail goes out, none are right.
        code_hash: ctx.ids.secret(),
        tries: TRIES,
        wrong: 0,
        created_at: ctx.now,
        expires_at,
        used_at: None,
    };
    let job = Job { expires_at: Some(expires_at), ..Task::SignInCode { challenge_hash }.job(ctx) };
    let catalog = services.catalog.current();
    let since = ctx.now.plus(Seconds(-HOUR.0));
    services
        .store
        .write(async move |tx| {
            let mut row = row.clone();
            let limits = &catalog.limits;
            throttle(tx, &row, since, limits.codes_per_network, limits.codes_per_address).await?;
            if tx.count_wrong_tries(&row.email, since).await? >= ATTACK {
                row.tries = TRIES_UNDER_ATTACK;
            }
            tx.insert_sign_in_code(&row).await?;
            tx.insert_job(&job).await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(SentCode { challenge, expires_at })
}

/// A network gets so many codes in an hour, and fewer of them for one address. What other networks asked for
/// the same address does not count: nobody can keep a person out.
async fn throttle(
    tx: &mut Tx<'_>,
    row: &SignInCodeRow,
    since: Instant,
    per_network: u32,
    per_address: u32,
) -> Result<(), Error> {
    let sent = tx.list_sign_in_codes_from(&row.network, since, per_network).await?;
    let to_address: Vec<&SignInCodeRow> = sent.iter().filter(|code| code.email == row.email).collect();
    let (limit, oldest) = match (sent.len() >= per_network as usize, to_address.len() >= per_address as usize) {
        (true, _) => (per_network, sent.first()),
        (_, true) => (per_address, to_address.first().copied()),
        _ => return Ok(()),
    };
    let again = oldest.map_or(row.created_at, |code| code.created_at.plus(HOUR));
    let wait = (again.micros() - row.created_at.micros()).max(0).unsigned_abs();
    Err(Error::TooManyCodes { limit, retry_after: wait.div_ceil(1_000_000).max(1) })
}
