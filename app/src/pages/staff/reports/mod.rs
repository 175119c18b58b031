//! Reports for supervisors: pages whose filters stand in their addresses, and CSV files of the same.

mod api;
mod breaches;
mod pauses;
mod query;
mod sla_report;
mod tables;

use domain::t;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use api::{breaches_csv, pauses_csv, sla_report_csv};
pub use breaches::BreachesReportPage;
pub use pauses::PausesReportPage;
pub use sla_report::SlaReportPage;

use crate::language::use_language;

/// The reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Sla,
    Pauses,
}

/// Links to the reports, with the present one marked.
#[component]
fn Tabs(tab: Tab) -> impl IntoView {
    let language = use_language();
    let link = move |of: Tab, address: &'static str, words: &'static str| {
        view! { <a href=address aria-current=(of == tab).then_some("page")>{t!(language, words)}</a> }
    };
    view! {
        <nav class="filters" aria-label=t!(language, "reports.tabs")>
            {link(Tab::Sla, "/desk/reports/promises", "reports.tab.promises")}
            {link(Tab::Pauses, "/desk/reports/pauses", "reports.tab.pauses")}
        </nav>
    }
    .into_any()
}
