//! What an operator says about an upstream.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::key::ApiKey;

/// One upstream of the kind "OpenAI-compatible".
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSettings {
    /// Its name: the provider in policies, prices and records.
    pub name: String,
    /// Where its API begins, usually with `/v1` at the end.
    pub base_url: String,
    /// Its key; none for a local model that asks for none.
    #[serde(default)]
    pub api_key: Option<ApiKey>,
    /// The environment variable that holds the key. Whoever reads the settings looks there and fills `api_key`.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// Public model names, with at most one `*`, and what the upstream calls them: `"demo/*" = "*"`.
    /// Where several fit, the one without a star decides, then the longest.
    pub models: BTreeMap<String, String>,
    /// Upstreams with a lower number are asked first; equal ones in the order of the list.
    #[serde(default)]
    pub order: u32,
    /// How long a connection may take, in milliseconds.
    #[serde(default = "defaults::connect")]
    pub connect_timeout_ms: u64,
    /// How long the head of the answer may take, and then its first byte, in milliseconds.
    #[serde(default = "defaults::first_byte")]
    pub first_byte_timeout_ms: u64,
    /// How long a running answer may be silent, in milliseconds.
    #[serde(default = "defaults::idle")]
    pub idle_timeout_ms: u64,
    /// How many bytes an answer may have.
    #[serde(default = "defaults::max_response")]
    pub max_response_bytes: u64,
    /// Whether the host may have a private address, and be asked without TLS.
    #[serde(default)]
    pub allow_private: bool,
    /// Whether it may train on what it is sent. Organizations can forbid such upstreams, so one that was not said
    /// to leave prompts alone counts as one.
    #[serde(default = "defaults::trains_on_prompts")]
    pub trains_on_prompts: bool,
    /// What is asked, with GET, to see whether a key is good: the path behind the base URL. It must need a key and
    /// cost nothing.
    #[serde(default = "defaults::check_path")]
    pub check_path: String,
    /// Names of further request headers that are passed on, with at most one `*` at the end.
    #[serde(default)]
    pub forward_headers: Vec<String>,
}

mod defaults {
    pub(super) fn trains_on_prompts() -> bool {
        true
    }

    pub(super) fn check_path() -> String {
        "/models".to_owned()
    }

    pub(super) fn connect() -> u64 {
        5_000
    }

    /// An answer that is not streamed comes when the model has finished.
    pub(super) fn first_byte() -> u64 {
        300_000
    }

    pub(super) fn idle() -> u64 {
        120_000
    }

    pub(super) fn max_response() -> u64 {
        64 * 1024 * 1024
    }
}

impl UpstreamSettings {
    /// Settings with the defaults, for a base URL, a key and one pair of model names.
    pub fn new(name: &str, base_url: &str, api_key: Option<ApiKey>, model: (&str, &str)) -> Self {
        Self {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            api_key,
            api_key_env: None,
            models: BTreeMap::from([(model.0.to_owned(), model.1.to_owned())]),
            order: 0,
            connect_timeout_ms: defaults::connect(),
            first_byte_timeout_ms: defaults::first_byte(),
            idle_timeout_ms: defaults::idle(),
            max_response_bytes: defaults::max_response(),
            allow_private: false,
            trains_on_prompts: defaults::trains_on_prompts(),
            check_path: defaults::check_path(),
            forward_headers: Vec::new(),
        }
    }
}

/// What is wrong with settings. No message repeats a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// An upstream has no name, or the same as another.
    #[error("upstream `{0}`: names are unique and not empty")]
    Name(String),
    /// The base URL cannot be used.
    #[error("base_url `{url}` {reason}")]
    BaseUrl {
        /// The URL, without a password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A pair of model names cannot be used.
    #[error("models: `{0}` = `{1}`: each has at most one `*`, the second only if the first has one")]
    Model(String, String),
    /// The path that a key is checked with.
    #[error("upstream `{0}`: check_path begins with a slash, such as /models")]
    CheckPath(String),
    /// An upstream without models, or a limit of zero.
    #[error("upstream `{upstream}`: {key} must not be {wrong}")]
    Value {
        /// The upstream.
        upstream: String,
        /// The setting.
        key: &'static str,
        /// What it is.
        wrong: &'static str,
    },
}
