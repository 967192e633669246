//! The program as people run it: the real binary in processes of its own, real clients, real databases.
//!
//! The model provider is `tare demo-upstream` in a process apart, so that its truth survives whatever happens
//! to the servers in between. Nothing is skipped: what a test needs and does not find, fails it by name.

mod books;
mod browser;
mod dice;
mod http;
mod mailbox;
mod office;
mod program;
mod servers;
mod upstream;

mod api_fuzz;
mod audit;
mod bad_input;
mod canaries;
mod demo;
mod disks;
mod export;
mod invoices;
mod kill;
mod kilo;
mod leases;
mod metering;
mod outages;
mod pages;
mod passes;
mod people;
mod provider_keys;
mod race;
mod reload;
mod removed_member;
mod run;
mod sdk;

/// Whether the long sizes of RELIABILITY.md are wanted, as `make soak` does.
fn is_release_size() -> bool {
    std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release")
}
