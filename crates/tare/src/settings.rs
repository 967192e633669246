//! The settings file of the server: where to listen, and the upstreams.
//!
//! Keys of upstreams stand in the environment, not in the file: `api_key_env` names the variable.

use std::net::SocketAddr;
use std::path::Path;

use connectors::upstream::UpstreamSettings;
use serde::Deserialize;

use crate::failure::Failure;
use crate::opened::read;

/// What stands in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// Where people reach this server, for links in answers.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
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
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        for upstream in table.get_mut("upstream").and_then(toml::Value::as_array_mut).into_iter().flatten() {
            let Some(upstream) = upstream.as_table_mut() else { continue };
            let Some(name) = upstream.remove("api_key_env") else { continue };
            let name = name.as_str().ok_or("api_key_env must be the name of an environment variable")?.to_owned();
            let key = variable(&name).ok_or_else(|| format!("the environment variable {name} is not set"))?;
            upstream.insert("api_key".to_owned(), toml::Value::String(key));
        }
        table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
    }
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
        assert_eq!(Settings::parse(FILE, |_| None).unwrap_err(), "the environment variable KEY is not set");
        assert!(Settings::parse("lisen = 1", |_| None).unwrap_err().contains("lisen"));
    }
}
