//! Clashes and absences of a booking, and the reason that overrules them.

use domain::actor::PersonId;
use domain::case::Command;
use domain::case::visit::{Conflicts, VisitCommand, absences_in, clashes};
use domain::i18n::Language;
use domain::t;
use domain::text::Note;
use domain::time::Span;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::api::read_booked;
use super::super::elements::{DialogActions, DialogFrame, Room, TextField};
use super::super::state::{CaseState, Dialog, focus};
use super::VisitDialogs;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{Finding, Tone, window_in};

impl VisitDialogs {
    /// Reads the technicians' bookings again.
    pub(super) fn look_at_bookings(self) {
        let number = self.tap.case.number;
        spawn_local(async move {
            if let Ok(booked) = read_booked(number).await {
                self.booked.try_set(booked);
            }
        });
    }

    /// The conflicts of a technician in these windows.
    pub(super) fn against(self, technician: Option<PersonId>, windows: &[Span]) -> Conflicts {
        let Some(technician) = technician else { return Conflicts::default() };
        let number = self.tap.case.number;
        self.booked.with(|booked| Conflicts {
            clashes: clashes(number, technician, windows, &booked.place, &booked.bookings, &booked.travel),
            absences: absences_in(technician, windows, &booked.absences),
        })
    }
}

/// The reason that overrules conflicts, as typed.
#[derive(Clone, Copy)]
pub(super) struct Despite {
    id: &'static str,
    /// The conflicts of the typed windows.
    conflicts: Signal<Conflicts>,
    reason: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
}

impl Despite {
    pub(super) fn new(id: &'static str, conflicts: Signal<Conflicts>) -> Self {
        Self { id, conflicts, reason: RwSignal::new(String::new()), wrong: RwSignal::new(None) }
    }

    /// The command with its reason; `None` while the reason is missing: its field says so.
    pub(super) fn command_with_reason(self, language: Language, command: VisitCommand) -> Option<Command> {
        if self.conflicts.with_untracked(Conflicts::is_empty) {
            return Some(Command::Visit(command));
        }
        match self.reason.with_untracked(|reason| Note::parse(reason)) {
            Ok(reason) => Some(Command::VisitDespite { command, reason, conflicts: Conflicts::default() }),
            Err(wrong) => {
                self.wrong.set(Some(wrong.message(language)));
                focus(self.id);
                None
            }
        }
    }

    pub(super) fn clear(self) {
        self.reason.set(String::new());
    }
}

/// The conflicts of the booking, and the field for the reason; nothing without one.
#[component]
pub(super) fn DespiteField(dialogs: VisitDialogs, dialog: Dialog, despite: Despite) -> impl IntoView {
    let language = use_language();
    // After a refusal for other bookings, those are shown.
    effect(move || {
        if dialog.failed.with(Option::is_some) {
            dialogs.look_at_bookings();
        }
    });
    let case = dialog.case;
    let some = Memo::new(move |_| despite.conflicts.with(|conflicts| !conflicts.is_empty()));
    let lines = move || {
        let told = |words: String| view! { <Finding tone=Tone::Care icon="alert">{words}</Finding> };
        despite
            .conflicts
            .with(|conflicts| in_words(case, language, conflicts))
            .into_iter()
            .map(told)
            .collect_view()
    };
    view! {
        <div class="stack stack--tight" role="status">{lines}</div>
        <Show when=move || some.get()>
            <TextField id=despite.id label="visit.clash.reason" value=despite.reason problem=despite.wrong room=Room::Line/>
        </Show>
    }
    .into_any()
}

/// Each conflict in words, in the site's time.
fn in_words(case: CaseState, language: Language, conflicts: &Conflicts) -> Vec<String> {
    case.hours
        .with_value(|hours| conflicts.messages(language, |window| window_in(language, &hours.zone, window)))
}

/// The conflicts of the visit as agreed or offered.
#[component]
pub(super) fn VisitClashes(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let case = dialogs.tap.case;
    let holds = Memo::new(move |_| {
        case.page.with(|page| {
            let visit = page.visits.last()?;
            let (_, windows) = visit.holds()?;
            Some((visit.technician.id, windows))
        })
    });
    effect(move || {
        if holds.with(Option::is_some) {
            dialogs.look_at_bookings();
        }
    });
    move || {
        let told = |words: String| view! { <p><Finding tone=Tone::Care icon="alert">{words}</Finding></p> };
        let found = holds.get().map(|(technician, windows)| dialogs.against(Some(technician), &windows));
        in_words(case, language, &found.unwrap_or_default()).into_iter().map(told).collect_view()
    }
}

/// Confirms a window that the customer proposed, although it clashes.
#[component]
pub(super) fn ConfirmDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.confirm, dialogs.confirm.case);
    let conflicts = Memo::new(move |_| {
        let technician = case.page.with(|page| page.visits.last().map(|visit| visit.technician.id));
        let window = dialogs.confirming.get();
        window.map(|window| dialogs.against(technician, &[window])).unwrap_or_default()
    });
    let despite = Despite::new("visit-confirm-despite", conflicts.into());
    let run = move || {
        let Some(window) = dialogs.confirming.get_untracked() else { return };
        let Some(command) = despite.command_with_reason(language, VisitCommand::Confirm { window }) else {
            return;
        };
        let done = move || case.done(language, "visit.staff.agreed_done");
        dialog.send(command, done, move || despite.clear());
    };
    let shown = move || {
        let window = dialogs.confirming.get()?;
        Some(case.hours.with_value(|hours| window_in(language, &hours.zone, window)))
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.clash.confirm")>
            <p>{shown}</p>
            <DespiteField dialogs dialog despite/>
            <DialogActions dialog act="visit.clash.confirm" run/>
        </DialogFrame>
    }
    .into_any()
}
