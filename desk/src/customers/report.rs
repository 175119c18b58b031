//! The promises that were kept to a customer's company: the provider's own report, of one organisation.

use domain::actor::Actor;
use domain::calendar::Month;
use domain::reports::{Days, SlaReport, SlaReportFilter};

use super::address_of;
use super::companies::{OwnCompany, companies};
use crate::Desk;
use crate::DeskError;
use crate::reports::{Whole, read_report, this_month};

/// A month of one company.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnReport {
    /// The companies for which the customer acts, by name.
    pub companies: Vec<OwnCompany>,
    /// The company whose report it is.
    pub company: OwnCompany,
    /// Its figures. They name no case.
    pub report: SlaReport,
}

/// The report of a month; without one, of the present month. Without a company, of the first by name.
///
/// # Errors
/// See [`DeskError`]. A company for which the customer does not act is absent.
pub async fn own_report(
    desk: &Desk,
    actor: &Actor,
    company: Option<i64>,
    month: Option<Month>,
) -> Result<OwnReport, DeskError> {
    let address = address_of(actor)?;
    let mut reader = desk.store().reader().await?;
    let companies = companies(&mut reader, &address).await?;
    reader.done();
    let is_asked = |own: &&OwnCompany| company.is_none_or(|id| own.id == id);
    let company = companies.iter().find(is_asked).ok_or(DeskError::NotFound)?.clone();
    let month = match month {
        Some(month) => month,
        None => this_month(desk, None)?,
    };
    let days = Days::of_month(month);
    let filter = SlaReportFilter { days, country: None, priority: None, contract: None };
    let report = read_report(desk, Whole::Organisation(company.id), filter).await?;
    Ok(OwnReport { companies, company, report })
}
