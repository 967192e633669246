//! What operations do with the outside: jobs, mail, payments.

mod away;
mod world;

mod jobs;
mod oidc;
mod payments;
