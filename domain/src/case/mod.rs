//! A case is its history. `decide` turns a command into events or a refusal. `evolve` folds events into the case.
//! Status, clocks and explanations are derived from that fold.
//!
//! ```
//! use domain::actor::{Actor, PersonId, Role, Staff};
//! use domain::calendar::week::CalendarId;
//! use domain::calendar::{ServiceHours, Spans, ZoneView};
//! use domain::case::{
//!     Author, Case, Channel, Command, Event, Opening, Origin, Recorded, Refusal, ServiceHoursRef, Status, decide,
//! };
//! use domain::case_number::CaseNumber;
//! use domain::country::Country;
//! use domain::entitlement::Entitlement;
//! use domain::i18n::Language;
//! use domain::intake::IntakeForm;
//! use domain::priority::Priority;
//! use domain::sla_plan::{SlaMetric, SlaPlan};
//! use domain::time::Instant;
//!
//! // What was agreed on the day of the opening is its first entry.
//! let form = IntakeForm {
//!     reporter: "María Fernanda Rojas".into(),
//!     contract: "CPS-VE-004213-58".into(),
//!     serial: "FOC0913A1B2".into(),
//!     platform: "network".into(),
//!     country: "VE".into(),
//!     location: "Torre Humboldt, piso 7".into(),
//!     contact_same: "yes".into(),
//!     contact_phone: "0412 555 0142".into(),
//!     contact_mail: "m.rojas@example.com".into(),
//!     fault: "No hay red en todo el piso desde las 13:05.".into(),
//!     severity: "high".into(),
//!     urgency: "high".into(),
//!     ..IntakeForm::default()
//! };
//! let opening = Opening {
//!     number: CaseNumber::new(Country::Ve, 2026, 4213).unwrap(),
//!     report: form.report().unwrap(),
//!     coverage: Entitlement::Covered,
//!     priority: Priority::P2,
//!     terms: SlaPlan::default(),
//!     hours: ServiceHoursRef { calendar: CalendarId(1), version: 1, zone: "America/Caracas".into() },
//!     language: Language::Es,
//!     previous_case: None,
//! };
//! let opened_at = Instant(1_795_435_200);
//! let entry = |version, at, by: &Actor, event| Recorded {
//!     version, at, by: Author::from(by), origin: Origin::Workspace, event,
//! };
//! let mut history = vec![entry(1, opened_at, &Actor::System, Event::Opened(Box::new(opening)))];
//! let mut case = Case::from_history(&history).unwrap();
//! assert_eq!(case.status(), Status::New);
//!
//! // An agent reaches the customer ten minutes later: the command becomes events, and the events change the case.
//! let zone = ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() };
//! let hours = ServiceHours { spans: Spans::always(), zone };
//! let agent = Actor::Staff(Staff { id: PersonId(7), name: "Luis".into(), role: Role::Agent, composed: None });
//! let now = opened_at.plus(600);
//! let log_contact = Command::LogContact { channel: Channel::Phone, note: None };
//! for event in decide(&case, log_contact, &agent, &hours, now).unwrap() {
//!     history.push(entry(case.version + 1, now, &agent, event));
//!     case.evolve(history.last().unwrap()).unwrap();
//! }
//! assert_eq!(case.status(), Status::InProgress);
//!
//! // The clock of the first response has stopped with what it used.
//! let clocks = case.clocks(&hours.spans, now.plus(3600));
//! let first_response = clocks.iter().find(|clock| clock.kind == SlaMetric::FirstResponse).unwrap();
//! assert_eq!(first_response.used_s, 600);
//!
//! // A command that breaks a rule is refused, and nothing happens.
//! let refused = decide(&case, Command::Reopen { said: "Otra vez.".to_owned().try_into().unwrap() }, &agent, &hours, now);
//! assert_eq!(refused, Err(Refusal::NotClosed));
//! ```

mod amendment;
mod assignment;
mod breached;
mod closing;
mod command;
mod decide;
mod erasure;
mod event;
mod evolve;
pub mod invariants;
mod links;
mod message;
mod next_run;
mod participant;
mod rank;
mod revision;
mod sla_clock;
mod sla_record;
mod termination;
mod timer;
mod tracking;
pub mod visit;
mod wait_overlap;
mod warning;
pub mod what_if;

pub use crate::report::{Contact, Report};
pub use amendment::{
    AMENDMENTS_PER_HOUR, AmendField, AmendForm, AmendProblems, Amendment, Change, report_at,
};
pub use assignment::{Assignee, AssignmentCommand, AssignmentEvent, AssignmentRefusal};
pub use breached::BreachedTarget;
pub use closing::{ClosingReport, End, Measured, SlaResult};
pub use command::Command;
pub use decide::{MAX_PAUSE_S, Refusal, decide};
pub use erasure::erased;
pub use event::{
    AttemptOutcome, Audience, Author, Category, Channel, CloseReason, ErasureReason, Event, Opening, Origin,
    PauseReason, Recorded, ReopenCause, ResumeCause, ServiceHoursRef, Verdict,
};
pub use evolve::{Case, Closed, HistoryProblem, Pause, Status};
pub use links::{Link, LinkCommand, LinkEvent, LinkKind, LinkRefusal, Organisation, Other, mirrored};
pub use message::{
    MAX_COMMITMENT_S, MESSAGES_PER_HOUR, MessageCommand, MessageEvent, MessageRefusal, UnansweredMessages,
};
pub use participant::{
    INVITATIONS_PER_HOUR, PARTICIPANTS_MOST, Participant, ParticipantCommand, ParticipantEvent,
    ParticipantRefusal,
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
pub use tracking::{Tracking, TrackingCommand, TrackingRefusal};
pub use wait_overlap::{Answered, WaitOverlap, wait_overlaps};
pub use warning::{AssigneePresence, GATHER_S, InCharge, PATIENCE_S, SUPERVISED_FROM, acted_since, unheeded};
