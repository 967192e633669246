//! A base URL, checked once when the settings are read.

use std::net::IpAddr;

use http::{Uri, uri::Scheme};

use super::settings::SettingsError;
use crate::address::Reach;

/// Where an upstream is.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    base: String,
    /// In lower case, without brackets.
    pub host: String,
    pub reach: Reach,
}

impl Target {
    /// Reads a base URL. Plain `http` and addresses that are not public need loopback, or the
    /// operator's word that private hosts are meant.
    pub(crate) fn parse(text: &str, allow_private: bool) -> Result<Self, SettingsError> {
        let wrong = |reason| SettingsError::BaseUrl { url: without_userinfo(text), reason };
        let uri: Uri = text.parse().map_err(|_| wrong("is not a whole URL such as https://api.example.com/v1"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(wrong("is not a whole URL such as https://api.example.com/v1"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("has a user name; the key is a setting of its own"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong("has a query or a fragment"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok();
        let is_loopback = host == "localhost" || address.is_some_and(|address| Reach::Loopback.allows(address));
        let reach = match (allow_private, is_loopback) {
            (true, _) => Reach::Anywhere,
            (false, true) => Reach::Loopback,
            (false, false) => Reach::Public,
        };
        if address.is_some_and(|address| !reach.allows(address)) {
            return Err(wrong("is not a public address; set allow_private when it is meant"));
        }
        if *scheme != Scheme::HTTPS && (*scheme != Scheme::HTTP || reach == Reach::Public) {
            return Err(wrong("is not https"));
        }
        Ok(Self { base: text.trim_end_matches('/').to_owned(), host, reach })
    }

    /// The address of a path, which begins with a slash.
    pub(crate) fn at(&self, path: &str) -> Result<Uri, http::uri::InvalidUri> {
        [&self.base, path].concat().parse()
    }
}

/// A URL that may be repeated in a message.
fn without_userinfo(text: &str) -> String {
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_places_are_taken() {
        for (url, private) in [
            ("https://api.example.com/v1/", false),
            ("https://api.example.com:8443", false),
            ("http://127.0.0.1:9100/v1", false),
            ("http://[::1]:9100/v1", false),
            ("http://localhost:9100/v1", false),
            ("http://10.0.0.7:8000/v1", true),
            ("http://vllm.internal/v1", true),
        ] {
            assert!(Target::parse(url, private).is_ok(), "{url}");
        }
        for url in [
            "api.example.com/v1",
            "/v1",
            "http://api.example.com/v1",
            "ftp://api.example.com",
            "https://user:pw@api.example.com",
            "https://api.example.com/v1?key=1",
            "https://api.example.com/#x",
            "https://10.0.0.7/v1",
            "https://169.254.169.254/latest",
            "https://[::ffff:a9fe:a9fe]/",
            "http://localhost.example.com/v1",
        ] {
            assert!(Target::parse(url, false).is_err(), "{url}");
        }
    }

    #[test]
    fn paths_follow_the_base_and_passwords_are_not_repeated() {
        let target = Target::parse("https://api.example.com/v1/", false).unwrap();
        assert_eq!(target.at("/chat/completions").unwrap(), "https://api.example.com/v1/chat/completions");
        let error = Target::parse("https://user:canary@api.example.com", false).unwrap_err();
        assert!(!error.to_string().contains("canary"));
    }
}
