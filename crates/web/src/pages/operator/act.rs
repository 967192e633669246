//! What an operator does to a wallet: asked for first, shown as it would be, and done by a second button. That one carries
//! a key that was made with its page, so that a form that is sent twice acts once, and what others had done by then, so
//! that whoever decides on an old page is asked again.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use ledger::Source;
use operations::{
    grant::{AdjustWallet, IssueGrant},
    operator::{self, ActPreview},
    refund::RefundPurchase,
};
use serde::Deserialize;
use units::{Amount, Cents, Instant, PaymentId, WalletId};

use super::{BASE, frame, wallet::named};
use crate::{
    extract::{Asked, Named},
    pages::{
        form::Form,
        go,
        place::{Frame, Place},
        review::Review,
        shown, sorry, typed,
        words::{Said, dollars, moment},
        wrong::{Field, Wrong},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

#[derive(Template)]
#[template(path = "operator_act.html")]
struct ActPage {
    frame: Frame,
    act: &'static str,
    title: &'static str,
    /// What is asked, above the form.
    what: &'static str,
    /// What the amount is called.
    label: &'static str,
    name: String,
    wallet: WalletId,
    /// The path of the form.
    to: String,
    typed: Typed,
    /// What would happen, once all was given that is needed.
    review: Option<Review>,
    wrong: Wrong,
}

/// A form, as it is typed; and what goes along with its second button.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    amount: String,
    reason: String,
    days: String,
    paid: Option<String>,
    purchase: String,
    /// When what is given ends, as it was shown.
    until: String,
    /// What others had done when it was shown.
    seen: String,
    once: String,
}

/// What can be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Adjust,
    Give,
    Refund,
}

/// What is asked for, as it was understood.
enum Wish {
    Adjust(AdjustWallet),
    Give(IssueGrant),
    Refund(PaymentId, Cents),
}

type Names = Named<HashMap<String, String>>;

const FIELDS: &[Field] = &[
    ("amount", "Dollars", &["amount", "amount_out_of_range", "insufficient_credits", "refund_too_large"]),
    ("days", "Days until they expire", &["days", "expiry_before_start"]),
    ("reason", "Why", &["reason"]),
];

/// The pages and forms of one act.
macro_rules! act {
    ($ask:ident $act:ident $kind:expr) => {
        pub(in crate::pages) async fn $ask(
            State(site): State<Site>,
            visit: Visit,
            place: Place,
            Named(names): Names,
            Asked(typed): Asked<Typed>,
        ) -> Response {
            look($kind, &site, &visit, &place, &names, typed).await
        }

        pub(in crate::pages) async fn $act(
            State(site): State<Site>,
            visit: Visit,
            place: Place,
            Named(names): Names,
            Form(typed): Form<Typed>,
        ) -> Response {
            perform($kind, &site, &visit, &place, &names, typed).await
        }
    };
}

act!(ask_adjust adjust Act::Adjust);
act!(ask_give give Act::Give);
act!(ask_refund refund Act::Refund);

/// What would happen.
async fn look(
    act: Act,
    site: &Site,
    visit: &Visit,
    place: &Place,
    names: &HashMap<String, String>,
    typed: Typed,
) -> Response {
    match named(names) {
        Ok(wallet) => page(act, site, visit, place, wallet, typed, None).await,
        Err(problem) => sorry(&problem),
    }
}

