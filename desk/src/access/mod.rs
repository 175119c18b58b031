//! Access: staff, sessions, passwords, links, displays, integrations and rate limits.

pub mod browsers;
pub mod by_provider;
pub mod changes;
pub(crate) mod common_passwords;
pub(crate) mod composed_roles;
pub mod demonstration;
pub mod device;
pub mod displays;
pub mod extension;
pub mod factor_proof;
pub mod integrations;
pub mod kept_forms;
pub mod limits;
pub mod own_account;
pub mod pairing;
pub mod passkeys;
pub mod passwords;
pub mod second_factor;
pub mod second_step;
pub mod session_limits;
pub mod sign_in;
pub mod staff;
pub mod tokens;
pub mod trusted_devices;
