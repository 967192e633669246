//! The API, at a real socket, on both databases.

mod browser;
mod http;
mod world;

mod alerts;
mod bad_input;
mod buying;
mod byok_keys;
mod description;
mod forms;
mod frame;
mod holds;
mod matrix;
mod metering;
mod money_pages;
mod oidc;
mod once;
mod operators;
mod pages;
mod pass;
mod people;
mod receipts;
mod refunds;
mod seats;
mod secrets;
mod team_pages;
mod top_up;
mod wallets;
mod webhooks;
