//! The dialogs that change an agreed visit: another time, or none.

use domain::case::Command;
use domain::case::visit::{MoveTo, Side, VisitCommand};
use domain::t;
use domain::text::Note;
use leptos::prelude::*;

use super::super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::super::state::focus;
use super::VisitDialogs;
use super::despite::{Despite, DespiteField};
use super::dialogs::{Planned, StatementInput, TechnicianField};
use crate::language::use_language;
use crate::ui::WindowFields;

/// The side that asked for the change, as chips.
fn side_chips(
    name: &'static str,
    chosen: RwSignal<Option<Side>>,
    problem: RwSignal<Option<String>>,
) -> AnyView {
    let language = use_language();
    let sides = Side::ALL.map(|side| (side, t!(language, side.name_key()).into_owned())).to_vec();
    view! { <Chips name question=t!(language, "visit.staff.by") choices=sides chosen problem/> }.into_any()
}

/// The replacement of the agreed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Offer,
    Agreed,
}

/// Moves a visit: other windows are offered, or one is agreed by telephone.
#[component]
pub(super) fn MoveDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.shift, dialogs.shift.case);
    let planned = Planned::new();
    let despite = Despite::new("visit-move-despite", planned.conflicts(dialogs));
    let (by, no_by) = (RwSignal::new(None::<Side>), RwSignal::new(None::<String>));
    let (next, no_next) = (RwSignal::new(Some(Next::Offer)), RwSignal::new(None::<String>));
    let (reason, wrong_reason) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let word = StatementInput::new(case);
    let run = move || {
        let (windows, technician) = (planned.windows(case), planned.technician(dialogs));
        let text = reason.with_untracked(|reason| Note::parse(reason));
        wrong_reason.set(text.as_ref().err().map(|wrong| wrong.message(language)));
        no_by.set(by.get_untracked().is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        let (Some(windows), Some(technician), Some(side), Ok(why)) =
            (windows, technician, by.get_untracked(), text)
        else {
            return focus("visit-move-reason");
        };
        let to = match next.get_untracked() {
            Some(Next::Agreed) => match (windows.as_slice().first(), word.read()) {
                (Some(&window), Some(word)) => MoveTo::Agreed { window, word },
                _ => return focus("visit-move-who"),
            },
            _ => MoveTo::Offer(windows),
        };
        let command = VisitCommand::Move { by: side, reason: why, technician, to };
        let Some(command) = despite.command_with_reason(language, command) else { return };
        dialog.send(
            command,
            move || case.done(language, "visit.staff.move_done"),
            move || {
                planned.clear();
                despite.clear();
                reason.set(String::new());
                by.set(None);
            },
        );
    };
    let nexts = vec![
        (Next::Offer, t!(language, "visit.staff.next_offer").into_owned()),
        (Next::Agreed, t!(language, "visit.staff.next_agreed").into_owned()),
    ];
    view! {
        <DialogFrame dialog title=t!(language, "visit.staff.move")>
            {side_chips("visit-move-by", by, no_by)}
            <TextField id="visit-move-reason" label="visit.staff.reason" value=reason problem=wrong_reason room=Room::Line/>
            <Chips name="visit-move-next" question=t!(language, "visit.staff.next") choices=nexts chosen=next problem=no_next/>
            <WindowFields id="visit-move" rows=planned.rows problem=planned.wrong_windows
                caution=planned.caution(case)/>
            <TechnicianField id="visit-move-technician" dialogs chosen=planned.technician problem=planned.wrong_technician/>
            <DespiteField dialogs dialog despite/>
            <Show when=move || next.get() == Some(Next::Agreed)>
                {word.fields("visit-move-who", "visit-move-channel")}
            </Show>
            <DialogActions dialog act="visit.staff.move_act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Calls the visit off.
#[component]
pub(super) fn CallOffDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.call_off, dialogs.call_off.case);
    let (by, no_by) = (RwSignal::new(None::<Side>), RwSignal::new(None::<String>));
    let (reason, wrong_reason) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let text = reason.with_untracked(|reason| Note::parse(reason));
        wrong_reason.set(text.as_ref().err().map(|wrong| wrong.message(language)));
        no_by.set(by.get_untracked().is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        let (Some(side), Ok(why)) = (by.get_untracked(), text) else { return focus("visit-off-reason") };
        let command = Command::Visit(VisitCommand::CallOff { by: side, reason: why });
        let done = move || case.done(language, "visit.staff.call_off_done");
        dialog.send(command, done, move || {
            reason.set(String::new());
            by.set(None);
        });
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.staff.call_off")>
            {side_chips("visit-off-by", by, no_by)}
            <TextField id="visit-off-reason" label="visit.staff.reason" value=reason problem=wrong_reason room=Room::Line/>
            <DialogActions dialog act="visit.staff.call_off" run/>
        </DialogFrame>
    }
    .into_any()
}
