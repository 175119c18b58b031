//! The row of a case as lists and walls read it.

use domain::actor::PersonId;
use domain::calendar::week::CalendarId;
use domain::case::{Assignee, ServiceHoursRef, Status};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::priority::{Platform, Priority};
use domain::time::Instant;
use domain::view::{CaseBadge, CaseRow};

use crate::store::{StoreError, row};

/// The columns of a [`CaseRecord`].
macro_rules! case_columns {
    () => {
        "number, version, seq, country, status, priority, coverage, customer, platform, equipment, place, opened_utc_s,
         calendar_id, calendar_version, zone, clocks, holder_id, holder_name, unanswered_utc_s"
    };
}
pub(crate) use case_columns;

row! {
    pub(crate) struct CaseRecord {
        number: String,
        version: i64,
        pub(crate) seq: i64,
        country: String,
        status: String,
        priority: String,
        coverage: String,
        customer: String,
        platform: String,
        equipment: String,
        place: String,
        opened_utc_s: i64,
        calendar_id: i64,
        calendar_version: i64,
        zone: String,
        clocks: String,
        holder_id: i64,
        holder_name: String,
        unanswered_utc_s: Option<i64>,
    }
}

impl TryFrom<CaseRecord> for CaseRow {
    type Error = StoreError;

    fn try_from(record: CaseRecord) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("cases", format!("{}: {what}", record.number));
        let assignee = (record.holder_id != 0)
            .then(|| Assignee { id: PersonId(record.holder_id), name: record.holder_name.clone() });
        Ok(Self {
            number: CaseNumber::parse(&record.number).map_err(|_| wrong("number"))?,
            version: u32::try_from(record.version).map_err(|_| wrong("version"))?,
            country: Country::from_code(&record.country).ok_or_else(|| wrong("country"))?,
            status: Status::from_code(&record.status).ok_or_else(|| wrong("status"))?,
            priority: Priority::from_code(&record.priority).ok_or_else(|| wrong("priority"))?,
            coverage: coverage(&record.coverage).ok_or_else(|| wrong("coverage"))?,
            platform: Platform::from_code(&record.platform).ok_or_else(|| wrong("platform"))?,
            opened_at: Instant(record.opened_utc_s),
            hours: ServiceHoursRef {
                calendar: CalendarId(record.calendar_id),
                version: u32::try_from(record.calendar_version).map_err(|_| wrong("calendar_version"))?,
                zone: record.zone.clone(),
            },
            clocks: serde_json::from_str(&record.clocks).map_err(|_| wrong("clocks"))?,
            customer: record.customer,
            equipment: record.equipment,
            place: record.place,
            mark: CaseBadge { assignee, unanswered: record.unanswered_utc_s.map(Instant) },
        })
    }
}

fn coverage(code: &str) -> Option<Entitlement> {
    let doubts = [
        ValidationReason::NoContract,
        ValidationReason::UnknownContract,
        ValidationReason::NotYetInForce,
        ValidationReason::Expired,
        ValidationReason::UnknownSerial,
        ValidationReason::SerialNotCovered,
    ];
    let all = doubts.into_iter().map(Entitlement::NeedsValidation).chain([Entitlement::Covered]);
    all.into_iter().find(|coverage| coverage.code() == code)
}
