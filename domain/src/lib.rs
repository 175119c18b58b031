//! Rules and texts of the desk: pure functions and values, the same on the server and in the browser.
//!
//! Nothing here does I/O, reads a clock, draws a random number or waits. Time, ids and randomness are passed in.
//!
//! # The way of a command
//!
//! ```text
//!   what people type        Command + Actor + ServiceHours + Instant
//!         |                        |
//!         v                        v
//!   intake, case_number,      case::decide ----> Refusal: a rule, in the reader's language
//!   contract_number,               |
//!   serial, phone, text            v
//!         |                    Vec<Event>  ----> stored as Recorded entries: the history
//!         v                        |
//!   case::Report               Case::evolve
//!   (in Event::Opened)             |
//!         |                        v
//!         +------------------->  Case  -------> clocks, rank, closing report, next run of the scheduler
//! ```
//!
//! `decide` asks [`actor::may`] first. `evolve` refuses nothing, because the history has happened. The example of
//! [`case`] shows this from an opening to a refusal.
//!
//! # Modules
//!
//! - **Input.** [`intake`] has the case form. [`case_number`], [`contract_number`] with [`check_digits`], [`serial`],
//!   [`phone`], [`mail_address`] and [`text`] parse its fields. Each `parse` explains problems in the reader's
//!   language.
//! - **The agreement.** [`entitlement`] says whether a contract covers the equipment. [`priority`] follows from severity and
//!   urgency. [`sla_plan`] has the targets and the rules of a plan.
//! - **The case.** [`case`] has commands, events, the fold and all that is derived from it; visits are part of it.
//!   [`survey`] comes after its end. [`proof`] has the file from which a case's figures are computed again.
//! - **Time.** [`time`] has instants in whole seconds. [`calendar`] has service hours, holidays, zones, and how times are shown.
//! - **People.** [`actor`] has actors and the policy. [`audit`] has what is written down of both. [`workforce`] has teams, working hours and absences.
//!   [`mail_allowance`] limits the mails that strangers cause, and [`customer_profile`] has those that a customer does without.
//! - **Lists.** [`search`] parses queries. [`reports`] counts for supervisors. [`view`] and [`page`] are the data of
//!   pages.
//! - **Words.** [`i18n`] and the macro [`t!`] give the texts of `locales/` in three languages. [`wording`] has those that a
//!   provider writes.
//! - **Other systems.** [`webhook`] says of which events they are told. [`call`] has the calls that an exchange reports. [`whatsapp`] has the
//!   rules of that channel.
//! - **Places and files.** [`country`], [`site`], [`provider`], [`display`], [`attachment`].
//!
//! [`choices!`] declares an enum of plain choices with codes and keys of names.

// A browser gets the texts of its language beside the program (`i18n::load`).
#[cfg(not(target_arch = "wasm32"))]
rust_i18n::i18n!("locales", fallback = "es");

#[macro_use]
mod choices;

pub mod actor;
pub mod attachment;
pub mod audit;
pub mod calendar;
pub mod call;
pub mod case;
pub mod case_number;
pub mod causes;
pub mod check_digits;
pub mod company;
pub mod contract_number;
pub mod country;
pub mod customer_profile;
pub mod display;
pub mod entitlement;
pub mod hex;
pub mod i18n;
pub mod identity_provider;
pub mod intake;
pub mod mail_address;
pub mod mail_allowance;
pub mod monitoring;
pub mod page;
pub mod passkey;
pub mod person_change;
pub mod phone;
pub mod priority;
pub mod proof;
pub mod provider;
mod questionnaire;
pub mod register;
mod report;
pub mod reports;
pub mod search;
pub mod serial;
pub mod site;
pub mod sla_plan;
pub mod survey;
pub mod text;
pub mod time;
pub mod view;
pub mod waiting_reasons;
pub mod webhook;
pub mod whatsapp;
pub mod wording;
pub mod workforce;
