//! The panel beside the form: the targets, what went wrong, and the button that sends.

use domain::t;
use leptos::prelude::*;

use super::part::{Found, Piece, WholeForm};
use super::send::{Sending, Sent};
use super::state::FormState;
use super::{FormError, FormFor, ShownCase};
use crate::language::use_language;
use crate::provider::use_provider;
use crate::ui::{Icon, RequiresScript};

/// The panel beside the form.
#[component]
pub(super) fn SendPanel(form: WholeForm) -> impl IntoView {
    let language = use_language();
    let WholeForm { filling, sending, .. } = form;
    view! {
        <div class="pledge">
            <Found piece=Piece::Targets form/>
            <Failure sending/>
            <SendButton sending/>
            <div class="pledge__more note stack stack--tight">
                <p>{t!(language, "pledge.priority_from")}</p>
                {(filling.who == FormFor::Customer).then(|| view! { <Line filling/> })}
            </div>
        </div>
    }
    .into_any()
}

/// The reason why the last try to send failed.
#[component]
fn Failure(sending: Sending) -> impl IntoView {
    let language = use_language();
    move || {
        let Sent::Failed(error) = sending.sent.get() else { return None };
        let title = error.message(language);
        let (tone, more) = match error {
            FormError::SentBefore { key, case } => {
                ("care", view! { <SentBefore sending key case/> }.into_any())
            }
            FormError::LinkRenewed => {
                let more = view! {
                    <p>{t!(language, "form.renewed.text")}</p>
                    <p><a href="/links" rel="external">{t!(language, "lost.link")}</a></p>
                };
                ("care", more.into_any())
            }
            FormError::StillOpen(_) => {
                let filling = sending.filling();
                ("bad", view! { <ToPrevious filling/> }.into_any())
            }
            _ => ("bad", view! { <p>{t!(language, "form.unsent")}</p> }.into_any()),
        };
        Some(view! {
            <div class="notice" data-tone=tone role="alert">
                <Icon name="alert"/>
                <div><p class="notice__title">{title}</p>{more}</div>
            </div>
        })
    }
}

/// A link to the previous case.
#[component]
fn ToPrevious(filling: FormState) -> impl IntoView {
    let language = use_language();
    let follows = filling.follows.get_value();
    filling.previous.get_value().map(|number| {
        let words = t!(language, "found.see_case", number = number);
        view! { <p><a href=filling.who.page_of(&follows) rel="external">{words}</a></p> }
    })
}

/// The question about a form that was sent before with other content: correct that case, or open another one.
#[component]
fn SentBefore(sending: Sending, key: String, case: Option<ShownCase>) -> impl IntoView {
    let language = use_language();
    let words = if case.is_some() { "form.sent_before.staff" } else { "form.sent_before.text" };
    let see = case.map(|ShownCase { address, number }| {
        view! {
            <p><a href=address rel="external">{t!(language, "found.see_case", number = number)}</a></p>
        }
    });
    view! {
        <p>{t!(language, words)}</p>
        {see}
        // Without a script the form's own button does it: the page came back with another key.
        <RequiresScript>
            {
                let key = key.clone();
                view! {
                    <p>
                        <button class="button" type="button" on:click=move |_| sending.send_as_another(key.clone())>
                            {t!(language, "form.sent_before.act")}
                        </button>
                    </p>
                }
            }
        </RequiresScript>
    }
    .into_any()
}

#[component]
fn SendButton(sending: Sending) -> impl IntoView {
    let language = use_language();
    let on_its_way = Memo::new(move |_| sending.sent.with(Sent::is_busy));
    let flag = move || on_its_way.get().then_some("true");
    view! {
        <button
            class="button button--main button--big button--wide"
            type="submit"
            aria-busy=flag
            aria-disabled=flag
        >
            {move || {
                on_its_way.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> })
            }}
            {move || t!(language, if on_its_way.get() { "form.sending" } else { "form.send" })}
        </button>
    }
    .into_any()
}

/// The telephone line of the form's country, else the first one.
#[component]
fn Line(filling: FormState) -> impl IntoView {
    let language = use_language();
    let home = Memo::new(move |_| filling.form.with(|form| form.home(&filling.formats())));
    let lines = use_provider().hotlines;
    let line = move || {
        let line = lines.nearest(home.get())?;
        Some(view! { <p>{t!(language, "pledge.call")} " " <a href=line.tel_uri()>{line.printed()}</a></p> })
    };
    view! { {line} }.into_any()
}
