//! The laboratory: demonstration data, simulation and integrity check. No use-case depends on it.

pub mod demo;
pub mod integrity_check;
pub mod simulation;
