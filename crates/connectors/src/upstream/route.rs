//! Which upstreams serve a model, in which order.

use std::{sync::Arc, time::Duration};

use super::{
    key::ApiKey,
    pattern::Pattern,
    response::Limits,
    settings::{SettingsError, UpstreamSettings},
    target::Target,
};

/// An upstream, ready to be asked.
#[derive(Debug)]
pub(super) struct Upstream {
    pub name: Arc<str>,
    pub target: Target,
    pub key: Option<ApiKey>,
    pub order: u32,
    pub connect_timeout: Duration,
    pub limits: Limits,
    pub forward_headers: Vec<String>,
    pub trains_on_prompts: bool,
    /// Behind the base URL.
    pub check_path: String,
    /// The most precise first.
    patterns: Vec<Pattern>,
}

/// The upstreams that serve one model. Never empty when it comes from [`super::Upstreams::route`].
#[derive(Clone, Debug)]
pub struct Route {
    pub(super) stops: Vec<Stop>,
}

/// One upstream of a route, and its name for the model.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub upstream: Arc<Upstream>,
    pub model: String,
    /// Whether the settings left the name to whoever knows it.
    is_bare: bool,
}

impl Route {
    /// The upstreams and their names for the model, in the order in which they are asked.
    pub fn upstreams(&self) -> impl Iterator<Item = (&str, &str)> {
        self.stops.iter().map(|stop| (&*stop.upstream.name, &*stop.model))
    }

    /// The route with the names that upstreams give the model, by the upstream's name, where its settings say
    /// no more than `*`.
    #[must_use]
    pub fn named(mut self, own_name: impl Fn(&str) -> Option<String>) -> Self {
        for stop in self.stops.iter_mut().filter(|stop| stop.is_bare) {
            if let Some(name) = own_name(&stop.upstream.name) {
                stop.model = name;
            }
        }
        self
    }

    /// The route without the upstreams that a policy forbids; `None` when none is left.
    #[must_use]
    pub fn only(mut self, mut may_serve: impl FnMut(&str) -> bool) -> Option<Self> {
        self.stops.retain(|stop| may_serve(&stop.upstream.name));
        (!self.stops.is_empty()).then_some(self)
    }
}

impl Upstream {
    pub(super) fn new(settings: UpstreamSettings) -> Result<Self, SettingsError> {
        let UpstreamSettings { name, connect_timeout_ms, first_byte_timeout_ms, idle_timeout_ms, .. } = &settings;
        for (key, value) in [
            ("connect_timeout_ms", *connect_timeout_ms),
            ("first_byte_timeout_ms", *first_byte_timeout_ms),
            ("idle_timeout_ms", *idle_timeout_ms),
            ("max_response_bytes", settings.max_response_bytes),
            ("models", settings.models.len() as u64),
        ] {
            if value == 0 {
                let wrong = if key == "models" { "empty" } else { "zero" };
                return Err(SettingsError::Value { upstream: name.clone(), key, wrong });
            }
        }
        if !settings.check_path.starts_with('/') {
            return Err(SettingsError::CheckPath(name.clone()));
        }
        let limits = Limits {
            first_byte: Duration::from_millis(*first_byte_timeout_ms),
            idle: Duration::from_millis(*idle_timeout_ms),
            bytes: settings.max_response_bytes,
        };
        Ok(Self {
            name: name.as_str().into(),
            target: Target::parse(&settings.base_url, settings.allow_private)?,
            order: settings.order,
            connect_timeout: Duration::from_millis(*connect_timeout_ms),
            limits,
            patterns: patterns(&settings)?,
            key: settings.api_key,
            forward_headers: settings.forward_headers,
            trains_on_prompts: settings.trains_on_prompts,
            check_path: settings.check_path,
        })
    }

    /// A stop here, if it serves a public model.
    pub(super) fn stop(self: &Arc<Self>, public: &str) -> Option<Stop> {
        let stop = |pattern: &Pattern| {
            let model = pattern.apply(public)?;
            Some(Stop { upstream: self.clone(), model, is_bare: pattern.is_bare() })
        };
        self.patterns.iter().find_map(stop)
    }
}

fn patterns(settings: &UpstreamSettings) -> Result<Vec<Pattern>, SettingsError> {
    let read = |(public, own): (&String, &String)| {
        Pattern::new(public, own).ok_or_else(|| SettingsError::Model(public.clone(), own.clone()))
    };
    let mut patterns = settings.models.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.precision()));
    Ok(patterns)
}
