//! The desk over its store, on every engine. One program, so that the store's code is compiled for tests once.
//!
//! `both_engines!` at the top of a file lists its tests: each runs as `file::name::sqlite` and `file::name::postgres`.
#![expect(
    clippy::similar_names,
    reason = "the desk of a test is called `test`, and much of what it says `text`"
)]

mod accounts;
mod allowance;
mod amend;
mod attention;
mod audit;
mod backfill;
mod backup;
mod bookings;
mod breaches;
mod calls;
mod canned_replies;
mod cases;
mod causes;
mod closing_report;
mod closures;
mod companies;
mod customers;
mod demo;
mod event_kinds;
mod files;
mod formats;
mod freeze;
mod import;
mod import_record;
mod import_undo;
mod inbound;
mod integrations;
mod integrity_check;
mod invitations;
mod links;
mod look_up;
mod lost_link;
mod mail_refusals;
mod message_files;
mod missed_visits;
mod monitoring;
mod openings;
mod outbox;
mod page_queries;
mod pairing;
mod passkeys;
mod people;
mod personal_data;
mod plans;
mod presence;
mod provider;
mod questionnaires;
mod rank;
mod register;
mod register_merges;
mod remove_demo;
mod reports;
mod resubmission;
mod retention;
mod retirement;
mod samples;
mod search;
mod search_words;
mod second_factor;
mod secure_mail;
mod serial_formats;
mod session_limits;
mod settings;
mod settings_forms;
mod setup;
mod simulation;
mod sla_report;
mod support;
mod survey;
mod verification;
mod visits;
mod waiting;
mod warnings;
mod webhook_addresses;
mod webhook_administration;
mod webhook_deliveries;
mod webhooks;
mod wording_of_mails;
mod workforce;
mod writers;
