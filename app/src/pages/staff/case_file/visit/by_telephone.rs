//! What is settled on the telephone in one step: a visit agreed without an offer before it, and another technician.

use domain::case::Command;
use domain::case::visit::{Meeting, VisitCommand};
use domain::t;
use leptos::prelude::*;

use super::super::elements::{Room, SheetActs, SheetFrame, TextField};
use super::super::hand::focus;
use super::VisitSheets;
use super::sheets::{Planned, TechnicianField, WordTyped, optional};
use crate::language::use_language;
use crate::ui::WindowFields;

/// Writes down when the customer agreed to be visited, who said so, and how.
#[component]
pub(super) fn AgreeSheet(sheets: VisitSheets) -> impl IntoView {
    let language = use_language();
    let (sheet, case) = (sheets.agree, sheets.agree.case);
    let planned = Planned::new();
    let word = WordTyped::new(case);
    let run = move || {
        let (windows, technician, word) = (planned.windows(case), planned.technician(sheets), word.read());
        let window = windows.as_ref().and_then(|windows| windows.as_slice().first().copied());
        let Some(window) = window else { return focus("visit-agree-from1") };
        let Some(technician) = technician else { return focus("visit-agree-technician") };
        let Some(word) = word else { return focus("visit-agree-who") };
        let command = Command::Visit(VisitCommand::Agree { meeting: Meeting { window, technician }, word });
        let done = move || case.done(language, "visit.staff.agreed_done");
        sheet.send(command, done, move || planned.clear());
    };
    view! {
        <SheetFrame sheet title=t!(language, "visit.staff.agree")>
            {move || {
                (!case.was_contacted())
                    .then(|| view! { <p class="note">{t!(language, "visit.staff.agree_contact")}</p> })
            }}
            <WindowFields id="visit-agree" rows=[planned.rows[0]] problem=planned.wrong_windows
                words=("visit.staff.agree_window", "visit.staff.agree_window_hint") caution=planned.caution(case)/>
            <TechnicianField id="visit-agree-technician" sheets chosen=planned.technician problem=planned.wrong_technician/>
            {word.fields("visit-agree-who", "visit-agree-channel")}
            <SheetActs sheet act="visit.staff.agree_act" run/>
        </SheetFrame>
    }
    .into_any()
}

/// Sends somebody else at the time that was agreed.
#[component]
pub(super) fn ReassignSheet(sheets: VisitSheets) -> impl IntoView {
    let language = use_language();
    let (sheet, case) = (sheets.reassign, sheets.reassign.case);
    let planned = Planned::new();
    let (note, wrong_note) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let text = note.with_untracked(|note| optional(language, note));
        wrong_note.set(text.as_ref().err().cloned());
        let Some(technician) = planned.technician(sheets) else { return focus("visit-reassign-technician") };
        let Ok(told) = text else { return focus("visit-reassign-note") };
        let command = Command::Visit(VisitCommand::Reassign { technician, note: told });
        let done = move || case.done(language, "visit.staff.reassign_done");
        sheet.send(command, done, move || note.set(String::new()));
    };
    view! {
        <SheetFrame sheet title=t!(language, "visit.staff.reassign")>
            <p class="note">{t!(language, "visit.staff.reassign_hint")}</p>
            <TechnicianField id="visit-reassign-technician" sheets chosen=planned.technician problem=planned.wrong_technician/>
            <TextField id="visit-reassign-note" label="visit.staff.note" value=note problem=wrong_note room=Room::Short/>
            <SheetActs sheet act="visit.staff.reassign_act" run/>
        </SheetFrame>
    }
    .into_any()
}
