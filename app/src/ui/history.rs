//! The history of a case in plain words, for its customer or for the staff.

mod amendment;
mod attention;
mod links;
mod survey;
mod visit;

pub(crate) use amendment::{OthersChanged, report_changes};
pub use visit::{signed, window_in};

use domain::attachment::MessageFiles;
use domain::calendar::{DurationStyle, ServiceHours, ZoneView, duration};
use domain::case::{
    AttemptOutcome, Audience, Author, Channel, Event, Origin, PauseReason, Recorded, ReopenCause, Verdict,
};
use domain::i18n::Language;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::{Note, PersonName, Reason};
use domain::time::Instant;
use domain::whatsapp::{SentForm, SentState, SentUpdate};
use leptos::prelude::*;

use super::Icon;
use super::files::ThreadFiles;
use super::moment::{machine, relative_time};
use crate::language::use_language;
use crate::live::use_time;

/// The history of a case, newest first.
#[component]
pub fn History(
    /// The entries, oldest first.
    entries: Vec<Recorded>,
    /// The files of messages among the entries.
    #[prop(optional)]
    files: Vec<MessageFiles>,
    /// The updates among the entries that were sent by WhatsApp.
    #[prop(optional)]
    whatsapp: Vec<SentUpdate>,
    /// The address that ids of those files are added to.
    #[prop(optional)]
    base: String,
    /// The hours of the case, for the local time of its site.
    hours: StoredValue<ServiceHours>,
    /// The reader.
    audience: Audience,
) -> impl IntoView {
    let language = use_language();
    let now = use_time().now_untracked();
    let files = StoredValue::new((files, base));
    let files_of = move |version: u32| {
        files.with_value(|(all, base)| {
            let message = all.iter().find(|message| message.version == version)?;
            let (files, base) = (message.files.clone(), base.clone());
            Some(view! { <ThreadFiles files base/> })
        })
    };
    let whatsapp = StoredValue::new(whatsapp);
    let sent_of = move |version: u32| {
        whatsapp.with_value(|all| {
            let sent = all.iter().find(|sent| sent.version == version)?;
            let look = (sent.state == SentState::Failed).then_some("breached");
            let icon = if look.is_some() { "alert" } else { "chat" };
            Some(view! {
                <p class="history__meta">
                    <span class="state" data-state=look><Icon name=icon/> " " {sent_words(language, sent)}</span>
                </p>
            })
        })
    };
    // Warnings are many and say little afterwards: they are folded. Breaches are not.
    let (warned, told): (Vec<&Recorded>, Vec<&Recorded>) =
        entries.iter().rev().partition(|entry| matches!(entry.event, Event::Warned { level: ..100, .. }));
    let line = move |entry: &Recorded| {
        let told =
            hours.with_value(|hours| Sentence { language, audience, entry, zone: &hours.zone, now }.line());
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
                    {sent_of(entry.version)}
                    {files_of(entry.version)}
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

/// How an update stands that was sent by WhatsApp, and why it failed: in the API's own words, where it said any.
fn sent_words(language: Language, sent: &SentUpdate) -> String {
    let SentUpdate { state, form, failure, said, .. } = sent;
    let first = format!("{}: {}", t!(language, Channel::WhatsApp.name_key()), t!(language, state.name_key()));
    let template = *form == Some(SentForm::Template);
    let template = template.then(|| t!(language, SentForm::Template.name_key()).into_owned());
    let why = match (said, failure) {
        (Some(said), _) => Some(format!("{} ({})", said.title, said.code)),
        (None, Some(failure)) => Some(t!(language, failure.name_key()).into_owned()),
        (None, None) => None,
    };
    std::iter::once(first).chain(template).chain(why).collect::<Vec<_>>().join(" · ")
}

/// An entry in words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HistoryLine {
    icon: &'static str,
    /// Colour of the dot, where the entry concerns an SLA target.
    state: Option<&'static str>,
    /// The event, in one line.
    what: String,
    /// Further parts, beside the time.
    beside: Vec<String>,
    /// The text that its author wrote.
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

    fn beside_if(self, part: Option<String>) -> Self {
        match part {
            Some(part) => self.beside(part),
            None => self,
        }
    }

    fn text(self, text: Option<impl ToString>) -> Self {
        Self { text: text.map(|text| text.to_string()), ..self }
    }
}

/// An entry with its reader. Events that the reader may not see were removed before.
#[derive(Clone, Copy)]
struct Sentence<'a> {
    language: Language,
    audience: Audience,
    entry: &'a Recorded,
    zone: &'a ZoneView,
    now: Instant,
}

