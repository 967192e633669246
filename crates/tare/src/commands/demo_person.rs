//! Somebody to try the server as: a person with credits and a fresh key, and an organization that they own.

use std::path::PathBuf;

use ledger::Source;
use operations::api_key::{CreateApiKey, create, revoke};
use operations::grant::{Expiry, IssueGrant, issue};
use operations::organization::{self, CreateOrganization};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Door};
use store::Database;
use units::{Amount, OrganizationId, UserId, WalletId};

use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::master_keys::{MasterKeysArgs, add_to};
use crate::opened::Opened;
use crate::receipt_key;
use crate::terminal::say;

/// Who tries the demo.
pub const NAME: &str = "ana@example.com";
const KEY_NAME: &str = "demo server";
/// The organization that the person owns, and what it has.
const TEAM: &str = "Demo team";
const TEAM_CREDITS: Amount = Amount::from_dollars(20);

/// Prints the address, a key and a line to paste. The key of the last run ends: it is shown only once.
pub async fn introduce(opened: &Opened, url: &str) -> Result<(), Failure> {
    let (wallet, secret) = person_with_key(opened).await?;
    let team = team_of(opened, wallet).await?;
    let now = opened.door.context().now;
    let books = opened.services.store.reader().load_wallet(wallet).await?;
    let balance = books.map(|books| books.balance(now)).unwrap_or_default();
    say(format_args!(
        "
  address   {url}
  API key   {secret}
  team      {team} ({TEAM}): name it in the header X-Tare-Organization to use its credits
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

/// The organization of the demo's person, founded and given its credits once.
async fn team_of(opened: &Opened, wallet: WalletId) -> Result<OrganizationId, Failure> {
    let (services, ctx) = (&opened.services, opened.door.context());
    let reader = services.store.reader();
    let owner: UserId = match reader.find_wallet(wallet).await?.map(|wallet| wallet.holder) {
        Some(store::Holder::User(user)) => user,
        _ => return Err(Failure::new("the person of the demo has lost their wallet")),
    };
    let owned = reader.list_organizations_of(owner).await?;
    let (team, wallet) = match owned.into_iter().find(|(organization, _)| organization.name == TEAM) {
        Some((organization, _)) => (organization.id, organization.wallet),
        None => {
            let request = CreateOrganization { name: TEAM.to_owned(), owner: Some(owner) };
            let created = organization::create(services, &ctx, &Caller::Operator, request).await?;
            (created.organization, created.wallet)
        }
    };
    let grant = IssueGrant {
        wallet,
        source: Source::Operator,
        amount: TEAM_CREDITS,
        paid: false,
        expires: Expiry::Never,
        key: Some("demo".to_owned()),
    };
    issue(services, &ctx, grant).await?;
    Ok(team)
}

/// The master keys of a demo on SQLite stand beside its database, where they would protect nothing in earnest.
pub fn master_keys(given: MasterKeysArgs, database: &Database) -> Result<MasterKeysArgs, Failure> {
    let Database::Sqlite(file) = database else { return Ok(given) };
    if given.read()?.is_some() {
        return Ok(given);
    }
    let file = file.with_extension("keys");
    if !file.exists() {
        add_to(&file, "demo", SystemDoor::new().context().ids.secret())?;
    }
    Ok(MasterKeysArgs { master_keys: Some(file) })
}

/// Signs receipts with a key of its own, in a file beside the database, unless one is given.
pub fn receipt_key(given: Option<PathBuf>, database: &Database) -> Result<Option<PathBuf>, Failure> {
    let Database::Sqlite(file) = database else { return Ok(given) };
    if given.is_some() {
        return Ok(given);
    }
    let file = file.with_extension("receipt-key");
    if !file.exists() {
        receipt_key::make(&file, &SystemDoor::new().context().ids.secret())?;
    }
    Ok(Some(file))
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
