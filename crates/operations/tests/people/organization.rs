//! Organizations: who may what in them, and that they keep an owner.

use billing::Role;
use operations::invitation::{self, Invite};
use operations::organization::{self, CreateOrganization, CreatedOrganization};
use operations::{Caller, Error, api_key, member};
use store::InvitationRow;
use units::{Amount, OrganizationId, Seconds, UserId};

use crate::on_both;
use crate::world::*;

/// An organization that the caller owns.
pub async fn found(world: &World, caller: &Caller) -> CreatedOrganization {
    let request = CreateOrganization { name: "Acme".to_owned(), owner: None };
    organization::create(&world.services, &world.ctx(), caller, request).await.unwrap()
}

pub async fn invite(
    world: &World,
    caller: &Caller,
    organization: OrganizationId,
    name: &str,
    role: Role,
) -> Result<InvitationRow, Error> {
    let request = Invite { organization, email: format!("{name}@example.com"), role };
    invitation::invite(&world.services, &world.ctx(), caller, request).await
}

pub async fn accept(world: &World, caller: &Caller, invitation: &InvitationRow) -> Result<InvitationRow, Error> {
    invitation::accept(&world.services, &world.ctx(), caller, invitation.id).await
}

/// A person who was invited and came in.
pub async fn join(
    world: &World,
    owner: &Caller,
    organization: OrganizationId,
    name: &str,
    role: Role,
) -> (UserId, Caller) {
    let invitation = invite(world, owner, organization, name, role).await.unwrap();
    let (person, caller) = world.person(name).await;
    accept(world, &caller, &invitation).await.unwrap();
    (person.user, caller)
}

async fn seats_used(world: &World, organization: OrganizationId) -> u32 {
    world.services.store.reader().count_seats_used(organization, world.now()).await.unwrap()
}

