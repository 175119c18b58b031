//! The desk over its store, on every engine. One program, so that the store's code is compiled for tests once.

mod account;
mod amend;
mod attention;
mod cases;
mod demo;
mod ending;
mod files;
mod import;
mod kept;
mod links;
mod look_up;
mod outbox;
mod people;
mod presence;
mod proof;
mod reports;
mod resubmission;
mod samples;
mod search;
mod secure_mail;
mod simulation;
mod support;
mod survey;
mod visits;
mod warnings;
#[path = "../../../domain/tests/domain/case/wishes.rs"]
mod wishes;
