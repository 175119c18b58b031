//! The customer's link to the case: the staff renews it with a reason, and never sees it.

use domain::actor::Action;
use domain::case::{Command, TrackingCommand};
use domain::t;
use domain::text::Reason;
use leptos::prelude::*;

use super::elements::{DialogActions, DialogFrame, Room, TextField};
use super::state::{CaseState, Dialog, focus};
use crate::language::use_language;

/// What the link is, and the button to renew it.
#[component]
pub(super) fn CustomersLink(case: CaseState, dialog: Dialog) -> impl IntoView {
    let language = use_language();
    case.may(Action::RenewTracking).then(|| {
        view! {
            <section class="card stack" aria-labelledby="h-customers-link">
                <h2 id="h-customers-link">{t!(language, "staff.renew.section")}</h2>
                <p>
                    <button class="textlink" type="button" on:click=move |_| dialog.begin()>
                        {t!(language, "staff.renew.title")}
                    </button>
                </p>
            </section>
        }
    })
}

/// Renews the link, with a reason that the customer does not read.
#[component]
pub(super) fn RenewDialog(dialog: Dialog) -> impl IntoView {
    let language = use_language();
    let (text, problem) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || match text.with_untracked(|text| Reason::parse(text)) {
        Ok(reason) => {
            let command = Command::Tracking(TrackingCommand::Renew { reason, undelivered: 0 });
            let done = move || dialog.case.done(language, "staff.renew.done");
            dialog.send(command, done, move || text.set(String::new()));
        }
        Err(wrong) => {
            problem.set(Some(wrong.message(language)));
            focus("renew-reason");
        }
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.renew.title")>
            <p class="note">{t!(language, "staff.renew.hint")}</p>
            <TextField id="renew-reason" label="staff.renew.reason" value=text problem room=Room::Line/>
            <DialogActions dialog act="staff.renew.act" run/>
        </DialogFrame>
    }
    .into_any()
}
