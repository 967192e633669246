//! When keys, sessions and members were used last, without slowing who uses them.
//!
//! A use is noted in memory, at most once a minute for each, and written by [`crate::jobs::write_activity`].
//! What a crash forgets is a minute of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use store::{ApiKeyUse, MemberUse, SessionUse};
use units::{ApiKeyId, Instant, OrganizationId, Seconds, SessionId, UserId};

/// How old a noted use must be before the next one is worth writing.
const WORTH_WRITING: Seconds = Seconds(60);

/// What was used since it was last written down. Clones share it.
#[derive(Clone, Default)]
pub struct Activity(Arc<Mutex<Noted>>);

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    keys: HashMap<ApiKeyId, Instant>,
    sessions: HashMap<SessionId, Instant>,
    members: HashMap<(OrganizationId, UserId), Instant>,
}

impl Activity {
    /// A key was used, whose last use in the database is `last`.
    pub(crate) fn note_key(&self, key: ApiKeyId, last: Option<Instant>, now: Instant) {
        if is_news(last, now) {
            self.with(|noted| noted.keys.insert(key, now));
        }
    }

    /// A session was used, whose last use in the database is `last`.
    pub(crate) fn note_session(&self, session: SessionId, last: Instant, now: Instant) {
        if is_news(Some(last), now) {
            self.with(|noted| noted.sessions.insert(session, now));
        }
    }

    /// A member used the organization; when last, the database says as `last`.
    pub fn note_member(&self, organization: OrganizationId, user: UserId, last: Option<Instant>, now: Instant) {
        if is_news(last, now) {
            self.with(|noted| noted.members.insert((organization, user), now));
        }
    }

    /// Everything that was noted, which is then forgotten.
    pub(crate) fn take(&self) -> Noted {
        self.with(std::mem::take)
    }

    /// Remembers again what could not be written.
    pub(crate) fn put_back(&self, again: Noted) {
        self.with(|noted| {
            again.keys.into_iter().for_each(|(key, at)| _ = noted.keys.entry(key).or_insert(at));
            again.sessions.into_iter().for_each(|(session, at)| _ = noted.sessions.entry(session).or_insert(at));
            again.members.into_iter().for_each(|(member, at)| _ = noted.members.entry(member).or_insert(at));
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Noted) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Noted {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.sessions.is_empty() && self.members.is_empty()
    }

    /// In the order of ids, so that two nodes that write the same rows do not wait for each other in a circle.
    pub(crate) fn uses(&self) -> (Vec<ApiKeyUse>, Vec<SessionUse>, Vec<MemberUse>) {
        let mut keys: Vec<_> = self.keys.iter().map(|(key, at)| ApiKeyUse(*key, *at)).collect();
        let mut sessions: Vec<_> = self.sessions.iter().map(|(session, at)| SessionUse(*session, *at)).collect();
        let mut members: Vec<_> = self.members.iter().map(|((of, user), at)| MemberUse(*of, *user, *at)).collect();
        keys.sort_unstable_by_key(|ApiKeyUse(key, _)| *key);
        sessions.sort_unstable_by_key(|SessionUse(session, _)| *session);
        members.sort_unstable_by_key(|MemberUse(organization, user, _)| (*organization, *user));
        (keys, sessions, members)
    }
}

fn is_news(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| last.plus(WORTH_WRITING) <= now)
}
