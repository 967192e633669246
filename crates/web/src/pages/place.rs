//! Whose affairs a page is about: one's own, or those of an organization that the path names; and the frame around
//! such a page, which leads to the others.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path},
    response::Response,
};
use billing::{
    Role,
    role::{Action, allows},
};
use http::{Method, request::Parts};
use operations::{organization, secret};
use store::{OrganizationRow, SuspensionRow};
use units::{OrganizationId, WalletId};

use super::{
    banner::{self, Banner},
    sorry,
};
use crate::{access::Caller, credential, problem::Problem, site::Site, visit::Visit, wire};

/// A wallet, who looks at it, and what they are there.
pub(super) struct Place {
    pub(super) caller: Caller,
    pub(super) wallet: WalletId,
    pub(super) role: Role,
    /// The organization whose wallet it is.
    pub(super) organization: Option<OrganizationRow>,
    /// Whether an operator has stopped its service.
    pub(super) suspension: Option<SuspensionRow>,
    /// Where else one is, with one's role there.
    others: Vec<(OrganizationRow, Role)>,
    /// What has to be seen to here.
    banners: Vec<Banner>,
}

/// What stands around a page.
pub(super) struct Frame {
    pub(super) who: String,
    pub(super) csrf: String,
    pub(super) is_operator: bool,
    /// Whose affairs.
    pub(super) name: String,
    /// One's role there; empty for one's own.
    pub(super) role: String,
    /// In front of the path of each page about it.
    pub(super) base: String,
    pub(super) places: Vec<Link>,
    pub(super) pages: Vec<Link>,
    pub(super) banners: Vec<Banner>,
}

/// A way to another page.
pub(super) struct Link {
    pub(super) to: String,
    pub(super) words: String,
    /// Quiet words behind it.
    pub(super) note: String,
    pub(super) is_here: bool,
}

/// Pages that one's own wallet does not have.
const MEMBERS: &str = "/members";
const SEATS: &str = "/seats";
const AUDIT: &str = "/audit";
const SETTINGS: &str = "/settings";

/// The page that only one's own wallet has.
pub(super) const PASS: &str = "/credits/pass";

/// Pages about a wallet: behind the base, and what they are called.
const PAGES: [(&str, &str, Action); 13] = [
    (MEMBERS, "Members", Action::SeeOrganization),
    (SEATS, "Seats", Action::SeeBilling),
    ("/credits", "Credits", Action::SeeBilling),
    (PASS, "Pass", Action::SeeBilling),
    ("/auto-top-up", "Auto top-up", Action::SeeBilling),
    ("/payment-methods", "Payment methods", Action::SeeBilling),
    ("/invoices", "Invoices", Action::SeeBilling),
    ("/alerts", "Alerts", Action::SeeBilling),
    ("/usage", "Usage", Action::SeeUsageTotals),
    ("/api-keys", "API keys", Action::ManageOwnKeys),
    ("/byok-keys", "Provider keys", Action::ManageByok),
    (AUDIT, "Audit log", Action::SeeAudit),
    (SETTINGS, "Settings", Action::SeeOrganization),
];

impl FromRequestParts<Site> for Place {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let names = Path::<HashMap<String, String>>::from_request_parts(parts, site).await;
        let named = names.ok().and_then(|Path(mut names)| names.remove("organization"));
        let caller = Caller::from_request_parts(parts, site).await.map_err(|problem| sorry(&problem))?;
        let mut place = Self::find(site, caller, named.as_deref()).await.map_err(|problem| sorry(&problem))?;
        // What a form changes, its next page tells.
        if let (&Method::GET, Some(visit)) = (&parts.method, parts.extensions.get::<Visit>()) {
            let found = banner::of(site, visit, &place).await;
            place.banners = found.map_err(|problem| sorry(&problem))?;
        }
        Ok(place)
    }
}

