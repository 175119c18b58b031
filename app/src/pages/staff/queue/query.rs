//! The query of the queue. It stands in the address, so that every view of the queue is a link.

use domain::country::Country;
use domain::view::QueueState;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::pages::staff::filter::Unknown;

/// The filter by assignee.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Whose {
    /// All cases.
    #[default]
    Anybodys,
    /// Cases that are assigned to the reader.
    Mine,
    /// Cases without an assignee.
    Nobodys,
}

impl Whose {
    /// The value in an address.
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Anybodys => None,
            Self::Mine => Some("mine"),
            Self::Nobodys => Some("nobody"),
        }
    }

    fn from_code(code: &str) -> Self {
        [Self::Mine, Self::Nobodys].into_iter().find(|whose| whose.code() == Some(code)).unwrap_or_default()
    }
}

/// Filters and page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QueueQuery {
    /// The state of the cases.
    pub state: QueueState,
    /// One country alone.
    pub country: Option<Country>,
    /// The assignee of the cases.
    pub whose: Whose,
    /// The page of the list, from 1.
    pub page: u32,
}

impl QueueQuery {
    /// The whole queue, from its beginning.
    pub(super) const ALL: Self =
        Self { state: QueueState::Open, country: None, whose: Whose::Anybodys, page: 1 };

    /// Reads an address; values that cannot be parsed are ignored.
    pub(super) fn read(query: &ParamsMap) -> Self {
        Self {
            state: query.get("status").and_then(|code| QueueState::from_code(&code)).unwrap_or_default(),
            country: query.get("country").and_then(|code| Country::from_typed(&code)),
            whose: query.get("whose").map(|code| Whose::from_code(&code)).unwrap_or_default(),
            page: query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// Reads an address; a value that cannot be parsed is an error.
    ///
    /// # Errors
    /// The first of these values.
    pub(super) fn parse(query: &ParamsMap) -> Result<Self, Unknown> {
        let wanted = Self::read(query);
        let filters = ["status", "country", "whose"];
        let unknown = Unknown::of(|name| query.get(name), &wanted.address(), &filters);
        unknown.map_or(Ok(wanted), Err)
    }

    /// The address of this query.
    pub(super) fn address(self) -> String {
        let mut address = "/desk".to_owned();
        let page = (self.page > 1).then(|| self.page.to_string());
        let parts = [
            ("status", self.state.code().map(str::to_owned)),
            ("country", self.country.map(|country| country.code().to_owned())),
            ("whose", self.whose.code().map(str::to_owned)),
            ("page", page),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                address.push(if address.contains('?') { '&' } else { '?' });
                address.push_str(name);
                address.push('=');
                address.push_str(&value);
            }
        }
        address
    }

    /// The first page with another state.
    pub(super) fn with_state(self, state: QueueState) -> Self {
        Self { state, page: 1, ..self }
    }

    /// The first page with another country.
    pub(super) fn with_country(self, country: Option<Country>) -> Self {
        Self { country, page: 1, ..self }
    }

    /// The first page with another assignee.
    pub(super) fn with_whose(self, whose: Whose) -> Self {
        Self { whose, page: 1, ..self }
    }

    /// The same queue on another page.
    pub(super) fn with_page(self, page: u32) -> Self {
        Self { page, ..self }
    }
}

#[cfg(test)]
mod tests {
    use domain::case::Status;

    use super::*;

    fn query(address: &str) -> ParamsMap {
        let (_, query) = address.split_once('?').unwrap_or_default();
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn queue_query_round_trips_through_its_address() {
        let all = QueueQuery::ALL;
        assert_eq!(all.address(), "/desk");
        let some = QueueQuery {
            state: QueueState::Only(Status::OnHold),
            country: Some(Country::Mx),
            page: 3,
            ..all
        };
        assert_eq!(some.address(), "/desk?status=on_hold&country=MX&page=3");
        assert_eq!(all.with_whose(Whose::Mine).address(), "/desk?whose=mine");
        for wanted in [
            all.with_whose(Whose::Mine),
            some.with_whose(Whose::Nobodys),
            all,
            some,
            all.with_page(2),
            some.with_country(None),
            some.with_state(QueueState::Open),
            some.with_state(QueueState::Ended),
        ] {
            assert_eq!(QueueQuery::read(&query(&wanted.address())), wanted);
        }
    }

    #[test]
    fn invalid_filter_is_refused() {
        for address in ["/desk?status=lost", "/desk?country=XX", "/desk?country=VE&whose=yours"] {
            assert!(QueueQuery::parse(&query(address)).is_err(), "{address}");
        }
        assert_eq!(QueueQuery::parse(&query("/desk?page=-4&lang=es&status=")), Ok(QueueQuery::ALL));
    }

    #[test]
    fn invalid_values_in_an_address_are_ignored() {
        assert_eq!(
            QueueQuery::read(&query("/desk?status=lost&country=XX&whose=yours&page=-4")),
            QueueQuery::ALL
        );
        assert_eq!(QueueQuery::read(&query("/desk?page=0")), QueueQuery::ALL);
    }
}
