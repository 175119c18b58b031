//! Contracts, equipment, SLA plans and service hours.

pub mod changes;
pub mod entitlement;
pub(crate) mod labels;
pub mod plans;
pub(crate) mod questionnaires;
pub(crate) mod register;
pub mod service_hours;
