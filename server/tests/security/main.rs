//! Attacks over the real router. `docs/security-tests.md` names the test of each class of attack, wherever it stands.

mod counts;
mod cross_site;
mod fields;
mod guards;
mod headers;
mod injection;
mod links;
mod log;
mod matrix;
mod resources;
mod sessions;
mod streams;
#[path = "../support/mod.rs"]
mod support;
