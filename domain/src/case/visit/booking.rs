//! Booked windows of technicians and their clashes: overlaps, and too little time to travel between sites.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::event::{MoveTo, VisitCommand};
use super::state::{Stage, Visit};
use super::values::Meeting;
use crate::actor::PersonId;
use crate::case::evolve::Case;
use crate::case_number::CaseNumber;
use crate::i18n::Language;
use crate::site::{Travel, Whereabouts};
use crate::t;
use crate::time::Span;

/// Why a technician is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// An agreement, or work on site.
    Agreed,
    /// An offer that the customer may still accept.
    Offered,
}

/// The windows for which a visit books its technician.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Number of the case.
    pub number: CaseNumber,
    /// The booked technician.
    pub technician: PersonId,
    /// The booked windows, in order.
    pub windows: Vec<Span>,
    /// Whether the visit is agreed or only offered.
    pub held: Held,
    /// Site or city of the visit, as far as known.
    pub place: Whereabouts,
}

/// How two windows clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClashKind {
    /// They overlap.
    Overlap,
    /// The gap between them is shorter than the travel time.
    TooTight {
        /// The gap in minutes.
        gap_min: u32,
        /// Travel time between the sites in minutes.
        travel_min: u32,
    },
}

/// A window that clashes with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// Number of the other case.
    pub number: CaseNumber,
    /// The other window.
    pub window: Span,
    /// Whether the other visit is agreed or only offered.
    pub held: Held,
    /// Whether the two overlap, or leave too little time to travel.
    pub kind: ClashKind,
}

impl Clash {
    /// The clash in words; `shown` is the other window in the site's time.
    #[must_use]
    pub fn message(&self, language: Language, shown: &str) -> String {
        let held = match self.held {
            Held::Agreed => "visit.clash.agreed",
            Held::Offered => "visit.clash.offered",
        };
        let (number, held) = (self.number.grouped(), t!(language, held));
        match self.kind {
            ClashKind::Overlap => {
                t!(language, "visit.clash.overlap", number = number, held = held, window = shown)
            }
            ClashKind::TooTight { gap_min, travel_min } => t!(
                language,
                "visit.clash.too_tight",
                number = number,
                held = held,
                window = shown,
                gap = gap_min,
                travel = travel_min
            ),
        }
    }
}

impl Clash {
    /// The refusal of a booking without a reason, and what to do.
    pub(super) fn refusal(&self, language: Language) -> String {
        let number = self.number.grouped();
        match self.kind {
            ClashKind::Overlap => t!(language, "visit.refusal.booked", number = number),
            ClashKind::TooTight { gap_min, travel_min } => {
                t!(language, "visit.refusal.too_tight", number = number, gap = gap_min, travel = travel_min)
            }
        }
    }
}

/// What speaks against booking a technician: clashes with other visits, and absences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conflicts {
    /// Windows that clash with those of other visits.
    pub clashes: Vec<Clash>,
    /// Absences of the technician that meet a window.
    pub absences: Vec<Span>,
}

impl Conflicts {
    /// Whether nothing speaks against the booking.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clashes.is_empty() && self.absences.is_empty()
    }

    /// Each conflict in words; `shown` gives a window in the site's time.
    pub fn messages(&self, language: Language, shown: impl Fn(Span) -> String) -> Vec<String> {
        let absent = self.absences.iter().map(|span| absence_message(language, &shown(*span)));
        let clashes = self.clashes.iter().map(|clash| clash.message(language, &shown(clash.window)));
        absent.chain(clashes).collect()
    }
}

/// An absence of a technician in words; `shown` is it in the site's time.
#[must_use]
pub fn absence_message(language: Language, shown: &str) -> String {
    t!(language, "visit.clash.absent", window = shown)
}

/// The absences of `technician` that meet one of the windows, in order.
#[must_use]
pub fn absences_in(technician: PersonId, windows: &[Span], absences: &[(PersonId, Span)]) -> Vec<Span> {
    let theirs = absences.iter().filter(|(person, _)| *person == technician).map(|(_, span)| *span);
    theirs.filter(|span| windows.iter().any(|window| !window.intersect(*span).is_empty())).collect()
}

