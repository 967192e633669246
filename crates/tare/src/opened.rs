//! A database opened for a command, with the rules that it works by.

use std::path::Path;
use std::sync::Arc;

use billing::{Catalog, PriceBook};
use operations::Services;
use store::{Database, Reader, Store, UserRow};

use crate::cli::{DatabaseArgs, RulesArgs};
use crate::clock::SystemDoor;
use crate::failure::Failure;

/// Everything a command needs.
pub struct Opened {
    pub services: Services,
    pub door: SystemDoor,
}

impl Opened {
    pub async fn open(database: &DatabaseArgs, rules: &RulesArgs) -> Result<Self, Failure> {
        let (catalog, prices) = read_rules(rules)?;
        let database = Database::parse(&database.database).map_err(Failure::new)?;
        let store = Store::open(&database).await?;
        let services = Services { store, catalog: Arc::new(catalog), prices: Arc::new(prices) };
        Ok(Self { services, door: SystemDoor::new() })
    }

    /// For commands that no catalog changes.
    pub async fn open_plain(database: &DatabaseArgs) -> Result<Self, Failure> {
        Self::open(database, &RulesArgs { catalog: None, prices: Vec::new() }).await
    }

    pub async fn close(self) {
        self.services.store.close().await;
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
        let book = PriceBook::parse(&[(name.as_str(), text.as_str())])
            .map_err(|error| Failure::new(format!("{name}: {error}")))?;
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
    reader.find_user_by_name(name).await?.ok_or_else(unknown)
}
