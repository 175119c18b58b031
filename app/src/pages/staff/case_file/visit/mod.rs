//! The visit of a case: its stage, and the commands of the staff.

#![allow(
    clippy::large_types_passed_by_value,
    reason = "a set of handles of signals, copied as each of them is"
)]

mod by_telephone;
mod despite;
mod dialogs;
mod missed;
mod shift;

use domain::case::visit::{
    NoShowReason, Side, Stage, Technician, Visit, VisitCommand, Windows, solution_due_before,
};
use domain::case::{Command, UNDO_S};
use domain::i18n::Language;
use domain::t;
use domain::time::{Instant, Span};
use domain::view::Booked;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::despite::VisitClashes;
use super::api::read_technicians;
use super::elements::FailedNotice;
use super::state::{CaseState, Dialog};
use crate::address::case_address;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{FileList, Finding, Icon, Tone, WorkDone, relative_time, window_in};

pub(super) use dialogs::VisitDialogsOf;

/// The dialogs of visits, and the technicians.
#[derive(Clone, Copy)]
pub(super) struct VisitDialogs {
    offer: Dialog,
    answer: Dialog,
    shift: Dialog,
    call_off: Dialog,
    agree: Dialog,
    reassign: Dialog,
    missed: Dialog,
    /// Commands of one tap, without a dialog.
    tap: Dialog,
    technicians: RwSignal<Vec<Technician>>,
    /// The technicians' bookings.
    booked: RwSignal<Booked>,
    /// Confirms a window that the customer proposed, although it clashes.
    confirm: Dialog,
    confirming: RwSignal<Option<Span>>,
}

impl VisitDialogs {
    pub(super) fn new(case: CaseState) -> Self {
        let technicians = RwSignal::new(Vec::new());
        // In the browser alone: technicians are needed once a dialog is open.
        effect(move || {
            spawn_local(async move {
                if let Ok(known) = read_technicians().await {
                    technicians.try_set(known);
                }
            });
        });
        Self {
            offer: Dialog::new(case, "do-visit-offer"),
            answer: Dialog::new(case, "do-visit-answer"),
            shift: Dialog::new(case, "do-visit-move"),
            call_off: Dialog::new(case, "do-visit-off"),
            agree: Dialog::new(case, "do-visit-agree"),
            reassign: Dialog::new(case, "do-visit-reassign"),
            missed: Dialog::new(case, "do-visit-missed"),
            tap: Dialog::new(case, "do-visit-tap"),
            technicians,
            booked: RwSignal::new(Booked::default()),
            confirm: Dialog::new(case, "do-visit-confirm"),
            confirming: RwSignal::new(None),
        }
    }
}

/// The caution that a window ends after the resolution target.
fn late(language: Language, case: CaseState, window: Span) -> Option<String> {
    let now = case.time.now_untracked();
    let due = case.page.with(|page| solution_due_before(window, &page.clocks, &page.hours.spans, now))?;
    let at = case.hours.with_value(|hours| relative_time(language, &hours.zone, due, now));
    Some(t!(language, "visit.staff.late", at = at))
}

