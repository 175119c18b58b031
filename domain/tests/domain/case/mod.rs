//! A history for tests, with calendars.

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::layout::lay_out;
use domain::calendar::week::{CalendarId, Closure, DayPart, WeekHours, Window};
use domain::calendar::zone::Zone;
use domain::calendar::{Calendar, ServiceHours, Spans, ZoneView};
use domain::case::{
    Author, Case, Category, Channel, Command, Event, Opening, Origin, Recorded, Refusal, ServiceHoursRef,
    decide,
};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Entitlement;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::priority::Priority;
use domain::sla_plan::SlaPlan;
use domain::text::{Note, Reason};
use domain::time::{Instant, Span};

/// Monday to Friday 08:00 to 17:00 in Caracas, and a Monday at 08:00 (2026-11-23T12:00:00Z).
pub(crate) fn eight_to_five() -> (Spans, Instant) {
    let calendar = calendar(&[(8, 17)], Vec::new());
    (laid(&calendar), ClosedAt::MONDAY)
}

/// A week with a lunch break and a local closure on its Tuesday.
pub(crate) struct ClosedAt;

impl ClosedAt {
    pub(crate) const MONDAY: Instant = Instant(1_795_435_200);

    pub(crate) fn lunch_holiday() -> Spans {
        let closure =
            Closure { date: "2026-11-24".parse().unwrap(), part: DayPart::WHOLE, name: "Día local".into() };
        laid(&calendar(&[(8, 12), (13, 17)], vec![closure]))
    }
}

fn calendar(windows: &[(u32, u32)], closures: Vec<Closure>) -> Calendar {
    use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
    let windows: Vec<Window> = [Mon, Tue, Wed, Thu, Fri]
        .into_iter()
        .flat_map(|weekday| {
            let window = move |&(opens, closes): &(u32, u32)| Window {
                weekday,
                opens_s: opens * 3600,
                closes_s: closes * 3600,
            };
            windows.iter().map(window).collect::<Vec<_>>()
        })
        .collect();
    let hours = WeekHours::new(&windows).unwrap();
    Calendar::new(CalendarId(1), 1, "Prueba", hours, None, closures).unwrap()
}

fn laid(calendar: &Calendar) -> Spans {
    let zone = Zone::parse("America/Caracas").unwrap();
    let day = 24 * 3600;
    let span = Span::new(ClosedAt::MONDAY.plus(-60 * day), ClosedAt::MONDAY.plus(400 * day));
    lay_out(calendar, zone, span)
}

/// Hours of a site in Caracas.
pub(crate) fn caracas(spans: &Spans) -> ServiceHours {
    let zone = ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() };
    ServiceHours { spans: spans.clone(), zone }
}

pub(crate) fn agent() -> Actor {
    Actor::Staff(Staff { id: PersonId(7), name: "Luis".into(), role: Role::Agent, composed: None })
}

pub(crate) fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::parse(text).unwrap()
}

/// The holder of the case's link.
pub(crate) fn customer(history: &History) -> Actor {
    Actor::Customer(history.case().opening.number)
}

pub(crate) fn contact() -> Event {
    Event::Contacted { channel: Channel::Phone, note: None, length_s: None }
}

pub(crate) fn resolve(solution: &str) -> Command {
    let (cause, solution) = (note("Cable dañado"), note(solution));
    Command::Resolve { category: Category::Hardware, cause, solution, chosen: None, classification: None }
}

pub(crate) fn resolved(solution: &str) -> Event {
    let (cause, solution) = (note("Cable dañado"), note(solution));
    Event::Resolved { category: Category::Hardware, cause, solution, classification: None }
}

/// A case under construction, entry by entry.
pub(crate) struct History {
    opened_at: Instant,
    entries: Vec<Recorded>,
}

impl History {
    pub(crate) fn opened(at: Instant, priority: Priority) -> Self {
        Self::numbered(at, priority, 4213, None)
    }

    /// A case with that sequence, which may follow another.
    pub(crate) fn numbered(
        at: Instant,
        priority: Priority,
        sequence: u32,
        previous_case: Option<CaseNumber>,
    ) -> Self {
        let form = IntakeForm {
            reporter: "María Fernanda Rojas".into(),
            contract: "CT-0012-0007".into(),
            serial: "FOC0913A1B2".into(),
            platform: "network".into(),
            country: "VE".into(),
            location: "Torre Humboldt, piso 7".into(),
            contact_same: "yes".into(),
            contact_phone: "0412 555 0142".into(),
            contact_mail: "m.rojas@example.com".into(),
            fault: "No hay red en todo el piso desde las 13:05.".into(),
            severity: "high".into(),
            urgency: "high".into(),
            ..IntakeForm::default()
        };
        let opening = Opening {
            number: CaseNumber::new(Country::Ve, 2026, sequence).unwrap(),
            report: form.report().unwrap(),
            coverage: Entitlement::Covered,
            priority,
            terms: SlaPlan::default(),
            hours: ServiceHoursRef { calendar: CalendarId(1), version: 1, zone: "America/Caracas".into() },
            language: Language::Es,
            previous_case,
        };
        let mut history = Self { opened_at: at, entries: Vec::new() };
        history.at_instant(at, Event::Opened(Box::new(opening)));
        history
    }

    /// Opened under other terms than the default.
    pub(crate) fn under(at: Instant, priority: Priority, terms: SlaPlan) -> Self {
        let mut history = Self::opened(at, priority);
        if let Some(Event::Opened(opening)) = history.entries.first_mut().map(|entry| &mut entry.event) {
            opening.terms = terms;
        }
        history
    }

    /// Decides a command and adds its events.
    pub(crate) fn ask(
        &mut self,
        after_s: i64,
        command: Command,
        actor: &Actor,
        hours: &ServiceHours,
    ) -> Result<(), Refusal> {
        let now = self.opened_at.plus(after_s);
        for event in decide(&self.case(), command, actor, hours, now)? {
            self.at_instant(now, event);
        }
        Ok(())
    }

    /// Adds an event `after_s` seconds after the opening.
    pub(crate) fn at(&mut self, after_s: i64, event: Event) {
        self.at_instant(self.opened_at.plus(after_s), event);
    }

    pub(crate) fn at_instant(&mut self, at: Instant, event: Event) {
        self.by(at, &Actor::System, event);
    }

    pub(crate) fn by(&mut self, at: Instant, actor: &Actor, event: Event) {
        let version = u32::try_from(self.entries.len()).unwrap() + 1;
        let by = Author::from(actor);
        self.entries.push(Recorded { version, at, by, origin: Origin::Workspace, event });
    }

    pub(crate) fn entries(&self) -> &[Recorded] {
        &self.entries
    }

    pub(crate) fn case(&self) -> Case {
        Case::from_history(&self.entries).unwrap()
    }
}
