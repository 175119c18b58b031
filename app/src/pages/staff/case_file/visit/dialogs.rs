//! The dialogs of a visit: offer, the customer's answer by telephone, another time, cancellation.

use domain::actor::PersonId;
use domain::case::visit::{
    AnswerSource, Conflicts, CustomerStatement, Stage, Technician, VisitAnswer, VisitCommand, Windows,
};
use domain::case::{Channel, Command};
use domain::i18n::Language;
use domain::t;
use domain::text::{Note, PersonName, optional};
use domain::time::Span;
use leptos::prelude::*;

use super::super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::super::state::{CaseState, focus};
use super::by_telephone::{AgreeDialog, ReassignDialog};
use super::despite::{ConfirmDialog, Despite, DespiteField};
use super::missed::MissedDialog;
use super::shift::{CallOffDialog, MoveDialog};
use super::{VisitDialogs, late};
use crate::language::use_language;
use crate::ui::{FieldError, Notice, Tone, TypedWindow, WindowFields, read_windows, window_in};

/// All dialogs of visits, outside the refreshed parts.
#[component]
pub(in super::super) fn VisitDialogsOf(dialogs: VisitDialogs) -> impl IntoView {
    view! {
        <OfferDialog dialogs/>
        <AnswerDialog dialogs/>
        <MoveDialog dialogs/>
        <CallOffDialog dialogs/>
        <AgreeDialog dialogs/>
        <ReassignDialog dialogs/>
        <MissedDialog dialogs/>
        <ConfirmDialog dialogs/>
    }
    .into_any()
}

/// The rows of a dialog's windows.
fn rows() -> [RwSignal<TypedWindow>; Windows::MOST] {
    std::array::from_fn(|_| RwSignal::new(TypedWindow::default()))
}

/// The choice of a technician.
#[component]
pub(super) fn TechnicianField(
    id: &'static str,
    dialogs: VisitDialogs,
    chosen: RwSignal<String>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let language = use_language();
    let options = move || {
        let known = dialogs.technicians.get();
        known
            .into_iter()
            .map(|one| view! { <option value=one.id.0.to_string()>{one.name}</option> })
            .collect_view()
    };
    view! {
        <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
            <label class="field__label" for=id>{t!(language, "letter.visit.technician")}</label>
            <div class="field__box">
                <select class="field__input" id=id prop:value=move || chosen.get()
                    on:change=move |event| { chosen.set(event_target_value(&event)); problem.set(None); }>
                    <option value="">{t!(language, "visit.staff.choose_technician")}</option>
                    {options}
                </select>
            </div>
            <FieldError id error=problem.into()/>
        </div>
    }
    .into_any()
}

/// Windows and technician, as typed in one dialog.
#[derive(Clone, Copy)]
pub(super) struct Planned {
    language: Language,
    pub(super) rows: [RwSignal<TypedWindow>; Windows::MOST],
    pub(super) wrong_windows: RwSignal<Option<String>>,
    pub(super) technician: RwSignal<String>,
    pub(super) wrong_technician: RwSignal<Option<String>>,
}

impl Planned {
    pub(super) fn new() -> Self {
        Self {
            language: use_language(),
            rows: rows(),
            wrong_windows: RwSignal::new(None),
            technician: RwSignal::new(String::new()),
            wrong_technician: RwSignal::new(None),
        }
    }

    pub(super) fn windows(self, case: CaseState) -> Option<Windows> {
        let language = self.language;
        let typed = self.rows.map(|row| row.get_untracked());
        let read = case.hours.with_value(|hours| read_windows(language, &hours.zone, &typed));
        self.wrong_windows.set(read.as_ref().err().cloned());
        read.ok()
    }

    /// The caution about a window that ends after the resolution target.
    pub(super) fn caution(self, case: CaseState) -> Callback<TypedWindow, Option<String>> {
        let language = self.language;
        Callback::new(move |typed: TypedWindow| {
            let read = case.hours.with_value(|hours| read_windows(language, &hours.zone, &[typed]));
            read.ok().and_then(|windows| late(language, case, *windows.as_slice().first()?))
        })
    }

    pub(super) fn technician(self, dialogs: VisitDialogs) -> Option<Technician> {
        let language = self.language;
        let id = self.technician.get_untracked();
        let found = dialogs
            .technicians
            .with_untracked(|known| known.iter().find(|one| one.id.0.to_string() == id).cloned());
        self.wrong_technician.set(found.is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        found
    }

    /// The conflicts of the typed windows.
    pub(super) fn conflicts(self, dialogs: VisitDialogs) -> Signal<Conflicts> {
        let (language, case) = (self.language, dialogs.tap.case);
        let memo = Memo::new(move |_| {
            let typed = self.rows.map(|row| row.get());
            let read = case.hours.with_value(|hours| read_windows(language, &hours.zone, &typed));
            let technician = self.technician.with(|id| id.parse().ok().map(PersonId));
            read.map(|windows| dialogs.against(technician, windows.as_slice())).unwrap_or_default()
        });
        memo.into()
    }

    pub(super) fn clear(self) {
        for row in self.rows {
            row.set(TypedWindow::default());
        }
    }
}

/// Offers up to three windows.
#[component]
fn OfferDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.offer, dialogs.offer.case);
    let planned = Planned::new();
    let despite = Despite::new("visit-offer-despite", planned.conflicts(dialogs));
    let note = RwSignal::new(String::new());
    let wrong_note = RwSignal::new(None::<String>);
    let run = move || {
        let (windows, technician) = (planned.windows(case), planned.technician(dialogs));
        let text = note.with_untracked(|note| optional(note, Note::parse));
        wrong_note.set(text.as_ref().err().map(|wrong| wrong.message(language)));
        let (Some(windows), Some(technician), Ok(note_meant)) = (windows, technician, text) else {
            return focus("visit-offer-from1");
        };
        let command = VisitCommand::Offer { windows, technician, note: note_meant };
        let Some(command) = despite.command_with_reason(language, command) else { return };
        dialog.send(
            command,
            move || case.done(language, "visit.staff.offer_done"),
            move || {
                planned.clear();
                despite.clear();
                note.set(String::new());
            },
        );
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.staff.offer")>
            {move || {
                (!case.was_contacted())
                    .then(|| {
                        view! {
                            <Notice tone=Tone::Care icon="info">
                                <p>{t!(language, "visit.refusal.contact_first")}</p>
                            </Notice>
                        }
                    })
            }}
            <WindowFields id="visit-offer" rows=planned.rows problem=planned.wrong_windows
                caution=planned.caution(case)/>
            <TechnicianField id="visit-offer-technician" dialogs chosen=planned.technician problem=planned.wrong_technician/>
            <DespiteField dialogs dialog despite/>
            <TextField id="visit-offer-note" label="visit.staff.note" value=note problem=wrong_note room=Room::Short/>
            <DialogActions dialog act="visit.staff.offer_act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// The customer's answer on the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PhoneAnswer {
    Accepts(Span),
    Proposes,
    Declines,
}

