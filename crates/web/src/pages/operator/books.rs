//! The books against themselves, and what an operator has to see to.

use askama::Template;
use axum::{extract::State, response::Response};
use ledger::Account;
use operations::operator;

use super::{ALARMS, BOOKS, frame};
use crate::{
    pages::{
        overview::Shown,
        place::{Frame, Place},
        shown,
        words::{Moment, grouped, moment},
    },
    problem::Problem,
    site::Site,
};

#[derive(Template)]
#[template(path = "operator_books.html")]
struct BooksPage {
    frame: Frame,
    is_sound: bool,
    difference: Shown,
    accounts: Vec<(&'static str, &'static str, Shown)>,
    wallets: String,
    transfers: String,
    charges: String,
}

#[derive(Template)]
#[template(path = "operator_alarms.html")]
struct AlarmsPage {
    frame: Frame,
    findings: Vec<Finding>,
    given_up: Vec<GivenUp>,
    suspended: Vec<Suspended>,
    events: Vec<(&'static str, String)>,
    /// Who takes payments here.
    processor: &'static str,
    is_live: bool,
}

struct Finding {
    wallet: Option<String>,
    what: String,
    since: Moment,
}

struct GivenUp {
    kind: String,
    at: Moment,
    attempts: u32,
    why: String,
}

struct Suspended {
    wallet: String,
    reason: String,
    since: Moment,
}

pub(in crate::pages) async fn reconcile(State(site): State<Site>, place: Place) -> Response {
    let page = async {
        let operator::Reconciled { accounts, difference, size } =
            operator::reconcile(&site.services, &place.caller.who).await?;
        let account = |(account, sum): (Account, _)| (account.name(), meaning(account), Shown::signed(sum));
        Ok::<_, Problem>(BooksPage {
            frame: frame(&place, BOOKS),
            is_sound: difference.is_zero(),
            difference: Shown::signed(difference),
            accounts: accounts.into_iter().map(account).collect(),
            wallets: grouped(size.wallets),
            transfers: grouped(size.transfers),
            charges: grouped(size.charges),
        })
    };
    shown(page.await, None)
}

pub(in crate::pages) async fn alarms(State(site): State<Site>, place: Place) -> Response {
    let page = async {
        let operator::Alarms { findings, given_up, suspensions, events: seen } =
            operator::alarms(&site.services, &place.caller.who).await?;
        let findings = findings.into_iter().map(|row| Finding {
            wallet: row.wallet.map(|wallet| wallet.to_string()),
            what: row.what,
            since: moment(row.found_at),
        });
        let given_up = given_up.into_iter().map(|job| GivenUp {
            kind: job.kind.replace('_', " "),
            at: moment(job.given_up_at),
            attempts: job.attempts,
            why: job.last_error,
        });
        let suspended = suspensions.into_iter().map(|(wallet, row)| Suspended {
            wallet: wallet.to_string(),
            reason: row.reason,
            since: moment(row.since),
        });
        let events = [
            ("New", seen.new),
            ("Repeated", seen.again),
            ("Of the other mode", seen.other_mode),
            ("Refused", seen.refused),
        ];
        let processor = site.services.outside.processor.as_ref();
        Ok::<_, Problem>(AlarmsPage {
            frame: frame(&place, ALARMS),
            findings: findings.collect(),
            given_up: given_up.collect(),
            suspended: suspended.collect(),
            events: events.into_iter().map(|(words, count)| (words, grouped(count))).collect(),
            processor: processor.map_or("nobody", |processor| processor.name()),
            is_live: processor.is_some_and(|processor| processor.is_live()),
        })
    };
    shown(page.await, None)
}

/// What stands in an account, in words.
const fn meaning(account: Account) -> &'static str {
    match account {
        Account::Cash => "money received for credits; it stands below zero",
        Account::Revenue => "what requests cost, at the providers' prices",
        Account::Promotions => "credits that were given away; they stand below zero",
        Account::Breakage => "credits that expired unused",
        Account::Loss => "costs that no credits covered",
        Account::Receivable => "owed after payments that the bank took back",
        Account::Transit => "on its way between wallets",
        Account::Grant(_) => "left on grants",
    }
}