on_both! {
    async fn its_founder_owns_it_on_a_trial_with_five_seats(world: World) {
        let (ana, caller) = world.person("ana").await;
        let acme = found(world, &caller).await;
        let shown = organization::show(&world.services, &world.ctx(), &caller, acme.organization).await.unwrap();
        let row = &shown.standing.organization;
        assert_eq!((row.name.as_str(), row.seating.seats, shown.seats_used), ("Acme", 5, 1));
        assert_eq!(row.seating.trial_ends_at, world.now().plus_days(14));
        assert_eq!(shown.standing.role, Role::Owner);
        assert_eq!(world.balance(acme.wallet).await, Amount::ZERO);
        let mine = organization::list(&world.services, &caller).await.unwrap();
        assert_eq!((mine.len(), mine[0].0.id, mine[0].1.user), (1, acme.organization, ana.user));
        organization::rename(&world.services, &world.ctx(), &caller, acme.organization, " Acme Ltd ").await.unwrap();
        let shown = organization::show(&world.services, &world.ctx(), &caller, acme.organization).await.unwrap();
        assert_eq!(shown.standing.organization.name, "Acme Ltd");
    }

    async fn who_is_not_in_it_is_told_what_an_absent_id_is_told(world: World) {
        let (_, ana) = world.person("ana").await;
        let (_, eve) = world.person("eve").await;
        let acme = found(world, &ana).await;
        let absent = OrganizationId::from_uuid(uuid::Uuid::from_u128(u128::MAX));
        let mut answers = Vec::new();
        for id in [acme.organization, absent] {
            let services = &world.services;
            let errors = [
                organization::show(services, &world.ctx(), &eve, id).await.err(),
                organization::rename(services, &world.ctx(), &eve, id, "Mine").await.err(),
                organization::leave(services, &world.ctx(), &eve, id).await.err(),
                invite(world, &eve, id, "mallory", Role::Owner).await.err(),
                member::list(services, &eve, id, None, 10).await.err(),
                member::set_role(services, &world.ctx(), &eve, id, eve.user().unwrap(), Role::Owner).await.err(),
                member::remove(services, &world.ctx(), &eve, id, ana.user().unwrap()).await.err(),
                operations::policy::load(services, &eve, id).await.err(),
            ];
            let text = |error: Option<Error>| error.unwrap().to_string().replace(&id.to_string(), "ID");
            answers.push(errors.map(text));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0], ["there is no organization ID"; 8]);
    }

    async fn roles_do_what_the_table_says(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (admin_id, admin) = join(world, &owner, acme, "ada", Role::Admin).await;
        let (_, manager) = join(world, &owner, acme, "bil", Role::BillingManager).await;
        let (member_id, member) = join(world, &owner, acme, "mia", Role::Member).await;
        let services = &world.services;
        let set_role = async |caller: &Caller, user, role| {
            member::set_role(services, &world.ctx(), caller, acme, user, role).await
        };
        // A member grants nothing, not even to themselves.
        for role in Role::ALL {
            assert_eq!(refused(set_role(&member, member_id, role).await), "forbidden");
        }
        let error = set_role(&member, member_id, Role::Admin).await.unwrap_err();
        assert_eq!(error.to_string(), "you may not manage its members; owner or admin may");
        assert_eq!(refused(invite(world, &member, acme, "eve", Role::Member).await), "forbidden");
        // A billing manager invites, and only as what is not above them.
        assert_eq!(refused(set_role(&manager, member_id, Role::Admin).await), "forbidden");
        assert_eq!(refused(invite(world, &manager, acme, "eve", Role::Admin).await), "forbidden");
        let invited = invite(world, &manager, acme, "eve", Role::Member).await.unwrap();
        invitation::revoke(services, &world.ctx(), &manager, acme, invited.id).await.unwrap();
        // An admin does not touch owners.
        let error = set_role(&admin, member_id, Role::Owner).await.unwrap_err();
        assert_eq!(error.to_string(), "you may not give this role; owner may");
        assert_eq!(refused(set_role(&admin, owner.user().unwrap(), Role::Member).await), "forbidden");
        assert_eq!(refused(member::remove(services, &world.ctx(), &admin, acme, owner.user().unwrap()).await), "forbidden");
        let limit = Some(Amount::from_dollars(1));
        let limited = member::set_daily_limit(services, &world.ctx(), &admin, acme, owner.user().unwrap(), limit).await;
        assert_eq!(refused(limited), "forbidden");
        member::set_daily_limit(services, &world.ctx(), &admin, acme, member_id, limit).await.unwrap();
        set_role(&admin, member_id, Role::BillingManager).await.unwrap();
        set_role(&owner, admin_id, Role::Owner).await.unwrap();
        let members = member::list(services, &member, acme, None, 10).await.unwrap();
        let roles: Vec<(&str, Role)> = members.iter().map(|(row, user)| (user.name.as_str(), row.role)).collect();
        assert_eq!(roles, [
            ("ana@example.com", Role::Owner),
            ("ada@example.com", Role::Owner),
            ("bil@example.com", Role::BillingManager),
            ("mia@example.com", Role::BillingManager),
        ]);
        assert_eq!(members[3].0.daily_limit, limit);
    }

    async fn the_last_owner_stays(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let services = &world.services;
        let (bob, member) = join(world, &owner, acme, "bob", Role::Member).await;
        let demoted = member::set_role(services, &world.ctx(), &owner, acme, ana.user, Role::Admin).await;
        assert_eq!(refused(demoted), "last_owner");
        assert_eq!(refused(organization::leave(services, &world.ctx(), &owner, acme).await), "last_owner");
        assert_eq!(refused(member::remove(services, &world.ctx(), &owner, acme, ana.user).await), "last_owner");
        assert_eq!(refused(organization::transfer(services, &world.ctx(), &member, acme, bob).await), "forbidden");
        organization::transfer(services, &world.ctx(), &owner, acme, bob).await.unwrap();
        organization::leave(services, &world.ctx(), &owner, acme).await.unwrap();
        let shown = organization::show(services, &world.ctx(), &member, acme).await.unwrap();
        assert_eq!((shown.standing.role, shown.seats_used), (Role::Owner, 1));
        assert_eq!(refused(organization::show(services, &world.ctx(), &owner, acme).await), "not_found");
    }

    async fn a_pending_invitation_takes_a_seat(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let services = &world.services;
        let mut invited = Vec::new();
        for name in ["b", "c", "d", "e"] {
            invited.push(invite(world, &owner, acme, name, Role::Member).await.unwrap());
        }
        assert_eq!(seats_used(world, acme).await, 5);
        let error = invite(world, &owner, acme, "f", Role::Member).await.unwrap_err();
        assert_eq!(error.code(), "no_free_seat");
        assert!(error.to_string().starts_with("all 5 seats are taken"), "{error}");
        // A billing manager takes none, until they become something that does.
        let (manager, _) = join(world, &owner, acme, "bil", Role::BillingManager).await;
        let promoted = member::set_role(services, &world.ctx(), &owner, acme, manager, Role::Member).await;
        assert_eq!(refused(promoted), "no_free_seat");
        assert_eq!(refused(organization::transfer(services, &world.ctx(), &owner, acme, manager).await), "no_free_seat");
        // Revoking frees the seat at once, accepting keeps it.
        invitation::revoke(services, &world.ctx(), &owner, acme, invited[0].id).await.unwrap();
        let (_, c) = world.person("c").await;
        accept(world, &c, &invited[1]).await.unwrap();
        assert_eq!(seats_used(world, acme).await, 4);
        member::set_role(services, &world.ctx(), &owner, acme, manager, Role::Member).await.unwrap();
        assert_eq!(seats_used(world, acme).await, 5);
        // After a week the invitations of d and e are over, and one comes back when there is a seat.
        world.pass(Seconds::from_days(7));
        assert_eq!(seats_used(world, acme).await, 3);
        let (_, d) = world.person("d").await;
        let error = accept(world, &d, &invited[2]).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("invitation_closed", "this invitation has expired. Ask for a new one"));
        invitation::resend(services, &world.ctx(), &owner, acme, invited[2].id).await.unwrap();
        accept(world, &d, &invited[2]).await.unwrap();
        invite(world, &owner, acme, "g", Role::Member).await.unwrap();
        assert_eq!(refused(invitation::resend(services, &world.ctx(), &owner, acme, invited[3].id).await), "no_free_seat");
    }

    async fn an_invitation_is_for_its_address_alone(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let services = &world.services;
        let bobs = invite(world, &owner, acme, "bob", Role::Admin).await.unwrap();
        assert_eq!(refused(invite(world, &owner, acme, "BOB", Role::Admin).await), "exists");
        assert_eq!(refused(invite(world, &owner, acme, "ana", Role::Admin).await), "exists");
        let (_, eve) = world.person("eve").await;
        // For another address it is not there, with the same words as for an id that nobody has.
        assert_eq!(refused(accept(world, &eve, &bobs).await), "not_found");
        assert!(invitation::list_mine(services, &world.ctx(), &eve).await.unwrap().is_empty());
        let error = accept(world, &eve, &bobs).await.unwrap_err();
        assert_eq!(error.to_string(), format!("there is no invitation for you {}", bobs.id));
        let (_, bob) = world.person("bob").await;
        let mine = invitation::list_mine(services, &world.ctx(), &bob).await.unwrap();
        assert_eq!(mine.iter().collect::<Vec<_>>(), [&bobs]);
        accept(world, &bob, &bobs).await.unwrap();
        let again = accept(world, &bob, &bobs).await.unwrap_err();
        assert_eq!(again.to_string(), "this invitation was accepted already. Ask for a new one");
        let revoked = invite(world, &owner, acme, "eve", Role::Member).await.unwrap();
        for _ in 0..2 {
            invitation::revoke(services, &world.ctx(), &owner, acme, revoked.id).await.unwrap();
        }
        let late = accept(world, &eve, &revoked).await.unwrap_err();
        assert_eq!(late.to_string(), "this invitation was revoked. Ask for a new one");
        // One organization cannot touch the invitations of another.
        let other = found(world, &eve).await.organization;
        let pending = invite(world, &owner, acme, "dan", Role::Member).await.unwrap();
        assert_eq!(refused(invitation::revoke(services, &world.ctx(), &eve, other, pending.id).await), "not_found");
        assert_eq!(refused(invitation::resend(services, &world.ctx(), &eve, other, pending.id).await), "not_found");
    }

    async fn who_is_removed_keeps_no_key_and_no_access(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await;
        let (bob, member) = join(world, &owner, acme.organization, "bob", Role::Member).await;
        let services = &world.services;
        let wish = |name: &str, user| api_key::CreateApiKey { wallet: acme.wallet, user, name: name.to_owned(), expires_at: None, limit: None };
        let bobs = api_key::create(services, &world.ctx(), &member, wish("bob's", None)).await.unwrap();
        let anas = api_key::create(services, &world.ctx(), &owner, wish("ana's", None)).await.unwrap();
        // Everybody sees their own keys, owners and admins all; nobody makes keys for others.
        assert_eq!(api_key::list(services, &member, acme.wallet).await.unwrap().len(), 1);
        assert_eq!(api_key::list(services, &owner, acme.wallet).await.unwrap().len(), 2);
        assert_eq!(refused(api_key::revoke(services, &world.ctx(), &member, anas.id).await), "not_found");
        let known = api_key::authenticate(services, &world.ctx(), &bobs.secret).await.unwrap();
        assert_eq!((known.organization, known.user), (Some(acme.organization), Some(bob)));

        member::remove(services, &world.ctx(), &owner, acme.organization, bob).await.unwrap();
        let refusal = api_key::authenticate(services, &world.ctx(), &bobs.secret).await.unwrap_err();
        assert!(refusal.to_string().contains("revoked"), "{refusal}");
        api_key::authenticate(services, &world.ctx(), &anas.secret).await.unwrap();
        assert_eq!(refused(organization::show(services, &world.ctx(), &member, acme.organization).await), "not_found");
        let made = api_key::create(services, &world.ctx(), &member, wish("again", None)).await;
        assert_eq!(refused(made), "not_found");
        assert_eq!(seats_used(world, acme.organization).await, 1);
        // The operator cannot make a key there for who is gone, either.
        let made = api_key::create(services, &world.ctx(), &Caller::Operator, wish("ghost", Some(bob))).await;
        assert_eq!(refused(made), "not_found");
    }

    async fn members_show_when_they_were_active(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await;
        let (bob, member) = join(world, &owner, acme.organization, "bob", Role::Member).await;
        let services = &world.services;
        let wish = api_key::CreateApiKey {
            wallet: acme.wallet,
            user: None,
            name: "k".to_owned(),
            expires_at: None,
            limit: None,
        };
        let key = api_key::create(services, &world.ctx(), &member, wish).await.unwrap();
        world.pass(Seconds(3600));
        api_key::authenticate(services, &world.ctx(), &key.secret).await.unwrap();
        operations::jobs::write_activity(services).await.unwrap();
        let members = member::list(services, &owner, acme.organization, None, 10).await.unwrap();
        let active: Vec<_> = members.iter().map(|(row, user)| (user.id == bob, row.last_active_at)).collect();
        assert_eq!(active, [(false, None), (true, Some(world.now()))]);
    }

    async fn who_uses_no_credits_any_more_keeps_no_key(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await;
        let (bob, member) = join(world, &owner, acme.organization, "bob", Role::Member).await;
        let services = &world.services;
        let wish = || api_key::CreateApiKey { wallet: acme.wallet, user: None, name: "k".to_owned(), expires_at: None, limit: None };
        let key = api_key::create(services, &world.ctx(), &member, wish()).await.unwrap();
        member::set_role(services, &world.ctx(), &owner, acme.organization, bob, Role::BillingManager).await.unwrap();
        assert_eq!(refused(api_key::authenticate(services, &world.ctx(), &key.secret).await), "unauthenticated");
        assert_eq!(refused(api_key::create(services, &world.ctx(), &member, wish()).await), "forbidden");
        // Even when the row says nothing of it, a key does what its person may do now.
        member::set_role(services, &world.ctx(), &owner, acme.organization, bob, Role::Member).await.unwrap();
        let second = api_key::create(services, &world.ctx(), &member, wish()).await.unwrap();
        let organization = acme.organization;
        services
            .store
            .write(async move |tx| tx.set_member_role(organization, bob, Role::BillingManager).await)
            .await
            .unwrap();
        let refusal = api_key::authenticate(services, &world.ctx(), &second.secret).await.unwrap_err();
        assert!(refusal.to_string().contains("does not use this organization's credits"), "{refusal}");
    }
}
