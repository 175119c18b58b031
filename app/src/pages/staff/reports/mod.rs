//! Reports for supervisors: pages whose filters stand in their addresses, and CSV files of the same.

mod api;
mod breaches;
#[cfg(feature = "ssr")]
mod causes;
mod pauses;
mod query;
mod sla_report;
mod tables;

use domain::t;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use api::{breaches_csv, causes_csv, pauses_csv, sla_report_csv};
pub use breaches::BreachesReportPage;
#[cfg(feature = "ssr")]
pub use causes::CausesReportPage;
pub use pauses::PausesReportPage;
pub use sla_report::SlaReportPage;
#[cfg(feature = "ssr")]
pub(in crate::pages) use tables::of_company;

use crate::language::use_language;

/// The reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Sla,
    Pauses,
    #[cfg(feature = "ssr")]
    Causes,
}

/// Links to the reports, with the present one marked.
#[component]
fn Tabs(tab: Tab) -> impl IntoView {
    let language = use_language();
    let link = move |of: Tab, address: &'static str, words: &'static str| {
        view! { <a href=address aria-current=(of == tab).then_some("page")>{t!(language, words)}</a> }
    };
    // The server alone draws it.
    #[cfg(feature = "ssr")]
    let is_of_causes = tab == Tab::Causes;
    #[cfg(not(feature = "ssr"))]
    let is_of_causes = false;
    view! {
        <nav class="filters" aria-label=t!(language, "reports.tabs")>
            {link(Tab::Sla, "/desk/reports/promises", "reports.tab.promises")}
            {link(Tab::Pauses, "/desk/reports/pauses", "reports.tab.pauses")}
            <a href="/desk/reports/causes" rel="external" aria-current=is_of_causes.then_some("page")>
                {t!(language, "reports.tab.causes")}
            </a>
        </nav>
    }
    .into_any()
}
