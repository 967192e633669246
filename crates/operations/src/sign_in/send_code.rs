//! Sends a code to a mail address, known or not: the answer is the same, and so is the work.

use std::net::IpAddr;

use connectors::mail::Letter;
use store::{SignInCodeRow, Tx};
use units::{Instant, Seconds};

use crate::jobs::mail;
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

/// Makes a code and mails it.
pub async fn send_code(services: &Services, ctx: &Context, request: SendCode) -> Result<SentCode, Error> {
    let email = words::email(&request.email)?;
    let network = network(request.from);
    let challenge = CHALLENGE.text(ctx.ids.secret());
    let code = digits(ctx.ids.secret());
    let expires_at = ctx.now.plus(CODE_LIFE);
    let row = SignInCodeRow {
        challenge_hash: content_hash(&challenge),
        email,
        network,
        code_hash: code_hash(&challenge, &code),
        tries: TRIES,
        wrong: 0,
        created_at: ctx.now,
        expires_at,
        used_at: None,
    };
    let letter = Letter::SignInCode { code, minutes: (CODE_LIFE.0 / 60).unsigned_abs().try_into().unwrap_or(u32::MAX) };
    let limits = services.catalog.limits.clone();
    let since = ctx.now.plus(Seconds(-HOUR.0));
    let context = ctx.clone();
    services
        .store
        .write(async move |tx| {
            let mut row = row.clone();
            throttle(tx, &row, since, limits.codes_per_network, limits.codes_per_address).await?;
            if tx.count_wrong_tries(&row.email, since).await? >= ATTACK {
                row.tries = TRIES_UNDER_ATTACK;
            }
            tx.insert_sign_in_code(&row).await?;
            tx.insert_job(&mail(&context, &row.email, letter.clone())).await?;
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

/// Six digits from 256 random bits.
fn digits(random: [u8; 32]) -> String {
    let number = random.iter().fold(0u64, |rest, byte| (rest * 256 + u64::from(*byte)) % 1_000_000);
    format!("{number:06}")
}

/// What is stored of a code: without the challenge, six digits cannot be tried against it.
pub(super) fn code_hash(challenge: &str, code: &str) -> [u8; 32] {
    content_hash(&format!("{challenge} {code}"))
}
