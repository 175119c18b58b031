//! The state of a case file: the case as last read, its commands, and their outcomes.

use domain::actor::{Action, Actor, Staff, Subject, may};
use domain::calendar::ServiceHours;
use domain::calendar::format::MomentStyle;
use domain::case::{Command, TimerState};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::view::CasePage;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};

use super::super::command::execute_command;
use super::super::refresh::ask_soon;
use super::api::read_case_file;
use super::presence::Presence;
use crate::AppError;
use crate::effect::effect;
use crate::live::{Link, Time, follow};
use crate::press;
use crate::ui::refocus;

/// How long a message of success shows.
const TOLD_MS: u32 = 8_000;

/// The state of a case file.
#[derive(Clone, Copy)]
pub(super) struct CaseState {
    pub number: CaseNumber,
    pub page: RwSignal<CasePage>,
    pub hours: StoredValue<ServiceHours>,
    pub time: Time,
    /// The last message of success, with the number of those before it.
    pub told: RwSignal<(u32, Option<String>)>,
    /// The colleagues who have the case open.
    pub company: Presence,
    me: StoredValue<Actor>,
    /// The error of the last refresh.
    pub trouble: RwSignal<Option<AppError>>,
    asking: RwSignal<bool>,
}

impl CaseState {
    /// The state of a case as first read.
    pub(super) fn take(first: CasePage, time: Time, me: Staff) -> Self {
        Self {
            company: Presence::new(),
            me: StoredValue::new(Actor::Staff(me)),
            number: first.number,
            hours: StoredValue::new(first.hours.clone()),
            page: RwSignal::new(first),
            time,
            told: RwSignal::new((0, None)),
            trouble: RwSignal::new(None),
            asking: RwSignal::new(false),
        }
    }

    /// Refreshes the case with every event of the server, and after each reconnection, which may have missed some.
    pub(super) fn follow(self) -> ReadSignal<Link> {
        let read_soon = move || ask_soon(self.asking, move || self.read_again());
        let link =
            follow(format!("/events/file/{}", self.number.as_compact()), move |message| match message.kind {
                "presence" => spawn_local(async move {
                    press::released().await;
                    self.company.apply(&message.data);
                }),
                _ => read_soon(),
            });
        self.company.send_heartbeats();
        effect(move |before: Option<bool>| {
            let live = link.get() == Link::Live;
            if live && before == Some(false) {
                read_soon();
            }
            live
        });
        link
    }

    /// Reads the case again; an answer older than the present state is dropped.
    pub(super) async fn read_again(self) {
        let read = read_case_file(self.number.as_compact()).await;
        press::released().await;
        match read {
            Ok(page) if self.page.try_with_untracked(|held| held.version < page.version) == Some(true) => {
                self.hours.set_value(page.hours.clone());
                self.page.set(page);
                self.trouble.set(None);
            }
            Ok(_) => {
                self.trouble.try_set(None);
            }
            Err(error) => {
                self.trouble.try_set(Some(error));
            }
        }
    }

    /// Whether the reader may do something to the case. Commands that they may not use are not offered.
    pub(super) fn may(self, action: Action) -> bool {
        let number = self.number;
        let subject = Subject::Case { number, country: number.country() };
        self.me.with_value(|me| may(me, action, subject).is_ok())
    }

    /// Whether an agent has reached the customer.
    pub(super) fn was_contacted(self) -> bool {
        self.page.with(|page| {
            page.clocks
                .iter()
                .any(|clock| clock.kind == SlaMetric::FirstResponse && clock.run == TimerState::Stopped)
        })
    }

    /// Shows a message of success, for some seconds.
    pub(super) fn announce(self, words: String) {
        let Some(before) = self.told.try_with_untracked(|(count, _)| *count) else { return };
        let count = before.wrapping_add(1);
        self.told.set((count, Some(words)));
        spawn_local(async move {
            TimeoutFuture::new(TOLD_MS).await;
            press::released().await;
            if self.told.try_with_untracked(|(latest, _)| *latest == count) == Some(true) {
                self.told.set((count, None));
            }
        });
    }

    /// A message of success with the time at the site.
    pub(super) fn done(self, language: Language, key: &'static str) -> String {
        let now = self.time.now_untracked();
        let at = self.hours.with_value(|hours| hours.zone.format(now, language, MomentStyle::Time));
        t!(language, key, at = at)
    }
}

