//! The query of SLA compliance. It stands in the address, so that every view of the report is a link.

use domain::contract_number::{ContractFormats, ContractNumber};
use domain::country::Country;
use domain::priority::Priority;
use domain::reports::{Days, SlaReportFilter};
use serde::{Deserialize, Serialize};

pub(super) const ADDRESS: &str = "/desk/reports/promises";

/// The query in an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReportQuery {
    /// The days of the report; `None` for the current month.
    pub(super) days: Option<Days>,
    pub(super) country: Option<Country>,
    pub(super) priority: Option<Priority>,
    pub(super) contract: Option<ContractNumber>,
}

impl ReportQuery {
    /// Reads an address, with the key of the reason when a value cannot be parsed: then no figures are shown.
    pub(super) fn read(
        value: impl Fn(&str) -> Option<String>,
        formats: &ContractFormats,
    ) -> (Self, Option<&'static str>) {
        let given = |name: &str| value(name).filter(|text| !text.trim().is_empty());
        let day = |name: &str| given(name).and_then(|text| text.parse().ok());
        let days = day("from").zip(day("to")).and_then(|(from, to)| Days::new(from, to));
        let typed = given("contract");
        let contract = typed.as_deref().and_then(|text| formats.parse(text).ok());
        let country = given("country").and_then(|code| Country::from_typed(&code));
        let priority = given("priority").and_then(|code| Priority::from_code(&code));
        let problem = if days.is_none() && (given("from").is_some() || given("to").is_some()) {
            Some("reports.kept.wrong_days")
        } else if contract.is_none() && typed.is_some() {
            Some("reports.kept.wrong_contract")
        } else if country.is_none() && given("country").is_some() {
            Some("reports.kept.wrong_country")
        } else if priority.is_none() && given("priority").is_some() {
            Some("reports.kept.wrong_priority")
        } else {
            None
        };
        (Self { days, country, priority, contract }, problem)
    }
}

/// The address of a filter: of a page, or of a file.
pub(super) fn address(base: &str, filter: &SlaReportFilter) -> String {
    let SlaReportFilter { days, country, priority, contract } = filter;
    let country = country.map(|country| format!("&country={}", country.code())).unwrap_or_default();
    let priority = priority.map(|priority| format!("&priority={}", priority.code())).unwrap_or_default();
    let contract = contract.as_ref().map(|contract| format!("&contract={}", contract.as_str()));
    let contract = contract.unwrap_or_default();
    format!("{base}?from={}&to={}{country}{priority}{contract}", days.first(), days.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> (ReportQuery, Option<&'static str>) {
        ReportQuery::read(
            |name| {
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned()).next()
            },
            &ContractFormats::default(),
        )
    }

    #[test]
    fn report_query_round_trips_through_its_address() {
        let day = |text: &str| text.parse().unwrap();
        let filter = SlaReportFilter {
            days: Days::new(day("2026-11-01"), day("2026-11-30")).unwrap(),
            country: Some(Country::Co),
            priority: Some(Priority::P2),
            contract: ContractFormats::default().parse("CT-0012-0007").ok(),
        };
        let written = address(ADDRESS, &filter);
        assert_eq!(
            written,
            "/desk/reports/promises?from=2026-11-01&to=2026-11-30&country=CO&priority=P2&contract=CT-0012-0007"
        );
        let SlaReportFilter { days, country, priority, contract } = filter;
        let wanted = ReportQuery { days: Some(days), country, priority, contract };
        assert_eq!(read(written.split_once('?').unwrap().1), (wanted, None));
    }

    #[test]
    fn invalid_report_query_is_reported() {
        assert_eq!(read(""), (ReportQuery::default(), None));
        assert_eq!(read("from=&to=&country=&priority=&contract="), (ReportQuery::default(), None));
        for days in
            ["from=2026-11-30&to=2026-11-01", "from=2020-01-01&to=2026-11-01", "from=ayer", "to=2026-11-01"]
        {
            assert_eq!(read(days), (ReportQuery::default(), Some("reports.kept.wrong_days")), "{days}");
        }
        assert_eq!(read("country=XX"), (ReportQuery::default(), Some("reports.kept.wrong_country")));
        assert_eq!(read("priority=P9"), (ReportQuery::default(), Some("reports.kept.wrong_priority")));
        assert_eq!(read("contract=nuestro"), (ReportQuery::default(), Some("reports.kept.wrong_contract")));
    }
}
