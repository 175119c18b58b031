//! What the sheets are made of.

use domain::case::Audience;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::state::{CaseState, Dialog, act, close};
use crate::AppError;
use crate::address::sign_in_address;
use crate::language::use_language;
use crate::ui::pending::{provide_pending, use_pending};
use crate::ui::{FieldError, History, Icon, on_form_key};

/// A sheet that opens over the page, which is out of reach until it is closed.
#[component]
pub(super) fn DialogFrame(
    sheet: Dialog,
    /// What is done here.
    #[prop(into)]
    title: String,
    /// What stands below the title.
    #[prop(optional, into)]
    below: ViewFn,
    /// The id of what is read out when it opens, beside its title.
    #[prop(optional)]
    described: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    provide_pending(move || sheet.sending.get());
    let title_id = format!("{}-title", sheet.id);
    let labelled_by = title_id.clone();
    view! {
        <dialog class="sheet" id=sheet.id aria-labelledby=labelled_by aria-describedby=described>
            // Without a script nothing is sent, rather than typed text in an address.
            <form method="dialog" novalidate=true on:submit=|event| event.prevent_default() on:keydown=move |event| on_form_key(&event, || act(sheet.id))>
                <div class="sheet__head">
                    <div>
                        <h2 id=title_id.clone()>{title}</h2>
                        {move || below.run()}
                    </div>
                    <button
                        class="button button--quiet button--icon"
                        type="button"
                        on:click=move |_| close(sheet.id)
                        aria-label=t!(language, "staff.close")
                    >
                        <Icon name="close"/>
                    </button>
                </div>
                <div class="stack">{children()} <FailedNotice sheet/></div>
            </form>
        </dialog>
    }
    .into_any()
}

/// Why the last try came to nothing, and what others did meanwhile.
#[component]
pub(super) fn FailedNotice(sheet: Dialog) -> impl IntoView {
    let language = use_language();
    let location = use_location();
    move || {
        sheet.failed.get().map(|error| {
            let tone = if matches!(error, AppError::Changed { .. }) { "care" } else { "bad" };
            let words = error.message(language);
            let more = match error {
                AppError::Changed { since } => {
                    let hours = sheet.case.hours;
                    view! { <History entries=since hours audience=Audience::Internal/> }.into_any()
                }
                AppError::SignInFirst => {
                    let to = sign_in_address(&location.pathname.get_untracked());
                    view! { <p><a href=to rel="external">{t!(language, "staff.sign_in.title")}</a></p> }
                        .into_any()
                }
                _ => ().into_any(),
            };
            view! {
                <div class="notice" data-tone=tone role="alert">
                    <Icon name="alert"/>
                    <div><p>{words}</p>{more}</div>
                </div>
            }
        })
    }
}

/// How much room a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Room for one line.
    Line,
    /// Room for some lines.
    Short,
    /// Room for many lines.
    Long,
}

/// A text that somebody writes. It stays what it is whatever happens around it.
#[component]
pub(super) fn TextField(
    id: &'static str,
    /// The key of its label.
    label: &'static str,
    value: RwSignal<String>,
    /// What is wrong with it, if anything is; forgotten with the next key.
    problem: RwSignal<Option<String>>,
    room: Room,
    /// The key of what it says below the label.
    #[prop(optional, into)]
    hint: Option<Signal<&'static str>>,
) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    let hint_id = format!("{id}-hint");
    let described = move || {
        let error = problem.with(Option::is_some).then(|| format!("{id}-error"));
        [hint.map(|_| format!("{id}-hint")), error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let wrong = move || problem.with(Option::is_some).then_some("true");
    let typed = move |_| problem.set(None);
    let input = match room {
        Room::Line => view! {
            <input class="field__input" id=id autocomplete="off" bind:value=value on:input=typed
                readonly=move || pending.get() aria-invalid=wrong aria-describedby=described/>
        }
        .into_any(),
        Room::Short | Room::Long => {
            let short = room == Room::Short;
            view! {
                <textarea class="field__input" class=("field__input--short", short) id=id rows=short.then_some("2")
                    bind:value=value on:input=typed readonly=move || pending.get() aria-invalid=wrong
                    aria-describedby=described></textarea>
            }
            .into_any()
        }
    };
    view! {
        <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
            <label class="field__label" for=id>{t!(language, label)}</label>
            {hint.map(|key| view! { <p class="field__hint" id=hint_id>{move || t!(language, key.get())}</p> })}
            <div class="field__box">{input}</div>
            <FieldError id error=problem.into()/>
        </div>
    }
    .into_any()
}

/// Some choices as chips; one of them is chosen, or none yet.
#[component]
pub(super) fn Chips<T>(
    name: &'static str,
    /// The question, in words.
    #[prop(into)]
    question: String,
    /// Each choice with its words.
    choices: Vec<(T, String)>,
    chosen: RwSignal<Option<T>>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let chips = choices.into_iter().map(|(choice, words)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=name
                    prop:checked=move || chosen.get() == Some(choice)
                    on:change=move |_| {
                        chosen.set(Some(choice));
                        problem.set(None);
                    }
                />
                <span class="choice__card">{words}</span>
            </label>
        }
    });
    view! {
        <fieldset class="question question--small" data-look=move || problem.with(Option::is_some).then_some("error")>
            <legend class="question__title">{question}</legend>
            <FieldError id=name error=problem.into()/>
            <div class="choices choices--chips">{chips.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// The ways out of a sheet: leave it, or do it.
#[component]
pub(super) fn DialogActions(
    sheet: Dialog,
    /// The key of the words on the button that does it.
    act: &'static str,
    run: impl Fn() + 'static,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="sheet__acts">
            <button class="button button--quiet" type="button" on:click=move |_| close(sheet.id)>
                {t!(language, "staff.cancel")}
            </button>
            <button
                class="button button--main"
                type="button"
                aria-busy=sheet.busy()
                aria-disabled=sheet.busy()
                on:click=move |_| run()
            >
                {move || sheet.sending.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> " " })}
                {t!(language, act)}
            </button>
        </div>
    }
    .into_any()
}

/// What was done, for a while, with the way to add a note.
#[component]
pub(super) fn Toast(case: CaseState, note: Dialog) -> impl IntoView {
    let language = use_language();
    view! {
        <output class="toasts" aria-live="polite">
            {move || {
                let (_, words) = case.told.get();
                words.map(|words| {
                    view! {
                        <span class="toast">
                            {words} " "
                            <button class="textlink" type="button" on:click=move |_| note.begin()>
                                {t!(language, "staff.note.add")}
                            </button>
                        </span>
                    }
                })
            }}
        </output>
    }
    .into_any()
}
