//! Questions about people, wallets' holders and keys.

use units::{UserId, WalletId};

use crate::{ApiKeyRow, Fault, Reader, UserRow, WalletRow, people};

impl Reader {
    /// The wallet of this id and its holder.
    pub async fn find_wallet(&self, id: WalletId) -> Result<Option<WalletRow>, Fault> {
        self.read("looking for a wallet", move |session| Box::pin(people::find_wallet(session, id))).await
    }

    /// The person of this id.
    pub async fn find_user(&self, id: UserId) -> Result<Option<UserRow>, Fault> {
        self.read("looking for a user", move |session| Box::pin(people::find_user(session, id))).await
    }

    /// The person of this name.
    pub async fn find_user_by_name(&self, name: &str) -> Result<Option<UserRow>, Fault> {
        let name = name.to_owned();
        self.read("looking for a user", move |session| {
            Box::pin(async move { people::find_user_by_name(session, &name).await })
        })
        .await
    }

    /// People in the order of their ids, which is the order in which they came.
    pub async fn list_users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserRow>, Fault> {
        self.read("listing users", move |session| Box::pin(people::list_users(session, after, limit))).await
    }

    /// The key whose secret has this SHA-256, also when it has expired or was revoked.
    pub async fn find_api_key_by_hash(&self, secret_hash: [u8; 32]) -> Result<Option<ApiKeyRow>, Fault> {
        self.read("looking for an API key", move |session| Box::pin(people::find_api_key_by_hash(session, secret_hash)))
            .await
    }

    /// All keys of a wallet, oldest first.
    pub async fn list_api_keys(&self, wallet: WalletId) -> Result<Vec<ApiKeyRow>, Fault> {
        self.read("listing API keys", move |session| Box::pin(people::list_api_keys(session, wallet))).await
    }
}
