//! The rows as they are kept, as CSV.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use operations::csv;
use store::UsageDailyRow;
use units::ApiKeyId;

/// The rows as they are kept; who used what only for who may see it.
pub(super) fn as_csv(rows: &[UsageDailyRow], with_people: bool) -> Response {
    let mut text = csv::line(&[
        "day",
        "model",
        "provider",
        "project",
        "user",
        "api_key",
        "requests",
        "input",
        "cache_read",
        "cache_write",
        "output",
        "reasoning",
        "cost",
        "debited",
    ]);
    let id = |id: Option<String>| id.filter(|_| with_people).unwrap_or_default();
    for row in rows {
        let numbers = [row.requests, row.input, row.cache_read, row.cache_write, row.output, row.reasoning];
        let numbers = numbers.map(|number| number.to_string());
        let (day, cost, debited) = (row.day.to_string(), row.cost.to_string(), row.debited.to_string());
        let (user, key) = (id(row.user.map(|id| id.to_string())), id(row.api_key.map(|id: ApiKeyId| id.to_string())));
        let mut cells = vec![day.as_str(), &row.model, &row.provider, &row.project, &user, &key];
        cells.extend(numbers.iter().map(String::as_str));
        cells.extend([cost.as_str(), &debited]);
        text.push_str(&csv::line(&cells));
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"usage.csv\"")),
    ];
    (headers, text).into_response()
}
