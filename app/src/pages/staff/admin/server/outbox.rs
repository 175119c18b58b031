//! The outbox in figures; the mails themselves have a page of their own.

use desk::outbox::{Counts, Trouble};
use domain::t;
use leptos::prelude::*;

use super::moment;
use crate::language::use_language;

/// Mails that wait, that are held, and that were given up.
#[component]
pub(super) fn OutboxSection(counts: Counts, trouble: Trouble) -> impl IntoView {
    let language = use_language();
    let Counts { queued, dead, oldest_queued } = counts;
    let held = if trouble.held < Trouble::MOST {
        trouble.held.to_string()
    } else {
        format!("{}+", Trouble::MOST - 1)
    };
    let figure = |key: &'static str, count: String, address: &'static str| {
        view! {
            <div class="figure">
                <dt>{t!(language, key)}</dt>
                <dd><b><a href=address rel="external">{count}</a></b></dd>
            </div>
        }
    };
    let can_resend = trouble.held > 0 || dead > 0;
    view! {
        <section class="card stack" aria-labelledby="h-outbox">
            <h2 id="h-outbox">{t!(language, "server.outbox.title")}</h2>
            <dl class="figures">
                {figure("server.outbox.queued", queued.to_string(), "/desk/mails?state=queued")}
                {figure("server.outbox.held", held, "/desk/mails?state=queued")}
                {figure("server.outbox.dead", dead.to_string(), "/desk/mails?state=dead")}
            </dl>
            <p class="note">
                {match oldest_queued {
                    Some(at) => t!(language, "server.outbox.oldest", at = moment(language, at)),
                    None => t!(language, "server.outbox.empty").into_owned(),
                }}
            </p>
            {can_resend.then(|| view! {
                <form class="row" method="post" action="/desk/mails/again">
                    <button class="button" type="submit">{t!(language, "mails.retry_all")}</button>
                    <p class="note">{t!(language, "server.outbox.resend_hint")}</p>
                </form>
            })}
        </section>
    }
    .into_any()
}
