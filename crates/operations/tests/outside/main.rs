//! What operations do with the outside: jobs, mail, payments.

mod away;
mod dice;
#[allow(dead_code, reason = "nobody dies here")]
mod faulty;
mod world;

mod catch_up;
mod faults;
mod invoices;
mod jobs;
mod oidc;
mod payments;
mod refunds;
mod rules;
mod storm;
mod stripe;
