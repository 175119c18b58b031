//! Commands to a case, chosen by the dice of a step.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::case::visit::{CustomerStatement, Stage};
use domain::case::{
    AmendForm, Assignee, AssignmentCommand, AttemptOutcome, Audience, Case, Category, Channel, Command,
    ContractRef, LinkCommand, MessageCommand, Organisation, Other, PauseReason, PriorityInputs,
    RevisionCommand, Status, TerminationCommand, Verdict,
};
use domain::contract_number::{ContractNumber, default_formats};
use domain::priority::{Priority, Severity, Urgency};
use domain::survey::{Answers, FollowUpOutcome, Questionnaire, SurveyCommand};
use domain::text::{Note, PersonName, Reason};
use domain::time::Instant;

use crate::{Cast, Context, Kind, Request};

pub(crate) const HOUR: i64 = 3600;

/// Chooses actors and details of commands to one case.
pub(crate) struct Requester<'a> {
    pub(crate) case: &'a Case,
    pub(crate) context: Context<'a>,
    pub(crate) people: &'a Cast,
    pub(crate) now: Instant,
    pub(crate) dice: u32,
}

pub(crate) fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn reason() -> Reason {
    Reason::parse("Como se acordó").unwrap()
}

pub(crate) fn statement() -> CustomerStatement {
    CustomerStatement { who: PersonName::parse("Luis Peña").unwrap(), channel: Channel::Phone }
}

