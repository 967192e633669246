//! What banks say about payments later: disputes, inquiries, warnings of fraud.

use billing::contest::ContestState;
use units::Seconds;

use super::cards::After;
use super::desk::Desk;
use super::objects::{DisputeObject, Object, PaymentObject, WarningObject};
use crate::processor::{Dispute, ProcessorError};

/// How long it takes until the payer has looked at the bill.
const LOOKS: Seconds = Seconds(60);

/// The id of the n-th dispute of a payment, from 0.
pub(super) fn dispute_id(payment: &str, index: usize) -> String {
    format!("dp_{}_{index}", payment.trim_start_matches("pi_"))
}

/// What will come of a payment that is charged now.
pub(super) fn begin(desk: &mut Desk, id: &str, payment: &mut PaymentObject, after: After) {
    let due_at = Some(desk.now.plus(LOOKS));
    let (reason, count, begins) = match after {
        After::Disputes(reason, count) => (reason, count, ContestState::Open),
        After::Inquiry(reason) => (reason, 1, ContestState::Inquiry),
        After::Warning => {
            let warning = WarningObject { payment: id.to_owned(), is_told: false };
            desk.put(&format!("issfr_{}", id.trim_start_matches("pi_")), Object::Warning(warning), due_at);
            return;
        }
        After::Nothing | After::SlowRefunds | After::LostRefunds => return,
    };
    for index in 0..count {
        let dispute = DisputeObject {
            payment: id.to_owned(),
            amount: payment.amount,
            reason: reason.to_owned(),
            state: None,
            begins,
        };
        let dispute_id = dispute_id(id, index);
        desk.put(&dispute_id, Object::Dispute(dispute), due_at);
        payment.disputes.push(dispute_id);
    }
}

/// The payer has looked at the bill.
pub(super) fn ripen(desk: &mut Desk, id: &str) -> Result<(), ProcessorError> {
    let dispute = desk.dispute(id)?;
    match dispute.state {
        None => start(desk, id, dispute),
        Some(_) => Ok(()),
    }
}

fn start(desk: &mut Desk, id: &str, mut dispute: DisputeObject) -> Result<(), ProcessorError> {
    dispute.state = Some(dispute.begins);
    contest(desk, &dispute, dispute.begins == ContestState::Open)?;
    desk.put(id, Object::Dispute(dispute), None);
    desk.tell("charge.dispute.created", id);
    Ok(())
}

/// Whether the payment can be refunded follows from its disputes.
fn contest(desk: &mut Desk, dispute: &DisputeObject, is_contested: bool) -> Result<(), ProcessorError> {
    let mut payment = desk.payment(&dispute.payment)?;
    payment.is_contested = is_contested;
    desk.put(&dispute.payment, Object::Payment(payment), None);
    Ok(())
}

/// The bank suspects a fraud.
pub(super) fn warn(desk: &mut Desk, id: &str) -> Result<(), ProcessorError> {
    let mut warning = desk.warning(id)?;
    warning.is_told = true;
    desk.put(id, Object::Warning(warning), None);
    desk.tell("radar.early_fraud_warning.created", id);
    Ok(())
}

/// Somebody contests a payment now. What is contested already stays so.
pub(super) fn open(desk: &mut Desk, id: &str, payment: &str, is_inquiry: bool) -> Result<(), ProcessorError> {
    let begins = if is_inquiry { ContestState::Inquiry } else { ContestState::Open };
    match desk.dispute(id) {
        Ok(dispute) if dispute.state.is_some() => Ok(()),
        Ok(dispute) => start(desk, id, dispute),
        Err(_) => {
            let mut object = desk.payment(payment)?;
            let (amount, reason) = (object.amount, "fraudulent".to_owned());
            object.disputes.push(id.to_owned());
            desk.put(payment, Object::Payment(object), None);
            start(desk, id, DisputeObject { payment: payment.to_owned(), amount, reason, state: None, begins })
        }
    }
}

/// The bank has decided. An inquiry can only end well: the bank goes on with a dispute, or leaves it.
pub(super) fn close(desk: &mut Desk, id: &str, is_won: bool) -> Result<(), ProcessorError> {
    let mut dispute = desk.dispute(id)?;
    match dispute.state {
        Some(state) if !state.is_over() => {}
        _ => return Err(ProcessorError::WrongState),
    }
    dispute.state = Some(if is_won { ContestState::Won } else { ContestState::Lost });
    contest(desk, &dispute, !is_won)?;
    desk.put(id, Object::Dispute(dispute), None);
    desk.tell("charge.dispute.closed", id);
    Ok(())
}

/// The dispute as it is told.
pub(super) fn told(id: &str, dispute: DisputeObject) -> Result<Dispute, ProcessorError> {
    let DisputeObject { payment, amount, reason, state, .. } = dispute;
    let state = state.ok_or_else(|| ProcessorError::NotFound(format!("dispute {id}")))?;
    Ok(Dispute { id: id.to_owned(), payment, amount, reason, state })
}
