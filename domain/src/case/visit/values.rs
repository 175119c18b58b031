//! Values of visits: windows, technicians, statements, work reports and the customer's conformity.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::event::Channel;
use crate::actor::PersonId;
use crate::i18n::Language;
use crate::t;
use crate::text::{Note, PersonName, Reason};
use crate::time::{Instant, Span};

/// Id of a visit within its case, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitId(pub u32);

/// Why windows are no valid offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowsProblem {
    /// There is no window.
    #[error("no window is named")]
    Empty,
    /// There are more than [`Windows::MOST`].
    #[error("more than {} windows", Windows::MOST)]
    TooMany,
    /// A window is shorter than [`Windows::SHORTEST_S`].
    #[error("a window is shorter than {} minutes", Windows::SHORTEST_S / 60)]
    TooShort,
    /// A window is longer than [`Windows::LONGEST_S`].
    #[error("a window is longer than {} hours", Windows::LONGEST_S / 3600)]
    TooLong,
    /// Two windows overlap.
    #[error("two windows overlap")]
    Overlap,
}

impl WindowsProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "visit.windows.empty").into_owned(),
            Self::TooMany => t!(language, "visit.windows.too_many", most = Windows::MOST),
            Self::TooShort => t!(language, "visit.windows.too_short", minutes = Windows::SHORTEST_S / 60),
            Self::TooLong => t!(language, "visit.windows.too_long", hours = Windows::LONGEST_S / 3600),
            Self::Overlap => t!(language, "visit.windows.overlap").into_owned(),
        }
    }
}

/// One to three windows of arrival: in order, apart, none too short or too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Span>", into = "Vec<Span>")]
pub struct Windows(Vec<Span>);

impl Windows {
    /// The most windows of one offer.
    pub const MOST: usize = 3;
    /// The shortest window in seconds: half an hour.
    pub const SHORTEST_S: i64 = 1800;
    /// The longest window in seconds: twelve hours.
    pub const LONGEST_S: i64 = 12 * 3600;

    /// Sorts and checks the windows.
    ///
    /// # Errors
    /// See [`WindowsProblem`].
    pub fn new(mut windows: Vec<Span>) -> Result<Self, WindowsProblem> {
        windows.sort_unstable();
        match windows.len() {
            0 => return Err(WindowsProblem::Empty),
            1..=Self::MOST => {}
            _ => return Err(WindowsProblem::TooMany),
        }
        if windows.iter().any(|window| window.seconds() < Self::SHORTEST_S) {
            return Err(WindowsProblem::TooShort);
        }
        if windows.iter().any(|window| window.seconds() > Self::LONGEST_S) {
            return Err(WindowsProblem::TooLong);
        }
        if windows.windows(2).any(|pair| pair[1].from < pair[0].to) {
            return Err(WindowsProblem::Overlap);
        }
        Ok(Self(windows))
    }

    /// The windows, earliest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Whether `window` is one of them.
    #[must_use]
    pub fn holds(&self, window: Span) -> bool {
        self.0.contains(&window)
    }

    /// Beginning of the first window.
    #[must_use]
    pub fn begin(&self) -> Instant {
        self.0.first().map_or(Instant::FAR, |window| window.from)
    }

    /// End of the last window.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.0.last().map_or(Instant(0), |window| window.to)
    }
}

impl TryFrom<Vec<Span>> for Windows {
    type Error = WindowsProblem;

    fn try_from(windows: Vec<Span>) -> Result<Self, WindowsProblem> {
        Self::new(windows)
    }
}

impl From<Windows> for Vec<Span> {
    fn from(windows: Windows) -> Self {
        windows.0
    }
}

choices! {
    /// A side of a visit.
    pub enum Side: "visit_side" {
        /// The desk.
        Us = "us",
        /// The customer.
        Customer = "customer",
    }
}

choices! {
    /// Why the technician was not received.
    pub enum NoShowReason: "no_show_reason" {
        /// The door is not answered.
        NobodyOpens = "nobody_opens",
        /// The contact is absent.
        ContactAbsent = "contact_absent",
        /// Access is refused.
        NoAccess = "no_access",
        /// The site is closed.
        SiteClosed = "site_closed",
    }
}

/// The technician of a visit, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technician {
    /// Id among the staff.
    pub id: PersonId,
    /// Name of the technician when the visit was arranged.
    pub name: String,
}

/// Window and technician of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The window of the arrival.
    pub window: Span,
    /// The technician who goes to the site.
    pub technician: Technician,
}

/// The customer's statement as the staff recorded it. Its entry has the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerStatement {
    /// The person who gave it.
    pub who: PersonName,
    /// The channel by which it was given.
    pub channel: Channel,
}

/// The customer's answer to an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitAnswer {
    /// The customer accepts a window.
    Accept {
        /// The window, one of those offered.
        window: Span,
    },
    /// The customer proposes other windows.
    Propose {
        /// The proposed windows, in order.
        windows: Windows,
        /// The customer's words.
        note: Option<Note>,
    },
    /// The customer wants no visit, or no longer the agreed one.
    Decline {
        /// The customer's words.
        note: Option<Note>,
    },
}

