//! Visits: offers and agreements, the SLA target on site, no-shows, and the work done.

mod agreement;
mod no_show;
mod on_site_target;
mod work;

use std::num::NonZeroU16;

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::attachment::{Attachment, ContentHash, FileId};
use domain::calendar::Spans;
use domain::case::invariants::{Violation, violations};
use domain::case::visit::{
    AnswerSource, Conformity, CustomerStatement, Meeting, Part, Signature, Stage, Technician, VisitAnswer,
    VisitCommand, VisitRefusal, Windows, WorkReport,
};
use domain::case::{Channel, Command, Refusal, SlaClock};
use domain::priority::Priority;
use domain::sla_plan::{SlaMetric, SlaPlan};
use domain::text::{PersonName, Reason};
use domain::time::{Instant, Span};

use crate::case::{self, History, agent, caracas, eight_to_five, note};

const HOUR: i64 = 3600;

const DAY: i64 = 24 * HOUR;

/// A case opened on Monday at eight and contacted at once, with its service hours.
struct VisitHistory {
    history: History,
    spans: Spans,
    opened: Instant,
}

impl VisitHistory {
    fn new() -> Self {
        let mut visits = Self::unanswered();
        visits.history.at(0, case::contact());
        visits
    }

    /// Without a contact.
    fn unanswered() -> Self {
        let (spans, opened) = eight_to_five();
        Self { history: History::opened(opened, Priority::P2), spans, opened }
    }

    /// The same as [`VisitHistory::agreed`] under other terms.
    fn agreed_under(terms: SlaPlan) -> Self {
        let (spans, opened) = eight_to_five();
        let mut visits = Self { history: History::under(opened, Priority::P2, terms), spans, opened };
        visits.history.at(0, case::contact());
        let meeting = Meeting { window: visits.window(26, 2), technician: technician() };
        visits.ask(900, VisitCommand::Agree { meeting, word: statement() }).unwrap();
        visits
    }

    fn violations(&self, until_s: i64) -> Vec<Violation> {
        let hours = caracas(&self.spans);
        violations(self.history.entries(), self.opened.plus(until_s), |_| Some(&hours))
    }

    /// A window that begins so many hours after the opening.
    fn window(&self, after_h: i64, hours: i64) -> Span {
        Span::new(self.opened.plus(after_h * HOUR), self.opened.plus((after_h + hours) * HOUR))
    }

    fn windows(&self, all: &[(i64, i64)]) -> Windows {
        Windows::new(all.iter().map(|(after, hours)| self.window(*after, *hours)).collect()).unwrap()
    }

    fn ask_as(&mut self, actor: &Actor, after_s: i64, command: VisitCommand) -> Result<(), Refusal> {
        self.history.ask(after_s, Command::Visit(command), actor, &caracas(&self.spans))
    }

    fn ask(&mut self, after_s: i64, command: VisitCommand) -> Result<(), Refusal> {
        self.ask_as(&agent(), after_s, command)
    }

    fn offer(&mut self, after_s: i64, windows: &[(i64, i64)]) -> Result<(), Refusal> {
        let windows = self.windows(windows);
        self.ask(after_s, VisitCommand::Offer { windows, technician: technician(), note: None })
    }

    fn by_link(&mut self, after_s: i64, answer: VisitAnswer) -> Result<(), Refusal> {
        let case = self.history.case();
        let revision = case.visits().latest().unwrap().revision;
        let actor = Actor::Customer(case.opening.number);
        self.ask_as(
            &actor,
            after_s,
            VisitCommand::Answer { answer, given: AnswerSource::ByLink { revision } },
        )
    }

    /// Offered within the first hour, and accepted: Tuesday from ten to twelve.
    fn agreed() -> Self {
        let mut visits = Self::new();
        visits.offer(600, &[(26, 2), (30, 2)]).unwrap();
        let window = visits.window(26, 2);
        visits.by_link(1200, VisitAnswer::Accept { window }).unwrap();
        visits
    }

    fn stage(&self) -> Stage {
        self.history.case().visits().latest().unwrap().stage.clone()
    }

    fn on_site(&self, after_s: i64) -> SlaClock {
        let clocks = self.history.case().clocks(&self.spans, self.opened.plus(after_s));
        clocks.into_iter().find(|clock| clock.kind == SlaMetric::OnSite).unwrap()
    }
}

fn technician() -> Technician {
    Technician { id: PersonId(9), name: "Rosa Marín".into() }
}

fn staff(id: i64, role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(id), name: "Rosa Marín".into(), role, composed: None })
}

fn statement() -> CustomerStatement {
    CustomerStatement { who: PersonName::parse("Luis Peña").unwrap(), channel: Channel::Phone }
}

fn signature() -> Signature {
    Signature::new(vec![vec![(10, 20), (30, 40), (50, 60)], vec![(70, 80)]]).unwrap()
}

fn end() -> VisitCommand {
    let part = Part { quantity: NonZeroU16::MIN, name: Reason::parse("Fuente de poder").unwrap() };
    VisitCommand::End {
        report: WorkReport::new(note("Se cambió la fuente."), vec![part]).unwrap(),
        conformity: Conformity::Signed {
            name: PersonName::parse("Ana Rivas").unwrap(),
            signature: signature(),
        },
    }
}

fn refused(refusal: VisitRefusal) -> Result<(), Refusal> {
    Err(Refusal::Visit(refusal))
}

/// A distinct file per seed.
fn attachment(seed: u8) -> Attachment {
    let digits = |count| format!("{seed:02x}").repeat(count);
    let (id, hash) = (FileId::parse(&digits(16)).unwrap(), ContentHash::parse(&digits(32)).unwrap());
    Attachment::of(id, "foto.jpg", b"\xFF\xD8\xFF\xE0\0\0", hash).unwrap()
}
