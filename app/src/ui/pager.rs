//! Navigation through the pages of a list.

use domain::page::Paging;
use domain::t;
use leptos::prelude::*;

use crate::language::use_language;

/// The number of the page, and links to those before and after.
#[component]
pub fn Pager(
    /// The page that is shown.
    paging: Paging,
    /// The address of a page.
    to: impl Fn(u32) -> String,
) -> impl IntoView {
    let language = use_language();
    let Paging { page, pages, .. } = paging;
    let (before, after) = (paging.before().map(&to), paging.after().map(&to));
    view! {
        <nav class="pages" aria-label=t!(language, "staff.queue.pages")>
            <p>{t!(language, "survey.page_of", page = page, pages = pages)}</p>
            <div class="row">
                {before.map(|to| view! { <a class="button" href=to rel="prev">{t!(language, "staff.queue.before")}</a> })}
                {after.map(|to| view! { <a class="button" href=to rel="next">{t!(language, "staff.queue.after")}</a> })}
            </div>
        </nav>
    }
    .into_any()
}
