//! A log as CSV.

use std::collections::HashMap;

use store::{ActorKind, AuditFilter, AuditRow};
use units::UserId;

use super::{MOST_LINES, Scope, list};
use crate::{Caller, Error, Services, csv};

const COLUMNS: [&str; 8] = ["at", "actor_kind", "actor", "action", "subject", "person", "before", "after"];

/// Every line that the filter lets through, the newest first, with the names of people instead of their ids.
pub async fn export(services: &Services, caller: &Caller, scope: Scope, filter: AuditFilter) -> Result<String, Error> {
    let mut text = csv::line(&COLUMNS);
    let mut names = Names { services, known: HashMap::new() };
    let mut before = None;
    loop {
        let page = list(services, caller, scope, filter.clone(), before, MOST_LINES).await?;
        for row in &page {
            text.push_str(&names.line(row).await?);
        }
        match page.last() {
            Some(last) if page.len() == MOST_LINES as usize => before = Some(last.id),
            _ => return Ok(text),
        }
    }
}

struct Names<'a> {
    services: &'a Services,
    known: HashMap<UserId, String>,
}

impl Names<'_> {
    async fn line(&mut self, row: &AuditRow) -> Result<String, Error> {
        let actor = match (row.actor_kind, row.actor) {
            (ActorKind::Person, Some(user)) => self.of(UserId::from_uuid(user)).await?,
            (ActorKind::Key, Some(key)) => units::ApiKeyId::from_uuid(key).to_string(),
            _ => String::new(),
        };
        let person = match row.person {
            Some(user) => self.of(user).await?,
            None => String::new(),
        };
        let (before, after) = (row.before.as_deref().unwrap_or_default(), row.after.as_deref().unwrap_or_default());
        let at = row.at.to_string();
        let cells = [&at, row.actor_kind.name(), &actor, &row.action, &row.subject, &person, before, after];
        Ok(csv::line(&cells))
    }

    async fn of(&mut self, user: UserId) -> Result<String, Error> {
        if let Some(name) = self.known.get(&user) {
            return Ok(name.clone());
        }
        let found = self.services.store.reader().find_user(user).await?;
        let name = found.map_or_else(|| user.to_string(), |user| user.email.unwrap_or(user.name));
        self.known.insert(user, name.clone());
        Ok(name)
    }
}
