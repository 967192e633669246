//! The API, at a real socket, on both databases.

mod browser;
mod http;
mod world;

mod bad_input;
mod buying;
mod byok_keys;
mod description;
mod frame;
mod holds;
mod matrix;
mod metering;
mod money_pages;
mod oidc;
mod once;
mod pages;
mod people;
mod secrets;
mod team_pages;
mod wallets;
mod webhooks;
