//! Contracts, equipment, SLA plans and service hours.

pub mod entitlement;
pub mod plans;
pub(crate) mod register;
pub mod service_hours;
