//! The workforce: teams, working hours, absences, and who is at work at an instant.
//!
//! Everything here is pure. The server lays working hours and absences out in the person's zone ([`Schedule`]); the rule
//! [`Schedule::availability`] then says whether a person is at work.

mod absence;
mod candidate;
mod schedule;
mod team;
#[cfg(feature = "zones")]
mod working_hours;

pub use absence::{
    ABSENCE_DAYS_MAX, Absence, AbsenceId, AbsenceKind, AbsencePeriod, AbsenceProblem, NOTE_CHARS_MAX,
};
pub use candidate::{Candidate, in_order, suggested};
pub use schedule::{Availability, Presence, Schedule};
pub use team::{MEMBERS_MAX, Team, TeamId, TeamName, TeamProblem, TeamState};
#[cfg(feature = "zones")]
pub use working_hours::{WorkWeek, WorkingHours};
