//! The desk over its store, on every engine. One program, so that the store's code is compiled for tests once.

mod attention;
mod cases;
mod demo;
mod ending;
mod import;
mod outbox;
mod people;
mod proof;
mod samples;
mod simulation;
mod support;
mod survey;
mod visits;
#[path = "../../../domain/tests/case/wishes.rs"]
mod wishes;
