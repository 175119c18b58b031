//! The desk over its store, on every engine. One program, so that the store's code is compiled for tests once.
//!
//! `both_engines!` at the top of a file lists its tests: each runs as `file::name::sqlite` and `file::name::postgres`.
#![expect(
    clippy::similar_names,
    reason = "the desk of a test is called `test`, and much of what it says `text`"
)]

mod account;
mod accounts;
mod allowance;
mod amend;
mod attention;
mod backfill;
mod bookings;
mod broken;
mod cases;
mod demo;
mod ending;
mod event_kinds;
mod files;
mod freeze;
mod held;
mod import;
mod kept;
mod links;
mod look_up;
mod lost_link;
mod missed_visits;
mod outbox;
mod people;
mod plans;
mod presence;
mod proof;
mod rank;
mod reports;
mod resubmission;
mod samples;
mod search;
mod second_factor;
mod secure_mail;
mod settings;
mod simulation;
mod support;
mod survey;
mod visits;
mod warnings;
