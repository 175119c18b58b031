//! The query of the audit log. It stands in the address, so that every view of the log is a link.

use chrono::NaiveDate;
use desk::audit::AuditFilter;
use domain::audit::AuditKind;
use domain::calendar::zone::Zone;
use domain::country::Country;

use crate::address::query_value;
use crate::pages::staff::filter::Unknown;

/// The query in an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AuditQuery {
    /// Words of a name.
    pub(super) words: String,
    pub(super) kind: Option<AuditKind>,
    /// The first day, in the zone of the provider's centre.
    pub(super) from: Option<NaiveDate>,
    /// The last day.
    pub(super) to: Option<NaiveDate>,
    pub(super) country: Option<Country>,
    /// The number before which the page begins; `None` for the newest entries.
    pub(super) before: Option<i64>,
}

impl AuditQuery {
    /// Reads an address.
    ///
    /// # Errors
    /// The first value that cannot be parsed.
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Unknown> {
        let given = |name: &str| value(name).filter(|text| !text.trim().is_empty());
        let day = |name: &str| given(name).and_then(|text| text.parse().ok());
        let query = Self {
            words: given("words").map(|words| words.chars().take(100).collect()).unwrap_or_default(),
            kind: given("kind").and_then(|code| AuditKind::from_code(&code)),
            from: day("from"),
            to: day("to"),
            country: given("country").and_then(|code| Country::from_code(&code)),
            before: given("before").and_then(|number| number.parse().ok()),
        };
        let understood = query.address("", query.before);
        match Unknown::of(&value, &understood, &["kind", "from", "to", "country", "before"]) {
            Some(unknown) => Err(unknown),
            None => Ok(query),
        }
    }

    /// The address of the query: of a page, or of the file.
    pub(super) fn address(&self, base: &str, before: Option<i64>) -> String {
        let Self { words, kind, from, to, country, .. } = self;
        let words = (!words.is_empty()).then(|| query_value(words).to_string());
        let parts = [
            ("words", words),
            ("kind", kind.map(|kind| kind.code().to_owned())),
            ("from", from.map(|day| day.to_string())),
            ("to", to.map(|day| day.to_string())),
            ("country", country.map(|country| country.code().to_owned())),
            ("before", before.map(|number| number.to_string())),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        let parts = parts.collect::<Vec<_>>().join("&");
        if parts.is_empty() { base.to_owned() } else { format!("{base}?{parts}") }
    }

    /// The filter of the query, with its days in a zone.
    pub(super) fn filter(&self, zone: Zone) -> AuditFilter {
        let first = |day: NaiveDate| zone.first_instant(day);
        AuditFilter {
            kind: self.kind,
            words: self.words.clone(),
            from: self.from.and_then(first),
            to: self.to.and_then(|day| day.succ_opt()).and_then(first),
            country: self.country,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<AuditQuery, Unknown> {
        AuditQuery::read(|name| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned()).next()
        })
    }

    #[test]
    fn audit_query_round_trips_through_its_address() {
        let query = AuditQuery {
            kind: Some(AuditKind::SignedIn),
            from: "2026-11-01".parse().ok(),
            to: "2026-11-30".parse().ok(),
            country: Some(Country::Co),
            before: Some(70),
            ..AuditQuery::default()
        };
        let written = query.address("/desk/admin/audit", query.before);
        assert_eq!(
            written,
            "/desk/admin/audit?kind=signed_in&from=2026-11-01&to=2026-11-30&country=CO&before=70"
        );
        assert_eq!(read(written.split_once('?').unwrap().1), Ok(query));
        assert_eq!(read("words=&kind="), Ok(AuditQuery::default()));
    }

    #[test]
    fn value_that_cannot_be_parsed_is_told() {
        for wrong in ["kind=everything", "from=ayer", "country=XX", "before=last"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn last_day_is_whole() {
        let zone = Zone::parse("America/Caracas").unwrap();
        let query = AuditQuery { to: "2026-11-30".parse().ok(), ..AuditQuery::default() };
        assert_eq!(query.filter(zone).to, zone.first_instant("2026-12-01".parse().unwrap()));
    }
}
