//! Where one is signed in, and the end of it.

use domain::calendar::{DurationStyle, duration};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use super::api::{Act, Session, Which};
use crate::language::use_language;
use crate::ui::Icon;

/// All sessions of the reader, this one marked.
#[component]
pub(super) fn Sessions(sessions: Vec<Session>, now: Instant) -> impl IntoView {
    let language = use_language();
    let others = sessions.iter().any(|session| session.which == Which::Other);
    let lines = sessions.into_iter().map(|session| line(language, session, now)).collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-sessions">
            <div class="row row--apart">
                <h2 id="h-sessions">{t!(language, "admin.account.sessions")}</h2>
                {others.then(|| view! {
                    <form method="post" action="/desk/account">
                        <button class="button" type="submit" name="act" value=Act::EndOthers.code()>
                            {t!(language, "admin.account.end_others")}
                        </button>
                    </form>
                })}
            </div>
            <p class="note">{t!(language, "admin.account.sessions_hint")}</p>
            <ul class="lines">{lines}</ul>
        </section>
    }
    .into_any()
}

/// How long ago something was.
fn ago(language: Language, at: Instant, now: Instant) -> String {
    // Kept to the minute.
    let length = now.since(at).max(0) / 60 * 60;
    if length == 0 {
        return t!(language, "admin.account.just_now").into_owned();
    }
    t!(language, "admin.account.ago", length = duration(language, length, DurationStyle::Words))
}

fn line(language: Language, session: Session, now: Instant) -> impl IntoView {
    let Session { name, device, network, begun_at, seen_at, which } = session;
    let device =
        if device.is_empty() { t!(language, "admin.account.device_unknown").into_owned() } else { device };
    let network = (!network.is_empty()).then(|| t!(language, "admin.account.network", network = network));
    let used = t!(language, "admin.account.used", when = ago(language, seen_at, now));
    let begun = t!(language, "admin.account.begun", when = ago(language, begun_at, now));
    let facts: Vec<String> = network.into_iter().chain([used, begun]).collect();
    let end = match which {
        Which::This => view! {
            <span class="state" data-state="met"><Icon name="check"/> " " {t!(language, "admin.account.this_one")}</span>
        }
        .into_any(),
        Which::Other => view! {
            <form method="post" action="/desk/account">
                <input type="hidden" name="session" value=name/>
                <button
                    class="button"
                    type="submit"
                    name="act"
                    value=Act::EndOne.code()
                    aria-label=t!(language, "admin.account.end_of", device = device.clone())
                >
                    {t!(language, "admin.account.end")}
                </button>
            </form>
        }
        .into_any(),
    };
    view! {
        <li class="line">
            <Icon name="device"/>
            <div><b>{device}</b><p class="note">{facts.join(" · ")}</p></div>
            {end}
        </li>
    }
}
