//! What two people do at the same instant, on two nodes where there are two.

use billing::Role;
use operations::{Error, invitation, member, organization};

use crate::on_both;
use crate::organization::{accept, found, invite, join};
use crate::world::*;

/// How often: a thousand times before a release.
fn rounds() -> usize {
    match std::env::var("TARE_TEST_SIZE").as_deref() {
        Ok("release") => 1_000,
        _ => 40,
    }
}

on_both! {
    async fn two_owners_who_demote_each_other_leave_one(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (bob, other) = join(world, &owner, acme, "bob", Role::Owner).await;
        let (one, two) = (world.services.clone(), world.second_node().await);
        let ctx = world.ctx();
        for round in 0..rounds() {
            let (first, second) = match round % 4 {
                // Each demotes the other.
                0 => tokio::join!(
                    member::set_role(&one, &ctx, &owner, acme, bob, Role::Admin),
                    member::set_role(&two, &ctx, &other, acme, ana.user, Role::Admin)
                ),
                // Each removes the other.
                1 => tokio::join!(
                    member::remove(&one, &ctx, &owner, acme, bob),
                    member::remove(&two, &ctx, &other, acme, ana.user)
                ),
                // Both step down.
                2 => tokio::join!(
                    member::set_role(&one, &ctx, &owner, acme, ana.user, Role::Member),
                    member::set_role(&two, &ctx, &other, acme, bob, Role::Member)
                ),
                // Both leave.
                _ => tokio::join!(
                    organization::leave(&one, &ctx, &owner, acme),
                    organization::leave(&two, &ctx, &other, acme)
                ),
            };
            let refusals: Vec<Error> = [first, second].into_iter().filter_map(Result::err).collect();
            assert!(
                matches!(refusals[..], [Error::LastOwner | Error::Forbidden { .. } | Error::NotFound { .. }]),
                "round {round}: {refusals:?}"
            );
            let owners = one.store.write(async move |tx| tx.count_members(acme, Role::Owner).await);
            assert_eq!(owners.await, Ok::<_, store::Fault>(1), "round {round}");
            make_both_owners(world, acme, [ana.user, bob]).await;
        }
        two.store.close().await;
    }

    /// One free seat, two invitations.
    async fn the_last_seat_is_given_once(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        for name in ["b", "c", "d"] {
            invite(world, &owner, acme, name, Role::Member).await.unwrap();
        }
        let (one, two) = (world.services.clone(), world.second_node().await);
        let ctx = world.ctx();
        for round in 0..rounds() / 2 {
            let wish = |name: &str| invitation::Invite {
                organization: acme,
                email: format!("{name}-{round}@example.com"),
                role: Role::Member,
            };
            let (first, second) = tokio::join!(
                invitation::invite(&one, &ctx, &owner, wish("x")),
                invitation::invite(&two, &ctx, &owner, wish("y"))
            );
            let (given, refusal) = if first.is_ok() { (first, second) } else { (second, first) };
            assert_eq!(refused(refusal), "no_free_seat", "round {round}");
            invitation::revoke(&one, &ctx, &owner, acme, given.unwrap().id).await.unwrap();
        }
        two.store.close().await;
    }

    /// Accepted and revoked at once: one of the two happened.
    async fn an_invitation_is_accepted_or_revoked(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (person, bob) = world.person("bob").await;
        let two = world.second_node().await;
        let ctx = world.ctx();
        for round in 0..rounds() / 2 {
            let invitation = invite(world, &owner, acme, "bob", Role::Member).await.unwrap();
            let (accepted, revoked) = tokio::join!(
                accept(world, &bob, &invitation),
                invitation::revoke(&two, &ctx, &owner, acme, invitation.id)
            );
            assert_ne!(accepted.is_ok(), revoked.is_ok(), "round {round}: {accepted:?} {revoked:?}");
            if accepted.is_ok() {
                member::remove(&two, &ctx, &owner, acme, person.user).await.unwrap();
            }
        }
        two.store.close().await;
    }
}

async fn make_both_owners(world: &World, organization: units::OrganizationId, people: [units::UserId; 2]) {
    let now = world.now();
    let owner = move |user| store::MemberRow {
        organization,
        user,
        role: Role::Owner,
        daily_limit: None,
        joined_at: now,
        last_active_at: None,
    };
    let made = world.services.store.write(async move |tx| {
        for user in people {
            tx.delete_member(organization, user).await?;
            tx.insert_member(&owner(user)).await?;
        }
        Ok::<_, store::Fault>(())
    });
    made.await.unwrap();
}
