//! Visits (letter, step 6), by agreement only. The desk offers windows, and the customer answers. The technician comes,
//! works, and leaves with the customer's conformity.

mod booking;
mod decide;
mod event;
mod evolve;
mod late;
mod no_show;
mod refusal;
mod state;
mod values;

pub use booking::{
    Booking, Clash, ClashKind, Conflicts, Held, absence_message, absences_in, clashes, clashing_among,
};
pub(super) use decide::{decide, overrule};
pub use event::{MoveTo, VisitCommand, VisitEvent};
pub use late::solution_due_before;
pub use refusal::{MAX_AHEAD_S, VisitRefusal};
pub use state::{Appointment, Stage, Visit, VisitDone, Visits};
pub use values::{
    AnswerSource, Conformity, CustomerStatement, Meeting, NoShowReason, Part, Side, Signature,
    SignatureProblem, Technician, TooManyParts, VisitAnswer, VisitId, Windows, WindowsProblem, WorkReport,
};
