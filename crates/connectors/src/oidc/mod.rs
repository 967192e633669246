//! Signing in with an OpenID Connect provider: the code flow, with PKCE, state and nonce.
//!
//! The provider's addresses and keys are read anew for each sign-in, so keys that it has rotated are no trouble.
//! Who the person is to us, and whether a mail address is believed, is not decided here.

mod settings;
pub use settings::OidcSettings;

mod provider;
pub use provider::{Identity, OidcFault, OidcProvider, Setout};
