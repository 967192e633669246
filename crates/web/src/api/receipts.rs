//! Receipts of single charges, which anybody can check with the public key.

use axum::{Json, extract::State};
use billing::role::Action;
use http::{HeaderMap, HeaderValue, header};
use operations::receipt::{self, SignedReceipt};
use serde::Serialize;
use units::HoldId;
use utoipa::ToSchema;

use crate::{
    access::Caller,
    extract::Named,
    problem::Problem,
    site::Site,
    wire::{self, WalletName, schema},
};

/// A receipt with its signature, as it is described in docs/receipts.md.
#[derive(ToSchema)]
#[schema(as = SignedReceipt)]
#[expect(dead_code, reason = "it describes what operations write")]
pub(super) struct Described {
    /// What is said: the charge, what was used, the prices in force, the cost, who paid, and where it stands in the
    /// journal. This is what is signed, so its members never change their names.
    #[schema(value_type = Object)]
    receipt: (),
    /// By whom.
    signature: DescribedSignature,
}

/// A signature.
#[derive(ToSchema)]
#[schema(as = ReceiptSignature)]
#[expect(dead_code, reason = "it describes what operations write")]
struct DescribedSignature {
    /// Always `ed25519`.
    #[schema(example = "ed25519")]
    algorithm: String,
    /// The short name of the key.
    #[schema(example = "8f1c2a0b9d3e4f50", pattern = "^[0-9a-f]{16}$")]
    key: String,
    /// 64 bytes in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{128}$")]
    value: String,
}

/// The key that checks receipts.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptKey {
    /// Its short name, as receipts give it.
    #[schema(pattern = "^[0-9a-f]{16}$")]
    id: String,
    /// The key, as `tare receipt verify --public-key` takes it.
    #[schema(pattern = "^tare-receipt-public-1:[0-9a-f]{64}$")]
    public_key: String,
}

/// Show a signed receipt
///
/// The receipt of one charge: tokens, prices, the provider's cost, what was debited, and the grants that paid. It can be
/// checked without this server: `tare receipt verify`, or any Ed25519 library.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/charges/{charge}/receipt", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("charge" = schema::HoldId, Path, description = "The charge.")),
    responses((status = 200, description = "The receipt.", body = Described)))]
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Named((wallet, charge)): Named<(String, String)>,
) -> Result<(HeaderMap, Json<SignedReceipt>), Problem> {
    let id = caller.may_read(&site, &wallet, Action::SeeUsageOfPeople).await?;
    let charge: HoldId = wire::id("charge", &charge)?;
    let receipt = receipt::issue(&site.services, id, charge).await?;
    let mut headers = HeaderMap::new();
    let saved_as = format!("attachment; filename=\"receipt-{charge}.json\"");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(saved_as).expect("an id is plain text"));
    Ok((headers, Json(receipt)))
}

/// Show the key of receipts
///
/// With it anybody can check the receipts of this server. Keep it from before a dispute, not from after it.
#[utoipa::path(get, path = "/api/v1/receipt-key", tag = "wallets",
    responses((status = 200, description = "The public half of the key.", body = ReceiptKey)))]
pub(super) async fn key(State(site): State<Site>) -> Result<Json<ReceiptKey>, Problem> {
    let key = receipt::public_key(&site.services)?;
    Ok(Json(ReceiptKey { id: key.id(), public_key: key.to_string() }))
}
