//! The catalog in force, key by key, and what `tare catalog check` says about it and the prices.

use askama::Template;
use axum::{extract::State, response::Response};
use serde_json::Value;

use super::{RULES, frame};
use crate::{
    pages::{
        html,
        place::{Frame, Place},
    },
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "operator_rules.html")]
struct RulesPage {
    frame: Frame,
    rules: Vec<(String, String)>,
    report: String,
}

pub(in crate::pages) async fn rules(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let catalog = site.services.catalog.current();
    let report = billing::check::report(&catalog, &site.services.prices.current(), visit.context.now);
    let mut rules = Vec::new();
    flatten(&mut rules, String::new(), &serde_json::to_value(&*catalog).unwrap_or_default());
    html(&RulesPage { frame: frame(&place, RULES), rules, report: report.to_string() })
}

/// Each key with its value, as they are named in the file. A list stays on one line.
fn flatten(rules: &mut Vec<(String, String)>, key: String, value: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                flatten(rules, key, value);
            }
        }
        Value::Array(items) => rules.push((key, items.iter().map(text).collect::<Vec<_>>().join(", "))),
        Value::Null => {}
        value => rules.push((key, text(value))),
    }
}
