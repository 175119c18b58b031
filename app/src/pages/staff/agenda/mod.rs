//! The agenda of the day on the technician's tablet: address, contact, arrival, work, report, signature. It is refreshed with
//! every change; what is being typed stays.

mod api;
mod draft;
mod end;
mod entry;
mod files;
mod no_show;
mod upload;

use domain::case::visit::VisitId;
use domain::case_number::CaseNumber;
use domain::t;
use domain::view::{Agenda, AgendaEntry};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::api::read_agenda;
use self::entry::Entry;
use super::frame::{Failed, Here, StaffFrame};
use super::refresh::{Hint, ask_soon, follow_hints};
use crate::AppError;
use crate::language::use_language;
use crate::live::{Link, provide_time};
use crate::press;
use crate::ui::{Icon, digits};

#[cfg(feature = "ssr")]
pub use self::upload::UploadReply;

/// The visits of a day.
#[component]
pub fn AgendaPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let ahead = Memo::new(move |_| {
        query.with(|query| {
            query.get("in").and_then(|days| days.parse::<i32>().ok()).unwrap_or(0).clamp(-60, 60)
        })
    });
    let read = Resource::new(move || ahead.get(), |ahead| async move { (ahead, read_agenda(ahead).await) });
    let title = Signal::derive(move || t!(language, "visit.agenda.title").into_owned());
    let day = move || match ahead.get() {
        -1 => t!(language, "visit.agenda.yesterday").into_owned(),
        0 => t!(language, "visit.agenda.today").into_owned(),
        1 => t!(language, "visit.agenda.tomorrow").into_owned(),
        days if days > 0 => t!(language, "visit.agenda.in_days", days = days),
        days => t!(language, "visit.agenda.days_ago", days = -days),
    };
    let to = move |step: i32| format!("/desk/agenda?in={}", ahead.get() + step);
    view! {
        <StaffFrame title here=Here::Agenda>
            <div class="row row--apart">
                <h1>{t!(language, "visit.agenda.title")} " · " {day}</h1>
                <nav class="row" aria-label=t!(language, "visit.agenda.days")>
                    <a class="button" href=move || to(-1)>{t!(language, "visit.agenda.before")}</a>
                    <a class="button" href=move || to(1)>{t!(language, "visit.agenda.after")}</a>
                </nav>
            </div>
            <Transition fallback=move || view! { <p class="note" aria-busy="true">{t!(language, "portal.loading")}</p> }>
                {move || Suspend::new(async move {
                    match read.await {
                        (ahead, Ok(first)) => view! { <DayOf ahead first/> }.into_any(),
                        (_, Err(error)) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </StaffFrame>
    }
    .into_any()
}

/// A visit by its case and id.
type Key = (CaseNumber, VisitId);

/// The visits of a day, as last read.
#[derive(Clone, Copy)]
struct AgendaState {
    /// The day, counted from today.
    ahead: i32,
    agenda: RwSignal<Agenda>,
    /// The error of the last refresh.
    trouble: RwSignal<Option<AppError>>,
    asking: RwSignal<bool>,
}

impl AgendaState {
    fn of(ahead: i32, first: Agenda) -> Self {
        Self {
            ahead,
            agenda: RwSignal::new(first),
            trouble: RwSignal::new(None),
            asking: RwSignal::new(false),
        }
    }

    /// The visits in order.
    fn keys(self) -> Vec<Key> {
        self.agenda.with(|agenda| agenda.entries.iter().map(key).collect())
    }

    fn entry(self, wanted: Key) -> Option<AgendaEntry> {
        self.agenda.with(|agenda| agenda.entries.iter().find(|entry| key(entry) == wanted).cloned())
    }

    /// Whether a change may concern this agenda: its case is in it, or has an on-site target.
    fn concerns(self, hint: &Hint) -> bool {
        self.agenda.try_with_untracked(|agenda| match hint {
            Hint::Case { seq, number, visits, .. } => {
                let known = agenda.entries.iter().any(|entry| entry.number.as_compact() == *number);
                *seq > agenda.seq && (known || *visits)
            }
            Hint::All { seq } => *seq > agenda.seq,
        }) == Some(true)
    }

    /// Reads the visits again; an answer older than the present state is dropped.
    async fn read_again(self) {
        let read = read_agenda(self.ahead).await;
        press::released().await;
        match read {
            Ok(read) if self.agenda.try_with_untracked(|held| held.seq <= read.seq) == Some(true) => {
                self.agenda.set(read);
                self.trouble.set(None);
            }
            Ok(_) => {}
            Err(error) => {
                self.trouble.try_set(Some(error));
            }
        }
    }
}

fn key(entry: &AgendaEntry) -> Key {
    (entry.number, entry.visit.id)
}

/// The visits as first read, refreshed from then on.
#[component]
fn DayOf(ahead: i32, first: Agenda) -> impl IntoView {
    provide_time(first.now);
    let seq = first.seq;
    let held = AgendaState::of(ahead, first);
    let link = follow_hints(seq, move |hint| {
        if held.concerns(&hint) {
            ask_soon(held.asking, move || held.read_again());
        }
    });
    let keys = Memo::new(move |_| held.keys());
    view! {
        <Trouble held link/>
        <Show when=move || !keys.with(Vec::is_empty) fallback=Empty>
            <ul class="agenda">
                <For each=move || keys.get() key=|key| *key let:key>
                    {held.entry(key).map(|first| view! { <Entry key first held/> })}
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

/// The notice that the page may be out of date, and since when.
#[component]
fn Trouble(held: AgendaState, link: ReadSignal<Link>) -> impl IntoView {
    let language = use_language();
    let time = crate::live::use_time();
    move || {
        let words = match (link.get(), held.trouble.get()) {
            (Link::Cut(since), _) => {
                t!(language, "staff.link.cut", length = digits(language, time.now().since(since)))
            }
            (_, Some(error)) => error.message(language),
            (_, None) => return None,
        };
        Some(view! { <p class="note"><Icon name="offline"/> " " {words}</p> })
    }
}

#[component]
fn Empty() -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty">
            <Icon name="place"/>
            <p>{t!(language, "visit.agenda.empty")}</p>
            <p><a class="button" href="/desk">{t!(language, "staff.to_queue")}</a></p>
        </div>
    }
    .into_any()
}
