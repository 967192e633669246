//! Founding an organization, and its settings: its name, what its members may use, and leaving it.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use billing::{
    policy::{DataPolicy, Patterns, Policy},
    role::Action,
};
use operations::{
    organization::{self, CreateOrganization},
    policy,
};
use serde::Deserialize;
use units::OrganizationId;

use super::{
    form::Form,
    go, html,
    place::{Frame, Place},
    shown,
    wrong::{Field, Wrong},
};
use crate::{problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "found.html")]
struct FoundPage {
    frame: Frame,
    name: String,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    name: String,
    may_rename: bool,
    may_set_policy: bool,
    typed: Rules,
    wrong: Wrong,
}

#[derive(Deserialize)]
pub(super) struct Name {
    name: String,
}

/// A policy as it is typed: a name or pattern on each line.
#[derive(Default, Deserialize)]
pub(super) struct Rules {
    #[serde(default)]
    models_allow: String,
    #[serde(default)]
    models_deny: String,
    #[serde(default)]
    providers_allow: String,
    #[serde(default)]
    providers_deny: String,
    #[serde(default)]
    default_model: String,
    no_training: Option<String>,
}

/// What was typed into one of the forms, and refused.
#[derive(Default)]
struct Typed {
    name: Option<String>,
    rules: Option<Rules>,
}

const FIELDS: &[Field] = &[
    ("name", "Name", &["name"]),
    ("models_allow", "Only these models", &["models.allow"]),
    ("models_deny", "Never these models", &["models.deny"]),
    ("providers_allow", "Only these providers", &["providers.allow"]),
    ("providers_deny", "Never these providers", &["providers.deny"]),
    ("default_model", "Model that clients start with", &["default_model"]),
];

pub(super) async fn ask(place: Place) -> Response {
    html(&FoundPage { frame: place.frame(NEW), name: String::new(), wrong: Wrong::default() })
}

pub(super) async fn found(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Name { name }): Form<Name>,
) -> Response {
    let request = CreateOrganization { name: name.clone(), owner: None };
    match organization::create(&site.services, &visit.context, &place.caller.who, request).await {
        Ok(founded) => go(&format!("/organizations/{}", founded.organization)),
        Err(error) => {
            let problem = Problem::from(error);
            let page = FoundPage { frame: place.frame(NEW), name, wrong: Wrong::of(&problem, FIELDS) };
            (problem.status(), html(&page)).into_response()
        }
    }
}

pub(super) async fn show(State(site): State<Site>, place: Place) -> Response {
    page(&site, &place, None).await
}

pub(super) async fn rename(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Name { name }): Form<Name>,
) -> Response {
    let renamed = async {
        let id = here(&place)?;
        Ok(organization::rename(&site.services, &visit.context, &place.caller.who, id, &name).await?)
    };
    end(&site, &place, renamed.await, Typed { name: Some(name), rules: None }).await
}

pub(super) async fn set_policy(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(rules): Form<Rules>,
) -> Response {
    let set = async {
        let id = here(&place)?;
        policy::set(&site.services, &visit.context, &place.caller.who, id, rules.read()).await?;
        Ok(())
    };
    let set = set.await;
    end(&site, &place, set, Typed { name: None, rules: Some(rules) }).await
}

pub(super) async fn leave(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let left = async {
        let id = here(&place)?;
        Ok::<_, Problem>(organization::leave(&site.services, &visit.context, &place.caller.who, id).await?)
    };
    match left.await {
        Ok(()) => go("/profile"),
        Err(problem) => page(&site, &place, Some((problem, Typed::default()))).await,
    }
}

/// The frame of a page that is none of the list.
const NEW: &str = "/new";

async fn end(site: &Site, place: &Place, done: Result<(), Problem>, typed: Typed) -> Response {
    match done {
        Ok(()) => go(&format!("{}/settings", place.base())),
        Err(problem) => page(site, place, Some((problem, typed))).await,
    }
}

/// The organization that the path names.
fn here(place: &Place) -> Result<OrganizationId, Problem> {
    place.organization.as_ref().map(|row| row.id).ok_or(Problem::Internal)
}

async fn page(site: &Site, place: &Place, wrong: Option<(Problem, Typed)>) -> Response {
    let (problem, typed) = wrong.map_or((None, Typed::default()), |(problem, typed)| (Some(problem), typed));
    let status = problem.as_ref().map(Problem::status);
    let page = async {
        let rules = match typed.rules {
            Some(rules) => rules,
            None => {
                let row = policy::load(&site.services, &place.caller.who, here(place)?).await?;
                Rules::of(row.map(|row| row.policy).unwrap_or_default())
            }
        };
        Ok::<_, Problem>(SettingsPage {
            frame: place.frame("/settings"),
            name: typed.name.or(place.organization.as_ref().map(|row| row.name.clone())).unwrap_or_default(),
            may_rename: place.may(Action::ManageOrganization),
            may_set_policy: place.may(Action::ManagePolicies),
            typed: rules,
            wrong: Wrong::maybe(problem.as_ref(), FIELDS),
        })
    };
    shown(page.await, status)
}

impl Rules {
    fn of(policy: Policy) -> Self {
        let text = |lines: Vec<String>| lines.join("\n");
        Self {
            models_allow: text(policy.models.allow),
            models_deny: text(policy.models.deny),
            providers_allow: text(policy.providers.allow),
            providers_deny: text(policy.providers.deny),
            default_model: policy.default_model.unwrap_or_default(),
            no_training: (policy.data == DataPolicy::NoTraining).then(|| "yes".to_owned()),
        }
    }

    fn read(&self) -> Policy {
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let patterns = |allow: &str, deny: &str| Patterns { allow: lines(allow), deny: lines(deny) };
        Policy {
            models: patterns(&self.models_allow, &self.models_deny),
            providers: patterns(&self.providers_allow, &self.providers_deny),
            data: if self.no_training.is_some() { DataPolicy::NoTraining } else { DataPolicy::Any },
            default_model: Some(self.default_model.trim()).filter(|name| !name.is_empty()).map(str::to_owned),
        }
    }
}
