//! The integrity check: what it came to last, and a button that runs it.

use std::time::Duration;

use desk::diagnosis::{IntegrityState, check_integrity};
use domain::t;
use leptos::prelude::*;

use super::{ACT, CHECK, PAGE, ServerPosted, moment};
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Tone};

/// How long the page waits for the end: a small desk is checked in less.
const PATIENCE: Duration = Duration::from_secs(8);

/// Runs the check.
pub(super) async fn post_check(asked: &RequestContext) -> ServerPosted {
    match check_integrity(&asked.desk, &asked.actor, PATIENCE).await {
        Ok(_) => ServerPosted::Done(format!("{PAGE}#integrity")),
        Err(error) => ServerPosted::Failed(error.into()),
    }
}

/// What the check came to last, and whether one runs.
#[component]
pub(super) fn IntegritySection(integrity: IntegrityState) -> impl IntoView {
    let language = use_language();
    let IntegrityState { last, running_since } = integrity;
    let outcome = match last {
        None => view! { <p>{t!(language, "server.integrity.never")}</p> }.into_any(),
        Some(last) => {
            let at = moment(language, last.at);
            let (tone, icon, words) = if last.contradictions == 0 {
                (Tone::Good, "check", t!(language, "server.integrity.fine", cases = last.cases, at = at))
            } else {
                let count = last.contradictions;
                (
                    Tone::Bad,
                    "alert",
                    t!(language, "server.integrity.wrong", count = count, cases = last.cases, at = at),
                )
            };
            view! {
                <Notice tone icon>
                    <p class="notice__title">{words}</p>
                    {last.first.map(|first| view! {
                        <p>{t!(language, "server.integrity.first")}</p>
                        <pre class="code"><code>{first}</code></pre>
                        <p>{t!(language, "server.integrity.what_now")}</p>
                    })}
                </Notice>
            }
            .into_any()
        }
    };
    let running = running_since.map(|since| {
        view! {
            <Notice tone=Tone::Calm icon="running">
                <p>{t!(language, "server.integrity.running", at = moment(language, since))}</p>
                <p><a href=PAGE rel="external">{t!(language, "server.again")}</a></p>
            </Notice>
        }
    });
    view! {
        <section class="card stack" id="integrity" aria-labelledby="h-integrity">
            <h2 id="h-integrity">{t!(language, "server.integrity.title")}</h2>
            {outcome}
            {running}
            <form class="row" method="post" action=PAGE>
                <button class="button" type="submit" name=ACT value=CHECK disabled=running_since.is_some()>
                    <Icon name="check"/> {t!(language, "server.integrity.run")}
                </button>
                <p class="note">{t!(language, "server.integrity.hint")}</p>
            </form>
        </section>
    }
    .into_any()
}
