//! Who may do what: every route, asked by everybody, about what is theirs, somebody else's, and nobody's.
//!
//! The expected table stands in `matrix.txt`, and a route that has no row there fails. Whatever is somebody else's must
//! answer like what never was, word for word. `TARE_ACCEPT=1` writes the table anew, to be read line by line.

use std::fmt::Write as _;

use billing::Role;
use serde_json::{Value, json};
use store::{InvitationRow, MemberRow, OrganizationRow};
use units::{InvitationId, OrganizationId, WalletId};
use uuid::Uuid;

use crate::world::{Signed, World, hold_id};

const CALLERS: [&str; 10] =
    ["nobody", "owner", "admin", "billing", "member", "own-key", "team-key", "device", "stranger", "operator"];

/// An organization with one of each role.
struct Team {
    id: OrganizationId,
    wallet: WalletId,
    people: Vec<(&'static str, Signed)>,
    /// Somebody who can be removed.
    spare: Signed,
    invitation: InvitationId,
    key: String,
}

async fn team(world: &World) -> Team {
    let now = world.clock.now();
    let organization = OrganizationRow {
        id: OrganizationId::from_uuid(Uuid::now_v7()),
        name: "Team".to_owned(),
        wallet: WalletId::from_uuid(Uuid::now_v7()),
        seats: 50,
        trial_ends_at: None,
        created_at: now,
    };
    let (id, wallet) = (organization.id, organization.wallet);
    world.services.store.write(async move |tx| tx.insert_organization_with_wallet(&organization).await).await.unwrap();
    let mut people = Vec::new();
    for (name, role) in [
        ("owner", Role::Owner),
        ("admin", Role::Admin),
        ("billing", Role::BillingManager),
        ("member", Role::Member),
        ("spare", Role::Member),
    ] {
        let signed = world.signed_in(&format!("{name}-{}@example.com", Uuid::now_v7().simple())).await;
        let user = signed.user;
        let row = MemberRow { organization: id, user, role, daily_limit: None, joined_at: now, last_active_at: None };
        world.services.store.write(async move |tx| tx.insert_member(&row).await).await.unwrap();
        people.push((name, signed));
    }
    let (_, spare) = people.pop().unwrap();
    let member = people[3].1.clone();
    people.push(("own-key", world.key_of(&member, member.wallet).await));
    people.push(("team-key", world.key_of(&member, wallet).await));
    people.push(("device", world.device_of(&member).await));
    people.push(("stranger", world.signed_in(&format!("s-{}@example.com", Uuid::now_v7().simple())).await));
    people.push(("operator", world.operator().await));
    let invitation = InvitationRow {
        id: InvitationId::from_uuid(Uuid::now_v7()),
        organization: id,
        email: format!("i-{}@example.com", Uuid::now_v7().simple()),
        role: Role::Member,
        invited_by: None,
        created_at: now,
        expires_at: now.plus_days(7),
        accepted_at: None,
        revoked_at: None,
    };
    let invited = invitation.id;
    world.services.store.write(async move |tx| tx.insert_invitation(&invitation).await).await.unwrap();
    let key = world.key_id(&spare, wallet).await;
    Team { id, wallet, people, spare, invitation: invited, key }
}

/// What a path names, of one organization.
fn fill(path: &str, team: &Team) -> String {
    path.replace("{organization}", &team.id.to_string())
        .replace("{wallet}", &team.wallet.to_string())
        .replace("{user}", &team.spare.user.to_string())
        .replace("{invitation}", &team.invitation.to_string())
        .replace("{key}", &team.key)
}

/// Names of which there is nothing.
fn fill_absent(path: &str) -> String {
    let id = |prefix: &str| format!("{prefix}_{}", Uuid::now_v7().simple());
    path.replace("{organization}", &id("org"))
        .replace("{wallet}", &id("wal"))
        .replace("{user}", &id("usr"))
        .replace("{invitation}", &id("ivt"))
        .replace("{key}", &id("key"))
}

/// What is asked at a route, good enough to be let in.
fn body(path: &str, wallet: &str, team: &Team) -> Value {
    match path.trim_start_matches("/api/v1") {
        "/holds" => json!({"id": hold_id(), "wallet": wallet, "amount": "0.01"}),
        "/holds/{id}/settle" => json!({"wallet": wallet, "cost": "0"}),
        "/holds/{id}/release" => json!({"wallet": wallet}),
        "/metering" => json!({"calls": [{"place": {"id": hold_id(), "wallet": wallet, "amount": "0.01"}}]}),
        "/sign-in/codes" => json!({"email": format!("c-{}@example.com", Uuid::now_v7().simple())}),
        "/sign-in/sessions" => json!({"challenge": "tare_sc_0", "code": "000000"}),
        "/operator/set-up" => json!({"token": "tare_su_0", "email": "a@example.com"}),
        "/operator/wallets/{wallet}/adjustments" => json!({"amount": "1", "reason": "a test"}),
        "/operator/organizations/{organization}/seats" => json!({"seats": 60}),
        "/organizations/{organization}/transfer" => json!({"to": team.spare.user}),
        "/organizations/{organization}/members/{user}/role" => json!({"role": "member"}),
        "/organizations/{organization}/members/{user}/daily-limit" => json!({"limit": null}),
        "/organizations/{organization}/invitations" => {
            json!({"email": format!("n-{}@example.com", Uuid::now_v7().simple()), "role": "member"})
        }
        "/organizations/{organization}/policies" => json!({}),
        "/wallets/{wallet}/api-keys" | "/organizations" | "/organizations/{organization}" | "/api-keys/{key}" => {
            json!({"name": "x"})
        }
        _ => json!(null),
    }
}

/// Ids and tokens aside, what an answer says.
fn faceless(text: &str) -> String {
    let mut plain = String::new();
    for part in text.split('"') {
        let words = part.split(' ').map(|word| if word.len() > 30 && word.contains('_') { "ID" } else { word });
        plain.push_str(&words.collect::<Vec<_>>().join(" "));
        plain.push('"');
    }
    plain
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let world = World::sqlite().await;
    let mut table = String::new();
    let (shared, foreign) = (team(&world).await, team(&world).await);
    for route in web::routes() {
        let is_change = route.method != "GET";
        let has_target =
            ["{organization}", "{wallet}", "{invitation}", "{key}"].iter().any(|name| route.path.contains(name))
                || route.path.starts_with("/api/v1/holds")
                || route.path == "/api/v1/metering";
        let mut rows = [String::new(), String::new(), String::new()];
        for caller in CALLERS {
            // What a change leaves behind is not in the way of the next caller.
            let fresh = if is_change { Some(team(&world).await) } else { None };
            let ours = fresh.as_ref().unwrap_or(&shared);
            let who = ours.people.iter().find(|(name, _)| *name == caller).map(|(_, signed)| signed);
            let mut said = Vec::new();
            let absent_wallet = format!("wal_{}", Uuid::now_v7().simple());
            let targets = [
                (fill(&route.path, ours), ours.wallet.to_string()),
                (fill(&route.path, &foreign), foreign.wallet.to_string()),
                (fill_absent(&route.path), absent_wallet),
            ];
            for (index, (path, wallet)) in targets.into_iter().enumerate().take(if has_target { 3 } else { 1 }) {
                let path = path.replace("{id}", &hold_id()).replace("{charge}", &hold_id());
                let path = path.replace("{session}", &format!("ses_{}", Uuid::now_v7().simple()));
                let answer = match route.path.starts_with("/api/v1") {
                    true => world.call(who, route.method, &path, &body(&route.path, &wallet, ours)).await,
                    false => world.browse(who, route.method, &path).await,
                };
                let status = match route.path.as_str() {
                    "/api/v1/metering" if answer.status == 200 => answer.json()["answers"][0]["status"].to_string(),
                    _ => answer.status.to_string(),
                };
                write!(rows[index], " {caller}={status}").unwrap();
                said.push((status, faceless(&answer.text)));
            }
            if has_target && !["operator"].contains(&caller) {
                assert_eq!(said[1], said[2], "{} {} tells {caller} what is somebody else's", route.method, route.path);
            }
        }
        for (row, target) in rows.iter().zip(["own", "foreign", "absent"]).filter(|(row, _)| !row.is_empty()) {
            writeln!(table, "{:<6} {} [{target}]{row}", route.method, route.path).unwrap();
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/matrix.txt");
    if std::env::var_os("TARE_ACCEPT").is_some() {
        std::fs::write(file, &table).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    let differ: Vec<&str> = table.lines().filter(|line| !expected.lines().any(|known| known == *line)).collect();
    assert!(differ.is_empty() && table.lines().count() == expected.lines().count(), "{differ:#?}");
    world.close().await;
}
