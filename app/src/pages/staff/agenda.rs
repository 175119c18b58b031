//! The agenda of the day on the technician's tablet: where to, whom to meet, arrival, work, report, signature.

use std::num::NonZeroU16;

use domain::case::Command;
use domain::case::visit::{Conformity, Part, Side, Signature, Stage, VisitCommand, WorkReport};
use domain::t;
use domain::text::{Note, PersonName, Reason};
use domain::view::AgendaEntry;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;

use super::api::work_case;
use super::frame::{Failed, Here, StaffFrame, case_address};
use super::visit_api::read_agenda;
use crate::AppError;
use crate::language::use_language;
use crate::ui::{Icon, Notice, PriorityTag, SignaturePad, Strokes, Tone, signed, window_in};

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
    let done = RwSignal::new(0_u32);
    let entries = Resource::new(move || (ahead.get(), done.get()), |(ahead, _)| read_agenda(ahead));
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
                    match entries.await {
                        Ok(entries) if entries.is_empty() => view! { <Empty/> }.into_any(),
                        Ok(entries) => {
                            let cards = entries.into_iter().map(|entry| view! { <Entry entry done/> }).collect_view();
                            view! { <ul class="agenda">{cards}</ul> }.into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </StaffFrame>
    }
    .into_any()
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

/// One visit: everything that is needed on the way and on site.
#[component]
fn Entry(entry: AgendaEntry, done: RwSignal<u32>) -> impl IntoView {
    let language = use_language();
    let heading = format!("h-visit-{}-{}", entry.number.as_compact(), entry.visit.id.0);
    let window =
        entry.visit.appointment().map(|appointment| window_in(language, &entry.zone, appointment.window));
    let address = format!("{}, {}", entry.location, t!(language, entry.country.name_key()));
    let map = format!("https://www.openstreetmap.org/search?query={}", percent(&address));
    let tap = Tap { number: entry.number, done, sending: RwSignal::new(false), failed: RwSignal::new(None) };
    let act = move |command: VisitCommand, words: &'static str, class: &'static str| {
        view! {
            <button
                class=class
                type="button"
                disabled=move || tap.sending.get()
                on:click=move |_| tap.send(command.clone())
            >
                {t!(language, words)}
            </button>
        }
        .into_any()
    };
    let main = "button button--main button--big";
    let acts = match &entry.visit.stage {
        Stage::Agreed(_) => act(VisitCommand::Arrive, "visit.agenda.arrive", main),
        Stage::OnSite { .. } => view! {
            {act(VisitCommand::Start, "visit.agenda.start", main)}
            {act(VisitCommand::Miss { by: Side::Customer, note: None }, "visit.agenda.nobody", "button button--big")}
        }
        .into_any(),
        Stage::Working { .. } => view! { <EndForm tap contact=entry.contact.name.to_string()/> }.into_any(),
        Stage::Ended(ended) => view! { <p class="note">{signed(language, &ended.conformity)}</p> }.into_any(),
        _ => ().into_any(),
    };
    let labelled_by = heading.clone();
    view! {
        <li>
            <section class="card stack" aria-labelledby=labelled_by>
                <div class="row row--apart">
                    <h2 id=heading>{window}</h2>
                    <span class="badge">{t!(language, entry.visit.stage.name_key())}</span>
                </div>
                <p>
                    <a class="number" href=case_address(entry.number)>{entry.number.grouped()}</a>
                    " "
                    <PriorityTag priority=Signal::stored(entry.priority)/>
                    " "
                    <span class="note">{entry.visit.technician.name.clone()}</span>
                </p>
                <p class="history__text">{entry.fault.to_string()}</p>
                <div class="row">
                    <a class="button" href=map target="_blank" rel="external noopener noreferrer">
                        <Icon name="place"/> " " {address}
                    </a>
                    <a class="button" href=entry.contact.phone.tel_uri()>
                        <Icon name="phone"/> " " {format!("{} · {}", entry.contact.name, entry.contact.phone.national())}
                    </a>
                </div>
                <p class="note">{t!(language, "visit.agenda.equipment", serial = entry.equipment)}</p>
                <Refused tap/>
                <div class="row">{acts}</div>
            </section>
        </li>
    }
    .into_any()
}

/// What is done on site, and how the last try went.
#[derive(Clone, Copy)]
struct Tap {
    number: domain::case_number::CaseNumber,
    /// Counts what was done: the agenda is read again with each.
    done: RwSignal<u32>,
    sending: RwSignal<bool>,
    failed: RwSignal<Option<AppError>>,
}

impl Tap {
    fn send(self, command: VisitCommand) {
        if self.sending.get_untracked() {
            return;
        }
        self.sending.set(true);
        self.failed.set(None);
        spawn_local(async move {
            // What happens on site stands beside whatever others wrote: it rests on no version.
            let outcome = work_case(self.number, u32::MAX, Command::Visit(command)).await;
            if self.sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(_) => self.done.update(|count| *count += 1),
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }
}

#[component]
fn Refused(tap: Tap) -> impl IntoView {
    let language = use_language();
    move || {
        tap.failed.get().map(|error| {
            view! { <Notice tone=Tone::Bad icon="alert"><p>{error.words(language)}</p></Notice> }
        })
    }
}

/// A line of parts as it is typed.
#[derive(Clone, Copy)]
struct PartTyped {
    quantity: RwSignal<String>,
    name: RwSignal<String>,
}

impl PartTyped {
    fn new() -> Self {
        Self { quantity: RwSignal::new("1".to_owned()), name: RwSignal::new(String::new()) }
    }

    /// The line, if it is used; a quantity that is none is wrong.
    fn read(self) -> Result<Option<Part>, ()> {
        let name = self.name.get_untracked();
        if name.trim().is_empty() {
            return Ok(None);
        }
        let quantity = self.quantity.get_untracked().trim().parse::<NonZeroU16>().map_err(drop)?;
        Ok(Some(Part { quantity, name: Reason::parse(&name).map_err(drop)? }))
    }
}

/// Report, parts and the customer's conformity: everything that ends a visit, sent as one.
#[component]
fn EndForm(tap: Tap, contact: String) -> impl IntoView {
    let language = use_language();
    // Several visits may be under way in one agenda: each form names its fields for itself.
    let id = move |name: &str| format!("{name}-{}", tap.number.as_compact());
    let who_id = id("end-who");
    let report = RwSignal::new(String::new());
    let parts = RwSignal::new(vec![PartTyped::new()]);
    let who = RwSignal::new(contact);
    let strokes: Strokes = RwSignal::new(Vec::new());
    let unsigned = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let run = move |_| {
        let read = read_end(report, parts, who, strokes, unsigned);
        match read {
            Ok(command) => {
                wrong.set(None);
                tap.send(command);
            }
            Err(Missing::Key(key)) => wrong.set(Some(t!(language, key).into_owned())),
            Err(Missing::Words(problem)) => wrong.set(Some(problem.words(language))),
        }
    };
    let line = move |(place, part): (usize, PartTyped)| {
        let nth = place + 1;
        view! { <PartLine nth part quantity_id=id(&format!("quantity-{nth}")) name_id=id(&format!("part-{nth}"))/> }
    };
    let more = move |_| {
        parts.update(|parts| {
            if parts.len() < WorkReport::MOST_PARTS {
                parts.push(PartTyped::new());
            }
        });
    };
    view! {
        <form class="stack visit__end" on:submit=|event| event.prevent_default()>
            <Text id=id("end-report") label="visit.end.report" value=report rows="4"/>
            <fieldset class="question question--small">
                <legend class="question__title">{t!(language, "visit.end.parts")}</legend>
                <div class="stack stack--tight">{move || parts.get().into_iter().enumerate().map(line).collect_view()}</div>
                <button class="button button--quiet" type="button" on:click=more>
                    <Icon name="plus"/> " " {t!(language, "visit.end.more")}
                </button>
            </fieldset>
            <fieldset class="question question--small">
                <legend class="question__title">{t!(language, "visit.end.conformity")}</legend>
                <div class="stack">
                    <div class="field">
                        <label class="field__label" for=who_id.clone()>{t!(language, "visit.end.who")}</label>
                        <div class="field__box">
                            <input class="field__input" id=who_id autocomplete="off" bind:value=who/>
                        </div>
                    </div>
                    <SignaturePad strokes/>
                    <Text id=id("end-unsigned") label="visit.end.unsigned" value=unsigned rows="2"/>
                </div>
            </fieldset>
            {move || wrong.get().map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
            <button class="button button--main button--big" type="button" disabled=move || tap.sending.get() on:click=run>
                {t!(language, "visit.end.act")}
            </button>
        </form>
    }
    .into_any()
}

/// One line of the parts that were used.
#[component]
fn PartLine(nth: usize, part: PartTyped, quantity_id: String, name_id: String) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="window">
            <div class="field field--few">
                <label class="field__label" for=quantity_id.clone()>{t!(language, "visit.end.quantity", nth = nth)}</label>
                <div class="field__box">
                    <input class="field__input" id=quantity_id inputmode="numeric" bind:value=part.quantity/>
                </div>
            </div>
            <div class="field">
                <label class="field__label" for=name_id.clone()>{t!(language, "visit.end.part", nth = nth)}</label>
                <div class="field__box">
                    <input class="field__input" id=name_id autocomplete="off" bind:value=part.name/>
                </div>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Text(
    #[prop(into)] id: String,
    label: &'static str,
    value: RwSignal<String>,
    rows: &'static str,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{t!(language, label)}</label>
            <div class="field__box">
                <textarea class="field__input field__input--short" id=id.clone() rows=rows bind:value=value></textarea>
            </div>
        </div>
    }
    .into_any()
}

/// What keeps a visit from being ended.
enum Missing {
    /// Something, by the key of what to do.
    Key(&'static str),
    /// A text, by what is wrong with it.
    Words(domain::text::TextProblem),
}

fn read_end(
    report: RwSignal<String>,
    parts: RwSignal<Vec<PartTyped>>,
    who: RwSignal<String>,
    strokes: Strokes,
    unsigned: RwSignal<String>,
) -> Result<VisitCommand, Missing> {
    let text = Note::parse(&report.get_untracked()).map_err(Missing::Words)?;
    let lines = parts.get_untracked().into_iter().map(PartTyped::read).collect::<Result<Vec<_>, ()>>();
    let lines = lines.map_err(|()| Missing::Key("visit.end.wrong_part"))?;
    let report = WorkReport::new(text, lines.into_iter().flatten().collect())
        .map_err(|_| Missing::Key("visit.end.wrong_part"))?;
    let why = unsigned.get_untracked();
    let conformity = match Signature::new(strokes.get_untracked()) {
        Ok(signature) => {
            let name = PersonName::parse(&who.get_untracked()).map_err(Missing::Words)?;
            Conformity::Signed { name, signature }
        }
        Err(_) if why.trim().is_empty() => return Err(Missing::Key("visit.end.sign_first")),
        Err(_) => Conformity::Unsigned { reason: Note::parse(&why).map_err(Missing::Words)? },
    };
    Ok(VisitCommand::End { report, conformity })
}

/// A text as the value of a query.
fn percent(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
            safe.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    safe
}
