//! What operations do with the outside: jobs, mail, payments.

mod away;
mod world;

mod invoices;
mod jobs;
mod oidc;
mod payments;
