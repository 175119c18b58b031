//! The case in hand: as last read, what is being done to it, and what was done.

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
use super::presence::InCompany;
use crate::AppError;
use crate::effect::effect;
use crate::live::{Link, Time, follow};
use crate::press;
use crate::ui::refocus;

/// How long it is told what was done.
const TOLD_MS: u32 = 8_000;

/// A case that somebody works on.
#[derive(Clone, Copy)]
pub(super) struct CaseState {
    pub number: CaseNumber,
    pub page: RwSignal<CasePage>,
    pub hours: StoredValue<ServiceHours>,
    pub time: Time,
    /// What was done last, in words, and how many things were told before it.
    pub told: RwSignal<(u32, Option<String>)>,
    /// Who else has the case open.
    pub company: InCompany,
    me: StoredValue<Actor>,
    /// Why the case could not be read again.
    pub trouble: RwSignal<Option<AppError>>,
    asking: RwSignal<bool>,
}

impl CaseState {
    /// Takes a case in hand as it was read at first.
    pub(super) fn take(first: CasePage, time: Time, me: Staff) -> Self {
        Self {
            company: InCompany::new(),
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

    /// Reads the case again whenever the server says that it changed, and whenever the connection stands again: what was
    /// missed meanwhile is in what is read then.
    pub(super) fn follow(self) -> ReadSignal<Link> {
        let read_soon = move || ask_soon(self.asking, move || self.read_again());
        let link =
            follow(format!("/events/file/{}", self.number.as_compact()), move |message| match message.kind {
                "presence" => spawn_local(async move {
                    press::released().await;
                    self.company.hear(&message.data);
                }),
                _ => read_soon(),
            });
        self.company.tell();
        effect(move |before: Option<bool>| {
            let live = link.get() == Link::Live;
            if live && before == Some(false) {
                read_soon();
            }
            live
        });
        link
    }

    /// Reads the case again; an answer older than what is held is thrown away.
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

    /// Whether whoever is signed in may do something to the case: what they may not is not offered.
    pub(super) fn may(self, action: Action) -> bool {
        let number = self.number;
        let subject = Subject::Case { number, country: number.country() };
        self.me.with_value(|me| may(me, action, subject).is_ok())
    }

    /// Whether somebody has spoken with the customer.
    pub(super) fn was_contacted(self) -> bool {
        self.page.with(|page| {
            page.clocks
                .iter()
                .any(|clock| clock.kind == SlaMetric::FirstResponse && clock.run == TimerState::Stopped)
        })
    }

    /// Tells what was done, for a while.
    pub(super) fn tell(self, words: String) {
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

    /// What was done, with the time at the site.
    pub(super) fn done(self, language: Language, key: &'static str) -> String {
        let now = self.time.now_untracked();
        let at = self.hours.with_value(|hours| hours.zone.format(now, language, MomentStyle::Time));
        t!(language, key, at = at)
    }
}

/// One thing that can be done: the sheet it is done in, and how the last try went.
#[derive(Clone, Copy)]
pub(super) struct Dialog {
    pub id: &'static str,
    pub case: CaseState,
    /// The version that the writer had before their eyes when they began.
    seen: RwSignal<u32>,
    pub sending: RwSignal<bool>,
    pub failed: RwSignal<Option<AppError>>,
}

impl Dialog {
    pub(super) fn new(case: CaseState, id: &'static str) -> Self {
        let seen = RwSignal::new(case.page.with_untracked(|page| page.version));
        Self { id, case, seen, sending: RwSignal::new(false), failed: RwSignal::new(None) }
    }

    /// The writer looks at the case and begins: the sheet opens, if there is one, with the cursor in its first field.
    pub(super) fn begin(self) {
        self.seen.set(self.case.page.with_untracked(|page| page.version));
        self.failed.set(None);
        open(self.id);
    }

    /// Whether it is being sent, as a button of it says so. A button that is disabled would lose the focus.
    pub(super) fn busy(self) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync {
        move || self.sending.get().then_some("true")
    }

    /// Asks for `command`. When it is done, the sheet closes, `done` is told and `clear` forgets what was typed; when it
    /// is not, everything stays, with what went wrong.
    pub(super) fn send(
        self,
        command: Command,
        done: impl FnOnce() -> String + 'static,
        clear: impl FnOnce() + 'static,
    ) {
        self.send_or(command, done, clear, Some);
    }

    /// The same; what went wrong is first given to `at_field`, which keeps what belongs to a field of the sheet.
    pub(super) fn send_or(
        self,
        command: Command,
        done: impl FnOnce() -> String + 'static,
        clear: impl FnOnce() + 'static,
        at_field: impl FnOnce(AppError) -> Option<AppError> + 'static,
    ) {
        if self.sending.get_untracked() {
            return;
        }
        self.sending.set(true);
        self.failed.set(None);
        let seen = self.seen.get_untracked();
        spawn_local(async move {
            let outcome = execute_command(self.case.number, seen, command).await;
            // The page may be gone by now; what was done is done.
            if self.sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(_) => {
                    close(self.id);
                    clear();
                    self.case.tell(done());
                }
                Err(error) => {
                    if let AppError::Changed { since } = &error
                        && let Some(last) = since.last()
                    {
                        // It is shown now, so the next try rests on it.
                        self.seen.set(last.version);
                    }
                    self.failed.set(at_field(error));
                }
            }
            self.case.read_again().await;
            // What was pressed may be gone with what was done.
            refocus(".acts button").await;
        });
    }
}

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Opens a sheet over the page: until it is closed, nothing else of the page is reached.
fn open(id: &str) {
    let Some(sheet) = dialog(id).filter(|sheet| !sheet.open()) else { return };
    if sheet.show_modal().is_ok()
        && let Some(first) = first_field(&sheet)
    {
        let _ = first.focus();
    }
}

/// The first field of a sheet; of choices the one that is chosen, for a key on another one would choose that.
fn first_field(sheet: &HtmlDialogElement) -> Option<HtmlElement> {
    let find = |what: &str| sheet.query_selector(what).ok().flatten();
    let first = find("input, select, textarea")?;
    let chosen = match (first.get_attribute("type").as_deref(), first.get_attribute("name")) {
        (Some("radio"), Some(name)) => find(&format!("input[name='{name}']:checked")),
        _ => None,
    };
    chosen.unwrap_or(first).dyn_into().ok()
}

/// Closes a sheet that is open. The browser puts the focus back to where it was opened from.
pub(super) fn close(id: &str) {
    if let Some(sheet) = dialog(id) {
        sheet.close();
    }
}

/// Presses the button of a sheet that does what it is for.
pub(super) fn act(id: &str) {
    let button =
        dialog(id).and_then(|sheet| sheet.query_selector(".sheet__acts .button--main").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}

/// Puts the cursor into a field.
pub(super) fn focus(id: &str) {
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlElement>().ok());
    if let Some(field) = field {
        let _ = field.focus();
    }
}
