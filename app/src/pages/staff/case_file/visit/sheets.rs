//! The sheets of a visit: offer, the customer's answer by telephone, another time, no visit.

use domain::case::visit::{Given, MoveTo, Side, Stage, Technician, VisitAnswer, VisitCommand, Windows, Word};
use domain::case::{Channel, Command};
use domain::t;
use domain::text::{Note, PersonName};
use domain::time::Span;
use domain::words::Language;
use leptos::prelude::*;

use super::super::elements::{Chips, Room, SheetActs, SheetFrame, TextField};
use super::super::hand::{InHand, focus};
use super::by_telephone::{AgreeSheet, ReassignSheet};
use super::{VisitSheets, late};
use crate::language::use_language;
use crate::ui::{FieldError, Notice, Tone, TypedWindow, WindowFields, read_windows, window_in};

/// All sheets of visits: they stand beside what is refreshed.
#[component]
pub(in super::super) fn VisitSheetsOf(sheets: VisitSheets) -> impl IntoView {
    view! {
        <OfferSheet sheets/>
        <AnswerSheet sheets/>
        <MoveSheet sheets/>
        <CallOffSheet sheets/>
        <AgreeSheet sheets/>
        <ReassignSheet sheets/>
    }
    .into_any()
}

/// The rows of a sheet's windows.
fn rows() -> [RwSignal<TypedWindow>; Windows::MOST] {
    std::array::from_fn(|_| RwSignal::new(TypedWindow::default()))
}

/// Who goes, as a choice.
#[component]
pub(super) fn TechnicianField(
    id: &'static str,
    sheets: VisitSheets,
    chosen: RwSignal<String>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let language = use_language();
    let options = move || {
        let known = sheets.technicians.get();
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

/// What is typed about windows and who goes, in one sheet.
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

    pub(super) fn windows(self, case: InHand) -> Option<Windows> {
        let language = self.language;
        let typed = self.rows.map(|row| row.get_untracked());
        let read = case.hours.with_value(|hours| read_windows(language, &hours.zone, &typed));
        self.wrong_windows.set(read.as_ref().err().cloned());
        read.ok()
    }

    /// What is said at a window that ends after the solution is promised.
    pub(super) fn caution(self, case: InHand) -> Callback<TypedWindow, Option<String>> {
        let language = self.language;
        Callback::new(move |typed: TypedWindow| {
            let read = case.hours.with_value(|hours| read_windows(language, &hours.zone, &[typed]));
            read.ok().and_then(|windows| late(language, case, *windows.as_slice().first()?))
        })
    }

    pub(super) fn technician(self, sheets: VisitSheets) -> Option<Technician> {
        let language = self.language;
        let id = self.technician.get_untracked();
        let found = sheets
            .technicians
            .with_untracked(|known| known.iter().find(|one| one.id.0.to_string() == id).cloned());
        self.wrong_technician.set(found.is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        found
    }

    pub(super) fn clear(self) {
        for row in self.rows {
            row.set(TypedWindow::default());
        }
    }
}

/// Offers up to three windows.
#[component]
fn OfferSheet(sheets: VisitSheets) -> impl IntoView {
    let language = use_language();
    let (sheet, case) = (sheets.offer, sheets.offer.case);
    let planned = Planned::new();
    let note = RwSignal::new(String::new());
    let wrong_note = RwSignal::new(None::<String>);
    let run = move || {
        let (windows, technician) = (planned.windows(case), planned.technician(sheets));
        let text = note.with_untracked(|note| optional(language, note));
        wrong_note.set(text.as_ref().err().cloned());
        let (Some(windows), Some(technician), Ok(note_meant)) = (windows, technician, text) else {
            return focus("visit-offer-from1");
        };
        let command = Command::Visit(VisitCommand::Offer { windows, technician, note: note_meant });
        sheet.send(
            command,
            move || case.done(language, "visit.staff.offer_done"),
            move || {
                planned.clear();
                note.set(String::new());
            },
        );
    };
    view! {
        <SheetFrame sheet title=t!(language, "visit.staff.offer")>
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
            <TechnicianField id="visit-offer-technician" sheets chosen=planned.technician problem=planned.wrong_technician/>
            <TextField id="visit-offer-note" label="visit.staff.note" value=note problem=wrong_note room=Room::Short/>
            <SheetActs sheet act="visit.staff.offer_act" run/>
        </SheetFrame>
    }
    .into_any()
}

pub(super) fn optional(language: Language, text: &str) -> Result<Option<Note>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Note::parse(text).map(Some).map_err(|wrong| wrong.words(language))
}

/// What the customer said on the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Accepts(Span),
    Proposes,
    Declines,
}

