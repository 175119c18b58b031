//! The history of a case in plain words, for its customer or for the staff.

mod amendment;
mod attention;
mod links;
mod survey;
mod visit;

pub(crate) use amendment::{OthersChanged, report_changes};
pub use visit::{signed, window_in};

use domain::calendar::ServiceHours;
use domain::case::{Audience, Author, Channel, Event, Origin, Recorded, ReopenCause, Verdict};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use super::Icon;
use super::moment::{machine, relative_time};
use crate::language::use_language;
use crate::live::use_time;

/// What happened to a case, newest first.
#[component]
pub fn History(
    /// The entries, oldest first.
    entries: Vec<Recorded>,
    /// The hours of the case, for the local time of its site.
    hours: StoredValue<ServiceHours>,
    /// Who reads it.
    audience: Audience,
) -> impl IntoView {
    let language = use_language();
    let now = use_time().now_untracked();
    // That time runs out is said often, and little is learnt from it afterwards: it folds. That a promise broke does not.
    let (warned, told): (Vec<&Recorded>, Vec<&Recorded>) =
        entries.iter().rev().partition(|entry| matches!(entry.event, Event::Warned { level: ..100, .. }));
    let line = move |entry: &Recorded| {
        let told = hours.with_value(|hours| tell(language, audience, entry, hours, now));
        let (at, datetime) = hours.with_value(|hours| {
            (relative_time(language, &hours.zone, entry.at, now), machine(&hours.zone, entry.at))
        });
        let beside: String = told.beside.iter().flat_map(|part| [" · ", part.as_str()]).collect();
        view! {
            <li>
                <span class="history__dot" data-state=told.state>
                    <Icon name=told.icon/>
                </span>
                <div>
                    <p class="history__what">{told.what}</p>
                    <p class="history__meta">
                        <time datetime=datetime>{at}</time>
                        {(!beside.is_empty()).then_some(beside)}
                    </p>
                    {told.text.map(|text| view! { <p class="history__text">{text}</p> })}
                </div>
            </li>
        }
    };
    let count = warned.len();
    view! {
        <ol class="history">{told.into_iter().map(line).collect_view()}</ol>
        {(count > 0).then(|| {
            let title = match count {
                1 => t!(language, "history.warnings.one").into_owned(),
                count => t!(language, "history.warnings.many", count = count),
            };
            view! {
                <details class="fold">
                    <summary><Icon name="chevron"/> " " {title}</summary>
                    <ol class="history">{warned.into_iter().map(line).collect_view()}</ol>
                </details>
            }
        })}
    }
    .into_any()
}

/// An entry in words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HistoryLine {
    icon: &'static str,
    /// Colour of the dot, where the entry concerns a promise.
    state: Option<&'static str>,
    /// What happened, in one line.
    what: String,
    /// What stands beside the time.
    beside: Vec<String>,
    /// What somebody wrote.
    text: Option<String>,
}

impl HistoryLine {
    fn new(icon: &'static str, what: String) -> Self {
        Self { icon, state: None, what, beside: Vec::new(), text: None }
    }

    fn state(self, state: &'static str) -> Self {
        Self { state: Some(state), ..self }
    }

    fn beside(mut self, part: impl Into<String>) -> Self {
        self.beside.push(part.into());
        self
    }

    fn text(self, text: Option<impl ToString>) -> Self {
        Self { text: text.map(|text| text.to_string()), ..self }
    }
}

