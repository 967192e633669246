//! Pages for whoever runs this server: wallets and why their balance is what it is, what can be done to them, the
//! books, the rules, and what has to be seen to.

mod search;
pub(super) use search::search;

mod wallet;
pub(super) use wallet::wallet;

mod act;
pub(super) use act::{adjust, ask_adjust, ask_give, ask_refund, give, refund};

mod service;
pub(super) use service::{ask_service, change_service};

mod books;
pub(super) use books::{alarms, reconcile};

mod rules;
pub(super) use rules::rules;

mod log;
pub(super) use log::log;

use super::place::{Frame, Link, Place};

/// In front of the path of each of these pages.
const BASE: &str = "/operator";
const ALARMS: &str = "/alarms";
const BOOKS: &str = "/reconciliation";
const RULES: &str = "/catalog";
const LOG: &str = "/audit";

/// Pages: behind the base, and what they are called.
const PAGES: [(&str, &str); 5] =
    [("", "Search"), (ALARMS, "Alarms"), (BOOKS, "Reconciliation"), (RULES, "Catalog"), (LOG, "Audit log")];

/// The frame around the page of this path.
fn frame(place: &Place, here: &str) -> Frame {
    let link = |(path, words): (&str, &str)| Link {
        to: format!("{BASE}{path}"),
        words: words.to_owned(),
        note: String::new(),
        is_here: path == here,
    };
    let places = place.frame("").places.into_iter().map(|place| Link { is_here: false, ..place });
    Frame {
        name: "Server".to_owned(),
        role: String::new(),
        base: BASE.to_owned(),
        places: places.collect(),
        pages: PAGES.into_iter().map(link).collect(),
        banners: Vec::new(),
        ..place.frame("")
    }
}