/// Writes down the customer's answer to an offer: who gave it, and how.
#[component]
fn AnswerSheet(sheets: VisitSheets) -> impl IntoView {
    let language = use_language();
    let (sheet, case) = (sheets.answer, sheets.answer.case);
    let said = RwSignal::new(None::<Said>);
    let no_said = RwSignal::new(None::<String>);
    let planned = Planned::new();
    let word = WordTyped::new(case);
    let run = move || {
        no_said.set(said.get_untracked().is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        let answer = said.get_untracked().and_then(|said| match said {
            Said::Accepts(window) => Some(VisitAnswer::Accept { window }),
            Said::Proposes => Some(VisitAnswer::Propose { windows: planned.windows(case)?, note: None }),
            Said::Declines => Some(VisitAnswer::Decline { note: None }),
        });
        let (Some(answer), Some(word)) = (answer, word.read()) else { return focus("visit-answer-who") };
        let command = Command::Visit(VisitCommand::Answer { answer, given: Given::Told(word) });
        sheet.send(
            command,
            move || case.done(language, "visit.staff.answer_done"),
            move || {
                planned.clear();
                said.set(None);
            },
        );
    };
    // The windows of the offer that is open now: read anew whenever there is another.
    let choices = move || {
        let offered = case.page.with(|page| match page.visits.last().map(|visit| &visit.stage) {
            Some(Stage::Offered(windows)) => windows.as_slice().to_vec(),
            _ => Vec::new(),
        });
        let windows = offered.into_iter().map(|window| {
            let shown = case.hours.with_value(|hours| window_in(language, &hours.zone, window));
            (Said::Accepts(window), shown)
        });
        let others = [(Said::Proposes, "visit.ask.propose"), (Said::Declines, "visit.ask.decline")];
        let others = others.map(|(said, key)| (said, t!(language, key).into_owned()));
        windows.chain(others).collect::<Vec<_>>()
    };
    view! {
        <SheetFrame sheet title=t!(language, "visit.staff.answer")>
            {move || {
                view! {
                    <Chips name="visit-said" question=t!(language, "visit.staff.said") choices=choices() chosen=said
                        problem=no_said/>
                }
            }}
            <Show when=move || said.get() == Some(Said::Proposes)>
                <WindowFields id="visit-answer" rows=planned.rows problem=planned.wrong_windows
                    caution=planned.caution(case)/>
            </Show>
            {word.fields("visit-answer-who", "visit-answer-channel")}
            <SheetActs sheet act="visit.staff.answer_act" run/>
        </SheetFrame>
    }
    .into_any()
}

/// Whose word it was, and how it was given, as it is typed.
#[derive(Clone, Copy)]
pub(super) struct WordTyped {
    language: Language,
    who: RwSignal<String>,
    wrong_who: RwSignal<Option<String>>,
    channel: RwSignal<Option<Channel>>,
    no_channel: RwSignal<Option<String>>,
}

impl WordTyped {
    pub(super) fn new(case: InHand) -> Self {
        let contact = case.page.with_untracked(|page| page.opening.report.contact.name.to_string());
        Self {
            language: use_language(),
            who: RwSignal::new(contact),
            wrong_who: RwSignal::new(None),
            channel: RwSignal::new(Some(Channel::Phone)),
            no_channel: RwSignal::new(None),
        }
    }

    pub(super) fn read(self) -> Option<Word> {
        let who = self.who.with_untracked(|who| PersonName::parse(who));
        self.wrong_who.set(who.as_ref().err().map(|wrong| wrong.words(self.language)));
        Some(Word { who: who.ok()?, channel: self.channel.get_untracked().unwrap_or(Channel::Phone) })
    }

    pub(super) fn fields(self, id: &'static str, chips: &'static str) -> impl IntoView {
        let language = self.language;
        let channels = Channel::ALL
            .iter()
            .map(|&choice| (choice, t!(language, choice.name_key()).into_owned()))
            .collect();
        view! {
            <TextField id label="staff.verify.who" value=self.who problem=self.wrong_who room=Room::Line/>
            <Chips name=chips question=t!(language, "staff.contact.channel") choices=channels chosen=self.channel
                problem=self.no_channel/>
        }
        .into_any()
    }
}

/// On whose account, as chips.
fn side_chips(
    name: &'static str,
    chosen: RwSignal<Option<Side>>,
    problem: RwSignal<Option<String>>,
) -> AnyView {
    let language = use_language();
    let sides = Side::ALL.iter().map(|&side| (side, t!(language, side.name_key()).into_owned())).collect();
    view! { <Chips name question=t!(language, "visit.staff.by") choices=sides chosen problem/> }.into_any()
}

/// What comes in the place of what was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Offer,
    Agreed,
}