/// The state of the visit, with its commands.
#[component]
pub(super) fn VisitCard(case: CaseState, dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let visit = Memo::new(move |_| case.page.with(|page| page.visits.last().cloned()));
    let open = Memo::new(move |_| case.page.with(|page| page.status.is_open()));
    let has_visit = Memo::new(move |_| visit.with(Option::is_some));
    let act = move |dialog: Dialog, words: &'static str| {
        view! {
            <button class="button" type="button"
                on:click=move |_| {
                    dialog.begin();
                    dialogs.look_at_bookings();
                }>
                {t!(language, words)}
            </button>
        }
        .into_any()
    };
    let acts =
        move || {
            let stage = visit.get().map(|visit| visit.stage);
            match stage {
            _ if !open.get() => ().into_any(),
            Some(Stage::Offered(_)) => view! {
                {act(dialogs.answer, "visit.staff.answer")} {act(dialogs.offer, "visit.staff.offer_others")}
                {act(dialogs.agree, "visit.staff.agree")}
                {act(dialogs.call_off, "visit.staff.call_off")}
            }
            .into_any(),
            Some(Stage::Proposed(windows)) => view! {
                <Confirm dialogs windows/>
                {act(dialogs.offer, "visit.staff.offer_others")}
                {act(dialogs.agree, "visit.staff.agree")}
                {act(dialogs.call_off, "visit.staff.call_off")}
            }
            .into_any(),
            Some(Stage::Agreed(_)) => view! {
                {act(dialogs.shift, "visit.staff.move")}
                {act(dialogs.reassign, "visit.staff.reassign")}
                {act(dialogs.call_off, "visit.staff.call_off")}
                <MissedByUs dialogs/>
            }
            .into_any(),
            Some(Stage::OnSite { .. } | Stage::Working { .. }) => {
                view! { <a class="button" href="/desk/agenda">{t!(language, "visit.staff.to_agenda")}</a> }
                    .into_any()
            }
            Some(Stage::Missed { missed_at, .. }) => view! {
                {act(dialogs.offer, "visit.staff.offer")} {act(dialogs.agree, "visit.staff.agree")}
                <TakeMissBack dialogs missed_at/>
            }
            .into_any(),
            _ => view! { {act(dialogs.offer, "visit.staff.offer")} {act(dialogs.agree, "visit.staff.agree")} }
                .into_any(),
        }
        };
    view! {
        // Without a visit it shows only its commands; nothing once the case is over.
        <section class=move || if has_visit.get() { "card stack" } else { "stack" } aria-labelledby="h-visit"
            hidden=move || !has_visit.get() && !open.get()>
            <h2 id="h-visit" class:sr=move || !has_visit.get()>{t!(language, "visit.title")}</h2>
            {move || visit.get().map(|visit| view! { <VisitState visit case/> })}
            <VisitClashes dialogs/>
            <FailedNotice dialog=dialogs.tap/>
            <div class="row" role="group" aria-label=t!(language, "visit.staff.acts")>{acts}</div>
        </section>
    }
    .into_any()
}

/// Stage, window, technician, and outcome.
#[component]
fn VisitState(visit: Visit, case: CaseState) -> impl IntoView {
    let language = use_language();
    let shown = move |window: Span| case.hours.with_value(|hours| window_in(language, &hours.zone, window));
    let windows = match &visit.stage {
        Stage::Offered(windows) | Stage::Proposed(windows) => windows.as_slice().to_vec(),
        _ => visit.appointment().map(|appointment| appointment.window).into_iter().collect(),
    };
    let no_show = match &visit.stage {
        Stage::Missed { by, reason, .. } => {
            let who = match by {
                Side::Us => "visit.missed.us",
                Side::Customer => "visit.missed.customer",
            };
            Some(t!(language, reason.map_or(who, NoShowReason::name_key)).into_owned())
        }
        _ => None,
    };
    let is_ahead = matches!(visit.stage, Stage::Offered(_) | Stage::Proposed(_) | Stage::Agreed(_));
    let line = move |window: Span| {
        let late = move || late(language, case, window).filter(|_| is_ahead);
        let finding =
            move || late().map(|words| view! { <Finding tone=Tone::Care icon="alert">{words}</Finding> });
        view! { <li>{shown(window)} {finding}</li> }
    };
    let told_by = visit.appointment().and_then(|appointment| appointment.word.clone());
    let moved = |count: u32, key: &'static str| (count > 0).then(|| t!(language, key, count = count));
    let moved_us = moved(visit.moved_by_us, "visit.staff.moved_by_us");
    let moved_customer = moved(visit.moved_by_customer, "visit.staff.moved_by_customer");
    let (files, base) = (visit.files.clone(), format!("{}/files", case_address(case.number)));
    let done = match &visit.stage {
        Stage::Ended(done) => Some(done.clone()),
        _ => None,
    };
    view! {
        <p>
            <span class="badge">{t!(language, visit.stage.name_key())}</span>
            {moved_us.map(|words| view! { " " <span class="badge badge--line">{words}</span> })}
            {moved_customer.map(|words| view! { " " <span class="badge badge--line">{words}</span> })}
        </p>
        {no_show.map(|words| view! { <p>{words}</p> })}
        <ul class="visit__windows">
            {windows.into_iter().map(line).collect_view()}
        </ul>
        <dl class="facts">
            <div><dt>{t!(language, "letter.visit.technician")}</dt><dd>{visit.technician.name.clone()}</dd></div>
            {told_by
                .map(|word| {
                    let how = t!(language, word.channel.name_key());
                    view! {
                        <div><dt>{t!(language, "visit.staff.word")}</dt><dd>{format!("{} · {how}", word.who)}</dd></div>
                    }
                })}
        </dl>
        {done.map(|done| view! { <WorkDone done=*done/> })}
        <FileList files base/>
    }
    .into_any()
}

