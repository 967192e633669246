//! The doors that language-model clients knock at: authenticate, estimate, hold, relay, settle.
