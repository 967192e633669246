//! The settings file of the server: where to listen, and the upstreams.
//!
//! Keys of upstreams stand in the environment, not in the file: `api_key_env` names the variable.

use std::net::SocketAddr;
use std::path::Path;

use connectors::mail::MailSettings;
use connectors::oidc::{OidcProvider, OidcSettings};
use connectors::processor::stripe::StripeSettings;
use connectors::upstream::{ApiKey, UpstreamSettings, Upstreams};
use gateway::Network;
use serde::{Deserialize, Deserializer, de};

use crate::failure::Failure;
use crate::opened::read;

/// What stands in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    #[serde(default, deserialize_with = "address")]
    pub listen: Option<SocketAddr>,
    /// Where people reach this server, for links in answers.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    #[serde(default, deserialize_with = "networks")]
    pub trusted_proxies: Vec<Network>,
    /// How mail leaves this server.
    #[serde(default)]
    pub mail: MailSettings,
    /// Our account at Stripe, for servers that take real money.
    #[serde(default)]
    pub stripe: StripeSettings,
    /// The OpenID provider with which people can sign in.
    pub oidc: Option<OidcSettings>,
    /// Model providers.
    #[serde(default, rename = "upstream")]
    pub upstreams: Vec<UpstreamSettings>,
}

impl Settings {
    /// Reads the file; without one, the defaults.
    pub fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = read(file)?;
        Self::parse(&text, |name| std::env::var(name).ok())
            .map_err(|reason| Failure::new(format!("{}: {reason}", file.display())))
    }

    fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut settings: Self = toml::from_str(text).map_err(|error| explain(text, &error))?;
        for upstream in &mut settings.upstreams {
            let Some(name) = &upstream.api_key_env else { continue };
            let problem = |what: &str| format!("upstream `{}`: the environment variable {name} {what}", upstream.name);
            let key = variable(name).ok_or_else(|| problem("is not set; it must hold the key"))?;
            upstream.api_key = Some(ApiKey::new(key).map_err(|error| problem(&format!("holds no key: {error}")))?);
        }
        settings.mail.read_secrets(&variable)?;
        settings.oidc.as_mut().map_or(Ok(()), |oidc| oidc.read_secrets(&variable))?;
        // These would come out when the server starts; here the file can be named.
        Upstreams::new(settings.upstreams.clone()).map_err(|error| error.to_string())?;
        settings.oidc_provider(HERE)?;
        Ok(settings)
    }

    /// The provider to sign in with, which sends people back below this address of ours.
    pub fn oidc_provider(&self, public_url: &str) -> Result<Option<OidcProvider>, String> {
        let callback = format!("{public_url}/sign-in/oidc/callback");
        self.oidc.as_ref().map(|oidc| OidcProvider::new(oidc, &callback)).transpose()
    }
}

/// Stands for our own address where it does not matter.
pub const HERE: &str = "http://127.0.0.1";

/// The line and what is wrong there. The reader's own text would show the whole line, and a key can stand in it.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message.to_owned(),
    }
}

/// An address to listen on, from the file or the command line.
pub fn read_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address with a port, such as 127.0.0.1:8787"))
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    read_address(&String::deserialize(deserializer)?).map(Some).map_err(de::Error::custom)
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        listen = "127.0.0.1:9000"
        [[upstream]]
        name = "openai"
        base_url = "https://api.example.com/v1"
        api_key_env = "KEY"
        models = { "openai/*" = "*" }
    "#;

    #[test]
    fn keys_come_from_the_environment() {
        let settings = Settings::parse(FILE, |name| (name == "KEY").then(|| "canary".to_owned())).unwrap();
        assert_eq!(settings.listen, Some("127.0.0.1:9000".parse().unwrap()));
        assert!(settings.upstreams[0].api_key.is_some());
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let missing = "upstream `openai`: the environment variable KEY is not set; it must hold the key";
        assert_eq!(Settings::parse(FILE, |_| None).unwrap_err(), missing);
        let unknown = Settings::parse("\nlisen = 1", |_| None).unwrap_err();
        assert!(unknown.starts_with("line 2: ") && unknown.contains("`lisen`"), "{unknown}");
    }
}
