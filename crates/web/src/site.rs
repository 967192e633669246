//! What every page and every call works with.

use std::sync::Arc;

use connectors::{processor::sandbox::Sandbox, upstream::Upstreams};
use http::HeaderValue;
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
pub struct Site(Arc<Opened>);

struct Opened {
    web: Web,
    policy: HeaderValue,
}

/// Nothing but what this server sends, and no script or style written into a page. Forms lead on to this site, and to the
/// processor's page for cards.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; object-src 'none'; form-action 'self'";

impl Web {
    /// Opens it.
    pub fn open(self) -> Site {
        let origins = self.services.outside.processor.as_ref().map_or(&[][..], |processor| processor.page_origins());
        let policy = [&[POLICY], origins].concat().join(" ");
        let policy = HeaderValue::try_from(policy).expect("origins are plain text");
        Site(Arc::new(Opened { web: self, policy }))
    }
}

impl Site {
    /// What a browser may do with a page of this site.
    pub(crate) fn policy(&self) -> HeaderValue {
        self.0.policy.clone()
    }

    /// Whether people reach it over HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.settings.public_url.starts_with("https://")
    }
}

impl std::ops::Deref for Site {
    type Target = Web;

    fn deref(&self) -> &Web {
        &self.0.web
    }
}
