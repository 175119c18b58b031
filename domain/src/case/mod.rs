//! A case is its history: `decide` turns a wish into events or a refusal, `evolve` folds events into the case, and
//! everything else (state, clocks, explanations) is derived from that fold.

mod amendment;
mod assignment;
mod breached;
mod closing;
mod command;
mod decide;
mod event;
mod evolve;
pub mod invariants;
mod links;
mod message;
mod next_run;
mod rank;
mod revision;
mod sla_clock;
mod sla_record;
mod termination;
mod timer;
pub mod visit;
mod wait_overlap;
mod warning;

pub use amendment::{
    AMENDMENTS_PER_HOUR, AmendField, AmendForm, AmendProblems, Amendment, Change, report_at,
};
pub use assignment::{Assignee, AssignmentCommand, AssignmentEvent, AssignmentRefusal};
pub use breached::BreachedTarget;
pub use closing::{ClosingReport, End, Measured, SlaResult};
pub use command::Command;
pub use decide::{MAX_PAUSE_S, Refusal, decide};
pub use event::{
    AttemptOutcome, Audience, Author, Category, Channel, CloseReason, Contact, Event, Opening, Origin,
    PauseReason, Recorded, ReopenCause, Report, ResumeCause, ServiceHoursRef, Verdict,
};
pub use evolve::{Case, Closed, HistoryProblem, Pause, Status};
pub use links::{Link, LinkCommand, LinkEvent, LinkKind, LinkRefusal, Organisation, Other, mirrored};
pub use message::{
    MAX_COMMITMENT_S, MESSAGES_PER_HOUR, MessageCommand, MessageEvent, MessageRefusal, UnansweredMessages,
};
pub use rank::{Band, Rank};
pub use revision::{
    ContractRef, Correction, PriorityInputs, ResolvedContract, RevisionCommand, RevisionEvent,
    RevisionRefusal, UNDO_S, UndoableContact,
};
pub use sla_clock::{AT_RISK_PERCENT, ClockState, Explained, SlaClock, SlaStatus, TimerState, WhyNot};
pub use sla_record::{SlaCompliance, SlaRecord, Transition, TransitionKind, transitions};
pub use termination::{AskedBy, Termination, TerminationCommand, TerminationRecord};
pub use timer::{Breach, SlaTimer, StoodUnder};
pub use wait_overlap::{Answered, WaitOverlap, wait_overlaps};
pub use warning::{GATHER_S, InCharge, PATIENCE_S, SUPERVISED_FROM, acted_since, unheeded};
