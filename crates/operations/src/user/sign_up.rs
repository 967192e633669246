//! An operator gives a person an account, a wallet and the welcome grant.

use store::UserRow;
use units::{UserId, WalletId};

use crate::sign_in::complete_welcome;
use crate::{Context, Error, Services, words};

/// Who signs up.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// A mail address or another unique name. Whoever reads the mail of that address can sign in as this person.
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

/// Creates the user and gives the catalog's welcome grant, once.
///
/// A person who exists already is refused; but when an earlier attempt was cut off between the account
/// and its welcome grant, calling again completes it.
pub async fn sign_up(services: &Services, ctx: &Context, request: SignUp) -> Result<SignedUp, Error> {
    let name = request.name.trim().to_owned();
    if name.is_empty() || name.len() > words::LONGEST_EMAIL || name.chars().any(char::is_control) {
        let reason = format!("a name or mail address of 1 to {} characters", words::LONGEST_EMAIL);
        return Err(Error::Invalid { field: "name", reason });
    }
    let email = if name.contains('@') { Some(words::email(&name)?) } else { None };
    let country = request.country.as_deref().map(read_country).transpose()?;
    let reader = services.store.reader();
    let existing = match &email {
        Some(email) => reader.find_user_by_email(email).await?,
        None => reader.find_user_by_name(&name).await?,
    };
    let (signed_up, existed) = match existing {
        Some(user) => (SignedUp { user: user.id, wallet: user.wallet }, true),
        None => (create(services, ctx, name.clone(), email, country).await?, false),
    };
    let was_welcomed = complete_welcome(services, ctx, signed_up.wallet).await?;
    match existed && !was_welcomed {
        true => Err(Error::Exists { what: "user", name }),
        false => Ok(signed_up),
    }
}

fn read_country(text: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        true => Ok(text.to_ascii_uppercase()),
        false => Err(Error::Invalid { field: "country", reason: "two letters, such as DE".to_owned() }),
    }
}

async fn create(
    services: &Services,
    ctx: &Context,
    name: String,
    email: Option<String>,
    country: Option<String>,
) -> Result<SignedUp, Error> {
    let (id, wallet) = (UserId::from_uuid(ctx.ids.uuid()), WalletId::from_uuid(ctx.ids.uuid()));
    let user = UserRow { country, email, ..UserRow::new(id, wallet, name, ctx.now) };
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
