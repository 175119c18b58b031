//! Teams, working hours and absences of the staff, and who is at work.
//!
//! Rules are those of [`domain::workforce`]. Teams are set by [`crate::settings`]; this room stores them and reads those in
//! force. [`Roster`] holds everything that assignments and warnings ask.

mod absences;
mod roster;
mod teams;
mod working_hours;

pub use absences::{AbsenceError, AbsenceView, absences, add_absence, remove_absence};
pub(crate) use absences::{KEPT_DAYS, absent_spans};
pub(crate) use roster::Roster;
pub use roster::{presence_of, presences};
pub(crate) use teams::put_team;
pub use teams::{TeamOf, all_teams, teams_of};
pub use working_hours::{WorkingHoursView, calendar_names, set_working_hours, working_hours};
