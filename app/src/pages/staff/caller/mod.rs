//! The pop-up of a call: who calls, what is theirs, and one tap to a new case or to the history of an open one.
//!
//! It takes no focus. It stands before the page's content, so that the keyboard reaches it next, and Escape closes it.

mod api;
mod tie;

use domain::call::{CallNotice, CallState, Caller};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::search::{Found, FoundCase, KnownContact, LookedUp};
use domain::t;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::api::{dismiss_call, log_call, read_caller, untie_number};
use self::tie::Tie;
use super::frame::Ring;
use super::search::Card;
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::ui::{DeferredView, Icon};

/// The most cases of a number that are listed, open ones first.
const LISTED: usize = 8;

/// What is done in a pop-up: the call, its reading, and the error of the last try.
#[derive(Clone, Copy)]
struct Doing {
    call: i64,
    /// Counts what was done; the caller is read again.
    done: RwSignal<u32>,
    failed: RwSignal<Option<AppError>>,
}

impl Doing {
    /// Does something on the server, and reads the caller again.
    fn run(self, work: impl Future<Output = Result<(), AppError>> + 'static) {
        spawn_local(async move {
            match work.await {
                Ok(()) => {
                    self.failed.try_set(None);
                    self.done.try_update(|done| *done = done.wrapping_add(1));
                }
                Err(error) => {
                    self.failed.try_set(Some(error));
                }
            }
        });
    }
}

/// The pop-up of the reader's call.
#[component]
pub fn CallerPopUp() -> impl IntoView {
    let Some(ring) = use_context::<Ring>() else { return ().into_any() };
    // A call is drawn once. Its state is a signal of its own.
    let id = Memo::new(move |_| ring.notice().map(|call| call.id));
    let drawn =
        move || id.get().map(|call| DeferredView::new(move || view! { <Call ring call/> }.into_any()));
    view! { {drawn} }.into_any()
}

