//! Sentences that moments stand in.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};

use super::Moment;

/// A sentence as HTML. Its text is escaped when it comes in; moments stand in it as they are marked.
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Said(String);

impl Said {
    /// The same with this behind it.
    pub(in crate::pages) fn then(mut self, more: impl Into<Self>) -> Self {
        self.0.push_str(&more.into().0);
        self
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self(escape(text, Html).map(|text| text.to_string()).unwrap_or_default())
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Moment> for Said {
    fn from(moment: Moment) -> Self {
        Self(moment.to_string())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Said {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::words::on_day;

    #[test]
    fn text_is_escaped_and_moments_are_not() {
        let end = on_day("2026-01-31T12:00:00Z".parse().unwrap());
        let said = Said::from("<b> ends on ").then(end).then(String::from(" & \"so\""));
        assert_eq!(said.to_string(), format!("&#60;b&#62; ends on {end} &#38; &#34;so&#34;"));
    }
}
