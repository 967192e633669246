//! What would happen, shown below the form that asked for it, with the button that does it.
//!
//! The form asks with GET, so looking changes nothing and works without a script; what it asked for goes along with the
//! button, unseen.

use super::words::Said;

/// What the section says and sends.
pub(super) struct Review {
    pub(super) title: String,
    /// Names and figures.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What follows, in sentences.
    pub(super) words: Vec<Said>,
    /// Where the button leads.
    pub(super) to: String,
    /// What goes along.
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) button: String,
}