/// Puts an entry into words. What the reader may not see has been taken out before.
fn tell(
    language: Language,
    audience: Audience,
    entry: &Recorded,
    hours: &ServiceHours,
    now: Instant,
) -> HistoryLine {
    let for_ = |public: &'static str, internal: &'static str| match audience {
        Audience::Public => public,
        Audience::Internal => internal,
    };
    let name = author(language, &entry.by);
    let line = |public, internal| t!(language, for_(public, internal), name = name);
    let by = || by(language, &entry.by);
    let staff_reads = audience == Audience::Internal;
    match &entry.event {
        Event::Opened(_) => match entry.origin {
            Origin::Telephone => HistoryLine::new(
                "plus",
                line("history.public.opened_by_telephone", "history.internal.opened_by_telephone"),
            ),
            _ => HistoryLine::new("plus", line("history.public.opened", "history.internal.opened")),
        },
        Event::ContactAttempted { channel, outcome, note } => HistoryLine::new(
            picture(*channel),
            line("history.public.attempted", "history.internal.attempted"),
        )
        .beside(t!(language, channel.name_key()))
        .beside(t!(language, outcome.name_key()))
        .text(note.as_ref()),
        Event::Contacted { channel, note } => HistoryLine::new(
            picture(*channel),
            line("history.public.contacted", "history.internal.contacted"),
        )
        .state("met")
        .beside(t!(language, channel.name_key()))
        .text(note.as_ref()),
        Event::Noted { audience: Audience::Public, text } => {
            HistoryLine::new("note", line("history.public.noted", "history.internal.noted_public"))
                .text(Some(text))
        }
        Event::Noted { audience: Audience::Internal, text } => {
            HistoryLine::new("note", line("history.internal.noted", "history.internal.noted"))
                .text(Some(text))
        }
        Event::Paused { reason, detail, until, allowed_by } => {
            let told = HistoryLine::new("paused", t!(language, "history.paused").into_owned())
                .state("paused")
                .beside(t!(language, reason.name_key()))
                .beside(t!(language, "history.until", at = relative_time(language, &hours.zone, *until, now)))
                .text(detail.as_ref());
            let told = match allowed_by {
                Some(name) => told.beside(t!(language, "history.allowed_by", name = name)),
                None => told,
            };
            if staff_reads { told.beside(by()) } else { told }
        }
        Event::Resumed { cause } => {
            HistoryLine::new("play", line("history.public.resumed", "history.internal.resumed"))
                .beside(t!(language, cause.name_key()))
        }
        Event::PriorityChanged { from, to, reason } => {
            let told = HistoryLine::new(
                "flag",
                t!(language, "history.priority", from = from.code(), to = to.code()),
            )
            .text(Some(reason));
            if staff_reads { told.beside(by()) } else { told }
        }
        Event::Resolved { category, cause, solution } => {
            let cause = t!(language, "history.cause", cause = cause);
            HistoryLine::new("check", line("history.public.resolved", "history.internal.resolved"))
                .state("met")
                .beside(t!(language, category.name_key()))
                .text(Some(format!("{solution}\n{cause}")))
        }
        Event::Verified { .. }
        | Event::VerificationReminded { .. }
        | Event::VerificationUnanswered
        | Event::Closed { .. }
        | Event::Reopened { .. } => tell_end(language, audience, entry),
        Event::Assignment(_) | Event::Message(_) | Event::Revision(_) => {
            attention::tell(language, audience, entry, &hours.zone)
        }
        Event::Survey(event) => survey::tell(language, &entry.by, event, hours, now),
        Event::Terminated(_) | Event::Link(_) => links::tell(language, audience, entry),
        Event::Visit { what, .. } => visit::tell(language, audience, entry, what, &hours.zone),
        Event::Warned { clock, level, .. } => {
            let clock = t!(language, clock.name_key());
            match level {
                100.. => HistoryLine::new("breached", t!(language, "history.broken", clock = clock))
                    .state("breached"),
                _ => {
                    HistoryLine::new("warning", t!(language, "history.warned", clock = clock, level = level))
                        .state("warning")
                }
            }
        }
    }
}

/// The same for what follows the desk's solution; any other entry by its name alone.
fn tell_end(language: Language, audience: Audience, entry: &Recorded) -> HistoryLine {
    match &entry.event {
        Event::Verified { verdict, channel, who, said } => {
            let (icon, what) = match verdict {
                Verdict::Works => ("check", "history.public.verified_works"),
                Verdict::StillFails => ("alert", "history.public.verified_still_fails"),
            };
            let way = channel.map_or("history.by_link", Channel::name_key);
            let told = HistoryLine::new(icon, t!(language, what).into_owned())
                .beside(t!(language, way))
                .text(said.as_ref());
            match who {
                Some(who) => told.beside(t!(language, "history.said_by", who = who)),
                None => told,
            }
        }
        Event::VerificationReminded { .. } => {
            HistoryLine::new("mail", t!(language, "history.reminded").into_owned())
        }
        Event::VerificationUnanswered => {
            HistoryLine::new("warning", t!(language, "history.unanswered").into_owned()).state("warning")
        }
        Event::Closed { reason, note, .. } => {
            let told = HistoryLine::new("check", t!(language, "history.closed").into_owned())
                .state("met")
                .beside(t!(language, reason.name_key()))
                .text(note.as_ref());
            match audience {
                Audience::Internal => told.beside(by(language, &entry.by)),
                Audience::Public => told,
            }
        }
        // The entry before says that it still fails, and in which words.
        Event::Reopened { cause: ReopenCause::StillFails, .. } => {
            HistoryLine::new("play", t!(language, "history.reopened").into_owned())
        }
        Event::Reopened { cause: cause @ ReopenCause::CameBack, said, .. } => {
            HistoryLine::new("play", t!(language, "history.reopened").into_owned())
                .beside(t!(language, cause.name_key()))
                .text(said.as_ref())
        }
        other => HistoryLine::new("note", t!(language, other.name_key()).into_owned()),
    }
}

