//! One visit of an agenda: all that is needed on the way and on site.

use domain::case::visit::{Conflicts, Stage, VisitCommand, VisitId};
use domain::case::{Command, UNDO_S};
use domain::case_number::CaseNumber;
use domain::t;
use domain::time::Instant;
use domain::view::AgendaEntry;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::forget;
use super::end::EndForm;
use super::files::Files;
use super::no_show::NoShow;
use super::{AgendaState, Key};
use crate::AppError;
use crate::address::{case_address, query_value};
use crate::language::use_language;
use crate::live::use_time;
use crate::pages::staff::command::execute_command;
use crate::ui::pending::provide_pending;
use crate::ui::{Finding, Icon, Notice, PriorityTag, Tone, WorkDone, refocus, window_in};

/// One visit. Each part is drawn again only when it changes, so that a report that is being typed stays.
#[component]
pub(super) fn Entry(key: Key, first: AgendaEntry, held: AgendaState) -> impl IntoView {
    let language = use_language();
    let (number, visit) = key;
    let entry = {
        let first = first.clone();
        Memo::new(move |_| held.entry(key).unwrap_or_else(|| first.clone()))
    };
    let heading = format!("h-visit-{}-{}", number.as_compact(), visit.0);
    let window = move || {
        entry.with(|entry| {
            let appointment = entry.visit.appointment();
            appointment.map(|appointment| window_in(language, &entry.zone, appointment.window))
        })
    };
    let version = Signal::derive(move || entry.with(|entry| entry.version));
    let tap =
        VisitAction { number, version, held, sending: RwSignal::new(false), failed: RwSignal::new(None) };
    provide_pending(move || tap.sending.get());
    let stage = Memo::new(move |_| entry.with(|entry| entry.visit.stage.clone()));
    let priority = Signal::derive(move || entry.with(|entry| entry.priority));
    let labelled_by = heading.clone();
    let contact = first.contact.name.to_string();
    view! {
        <li>
            <section class="card stack" aria-labelledby=labelled_by>
                <div class="row row--apart">
                    <div>
                        <h2 id=heading>{window}</h2>
                        <p class="note">{move || entry.with(|entry| t!(language, "visit.ask.zone", place = entry.zone.city(language)))}</p>
                    </div>
                    <span class="badge">{move || t!(language, stage.with(Stage::name_key))}</span>
                </div>
                <p>
                    <a class="number" href=case_address(number)>{number.grouped()}</a>
                    " "
                    <PriorityTag priority/>
                    " "
                    <span class="note">{move || entry.with(|entry| entry.visit.technician.name.clone())}</span>
                </p>
                <Destination entry=first/>
                <Clashes entry/>
                <Files entry tap/>
                <Refused tap/>
                <div class="row">
                    {move || view! { <VisitActionBar stage=stage.get() tap visit contact=contact.clone()/> }}
                </div>
            </section>
        </li>
    }
    .into_any()
}

/// Equipment, fault, map and telephones: what the technician needs on the way.
#[component]
fn Destination(entry: AgendaEntry) -> impl IntoView {
    let language = use_language();
    let country = t!(language, entry.country.name_key());
    let (site, address) = match &entry.site {
        Some(site) => (site.name.clone(), format!("{}, {country}", site.address)),
        None => (String::new(), format!("{}, {country}", entry.location)),
    };
    // The customer's words say where in the building.
    let within = entry.site.is_some().then(|| entry.location.to_string());
    let what = [entry.customer.as_str(), entry.equipment.as_str()];
    let what = what.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    let map = format!("https://www.openstreetmap.org/search?query={}", query_value(&address));
    let contact = entry.contact;
    view! {
        <p><b>{what}</b></p>
        {(!site.is_empty()).then(|| view! { <p>{site.clone()}</p> })}
        {within.map(|words| view! { <p class="note">{words}</p> })}
        <p class="history__text">{entry.fault.to_string()}</p>
        <div class="row">
            <a class="button" href=map target="_blank" rel="external noopener noreferrer">
                <Icon name="place"/> " " {address}
            </a>
            <a class="button" href=contact.phone.tel_uri()>
                <Icon name="phone"/> " " {format!("{} · {}", contact.name, contact.phone.national())}
            </a>
            {contact.second.map(|phone| {
                view! {
                    <a class="button" href=phone.tel_uri()><Icon name="phone"/> " " {phone.national()}</a>
                }
            })}
        </div>
        <p class="note">{t!(language, "visit.agenda.equipment", serial = entry.serial)}</p>
    }
    .into_any()
}

