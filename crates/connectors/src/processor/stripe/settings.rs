//! The `[stripe]` table of the settings.

use serde::Deserialize;

use crate::secret::Secret;

/// Our account at Stripe. The key stands in the environment; a restricted one (`rk_`) is enough.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeSettings {
    /// The environment variable that holds the key.
    #[serde(default = "usual_key")]
    pub api_key_env: String,
    /// The environment variable that holds the secret with which events are signed.
    #[serde(default = "usual_secret")]
    pub webhook_secret_env: String,
    /// Where Stripe is; another address only for tests.
    #[serde(default = "usual_address")]
    pub base_url: String,
}

/// The secrets of an account.
#[derive(Clone, Debug)]
pub struct StripeSecrets {
    /// The key.
    pub api_key: Secret,
    /// What signs events.
    pub webhook_secret: Secret,
}

fn usual_key() -> String {
    "STRIPE_API_KEY".to_owned()
}

fn usual_secret() -> String {
    "STRIPE_WEBHOOK_SECRET".to_owned()
}

fn usual_address() -> String {
    "https://api.stripe.com".to_owned()
}

impl Default for StripeSettings {
    fn default() -> Self {
        Self { api_key_env: usual_key(), webhook_secret_env: usual_secret(), base_url: usual_address() }
    }
}

impl StripeSettings {
    /// Reads the secrets from the environment.
    ///
    /// # Errors
    /// Which variable is not set.
    pub fn read_secrets(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<StripeSecrets, String> {
        Ok(StripeSecrets {
            api_key: Secret::from_environment("stripe", &self.api_key_env, variable)?,
            webhook_secret: Secret::from_environment("stripe", &self.webhook_secret_env, variable)?,
        })
    }
}
