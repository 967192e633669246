//! Stripe: a thin client of our own. Each field of an answer but the id and the status is optional, so that a
//! harmless change of theirs never turns into "charged, and not understood".

mod settings;
pub use settings::{StripeSecrets, StripeSettings};

mod wire;

mod client;

mod processor;
pub use processor::Stripe;
