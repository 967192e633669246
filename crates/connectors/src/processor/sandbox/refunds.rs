//! Paying money back.

use billing::refund::RefundNews;
use units::{Cents, Seconds};

use super::cards::After;
use super::desk::Desk;
use super::objects::{Object, PaymentState, RefundObject};
use super::payments::card;
use crate::processor::{NewRefund, ProcessorError, Refund};

/// How long a bank takes that does not pay at once.
const TAKES: Seconds = Seconds(60);
/// How long a bank keeps what it will send back.
const KEEPS: Seconds = Seconds(120);

pub(super) fn create(desk: &mut Desk, id: &str, new: &NewRefund) -> Result<String, ProcessorError> {
    let rejected = |code: &str, message: &str| {
        Err(ProcessorError::Rejected { code: code.to_owned(), message: message.to_owned() })
    };
    let mut payment = desk.payment(&new.payment)?;
    if payment.state != PaymentState::Succeeded {
        return rejected("charge_not_refundable", "the payment was not charged");
    }
    if payment.is_contested {
        return rejected("charge_disputed", "the payment is disputed");
    }
    let left = payment.amount.count() - payment.refunded.count();
    if new.amount <= Cents::ZERO || new.amount.count() > left {
        return rejected("charge_already_refunded", "more than what was charged cannot be refunded");
    }
    let after = card(&desk.method(&payment.method)?)?.after;
    payment.refunded = Cents::from_count(payment.refunded.count() + new.amount.count());
    payment.refunds.push(id.to_owned());
    desk.put(&new.payment, Object::Payment(payment), None);
    let (news, wait) = match after {
        After::SlowRefunds => (RefundNews::Pending, Some(TAKES)),
        After::LostRefunds => (RefundNews::Paid, Some(KEEPS)),
        _ => (RefundNews::Paid, None),
    };
    let refund = RefundObject { payment: new.payment.clone(), amount: new.amount, refund: new.refund.clone(), news };
    desk.put(id, Object::Refund(refund), wait.map(|wait| desk.now.plus(wait)));
    desk.tell("refund.created", id);
    Ok(id.to_owned())
}

/// The bank has paid, or sends back what it was paid.
pub(super) fn ripen(desk: &mut Desk, id: &str) -> Result<(), ProcessorError> {
    let mut refund = desk.refund(id)?;
    let about = match refund.news {
        RefundNews::Pending => {
            refund.news = RefundNews::Paid;
            "refund.updated"
        }
        _ => {
            let mut payment = desk.payment(&refund.payment)?;
            payment.refunded = Cents::from_count(payment.refunded.count() - refund.amount.count());
            desk.put(&refund.payment.clone(), Object::Payment(payment), None);
            refund.news = RefundNews::Failed;
            "refund.failed"
        }
    };
    desk.put(id, Object::Refund(refund), None);
    desk.tell(about, id);
    Ok(())
}

/// The refund as it is told.
pub(super) fn told(id: &str, refund: &RefundObject) -> Refund {
    Refund {
        id: id.to_owned(),
        payment: refund.payment.clone(),
        amount: refund.amount,
        news: refund.news,
        refund: Some(refund.refund.clone()),
    }
}