impl Place {
    async fn find(site: &Site, caller: Caller, named: Option<&str>) -> Result<Self, Problem> {
        let others = organization::list(&site.services, &caller.who).await?;
        let mut others: Vec<_> = others.into_iter().map(|(row, member)| (row, member.role)).collect();
        others.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
        let Some(text) = named else {
            let (wallet, role, banners) = (caller.own, Role::Owner, Vec::new());
            let suspension = site.services.store.reader().find_wallet(wallet).await?.and_then(|row| row.suspension);
            return Ok(Self { wallet, caller, role, organization: None, suspension, others, banners });
        };
        let id: OrganizationId = wire::id("organization", text)?;
        let found = others.iter().find(|(row, _)| row.id == id).cloned();
        // Word for word as operations say it.
        let (row, role) = found.ok_or_else(|| Problem::NotFound { what: "organization", name: secret::shown(text) })?;
        let (wallet, suspension, banners) = (row.wallet, row.suspension.clone(), Vec::new());
        Ok(Self { wallet, caller, role, organization: Some(row), suspension, others, banners })
    }

    /// Whether one may do this here.
    pub(super) fn may(&self, action: Action) -> bool {
        allows(self.role, action)
    }

    /// That one may do this here, or what to say instead.
    pub(super) fn require(&self, action: Action) -> Result<(), Problem> {
        match self.may(action) {
            true => Ok(()),
            false => Err(operations::Error::Forbidden { what: action.words(), who: action.who() }.into()),
        }
    }

    /// What the paths of its pages begin with.
    pub(super) fn base(&self) -> String {
        self.organization.as_ref().map(|row| format!("/organizations/{}", row.id)).unwrap_or_default()
    }

    /// The page that it begins with.
    pub(super) fn home(&self) -> String {
        match &self.organization {
            Some(_) => self.base(),
            None => "/profile".to_owned(),
        }
    }

    /// The frame around the page of this path behind the base.
    pub(super) fn frame(&self, here: &str) -> Frame {
        let home = |id: Option<OrganizationId>| match id {
            Some(id) => format!("/organizations/{id}"),
            None => "/profile".to_owned(),
        };
        let current = self.organization.as_ref().map(|row| row.id);
        let own =
            Link { to: home(None), words: "Personal".to_owned(), note: self.caller.name(), is_here: current.is_none() };
        let others = self.others.iter().map(|(row, role)| Link {
            to: home(Some(row.id)),
            words: row.name.clone(),
            note: role_words(*role),
            is_here: current == Some(row.id),
        });
        let base = self.base();
        let first = if current.is_some() { "Overview" } else { "Profile" };
        let link =
            |to: String, words: &str, is_here| Link { to, words: words.to_owned(), note: String::new(), is_here };
        // Where it is seen to, the page itself says so.
        let is_seen_to = |banner: &Banner| !here.is_empty() && banner.to.starts_with(&format!("{base}{here}"));
        let is_there = |path: &str| match current {
            Some(_) => path != PASS,
            None => ![MEMBERS, SEATS, AUDIT, SETTINGS].contains(&path),
        };
        let pages = PAGES.iter().filter(|(path, _, action)| is_there(path) && self.may(*action));
        let pages = pages.map(|(path, words, _)| link(format!("{base}{path}"), words, here == *path));
        Frame {
            who: self.caller.name(),
            csrf: credential::csrf(&self.caller.secret),
            is_operator: self.caller.user.as_ref().is_some_and(|user| user.is_operator),
            name: self.organization.as_ref().map_or_else(|| "Personal".to_owned(), |row| row.name.clone()),
            role: self.organization.as_ref().map(|_| role_words(self.role)).unwrap_or_default(),
            base: base.clone(),
            places: std::iter::once(own).chain(others).collect(),
            pages: std::iter::once(link(home(current), first, here.is_empty())).chain(pages).collect(),
            banners: self.banners.iter().filter(|banner| !is_seen_to(banner)).cloned().collect(),
        }
    }
}

fn role_words(role: Role) -> String {
    role.name().replace('_', " ")
}