impl Sentence<'_> {
    /// The sentence for the reader, with the author's name.
    fn sentence(self, public: &'static str, internal: &'static str) -> String {
        let name = author(self.language, &self.entry.by);
        let key = match self.audience {
            Audience::Public => public,
            Audience::Internal => internal,
        };
        t!(self.language, key, name = name)
    }

    /// Adds the author beside the time, for the staff.
    fn by_author(self, line: HistoryLine) -> HistoryLine {
        match self.audience {
            Audience::Internal => line.beside(by(self.language, &self.entry.by)),
            Audience::Public => line,
        }
    }

    fn opened(self) -> HistoryLine {
        let what = match self.entry.origin {
            Origin::Telephone => {
                self.sentence("history.public.opened_by_telephone", "history.internal.opened_by_telephone")
            }
            _ => self.sentence("history.public.opened", "history.internal.opened"),
        };
        HistoryLine::new("plus", what)
    }

    fn attempted(self, channel: Channel, outcome: AttemptOutcome, note: Option<&Note>) -> HistoryLine {
        HistoryLine::new(
            picture(channel),
            self.sentence("history.public.attempted", "history.internal.attempted"),
        )
        .beside(t!(self.language, channel.name_key()))
        .beside(t!(self.language, outcome.name_key()))
        .text(note)
    }

    fn contacted(self, channel: Channel, note: Option<&Note>, length_s: Option<i64>) -> HistoryLine {
        HistoryLine::new(
            picture(channel),
            self.sentence("history.public.contacted", "history.internal.contacted"),
        )
        .state("met")
        .beside(t!(self.language, channel.name_key()))
        .beside_if(length_s.map(|length_s| duration(self.language, length_s, DurationStyle::Exact)))
        .text(note)
    }

    fn noted(self, audience: Audience, text: &Note) -> HistoryLine {
        let what = match audience {
            Audience::Public => self.sentence("history.public.noted", "history.internal.noted_public"),
            Audience::Internal => self.sentence("history.internal.noted", "history.internal.noted"),
        };
        HistoryLine::new("note", what).text(Some(text))
    }

    fn paused(
        self,
        reason: PauseReason,
        detail: Option<&Reason>,
        until: Instant,
        allowed_by: Option<&PersonName>,
    ) -> HistoryLine {
        let language = self.language;
        let until = relative_time(language, self.zone, until, self.now);
        let line = HistoryLine::new("paused", t!(language, "history.paused").into_owned())
            .state("paused")
            .beside(t!(language, reason.name_key()))
            .beside(t!(language, "history.until", at = until))
            .text(detail);
        let line = match allowed_by {
            Some(name) => line.beside(t!(language, "history.allowed_by", name = name)),
            None => line,
        };
        self.by_author(line)
    }

    fn warned(self, clock: SlaMetric, level: u8) -> HistoryLine {
        let clock = t!(self.language, clock.name_key());
        if level >= 100 {
            let what = t!(self.language, "history.broken", clock = clock);
            return HistoryLine::new("breached", what).state("breached");
        }
        let what = t!(self.language, "history.warned", clock = clock, level = level);
        HistoryLine::new("warning", what).state("warning")
    }

    /// The entry in words.
    fn line(self) -> HistoryLine {
        let Self { language, audience, entry, .. } = self;
        match &entry.event {
            Event::Opened(_) => self.opened(),
            Event::ContactAttempted { channel, outcome, note } => {
                self.attempted(*channel, *outcome, note.as_ref())
            }
            Event::Contacted { channel, note, length_s } => {
                self.contacted(*channel, note.as_ref(), *length_s)
            }
            Event::Noted { audience, text } => self.noted(*audience, text),
            Event::Paused { reason, detail, until, allowed_by } => {
                self.paused(*reason, detail.as_ref(), *until, allowed_by.as_ref())
            }
            Event::Resumed { cause } => {
                let what = self.sentence("history.public.resumed", "history.internal.resumed");
                HistoryLine::new("play", what).beside(t!(language, cause.name_key()))
            }
            Event::PriorityChanged { from, to, reason } => {
                let what = t!(language, "history.priority", from = from.code(), to = to.code());
                self.by_author(HistoryLine::new("flag", what).text(Some(reason)))
            }
            Event::Resolved { category, cause, solution, classification } => {
                let what = self.sentence("history.public.resolved", "history.internal.resolved");
                let cause = t!(language, "history.cause", cause = cause);
                HistoryLine::new("check", what)
                    .state("met")
                    .beside(t!(language, category.name_key()))
                    .beside_if(classification.as_ref().map(|of| of.name(language)))
                    .text(Some(format!("{solution}\n{cause}")))
            }
            Event::Verified { .. }
            | Event::VerificationReminded { .. }
            | Event::VerificationUnanswered
            | Event::Closed { .. }
            | Event::Reopened { .. } => line_of_end(language, audience, entry),
            Event::Assignment(_) | Event::Message(_) | Event::Revision(_) => {
                attention::line(language, audience, entry, self.zone)
            }
            Event::Survey(event) => survey::line(language, &entry.by, event, self.zone, self.now),
            Event::Terminated(_) | Event::Link(_) | Event::TrackingRenewed { .. } | Event::Participant(_) => {
                links::line(language, audience, entry)
            }
            Event::Erased { reason } => {
                let line = HistoryLine::new("info", t!(language, "event.erased").into_owned());
                self.by_author(line.beside(t!(language, reason.name_key())))
            }
            Event::Visit { what, .. } => visit::line(language, audience, entry, what, self.zone),
            Event::Warned { clock, level, .. } => self.warned(*clock, *level),
        }
    }
}

