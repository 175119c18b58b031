//! The dialog of a visit that the technician missed.

use domain::case::Command;
use domain::case::visit::VisitCommand;
use domain::t;
use domain::text::Note;
use leptos::prelude::*;

use super::super::elements::{DialogActions, DialogFrame, Room, TextField};
use super::super::state::focus;
use super::VisitDialogs;
use crate::language::use_language;

/// Records that the technician did not come. The customer is told; the reason stays with the staff.
#[component]
pub(super) fn MissedDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.missed, dialogs.missed.case);
    let (reason, wrong) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let text = reason.with_untracked(|reason| Note::parse(reason));
        wrong.set(text.as_ref().err().map(|wrong| wrong.message(language)));
        let Ok(reason_meant) = text else { return focus("visit-missed-reason") };
        let command = Command::Visit(VisitCommand::DidNotCome { reason: reason_meant });
        let done = move || case.done(language, "visit.staff.missed_done");
        dialog.send(command, done, move || reason.set(String::new()));
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.missed.us")>
            <p class="note">{t!(language, "visit.missed.us_told")}</p>
            <TextField id="visit-missed-reason" label="visit.staff.reason" value=reason problem=wrong room=Room::Line/>
            <DialogActions dialog act="visit.missed.act" run/>
        </DialogFrame>
    }
    .into_any()
}
