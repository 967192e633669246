//! The `[oidc]` table of the settings.

use serde::Deserialize;

use crate::secret::Secret;

/// A provider and who we are to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// Its address; `/.well-known/openid-configuration` stands below it.
    pub issuer: String,
    /// What the sign-in button says.
    #[serde(default = "usual_name")]
    pub name: String,
    /// Our id there.
    pub client_id: String,
    /// The environment variable that holds our secret there.
    pub client_secret_env: String,
    /// Whether the provider may stand in a private network.
    #[serde(default)]
    pub allow_private: bool,
    /// The secret, once it was read.
    #[serde(skip)]
    pub client_secret: Option<Secret>,
}

fn usual_name() -> String {
    "single sign-on".to_owned()
}

impl OidcSettings {
    /// Reads the secret from the environment.
    ///
    /// # Errors
    /// Which variable is not set.
    pub fn read_secrets(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        self.client_secret = Some(Secret::from_environment("oidc", &self.client_secret_env, variable)?);
        Ok(())
    }
}
