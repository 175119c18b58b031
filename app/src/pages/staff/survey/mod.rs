//! The survey for the staff: the call queue, one call, follow-ups, results. Plain forms: the page after a post says what was
//! done.

mod api;
mod call;
mod follow_ups;
mod queue;
mod results;

use domain::actor::Action;
use domain::i18n::Language;
use domain::page::Paging;
use domain::t;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use api::{post_call, post_follow_up};
pub use call::SurveyCallPage;
pub use follow_ups::FollowUpsPage;
pub use queue::SurveyQueuePage;
pub use results::SurveyResultsPage;

use super::frame::may_do;
use super::session::signed_in;
use crate::language::use_language;
use crate::ui::{Icon, Notice, Pager, Tone};

/// The survey's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Calls,
    FollowUps,
    Results,
}

/// Links to the survey's pages that the reader may see.
#[component]
fn Tabs(tab: Tab) -> impl IntoView {
    let language = use_language();
    let staff = Resource::new(|| (), |()| signed_in());
    let link = move |of: Tab, address: &'static str, words: &'static str| {
        view! { <a href=address aria-current=(of == tab).then_some("page")>{t!(language, words)}</a> }
    };
    view! {
        <nav class="filters" aria-label=t!(language, "survey.tabs")>
            {link(Tab::Calls, "/desk/survey", "survey.tab.calls")}
            <Suspense>
                {move || Suspend::new(async move {
                    let watches = staff.await.is_ok_and(|staff| may_do(&staff, Action::FollowUp));
                    watches.then(|| view! {
                        {link(Tab::FollowUps, "/desk/survey/follow-ups", "survey.tab.follow_ups")}
                        {link(Tab::Results, "/desk/survey/results", "survey.tab.results")}
                    })
                })}
            </Suspense>
        </nav>
    }
    .into_any()
}

/// The message of success in the address.
fn done_notice(language: Language, done: Option<String>) -> Option<AnyView> {
    let key = match done.as_deref()? {
        "attempt" => "survey.done.attempt",
        "call_back" => "survey.done.call_back",
        "refused" => "survey.done.refused",
        "answered" => "survey.done.answered",
        "followed_up" => "survey.done.followed_up",
        _ => return None,
    };
    Some(view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice> }.into_any())
}

/// The reason why a form was refused.
fn failure_notice(failure: Option<String>) -> Option<AnyView> {
    let words = failure?;
    Some(
        view! {
            <div class="notice" data-tone="bad" role="alert">
                <Icon name="alert"/>
                <div><p>{words}</p></div>
            </div>
        }
        .into_any(),
    )
}

/// The organisation, or that it is not known yet.
fn customer(language: Language, name: &str) -> String {
    if name.is_empty() { t!(language, "staff.queue.no_customer").into_owned() } else { name.to_owned() }
}

/// Links to the pages before and after, of a list at `address`; nothing for a single page.
#[component]
fn Pages(
    /// The address of the list, without a page.
    address: &'static str,
    paging: Paging,
) -> impl IntoView {
    let join = if address.contains('?') { '&' } else { '?' };
    (paging.pages > 1).then(|| view! { <Pager paging to=move |page| format!("{address}{join}page={page}")/> })
}
