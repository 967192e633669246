//! How a demo upstream behaves before any script says otherwise.

/// What a client that leaves before the end is billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BillOnLeave {
    /// The whole reply: the model goes on, as it does at most providers.
    #[default]
    Whole,
    /// The prompt, and the part of the reply that was written.
    Sent,
}

/// Settings of one demo upstream.
#[derive(Clone, Debug)]
pub struct DemoSettings {
    /// The keys that are accepted; any key when empty.
    pub keys: Vec<String>,
    /// What a client that leaves is billed.
    pub on_leave: BillOnLeave,
    /// A script for all calls, before those that a call brings itself.
    pub script: String,
    /// Pause between the events of a stream, in milliseconds.
    pub delay_ms: u64,
    /// How many calls the truth keeps; older ones stay in the sums only.
    pub keep_calls: usize,
    /// Whether the truth keeps the headers of each call, keys included. For tests of what is forwarded.
    pub keep_headers: bool,
    /// The time that answers carry as `created`, in seconds since 1970: content needs no clock.
    pub created: i64,
}

impl Default for DemoSettings {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            on_leave: BillOnLeave::Whole,
            script: String::new(),
            delay_ms: 0,
            keep_calls: 200_000,
            keep_headers: false,
            created: 1_767_225_600,
        }
    }
}