impl Requester<'_> {
    /// A number below `below`, from the dice's bits at `place`.
    pub(crate) fn roll(&self, place: u32, below: u32) -> u32 {
        self.dice.rotate_right(place * 5).wrapping_mul(0x9e37_79b9).rotate_left(16) % below
    }

    pub(crate) fn one<T: Copy>(&self, place: u32, of: &[T]) -> T {
        of[usize::try_from(self.roll(place, u32::try_from(of.len()).unwrap())).unwrap()]
    }

    pub(crate) fn customer(&self) -> Actor {
        Actor::Customer(self.case.opening.number)
    }

    pub(crate) fn agent(&self) -> Actor {
        Actor::Staff(self.one(3, &[&self.people.agent, &self.people.supervisor]).clone())
    }

    fn until(&self) -> Instant {
        self.now.plus(600 + i64::from(self.roll(4, 300_000)))
    }

    /// The kind that brings the case nearer to its end.
    pub(crate) fn progress(&self) -> Kind {
        let live = self.case.visits().live().map(|visit| &visit.stage);
        match (self.case.status(), live) {
            (Status::Closed, _) => self.one(5, &[Kind::Survey, Kind::Survey, Kind::Reopen, Kind::Follow]),
            (Status::Cancelled, _) => Kind::Follow,
            (Status::Resolved, _) => self.one(5, &[Kind::Verify, Kind::Verify, Kind::CloseUnconfirmed]),
            (Status::New, None) => {
                use Kind::{Agree, Contact, Duplicate};
                self.one(5, &[Contact, Contact, Contact, Agree, Agree, Agree, Duplicate])
            }

            (Status::OnHold, None) => Kind::Resume,
            (_, Some(Stage::Offered(_))) => Kind::Answer,
            (_, Some(Stage::Proposed(_))) => Kind::Confirm,
            (_, Some(Stage::Agreed(_))) => self.one(5, &[Kind::OnSite, Kind::OnSite, Kind::Miss]),
            (_, Some(_)) => self
                .one(5, &[Kind::OnSite, Kind::Attach, Kind::Attach, Kind::Detach, Kind::Detach, Kind::Undo]),
            _ if self
                .case
                .undoable_contact()
                .is_some_and(|undoable_contact| self.now < undoable_contact.until()) =>
            {
                self.one(5, &[Kind::Undo, Kind::Undo, Kind::Undo, Kind::Resolve, Kind::Offer])
            }
            _ => self.one(5, &[Kind::Resolve, Kind::Offer, Kind::Update]),
        }
    }

    pub(crate) fn request(&self, kind: Kind) -> (Actor, Request) {
        match kind {
            Kind::Follow => (self.customer(), Request::Follow),
            Kind::Attach => (self.technician(), Request::Attach(self.photograph())),
            kind => {
                let (actor, command) = self.command(kind);
                (actor, Request::Do(Box::new(command)))
            }
        }
    }

    fn is_on_site(&self) -> bool {
        let live = self.case.visits().live().map(|visit| &visit.stage);
        matches!(live, Some(Stage::OnSite { .. }))
    }

    /// The technician of the latest visit.
    pub(crate) fn technician(&self) -> Actor {
        let goes = self.case.visits().latest().map(|visit| visit.technician.id);
        let Cast { technician, other_technician, .. } = self.people;
        Actor::Staff(if goes == Some(other_technician.id) { other_technician } else { technician }.clone())
    }

    /// A command of a kind, and the actor who gives it.
    fn command(&self, kind: Kind) -> (Actor, Command) {
        let agent = || self.agent();
        match kind {
            Kind::Progress | Kind::Time | Kind::Follow | Kind::Attach | Kind::Note => {
                let audience = self.one(0, &Audience::ALL);
                (agent(), Command::AddNote { audience, text: note("Se anota.") })
            }
            Kind::Attempt => {
                let outcome = self.one(0, &AttemptOutcome::ALL);
                (agent(), Command::LogAttempt { channel: Channel::Phone, outcome, note: None })
            }
            Kind::Contact => (agent(), self.contact()),
            Kind::Undo if self.is_on_site() => self.visit(kind),
            Kind::Undo => {
                let contact =
                    self.case.undoable_contact().map_or(1, |undoable_contact| undoable_contact.contact);
                (agent(), Command::Revision(RevisionCommand::UndoContact { contact }))
            }
            Kind::Update => {
                let next = (self.roll(0, 2) == 0).then(|| self.until());
                (
                    agent(),
                    Command::Message(MessageCommand::SendUpdate { text: note("Seguimos en ello."), next }),
                )
            }
            Kind::Message => {
                (self.customer(), Command::Message(MessageCommand::Write { text: note("¿Hay noticias?") }))
            }
            Kind::Pause => {
                let reason = self.one(0, &PauseReason::ALL);
                (agent(), Command::Pause { reason, detail: None, until: self.until(), allowed_by: None })
            }
            Kind::Resume => (agent(), Command::Resume),
            Kind::Priority => {
                (agent(), Command::ChangePriority { to: self.one(0, &Priority::ALL), reason: reason() })
            }
            Kind::Reprioritize => (agent(), self.reprioritize()),
            // A cancellation ends the history, so it is rare.
            Kind::Cancel if self.roll(0, 3) > 0 => (agent(), Command::Resume),
            Kind::Cancel => {
                (self.customer(), Command::Termination(TerminationCommand::CancelOwn { reason: None }))
            }
            Kind::Duplicate | Kind::Relate | Kind::Unrelate => (agent(), self.link(kind)),
            Kind::Correct => (agent(), self.correct()),
            Kind::Amend => {
                let actor = if self.roll(0, 2) > 0 { self.customer() } else { agent() };
                (actor, self.amend())
            }
            Kind::Assign => self.hold(),
            Kind::Resolve => (agent(), self.resolve()),
            Kind::Verify => self.verify(),
            Kind::CloseUnconfirmed => (agent(), Command::CloseUnconfirmed { reason: reason() }),
            Kind::Reopen => {
                let actor = if self.roll(0, 2) == 0 { agent() } else { self.customer() };
                (actor, Command::Reopen { said: note("Volvió a fallar.") })
            }
            Kind::Survey => self.survey(),
            kind => self.visit(kind),
        }
    }

    fn contact(&self) -> Command {
        match self.roll(0, 2) {
            0 => Command::LogContact { channel: self.one(1, &Channel::ALL), note: None },
            _ => Command::Message(MessageCommand::Contact {
                channel: Channel::Phone,
                note: None,
                next: self.until(),
            }),
        }
    }

    fn reprioritize(&self) -> Command {
        let to =
            PriorityInputs { severity: self.one(0, &Severity::ALL), urgency: self.one(1, &Urgency::ALL) };
        Command::Revision(RevisionCommand::Reprioritize { to, reason: reason() })
    }

    fn resolve(&self) -> Command {
        Command::Resolve {
            category: self.one(0, &Category::ALL),
            cause: note("Cable dañado"),
            solution: note("Cable cambiado"),
            chosen: None,
            classification: None,
        }
    }

    fn verify(&self) -> (Actor, Command) {
        let verdict = self.one(0, &[Verdict::Works, Verdict::Works, Verdict::StillFails]);
        let by_link = Command::Verify { verdict, channel: None, who: None, said: None };
        let who = PersonName::parse("Luis Peña").ok();
        let by_telephone = Command::Verify { verdict, channel: Some(Channel::Phone), who, said: None };
        if self.roll(1, 2) == 0 { (self.customer(), by_link) } else { (self.agent(), by_telephone) }
    }

    /// Links to another case, or to the case itself by mistake. The desk replaces `known` by what it finds.
    fn link(&self, kind: Kind) -> Command {
        let (other, status) = self.one(0, self.context.cases);
        let known = Some(Other::Found { organisation: Organisation::Same, status });
        match kind {
            Kind::Duplicate => {
                Command::Termination(TerminationCommand::CloseAsDuplicate { of: other, other: known })
            }
            Kind::Unrelate => Command::Link(LinkCommand::Unrelate { other }),
            _ => Command::Link(LinkCommand::Relate { other, known }),
        }
    }

    /// Amends the contact, and sometimes the place, which a customer may not change.
    fn amend(&self) -> Command {
        let report = &self.case.opening.report;
        let shown = AmendForm::of(report);
        let form = AmendForm {
            phone: self.one(1, &["0414 555 0101", "0212-5550102 ext. 7", "+57 601 5550103"]).to_owned(),
            mail: self.one(2, &["luis@example.com", "ana@example.com"]).to_owned(),
            location: if self.roll(3, 4) == 0 { "Otra torre".to_owned() } else { shown.location.clone() },
            reason: "Se anotó mal".to_owned(),
            ..shown
        };
        let what = Box::new(form.read(report).unwrap());
        Command::Revision(RevisionCommand::Amend { what, undelivered: 1 })
    }

    fn correct(&self) -> Command {
        let contract = self.one(0, &["CT-0012-0007", "CT-0099-0001"]);
        let contract = ContractNumber::parse(contract, default_formats()).unwrap();
        let to = ContractRef { contract: Some(contract), ..self.case.cover() };
        let resolved = self.context.resolved.cloned().map(Box::new);
        Command::Revision(RevisionCommand::Correct { to, reason: reason(), resolved })
    }

    fn hold(&self) -> (Actor, Command) {
        let to = Assignee { id: self.people.colleague.id, name: self.people.colleague.name.clone() };
        let command = match self.roll(0, 4) {
            0 => AssignmentCommand::Claim,
            1 => AssignmentCommand::Release,
            2 => AssignmentCommand::Assign { to },
            _ => AssignmentCommand::Transfer { to, reason: reason() },
        };
        (self.agent(), Command::Assignment(command))
    }

    fn survey(&self) -> (Actor, Command) {
        let survey = self.case.survey();
        let cycle = survey.cycles();
        let colleague = Actor::Staff(self.people.colleague.clone());
        let low = self.roll(1, 2) == 0;
        let (actor, command) = match self.roll(0, 7) {
            0 => (colleague, SurveyCommand::LogAttempt { outcome: AttemptOutcome::Busy }),
            1 => (colleague, SurveyCommand::CallBack { at: self.until(), note: None }),
            2 => (colleague, SurveyCommand::Refuse { note: None }),
            3 => {
                let who = PersonName::parse("Luis Peña").unwrap();
                (colleague, SurveyCommand::AnswerByTelephone { who, answers: answers(low) })
            }
            4 | 5 => (self.customer(), SurveyCommand::AnswerByLink { cycle, answers: answers(low) }),
            _ => {
                let outcome = self.one(2, &FollowUpOutcome::ALL);
                let followed = SurveyCommand::FollowUp { outcome, note: note("Se habló con el cliente.") };
                (Actor::Staff(self.people.supervisor.clone()), followed)
            }
        };
        (actor, Command::Survey(command))
    }
}

fn answers(low: bool) -> Answers {
    let mark = if low { "2" } else { "5" };
    let typed: BTreeMap<String, String> = ["attention", "solution", "treatment", "overall"]
        .into_iter()
        .map(|key| (key.to_owned(), mark.to_owned()))
        .collect();
    Questionnaire::initial().parse(&typed).unwrap()
}
