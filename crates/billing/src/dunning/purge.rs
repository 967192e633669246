//! What the end of retention deletes and what it keeps.

/// Something that belongs to a wallet or its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Belonging {
    /// Usage records of requests and what is summed up from them by model, project, member and key.
    UsageDetails,
    /// API keys and devices.
    ApiKeys,
    /// Sealed keys for providers.
    ProviderKeys,
    /// Policies, limits, alerts and automatic top-up.
    Settings,
    /// Members and pending invitations.
    Members,
    /// Saved cards.
    Cards,
    /// Credits that nobody paid for.
    FreeCredits,
    /// Credits that were paid for and not spent.
    PaidCredits,
    /// The journal with its seals, charges and receipts.
    Journal,
    /// Payments, invoices and credit notes.
    Invoices,
    /// The audit log.
    AuditLog,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is deleted.
    Deleted,
    /// It is kept: the law wants it, somebody paid for it, or it proves the rest.
    Kept,
}

use Belonging::*;

impl Belonging {
    /// All of it.
    pub const ALL: [Self; 11] = [
        UsageDetails,
        ApiKeys,
        ProviderKeys,
        Settings,
        Members,
        Cards,
        FreeCredits,
        PaidCredits,
        Journal,
        Invoices,
        AuditLog,
    ];

    /// What the end of retention does to it.
    pub const fn fate(self) -> Fate {
        match self {
            UsageDetails | ApiKeys | ProviderKeys | Settings | Cards => Fate::Deleted,
            // Members stay, so that somebody can come back to the paid credits. Free credits end as they always do.
            Members | FreeCredits | PaidCredits | Journal | Invoices | AuditLog => Fate::Kept,
        }
    }
}