/// The same for entries after the resolution; any other entry by its name alone.
fn line_of_end(language: Language, audience: Audience, entry: &Recorded) -> HistoryLine {
    match &entry.event {
        Event::Verified { verdict, channel, who, said } => {
            let (icon, what) = match verdict {
                Verdict::Works => ("check", "history.public.verified_works"),
                Verdict::StillFails => ("alert", "history.public.verified_still_fails"),
            };
            let way = channel.map_or("history.by_link", Channel::name_key);
            let line = HistoryLine::new(icon, t!(language, what).into_owned())
                .beside(t!(language, way))
                .text(said.as_ref());
            match who {
                Some(who) => line.beside(t!(language, "history.said_by", who = who)),
                None => line,
            }
        }
        Event::VerificationReminded { .. } => {
            HistoryLine::new("mail", t!(language, "history.reminded").into_owned())
        }
        Event::VerificationUnanswered => {
            HistoryLine::new("warning", t!(language, "history.unanswered").into_owned()).state("warning")
        }
        Event::Closed { reason, note, .. } => {
            let line = HistoryLine::new("check", t!(language, "history.closed").into_owned())
                .state("met")
                .beside(t!(language, reason.name_key()))
                .text(note.as_ref());
            match audience {
                Audience::Internal => line.beside(by(language, &entry.by)),
                Audience::Public => line,
            }
        }
        // The entry before says that it still fails, with the customer's words.
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
        Author::Participant { name, .. } => name.to_string(),
        Author::Staff { name, .. } | Author::Integration { name, .. } => name.clone(),
        Author::System => t!(language, "history.desk").into_owned(),
    }
}

/// The author, as written beside the event.
fn by(language: Language, by: &Author) -> String {
    match by {
        Author::Customer => t!(language, "history.by_customer").into_owned(),
        Author::CustomerBeside(browser) => t!(language, "history.by_customer_beside", name = browser.name),
        Author::Participant { name, .. } => t!(language, "history.by", name = name),
        Author::Staff { name, .. } | Author::Integration { name, .. } => {
            t!(language, "history.by", name = name)
        }
        Author::System => t!(language, "history.by_desk").into_owned(),
    }
}

const fn picture(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone | Channel::Video => "phone",
        Channel::Mail => "mail",
        Channel::WhatsApp => "chat",
        Channel::OnSite => "place",
    }
}

#[cfg(test)]
mod tests {
    use domain::actor::{BrowserOf, PersonId};
    use domain::calendar::Spans;
    use domain::survey::SurveyEvent;

    use super::*;

    fn hours() -> ServiceHours {
        let zone = ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() };
        ServiceHours { spans: Spans::unknown(Instant(0)), zone }
    }

    fn told(audience: Audience, entry: &Recorded) -> HistoryLine {
        Sentence { language: Language::Es, audience, entry, zone: &hours().zone, now: entry.at }.line()
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
        let told = |audience| told(audience, &attempt);
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
        let told = |event| told(Audience::Public, &entry(event));
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
        let told = told(Audience::Internal, &asked);
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
        let told = told(Audience::Public, &pause);
        assert_eq!(told.what, "En pausa");
        assert_eq!(told.beside, ["En espera del cliente", "hasta: hoy a las 02:30"]);
        assert_eq!(told.state, Some("paused"));
    }
}
