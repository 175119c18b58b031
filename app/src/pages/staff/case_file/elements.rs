//! The elements of dialogs.

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

/// A modal dialog: the page behind it is out of reach until it is closed.
#[component]
pub(super) fn DialogFrame(
    dialog: Dialog,
    /// The title of the dialog.
    #[prop(into)]
    title: String,
    /// The content below the title.
    #[prop(optional, into)]
    below: ViewFn,
    /// The id of a description, read out after the title when it opens.
    #[prop(optional)]
    described: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    provide_pending(move || dialog.sending.get());
    let title_id = format!("{}-title", dialog.id);
    let labelled_by = title_id.clone();
    view! {
        <dialog class="sheet" id=dialog.id aria-labelledby=labelled_by aria-describedby=described>
            // Without a script nothing is sent: a GET would put typed text into the address.
            <form method="dialog" novalidate=true on:submit=|event| event.prevent_default() on:keydown=move |event| on_form_key(&event, || act(dialog.id))>
                <div class="sheet__head">
                    <div>
                        <h2 id=title_id.clone()>{title}</h2>
                        {move || below.run()}
                    </div>
                    <button
                        class="button button--quiet button--icon"
                        type="button"
                        on:click=move |_| close(dialog.id)
                        aria-label=t!(language, "staff.close")
                    >
                        <Icon name="close"/>
                    </button>
                </div>
                <div class="stack">{children()} <FailedNotice dialog/></div>
            </form>
        </dialog>
    }
    .into_any()
}

/// The error of the last try, and what others did meanwhile.
#[component]
pub(super) fn FailedNotice(dialog: Dialog) -> impl IntoView {
    let language = use_language();
    let location = use_location();
    move || {
        dialog.failed.get().map(|error| {
            let tone = if matches!(error, AppError::Changed { .. }) { "care" } else { "bad" };
            let words = error.message(language);
            let more = match error {
                AppError::Changed { since } => {
                    let since = since.read().unwrap_or_default();
                    let hours = dialog.case.hours;
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

/// The size of a text field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// One line.
    Line,
    /// Some lines.
    Short,
    /// Many lines.
    Long,
}

/// A text field. Refreshes of the page do not change its text.
#[component]
pub(super) fn TextField(
    id: &'static str,
    /// The key of its label.
    label: &'static str,
    value: RwSignal<String>,
    /// Its error, removed with the next key.
    problem: RwSignal<Option<String>>,
    room: Room,
    /// The key of the hint below the label.
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

/// Choices as chips; at most one is chosen.
#[component]
pub(super) fn Chips<T>(
    name: &'static str,
    /// The question.
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

/// The buttons of a dialog: cancel, and the command.
#[component]
pub(super) fn DialogActions(
    dialog: Dialog,
    /// The key of the command's button.
    act: &'static str,
    run: impl Fn() + 'static,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="sheet__acts">
            <button class="button button--quiet" type="button" on:click=move |_| close(dialog.id)>
                {t!(language, "staff.cancel")}
            </button>
            <button
                class="button button--main"
                type="button"
                aria-busy=dialog.busy()
                aria-disabled=dialog.busy()
                on:click=move |_| run()
            >
                {move || dialog.sending.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> " " })}
                {t!(language, act)}
            </button>
        </div>
    }
    .into_any()
}

/// The message of success, shown for some seconds, with a button to add a note.
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
