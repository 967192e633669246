//! Signs a person in by the word of an OpenID provider.
//!
//! The state goes two ways: with the person through the provider, and in a cookie of the browser that set out.
//! Only a browser that has both comes in, so nobody can be signed in to somebody else's account unawares. A
//! provider's word is believed about a mail address only when it says that it has verified it.

use connectors::oidc::{Identity, OidcFault, OidcProvider};
use store::{OidcSetoutRow, SessionKind, Tx};
use subtle::ConstantTimeEq;
use units::{Instant, Seconds};

use super::{SignedIn, complete_welcome, enter};
use crate::secret::content_hash;
use crate::{Context, Error, Services, words};

/// How long somebody may stay at the provider.
const LIFE: Seconds = Seconds(600);

/// Somebody sets out to the provider.
#[derive(Clone, Debug)]
pub struct StartOidc {
    /// The path of ours to which they come back.
    pub return_to: String,
}

/// Where to go.
#[derive(Clone, Debug)]
pub struct StartedOidc {
    /// The provider's page.
    pub address: String,
    /// What the browser keeps in a cookie until it comes back.
    pub state: String,
    /// From when it is too late.
    pub expires_at: Instant,
}

/// Somebody comes back.
#[derive(Clone, Debug)]
pub struct FinishOidc {
    /// The parameter `state`.
    pub state: String,
    /// The parameter `code`; absent when the provider refused.
    pub code: Option<String>,
    /// What the browser kept.
    pub cookie: Option<String>,
    /// What the browser calls itself.
    pub client: String,
}

/// Sends somebody to the provider.
pub async fn start_oidc(services: &Services, ctx: &Context, request: StartOidc) -> Result<StartedOidc, Error> {
    let provider = provider(services)?;
    let random = || hex(ctx.ids.secret());
    let (state, nonce, verifier) = (random(), random(), random());
    let row = OidcSetoutRow {
        state_hash: content_hash(&state),
        nonce: nonce.clone(),
        verifier: verifier.clone(),
        return_to: own_path(&request.return_to),
        expires_at: ctx.now.plus(LIFE),
    };
    let setout = provider.set_out(&state, &nonce, &verifier).await.map_err(refused)?;
    let expires_at = row.expires_at;
    services.store.write(async move |tx| tx.insert_oidc_setout(&row).await.map_err(Error::from)).await?;
    Ok(StartedOidc { address: setout.address, state, expires_at })
}

/// Takes what somebody comes back with. Answers who they are, and the path to which they wanted.
pub async fn finish_oidc(services: &Services, ctx: &Context, request: FinishOidc) -> Result<(SignedIn, String), Error> {
    let provider = provider(services)?;
    let is_same_browser =
        request.cookie.is_some_and(|kept| bool::from(kept.as_bytes().ct_eq(request.state.as_bytes())));
    if !is_same_browser {
        return Err(Error::SignInRefused { why: "it was not begun in this browser" });
    }
    let (hash, now) = (content_hash(&request.state), ctx.now);
    let setout = services.store.write(async move |tx| tx.take_oidc_setout(hash).await.map_err(Error::from)).await?;
    let setout = setout
        .filter(|setout| setout.expires_at > now)
        .ok_or(Error::SignInRefused { why: "it was used before, or took too long" })?;
    let code = request.code.ok_or(Error::SignInRefused { why: "the provider did not agree" })?;
    let identity = provider.identify(&code, &setout.nonce, &setout.verifier).await.map_err(refused)?;
    let (context, issuer) = (ctx.clone(), provider.issuer().to_owned());
    let client = words::client(&request.client);
    let signed_in = services
        .store
        .write(async move |tx| {
            let email = email_of(tx, &issuer, &identity).await?;
            let signed_in = enter(tx, &context, &email, SessionKind::Browser, &client).await?;
            if tx.find_oidc_user(&issuer, &identity.subject).await?.is_none() {
                tx.insert_oidc_identity(&issuer, &identity.subject, signed_in.user, context.now).await?;
            }
            Ok::<_, Error>(signed_in)
        })
        .await?;
    complete_welcome(services, ctx, signed_in.wallet).await?;
    Ok((signed_in, setout.return_to))
}

/// Whose account it is: that of the person whom the provider has named before, else of the address that it has
/// verified.
async fn email_of(tx: &mut Tx<'_>, issuer: &str, identity: &Identity) -> Result<String, Error> {
    if let Some(user) = tx.find_oidc_user(issuer, &identity.subject).await?
        && let Some(email) = tx.find_user(user).await?.and_then(|user| user.email)
    {
        return Ok(email);
    }
    match &identity.email {
        Some(email) if identity.email_is_verified => words::email(email),
        Some(_) => Err(Error::SignInRefused { why: "the provider has not verified the mail address" }),
        None => Err(Error::SignInRefused { why: "the provider tells no mail address" }),
    }
}

fn provider(services: &Services) -> Result<&OidcProvider, Error> {
    let none = || Error::NotFound { what: "sign-in provider", name: "oidc".to_owned() };
    services.outside.oidc.as_ref().ok_or_else(none)
}

/// A path of this server, and nothing that a browser would take for another one's.
fn own_path(text: &str) -> String {
    let is_own = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    if is_own { text.to_owned() } else { "/".to_owned() }
}

fn hex(random: [u8; 32]) -> String {
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refused(fault: OidcFault) -> Error {
    match fault {
        OidcFault::Unavailable(reason) => {
            tracing::warn!(%reason, "the sign-in provider did not answer");
            Error::SignInUnavailable
        }
        OidcFault::Refused(reason) => {
            tracing::warn!(%reason, "a sign-in was refused");
            Error::SignInRefused { why: "what the provider said is not believed" }
        }
    }
}
