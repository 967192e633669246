//! Policies of an organization, and the audit logs.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use operations::{
    audit::{self, AuditFilter, Scope},
    policy,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{AuditRow, PolicyRow};
use units::{AuditId, Instant, UserId};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::Caller,
    extract::{Asked, Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Page, schema},
};

/// What members may use. Absent lists allow everything.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Policy {
    /// Which models, by their public id.
    models: Patterns,
    /// Which providers may serve them.
    providers: Patterns,
    /// What providers may do with prompts.
    data: Data,
    /// The model that clients start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    default_model: Option<String>,
}

/// Names that are wanted and names that are not. `*` stands for any characters.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Patterns {
    /// When there are any, only these.
    allow: Vec<String>,
    /// Never these.
    deny: Vec<String>,
}

/// What providers may do with prompts.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Data {
    /// Whatever their terms say.
    #[default]
    Any,
    /// Only models whose provider does not train on prompts.
    NoTraining,
}

/// A policy that holds.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyNow {
    /// What members may use.
    policy: Policy,
    /// How often it was changed; absent when it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    version: Option<u32>,
}

/// A line of an audit log.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    /// Its id.
    #[schema(value_type = schema::AuditId)]
    id: AuditId,
    /// When.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// What kind of actor: person, key or operator.
    actor_kind: &'static str,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    actor: Option<String>,
    /// What was done.
    #[schema(example = "api_key.create")]
    action: String,
    /// To what.
    subject: String,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::UserId, required = false)]
    person: Option<UserId>,
    /// What was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    before: Option<Box<RawValue>>,
    /// What is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    after: Option<Box<RawValue>>,
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The `next` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
    /// How many items: 50 unless you say, at most 200.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only of this action.
    #[param(required = false, nullable = false)]
    action: Option<String>,
    /// Only about or by this person.
    #[param(value_type = schema::UserId, required = false, nullable = false)]
    person: Option<String>,
}

/// Show the policy
///
/// For whoever is in the organization.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/policies", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The policy.", body = PolicyNow)))]
pub(super) async fn show_policy(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<PolicyNow>, Problem> {
    let id = wire::id("organization", &id)?;
    Ok(Json(policy::load(&site.services, &caller.who, id).await?.into()))
}

/// Set the policy
///
/// As a whole: what is absent allows everything. A deny beats an allow.
#[utoipa::path(put, path = "/api/v1/organizations/{organization}/policies", tag = "organizations",
    request_body = Policy,
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The policy.", body = PolicyNow)))]
pub(super) async fn set_policy(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
    Body(wish): Body<Policy>,
) -> Result<Json<PolicyNow>, Problem> {
    let id = wire::id("organization", &id)?;
    let row = policy::set(&site.services, &visit.context, &caller.who, id, wish.into()).await?;
    Ok(Json(Some(row).into()))
}

/// Read the audit log of an organization
///
/// For owners and admins, the newest line first.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/audit", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization."), Which),
    responses((status = 200, description = "A page of the log.", body = Page<Line>)))]
pub(super) async fn audit_of_organization(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<Line>>, Problem> {
    page(&site, &caller, Scope::Organization(wire::id("organization", &id)?), which).await
}

/// Export the audit log of an organization
///
/// Every line as CSV, with the names of people instead of their ids.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/audit.csv", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The log.", body = String, content_type = "text/csv")))]
pub(super) async fn export_audit(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    let scope = Scope::Organization(wire::id("organization", &id)?);
    let text = audit::export(&site.services, &caller.who, scope, AuditFilter::default()).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))], text).into_response())
}

/// Read your own audit log
///
/// What was done to the caller's account, the newest line first.
#[utoipa::path(get, path = "/api/v1/me/audit", tag = "people", params(Which),
    responses((status = 200, description = "A page of the log.", body = Page<Line>)))]
pub(super) async fn audit_of_me(
    State(site): State<Site>,
    caller: Caller,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<Line>>, Problem> {
    let user = caller.user.as_ref().map(|user| user.id).ok_or(Problem::Internal)?;
    page(&site, &caller, Scope::Person(user), which).await
}

/// Read the audit log of the server
///
/// For operators, the newest line first.
#[utoipa::path(get, path = "/api/v1/operator/audit", tag = "operator", params(Which),
    responses((status = 200, description = "A page of the log.", body = Page<Line>)))]
pub(super) async fn audit_of_server(
    State(site): State<Site>,
    caller: Caller,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<Line>>, Problem> {
    page(&site, &caller, Scope::Server, which).await
}

async fn page(site: &Site, caller: &Caller, scope: Scope, which: Which) -> Result<Json<Page<Line>>, Problem> {
    let (limit, before) = (wire::page_size(which.limit)?, wire::cursor(which.cursor.as_deref())?);
    let person = which.person.as_deref().map(|text| {
        let wrong = |_| Problem::Field { field: "person".to_owned(), reason: "the id of a user".to_owned() };
        text.parse::<UserId>().map_err(wrong)
    });
    let filter = AuditFilter { action: which.action, person: person.transpose()?, ..AuditFilter::default() };
    let rows = audit::list(&site.services, &caller.who, scope, filter, before, limit + 1).await?;
    let lines = rows.into_iter().map(Line::from).collect();
    Ok(Json(Page::cut(lines, limit, |line| line.id.to_string())))
}

impl From<AuditRow> for Line {
    fn from(row: AuditRow) -> Self {
        let raw = |text: Option<String>| text.and_then(|text| RawValue::from_string(text).ok());
        Self {
            id: row.id,
            at: row.at,
            actor_kind: row.actor_kind.name(),
            actor: row.actor.map(|actor| match row.actor_kind.name() {
                "key" => units::ApiKeyId::from_uuid(actor).to_string(),
                _ => UserId::from_uuid(actor).to_string(),
            }),
            action: row.action,
            subject: row.subject,
            person: row.person,
            before: raw(row.before),
            after: raw(row.after),
        }
    }
}

impl From<Option<PolicyRow>> for PolicyNow {
    fn from(row: Option<PolicyRow>) -> Self {
        let version = row.as_ref().map(|row| row.version);
        Self { policy: row.map(|row| row.policy).unwrap_or_default().into(), version }
    }
}

impl From<billing::Policy> for Policy {
    fn from(policy: billing::Policy) -> Self {
        let patterns = |billing::policy::Patterns { allow, deny }| Patterns { allow, deny };
        let billing::Policy { models, providers, data, default_model } = policy;
        let data = match data {
            billing::policy::DataPolicy::Any => Data::Any,
            billing::policy::DataPolicy::NoTraining => Data::NoTraining,
        };
        Self { models: patterns(models), providers: patterns(providers), data, default_model }
    }
}

impl From<Policy> for billing::Policy {
    fn from(policy: Policy) -> Self {
        let patterns = |Patterns { allow, deny }| billing::policy::Patterns { allow, deny };
        let Policy { models, providers, data, default_model } = policy;
        let data = match data {
            Data::Any => billing::policy::DataPolicy::Any,
            Data::NoTraining => billing::policy::DataPolicy::NoTraining,
        };
        Self { models: patterns(models), providers: patterns(providers), data, default_model }
    }
}