/// Gives up what was agreed: other windows are offered, or one is agreed on the telephone at once.
#[component]
fn MoveSheet(sheets: VisitSheets) -> impl IntoView {
    let language = use_language();
    let (sheet, case) = (sheets.shift, sheets.shift.case);
    let planned = Planned::new();
    let (by, no_by) = (RwSignal::new(None::<Side>), RwSignal::new(None::<String>));
    let (next, no_next) = (RwSignal::new(Some(Next::Offer)), RwSignal::new(None::<String>));
    let (reason, wrong_reason) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let word = WordTyped::new(case);
    let run = move || {
        let (windows, technician) = (planned.windows(case), planned.technician(sheets));
        let text = reason.with_untracked(|reason| Note::parse(reason));
        wrong_reason.set(text.as_ref().err().map(|wrong| wrong.words(language)));
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
        let command = Command::Visit(VisitCommand::Move { by: side, reason: why, technician, to });
        sheet.send(
            command,
            move || case.done(language, "visit.staff.move_done"),
            move || {
                planned.clear();
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
        <SheetFrame sheet title=t!(language, "visit.staff.move")>
            {side_chips("visit-move-by", by, no_by)}
            <TextField id="visit-move-reason" label="visit.staff.reason" value=reason problem=wrong_reason room=Room::Line/>
            <Chips name="visit-move-next" question=t!(language, "visit.staff.next") choices=nexts chosen=next problem=no_next/>
            <WindowFields id="visit-move" rows=planned.rows problem=planned.wrong_windows
                caution=planned.caution(case)/>
            <TechnicianField id="visit-move-technician" sheets chosen=planned.technician problem=planned.wrong_technician/>
            <Show when=move || next.get() == Some(Next::Agreed)>
                {word.fields("visit-move-who", "visit-move-channel")}
            </Show>
            <SheetActs sheet act="visit.staff.move_act" run/>
        </SheetFrame>
    }
    .into_any()
}

/// Calls the visit off.
#[component]
fn CallOffSheet(sheets: VisitSheets) -> impl IntoView {
    let language = use_language();
    let (sheet, case) = (sheets.call_off, sheets.call_off.case);
    let (by, no_by) = (RwSignal::new(None::<Side>), RwSignal::new(None::<String>));
    let (reason, wrong_reason) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let text = reason.with_untracked(|reason| Note::parse(reason));
        wrong_reason.set(text.as_ref().err().map(|wrong| wrong.words(language)));
        no_by.set(by.get_untracked().is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        let (Some(side), Ok(why)) = (by.get_untracked(), text) else { return focus("visit-off-reason") };
        let command = Command::Visit(VisitCommand::CallOff { by: side, reason: why });
        let done = move || case.done(language, "visit.staff.call_off_done");
        sheet.send(command, done, move || {
            reason.set(String::new());
            by.set(None);
        });
    };
    view! {
        <SheetFrame sheet title=t!(language, "visit.staff.call_off")>
            {side_chips("visit-off-by", by, no_by)}
            <TextField id="visit-off-reason" label="visit.staff.reason" value=reason problem=wrong_reason room=Room::Line/>
            <SheetActs sheet act="visit.staff.call_off" run/>
        </SheetFrame>
    }
    .into_any()
}
