//! Somebody to try the server as: a person with credits and a fresh key.

use operations::api_key::{CreateApiKey, create, revoke};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Door};
use units::WalletId;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::terminal::say;

/// Who tries the demo.
pub const NAME: &str = "ana@example.com";
const KEY_NAME: &str = "demo server";

/// Prints the address, a key and a line to paste. The key of the last run ends: it is shown only once.
pub async fn introduce(opened: &Opened, url: &str) -> Result<(), Failure> {
    let (wallet, secret) = person_with_key(opened).await?;
    let now = opened.door.context().now;
    let books = opened.services.store.reader().load_wallet(wallet).await?;
    let balance = books.map(|books| books.balance(now)).unwrap_or_default();
    say(format_args!(
        "
  address   {url}
  API key   {secret}
  person    {NAME}, balance {balance}
  models    curl {url}/v1/models -H 'Authorization: Bearer {secret}'

Paste this into another shell; the line that appears here tells the new balance:

curl -N {url}/v1/chat/completions \\
  -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' \\
  -d '{{\"model\": \"demo/small\", \"stream\": true, \"messages\": [{{\"role\": \"user\", \"content\": \"What does a request cost?\"}}]}}'
"
    ));
    Ok(())
}

/// The person of the demo, and a key that was made just now.
pub async fn person_with_key(opened: &Opened) -> Result<(WalletId, String), Failure> {
    let (services, ctx) = (&opened.services, opened.door.context());
    let reader = services.store.reader();
    let (user, wallet) = match reader.find_user_by_name(NAME).await? {
        Some(user) => (user.id, user.wallet),
        None => {
            let signed_up = sign_up(services, &ctx, SignUp { name: NAME.to_owned(), country: None }).await?;
            (signed_up.user, signed_up.wallet)
        }
    };
    for key in reader.list_api_keys(wallet).await? {
        if key.name == KEY_NAME && key.revoked_at.is_none() {
            revoke(services, &ctx, &Caller::Operator, key.id).await?;
        }
    }
    let request = CreateApiKey { wallet, user: Some(user), name: KEY_NAME.to_owned(), expires_at: None, limit: None };
    Ok((wallet, create(services, &ctx, &Caller::Operator, request).await?.secret))
}
