//! The two halves of a sign-in: sending somebody to the provider, and believing what they come back with.

use std::sync::Arc;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use thiserror::Error;

use super::OidcSettings;
use crate::outgoing::{Outgoing, OutgoingFault};
use crate::upstream::reason;

/// A provider that people can sign in with. Cheap to clone.
#[derive(Clone)]
pub struct OidcProvider {
    known: Arc<Known>,
    http: Http,
}

struct Known {
    name: String,
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect: RedirectUrl,
}

/// Somebody who sets out to the provider.
pub struct Setout {
    /// Where to send their browser.
    pub address: String,
}

/// Who somebody is, by the provider's signed word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What the provider calls them; no two people of one provider have the same.
    pub subject: String,
    /// Their mail address.
    pub email: Option<String>,
    /// Whether the provider has seen that the address is theirs.
    pub email_is_verified: bool,
    /// Their name.
    pub name: Option<String>,
}

/// Why nobody came in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OidcFault {
    /// The provider could not be asked. It may be back in a moment.
    #[error("the sign-in provider did not answer: {0}")]
    Unavailable(String),
    /// What somebody came back with is not believed.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
}

impl OidcProvider {
    /// A provider; nothing is asked yet. `redirect` is our address to which it sends people back.
    ///
    /// # Errors
    /// What is wrong in the settings.
    pub fn new(settings: &OidcSettings, redirect: &str) -> Result<Self, String> {
        let wrong = |field: &'static str| move |error: openidconnect::url::ParseError| format!("oidc.{field}: {error}");
        if settings.client_id.is_empty() {
            return Err("oidc.client_id: it is empty; it must be our id at the provider".to_owned());
        }
        let secret = settings.client_secret.as_ref().ok_or("oidc: the secret was not read")?;
        let known = Known {
            name: settings.name.clone(),
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(wrong("issuer"))?,
            client_id: ClientId::new(settings.client_id.clone()),
            client_secret: ClientSecret::new(secret.expose().to_owned()),
            redirect: RedirectUrl::new(redirect.to_owned()).map_err(|error| format!("public_url: {error}"))?,
        };
        let outgoing =
            Outgoing::to(&settings.issuer, settings.allow_private).map_err(|why| format!("oidc.issuer: {why}"))?;
        Ok(Self { known: Arc::new(known), http: Http(outgoing) })
    }

    /// What the sign-in button says.
    pub fn name(&self) -> &str {
        &self.known.name
    }

    /// Its address, which says whose word it is.
    pub fn issuer(&self) -> &str {
        self.known.issuer.as_str()
    }

    /// Sends somebody to the provider. The three secrets are random; they are needed again at the return, and
    /// the state must come back with the person.
    pub async fn set_out(&self, state: &str, nonce: &str, verifier: &str) -> Result<Setout, OidcFault> {
        let metadata = self.metadata().await?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            self.known.client_id.clone(),
            Some(self.known.client_secret.clone()),
        )
        .set_redirect_uri(self.known.redirect.clone());
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(nonce.to_owned()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let (address, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Setout { address: address.into() })
    }

    /// Exchanges the code for the provider's word and checks it: signature, issuer, audience, time and nonce.
    pub async fn identify(&self, code: &str, nonce: &str, verifier: &str) -> Result<Identity, OidcFault> {
        let metadata = self.metadata().await?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            self.known.client_id.clone(),
            Some(self.known.client_secret.clone()),
        )
        .set_redirect_uri(self.known.redirect.clone());
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcFault::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(fault) => OidcFault::Unavailable(fault.to_string()),
                // The code was used before, or belongs to another, or we are not who we say.
                RequestTokenError::ServerResponse(answer) => OidcFault::Refused(answer.error().to_string()),
                other => OidcFault::Unavailable(other.to_string()),
            })?;
        let token = answer.id_token().ok_or_else(|| OidcFault::Refused("the provider sent no identity".to_owned()))?;
        let claims = token.claims(&client.id_token_verifier(), &Nonce::new(nonce.to_owned()));
        Ok(identity(claims.map_err(|error| OidcFault::Refused(reason(&error)))?))
    }

    /// Whether it answers, and as itself.
    pub async fn check(&self) -> Result<(), OidcFault> {
        self.metadata().await.map(drop)
    }

    async fn metadata(&self) -> Result<CoreProviderMetadata, OidcFault> {
        let metadata = CoreProviderMetadata::discover_async(self.known.issuer.clone(), &self.http).await;
        metadata.map_err(|error| OidcFault::Unavailable(reason(&error)))
    }
}

fn identity(claims: &CoreIdTokenClaims) -> Identity {
    Identity {
        subject: claims.subject().to_string(),
        email: claims.email().map(|email| email.to_string()),
        email_is_verified: claims.email_verified().unwrap_or(false),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
    }
}

/// Our client, as the protocol's crate asks for it.
#[derive(Clone)]
struct Http(Outgoing);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = OutgoingFault;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, OutgoingFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(request))
    }
}
