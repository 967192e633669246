//! The state of the world as SCENARIOS.md prints it.

use operations::Error;
use serde_json::{Map, Value, json};
use units::Amount;

use crate::World;

pub(crate) async fn state(world: &World) -> Result<Value, Error> {
    let mut wallets = Map::new();
    let mut granted = Amount::ZERO;
    for (label, id) in &world.wallets {
        let (wallet, left) = wallet(world, *id).await?;
        granted = [granted, left].into_iter().sum();
        wallets.insert(label.clone(), wallet);
    }
    let totals = world.services().store.reader().platform_totals().await?;
    let mut platform = Map::new();
    let mut sum = i128::from(granted.nanos());
    for account in ledger::Account::PLATFORM {
        let nanos = totals.get(&account).copied().unwrap_or_default();
        sum += nanos;
        let shown = if account.is_debit_normal() { -nanos } else { nanos };
        let shown = i64::try_from(shown).map(Amount::from_nanos).map_err(|_| Error::Invalid {
            field: "platform",
            reason: format!("{} cannot be counted", account.name()),
        })?;
        platform.insert(account.name().to_owned(), json!(shown));
    }
    Ok(json!({
        "wallets": wallets,
        "passes": {},
        "organizations": {},
        "invoices": [],
        "platform": platform,
        "journal_balanced": sum == 0,
    }))
}

/// One wallet, and what is left on all its grants.
async fn wallet(world: &World, id: units::WalletId) -> Result<(Value, Amount), Error> {
    let reader = world.services().store.reader();
    let not_found = || Error::NotFound { what: "wallet", name: id.to_string() };
    let wallet = reader.load_wallet(id).await?.ok_or_else(not_found)?;
    let now = world.now();
    let mut grants = Vec::new();
    let mut left = Amount::ZERO;
    for grant in reader.list_grants(id, None, u32::MAX).await? {
        left = [left, grant.left].into_iter().sum();
        let live = wallet.grants().iter().find(|live| live.id == grant.id);
        grants.push(json!({
            "source": grant.source.name(),
            "amount": grant.amount,
            "left": grant.left,
            "held": live.map_or(Amount::ZERO, |live| live.held),
            "paid": grant.paid,
            "expires_at": grant.expires_at,
        }));
    }
    let value = json!({
        "balance": wallet.balance(now),
        "held": wallet.held(),
        "available": wallet.available(now),
        "receivable": wallet.receivable,
        "status": "active",
        "grants": grants,
        "auto_top_up": {"state": "off", "reason": null},
    });
    Ok((value, left))
}
