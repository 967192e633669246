//! What a card does when it is charged.

use billing::payment::Failure;
use units::{Cents, Seconds};

use super::cards::{self, Asks, Outcome};
use super::contests;
use super::desk::Desk;
use super::objects::{MethodObject, Object, PaymentObject, PaymentState};
use crate::processor::{NewPayment, Payment, PaymentStatus, Presence, ProcessorError};

/// How long a bank thinks that does not answer at once.
const THINKS: Seconds = Seconds(60);
/// The least that can be charged.
const LEAST: Cents = Cents::from_count(50);

pub(super) fn create(desk: &mut Desk, id: &str, new: &NewPayment) -> Result<String, ProcessorError> {
    let rejected = |code: &str, message: &str| {
        Err(ProcessorError::Rejected { code: code.to_owned(), message: message.to_owned() })
    };
    if !matches!(desk.find(&new.customer), Some(Object::Customer { .. })) {
        return Err(ProcessorError::NotFound(format!("customer {}", new.customer)));
    }
    if desk.method(&new.method)?.customer != new.customer {
        return rejected("resource_missing", "the card belongs to another customer");
    }
    if new.amount < LEAST {
        return rejected("amount_too_small", "at least 0.50 can be charged");
    }
    let payment = PaymentObject {
        customer: new.customer.clone(),
        method: new.method.clone(),
        amount: new.amount,
        description: new.description.clone(),
        payment: new.payment.clone(),
        state: PaymentState::Unconfirmed,
        failure: None,
        return_url: None,
        refunds: Vec::new(),
        refunded: Cents::ZERO,
        disputes: Vec::new(),
        is_contested: false,
    };
    desk.put(id, Object::Payment(payment), None);
    Ok(id.to_owned())
}

pub(super) fn confirm(desk: &mut Desk, id: &str, presence: &Presence) -> Result<String, ProcessorError> {
    let mut payment = desk.payment(id)?;
    if payment.state != PaymentState::Unconfirmed {
        return Err(ProcessorError::WrongState);
    }
    let method = desk.method(&payment.method)?;
    let asks = card(&method)?.asks;
    let (must_ask, return_url) = match presence {
        Presence::OnSession { return_url } => (asks != Asks::Never, Some(return_url.clone())),
        Presence::OffSession => (asks == Asks::Always || asks == Asks::UnlessAdded && !method.was_seen, None),
    };
    payment.return_url = return_url;
    match (must_ask, presence) {
        (false, _) => charge(desk, id, payment, method),
        (true, Presence::OnSession { .. }) => {
            payment.state = PaymentState::Asking;
            desk.put(id, Object::Payment(payment), None);
            desk.tell("payment_intent.requires_action", id);
            Ok(id.to_owned())
        }
        (true, Presence::OffSession) => decline(desk, id, payment, "authentication_required", None),
    }
}

/// The person answered their bank, or did not.
pub(super) fn answer(desk: &mut Desk, id: &str, approves: bool) -> Result<(), ProcessorError> {
    let payment = desk.payment(id)?;
    if payment.state != PaymentState::Asking {
        return Err(ProcessorError::WrongState);
    }
    let method = desk.method(&payment.method)?;
    match approves {
        true => charge(desk, id, payment, method).map(drop),
        false => decline(desk, id, payment, "payment_intent_authentication_failure", None).map(drop),
    }
}

pub(super) fn cancel(desk: &mut Desk, id: &str) -> Result<String, ProcessorError> {
    let mut payment = desk.payment(id)?;
    match payment.state {
        PaymentState::Succeeded | PaymentState::Processing => Err(ProcessorError::WrongState),
        PaymentState::Canceled => Ok(id.to_owned()),
        PaymentState::Unconfirmed | PaymentState::Asking | PaymentState::Declined => {
            payment.state = PaymentState::Canceled;
            desk.put(id, Object::Payment(payment), None);
            desk.tell("payment_intent.canceled", id);
            Ok(id.to_owned())
        }
    }
}

/// The bank has thought.
pub(super) fn ripen(desk: &mut Desk, id: &str) -> Result<(), ProcessorError> {
    let payment = desk.payment(id)?;
    match payment.state {
        PaymentState::Processing => succeed(desk, id, payment).map(drop),
        _ => Ok(()),
    }
}

fn charge(
    desk: &mut Desk,
    id: &str,
    mut payment: PaymentObject,
    mut method: MethodObject,
) -> Result<String, ProcessorError> {
    let known = card(&method)?;
    let (outcome, after) = (known.charged, known.after);
    method.charges += 1;
    let charges = method.charges;
    desk.put(&payment.method.clone(), Object::Method(method), None);
    match outcome {
        Outcome::Yes | Outcome::Lost => {
            contests::begin(desk, id, &mut payment, after);
            succeed(desk, id, payment)
        }
        Outcome::TwiceNo(..) if charges > 2 => succeed(desk, id, payment),
        Outcome::No(code, decline_code) | Outcome::TwiceNo(code, decline_code) => {
            decline(desk, id, payment, code, decline_code)
        }
        Outcome::Later => {
            payment.state = PaymentState::Processing;
            let due_at = desk.now.plus(THINKS);
            desk.put(id, Object::Payment(payment), Some(due_at));
            Ok(id.to_owned())
        }
    }
}

fn succeed(desk: &mut Desk, id: &str, mut payment: PaymentObject) -> Result<String, ProcessorError> {
    (payment.state, payment.failure) = (PaymentState::Succeeded, None);
    desk.put(id, Object::Payment(payment), None);
    desk.tell("payment_intent.succeeded", id);
    Ok(id.to_owned())
}

fn decline(
    desk: &mut Desk,
    id: &str,
    mut payment: PaymentObject,
    code: &str,
    decline_code: Option<&str>,
) -> Result<String, ProcessorError> {
    payment.state = PaymentState::Declined;
    payment.failure = Some(Failure { code: code.to_owned(), decline_code: decline_code.map(str::to_owned) });
    desk.put(id, Object::Payment(payment), None);
    desk.tell("payment_intent.payment_failed", id);
    Ok(id.to_owned())
}

/// Whether the answer to a charge of this card is lost on its way.
pub(super) fn loses_answers(method: &MethodObject) -> bool {
    card(method).is_ok_and(|card| matches!(card.charged, Outcome::Lost))
}

pub(super) fn card(method: &MethodObject) -> Result<&'static cards::Card, ProcessorError> {
    cards::find(&method.card).map_err(|_| ProcessorError::NotFound(format!("card {}", method.card)))
}

/// The payment as it is told.
pub(super) fn told(id: &str, payment: &PaymentObject, base: &str) -> Payment {
    let status = match payment.state {
        PaymentState::Unconfirmed => PaymentStatus::RequiresConfirmation,
        PaymentState::Asking => PaymentStatus::RequiresAction,
        PaymentState::Processing => PaymentStatus::Processing,
        PaymentState::Declined => PaymentStatus::RequiresMethod,
        PaymentState::Succeeded => PaymentStatus::Succeeded,
        PaymentState::Canceled => PaymentStatus::Canceled,
    };
    Payment {
        id: id.to_owned(),
        status,
        amount: payment.amount,
        received: if status == PaymentStatus::Succeeded { payment.amount } else { Cents::ZERO },
        is_usd: true,
        customer: payment.customer.clone(),
        page: (status == PaymentStatus::RequiresAction).then(|| format!("{base}/sandbox/payments/{id}")),
        failure: payment.failure.clone(),
        payment: Some(payment.payment.clone()),
    }
}
