//! A database opened for a command, with the rules that it works by.

use std::path::Path;

use billing::{Catalog, PriceBook};
use operations::Services;
use store::{Database, Fault, Reader, Store, UserRow};
use units::{OrganizationId, WalletId};

use crate::cli::{DatabaseArgs, RulesArgs};
use crate::clock::SystemDoor;
use crate::failure::Failure;

/// Everything a command needs.
pub struct Opened {
    pub services: Services,
    pub door: SystemDoor,
}

impl Opened {
    /// Opens a database to write to it, and makes it when it is missing.
    pub async fn open(database: &DatabaseArgs, rules: &RulesArgs) -> Result<Self, Failure> {
        let (catalog, prices) = read_rules(rules)?;
        let database = parse(database)?;
        let store = Store::open(&database).await.map_err(|fault| explain(&database, fault))?;
        let services = Services::new(store, catalog, prices);
        Ok(Self { services, door: SystemDoor::new() })
    }

    /// Opens a database that is there, for changes that no catalog decides. A mistyped name makes no new one.
    pub async fn open_existing(database: &DatabaseArgs) -> Result<Self, Failure> {
        open_reader(database).await?;
        Self::open(database, &RulesArgs { catalog: None, prices: Vec::new() }).await
    }

    pub async fn close(self) {
        self.services.store.close().await;
    }
}

/// Opens a database that is there, to read it: also beside a running server.
pub async fn open_reader(database: &DatabaseArgs) -> Result<Reader, Failure> {
    let database = parse(database)?;
    if let Database::Sqlite(file) = &database
        && !file.exists()
    {
        let hint = "`tare serve` and `tare user add` make one, --database names another";
        return Err(Failure::new(format!("there is no database {}. {hint}", file.display())));
    }
    Reader::open(&database).await.map_err(|fault| explain(&database, fault))
}

/// Where a command's database is.
pub fn parse(database: &DatabaseArgs) -> Result<Database, Failure> {
    Database::parse(&database.database).map_err(Failure::new)
}

/// What a fault means at the start, with the name of the database, and never its password.
pub fn explain(database: &Database, fault: Fault) -> Failure {
    match fault {
        Fault::Unavailable { cause, .. } => {
            Failure::new(format!("cannot open {database}: {cause}. Does it run, and is --database right?"))
        }
        Fault::Fresh | Fault::Newer { .. } => Failure::new(format!("{database}: {fault}")),
        other => other.into(),
    }
}

/// The catalog and the price book, with the operator's files over the built-in ones.
pub fn read_rules(rules: &RulesArgs) -> Result<(Catalog, PriceBook), Failure> {
    let catalog = match &rules.catalog {
        None => Catalog::embedded(),
        Some(file) => Catalog::over_defaults(&read(file)?)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?,
    };
    let mut prices = PriceBook::embedded();
    for file in &rules.prices {
        let name = file.display().to_string();
        let text = read(file)?;
        // The error names the file itself.
        let book = PriceBook::parse(&[(name.as_str(), text.as_str())])?;
        prices = prices.overlaid(book);
    }
    Ok((catalog, prices))
}

/// A file's text, or which file could not be read and why.
pub fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))
}

/// The person of that name.
pub async fn find_user(reader: &Reader, name: &str) -> Result<UserRow, Failure> {
    let unknown = || Failure::new(format!("there is no user {name}. tare user list shows who is there"));
    match reader.find_user_by_name(name).await? {
        Some(user) => Ok(user),
        None => reader.find_user_by_email(&name.to_lowercase()).await?.ok_or_else(unknown),
    }
}

/// The organization of that id, or the only one of that name.
pub async fn find_organization(reader: &Reader, text: &str) -> Result<OrganizationId, Failure> {
    let unknown = || Failure::new(format!("there is no organization {text}. tare org list shows which are there"));
    only_organization(reader, text).await?.ok_or_else(unknown)
}

/// The same, which may not be there.
async fn only_organization(reader: &Reader, text: &str) -> Result<Option<OrganizationId>, Failure> {
    const PAGE: u32 = 500;
    if let Ok(id) = text.parse::<OrganizationId>() {
        return Ok(Some(id));
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = reader.list_organizations(after, PAGE).await?;
        found.extend(page.iter().filter(|row| row.name == text).map(|row| row.id));
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.id),
            _ => break,
        }
    }
    let several = |count| format!("{count} organizations are called {text}. Name its id, from tare org list");
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(Failure::new(several(found.len()))),
    }
}

/// The wallet that an organization shares.
pub async fn wallet_of(reader: &Reader, organization: OrganizationId) -> Result<WalletId, Failure> {
    let unknown =
        || Failure::new(format!("there is no organization {organization}. tare org list shows which are there"));
    Ok(reader.find_standing(organization, None).await?.ok_or_else(unknown)?.organization.wallet)
}

/// The wallet of that id, or that of the person or organization of that name.
pub async fn find_wallet(reader: &Reader, text: &str) -> Result<WalletId, Failure> {
    if let Ok(wallet) = text.parse() {
        return Ok(wallet);
    }
    match find_user(reader, text).await {
        Ok(user) => Ok(user.wallet),
        Err(unknown) => match only_organization(reader, text).await? {
            Some(organization) => wallet_of(reader, organization).await,
            None => Err(unknown),
        },
    }
}
