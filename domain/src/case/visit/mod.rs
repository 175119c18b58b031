//! Visits (letter, step 6): only by agreement. Windows are offered, the customer answers, a technician comes, works and
//! leaves with the customer's word on it.

mod decide;
mod event;
mod late;
mod state;
mod values;

pub(super) use decide::decide;
pub use decide::{MAX_AHEAD_S, VisitRefusal};
pub use event::{MoveTo, VisitCommand, VisitEvent};
pub use late::solution_due_before;
pub use state::{Appointment, Stage, Visit, VisitDone, Visits};
pub use values::{
    Conformity, Given, Meeting, Part, Side, Signature, SignatureProblem, Technician, TooManyParts,
    VisitAnswer, VisitId, Windows, WindowsProblem, Word, WorkReport,
};
