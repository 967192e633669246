//! Names are what people typed: they cannot write a header, a tag or a letter of their own.

use std::sync::Arc;

use billing::contest::ContestState;
use connectors::mail::{KeptMail, Letter, Mail, Postbox, UnpaidStep};
use units::{Instant, JobId};

pub fn at_noon() -> Instant {
    "2028-02-29T12:00:00Z".parse().unwrap()
}

pub fn write(letter: &Letter) -> Mail {
    let postbox = Postbox::in_memory(Arc::new(KeptMail::default()));
    let postbox = Postbox { public_url: "https://tare.example.com".to_owned(), ..postbox };
    let id = JobId::from_uuid(uuid::Uuid::from_u128(7));
    Mail::write(id, "ana@example.com", letter, "Kilo", &postbox, at_noon()).unwrap()
}

fn contested(state: ContestState) -> Letter {
    let (organization, amount) = (Some("Acme".to_owned()), "23.80".to_owned());
    Letter::Contested { organization, amount, state, link: "/profile".to_owned() }
}

fn suspended(organization: Option<String>, reason: &str) -> Letter {
    let (reason, support) = (reason.to_owned(), "help@example.com".to_owned());
    Letter::Suspended { organization, reason, support, link: "/profile".to_owned() }
}

fn restored(is_served: bool) -> Letter {
    Letter::Restored { organization: Some("Acme".to_owned()), is_served, link: "/profile".to_owned() }
}

pub fn invitation(organization: &str) -> Letter {
    Letter::Invitation {
        organization: organization.to_owned(),
        invited_by: "Ben & Söhne".to_owned(),
        role: "admin".to_owned(),
        link: "/invitations/abc".to_owned(),
        days: 7,
    }
}

#[test]
fn a_letter_says_the_same_in_both_forms() {
    let mail = write(&invitation("Acme"));
    let said = "Ben & Söhne invites you to join Acme on Kilo as an admin.";
    assert_eq!(mail.subject, "Ben & Söhne invites you to Acme");
    assert_eq!(
        mail.text,
        format!(
            "{said}\n\nAccept the invitation: https://tare.example.com/invitations/abc\n\n\
             The invitation is good for 7 days.\n\nIf you do not know Ben & Söhne, there is nothing to do.\n\n--\nKilo"
        )
    );
    assert!(mail.html.contains("Ben &#38; Söhne invites you to join Acme on Kilo as an admin."), "{}", mail.html);
    assert!(mail.html.contains("href=\"https://tare.example.com/invitations/abc\""));
}

#[test]
fn a_name_is_no_markup_and_no_header() {
    let mail = write(&invitation("Acme\r\nBcc: all@example.com\r\n\r\n<script src=//evil></script>\" onload=\"x"));
    assert!(!mail.subject.contains(['\r', '\n']));
    assert!(!mail.html.contains("<script") && !mail.html.contains("\" onload"), "{}", mail.html);
    let lines: Vec<&str> = mail.text.lines().filter(|line| line.starts_with("Bcc:")).collect();
    assert!(lines.is_empty(), "{}", mail.text);
}

#[test]
fn a_suspension_says_why_and_what_to_do() {
    let mail = write(&suspended(None, "<b>keys</b> of yours are public"));
    let said = "Whoever runs Kilo has suspended the service: no request is served any more.\n\n\
                The reason: <b>keys</b> of yours are public\n\n";
    assert!(mail.text.starts_with(said) && mail.text.contains("ask here: help@example.com"), "{}", mail.text);
    assert!(!mail.html.contains("<b>"), "{}", mail.html);
    assert!(write(&restored(true)).text.contains("served again, with the same keys"));
    assert!(write(&restored(false)).text.contains("Something is due that was not paid"));
}

#[test]
fn a_long_name_is_cut() {
    let mail = write(&invitation(&"free credits at evil.example ".repeat(20)));
    assert!(mail.subject.chars().count() < 140, "{}", mail.subject);
    assert!(mail.subject.ends_with('…'));
}

#[test]
fn every_letter_can_be_written() {
    let organization = || "Acme".to_owned();
    let day = || "2026-03-03".to_owned();
    let unpaid = |step| Letter::Unpaid {
        organization: Some(organization()),
        what: "seats".to_owned(),
        amount: "36.00".to_owned(),
        step,
        link: "/organizations/1".to_owned(),
    };
    for (letter, subject) in [
        (Letter::SignInCode { code: "482913".to_owned(), minutes: 1 }, "Your Kilo sign-in code"),
        (
            Letter::RoleChanged {
                organization: organization(),
                changed_by: "Ben".to_owned(),
                role: "member".to_owned(),
            },
            "Your role in Acme has changed",
        ),
        (
            Letter::Invoice { number: "2026-000001".to_owned(), is_credit_note: false, total: "23.80".to_owned() },
            "Your Kilo invoice 2026-000001",
        ),
        (
            Letter::Invoice { number: "2026-C000001".to_owned(), is_credit_note: true, total: "5.00".to_owned() },
            "Your Kilo credit note 2026-C000001",
        ),
        (
            unpaid(UnpaidStep::Failed { times: 1, next_try: None, ends_on: day() }),
            "The payment for seats of Acme failed",
        ),
        (
            unpaid(UnpaidStep::Failed { times: 2, next_try: Some(day()), ends_on: day() }),
            "The payment for seats of Acme failed again",
        ),
        (unpaid(UnpaidStep::Suspended { kept_until: day() }), "Service of Acme on Kilo is suspended"),
        (unpaid(UnpaidStep::PurgeSoon { days: 1 }), "Data of Acme on Kilo is deleted in 1 day"),
        (unpaid(UnpaidStep::Purged), "Data of Acme on Kilo was deleted"),
        (
            Letter::Unpaid {
                organization: None,
                what: "Kilo Pass".to_owned(),
                amount: "19.00".to_owned(),
                step: UnpaidStep::Lapsed,
                link: "/profile".to_owned(),
            },
            "Your Kilo Pass has ended",
        ),
        (suspended(Some(organization()), "spam"), "Service of Acme on Kilo is suspended"),
        (suspended(None, "spam"), "Service on Kilo is suspended"),
        (restored(true), "The suspension of Acme on Kilo has ended"),
        (Letter::Removed { organization: organization() }, "You are no longer a member of Acme"),
        (contested(ContestState::Inquiry), "A bank asks about your payment of $23.80"),
        (contested(ContestState::Open), "Your payment of $23.80 is contested"),
        (contested(ContestState::Won), "Your payment of $23.80 stands"),
        (contested(ContestState::Lost), "Your payment of $23.80 was taken back"),
    ] {
        let mail = write(&letter);
        assert_eq!(mail.subject, subject);
        assert!(mail.text.ends_with("\n\n--\nKilo") && !mail.text.contains("\n\n\n"), "{}", mail.text);
    }
    assert!(write(&Letter::SignInCode { code: "482913".to_owned(), minutes: 1 }).text.contains("for 1 minute."));
}
