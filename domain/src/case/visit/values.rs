//! What a visit is told in: windows, who agreed and how, the report of the work, and the customer's conformity.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::event::Channel;
use crate::actor::PersonId;
use crate::i18n::Language;
use crate::t;
use crate::text::{Note, PersonName, Reason};
use crate::time::{Instant, Span};

/// Tells the visits of a case apart: 1 for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitId(pub u32);

/// Why some windows are no offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowsProblem {
    /// There is none.
    #[error("no window is named")]
    Empty,
    /// There are more than anybody wants to choose from.
    #[error("more than {} windows", Windows::MOST)]
    TooMany,
    /// One ends before it begins, or leaves no time to arrive.
    #[error("a window is shorter than {} minutes", Windows::SHORTEST_S / 60)]
    TooShort,
    /// One keeps the customer waiting for longer than a day's work.
    #[error("a window is longer than {} hours", Windows::LONGEST_S / 3600)]
    TooLong,
    /// Two have time in common.
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

/// One to three stretches of time in which a technician could arrive: in order, apart, none too short or too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Span>", into = "Vec<Span>")]
pub struct Windows(Vec<Span>);

impl Windows {
    /// Most windows of one offer.
    pub const MOST: usize = 3;
    /// Shortest window: half an hour.
    pub const SHORTEST_S: i64 = 1800;
    /// Longest window: twelve hours.
    pub const LONGEST_S: i64 = 12 * 3600;

    /// Puts the windows in order and checks them.
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

    /// The windows, the earliest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Whether `window` is one of them.
    #[must_use]
    pub fn holds(&self, window: Span) -> bool {
        self.0.contains(&window)
    }

    /// When the first begins.
    #[must_use]
    pub fn begin(&self) -> Instant {
        self.0.first().map_or(Instant::FAR, |window| window.from)
    }

    /// When the last is over.
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
    /// On whose account something came about.
    pub enum Side: "visit_side" {
        /// The desk's own.
        Us = "us",
        /// It is on the customer's account.
        Customer = "customer",
    }
}

choices! {
    /// Why nobody received the technician.
    pub enum NoShowReason: "no_show_reason" {
        /// Nobody answers the door.
        NobodyOpens = "nobody_opens",
        /// The person in charge is not there.
        ContactAbsent = "contact_absent",
        /// The technician is not let in.
        NoAccess = "no_access",
        /// The site is closed.
        SiteClosed = "site_closed",
    }
}

/// Who goes, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technician {
    /// Identifies the technician among the staff.
    pub id: PersonId,
    /// Name of the technician when the visit was arranged.
    pub name: String,
}

/// When, and who goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// When the technician arrives.
    pub window: Span,
    /// The technician who goes to the site.
    pub technician: Technician,
}

/// The customer's word as somebody of the staff heard it; the entry that holds it says when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerStatement {
    /// Who gave it.
    pub who: PersonName,
    /// The channel by which the customer gave it.
    pub channel: Channel,
}

/// What the customer says to an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitAnswer {
    /// One of the windows is right.
    Accept {
        /// The window that suits; one of those offered.
        window: Span,
    },
    /// Other windows would be right.
    Propose {
        /// The windows that would suit instead, in order.
        windows: Windows,
        /// In their words.
        note: Option<Note>,
    },
    /// No visit is wanted, or the agreed one no longer.
    Decline {
        /// In their words.
        note: Option<Note>,
    },
}

/// How an answer reached the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// By the customer themselves, on the page of an offer.
    ByLink {
        /// The revision of the visit that they had before their eyes.
        revision: u32,
    },
    /// To somebody of the staff, who wrote it down.
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

/// How many of what was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// How many; at least one.
    pub quantity: std::num::NonZeroU16,
    /// What, on one line.
    pub name: Reason,
}

/// What was done on site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WorkReportDraft")]
pub struct WorkReport {
    /// In the technician's words.
    pub text: Note,
    /// What was used.
    parts: Vec<Part>,
}

/// The written shape of a work report, not yet checked.
#[derive(Deserialize)]
struct WorkReportDraft {
    text: Note,
    parts: Vec<Part>,
}

/// More lines than a report can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("more than {} lines of parts", WorkReport::MOST_PARTS)]
pub struct TooManyParts;

impl WorkReport {
    /// Most lines of parts.
    pub const MOST_PARTS: usize = 40;

    /// A report with the parts that were used.
    ///
    /// # Errors
    /// [`TooManyParts`].
    pub fn new(text: Note, parts: Vec<Part>) -> Result<Self, TooManyParts> {
        if parts.len() > Self::MOST_PARTS { Err(TooManyParts) } else { Ok(Self { text, parts }) }
    }

    /// What was used, line by line.
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

/// What the customer says of the work before the technician leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conformity {
    /// They signed for it.
    Signed {
        /// Full name of the person who signed at the site.
        name: PersonName,
        /// As they drew it.
        signature: Signature,
    },
    /// There is no signature.
    Unsigned {
        /// Why nobody signed, as the technician wrote it.
        reason: Note,
    },
}

/// Why a drawing is no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureProblem {
    /// There is hardly a line.
    #[error("nothing is drawn")]
    Empty,
    /// There are more points than a hand draws.
    #[error("more than {} points", Signature::MOST_POINTS)]
    TooLong,
    /// A point lies beside the paper.
    #[error("a point lies outside")]
    Outside,
}

/// A signature as strokes of points on a paper of 600 by 200. Numbers alone, so that nothing but a line can come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<(u16, u16)>>", into = "Vec<Vec<(u16, u16)>>")]
pub struct Signature(Vec<Vec<(u16, u16)>>);

impl Signature {
    /// Width of the paper.
    pub const WIDTH: u16 = 600;
    /// Height of the paper.
    pub const HEIGHT: u16 = 200;
    /// Most points of all strokes together.
    pub const MOST_POINTS: usize = 3000;
    /// Fewest: a single tap is no signature.
    pub const FEWEST_POINTS: usize = 4;

    /// Checks and takes the strokes.
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
