//! Rules and oracles of the domain. One program, so that they are linked once.

mod bookings;
mod case;
mod case_attention;
mod case_breaches;
mod case_calendars;
mod case_clocks;
mod case_closing;
mod case_history;
mod case_invariants;
mod case_links;
mod case_sla_records;
mod case_undo;
mod case_visits;
mod check_digits;
mod default_terms;
mod golden;
mod holidays;
mod identity_providers;
mod phones;
mod policy;
mod regional_words;
mod serials;
mod sla_vectors;
mod survey;
mod time_zones;
mod words;
