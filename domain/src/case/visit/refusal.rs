//! Refusals of commands about visits.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::booking::Clash;
use super::values::WindowsProblem;
use crate::attachment::MOST_FILES;
use crate::i18n::Language;
use crate::t;

/// The furthest end of a window, in seconds from now: 60 days.
pub const MAX_AHEAD_S: i64 = 60 * 24 * 3600;

/// Why a command about a visit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitRefusal {
    /// No visit is under way: offer one first.
    #[error("no visit is under way")]
    NoVisit,
    /// The offer was answered or replaced meanwhile: read the case again.
    #[error("the offer is no longer the latest")]
    NotCurrent,
    /// No offer waits for an answer.
    #[error("no offer waits for an answer")]
    NothingOffered,
    /// The window is none of those offered or proposed.
    #[error("the window was not named")]
    NotNamed,
    /// A window must begin in the future.
    #[error("a window has begun already")]
    InThePast,
    /// A window ends after [`MAX_AHEAD_S`].
    #[error("a window is more than {} days ahead", MAX_AHEAD_S / 86_400)]
    TooFarAhead,
    /// A time is agreed: move the visit instead.
    #[error("a time is agreed")]
    AlreadyAgreed,
    /// No time is agreed with the customer.
    #[error("no time is agreed")]
    NotAgreed,
    /// The technician is on site already.
    #[error("the technician is on site")]
    OnSite,
    /// The arrival must be recorded first.
    #[error("nobody has arrived")]
    NotArrived,
    /// The beginning of the work must be recorded first.
    #[error("the work has not begun")]
    NotStarted,
    /// The agreed window has not begun, so no side is absent yet.
    #[error("the agreed window has not begun")]
    WindowNotBegun,
    /// The agreed window is not over, so the technician may still come.
    #[error("the agreed window is not over")]
    WindowNotOver,
    /// The visit is another technician's.
    #[error("the visit is another technician's")]
    OtherTechnician,
    /// No active technician has that id.
    #[error("there is no such technician")]
    NoSuchTechnician,
    /// The windows break a rule of windows.
    #[error(transparent)]
    Window(#[from] WindowsProblem),
    /// That technician has the visit already.
    #[error("the visit is that technician's already")]
    SameTechnician,
    /// The visit has the most files that a visit can have.
    #[error("the visit has {MOST_FILES} files")]
    TooManyFiles,
    /// The visit has a file with the same bytes.
    #[error("the file is there already")]
    SameFile,
    /// The visit has no such file.
    #[error("there is no such file")]
    NoSuchFile,
    /// A visit is under way: end it or call it off first.
    #[error("a visit is under way")]
    UnderWay,
    /// The customer has not been contacted yet (letter, step 5), and visits are by agreement only (step 6).
    #[error("no contact is logged")]
    ContactFirst,
    /// The technician is booked for another visit then, or too close to it.
    #[error("the technician is held by {}", .0.number)]
    Booked(Clash),
    /// The technician is absent then.
    #[error("the technician is absent")]
    Absent,
    /// The latest visit has no no-show, or it is too late to undo it.
    #[error("no missed visit can be taken back")]
    #[serde(rename = "no_miss_to_take_back")]
    NoMissToUndo,
    /// There is no arrival to undo, or something builds on it.
    #[error("no arrival can be taken back")]
    #[serde(rename = "nothing_to_take_back")]
    NothingToUndo,
}

impl VisitRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let key = match self {
            Self::NoVisit => "visit.refusal.no_visit",
            Self::NotCurrent => "visit.refusal.not_current",
            Self::NothingOffered => "visit.refusal.nothing_offered",
            Self::NotNamed => "visit.refusal.not_named",
            Self::InThePast => "visit.refusal.in_the_past",
            Self::TooFarAhead => {
                return t!(language, "visit.refusal.too_far_ahead", days = MAX_AHEAD_S / 86_400);
            }
            Self::AlreadyAgreed => "visit.refusal.already_agreed",
            Self::NotAgreed => "visit.refusal.not_agreed",
            Self::OnSite => "visit.refusal.on_site",
            Self::NotArrived => "visit.refusal.not_arrived",
            Self::NotStarted => "visit.refusal.not_started",
            Self::WindowNotBegun => "visit.refusal.window_not_begun",
            Self::WindowNotOver => "visit.refusal.window_not_over",
            Self::NoMissToUndo => "visit.refusal.no_miss_to_take_back",
            Self::OtherTechnician => "visit.refusal.other_technician",
            Self::NoSuchTechnician => "visit.refusal.no_such_technician",
            Self::UnderWay => "visit.refusal.under_way",
            Self::ContactFirst => "visit.refusal.contact_first",
            Self::Absent => "visit.refusal.absent",
            Self::NothingToUndo => "visit.refusal.nothing_to_take_back",
            Self::Booked(clash) => return clash.refusal(language),
            Self::Window(problem) => return problem.message(language),
            Self::SameTechnician => "visit.refusal.same_technician",
            Self::TooManyFiles => return t!(language, "file.problem.too_many", most = MOST_FILES),
            Self::SameFile => "file.problem.same",
            Self::NoSuchFile => "file.problem.gone",
        };
        t!(language, key).into_owned()
    }
}
