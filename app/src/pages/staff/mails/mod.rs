//! The desk's mails, for those who watch: what went out and what did not, one mail, and what each kind looks like.

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

/// The list, and what each kind looks like.
#[component]
fn Tabs(
    /// Whether the list is shown, or the kinds.
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
