//! Adding a card.

use billing::payment::Failure;

use super::cards::{self, Asks, Outcome};
use super::desk::Desk;
use super::objects::{MethodObject, Object, SetupObject, SetupState};
use crate::processor::{Method, ProcessorError, Setup, SetupStatus};

pub(super) fn begin(desk: &mut Desk, id: &str, customer: &str, return_url: &str) -> Result<String, ProcessorError> {
    if !matches!(desk.find(customer), Some(Object::Customer { .. })) {
        return Err(ProcessorError::NotFound(format!("customer {customer}")));
    }
    let setup = SetupObject {
        customer: customer.to_owned(),
        return_url: return_url.to_owned(),
        state: SetupState::Open,
        method: None,
        failure: None,
    };
    desk.put(id, Object::Setup(setup), None);
    Ok(id.to_owned())
}

/// Somebody typed a number. A card that is refused leaves the setup open for another.
pub(super) fn submit(desk: &mut Desk, id: &str, number: &str) -> Result<(), ProcessorError> {
    let mut setup = desk.setup(id)?;
    if setup.state != SetupState::Open {
        return Err(ProcessorError::WrongState);
    }
    let added = cards::find(number).and_then(|card| match card.added {
        Outcome::No(code, decline_code) | Outcome::TwiceNo(code, decline_code) => {
            Err(Failure { code: code.to_owned(), decline_code: decline_code.map(str::to_owned) })
        }
        Outcome::Yes | Outcome::Later | Outcome::Lost => Ok(card),
    });
    match added {
        Err(failure) => setup.failure = Some(failure),
        Ok(card) => {
            let method = method_id(id);
            let card_object = MethodObject {
                customer: setup.customer.clone(),
                card: card.name.to_owned(),
                was_seen: false,
                charges: 0,
            };
            desk.put(&method, Object::Method(card_object), None);
            let asks = card.asks != Asks::Never;
            (setup.method, setup.failure) = (Some(method), None);
            setup.state = if asks { SetupState::Asking } else { SetupState::Succeeded };
            if !asks {
                desk.tell("setup_intent.succeeded", id);
            }
        }
    }
    desk.put(id, Object::Setup(setup), None);
    Ok(())
}

/// The person answered their bank, or did not.
pub(super) fn answer(desk: &mut Desk, id: &str, approves: bool) -> Result<(), ProcessorError> {
    let mut setup = desk.setup(id)?;
    if setup.state != SetupState::Asking {
        return Err(ProcessorError::WrongState);
    }
    let method_id = method_id(id);
    let mut method = desk.method(&method_id)?;
    match approves {
        true => {
            method.was_seen = true;
            desk.put(&method_id, Object::Method(method), None);
            setup.state = SetupState::Succeeded;
            desk.tell("setup_intent.succeeded", id);
        }
        false => {
            let code = "setup_intent_authentication_failure".to_owned();
            setup.failure = Some(Failure { code, decline_code: None });
            (setup.state, setup.method) = (SetupState::Open, None);
        }
    }
    desk.put(id, Object::Setup(setup), None);
    Ok(())
}

/// The id of the card that a setup brings.
pub(super) fn method_id(setup: &str) -> String {
    format!("pm_{}", setup.trim_start_matches("seti_"))
}

/// The setup as it is told.
pub(super) fn told(id: &str, setup: &SetupObject, base: &str) -> Setup {
    let status = match setup.state {
        SetupState::Open => SetupStatus::Open,
        SetupState::Asking => SetupStatus::ActionRequired,
        SetupState::Succeeded => SetupStatus::Succeeded,
    };
    Setup {
        id: id.to_owned(),
        customer: Some(setup.customer.clone()),
        status,
        page: (status != SetupStatus::Succeeded).then(|| format!("{base}/sandbox/setups/{id}")),
        method: setup.method.clone().filter(|_| status == SetupStatus::Succeeded),
        failure: setup.failure.clone(),
    }
}

/// The card as it is told.
pub(super) fn told_method(id: &str, method: &MethodObject) -> Result<Method, ProcessorError> {
    let card = cards::find(&method.card).map_err(|_| ProcessorError::NotFound(format!("card {}", method.card)))?;
    Ok(Method {
        id: id.to_owned(),
        customer: method.customer.clone(),
        brand: card.brand.to_owned(),
        last4: card.number[card.number.len() - 4..].to_owned(),
        exp_month: 12,
        exp_year: 2040,
        fingerprint: format!("sandbox_{}", card.name),
    })
}