fn author(language: Language, by: &Author) -> String {
    match by {
        Author::Customer => t!(language, "history.customer").into_owned(),
        Author::CustomerBeside(browser) => t!(language, "history.customer_beside", name = browser.name),
        Author::Staff { name, .. } => name.clone(),
        Author::System => t!(language, "history.desk").into_owned(),
    }
}

/// By whom, as it stands beside what was done.
fn by(language: Language, by: &Author) -> String {
    match by {
        Author::Customer => t!(language, "history.by_customer").into_owned(),
        Author::CustomerBeside(browser) => t!(language, "history.by_customer_beside", name = browser.name),
        Author::Staff { name, .. } => t!(language, "history.by", name = name),
        Author::System => t!(language, "history.by_desk").into_owned(),
    }
}

const fn picture(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone | Channel::Video => "phone",
        Channel::Mail => "mail",
        Channel::OnSite => "place",
    }
}

#[cfg(test)]
mod tests {
    use domain::actor::{BrowserOf, PersonId};
    use domain::calendar::{Spans, ZoneView};
    use domain::case::{AttemptOutcome, PauseReason};
    use domain::survey::SurveyEvent;
    use domain::text::Note;

    use super::*;

    fn hours() -> ServiceHours {
        let zone = ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() };
        ServiceHours { spans: Spans::unknown(Instant(0)), zone }
    }

    fn entry(event: Event) -> Recorded {
        let by = Author::Staff { id: PersonId(1), name: "Luis Peña".into() };
        Recorded { version: 2, at: Instant(1_773_808_200), by, origin: Origin::Workspace, event }
    }

    #[test]
    fn history_addresses_the_customer_and_informs_staff() {
        let attempt = entry(Event::ContactAttempted {
            channel: Channel::Phone,
            outcome: AttemptOutcome::NoAnswer,
            note: Note::parse("Llamar después de las 14").ok(),
        });
        let now = attempt.at;
        let told = |audience| tell(Language::Es, audience, &attempt, &hours(), now);
        assert_eq!(told(Audience::Public).what, "Intentamos hablar con usted y no lo logramos");
        assert_eq!(told(Audience::Internal).what, "Luis Peña no logró hablar con el cliente");
        assert_eq!(told(Audience::Internal).beside, ["Teléfono", "No contesta"]);
        assert_eq!(told(Audience::Internal).text.as_deref(), Some("Llamar después de las 14"));
    }

    #[test]
    fn failed_verification_is_shown_once() {
        let said = Note::parse("No enciende").ok();
        let word =
            Event::Verified { verdict: Verdict::StillFails, channel: None, who: None, said: said.clone() };
        let back = Event::Reopened { cause: ReopenCause::StillFails, said, target_s: 1 };
        let told = |event| {
            let entry = entry(event);
            tell(Language::Es, Audience::Public, &entry, &hours(), entry.at)
        };
        let (word, back) = (told(word), told(back));
        assert_eq!((word.what.as_str(), word.text.as_deref()), ("Sigue fallando", Some("No enciende")));
        assert_eq!((back.what.as_str(), back.beside, back.text), ("Caso reabierto", Vec::new(), None));
    }

    #[test]
    fn history_sentence_names_its_author() {
        assert_eq!(by(Language::En, &Author::Customer), "by the customer");
        assert_eq!(by(Language::Pt, &Author::Customer), "pelo cliente");
        let beside = Author::CustomerBeside(BrowserOf { id: PersonId(1), name: "Luis".into() });
        assert_eq!(by(Language::Es, &beside), "por el cliente, en el navegador de Luis");
        assert_eq!(by(Language::Es, &Author::Staff { id: PersonId(1), name: "Luis".into() }), "por Luis");
    }

    #[test]
    fn a_survey_is_open_until_the_last_minute_of_its_last_day() {
        // Midnight after 17 December in Caracas.
        let until = Instant(1_797_566_400);
        let questionnaire = Box::new(domain::survey::Questionnaire::initial());
        let asked = entry(Event::Survey(SurveyEvent::FellDue { cycle: 1, questionnaire, until }));
        let told = tell(Language::Es, Audience::Internal, &asked, &hours(), asked.at);
        assert_eq!(told.beside, ["hasta: jue 17 dic, 23:59"]);
    }

    #[test]
    fn pause_states_its_reason_and_end() {
        let pause = entry(Event::Paused {
            reason: PauseReason::Customer,
            detail: None,
            until: Instant(1_773_808_200 + 7200),
            allowed_by: None,
        });
        let told = tell(Language::Es, Audience::Public, &pause, &hours(), pause.at);
        assert_eq!(told.what, "En pausa");
        assert_eq!(told.beside, ["En espera del cliente", "hasta: hoy a las 02:30"]);
        assert_eq!(told.state, Some("paused"));
    }
}
