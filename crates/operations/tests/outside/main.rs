//! What operations do with the outside: jobs, mail, payments.

mod away;
mod faulty;
mod world;

mod faults;
mod invoices;
mod jobs;
mod oidc;
mod payments;
mod refunds;
mod storm;
mod stripe;