/// Confirms one of the windows that the customer proposed.
#[component]
fn Confirm(dialogs: VisitDialogs, windows: Windows) -> impl IntoView {
    let language = use_language();
    let case = dialogs.tap.case;
    effect(move || dialogs.look_at_bookings());
    let technician = case.page.with_untracked(|page| page.visits.last().map(|visit| visit.technician.id));
    let take = windows.as_slice().to_vec().into_iter().map(move |window| {
        let shown = case.hours.with_value(|hours| window_in(language, &hours.zone, window));
        let run = move |_| {
            dialogs.tap.begin();
            let done = move || case.done(language, "visit.staff.agreed_done");
            dialogs.tap.send(Command::Visit(VisitCommand::Confirm { window }), done, || ());
        };
        let clashes = Memo::new(move |_| !dialogs.against(technician, &[window]).is_empty());
        move || {
            let words = t!(language, "visit.staff.confirm", window = shown.clone());
            if clashes.get() {
                let begin = move |_| {
                    dialogs.confirming.set(Some(window));
                    dialogs.confirm.begin();
                };
                return view! {
                    <button class="button" type="button" on:click=begin>
                        <Icon name="alert"/> " " {words}
                    </button>
                }
                .into_any();
            }
            view! {
                <button class="button button--main" type="button" aria-disabled=dialogs.tap.busy() on:click=run>
                    <Icon name="check"/> " " {words}
                </button>
            }
            .into_any()
        }
    });
    view! { {take.collect_view()} }.into_any()
}

/// The button that reports a missed visit, once the window is over.
#[component]
fn MissedByUs(dialogs: VisitDialogs) -> impl IntoView {
    let language = use_language();
    let case = dialogs.tap.case;
    let until = case
        .page
        .with_untracked(|page| page.visits.last().and_then(Visit::meeting).map(|meeting| meeting.window.to));
    let over = Memo::new(move |_| until.is_some_and(|until| case.time.now() > until));
    let dialog = dialogs.missed;
    move || {
        over.get().then(|| {
            view! {
                <button class="button" type="button" on:click=move |_| dialog.begin()>
                    {t!(language, "visit.missed.us")}
                </button>
            }
        })
    }
}

/// The button that undoes a missed visit, while that is possible.
#[component]
fn TakeMissBack(dialogs: VisitDialogs, missed_at: Instant) -> impl IntoView {
    let language = use_language();
    let case = dialogs.tap.case;
    let is_fresh = Memo::new(move |_| case.time.now() < missed_at.plus(UNDO_S));
    let run = move |_| {
        dialogs.tap.begin();
        let done = move || case.done(language, "visit.staff.miss_taken_back");
        dialogs.tap.send(Command::Visit(VisitCommand::UndoMiss), done, || ());
    };
    move || {
        is_fresh.get().then(|| {
            view! {
                <button class="button" type="button" aria-disabled=dialogs.tap.busy() on:click=run>
                    {t!(language, "visit.agenda.take_miss_back")}
                </button>
            }
        })
    }
}