/// Other bookings and absences of the technician that speak against this visit.
#[component]
fn Clashes(entry: Memo<AgendaEntry>) -> impl IntoView {
    let language = use_language();
    let conflicts = Memo::new(move |_| {
        entry.with(|entry| {
            let found = Conflicts { clashes: entry.clashes.clone(), absences: entry.absences.clone() };
            found.messages(language, |window| window_in(language, &entry.zone, window))
        })
    });
    move || {
        let told = |words: String| view! { <Finding tone=Tone::Care icon="alert">{words}</Finding> };
        conflicts.get().into_iter().map(told).collect_view()
    }
}

/// The commands of the visit's stage.
#[component]
fn VisitActionBar(stage: Stage, tap: VisitAction, visit: VisitId, contact: String) -> impl IntoView {
    let language = use_language();
    let act = move |command: VisitCommand, words: &'static str, class: &'static str| {
        view! {
            <button
                class=class
                type="button"
                aria-disabled=tap.busy()
                on:click=move |_| tap.send(command.clone())
            >
                {t!(language, words)}
            </button>
        }
        .into_any()
    };
    let main = "button button--main button--big";
    match stage {
        Stage::Agreed(_) => act(VisitCommand::Arrive, "visit.agenda.arrive", main),
        Stage::OnSite { arrived_at, appointment } => view! {
            {act(VisitCommand::Start, "visit.agenda.start", main)}
            <UndoButton tap since=arrived_at command=VisitCommand::UndoArrival words="visit.agenda.take_back"/>
            <NoShow tap visit from=appointment.window.from/>
        }
        .into_any(),
        Stage::Missed { missed_at, .. } => view! {
            <UndoButton tap since=missed_at command=VisitCommand::UndoMiss words="visit.agenda.take_miss_back"/>
        }
        .into_any(),
        Stage::Working { .. } => view! { <EndForm tap visit contact/> }.into_any(),
        Stage::Ended(done) => {
            forget((tap.number, visit));
            view! { <div class="stack visit__end"><WorkDone done=*done/></div> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// A button that undoes the last command, while that is possible.
#[component]
fn UndoButton(tap: VisitAction, since: Instant, command: VisitCommand, words: &'static str) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let is_fresh = Memo::new(move |_| time.now() < since.plus(UNDO_S));
    move || {
        let command = command.clone();
        is_fresh.get().then(|| {
            view! {
                <button
                    class="button button--quiet button--big"
                    type="button"
                    aria-disabled=tap.busy()
                    on:click=move |_| tap.send(command.clone())
                >
                    {t!(language, words)}
                </button>
            }
        })
    }
}

/// Commands of a visit, with the outcome of the last try.
#[derive(Clone, Copy)]
pub(super) struct VisitAction {
    pub(super) number: CaseNumber,
    /// The version of the case that the agenda shows.
    version: Signal<u32>,
    pub(super) held: AgendaState,
    pub(super) sending: RwSignal<bool>,
    failed: RwSignal<Option<AppError>>,
}

impl VisitAction {
    /// Whether a command is being sent, as the attribute of a button.
    pub(super) fn busy(self) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync {
        move || self.sending.get().then_some("true")
    }

    pub(super) fn send(self, command: VisitCommand) {
        if self.sending.get_untracked() {
            return;
        }
        self.sending.set(true);
        self.failed.set(None);
        let seen = self.version.get_untracked();
        spawn_local(async move {
            let outcome = execute_command(self.number, seen, Command::Visit(command)).await;
            if self.sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(_) => {
                    self.held.read_again().await;
                    // The pressed button has disappeared: focus the next one of this visit.
                    let visit = format!("section[aria-labelledby^='h-visit-{}-']", self.number.as_compact());
                    refocus(&format!("{visit} .row > button, {visit} textarea")).await;
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }
}

#[component]
fn Refused(tap: VisitAction) -> impl IntoView {
    let language = use_language();
    move || {
        tap.failed.get().map(|error| {
            view! { <Notice tone=Tone::Bad icon="alert"><p>{error.message(language)}</p></Notice> }
        })
    }
}