/// Does it, unless others have acted since it was shown.
async fn perform(
    act: Act,
    site: &Site,
    visit: &Visit,
    place: &Place,
    names: &HashMap<String, String>,
    typed: Typed,
) -> Response {
    let wallet = match named(names) {
        Ok(wallet) => wallet,
        Err(problem) => return sorry(&problem),
    };
    let done = async {
        let (services, ctx, caller) = (&site.services, &visit.context, &place.caller.who);
        let key = format!("{} {}", place.caller.name(), typed.once);
        let wish = typed.read(act, wallet, ctx.now, Some(key.clone()))?;
        let refunded = if let Wish::Refund(payment, _) = wish { Some(payment) } else { None };
        operator::require_unchanged(services, caller, wallet, &typed.seen, &key, refunded).await?;
        match wish {
            Wish::Adjust(request) => {
                operator::adjust(services, ctx, caller, request).await?;
            }
            Wish::Give(request) => {
                operator::give(services, ctx, caller, request, &typed.reason).await?;
            }
            Wish::Refund(payment, amount) => {
                let (reason, amount) = (typed.reason.clone(), Some(amount));
                let request = RefundPurchase { caller: *caller, wallet, payment, amount, reason, key: Some(key) };
                operator::refund(services, ctx, caller, request).await?;
            }
        }
        Ok::<_, Problem>(())
    };
    match done.await {
        Ok(()) => go(&format!("{BASE}/wallets/{wallet}")),
        Err(problem) => page(act, site, visit, place, wallet, typed, Some(problem)).await,
    }
}

async fn page(
    act: Act,
    site: &Site,
    visit: &Visit,
    place: &Place,
    wallet: WalletId,
    typed: Typed,
    refused: Option<Problem>,
) -> Response {
    let holder = match operator::find_holder(&site.services, &place.caller.who, wallet).await {
        Ok(holder) => holder,
        Err(error) => return sorry(&error.into()),
    };
    // What was refused since others acted is shown anew, as it would be now.
    let looks = refused.as_ref().is_none_or(|problem| problem.code() == "changed_meanwhile") && !typed.is_empty();
    let review = if looks { Some(typed.review(act, site, visit, place, wallet).await) } else { None };
    let (review, wrong) = match review.transpose() {
        Ok(review) => (review, None),
        Err(problem) => (None, Some(problem)),
    };
    let problem = wrong.or(refused);
    let (title, what, label) = act.words();
    let page = ActPage {
        frame: frame(place, "/wallets"),
        act: act.name(),
        title,
        what,
        label,
        name: holder.name,
        wallet,
        to: act.path(wallet),
        typed,
        review,
        wrong: Wrong::maybe(problem.as_ref(), FIELDS),
    };
    shown(Ok(page), problem.map(|problem| problem.status()))
}

impl Act {
    const fn name(self) -> &'static str {
        match self {
            Self::Adjust => "adjust",
            Self::Give => "give",
            Self::Refund => "refund",
        }
    }

    fn path(self, wallet: WalletId) -> String {
        format!("{BASE}/wallets/{wallet}/{}", self.name())
    }

    /// The title, what is asked, and what the amount is called.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Adjust => ("Adjust", "How much is added or taken away", "Dollars, with a minus to take away"),
            Self::Give => ("Give credits", "How much is given", "Dollars"),
            Self::Refund => ("Refund", "How much of the purchase goes back", "Dollars, without the tax"),
        }
    }
}

impl Typed {
    fn is_empty(&self) -> bool {
        self.amount.is_empty() && self.reason.is_empty()
    }

    fn read(&self, act: Act, wallet: WalletId, now: Instant, key: Option<String>) -> Result<Wish, Problem> {
        match act {
            Act::Adjust => {
                let (amount, reason) = (self.signed()?, self.reason.clone());
                Ok(Wish::Adjust(AdjustWallet { wallet, amount, reason, key }))
            }
            Act::Give => {
                let amount = typed::credits("amount", &self.amount, "")?;
                Ok(Wish::Give(IssueGrant {
                    wallet,
                    source: Source::Operator,
                    amount: amount.ok_or_else(|| typed::wrong("amount", "dollars, such as 5 or 12.50"))?,
                    paid: self.paid.is_some(),
                    expires: self.end(now)?.into(),
                    key,
                }))
            }
            Act::Refund => {
                let payment = wire::id("paid payment", &self.purchase)?;
                Ok(Wish::Refund(payment, typed::dollars("amount", &self.amount)?))
            }
        }
    }

