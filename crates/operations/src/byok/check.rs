//! A key is shown to its provider before it is kept.

use connectors::upstream::{ApiKey, KeyCheck, Upstreams};

use super::secret::ProviderKey;
use crate::Error;

/// Outside of any transaction.
pub(super) async fn check(upstreams: &Upstreams, provider: &str, key: &ProviderKey) -> Result<(), Error> {
    let name = || provider.chars().take(100).collect::<String>();
    let unknown = || {
        let known = upstreams.names().collect::<Vec<_>>().join(", ");
        Error::Invalid { field: "provider", reason: format!("there is no `{}`; this server has {known}", name()) }
    };
    match upstreams.check_key(provider, &for_upstream(key)).await.ok_or_else(unknown)? {
        KeyCheck::Good => Ok(()),
        KeyCheck::Refused(status) => Err(Error::ProviderKeyRefused { provider: name(), status: status.as_u16() }),
        KeyCheck::Unknown(fault) => {
            tracing::warn!(provider, %fault, "a provider did not say whether it takes a key");
            Err(Error::ProviderKeyUnchecked { provider: name() })
        }
    }
}

/// As the client of the upstreams takes it.
pub(super) fn for_upstream(key: &ProviderKey) -> ApiKey {
    ApiKey::new(key.text().to_owned()).expect("a provider key is visible ASCII")
}