#[component]
fn Call(ring: Ring, call: i64) -> impl IntoView {
    let language = use_language();
    let doing = Doing { call, done: RwSignal::new(0), failed: RwSignal::new(None) };
    let caller = Resource::new(move || doing.done.get(), move |_| read_caller(call));
    let close = move || {
        ring.close();
        // Another page of the reader closes it as well. A lost message costs a second tap there.
        spawn_local(async move { drop(dismiss_call(call).await) });
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close();
        }
    };
    view! {
        <section class="caller" aria-labelledby="h-caller" on:keydown=on_key>
            <div class="row row--apart">
                <h2 id="h-caller">{move || ring.notice().map(|call| heading(language, &call))}</h2>
                <button
                    class="button button--quiet button--icon"
                    type="button"
                    on:click=move |_| close()
                    aria-label=t!(language, "telephone.close")
                >
                    <Icon name="close"/>
                </button>
            </div>
            <p class="note">
                {move || ring.notice().map(|call| t!(language, call.state.name_key()))}
                {move || {
                    let line = ring.notice().map(|call| call.line).filter(|line| !line.is_empty());
                    line.map(|line| format!(" · {}", t!(language, "telephone.line", line = line)))
                }}
            </p>
            {move || doing.failed.get().map(|error| view! {
                <div class="notice" data-tone="bad" role="alert"><Icon name="alert"/> <div><p>{error.message(language)}</p></div></div>
            })}
            <Transition fallback=move || view! { <p class="note">{t!(language, "portal.loading")}</p> }>
                {move || Suspend::new(async move {
                    match caller.await {
                        Ok(caller) => view! { <Who ring caller doing/> }.into_any(),
                        Err(error) => view! { <p class="note" role="alert">{error.message(language)}</p> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

/// The number of a call; a withheld one says so.
fn heading(language: Language, call: &CallNotice) -> String {
    if call.number.is_empty() { t!(language, "telephone.withheld").into_owned() } else { call.number.clone() }
}

/// Who calls, and what is theirs.
#[component]
fn Who(ring: Ring, caller: Caller, doing: Doing) -> impl IntoView {
    let language = use_language();
    let Caller { call, phone, contact, tied, found, logged } = caller;
    let LookedUp { cases, card, .. } = found;
    let customer = card.as_ref().map(|card| card.customer.name.clone());
    let is_unknown = contact.is_none();
    // While it rings, no one has talked.
    let talked = move || ring.notice().is_some_and(|call| call.state != CallState::Ringing);
    let may_log = Memo::new(move |_| logged.is_none() && talked());
    let beside = Callback::new(move |number: CaseNumber| {
        let button = move || may_log.get().then(|| log_button(language, doing, number));
        view! { {button} }.into_any()
    });
    let mut rows = match cases {
        Found::Cases(rows) | Found::Many(rows) => rows,
        Found::Case(_) | Found::Nothing => Vec::new(),
    };
    rows.truncate(LISTED);
    let theirs = match card {
        Some(card) => view! { <Card card beside/> }.into_any(),
        None => (!rows.is_empty()).then(|| view! { <Cases rows beside/> }).into_any(),
    };
    view! {
        <Name contact customer/>
        {logged.map(|number| view! {
            <p class="note" role="status">
                {t!(language, "telephone.logged")} " "
                <a class="number" href=case_address(number)>{number.grouped()}</a>
            </p>
        })}
        <p>
            <a class="button button--main" href=format!("/desk/intake?like=call-{}", call.id)>
                <Icon name="plus"/> " " {t!(language, "telephone.open_case")}
            </a>
        </p>
        {tied.map(|number| view! { <Tied number doing/> })}
        {(is_unknown && phone.is_some()).then(|| view! { <Tie doing/> })}
        {theirs}
    }
    .into_any()
}

/// The contact and the customer, as far as they are known.
#[component]
fn Name(contact: Option<KnownContact>, customer: Option<String>) -> impl IntoView {
    let language = use_language();
    let name = match contact {
        Some(known) => view! { <b>{known.contact.name.to_string()}</b> }.into_any(),
        None => t!(language, "telephone.unknown").into_owned().into_any(),
    };
    view! { <p>{name} {customer.map(|customer| format!(" · {customer}"))}</p> }.into_any()
}

/// The case to whose contact the number is tied, and the way back.
#[component]
fn Tied(number: CaseNumber, doing: Doing) -> impl IntoView {
    let language = use_language();
    view! {
        <p class="row note">
            <span>
                {t!(language, "telephone.tied")} " "
                <a class="number" href=case_address(number)>{number.grouped()}</a>
            </span>
            <button class="button button--quiet" type="button" on:click=move |_| doing.run(untie_number(doing.call))>
                {t!(language, "telephone.untie")}
            </button>
        </p>
    }
    .into_any()
}

/// Cases of the number, where they belong to no one customer of the register.
#[component]
fn Cases(rows: Vec<FoundCase>, beside: Callback<CaseNumber, AnyView>) -> impl IntoView {
    let language = use_language();
    let lines = rows.into_iter().map(|row| {
        view! {
            <li>
                <a class="number" href=case_address(row.number)>{row.number.grouped()}</a>
                <span class="note">
                    " " {t!(language, row.status.name_key())} " · " {row.customer} " · " {row.equipment}
                </span>
                " " {row.status.is_open().then(|| beside.run(row.number))}
            </li>
        }
    });
    view! {
        <section class="card stack stack--tight">
            <h2>{t!(language, "telephone.cases")}</h2>
            <ul class="stack stack--tight">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// Logs the call on a case with one tap.
fn log_button(language: Language, doing: Doing, number: CaseNumber) -> AnyView {
    view! {
        <button class="button" type="button" on:click=move |_| doing.run(log_call(doing.call, number))>
            <Icon name="phone"/> " " {t!(language, "telephone.log")}
            <span class="sr">" " {number.grouped()}</span>
        </button>
    }
    .into_any()
}