/// All clashes of booking `technician` in `windows` at `place`. Visits of the case `of` itself do not clash.
#[must_use]
pub fn clashes(
    of: CaseNumber,
    technician: PersonId,
    windows: &[Span],
    place: &Whereabouts,
    bookings: &[Booking],
    travel: &Travel,
) -> Vec<Clash> {
    let others = bookings.iter().filter(|other| other.number != of && other.technician == technician);
    let mut found: Vec<Clash> = others
        .flat_map(|other| {
            let travel_min = travel.minutes(place, &other.place);
            other.windows.iter().filter_map(move |&window| {
                let kind = windows.iter().find_map(|mine| clash(*mine, window, travel_min))?;
                Some(Clash { number: other.number, window, held: other.held, kind })
            })
        })
        .collect();
    found.sort_by_key(|clash| (clash.window, clash.number.as_compact()));
    found
}

/// The cases among `bookings` that clash with another of them, in order.
#[must_use]
pub fn clashing_among(bookings: &[Booking], travel: &Travel) -> Vec<CaseNumber> {
    let mut by_technician: BTreeMap<PersonId, Vec<&Booking>> = BTreeMap::new();
    for booking in bookings {
        by_technician.entry(booking.technician).or_default().push(booking);
    }
    let mut found = BTreeSet::new();
    for theirs in by_technician.values() {
        for (place, mine) in theirs.iter().enumerate() {
            for other in theirs[..place].iter().filter(|other| other.number != mine.number) {
                let travel_min = travel.minutes(&mine.place, &other.place);
                let mut pairs = mine.windows.iter().flat_map(|a| other.windows.iter().map(move |b| (*a, *b)));
                if pairs.any(|(a, b)| clash(a, b, travel_min).is_some()) {
                    found.extend([mine.number, other.number]);
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The clash of two windows, if there is one.
fn clash(mine: Span, other: Span, travel_min: u32) -> Option<ClashKind> {
    let gap_s = other.from.since(mine.to).max(mine.from.since(other.to));
    if gap_s < 0 {
        return Some(ClashKind::Overlap);
    }
    let gap_min = u32::try_from(gap_s / 60).unwrap_or(u32::MAX);
    (gap_s < i64::from(travel_min) * 60).then_some(ClashKind::TooTight { gap_min, travel_min })
}

impl Visit {
    /// The windows for which the visit books its technician; `None` once it is over. Windows that the customer proposed
    /// book nobody.
    #[must_use]
    pub fn holds(&self) -> Option<(Held, Vec<Span>)> {
        match &self.stage {
            Stage::Offered(windows) => Some((Held::Offered, windows.as_slice().to_vec())),
            Stage::Agreed(appointment)
            | Stage::OnSite { appointment, .. }
            | Stage::Working { appointment, .. } => Some((Held::Agreed, vec![appointment.window])),
            Stage::Proposed(_)
            | Stage::Declined
            | Stage::Ended(_)
            | Stage::Missed { .. }
            | Stage::CalledOff { .. } => None,
        }
    }
}

impl VisitCommand {
    /// The technician and windows that the command would book. Accepting an offer books no new window: its clashes were
    /// shown when it was made.
    #[must_use]
    pub fn books(&self, case: &Case) -> Option<(PersonId, Vec<Span>)> {
        let latest = case.visits().latest();
        match self {
            Self::Offer { windows, technician, .. }
            | Self::Move { technician, to: MoveTo::Offer(windows), .. } => {
                Some((technician.id, windows.as_slice().to_vec()))
            }
            Self::Agree { meeting: Meeting { window, technician }, .. }
            | Self::Move { technician, to: MoveTo::Agreed { window, .. }, .. } => {
                Some((technician.id, vec![*window]))
            }
            Self::Reassign { technician, .. } => Some((technician.id, vec![latest?.meeting()?.window])),
            Self::Confirm { window } => Some((latest?.technician.id, vec![*window])),
            Self::Answer { .. }
            | Self::Attach(_)
            | Self::Detach { .. }
            | Self::CallOff { .. }
            | Self::NoShow { .. }
            | Self::DidNotCome { .. }
            | Self::UndoMiss
            | Self::Arrive
            | Self::UndoArrival
            | Self::Start
            | Self::End { .. } => None,
        }
    }
}
