//! What the calls of one demo upstream share, and how a call is admitted.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use units::Cost;

use super::{
    call::{Bill, OpenCall},
    errors::Refusal,
    prices,
    script::{Script, ScriptError, bracketed, steps},
    settings::DemoSettings,
    tokens::Tokens,
    truth::{Call, Outcome, Truth},
};

/// The shared part.
pub(super) struct State {
    pub settings: DemoSettings,
    pub truth: Arc<Truth>,
    pub port: u16,
    script: Mutex<String>,
    /// Keys that are no longer taken.
    ended_keys: Mutex<HashSet<String>>,
}

/// What is known of a call before it is admitted.
pub(super) struct Ask<'a> {
    pub path: &'a str,
    pub model: &'a str,
    pub stream: bool,
    pub tag: Option<&'a str>,
    pub message: &'a str,
}

/// A call that may go on.
pub(super) struct Admitted {
    pub call: OpenCall,
    pub script: Script,
    /// The message without the scripts in it.
    pub message: String,
}

impl State {
    pub(super) fn new(settings: DemoSettings, port: u16) -> Self {
        let truth = Arc::new(Truth::keeping(settings.keep_calls));
        let script = Mutex::new(settings.script.clone());
        Self { settings, truth, port, script, ended_keys: Mutex::default() }
    }

    /// The script of all calls from now on.
    pub(super) fn set_script(&self, text: &str) -> Result<(), ScriptError> {
        steps(text).iter().try_for_each(|step| Script::default().add(step))?;
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = text.to_owned();
        Ok(())
    }

    /// Enters a call into the truth, and checks its key, model and scripts.
    pub(super) fn admit(&self, headers: &HeaderMap, ask: &Ask<'_>) -> Result<Admitted, Refusal> {
        let key = bearer(headers);
        let tag = text(headers, "x-demo-tag").or(ask.tag).unwrap_or_default();
        let (name, suffix) = ask.model.split_once('@').unwrap_or((ask.model, ""));
        let prices = prices::find(name.strip_prefix("demo/").unwrap_or(name));
        let n = self.truth.open(self.record(headers, ask, tag, key));
        let mut call = OpenCall {
            truth: self.truth.clone(),
            n,
            status: 0,
            bill: Bill::Nothing,
            on_leave: self.settings.on_leave,
            prices: prices.unwrap_or(&prices::MODELS[0].1),
            cost: None,
            tokens: Tokens::default(),
            sent: 0,
            ended: false,
        };
        let checked = self.check_key(key).and_then(|()| match prices {
            Some(_) => self.read_script(headers, tag, suffix, ask.message),
            None => Err(Refusal::unknown_model(name)),
        });
        match checked {
            Ok((script, message)) => {
                call.on_leave = script.bill_on_leave.unwrap_or(call.on_leave);
                call.cost = script.cost.as_deref().and_then(|cost| Cost::parse_reported(cost).ok());
                Ok(Admitted { call, script, message })
            }
            Err(refusal) => {
                call.refuse(refusal.status);
                Err(refusal)
            }
        }
    }

    /// From now on these keys, one a line, are not taken, and no others than these.
    pub(super) fn end_keys(&self, text: &str) {
        let keys = text.lines().map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect();
        *self.ended_keys.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Whether the request brings a key that is taken.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        self.check_key(bearer(headers))
    }

    fn check_key(&self, key: Option<&str>) -> Result<(), Refusal> {
        let is_known = |key: &str| self.settings.keys.is_empty() || self.settings.keys.iter().any(|known| known == key);
        let has_ended = |key: &str| self.ended_keys.lock().unwrap_or_else(PoisonError::into_inner).contains(key);
        match key {
            Some(key) if is_known(key) && !has_ended(key) => Ok(()),
            _ => Err(Refusal::scripted(401, &Script::default())),
        }
    }

    fn read_script(
        &self,
        headers: &HeaderMap,
        tag: &str,
        suffix: &str,
        message: &str,
    ) -> Result<(Script, String), Refusal> {
        let (inner, message) = bracketed(message);
        let own = self.script.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let header = text(headers, "x-demo-script").unwrap_or_default();
        let mut script = Script::default();
        for source in [own.as_str(), suffix].into_iter().chain(inner).chain([header]) {
            let steps = steps(source);
            let at = if steps.len() > 1 { self.truth.next_step(tag, source) } else { 0 };
            script.add(&steps[at.min(steps.len() - 1)]).map_err(|error| Refusal::bad_request(error.to_string()))?;
        }
        Ok((script, message))
    }

    fn record(&self, headers: &HeaderMap, ask: &Ask<'_>, tag: &str, key: Option<&str>) -> Call {
        let pair = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Call {
            n: 0,
            tag: tag.to_owned(),
            key: key.map(fingerprint).unwrap_or_default(),
            path: ask.path.to_owned(),
            model: ask.model.to_owned(),
            stream: ask.stream,
            status: 0,
            outcome: Outcome::Open,
            tokens: Tokens::default(),
            billed: Cost::ZERO,
            headers: if self.settings.keep_headers { headers.iter().map(pair).collect() } else { Vec::new() },
        }
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of a key.
fn fingerprint(key: &str) -> String {
    Sha256::digest(key)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").filter(|key| !key.is_empty())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
