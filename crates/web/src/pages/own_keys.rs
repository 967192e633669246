//! Provider keys of one's own: which are kept, a new one, another in its place, and forgetting one.

use std::cmp::Ordering;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use http::StatusCode;
use operations::byok::{self, AddByokKey, KnownProviderKey, ProviderKey};
use serde::Deserialize;

use super::{
    form::Form,
    go,
    place::{Frame, Place},
    shown,
    sort::{Column, Heading, Sort, Way},
    words::{Moment, moment},
    wrong::{Field, Wrong},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "own_keys.html")]
struct OwnKeysPage {
    frame: Frame,
    keys: Vec<Key>,
    headings: Vec<Heading>,
    /// Providers for which none is kept.
    providers: Vec<String>,
    typed: Typed,
    wrong: Wrong,
}

/// What is kept of what was typed: the key is not.
#[derive(Default)]
struct Typed {
    provider: String,
    name: String,
}

struct Key {
    id: String,
    /// The id of the field for another in its place.
    input: String,
    provider: String,
    name: String,
    ends_in: String,
    changed: Moment,
}

/// What the keys can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyColumn {
    Provider,
    Name,
    Kept,
}

impl Column for KeyColumn {
    const ALL: &'static [Self] = &[Self::Provider, Self::Name, Self::Kept];

    fn look(self) -> (&'static str, &'static str, &'static str, Way) {
        match self {
            Self::Provider => ("provider", "Provider", "", Way::Up),
            Self::Name => ("name", "Name", "", Way::Up),
            Self::Kept => ("kept", "Kept", "", Way::Down),
        }
    }
}

/// In which order the keys are asked for.
#[derive(Default, Deserialize)]
pub(super) struct Question {
    sort: Option<String>,
}

/// A key to keep. What was typed as the key is never shown again, not even beside what is wrong with it.
#[derive(Deserialize)]
pub(super) struct NewKey {
    provider: String,
    name: String,
    key: String,
}

#[derive(Deserialize)]
pub(super) struct KeyChange {
    provider_key: String,
    #[serde(default)]
    key: String,
}

/// What may be wrong with a key.
const KEY: &[&str] = &["key", "provider_key_refused"];
const FIELDS: &[Field] =
    &[("provider", "Provider", &["provider", "exists"]), ("name", "Name", &["name"]), ("key", "Key", KEY)];

fn input_of(key: &str) -> String {
    format!("key-{key}")
}

pub(super) async fn show(State(site): State<Site>, place: Place, Asked(question): Asked<Question>) -> Response {
    page(&site, &place, question, Default::default(), Typed::default()).await
}

pub(super) async fn keep(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(NewKey { provider, name, key }): Form<NewKey>,
) -> Response {
    let kept = async {
        let key = ProviderKey::new(key)?;
        let (provider, name) = (provider.clone(), name.clone());
        let request = AddByokKey { wallet: place.wallet, provider, name, key };
        byok::add(&site.services, &site.upstreams, &visit.context, &place.caller.who, request).await?;
        Ok::<_, Problem>(())
    };
    let kept = kept.await;
    end(&site, &place, kept.map_err(|problem| (Wrong::of(&problem, FIELDS), problem)), Typed { provider, name }).await
}

pub(super) async fn replace(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(KeyChange { provider_key, key }): Form<KeyChange>,
) -> Response {
    let replaced = async {
        let at = (place.wallet, wire::id("provider key", &provider_key)?);
        let key = ProviderKey::new(key)?;
        byok::replace(&site.services, &site.upstreams, &visit.context, &place.caller.who, at, key).await?;
        Ok::<_, Problem>(())
    };
    let replaced = replaced.await;
    let input = input_of(&provider_key);
    let fields: &[Field] = &[(&input, "Another key in its place", KEY)];
    end(&site, &place, replaced.map_err(|problem| (Wrong::of(&problem, fields), problem)), Typed::default()).await
}

pub(super) async fn forget(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(KeyChange { provider_key, .. }): Form<KeyChange>,
) -> Response {
    let forgotten = async {
        let id = wire::id("provider key", &provider_key)?;
        byok::delete(&site.services, &visit.context, &place.caller.who, place.wallet, id).await?;
        Ok::<_, Problem>(())
    };
    let forgotten = forgotten.await;
    end(&site, &place, forgotten.map_err(|problem| (Wrong::of(&problem, &[]), problem)), Typed::default()).await
}

async fn end(site: &Site, place: &Place, done: Result<(), (Wrong, Problem)>, typed: Typed) -> Response {
    match done {
        Ok(()) => go(&format!("{}/byok-keys", place.base())),
        Err((wrong, problem)) => page(site, place, Question::default(), (wrong, Some(problem.status())), typed).await,
    }
}

async fn page(
    site: &Site,
    place: &Place,
    question: Question,
    (wrong, status): (Wrong, Option<StatusCode>),
    typed: Typed,
) -> Response {
    let page = async {
        place.require(Action::ManageByok)?;
        let mut known = byok::list(&site.services, &place.caller.who, place.wallet).await?;
        let is_free = |provider: &&str| known.iter().all(|key| key.provider != *provider);
        let providers = site.upstreams.names().filter(is_free).map(str::to_owned).collect();
        let sort = Sort::read(question.sort.as_deref(), Sort::by(KeyColumn::Provider));
        // There is one for a provider.
        sort.order(&mut known, compare, |one, other| one.provider.cmp(&other.provider));
        let headings = sort.headings(|sort| format!("{}/byok-keys?sort={}", place.base(), sort.text()));
        let keys = known.into_iter().map(Key::from).collect();
        Ok::<_, Problem>(OwnKeysPage { frame: place.frame("/byok-keys"), keys, headings, providers, typed, wrong })
    };
    shown(page.await, status)
}

fn compare(column: KeyColumn, one: &KnownProviderKey, other: &KnownProviderKey) -> Ordering {
    match column {
        KeyColumn::Provider => one.provider.cmp(&other.provider),
        KeyColumn::Name => one.name.cmp(&other.name),
        KeyColumn::Kept => one.changed_at.cmp(&other.changed_at),
    }
}

impl From<KnownProviderKey> for Key {
    fn from(known: KnownProviderKey) -> Self {
        let KnownProviderKey { id, provider, name, last4: ends_in, changed_at, .. } = known;
        let id = id.to_string();
        Self { input: input_of(&id), id, provider, name, ends_in, changed: moment(changed_at) }
    }
}
