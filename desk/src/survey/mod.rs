//! Use-cases of the survey: call queue, call, the customer's answer by link, follow-ups, results. Commands to a survey
//! go through [`execute_command`](crate::cases::execute::execute_command).

mod by_link;
mod call;
mod follow_ups;
mod of_case;
mod queue;
mod results;

use domain::calendar::ZoneView;
use domain::calendar::week::CalendarId;
use domain::case::ServiceHoursRef;
use domain::case_number::CaseNumber;
use domain::country::Country;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::Desk;
use crate::store::StoreError;

pub use by_link::{AnswerError, answer_by_link, survey_form};
pub use call::survey_call;
pub use follow_ups::{Which, follow_ups};
pub use of_case::{CaseSurvey, case_survey};
pub use queue::survey_queue;
pub use results::{latest_months, survey_results};

fn number_of(row: &AnyRow, column: &str) -> Result<CaseNumber, StoreError> {
    let number: String = row.try_get(column)?;
    CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("surveys", error))
}

fn country_of(row: &AnyRow) -> Result<Country, StoreError> {
    let code: String = row.try_get("country")?;
    Country::from_code(&code).ok_or_else(|| StoreError::inconsistent("surveys", code))
}

/// The time zone of a case's site, from the columns of its row.
async fn zone_of(desk: &Desk, row: &AnyRow) -> Result<ZoneView, StoreError> {
    let version: i64 = row.try_get("calendar_version")?;
    let kept = ServiceHoursRef {
        calendar: CalendarId(row.try_get("calendar_id")?),
        version: u32::try_from(version).map_err(|error| StoreError::inconsistent("cases", error))?,
        zone: row.try_get("zone")?,
    };
    Ok(desk.hours(&kept).await?.zone.clone())
}