/// How an answer reached the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// By the customer, on the page of the offer.
    ByLink {
        /// The revision of the visit that the page showed.
        revision: u32,
    },
    /// To a member of the staff, who recorded it.
    #[serde(rename = "told")]
    ByStaff(CustomerStatement),
}

impl AnswerSource {
    pub(super) fn word(self) -> Option<CustomerStatement> {
        match self {
            Self::ByLink { .. } => None,
            Self::ByStaff(word) => Some(word),
        }
    }
}

/// Parts of one kind that were used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Quantity, at least 1.
    pub quantity: std::num::NonZeroU16,
    /// Name on one line.
    pub name: Reason,
}

/// The work report of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WorkReportDraft")]
pub struct WorkReport {
    /// The technician's words.
    pub text: Note,
    /// The parts used.
    parts: Vec<Part>,
}

/// A work report as deserialised, not yet checked.
#[derive(Deserialize)]
struct WorkReportDraft {
    text: Note,
    parts: Vec<Part>,
}

/// The report has more than [`WorkReport::MOST_PARTS`] parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("more than {} lines of parts", WorkReport::MOST_PARTS)]
pub struct TooManyParts;

impl WorkReport {
    /// The most lines of parts.
    pub const MOST_PARTS: usize = 40;

    /// A report with the parts used.
    ///
    /// # Errors
    /// [`TooManyParts`].
    pub fn new(text: Note, parts: Vec<Part>) -> Result<Self, TooManyParts> {
        if parts.len() > Self::MOST_PARTS { Err(TooManyParts) } else { Ok(Self { text, parts }) }
    }

    /// The same quantities of parts, without what was written.
    pub(in crate::case) fn erased(self) -> Self {
        let erased = |part: Part| Part { name: Reason::erased(1), ..part };
        Self { text: Note::erased(1), parts: self.parts.into_iter().map(erased).collect() }
    }

    /// The parts used, line by line.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl TryFrom<WorkReportDraft> for WorkReport {
    type Error = TooManyParts;

    fn try_from(WorkReportDraft { text, parts }: WorkReportDraft) -> Result<Self, TooManyParts> {
        Self::new(text, parts)
    }
}

/// The customer's conformity with the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conformity {
    /// The customer signed.
    Signed {
        /// Full name of the person who signed.
        name: PersonName,
        /// The signature as drawn.
        signature: Signature,
    },
    /// The customer did not sign.
    Unsigned {
        /// Reason, in the technician's words.
        reason: Note,
    },
}

/// Why a drawing is no valid signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureProblem {
    /// It has fewer points than [`Signature::FEWEST_POINTS`].
    #[error("nothing is drawn")]
    Empty,
    /// It has more points than [`Signature::MOST_POINTS`].
    #[error("more than {} points", Signature::MOST_POINTS)]
    TooLong,
    /// A point lies outside the paper.
    #[error("a point lies outside")]
    Outside,
}

/// A signature as strokes of points on a paper of 600 by 200 units. Numbers alone, so that no markup can be injected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<(u16, u16)>>", into = "Vec<Vec<(u16, u16)>>")]
pub struct Signature(Vec<Vec<(u16, u16)>>);

impl Signature {
    /// Width of the paper in units.
    pub const WIDTH: u16 = 600;
    /// Height of the paper in units.
    pub const HEIGHT: u16 = 200;
    /// The most points of all strokes together.
    pub const MOST_POINTS: usize = 3000;
    /// The fewest points of all strokes together: a tap is no signature.
    pub const FEWEST_POINTS: usize = 4;

    /// Checks the strokes.
    ///
    /// # Errors
    /// See [`SignatureProblem`].
    pub fn new(strokes: Vec<Vec<(u16, u16)>>) -> Result<Self, SignatureProblem> {
        let points = strokes.iter().map(Vec::len).sum::<usize>();
        if points < Self::FEWEST_POINTS {
            return Err(SignatureProblem::Empty);
        }
        if points > Self::MOST_POINTS || strokes.len() > Self::MOST_POINTS {
            return Err(SignatureProblem::TooLong);
        }
        if strokes.iter().flatten().any(|(x, y)| *x > Self::WIDTH || *y > Self::HEIGHT) {
            return Err(SignatureProblem::Outside);
        }
        Ok(Self(strokes))
    }

    /// What stands for an erased signature: a straight line.
    pub(in crate::case) fn erased() -> Self {
        let middle = Self::HEIGHT / 2;
        Self(vec![[0, 1, 2, 3].map(|part| (part * Self::WIDTH / 3, middle)).to_vec()])
    }

    /// The strokes as the `d` of an SVG path.
    #[must_use]
    pub fn path(&self) -> String {
        let point = |(place, (x, y)): (usize, &(u16, u16))| {
            let command = if place == 0 { 'M' } else { 'L' };
            format!("{command}{x} {y}")
        };
        self.0.iter().flat_map(|stroke| stroke.iter().enumerate().map(point)).collect()
    }
}

impl TryFrom<Vec<Vec<(u16, u16)>>> for Signature {
    type Error = SignatureProblem;

    fn try_from(strokes: Vec<Vec<(u16, u16)>>) -> Result<Self, SignatureProblem> {
        Self::new(strokes)
    }
}

impl From<Signature> for Vec<Vec<(u16, u16)>> {
    fn from(signature: Signature) -> Self {
        signature.0
    }
}
