//! A no-show: the technician reports that the customer was not there, once the agreed window has begun.

use domain::calendar::MomentStyle;
use domain::case::visit::{NoShowReason, VisitCommand, VisitId};
use domain::t;
use domain::text::Note;
use domain::time::Instant;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry::VisitAction;
use crate::language::use_language;
use crate::live::use_time;
use crate::ui::pending::use_pending;
use crate::ui::refocus;

/// The button to report it. Before the window has begun it says from when on.
#[component]
pub(super) fn NoShow(tap: VisitAction, visit: VisitId, from: Instant) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let has_begun = Memo::new(move |_| time.now() >= from);
    let asked = RwSignal::new(false);
    move || {
        if !has_begun.get() {
            let shown = move || {
                let entry = tap.held.entry((tap.number, visit))?;
                let at = entry.zone.format(from, language, MomentStyle::Time);
                Some(t!(language, "visit.agenda.nobody_from", at = at))
            };
            return view! { <p class="note">{shown}</p> }.into_any();
        }
        if asked.get() {
            return view! { <NoShowForm tap asked/> }.into_any();
        }
        let begin = move |_| {
            asked.set(true);
            spawn_local(refocus(".visit__end input"));
        };
        view! {
            <button class="button button--big" type="button" on:click=begin>
                {t!(language, "visit.agenda.nobody")}
            </button>
        }
        .into_any()
    }
}

/// The form with the reason.
#[component]
fn NoShowForm(tap: VisitAction, asked: RwSignal<bool>) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    let name = format!("no-show-{}", tap.number.as_compact());
    let note_id = format!("{name}-note");
    let (chosen, note) = (RwSignal::new(None::<NoShowReason>), RwSignal::new(String::new()));
    let wrong = RwSignal::new(None::<String>);
    let run = move |_| {
        let Some(reason) = chosen.get_untracked() else {
            return wrong.set(Some(t!(language, "problem.not_chosen").into_owned()));
        };
        let typed = note.get_untracked();
        let note = match typed.trim() {
            "" => None,
            text => match Note::parse(text) {
                Ok(note) => Some(note),
                Err(problem) => return wrong.set(Some(problem.message(language))),
            },
        };
        tap.send(VisitCommand::NoShow { reason, note });
    };
    let choices = NoShowReason::ALL.into_iter().map(move |reason| {
        let choose = move |_| {
            chosen.set(Some(reason));
            wrong.set(None);
        };
        view! {
            <label class="choice">
                <input type="radio" name=name.clone() prop:checked=move || chosen.get() == Some(reason) on:change=choose/>
                <span class="choice__card">{t!(language, reason.name_key())}</span>
            </label>
        }
    });
    let leave = move |_| {
        asked.set(false);
        let opener =
            format!("section[aria-labelledby^='h-visit-{}-'] .row > button", tap.number.as_compact());
        spawn_local(async move { refocus(&opener).await });
    };
    view! {
        <form class="stack visit__end" on:submit=|event| event.prevent_default()>
            <fieldset class="question question--small" data-look=move || wrong.with(Option::is_some).then_some("error")>
                <legend class="question__title">{t!(language, "visit.no_show.reason")}</legend>
                {move || wrong.get().map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
                <div class="choices choices--chips">{choices.collect_view()}</div>
            </fieldset>
            <div class="field">
                <label class="field__label" for=note_id.clone()>{t!(language, "visit.no_show.note")}</label>
                <div class="field__box">
                    <textarea class="field__input field__input--short" id=note_id rows="2" bind:value=note
                        readonly=move || pending.get()></textarea>
                </div>
            </div>
            <p class="field__hint">{t!(language, "visit.no_show.told")}</p>
            <div class="row">
                <button class="button button--big" type="button" on:click=leave>
                    {t!(language, "staff.cancel")}
                </button>
                <button class="button button--main button--big" type="button" aria-disabled=tap.busy() on:click=run>
                    {t!(language, "visit.no_show.act")}
                </button>
            </div>
        </form>
    }
    .into_any()
}
