//! A new link to the case: on its page, and in place of it once the link has expired. Plain forms, which need no script.

use domain::t;
use leptos::prelude::*;

use super::live_case::LiveCase;
use crate::AppError;
use crate::language::use_language;
use crate::ui::{Icon, Problem};

/// Where the form is posted to.
fn action(tracking: &str) -> String {
    format!("/track/{tracking}/renew")
}

/// The form of the holder who wants the present link to end.
#[component]
pub(super) fn Renew(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let action = live.tracking.with_value(|tracking| action(tracking));
    view! {
        <details class="card">
            <summary><Icon name="chevron"/> " " {t!(language, "track.renew.title")}</summary>
            <form class="stack" method="post" action=action>
                <p class="note">{t!(language, "track.renew.lead")}</p>
                <div class="row">
                    <button class="button" type="submit">{t!(language, "track.renew.act")}</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// The page of a link that leads to no case. One that has expired can be renewed by mail.
#[component]
pub(super) fn NoCase(error: AppError, tracking: String) -> impl IntoView {
    if error != AppError::LinkExpired {
        return view! { <Problem error/> }.into_any();
    }
    #[cfg(feature = "ssr")]
    error.answer_page();
    let language = use_language();
    view! {
        <div class="empty">
            <Icon name="info"/>
            <h1>{t!(language, "track.expired.title")}</h1>
            <p>{t!(language, "track.expired.text")}</p>
            <form method="post" action=action(&tracking)>
                <button class="button button--main button--big" type="submit">{t!(language, "track.expired.act")}</button>
            </form>
        </div>
    }
    .into_any()
}
