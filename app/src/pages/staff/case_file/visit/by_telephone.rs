//! Dialogs of agreements by telephone: a visit without an offer before it, and another technician.

use domain::actor::PersonId;
use domain::case::visit::{Meeting, Visit, VisitCommand};
use domain::t;
use domain::text::{Note, optional};
use leptos::prelude::*;

use super::super::elements::{DialogActions, DialogFrame, Room, TextField};
use super::super::state::focus;
use super::VisitDialogs;
use super::despite::{Despite, DespiteField};
use super::dialogs::{Planned, StatementInput, TechnicianField};
use crate::language::use_language;
use crate::ui::WindowFields;

/// Records a visit that the customer agreed to: who said so, and how.
#[component]
pub(super) fn AgreeDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.agree, dialogs.agree.case);
    let planned = Planned::new();
    let despite = Despite::new("visit-agree-despite", planned.conflicts(dialogs));
    let word = StatementInput::new(case);
    let run = move || {
        let (windows, technician, word) = (planned.windows(case), planned.technician(dialogs), word.read());
        let window = windows.as_ref().and_then(|windows| windows.as_slice().first().copied());
        let Some(window) = window else { return focus("visit-agree-from1") };
        let Some(technician) = technician else { return focus("visit-agree-technician") };
        let Some(word) = word else { return focus("visit-agree-who") };
        let command = VisitCommand::Agree { meeting: Meeting { window, technician }, word };
        let Some(command) = despite.command_with_reason(language, command) else { return };
        let done = move || case.done(language, "visit.staff.agreed_done");
        dialog.send(command, done, move || {
            planned.clear();
            despite.clear();
        });
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.staff.agree")>
            {move || {
                (!case.was_contacted())
                    .then(|| view! { <p class="note">{t!(language, "visit.staff.agree_contact")}</p> })
            }}
            <WindowFields id="visit-agree" rows=[planned.rows[0]] problem=planned.wrong_windows
                words=("visit.staff.agree_window", "visit.staff.agree_window_hint") caution=planned.caution(case)/>
            <TechnicianField id="visit-agree-technician" dialogs chosen=planned.technician problem=planned.wrong_technician/>
            <DespiteField dialogs dialog despite/>
            {word.fields("visit-agree-who", "visit-agree-channel")}
            <DialogActions dialog act="visit.staff.agree_act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Sends another technician in the agreed window.
#[component]
pub(super) fn ReassignDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.reassign, dialogs.reassign.case);
    let planned = Planned::new();
    let conflicts = Memo::new(move |_| {
        let technician = planned.technician.with(|id| id.parse().ok().map(PersonId));
        let agreed = case.page.with(|page| page.visits.last().and_then(Visit::meeting));
        agreed.map(|agreed| dialogs.against(technician, &[agreed.window])).unwrap_or_default()
    });
    let despite = Despite::new("visit-reassign-despite", conflicts.into());
    let (note, wrong_note) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let text = note.with_untracked(|note| optional(note, Note::parse));
        wrong_note.set(text.as_ref().err().map(|wrong| wrong.message(language)));
        let Some(technician) = planned.technician(dialogs) else { return focus("visit-reassign-technician") };
        let Ok(told) = text else { return focus("visit-reassign-note") };
        let Some(command) =
            despite.command_with_reason(language, VisitCommand::Reassign { technician, note: told })
        else {
            return;
        };
        let done = move || case.done(language, "visit.staff.reassign_done");
        dialog.send(command, done, move || {
            note.set(String::new());
            despite.clear();
        });
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.staff.reassign")>
            <p class="note">{t!(language, "visit.staff.reassign_hint")}</p>
            <TechnicianField id="visit-reassign-technician" dialogs chosen=planned.technician problem=planned.wrong_technician/>
            <DespiteField dialogs dialog despite/>
            <TextField id="visit-reassign-note" label="visit.staff.note" value=note problem=wrong_note room=Room::Short/>
            <DialogActions dialog act="visit.staff.reassign_act" run/>
        </DialogFrame>
    }
    .into_any()
}
