//! The members of an organization on their page, as a browser without a script changes them.

use billing::Role;
use uuid::Uuid;

use crate::{
    browser::{Browser, found, join, next, somebody},
    on_both,
    pages::field,
};

on_both! {
    async fn people_are_invited_changed_and_removed(world: World) {
        let owner = somebody(&world).await;
        let (id, _) = found(&world, &owner, "Apples").await;
        let base = format!("/organizations/{id}/members");
        let browser = Browser::of(&world, &owner).await;
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let wrong = browser.send(&base, "email=nobody&role=member").await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"nobody\""), "{}", wrong.text);
        assert_eq!(next(&browser.send(&base, &format!("email={email}&role=admin")).await), base);
        let page = browser.open(&base).await;
        assert!(page.text.contains(&email) && page.text.contains("<strong>2</strong> of 5 seats"), "{}", page.text);
        let invitation = field(&page.text, "invitation");
        for (answer, count) in [("resend", 1), ("revoke", 0)] {
            let fields = format!("invitation={invitation}&answer={answer}");
            assert_eq!(next(&browser.send(&format!("{base}/invitations"), &fields).await), base);
            assert_eq!(browser.open(&base).await.text.matches(&format!("<strong>{email}")).count(), count);
        }

        let member = join(&world, id, Role::Member).await;
        let fields = format!("user={}&role=admin&limit=2.50", member.user);
        assert_eq!(next(&browser.send(&format!("{base}/role"), &fields).await), base);
        assert_eq!(next(&browser.send(&format!("{base}/limit"), &fields).await), base);
        let page = browser.open(&base).await;
        assert!(page.text.contains("admin, at most $2.50 a day"), "{}", page.text);
        for (sort, is_owner_first) in [("role", true), ("-role", false), ("nothing", true)] {
            let page = browser.open(&format!("{base}?sort={sort}")).await;
            let (owner, admin) = (page.text.find("<br><span class=\"quiet\">owner,"), page.text.find("admin, at most"));
            assert!(owner.is_some() && admin.is_some() && (owner < admin) == is_owner_first, "{sort}: {}", page.text);
        }
        // The last owner stays one, and is told so.
        let last = browser.send(&format!("{base}/role"), &format!("user={}&role=member", owner.user)).await;
        assert!(last.status == 409 && last.text.contains("at least one owner"), "{}", last.text);

        let theirs = Browser::of(&world, &member).await;
        assert!(theirs.open(&base).await.text.contains("Give this role"), "an admin manages members");
        let forbidden = theirs.send(&format!("{base}/role"), &format!("user={}&role=member", owner.user)).await;
        assert_eq!(forbidden.status, 403);
        let plain = Browser::of(&world, &join(&world, id, Role::Member).await).await;
        let page = plain.open(&base).await;
        assert!(page.status == 200 && !page.text.contains("Give this role") && !page.text.contains("Invite</button>"));
        assert_eq!(plain.send(&base, "email=a%40example.com&role=owner").await.status, 403);
        assert_eq!(next(&browser.send(&format!("{base}/remove"), &format!("user={}", member.user)).await), base);
        assert_eq!(theirs.open(&base).await.status, 404);
        let log = browser.open(&format!("/organizations/{id}/audit?action=member.")).await;
        assert!(log.text.contains("member: set role") && !log.text.contains("invitation:"), "{}", log.text);
        assert_eq!(plain.open(&format!("/organizations/{id}/audit")).await.status, 403);
        assert_eq!(browser.open(&format!("/organizations/{id}/audit?from=yesterday")).await.status, 422);
        world.close().await;
    }

    async fn an_organization_is_founded_and_set_up(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let wrong = browser.send("/organizations/new", "name=+").await;
        assert!(wrong.status == 422 && wrong.text.contains("1 to 100 characters"), "{}", wrong.text);
        let base = next(&browser.send("/organizations/new", "name=Pears").await);
        assert!(browser.open(&base).await.text.contains("<h1>Pears</h1>"));
        let settings = format!("{base}/settings");
        assert_eq!(next(&browser.send(&format!("{settings}/name"), "name=Quinces").await), settings);
        let rules = "models_allow=demo%2F*%0D%0Aopenai%2F*&models_deny=&providers_allow=&providers_deny=red&no_training=yes";
        let kept = browser.send(&format!("{settings}/policy"), &format!("{rules}&default_model=demo%2Fsmall")).await;
        assert_eq!(next(&kept), settings);
        let page = browser.open(&settings).await;
        assert!(page.text.contains("value=\"Quinces\"") && page.text.contains("demo/*\nopenai/*</textarea>"), "{}", page.text);
        assert!(page.text.contains("value=\"yes\" checked") && page.text.contains("value=\"demo/small\""));
        // What makes no sense changes nothing, and stays where it was typed.
        let wrong = browser.send(&format!("{settings}/policy"), "default_model=demo%2F*").await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"demo/*\""), "{}", wrong.text);
        assert!(browser.open(&settings).await.text.contains("value=\"demo/small\""));
        let last = browser.send(&format!("{settings}/leave"), "").await;
        assert!(last.status == 409 && last.text.contains("at least one owner"), "{}", last.text);
        let id = base.rsplit('/').next().unwrap().parse().unwrap();
        let member = Browser::of(&world, &join(&world, id, Role::Member).await).await;
        assert!(!member.open(&settings).await.text.contains("Rename it"));
        assert_eq!(member.send(&format!("{settings}/policy"), rules).await.status, 403);
        assert_eq!(next(&member.send(&format!("{settings}/leave"), "").await), "/profile");
        assert_eq!(member.open(&base).await.status, 404);
        world.close().await;
    }

    async fn a_provider_key_is_kept_replaced_and_forgotten(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let short = browser.send("/byok-keys", "provider=demo&name=mine&key=sk-canary").await;
        assert!(short.status == 422 && !short.text.contains("sk-canary") && short.text.contains("value=\"mine\""));
        let kept = browser.send("/byok-keys", "provider=demo&name=mine&key=sk-canary-first-0001").await;
        assert_eq!(next(&kept), "/byok-keys");
        let page = browser.open("/byok-keys").await;
        assert!(page.text.contains("&hellip;0001") && !page.text.contains("canary"), "{}", page.text);
        assert!(!page.text.contains("<option>demo</option>"), "a wallet has one for each provider: {}", page.text);
        let id = field(&page.text, "provider_key");
        let fields = format!("provider_key={id}&key=sk-canary-second-0002");
        assert_eq!(next(&browser.send("/byok-keys/replace", &fields).await), "/byok-keys");
        assert!(browser.open("/byok-keys").await.text.contains("&hellip;0002"));
        assert_eq!(next(&browser.send("/byok-keys/forget", &format!("provider_key={id}")).await), "/byok-keys");
        assert!(browser.open("/byok-keys").await.text.contains("None yet"));
        world.close().await;
    }
}
