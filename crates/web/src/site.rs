//! What every page and every call works with.

use std::sync::Arc;

use connectors::{processor::sandbox::Sandbox, upstream::Upstreams};
use operations::{Door, Services};

use crate::settings::Settings;

/// What the site is made of.
pub struct Web {
    /// The books and the rules.
    pub services: Services,
    /// Time and ids of each request.
    pub door: Arc<dyn Door>,
    /// Who is asked whether a provider key is taken.
    pub upstreams: Upstreams,
    /// The sandbox whose pages are here, when it is the processor.
    pub sandbox: Option<Arc<Sandbox>>,
    /// Addresses, limits and patience.
    pub settings: Settings,
}

/// An open site. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Web>);

impl Web {
    /// Opens it.
    pub fn open(self) -> Site {
        Site(Arc::new(self))
    }
}

impl Site {
    /// Whether people reach it over HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.settings.public_url.starts_with("https://")
    }
}

impl std::ops::Deref for Site {
    type Target = Web;

    fn deref(&self) -> &Web {
        &self.0
    }
}
