//! Keys of the people of the demo: some that programs use, and one of a provider.

use connectors::upstream::Upstreams;
use operations::Caller;
use operations::api_key::{self, CreateApiKey};
use operations::byok::{self, AddByokKey, ProviderKey};
use scenario::World;
use store::Database;
use units::{Amount, WalletId};

use super::events::STUDIO;
use crate::commands::{demo_person, serve};
use crate::failure::Failure;
use crate::master_keys::MasterKeysArgs;

/// Whose, for which wallet, and what they are called.
const KEYS: [(&str, &str, &str); 4] = [
    ("ana", "ana", "laptop"),
    ("ana", STUDIO, "staging"),
    ("ben", STUDIO, "build server"),
    ("chloe", STUDIO, "sketches"),
];

pub async fn make(world: &World, database: &Database) -> Result<(), Failure> {
    let ctx = world.context();
    for (user, wallet, name) in KEYS {
        let caller = caller(world, user)?;
        let limit = (name == "build server")
            .then(|| billing::SpendingLimit { amount: Amount::from_dollars(200), period: billing::LimitPeriod::Month });
        let request = CreateApiKey {
            wallet: wallet_of(world, wallet)?,
            user: caller.user(),
            name: name.to_owned(),
            expires_at: None,
            limit,
        };
        api_key::create(world.services(), &ctx, &caller, request).await?;
    }
    demo_person::master_keys(MasterKeysArgs { master_keys: None }, database)?.put_on(&world.services().keyring)?;
    let demo = serve::start_demo().await?;
    let upstreams = Upstreams::new(vec![serve::demo_settings(&demo)])?;
    let key = ProviderKey::new("sk-demo-of-ana-0417".to_owned())?;
    let request =
        AddByokKey { wallet: wallet_of(world, "ana")?, provider: "demo".to_owned(), name: "mine".to_owned(), key };
    byok::add(world.services(), &upstreams, &ctx, &caller(world, "ana")?, request).await?;
    demo.shutdown().await;
    Ok(())
}

fn caller(world: &World, label: &str) -> Result<Caller, Failure> {
    world.find_caller(label).ok_or_else(|| Failure::new(format!("{label} is not part of the year")))
}

fn wallet_of(world: &World, label: &str) -> Result<WalletId, Failure> {
    world.wallet(label).ok_or_else(|| Failure::new(format!("{label} is not part of the year")))
}
