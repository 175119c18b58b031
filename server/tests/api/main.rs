//! The API over the real binary. Every answer is held against its schema.

mod attachments;
mod audit;
mod calls;
mod cases;
mod client_credentials;
mod commands;
mod document;
mod entitlement;
mod events;
mod monitoring;
mod old_clients;
mod people;
mod problems;
mod proofs;
mod register;
mod reports;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod survey;
mod tokens;
mod visits;
