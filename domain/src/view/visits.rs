//! Visits as pages show them: the page of a link, the agenda, and bookings.

use serde::{Deserialize, Serialize};

use crate::actor::PersonId;
use crate::calendar::ZoneView;
use crate::case::Contact;
use crate::case::visit::{Booking, Clash, Side, Visit};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::priority::Priority;
use crate::site::{Site, Travel, Whereabouts};
use crate::text::{FaultDescription, Location};
use crate::time::{Instant, Span};

/// The page of a visit's link: what the customer needs to answer, and nothing else of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPage {
    /// Number of the case.
    pub number: CaseNumber,
    /// State of the link.
    pub state: LinkState,
    /// The local time of the site.
    pub zone: ZoneView,
    /// The server's time.
    pub now: Instant,
}

/// State of a visit's link. Its visit lacks the customer's statements, the work report and the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// The visit is offered or agreed, and the link accepts an answer.
    Open(Visit),
    /// The offer was answered or replaced.
    Answered(Visit),
    /// The visit is over.
    Over(VisitOver),
    /// The link has expired.
    Expired,
}

/// How a visit ended, for the holder of its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOver {
    /// The work ended, whether complete or not.
    Done {
        /// When the work ended.
        at: Instant,
    },
    /// One side did not appear.
    Missed {
        /// The absent side.
        by: Side,
    },
    /// The visit was called off.
    CalledOff,
}

/// The visits of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    /// The sequence number up to which changes are included.
    pub seq: i64,
    /// The server's time.
    pub now: Instant,
    /// The visits, in order of time.
    pub entries: Vec<AgendaEntry>,
}

/// A visit in an agenda, with what the technician needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaEntry {
    /// Number of the case.
    pub number: CaseNumber,
    /// Number of entries in the case's history.
    pub version: u32,
    /// Priority of the case.
    pub priority: Priority,
    /// The visit.
    pub visit: Visit,
    /// The contact to meet.
    pub contact: Contact,
    /// Country of the site.
    pub country: Country,
    /// The location in the customer's words.
    pub location: Location,
    /// The site as registered.
    pub site: Option<Site>,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Description of the fault.
    pub fault: FaultDescription,
    /// Maker and model of the equipment as registered, else its serial.
    pub equipment: String,
    /// The serial of the equipment.
    pub serial: String,
    /// The local time of the site.
    pub zone: ZoneView,
    /// Clashes with other visits of the same technician.
    pub clashes: Vec<Clash>,
    /// Absences of the technician that meet the visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<Span>,
}

/// Bookings of all technicians, for the choice of one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Booked {
    /// Place of the case.
    pub place: Whereabouts,
    /// Bookings from now on.
    pub bookings: Vec<Booking>,
    /// Travel times.
    pub travel: Travel,
    /// Absences of the technicians that are not over, in UTC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<(PersonId, Span)>,
}