/// A command of the case, with its dialog and the outcome of the last try.
#[derive(Clone, Copy)]
pub(super) struct Dialog {
    pub id: &'static str,
    pub case: CaseState,
    /// The version of the case when the agent began.
    seen: RwSignal<u32>,
    pub sending: RwSignal<bool>,
    pub failed: RwSignal<Option<AppError>>,
}

impl Dialog {
    pub(super) fn new(case: CaseState, id: &'static str) -> Self {
        let seen = RwSignal::new(case.page.with_untracked(|page| page.version));
        Self { id, case, seen, sending: RwSignal::new(false), failed: RwSignal::new(None) }
    }

    /// Begins the command on the present version of the case. Its dialog opens, if there is one, with the cursor in the first
    /// field.
    pub(super) fn begin(self) {
        self.seen.set(self.case.page.with_untracked(|page| page.version));
        self.failed.set(None);
        open(self.id);
    }

    /// Runs `read` each time that the command is begun, but not when the page is drawn.
    pub(super) fn on_begin(self, read: impl Fn() + 'static) {
        effect(move |before: Option<()>| {
            self.seen.track();
            if before.is_some() {
                read();
            }
        });
    }

    /// Whether the command is being sent, as the attribute of a button: a disabled one would lose the focus.
    pub(super) fn busy(self) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync {
        move || self.sending.get().then_some("true")
    }

    /// Sends `command`. On success the dialog closes, `done` is shown, and `clear` empties the fields. On failure everything
    /// stays, with the error.
    pub(super) fn send(
        self,
        command: Command,
        done: impl FnOnce() -> String + 'static,
        clear: impl FnOnce() + 'static,
    ) {
        self.send_or(command, done, clear, Some);
    }

    /// The same; `at_field` gets the error first, and gives it back unless it belongs to a field.
    pub(super) fn send_or(
        self,
        command: Command,
        done: impl FnOnce() -> String + 'static,
        clear: impl FnOnce() + 'static,
        at_field: impl FnOnce(AppError) -> Option<AppError> + 'static,
    ) {
        let (number, seen) = (self.case.number, self.seen.get_untracked());
        let sending = async move { execute_command(number, seen, command).await.map(drop) };
        self.run(sending, done, clear, at_field);
    }

    /// The same for what `sending` does. It does nothing while another try is under way.
    pub(super) fn run(
        self,
        sending: impl Future<Output = Result<(), AppError>> + 'static,
        done: impl FnOnce() -> String + 'static,
        clear: impl FnOnce() + 'static,
        at_field: impl FnOnce(AppError) -> Option<AppError> + 'static,
    ) {
        if self.sending.get_untracked() {
            return;
        }
        self.sending.set(true);
        self.failed.set(None);
        spawn_local(async move {
            let outcome = sending.await;
            // The page may be gone by now; the command was executed all the same.
            if self.sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(()) => {
                    close(self.id);
                    clear();
                    self.case.announce(done());
                }
                Err(error) => {
                    if let AppError::Changed { since } = &error
                        && let Some(last) = since.read().and_then(|since| since.last().cloned())
                    {
                        // The dialog shows it now, so the next try rests on it.
                        self.seen.set(last.version);
                    }
                    self.failed.set(at_field(error));
                }
            }
            self.case.read_again().await;
            // The pressed button may have disappeared with the command.
            refocus(".acts button").await;
        });
    }
}

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Opens a modal dialog: the page behind it is out of reach until it is closed.
fn open(id: &str) {
    let Some(dialog) = dialog(id).filter(|dialog| !dialog.open()) else { return };
    if dialog.show_modal().is_ok()
        && let Some(first) = first_field(&dialog)
    {
        let _ = first.focus();
    }
}

/// The first field of a dialog; of choices the chosen one, because a key on another would choose that.
fn first_field(dialog: &HtmlDialogElement) -> Option<HtmlElement> {
    let find = |what: &str| dialog.query_selector(what).ok().flatten();
    let first = find("input, select, textarea")?;
    let chosen = match (first.get_attribute("type").as_deref(), first.get_attribute("name")) {
        (Some("radio"), Some(name)) => find(&format!("input[name='{name}']:checked")),
        _ => None,
    };
    chosen.unwrap_or(first).dyn_into().ok()
}

/// Closes an open dialog. The browser moves the focus back to where it was opened from.
pub(super) fn close(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

/// Presses the main button of a dialog.
pub(super) fn act(id: &str) {
    let button =
        dialog(id).and_then(|dialog| dialog.query_selector(".sheet__acts .button--main").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}

/// Focuses a field.
pub(super) fn focus(id: &str) {
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlElement>().ok());
    if let Some(field) = field {
        let _ = field.focus();
    }
}
