//! A person gets an account, a wallet and the welcome grant.

use ledger::Source;
use store::UserRow;
use units::{Seconds, UserId, WalletId};

use crate::grant::{IssueGrant, issue};
use crate::{Context, Error, Services};

/// Who signs up.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// A mail address or another unique name.
    pub name: String,
    /// Two-letter country, where known; kept in capital letters, as tax rates name it.
    pub country: Option<String>,
}

/// A person with a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedUp {
    /// The person.
    pub user: UserId,
    /// Their wallet.
    pub wallet: WalletId,
}

/// The longest name: that of a mail address.
const LONGEST_NAME: usize = 254;

/// Creates the user and gives the catalog's welcome grant, once.
///
/// A person who exists already is refused; but when an earlier attempt was cut off between the account
/// and its welcome grant, calling again completes it.
pub async fn sign_up(services: &Services, ctx: &Context, request: SignUp) -> Result<SignedUp, Error> {
    let name = request.name.trim().to_owned();
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        let reason = format!("a name or mail address of 1 to {LONGEST_NAME} characters");
        return Err(Error::Invalid { field: "name", reason });
    }
    let country = request.country.as_deref().map(read_country).transpose()?;
    let existing = services.store.reader().find_user_by_name(&name).await?;
    let (signed_up, existed) = match existing {
        Some(user) => (SignedUp { user: user.id, wallet: user.wallet }, true),
        None => (create(services, ctx, name.clone(), country).await?, false),
    };
    let welcome = &services.catalog.welcome;
    let has_grants = !services.store.reader().list_grants(signed_up.wallet, None, 1).await?.is_empty();
    if welcome.amount.is_positive() && !has_grants {
        let grant = IssueGrant {
            wallet: signed_up.wallet,
            source: Source::Welcome,
            amount: welcome.amount,
            paid: false,
            expires_at: Some(ctx.now.plus(Seconds::from_days(welcome.days))),
            key: Some("welcome".to_owned()),
        };
        issue(services, ctx, grant).await?;
    } else if existed {
        return Err(Error::Exists { what: "user", name });
    }
    Ok(signed_up)
}

fn read_country(text: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        true => Ok(text.to_ascii_uppercase()),
        false => Err(Error::Invalid { field: "country", reason: "two letters, such as DE".to_owned() }),
    }
}

async fn create(services: &Services, ctx: &Context, name: String, country: Option<String>) -> Result<SignedUp, Error> {
    let user = UserRow {
        id: UserId::from_uuid(ctx.ids.uuid()),
        name,
        wallet: WalletId::from_uuid(ctx.ids.uuid()),
        country,
        created_at: ctx.now,
    };
    let signed_up = SignedUp { user: user.id, wallet: user.wallet };
    services
        .store
        .write(async move |tx| {
            if tx.find_user_by_name(&user.name).await?.is_some() {
                return Err(Error::Exists { what: "user", name: user.name.clone() });
            }
            tx.insert_user_with_wallet(&user).await?;
            Ok(())
        })
        .await?;
    Ok(signed_up)
}
