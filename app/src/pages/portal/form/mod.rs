//! The case form: for customers in the portal, and for agents during a call.
//!
//! The inputs are plain HTML with names, so that the form works without a script. With one, two listeners on the form write
//! into [`FormState`], and all else follows from it.

mod api;
mod asked;
mod draft;
mod elements;
mod embed;
mod error;
mod fields;
mod files;
mod findings;
mod groups;
mod hydration_data;
#[cfg(feature = "ssr")]
mod label;
mod latest;
mod notices;
mod panel;
mod part;
mod ready_files;
mod reply;
mod send;
mod sla_preview;
mod state;

use domain::case::Origin;
use domain::intake::KEY;
use domain::t;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::effect::effect;
use crate::language::use_language;
use crate::live::provide_still_time;
use crate::ui::pending::provide_pending;
use crate::ui::{NoSendByEnter, Notice, Tone, on_form_key};
use api::PreviousCaseForm;
pub(in crate::pages) use api::start_form;
pub use api::{Fill, FormStart};
#[cfg(feature = "ssr")]
pub use api::{PreviousCase, submit};
use asked::Asked;
use draft::Draft;
use embed::embedded;
pub use error::{FormError, ShownCase};
use groups::{Equipment, Fault, Who};
#[cfg(feature = "ssr")]
pub(super) use hydration_data::CustomersForm;
#[cfg(feature = "hydrate")]
pub use hydration_data::take_form_over;
use notices::{KeptHere, Offline, Restored, Wrong};
use panel::SendPanel;
pub use part::FormPart;
use part::WholeForm;
#[cfg(not(feature = "ssr"))]
pub use part::{FormLoader, provide_form_loader, provide_form_part};
pub use reply::FormReply;
use reply::REPLY_ID;
use send::{Sending, Sent};
use state::{Beginning, FormState};

/// The person who fills in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormFor {
    /// The customer, in the portal.
    Customer,
    /// A member of the staff, for a customer who calls.
    Staff,
}

impl FormFor {
    /// The origin of a case from this form.
    #[must_use]
    pub const fn origin(self) -> Origin {
        match self {
            Self::Customer => Origin::Portal,
            Self::Staff => Origin::Telephone,
        }
    }

    /// The address that the form is posted to without a script; `follows` names the previous case.
    #[must_use]
    pub fn action(self, follows: &str) -> String {
        match (self, follows) {
            (Self::Customer, "") => "/".to_owned(),
            (Self::Customer, tracking) => format!("/track/{tracking}/follow"),
            (Self::Staff, "") => "/desk/intake".to_owned(),
            (Self::Staff, number) => format!("/desk/cases/{number}/follow"),
        }
    }

    /// The page of an opened case by its name: the case file for the staff, the confirmation for customers.
    #[must_use]
    pub fn opened(self, case: &str) -> String {
        match self {
            Self::Customer => format!("/opened/{case}"),
            Self::Staff => self.page_of(case),
        }
    }

    /// The page of a case by its name: a number for the staff, the last part of a link for a customer.
    fn page_of(self, case: &str) -> String {
        match self {
            Self::Customer => format!("/track/{case}"),
            Self::Staff => format!("/desk/cases/{case}"),
        }
    }

    const fn pick<T: Copy>(self, customer: T, staff: T) -> T {
        match self {
            Self::Customer => customer,
            Self::Staff => staff,
        }
    }
}

/// The case form with its start data. Stands in a `<main class="intake">`.
#[component]
pub fn CaseForm(
    /// The person who fills it in.
    who: FormFor,
    /// Its start data.
    start: FormStart,
    /// The previous case: its number for the staff, the last part of its link for a customer; empty when there is none.
    follows: String,
    /// Leaves for the page of the opened case.
    leave: Callback<String>,
) -> impl IntoView {
    let language = use_language();
    let time = provide_still_time(start.now);
    let reply = FormReply::of_page();
    let element = NodeRef::<html::Form>::new();
    let action = who.action(&follows);
    let takes_up = start.earlier.as_ref().map(|earlier| earlier.number.clone());
    let begins = Beginning { earlier: start.earlier, label: start.label };
    let filling = FormState::new(who, language, reply.as_ref(), follows, begins, start.filled, start.writer);
    let asked = Asked::new(start.offer);
    let key = reply.as_ref().map_or(start.key, |reply| reply.key.clone());
    let draft = Draft::new(filling, key.clone(), time);
    draft.keep_when_left();
    let failure = reply.as_ref().and_then(|reply| reply.failure.clone());
    let sending = Sending::new(draft, leave, failure);
    sending.start_afresh_when_back();
    let form = WholeForm { filling, asked, sending, time };
    part::begin(form);
    provide_pending(move || sending.sent.with(Sent::is_busy));
    effect(move |_| {
        let Some(form) = element.get() else { return };
        draft.wake(&form);
        filling.form.with(|typed| elements::show(&form, typed));
        draft.files.chosen.track();
        draft.keep_soon();
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        sending.send();
    };
    view! {
        <form
            class="split"
            method="post"
            enctype="multipart/form-data"
            action=action
            novalidate
            node_ref=element
            on:input=move |event| filling.typed(&event)
            on:focusin=move |event| filling.entered(&event)
            on:focusout=move |event| filling.left(&event)
            on:keydown=move |event| on_form_key(&event, || sending.send())
            on:submit=on_submit
        >
            <NoSendByEnter/>
            <input type="hidden" name=KEY value=key autocomplete="off"/>
            <div class="stack">
                {takes_up.map(|number| view! { <PreviousCaseNotice number/> })}
                <Restored form/>
                <Offline asked/>
                <Wrong filling/>
                <div class="groups">
                    <Who form/>
                    <Equipment form/>
                    <Fault form/>
                </div>
            </div>
            <aside class="split__side intake__side" aria-label=t!(language, "pledge.label")>
                <SendPanel form/>
            </aside>
            <KeptHere draft/>
        </form>
        {reply
            .map(|reply| {
                view! { <script type="application/json" id=REPLY_ID inner_html=embedded(&reply)></script> }
            })}
    }
    .into_any()
}

/// The notice that names the previous case.
#[component]
fn PreviousCaseNotice(
    /// Its number, in groups.
    number: String,
) -> impl IntoView {
    let language = use_language();
    view! {
        <Notice tone=Tone::Calm icon="info">
            <p>{t!(language, "form.follows", number = number)}</p>
        </Notice>
    }
    .into_any()
}
