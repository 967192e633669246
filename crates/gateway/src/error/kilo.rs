//! The same errors as Kilo's clients expect them (CLIENTS.md section 6): their shape depends on the status.

use serde::Serialize;
use serde_json::value::RawValue;
use units::Amount;

use super::Error;

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    /// Who is asking, or what they may not do.
    Person { success: bool, error: &'a str, code: &'a str },
    /// Nobody is signed in, and this needs somebody.
    SignIn { error: SignIn<'a> },
    /// Not enough credits.
    Credits { error: Credits<'a> },
    /// Everything else.
    Plain { error: &'a str, message: &'a str, code: &'a str },
}

#[derive(Serialize)]
struct SignIn<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Credits<'a> {
    title: &'a str,
    message: &'a str,
    code: &'a str,
    balance: Box<RawValue>,
    #[serde(rename = "buyCreditsUrl")]
    buy_url: &'a str,
}

/// The body.
pub(crate) fn body(error: &Error) -> String {
    let (message, code) = (error.to_string(), error.code());
    let body = match (error, error.status().as_u16()) {
        (Error::SignInFirst, _) => {
            Body::SignIn { error: SignIn { code: "PAID_MODEL_AUTH_REQUIRED", message: &message } }
        }
        (Error::InsufficientCredits { available, buy_url, .. }, _) => Body::Credits {
            error: Credits {
                title: "Not enough credits",
                message: &message,
                code,
                balance: number(*available),
                buy_url,
            },
        },
        (_, 401 | 403) => Body::Person { success: false, error: &message, code },
        _ => Body::Plain { error: &message, message: &message, code },
    };
    serde_json::to_string(&body).expect("texts are always JSON")
}

/// An amount as a JSON number with all its digits. Kilo's clients want numbers; nothing of ours calculates with one.
pub(crate) fn number(amount: Amount) -> Box<RawValue> {
    RawValue::from_string(amount.to_string()).expect("a decimal is a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_shape_and_no_digit_is_lost() {
        let error = Error::InsufficientCredits {
            needed: Amount::from_nanos(2),
            available: Amount::from_nanos(9_007_199_254_740_993),
            buy_url: "https://tare.example/profile".to_owned(),
        };
        let text = body(&error);
        assert!(
            text.contains(r#""balance":9007199.254740993,"buyCreditsUrl":"https://tare.example/profile""#),
            "{text}"
        );
        assert!(body(&Error::Unauthenticated("no".to_owned())).starts_with(r#"{"success":false,"error":"no""#));
        assert!(body(&Error::SignInFirst).starts_with(r#"{"error":{"code":"PAID_MODEL_AUTH_REQUIRED","message":"#));
        assert!(body(&Error::Internal).starts_with(r#"{"error":"something failed"#));
    }
}
