//! Filters of an address that cannot be parsed. The page then shows no data and says why: without the filter it would show
//! every customer's figures as one's.

use domain::t;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::language::use_language;
use crate::ui::Icon;

/// A filter that cannot be parsed, as the address has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unknown(String);

impl Unknown {
    /// The first of the filters `names` in an address that is missing in `understood`, the address of the parsed query.
    pub(super) fn of(
        value: impl Fn(&str) -> Option<String>,
        understood: &str,
        names: &[&str],
    ) -> Option<Self> {
        let known: Vec<&str> = understood.split(['?', '&']).collect();
        names.iter().find_map(|name| {
            let given = value(name).filter(|text| !text.trim().is_empty())?;
            let part = format!("{name}={given}");
            (!known.contains(&part.as_str())).then_some(Self(part))
        })
    }
}

/// The notice that nothing is shown, and why.
#[component]
pub(super) fn NothingShown(
    /// The filter that cannot be parsed.
    unknown: Unknown,
    /// The address without filters.
    all: &'static str,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty card" role="alert">
            <Icon name="alert"/>
            <h2>{t!(language, "staff.filter.unknown", part = unknown.0)}</h2>
            <p>{t!(language, "staff.filter.unknown_hint")}</p>
            <p><a class="button" href=all>{t!(language, "staff.filter.all")}</a></p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_is_accepted_when_it_round_trips() {
        let given = |name: &str| match name {
            "status" => Some("lost".to_owned()),
            "country" => Some("VE".to_owned()),
            "whose" => Some(String::new()),
            _ => None,
        };
        let unknown =
            |understood: &str, names: &[&str]| Unknown::of(given, understood, names).map(|unknown| unknown.0);
        assert_eq!(unknown("/desk?country=VE", &["status", "country"]).as_deref(), Some("status=lost"));
        assert_eq!(unknown("/desk?country=VE", &["country", "whose", "page"]), None);
        assert_eq!(unknown("/desk", &["country"]).as_deref(), Some("country=VE"));
    }
}
