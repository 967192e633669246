//! The sandbox's memory in Tare's own database.

use async_trait::async_trait;
use connectors::processor::sandbox::{Item, Shelf, ShelfFault};
use store::{Fault, SandboxItem, Store};
use units::Instant;

/// A shelf in the store.
pub struct StoreShelf(pub Store);

/// Why nothing was kept.
enum NotKept {
    Changed,
    Failed(Fault),
}

impl From<Fault> for NotKept {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

fn fault(fault: Fault) -> ShelfFault {
    ShelfFault(fault.to_string())
}

fn item(row: SandboxItem) -> Item {
    Item { id: row.id, body: row.body, due_at: row.due_at, version: row.version }
}

#[async_trait]
impl Shelf for StoreShelf {
    async fn load(&self, ids: &[String]) -> Result<Vec<Item>, ShelfFault> {
        let mut items = Vec::new();
        for id in ids {
            items.extend(self.0.reader().find_sandbox_item(id).await.map_err(fault)?.map(item));
        }
        Ok(items)
    }

    async fn save(&self, items: &[Item]) -> Result<bool, ShelfFault> {
        let rows: Vec<SandboxItem> = items
            .iter()
            .cloned()
            .map(|Item { id, body, due_at, version }| SandboxItem { id, body, due_at, version })
            .collect();
        let written = self.0.write(async move |tx| {
            for row in &rows {
                if !tx.save_sandbox_item(row).await? {
                    return Err(NotKept::Changed);
                }
            }
            Ok(())
        });
        match written.await {
            Ok(()) => Ok(true),
            Err(NotKept::Changed) => Ok(false),
            Err(NotKept::Failed(why)) => Err(fault(why)),
        }
    }

    async fn list_named(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<Item>, ShelfFault> {
        let rows = self.0.reader().list_sandbox_items(prefix, after, limit).await.map_err(fault)?;
        Ok(rows.into_iter().map(item).collect())
    }

    async fn list_due(&self, now: Instant, limit: u32) -> Result<Vec<Item>, ShelfFault> {
        let rows = self.0.reader().list_due_sandbox_items(now, limit).await.map_err(fault)?;
        Ok(rows.into_iter().map(item).collect())
    }

    async fn next_due(&self, after: Instant) -> Result<Option<Instant>, ShelfFault> {
        self.0.reader().next_due_sandbox_item(after).await.map_err(fault)
    }
}