/// Records the customer's answer to an offer: who gave it, and how.
#[component]
fn AnswerDialog(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let (dialog, case) = (dialogs.answer, dialogs.answer.case);
    let said = RwSignal::new(None::<PhoneAnswer>);
    let no_said = RwSignal::new(None::<String>);
    let planned = Planned::new();
    let word = StatementInput::new(case);
    let run = move || {
        no_said.set(said.get_untracked().is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        let answer = said.get_untracked().and_then(|said| match said {
            PhoneAnswer::Accepts(window) => Some(VisitAnswer::Accept { window }),
            PhoneAnswer::Proposes => {
                Some(VisitAnswer::Propose { windows: planned.windows(case)?, note: None })
            }
            PhoneAnswer::Declines => Some(VisitAnswer::Decline { note: None }),
        });
        let (Some(answer), Some(word)) = (answer, word.read()) else { return focus("visit-answer-who") };
        let command = Command::Visit(VisitCommand::Answer { answer, given: AnswerSource::ByStaff(word) });
        dialog.send(
            command,
            move || case.done(language, "visit.staff.answer_done"),
            move || {
                planned.clear();
                said.set(None);
            },
        );
    };
    // The windows of the present offer.
    let choices = move || {
        let offered = case.page.with(|page| match page.visits.last().map(|visit| &visit.stage) {
            Some(Stage::Offered(windows)) => windows.as_slice().to_vec(),
            _ => Vec::new(),
        });
        let windows = offered.into_iter().map(|window| {
            let shown = case.hours.with_value(|hours| window_in(language, &hours.zone, window));
            (PhoneAnswer::Accepts(window), shown)
        });
        let others =
            [(PhoneAnswer::Proposes, "visit.ask.propose"), (PhoneAnswer::Declines, "visit.ask.decline")];
        let others = others.map(|(said, key)| (said, t!(language, key).into_owned()));
        windows.chain(others).collect::<Vec<_>>()
    };
    view! {
        <DialogFrame dialog title=t!(language, "visit.staff.answer")>
            {move || {
                view! {
                    <Chips name="visit-said" question=t!(language, "visit.staff.said") choices=choices() chosen=said
                        problem=no_said/>
                }
            }}
            <Show when=move || said.get() == Some(PhoneAnswer::Proposes)>
                <WindowFields id="visit-answer" rows=planned.rows problem=planned.wrong_windows
                    caution=planned.caution(case)/>
            </Show>
            {word.fields("visit-answer-who", "visit-answer-channel")}
            <DialogActions dialog act="visit.staff.answer_act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Who answered, and how, as typed.
#[derive(Clone, Copy)]
pub(super) struct StatementInput {
    language: Language,
    who: RwSignal<String>,
    wrong_who: RwSignal<Option<String>>,
    channel: RwSignal<Option<Channel>>,
    no_channel: RwSignal<Option<String>>,
}

impl StatementInput {
    pub(super) fn new(case: CaseState) -> Self {
        let contact = case.page.with_untracked(|page| page.opening.report.contact.name.to_string());
        Self {
            language: use_language(),
            who: RwSignal::new(contact),
            wrong_who: RwSignal::new(None),
            channel: RwSignal::new(Some(Channel::Phone)),
            no_channel: RwSignal::new(None),
        }
    }

    pub(super) fn read(self) -> Option<CustomerStatement> {
        let who = self.who.with_untracked(|who| PersonName::parse(who));
        self.wrong_who.set(who.as_ref().err().map(|wrong| wrong.message(self.language)));
        Some(CustomerStatement {
            who: who.ok()?,
            channel: self.channel.get_untracked().unwrap_or(Channel::Phone),
        })
    }

    pub(super) fn fields(self, id: &'static str, chips: &'static str) -> impl IntoView {
        let language = self.language;
        let channels =
            Channel::ALL.map(|choice| (choice, t!(language, choice.name_key()).into_owned())).to_vec();
        view! {
            <TextField id label="staff.verify.who" value=self.who problem=self.wrong_who room=Room::Line/>
            <Chips name=chips question=t!(language, "staff.contact.channel") choices=channels chosen=self.channel
                problem=self.no_channel/>
        }
        .into_any()
    }
}
