//! Signing in with a code that comes by mail, or with an OpenID provider.
//!
//! Who asks for a code gets a challenge, and only with it can the code be tried. So wrong guesses of a stranger
//! never spend the tries of the person: each code has its own, and a new code is always possible.

mod send_code;
pub use send_code::{CODE_LIFE, SendCode, SentCode, send_code};

mod mail_code;
pub(crate) use mail_code::mail_code;

mod redeem_code;
pub use redeem_code::{RedeemCode, redeem_code};

mod oidc;
pub use oidc::{FinishOidc, StartOidc, StartedOidc, finish_oidc, start_oidc};

mod enter;
pub(crate) use enter::enter;
pub use enter::{SignedIn, complete_welcome};
