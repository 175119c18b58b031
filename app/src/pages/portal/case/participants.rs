//! Other people on a case: its contact invites and removes them, and each may leave. Plain forms, which need no script.

use domain::case::Participant;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::live_case::LiveCase;
use super::posting::{PostField, Posting, TrackForm};
use crate::language::use_language;
use crate::ui::Icon;

/// The people, for the contact, and the form to invite one while the case is open.
#[component]
pub(super) fn Participants(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let here = Memo::new(move |_| live.page.with(|page| page.participants.clone()));
    let is_open = Memo::new(move |_| live.page.with(|page| !page.status.is_end()));
    let list = move || {
        let rows: Vec<_> = here.get().into_iter().map(|person| row(language, live, &person)).collect();
        (!rows.is_empty()).then(|| view! { <ul class="stack">{rows}</ul> })
    };
    move || {
        (is_open.get() || !here.with(Vec::is_empty)).then(|| {
            view! {
                <section class="card stack" aria-labelledby="h-participants">
                    <h2 id="h-participants">{t!(language, "track.people.title")}</h2>
                    <p class="note">{t!(language, "track.people.lead")}</p>
                    {list}
                    {is_open.get().then(|| view! { <Invite live/> })}
                </section>
            }
        })
    }
}

fn row(language: Language, live: LiveCase, person: &Participant) -> AnyView {
    let (id, name, mail) = (person.id.0, person.name.to_string(), person.mail.to_string());
    let action = live.tracking.with_value(|tracking| format!("/track/{tracking}/participants/{id}/remove"));
    view! {
        <li class="row row--apart">
            <span><b>{name.clone()}</b> " " <span class="two note">{mail}</span></span>
            <form method="post" action=action>
                <button class="button button--quiet" type="submit">
                    <Icon name="close"/> " " {t!(language, "track.people.remove")}
                    <span class="sr">" " {name}</span>
                </button>
            </form>
        </li>
    }
    .into_any()
}

#[component]
fn Invite(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let posting = Posting::new(live, TrackForm::Invite);
    let chosen = posting.begins_with("language", language.code().to_owned());
    let options = Language::ALL.map(|choice| {
        let code = choice.code();
        let is_chosen = code == chosen;
        view! { <option value=code selected=is_chosen lang=code>{choice.own_name()}</option> }
    });
    view! {
        <details class="fold" open=posting.is_back()>
            <summary><Icon name="chevron"/> " " {t!(language, "track.people.invite")}</summary>
            <form class="stack" method="post" action=posting.action()>
                <PostField posting name="name" id="invite-name" label="track.people.name" most=120 required=true/>
                <PostField posting name="mail" id="invite-mail" label="track.people.mail" most=254 required=true/>
                <div class="field">
                    <label class="field__label" for="invite-language">{t!(language, "track.people.language")}</label>
                    <div class="field__box">
                        <select class="field__input" id="invite-language" name="language">
                            {options.into_iter().collect_view()}
                        </select>
                    </div>
                </div>
                <div class="row">
                    <button class="button" type="submit">
                        <Icon name="mail"/> " " {t!(language, "track.people.send")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// The form of a participant who leaves.
#[component]
pub(super) fn Leave(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let action = live.tracking.with_value(|tracking| format!("/track/{tracking}/leave"));
    view! {
        <section class="card stack" aria-labelledby="h-leave">
            <h2 id="h-leave">{t!(language, "track.leave.title")}</h2>
            <p class="note">{t!(language, "track.leave.lead")}</p>
            <form method="post" action=action>
                <button class="button" type="submit">{t!(language, "track.leave.act")}</button>
            </form>
        </section>
    }
    .into_any()
}
