//! The row of a case for lists and walls.

use domain::actor::PersonId;
use domain::calendar::week::CalendarId;
use domain::case::{Assignee, Case, ServiceHoursRef, Status};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::priority::{Platform, Priority};
use domain::time::Instant;
use domain::view::{CaseBadge, CaseRow};

use crate::store::{Statement, StoreError, row};

/// A column that follows from the case's state. It is written with every entry, and checked against the history.
pub(crate) struct CurrentColumn {
    pub(crate) name: &'static str,
    pub(crate) bind: fn(Statement, &Case) -> Statement,
    /// The value as the database casts it to text; `None` for NULL.
    pub(crate) as_text: fn(&Case) -> Option<String>,
}

/// A value that the database casts to text.
trait IntoText {
    fn into_text(self) -> Option<String>;
}

impl IntoText for String {
    fn into_text(self) -> Option<String> {
        Some(self)
    }
}

impl IntoText for i64 {
    fn into_text(self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: IntoText> IntoText for Option<T> {
    fn into_text(self) -> Option<String> {
        self.and_then(IntoText::into_text)
    }
}

/// Declares the columns of a case's row for lists: current columns with their value for a case, and others, which their
/// own projections write.
macro_rules! case_record {
    (
        current { $($current:ident: $type:ty = $value:expr;)+ }
        other { $($vis:vis $other:ident: $other_type:ty;)+ }
    ) => {
        row! {
            /// A case's row.
            pub(crate) struct CaseRecord {
                number: String,
                $($current: $type,)+
                $($vis $other: $other_type,)+
            }
        }

        /// The columns of a [`CaseRecord`].
        pub(crate) const CASE_COLUMNS: &str =
            concat!("number" $(, ", ", stringify!($current))+ $(, ", ", stringify!($other))+);

        /// The columns that follow from the case's state.
        pub(crate) const CURRENT: [CurrentColumn; [$(stringify!($current)),+].len()] = [
            $(CurrentColumn {
                name: stringify!($current),
                bind: |statement, case| {
                    let value: fn(&Case) -> $type = $value;
                    statement.bind(value(case))
                },
                as_text: |case| {
                    let value: fn(&Case) -> $type = $value;
                    value(case).into_text()
                },
            }),+
        ];
    };
}

case_record! {
    current {
        version: i64 = |case| i64::from(case.version);
        status: String = |case| case.status().code().to_owned();
        priority: String = |case| case.priority().code().to_owned();
    }
    other {
        pub(crate) seq: i64;
        country: String;
        coverage: String;
        customer: String;
        platform: String;
        equipment: String;
        place: String;
        opened_utc_s: i64;
        calendar_id: i64;
        calendar_version: i64;
        zone: String;
        clocks: String;
        holder_id: i64;
        holder_name: String;
        unanswered_utc_s: Option<i64>;
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
