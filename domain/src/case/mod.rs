//! A case is its history: `decide` turns a wish into events or a refusal, `evolve` folds events into the case, and
//! everything else (state, clocks, explanations) is derived from that fold.

mod alarms;
mod amendment;
mod clocks;
mod closing;
mod command;
mod decide;
mod event;
mod evolve;
mod holding;
pub mod invariants;
mod links;
mod missed;
mod rank;
mod revision;
mod settled;
mod talk;
mod track;
pub mod visit;
mod wait_overlap;
mod warning;
mod withdrawal;

pub use amendment::{
    AMENDMENTS_PER_HOUR, AmendField, AmendForm, AmendProblems, Amendment, Change, report_at,
};
pub use clocks::{AT_RISK_PERCENT, Clock, ClockState, Explained, Reading, Run, WhyNot};
pub use closing::{ClosingReport, End, Kept, Measured};
pub use command::Command;
pub use decide::{MAX_PAUSE_S, Refusal, decide};
pub use event::{
    AttemptOutcome, Audience, Author, Category, Channel, CloseReason, Contact, Event, HoursKept, Opening,
    Origin, PauseReason, Recorded, ReopenCause, Report, ResumeCause, Verdict,
};
pub use evolve::{Case, Closed, HistoryProblem, Pause, Status};
pub use holding::{Holder, HoldingCommand, HoldingEvent, HoldingRefusal};
pub use links::{Link, LinkCommand, LinkEvent, LinkKind, LinkRefusal, Organisation, Other, mirrored};
pub use missed::MissedPromise;
pub use rank::{Band, Rank};
pub use revision::{
    Correction, Cover, RevisionCommand, RevisionEvent, RevisionRefusal, Standing, TAKE_BACK_S, TakeBack,
    Weight,
};
pub use settled::{Milestone, Outcome, Settled, Step, milestones};
pub use talk::{MAX_COMMITMENT_S, MESSAGES_PER_HOUR, TalkCommand, TalkEvent, TalkRefusal, Unheard};
pub use track::{Breach, StoodUnder, Track};
pub use wait_overlap::{Answered, WaitOverlap, wait_overlaps};
pub use warning::{GATHER_S, InCharge, PATIENCE_S, SUPERVISED_FROM, acted_since, unheeded};
pub use withdrawal::{AskedBy, Withdrawal, WithdrawalCommand, Withdrawn};
