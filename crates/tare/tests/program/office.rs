//! What people do over other doors, done with the operations themselves beside the running servers.

use std::sync::Arc;

use billing::{Catalog, PriceBook, Role};
use operations::api_key::{self, CreateApiKey};
use operations::organization::{self, CreateOrganization, CreatedOrganization};
use operations::{Caller, Context, Ids, Services, member};
use store::{Database, MemberRow, Store};
use units::{OrganizationId, UserId, WalletId};
use uuid::Uuid;

use crate::books::now;

/// A place beside the servers. On PostgreSQL only, where several may write.
pub struct Office {
    pub services: Services,
}

pub struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).unwrap();
        secret
    }
}

impl Office {
    pub async fn open(database: &Database) -> Self {
        let store = Store::open(database).await.unwrap();
        Self { services: Services::new(store, Catalog::embedded(), PriceBook::embedded()) }
    }

    pub fn ctx(&self) -> Context {
        Context { now: now(), ids: Arc::new(SystemIds) }
    }

    pub async fn user(&self, name: &str) -> UserId {
        self.services.store.reader().find_user_by_name(name).await.unwrap().expect("the person was added").id
    }

    pub async fn found(&self, name: &str, owner: UserId) -> CreatedOrganization {
        let request = CreateOrganization { name: name.to_owned(), owner: Some(owner) };
        organization::create(&self.services, &self.ctx(), &Caller::Operator, request).await.unwrap()
    }

    pub async fn join(&self, organization: OrganizationId, user: UserId) {
        let row = MemberRow {
            organization,
            user,
            role: Role::Member,
            daily_limit: None,
            joined_at: now(),
            last_active_at: None,
        };
        self.services.store.write(async move |tx| tx.insert_member(&row).await).await.unwrap();
    }

    pub async fn remove(&self, organization: OrganizationId, user: UserId) {
        member::remove(&self.services, &self.ctx(), &Caller::Operator, organization, user).await.unwrap();
    }

    pub async fn key(&self, wallet: WalletId, user: UserId) -> String {
        let request = CreateApiKey { wallet, user: Some(user), name: "test".to_owned(), expires_at: None, limit: None };
        api_key::create(&self.services, &self.ctx(), &Caller::Operator, request).await.unwrap().secret
    }

    pub async fn close(self) {
        self.services.store.close().await;
    }
}
