//! The API, at a real socket, on both databases.

mod http;
mod world;

mod bad_input;
mod description;
mod frame;
mod holds;
mod matrix;
mod metering;
mod once;
mod pages;
mod people;
mod secrets;
mod wallets;
