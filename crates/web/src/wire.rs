//! Words of the API: amounts and ids as text, lists in pages.
//!
//! Amounts are plain decimal strings, without sign, exponent or spaces. A JSON number is refused: many
//! programs read it through a float.

use std::{borrow::Cow, str::FromStr};

use billing::Role;
use operations::secret;
use serde::{Deserialize, Deserializer, Serialize, de};
use units::{Amount, Cents, Cost, Instant, WalletId};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::problem::Problem;

/// Credits in dollars, with up to nine places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Credits(pub(crate) Amount);

/// Real money in dollars and whole cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Dollars(pub(crate) Cents);

/// An exact cost in dollars, with up to eighteen places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Exact(pub(crate) Cost);

/// Credits in dollars, with a minus when they are taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SignedCredits(pub(crate) Amount);

/// A moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment(pub(crate) Instant);

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct RoleName(pub(crate) Role);

/// A wallet by its id, or `me` for the caller's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WalletName {
    #[default]
    Me,
    Id(WalletId),
}

/// A page of a list. `next` is the cursor of the next page; absent on the last one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, in the order that the list says.
    pub(crate) items: Vec<T>,
    /// Give it as `cursor` for the items that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) next: Option<String>,
}

/// How many items a page has, unless the caller says, and at most.
pub(crate) const PAGE: u32 = 50;
pub(crate) const LARGEST_PAGE: u32 = 200;

impl<T> Page<T> {
    /// Cuts what was read with one item too many, so that the last page needs no look at an empty one.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }
}

/// The size of a page that was asked for.
pub(crate) fn page_size(asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(PAGE) {
        size @ 1..=LARGEST_PAGE => Ok(size),
        _ => Err(Problem::Field { field: "limit".to_owned(), reason: format!("1 to {LARGEST_PAGE}") }),
    }
}

/// An id in the path. What is no id is as absent as an id that nobody has.
pub(crate) fn id<T: FromStr>(what: &'static str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::NotFound { what, name: secret::shown(text) })
}

/// A cursor in the query.
pub(crate) fn cursor<T: FromStr>(text: Option<&str>) -> Result<Option<T>, Problem> {
    let read = |text: &str| text.parse().map_err(|_| wrong_cursor());
    text.map(read).transpose()
}

pub(crate) fn wrong_cursor() -> Problem {
    Problem::Field { field: "cursor".to_owned(), reason: "give the `next` of the page before, unchanged".to_owned() }
}

impl FromStr for WalletName {
    type Err = units::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "me" => Ok(Self::Me),
            text => text.parse().map(Self::Id),
        }
    }
}

impl<'de> Deserialize<'de> for WalletName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer)?
            .parse()
            .map_err(|error| de::Error::custom(format!("{error}, or me")))
    }
}

impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain(&<Cow<'de, str>>::deserialize(deserializer)?, 9).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain(&<Cow<'de, str>>::deserialize(deserializer)?, 2).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain(&<Cow<'de, str>>::deserialize(deserializer)?, 18).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for SignedCredits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let size: Amount = plain(text.strip_prefix('-').unwrap_or(&text), 9).map_err(de::Error::custom)?;
        let signed = if text.starts_with('-') { size.negated() } else { Ok(size) };
        signed.map(Self).map_err(de::Error::custom)
    }
}

impl PartialSchema for RoleName {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Role::ALL.map(Role::name)));
        text.description(Some("What a member is.")).into()
    }
}

impl ToSchema for RoleName {
    fn name() -> Cow<'static, str> {
        "Role".into()
    }
}

/// A decimal in its plain form.
fn plain<T: FromStr>(text: &str, places: usize) -> Result<T, String> {
    let wrong = || format!("a decimal string such as \"12.5\", of up to ten digits and {places} places");
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    match digits(whole, 10) && fraction.is_none_or(|fraction| digits(fraction, places)) {
        true => text.parse().map_err(|_| wrong()),
        false => Err(wrong()),
    }
}

/// A text of a fixed form, for the description of the API.
macro_rules! text_schema {
    ($($name:ident $as:literal $pattern:literal $example:literal $doc:literal;)*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern));
                text.description(Some($doc)).examples([$example]).into()
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                $as.into()
            }
        }
    )*};
}

