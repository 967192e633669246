//! Which letters go out, and to whom.

use billing::Role;
use operations::{invitation, member, organization};

use crate::on_both;
use crate::organization::{accept, found, invite};
use crate::world::*;

on_both! {
    async fn people_are_told_what_happens_to_them(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let services = &world.services;
        let told = async || -> Vec<(String, String)> {
            world.mails().await.into_iter().map(|mail| (mail.to, mail.subject)).collect()
        };
        let bob = |subject: &str| [("bob@example.com".to_owned(), subject.to_owned())];
        let invited = invite(world, &owner, acme, "bob", Role::Member).await.unwrap();
        let mails = world.mails().await;
        assert_eq!((mails[0].to.as_str(), mails[0].subject.as_str()), ("bob@example.com", "ana@example.com invites you to Acme"));
        assert!(mails[0].text.contains(&format!("/invitations/{}", invited.id)), "{}", mails[0].text);
        invitation::resend(services, &world.ctx(), &owner, acme, invited.id).await.unwrap();
        assert_eq!(told().await, bob("ana@example.com invites you to Acme"));
        let (person, member_caller) = world.person("bob").await;
        accept(world, &member_caller, &invited).await.unwrap();
        assert!(told().await.is_empty());
        member::set_role(services, &world.ctx(), &owner, acme, person.user, Role::BillingManager).await.unwrap();
        let mails = world.mails().await;
        assert_eq!(mails[0].subject, "Your role in Acme has changed");
        assert!(mails[0].text.contains("ana@example.com has made you a billing manager in Acme."), "{}", mails[0].text);
        // What is refused is told to nobody.
        assert_eq!(refused(organization::leave(services, &world.ctx(), &owner, acme).await), "last_owner");
        assert!(told().await.is_empty());
        member::remove(services, &world.ctx(), &owner, acme, person.user).await.unwrap();
        assert_eq!(told().await, bob("You are no longer a member of Acme"));
    }
}
