//! The words of each letter, in one place, for both of its forms.

use billing::contest::ContestState;

use super::{Letter, UnpaidStep};

/// A letter in words. Nothing in it is markup.
pub(super) struct Words {
    /// The subject. It says what the letter is about and holds no secret, as it is logged.
    pub subject: String,
    /// The first sentences, one paragraph each.
    pub lead: Vec<String>,
    /// Something to type.
    pub code: Option<String>,
    /// Something to follow: what it says and where it leads.
    pub button: Option<(&'static str, String)>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// The longest name that is repeated in a letter. A longer one is an attempt to write the letter oneself.
const LONGEST_NAME: usize = 80;

impl Letter {
    pub(super) fn words(&self, brand: &str, public_url: &str) -> Words {
        let link = |path: &str| format!("{}{path}", public_url.trim_end_matches('/'));
        let words = |subject: String, lead: &[String]| Words {
            subject,
            lead: lead.to_vec(),
            code: None,
            button: None,
            notes: Vec::new(),
        };
        match self {
            Self::SignInCode { code, minutes } => Words {
                code: Some(code.clone()),
                notes: vec![
                    format!("It is good once, for {}.", count(*minutes, "minute")),
                    "Somebody else may have typed your address by mistake. If it was not you, there is nothing to do: \
                     without the code nobody gets in. Never pass it on."
                        .to_owned(),
                ],
                ..words(format!("Your {brand} sign-in code"), &[format!("Type this code to sign in to {brand}:")])
            },
            Self::Invitation { organization, invited_by, role, link: path, days } => {
                let (organization, invited_by) = (name(organization), name(invited_by));
                Words {
                    button: Some(("Accept the invitation", link(path))),
                    notes: vec![
                        format!("The invitation is good for {}.", count(*days, "day")),
                        format!("If you do not know {invited_by}, there is nothing to do."),
                    ],
                    ..words(
                        format!("{invited_by} invites you to {organization}"),
                        &[format!("{invited_by} invites you to join {organization} on {brand} as {}.", a(role))],
                    )
                }
            }
            Self::RoleChanged { organization, changed_by, role } => {
                let (organization, changed_by) = (name(organization), name(changed_by));
                words(
                    format!("Your role in {organization} has changed"),
                    &[format!("{changed_by} has made you {} in {organization}.", a(role))],
                )
            }
            Self::Invoice { number, is_credit_note: false, total } => words(
                format!("Your {brand} invoice {number}"),
                &[format!("Here is invoice {number} over ${total}. It is paid: there is nothing to do.")],
            ),
            Self::Invoice { number, is_credit_note: true, total } => words(
                format!("Your {brand} credit note {number}"),
                &[format!("Here is credit note {number}: ${total} went back to your card.")],
            ),
            Self::Removed { organization } => {
                let organization = name(organization);
                words(
                    format!("You are no longer a member of {organization}"),
                    &[
                        format!("You have been removed from {organization} on {brand}."),
                        "Your keys for it have stopped working. Your own account and its credits stay as they are."
                            .to_owned(),
                    ],
                )
            }
            Self::LowBalance { organization, available, below, link: path } => {
                let of = of(organization.as_deref());
                Words {
                    button: Some(("Buy credits", link(path))),
                    notes: vec!["You hear of it again when credits have come in and run low again.".to_owned()],
                    ..words(
                        format!("{brand} credits{of} run low"),
                        &[format!("${available} of {brand} credits{of} are available, less than ${below}.")],
                    )
                }
            }
            Self::CreditsExpire { organization, amount, on, link: path } => {
                let of = of(organization.as_deref());
                Words {
                    button: Some(("See your credits", link(path))),
                    ..words(
                        format!("{brand} credits{of} expire on {on}"),
                        &[format!(
                            "${amount} of {brand} credits{of} expire on {on} (UTC), unless they are used before."
                        )],
                    )
                }
            }
            Self::Unpaid { organization, what, amount, step, link: path } => {
                let (subject, lead, button) = unpaid(step, what, amount, &of(organization.as_deref()), brand);
                Words { button: Some((button, link(path))), ..words(subject, &lead) }
            }
            Self::Suspended { organization, reason, support, link: path } => {
                let of = of(organization.as_deref());
                Words {
                    button: Some(("Look at it", link(path))),
                    notes: vec![
                        "Credits, keys and invoices are kept, and everything can still be looked at.".to_owned(),
                        format!("To have it restored, ask here: {support}"),
                    ],
                    ..words(
                        format!("Service{of} on {brand} is suspended"),
                        &[
                            format!(
                                "Whoever runs {brand} has suspended the service{of}: no request is served any more."
                            ),
                            format!("The reason: {reason}"),
                        ],
                    )
                }
            }
            Self::Restored { organization, is_served, link: path } => {
                let of = of(organization.as_deref());
                let now = match is_served {
                    true => "Requests are served again, with the same keys and credits.",
                    false => "Something is due that was not paid: requests are served again when it is.",
                };
                Words {
                    button: Some(("Look at it", link(path))),
                    ..words(
                        format!("The suspension{of} on {brand} has ended"),
                        &[format!("Whoever runs {brand} has ended the suspension{of}. {now}")],
                    )
                }
            }
            Self::Contested { organization, amount, state, link: path } => {
                let of = of(organization.as_deref());
                let (subject, lead, note) = contested(*state);
                Words {
                    button: Some(("See the credits", link(path))),
                    notes: note.iter().map(|note| (*note).to_owned()).collect(),
                    ..words(
                        subject.replace("{}", amount),
                        &[format!("A payment of ${amount} for {brand} credits{of} {lead}")],
                    )
                }
            }
            Self::TopUpPaused { organization, why, link: path } => {
                let of = of(organization.as_deref());
                Words {
                    button: Some(("Look at it", link(path))),
                    notes: vec!["Nothing was charged. What is left of the credits can be used as before.".to_owned()],
                    ..words(
                        format!("The automatic top-up{of} is paused"),
                        &[format!("Credits{of} are not bought automatically any more: {why}.")],
                    )
                }
            }
        }
    }
}

/// Subject, text and button of a letter about a term that is not paid.
fn unpaid(step: &UnpaidStep, what: &str, amount: &str, of: &str, brand: &str) -> (String, Vec<String>, &'static str) {
    match step {
        UnpaidStep::Failed { times, next_try, ends_on } => {
            let again = if *times > 1 { " again" } else { "" };
            let next = match next_try {
                Some(day) => format!("It is tried again on {day} (UTC)."),
                None => "It is not tried again with this card.".to_owned(),
            };
            (
                format!("The payment for {what}{of} failed{again}"),
                vec![
                    format!("The payment of ${amount} for {what}{of} on {brand} failed{again}. {next}"),
                    format!("Until {ends_on} (UTC) everything goes on as before. Pay now, or add another card."),
                ],
                "Pay now",
            )
        }
        UnpaidStep::Lapsed => (
            format!("Your {what} has ended"),
            vec!["It was not paid, so it has ended. Nothing is owed, and your credits stay usable.".to_owned()],
            "Subscribe again",
        ),
        UnpaidStep::Suspended { kept_until } => (
            format!("Service{of} on {brand} is suspended"),
            vec![
                format!("${amount} for {what}{of} is not paid, so no request is served any more."),
                format!("Paying restores it at once. Until {kept_until} (UTC) everything is kept."),
            ],
            "Pay now",
        ),
        UnpaidStep::PurgeSoon { days } => (
            format!("Data{of} on {brand} is deleted in {}", count(*days, "day")),
            vec![format!(
                "${amount} for {what}{of} is not paid. In {} usage details, keys and settings are deleted. Invoices and \
                 unspent paid credits are kept. Paying before restores everything.",
                count(*days, "day")
            )],
            "Pay now",
        ),
        UnpaidStep::Purged => (
            format!("Data{of} on {brand} was deleted"),
            vec![
                format!("${amount} for {what}{of} was not paid. Usage details, keys and settings are deleted."),
                "Invoices and unspent paid credits are kept: choose a plan to use them.".to_owned(),
            ],
            "Choose a plan",
        ),
    }
}

/// What there is to say about a contested payment: the subject with a place for the amount, how the first sentence goes
/// on, and what to do.
const fn contested(state: ContestState) -> (&'static str, &'static str, Option<&'static str>) {
    match state {
        ContestState::Inquiry => (
            "A bank asks about your payment of ${}",
            "is asked about by the bank of its card. Until that is settled, what is left of these credits cannot be used.",
            Some("If the payment was meant, tell the bank so."),
        ),
        ContestState::Open => (
            "Your payment of ${} is contested",
            "is contested at the bank of its card. Until the bank decides, what is left of these credits cannot be used, and \
             the card pays nothing here.",
            Some("If the payment was meant, tell the bank so. Other credits, and another card, can be used as before."),
        ),
        ContestState::Won => (
            "Your payment of ${} stands",
            "is contested no more: it stands. What is left of these credits can be used again.",
            None,
        ),
        ContestState::Lost => (
            "Your payment of ${} was taken back",
            "was taken back by the bank of its card. What was left of these credits is gone.",
            Some("Whatever was spent of them already is owed: the credits that you buy next repay it first."),
        ),
    }
}

/// A name on one line, of a length that a reader takes in.
fn name(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.chars().count() > LONGEST_NAME {
        true => words.chars().take(LONGEST_NAME).chain(['…']).collect(),
        false => words,
    }
}

/// Whose it is, when it is not the reader's own.
fn of(organization: Option<&str>) -> String {
    organization.map(|organization| format!(" of {}", name(organization))).unwrap_or_default()
}

fn count(number: u32, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn a(role: &str) -> String {
    let role = name(role);
    match role.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) {
        true => format!("an {role}"),
        false => format!("a {role}"),
    }
}