/// Ids that other rooms define, for the description of the API.
macro_rules! ids {
    ($($name:ident $as:literal $pattern:literal $example:literal $doc:literal;)*) => {
        $(#[doc = $doc] pub(crate) struct $name;)*
        text_schema! { $($name $as $pattern $example $doc;)* }
    };
}

text_schema! {
    Credits "Credits" r"^[0-9]{1,10}(\.[0-9]{1,9})?$" "12.50" "Credits in dollars: a plain decimal string.";
    Dollars "Dollars" r"^[0-9]{1,10}(\.[0-9]{1,2})?$" "20.00" "Real money in dollars and whole cents: a plain decimal string.";
    Exact "Cost" r"^[0-9]{1,10}(\.[0-9]{1,18})?$" "0.0000215" "An exact cost in dollars: a plain decimal string.";
    SignedCredits "SignedCredits" r"^-?[0-9]{1,10}(\.[0-9]{1,9})?$" "-1.50" "Credits in dollars, with a minus when they are taken away.";
    Moment "Moment" r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$" "2026-01-31T12:00:00Z" "A moment in UTC.";
    WalletName "WalletName" "^(me|wal_[0-9a-f]{32})$" "me" "The id of a wallet, or `me` for the caller's own.";
}

/// For how many days something is made that ends by itself: up to ten years.
pub(crate) fn lasting(days: u32) -> Result<u32, Problem> {
    match days {
        1..=3650 => Ok(days),
        _ => Err(Problem::Field { field: "days".to_owned(), reason: "1 to 3650; or nothing for ever".to_owned() }),
    }
}

pub(crate) mod schema {
    //! Ids that other rooms define, for the description of the API.
    pub(crate) use super::Moment;
    use super::*;

    ids! {
            HoldId "HoldId" "^hld_[0-9a-f]{32}$" "hld_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a hold, and of the charge that ends it.";
            WalletId "WalletId" "^wal_[0-9a-f]{32}$" "wal_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a wallet.";
            GrantId "GrantId" "^grt_[0-9a-f]{32}$" "grt_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a grant.";
    OrganizationId "OrganizationId" "^org_[0-9a-f]{32}$" "org_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of an organization.";
            UserId "UserId" "^usr_[0-9a-f]{32}$" "usr_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a person.";
            InvitationId "InvitationId" "^ivt_[0-9a-f]{32}$" "ivt_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of an invitation.";
            ApiKeyId "ApiKeyId" "^key_[0-9a-f]{32}$" "key_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of an API key.";
            ByokKeyId "ByokKeyId" "^byk_[0-9a-f]{32}$" "byk_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a provider key.";
            CardId "CardId" "^crd_[0-9a-f]{32}$" "crd_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a saved card.";
            PaymentId "PaymentId" "^pay_[0-9a-f]{32}$" "pay_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a payment.";
            RefundId "RefundId" "^rfd_[0-9a-f]{32}$" "rfd_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a refund.";
            InvoiceNumber "InvoiceNumber" "^[0-9]{4}-C?[0-9]{6,}$" "2026-000001" "The number of an invoice or a credit note.";
            AuditId "AuditId" "^aud_[0-9a-f]{32}$" "aud_0190a1b2c3d47e8f8091a2b3c4d5e6f7" "The id of a line of a log.";
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credits(json: &str) -> Result<Credits, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn amounts_are_plain_decimal_strings() {
        assert_eq!(credits("\"12.345678901\"").unwrap().0.to_string(), "12.345678901");
        assert_eq!(credits("\"0\"").unwrap().0, Amount::ZERO);
        for wrong in [
            "1",
            "1.5",
            "\"1e3\"",
            "\"-1\"",
            "\"+1\"",
            "\" 1\"",
            "\"\"",
            "\"1.\"",
            "\".5\"",
            "\"0.1234567890\"",
            "null",
        ] {
            assert!(credits(wrong).is_err(), "{wrong}");
        }
        assert!(credits("\"9999999999\"").is_err(), "more than can be counted");
        assert!(serde_json::from_str::<Exact>("\"0.0000000000000000001\"").is_err());
    }

    #[test]
    fn a_page_has_a_cursor_unless_it_is_the_last() {
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!((page.items, page.next.as_deref()), (vec![1, 2], Some("2")));
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next, None);
    }
}
