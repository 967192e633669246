//! The end of retention deletes what it must and keeps what it must.

use billing::role::Role;
use operations::Caller;
use operations::api_key::{CreateApiKey, create};
use operations::dunning::{PayDue, pay_due, preview_purge};
use store::AuditFilter;

use crate::desk::*;
use crate::on_both;
use crate::world::*;

on_both! {
    async fn an_operator_sees_what_will_go_before_it_goes(world: World) {
        let acme = subscribed(world).await;
        world.grant(acme.wallet, 10).await;
        let services = world.services().clone();
        let key = CreateApiKey { wallet: acme.wallet, user: None, name: "ci".to_owned(), expires_at: None, limit: None };
        create(&services, &world.ctx(), &Caller::Operator, key).await.unwrap();
        world.charge(acme.wallet, "1").await;
        world.add_card(acme.wallet, DECLINES).await;
        go_to_renewal(world, acme.organization, 0).await;
        world.run().await;
        assert!(preview_purge(services.store.reader(), &services.catalog.current(), &world.ctx(), &Caller::Operator).await.unwrap().is_empty());
        live(world, 3).await;
        let preview = preview_purge(services.store.reader(), &services.catalog.current(), &world.ctx(), &Caller::Operator).await.unwrap();
        let only = &preview[0];
        assert_eq!((preview.len(), only.name.as_str(), only.deletes.api_keys, only.deletes.cards), (1, "Acme", 1, 2));
        assert_eq!(only.at, world.ctx().now.plus_days(30));
        let (_, stranger) = world.person("eve").await;
        assert_eq!(preview_purge(services.store.reader(), &services.catalog.current(), &world.ctx(), &stranger).await.unwrap_err().code(), "forbidden");
        world.mails();
        live(world, 30).await;
        let told: Vec<String> = world.mails().into_iter().map(|mail| mail.replace("ana@example.com: ", "")).collect();
        assert_eq!(told, [
            "Data of Acme on Kilo is deleted in 7 days",
            "Data of Acme on Kilo is deleted in 1 day",
            "Data of Acme on Kilo was deleted",
        ]);
        assert_eq!(status(world, &acme).await, "purged");
        let reader = services.store.reader();
        assert!(reader.list_api_keys(acme.wallet).await.unwrap().is_empty());
        assert!(reader.list_cards(acme.wallet, "sandbox").await.unwrap().is_empty());
        assert_eq!(world.available(acme.wallet).await.to_string(), "9.00");
        let members = reader.list_members(acme.organization, None, 10).await.unwrap();
        assert_eq!(members.iter().map(|(member, _)| member.role).collect::<Vec<_>>(), [Role::Owner]);
        let filter = AuditFilter { action: Some("organization.purge".to_owned()), ..AuditFilter::default() };
        let lines = operations::audit::list(&services, &Caller::Operator,
            operations::audit::Scope::Organization(acme.organization), filter, None, 10).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert!(store::verify(reader, &mut |_| {}).await.unwrap().differences.is_empty());
        // A second time there is nothing to do, and nothing is owed.
        live(world, 2).await;
        let (caller, return_url) = (Caller::Operator, "http://localhost/".to_owned());
        let request = PayDue { caller, wallet: acme.wallet, card: None, return_url, from: None };
        assert!(pay_due(&services, &world.ctx(), request).await.unwrap().is_empty());
        // Whoever subscribes anew begins with an empty slate.
        world.add_card(acme.wallet, GOOD).await;
        world.run().await;
        assert_eq!(status(world, &acme).await, "purged");
        order(world, acme.organization, TEAMS).await.unwrap();
        assert_eq!(status(world, &acme).await, "active");
    }
}
