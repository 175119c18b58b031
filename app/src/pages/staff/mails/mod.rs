//! The desk's mails, for administrators: the list with outcomes, one mail, and the kinds.

mod api;
mod kinds;
mod list;
mod one;

#[cfg(feature = "ssr")]
pub use api::{kind_body, mail_body, post_retry, post_retry_all};
pub use kinds::MailKindsPage;
pub use list::MailsPage;
pub use one::MailPage;

use domain::t;
use leptos::prelude::*;

use crate::language::use_language;

/// Links to the list and to the kinds.
#[component]
fn Tabs(
    /// Whether the kinds are shown.
    kinds: Signal<bool>,
) -> impl IntoView {
    let language = use_language();
    view! {
        <nav class="filters" aria-label=t!(language, "mails.tabs")>
            <a href="/desk/mails" aria-current=move || (!kinds.get()).then_some("page")>{t!(language, "mails.tab.list")}</a>
            <a href="/desk/mails/kinds" aria-current=move || kinds.get().then_some("page")>{t!(language, "mails.tab.kinds")}</a>
        </nav>
    }
    .into_any()
}
