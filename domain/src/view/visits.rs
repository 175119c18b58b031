//! What is shown of visits: the page behind a link, the agenda, and who is held when.

use serde::{Deserialize, Serialize};

use crate::calendar::ZoneView;
use crate::case::Contact;
use crate::case::visit::{Booking, Clash, Side, Visit};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::priority::Priority;
use crate::site::{Site, Travel, Whereabouts};
use crate::text::{FaultDescription, Location};
use crate::time::Instant;

/// The page behind the link of a visit: what its holder needs to answer, and nothing else of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPage {
    /// Of which case.
    pub number: CaseNumber,
    /// What the link still does.
    pub state: LinkState,
    /// The local time of the site.
    pub zone: ZoneView,
    /// The server's time.
    pub now: Instant,
}

/// What the link of a visit still does. Visits in it name nobody who gave their word, and hold neither report nor files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// The link takes an answer: the visit as it is offered or agreed.
    Open(Visit),
    /// It was answered, or something else took its place: the visit as it stands.
    Answered(Visit),
    /// The visit is over: there is nothing to answer any more.
    Over(VisitOver),
    /// Its time is over.
    Expired,
}

/// How a visit came to its end, as far as the holder of its link is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOver {
    /// The work was done, or as far as it could be.
    Done {
        /// When the work ended.
        at: Instant,
    },
    /// One side was not there.
    Missed {
        /// The side that was not there: the desk or the customer.
        by: Side,
    },
    /// It was called off.
    CalledOff,
}

/// The visits of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    /// Changes with a higher number of the desk's sequence are not in it yet.
    pub seq: i64,
    /// The server's time.
    pub now: Instant,
    /// The visits, in order of time.
    pub entries: Vec<AgendaEntry>,
}

/// A visit in an agenda, with what one needs on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaEntry {
    /// Of which case.
    pub number: CaseNumber,
    /// How many entries the case's history has.
    pub version: u32,
    /// The order of work.
    pub priority: Priority,
    /// The visit as its history tells it.
    pub visit: Visit,
    /// Whom to meet.
    pub contact: Contact,
    /// Country of the site.
    pub country: Country,
    /// Where, in the customer's words.
    pub location: Location,
    /// Where, as registered.
    pub site: Option<Site>,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// What is wrong.
    pub fault: FaultDescription,
    /// Maker and model of the equipment as registered, else its serial.
    pub equipment: String,
    /// The serial of the equipment.
    pub serial: String,
    /// The local time of the site.
    pub zone: ZoneView,
    /// What stands against it: other visits of the same technician, at the same time or too close to it.
    pub clashes: Vec<Clash>,
}

/// Bookings of all technicians, for choosing one for a case's visit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Booked {
    /// Where the case is.
    pub place: Whereabouts,
    /// From now on.
    pub bookings: Vec<Booking>,
    /// How long ways take.
    pub travel: Travel,
}
