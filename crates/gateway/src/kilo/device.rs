//! Signing a device in: it shows a code, and asks until its person has answered in a browser.

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use operations::device::{self, DEVICE_CODE_LIFE, Polled, StartDevice};
use serde::Serialize;
use serde_json::json;

use crate::{doors::Doors, error::Error, visit::Visit};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    code: String,
    verification_url: String,
    expires_in: i64,
}

/// `POST /api/device-auth/codes`
pub(crate) async fn start(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<Started>, Error> {
    let named = ["x-kilocode-editorname", header::USER_AGENT.as_str()];
    let client = named.iter().find_map(|name| headers.get(*name)?.to_str().ok()).unwrap_or("a command line");
    let request = StartDevice { from: visit.client, client: client.to_owned() };
    let started = device::start(&doors.gateway.services, &visit.context, request).await?;
    let verification_url = format!("{}/device?code={}", doors.gateway.settings.public_url, started.code);
    Ok(Json(Started { code: started.code, verification_url, expires_in: DEVICE_CODE_LIFE.0 }))
}

/// `GET /api/device-auth/codes/{code}`
pub(crate) async fn poll(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    Path(code): Path<String>,
) -> Result<Response, Error> {
    let (status, body) = match device::poll(&doors.gateway.services, &visit.context, &code).await? {
        Polled::Pending => (StatusCode::ACCEPTED, json!({"status": "pending"})),
        Polled::Denied => (StatusCode::FORBIDDEN, json!({"status": "denied"})),
        Polled::Expired => (StatusCode::GONE, json!({"status": "expired"})),
        Polled::Approved { token, user } => {
            // The client takes an empty address for a failure.
            let email = user.email.clone().unwrap_or_else(|| user.name.clone());
            (StatusCode::OK, json!({"status": "approved", "token": token, "userId": user.id, "userEmail": email}))
        }
    };
    Ok((status, Json(body)).into_response())
}