    /// What would happen now.
    async fn review(
        &self,
        act: Act,
        site: &Site,
        visit: &Visit,
        place: &Place,
        wallet: WalletId,
    ) -> Result<Review, Problem> {
        let (services, ctx, caller) = (&site.services, &visit.context, &place.caller.who);
        let fresh = Self { until: String::new(), ..self.clone() };
        let wish = fresh.read(act, wallet, ctx.now, None)?;
        let (preview, title, words, until) = match &wish {
            Wish::Adjust(request) => {
                let preview = operator::preview_adjust(services, ctx, caller, request).await?;
                let words = match request.amount.is_negative() {
                    true => "What expires soonest is taken first, as requests use it.",
                    false => "It is a grant of its own, not paid for, that never expires.",
                };
                (preview, format!("Adjust by {}", exact(request.amount)), Said::from(words), None)
            }
            Wish::Give(request) => {
                let preview = operator::preview_give(services, ctx, caller, request, &self.reason).await?;
                let kind = if request.paid { "paid for elsewhere" } else { "not paid for" };
                let words = Said::from(format!("It is a grant of its own, {kind}, that "));
                let end = request.expires.end(ctx.now);
                let words = match end {
                    Some(end) => words.then("expires on ").then(moment(end)).then("."),
                    None => words.then("never expires."),
                };
                (preview, format!("Give {}", exact(request.amount)), words, end)
            }
            Wish::Refund(payment, amount) => {
                let at = (wallet, *payment);
                let preview =
                    operator::preview_purchase_refund(services, ctx, caller, at, *amount, &self.reason).await?;
                let words = format!(
                    "The card gets {} back, and the purchase gets a credit note. It cannot be undone.",
                    preview.to_card.map(dollars).unwrap_or_default()
                );
                (preview, format!("Refund {}", dollars(*amount)), Said::from(words), None)
            }
        };
        let ActPreview { before, after, seen, .. } = preview;
        let words = vec![
            words,
            "It stands in the audit log with your name. What requests use meanwhile counts as well.".into(),
        ];
        let mut fields = vec![("amount", self.amount.clone()), ("reason", self.reason.clone())];
        fields.extend([("days", self.days.clone()), ("purchase", self.purchase.clone()), ("seen", seen)]);
        fields.extend(self.paid.clone().map(|paid| ("paid", paid)));
        fields.extend(until.map(|end| ("until", end.to_string())));
        fields.push(("once", ctx.ids.uuid().simple().to_string()));
        Ok(Review {
            button: title.clone(),
            title,
            facts: vec![
                ("Wallet", wallet.to_string()),
                ("Balance now", exact(before)),
                ("Balance then", exact(after)),
                ("Why", self.reason.trim().to_owned()),
            ],
            words,
            to: act.path(wallet),
            fields,
        })
    }

    /// When what is given ends: as it was shown, so that the same form means the same whenever it comes.
    fn end(&self, now: Instant) -> Result<Option<Instant>, Problem> {
        let Some(end) = typed::days(&self.days)?.map(|days| now.plus_days(days)) else { return Ok(None) };
        match self.until.as_str() {
            "" => Ok(Some(end)),
            // As it was shown, which was earlier.
            text => text
                .parse()
                .ok()
                .filter(|shown| *shown <= end)
                .map(Some)
                .ok_or_else(|| typed::wrong("days", "the days that were shown; look again")),
        }
    }

    fn signed(&self) -> Result<Amount, Problem> {
        let wrong = || typed::wrong("amount", "dollars, such as 5, or -12.50 to take away");
        let text = self.amount.trim();
        let size = typed::credits("amount", text.trim_start_matches('-'), "; with a minus to take away")?;
        let size = size.ok_or_else(wrong)?;
        match text.starts_with('-') {
            true => size.negated().map_err(|_| wrong()),
            false => Ok(size),
        }
    }
}

/// An amount with all its places.
fn exact(amount: Amount) -> String {
    format!("${amount}").replace("$-", "-$")
}
