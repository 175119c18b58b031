//! Random commands to cases, for the tests of `domain` and `desk`: in any order, sensible or not; the rules refuse the rest.
//!
//! It is a crate of its own, which nothing that is shipped depends on. A feature of `domain` would have that crate, and
//! everything above it, compiled once more for the tests.
#![allow(clippy::missing_panics_doc, reason = "tests panic")]

mod visits;

use std::collections::BTreeMap;

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::ServiceHours;
use domain::case::visit::{CustomerStatement, Stage};
use domain::case::{
    AmendForm, Assignee, AssignmentCommand, AttemptOutcome, Audience, Case, Category, Channel, Command,
    ContractRef, LinkCommand, MessageCommand, Organisation, Other, PauseReason, PriorityInputs,
    ResolvedContract, RevisionCommand, Status, TerminationCommand, Verdict,
};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::priority::{Priority, Severity, Urgency};
use domain::survey::{Answers, FollowUpOutcome, Questionnaire, SurveyCommand};
use domain::text::{Note, PersonName, Reason};
use domain::time::Instant;
use proptest::prelude::*;
use proptest::sample::select;
pub use visits::Photograph;

const HOUR: i64 = 3600;

/// The people of the desk.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Takes calls and works on cases.
    pub agent: Staff,
    /// Another agent.
    pub colleague: Staff,
    /// Watches over both.
    pub supervisor: Staff,
    /// Goes on visits.
    pub technician: Staff,
    /// Another technician.
    pub other_technician: Staff,
}

impl Cast {
    /// People whom no register need know.
    #[must_use]
    pub fn made_up() -> Self {
        let staff = |id, name: &str, role| Staff { id: PersonId(id), name: name.to_owned(), role };
        Self {
            agent: staff(7, "Luis", Role::Agent),
            colleague: staff(8, "Rosa", Role::Agent),
            supervisor: staff(9, "Andrés", Role::Supervisor),
            technician: staff(10, "Rosa Marín", Role::Technician),
            other_technician: staff(11, "Pedro Osorio", Role::Technician),
        }
    }
}

/// One wish: after how long, what, and the dice for its details.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Seconds after the wish before.
    pub after_s: i64,
    what: What,
    dice: u32,
}

/// What is asked of a case.
#[derive(Debug, Clone)]
pub enum Ask {
    /// A command.
    Do(Box<Command>),
    /// A file for the visit that is under way.
    Attach(Photograph),
    /// A new case that takes this one up.
    Follow,
}

/// What the people of a wish know of.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Who asks.
    pub people: &'a Cast,
    /// What the register says of any other contract; none where the desk looks it up.
    pub resolved: Option<&'a ResolvedContract>,
    /// All cases, the one in hand among them, each with where it stands.
    pub cases: &'a [(CaseNumber, Status)],
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// Whatever the case's state suggests.
    Onward,
    /// Whatever time has to do.
    Time,
    Attempt,
    Contact,
    TakeBack,
    Note,
    News,
    Message,
    Pause,
    Resume,
    Priority,
    Weigh,
    Correct,
    Amend,
    Hold,
    Offer,
    Agree,
    Answer,
    Confirm,
    Move,
    Reassign,
    CallOff,
    Miss,
    OnSite,
    Resolve,
    Verify,
    CloseUnconfirmed,
    Reopen,
    Survey,
    Withdraw,
    Duplicate,
    Relate,
    Unrelate,
    Follow,
    Attach,
    Detach,
}

/// A wish of any kind: the way onward most often, so that histories come to their end as well.
pub fn some_wish() -> impl Strategy<Value = Wish> {
    use What as W;
    let others = select(vec![
        W::Attempt,
        W::Contact,
        W::TakeBack,
        W::Note,
        W::News,
        W::Message,
        W::Pause,
        W::Resume,
        W::Priority,
        W::Weigh,
        W::Correct,
        W::Amend,
        W::Hold,
        W::Offer,
        W::Agree,
        W::Answer,
        W::Confirm,
        W::Move,
        W::Reassign,
        W::CallOff,
        W::Miss,
        W::OnSite,
        W::Resolve,
        W::Verify,
        W::CloseUnconfirmed,
        W::Reopen,
        W::Survey,
        W::Withdraw,
        W::Duplicate,
        W::Relate,
        W::Unrelate,
        W::Follow,
        W::Attach,
        W::Detach,
    ]);
    let what = prop_oneof![3 => Just(W::Onward), 2 => Just(W::Time), 4 => others];
    let after_s = prop_oneof![2 => 0..1_800_i64, 3 => 1_800..40_000_i64, 1 => 40_000..700_000_i64];
    (after_s, what, any::<u32>()).prop_map(|(after_s, what, dice)| Wish { after_s, what, dice })
}

impl Wish {
    /// Which of so many cases it is about: the first most often, so that its history gets somewhere.
    #[must_use]
    pub fn about(&self, cases: usize) -> usize {
        let dice = usize::try_from(self.dice >> 8).unwrap();
        if dice % 4 > 0 { 0 } else { dice / 4 % cases }
    }

    /// What is asked of `case` at `now`, and by whom.
    #[must_use]
    pub fn asked(
        &self,
        case: &Case,
        around: Around<'_>,
        hours: &ServiceHours,
        now: Instant,
    ) -> Vec<(Actor, Ask)> {
        let asking = Asking { case, around, people: around.people, now, dice: self.dice };
        let asked = |(actor, command)| (actor, Ask::Do(Box::new(command)));
        match self.what {
            What::Time => {
                let due = case.due_commands(hours, now);
                due.into_iter().map(|command| asked((Actor::System, command))).collect()
            }
            What::Onward => vec![asking.for_(asking.onward())],
            what => vec![asking.for_(what)],
        }
    }
}

struct Asking<'a> {
    case: &'a Case,
    around: Around<'a>,
    people: &'a Cast,
    now: Instant,
    dice: u32,
}

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn reason() -> Reason {
    Reason::parse("Como se acordó").unwrap()
}

fn word() -> CustomerStatement {
    CustomerStatement { who: PersonName::parse("Luis Peña").unwrap(), channel: Channel::Phone }
}

impl Asking<'_> {
    /// The `place`-th of the dice's bits, as a number below `below`.
    fn roll(&self, place: u32, below: u32) -> u32 {
        self.dice.rotate_right(place * 5).wrapping_mul(0x9e37_79b9).rotate_left(16) % below
    }

    fn one<T: Copy>(&self, place: u32, of: &[T]) -> T {
        of[usize::try_from(self.roll(place, u32::try_from(of.len()).unwrap())).unwrap()]
    }

    fn customer(&self) -> Actor {
        Actor::Customer(self.case.opening.number)
    }

    fn agent(&self) -> Actor {
        Actor::Staff(self.one(3, &[&self.people.agent, &self.people.supervisor]).clone())
    }

    fn until(&self) -> Instant {
        self.now.plus(600 + i64::from(self.roll(4, 300_000)))
    }

    /// What would be done next by somebody who does their work.
    fn onward(&self) -> What {
        let live = self.case.visits().live().map(|visit| &visit.stage);
        match (self.case.status(), live) {
            (Status::Closed, _) => self.one(5, &[What::Survey, What::Survey, What::Reopen, What::Follow]),
            (Status::Cancelled, _) => What::Follow,
            (Status::Resolved, _) => self.one(5, &[What::Verify, What::Verify, What::CloseUnconfirmed]),
            (Status::New, None) => {
                use What::{Agree, Contact, Duplicate};
                self.one(5, &[Contact, Contact, Contact, Agree, Agree, Agree, Duplicate])
            }

            (Status::OnHold, None) => What::Resume,
            (_, Some(Stage::Offered(_))) => What::Answer,
            (_, Some(Stage::Proposed(_))) => What::Confirm,
            (_, Some(Stage::Agreed(_))) => self.one(5, &[What::OnSite, What::OnSite, What::Miss]),
            (_, Some(_)) => self.one(
                5,
                &[What::OnSite, What::Attach, What::Attach, What::Detach, What::Detach, What::TakeBack],
            ),
            _ if self
                .case
                .undoable_contact()
                .is_some_and(|undoable_contact| self.now < undoable_contact.until()) =>
            {
                self.one(5, &[What::TakeBack, What::TakeBack, What::TakeBack, What::Resolve, What::Offer])
            }
            _ => self.one(5, &[What::Resolve, What::Offer, What::News]),
        }
    }

    fn for_(&self, what: What) -> (Actor, Ask) {
        match what {
            What::Follow => (self.customer(), Ask::Follow),
            What::Attach => (self.technician(), Ask::Attach(self.photograph())),
            what => {
                let (actor, command) = self.command(what);
                (actor, Ask::Do(Box::new(command)))
            }
        }
    }

    fn is_on_site(&self) -> bool {
        let live = self.case.visits().live().map(|visit| &visit.stage);
        matches!(live, Some(Stage::OnSite { .. }))
    }

    /// Whose visit it is.
    fn technician(&self) -> Actor {
        let goes = self.case.visits().latest().map(|visit| visit.technician.id);
        let Cast { technician, other_technician, .. } = self.people;
        Actor::Staff(if goes == Some(other_technician.id) { other_technician } else { technician }.clone())
    }

    fn command(&self, what: What) -> (Actor, Command) {
        let pick = |commands: &[(Actor, Command)]| {
            let place = self.roll(0, u32::try_from(commands.len()).unwrap());
            commands[usize::try_from(place).unwrap()].clone()
        };
        let agent = || self.agent();
        match what {
            What::Onward | What::Time | What::Follow | What::Attach | What::Note => {
                let audience = self.one(0, &Audience::ALL);
                (agent(), Command::AddNote { audience, text: note("Se anota.") })
            }
            What::Attempt => {
                let outcome = self.one(0, &AttemptOutcome::ALL);
                (agent(), Command::LogAttempt { channel: Channel::Phone, outcome, note: None })
            }
            What::Contact => pick(&[
                (agent(), Command::LogContact { channel: self.one(1, &Channel::ALL), note: None }),
                (
                    agent(),
                    Command::Message(MessageCommand::Contact {
                        channel: Channel::Phone,
                        note: None,
                        next: self.until(),
                    }),
                ),
            ]),
            What::TakeBack if self.is_on_site() => self.visit(what),
            What::TakeBack => {
                let contact =
                    self.case.undoable_contact().map_or(1, |undoable_contact| undoable_contact.contact);
                (agent(), Command::Revision(RevisionCommand::UndoContact { contact }))
            }
            What::News => {
                let next = (self.roll(0, 2) == 0).then(|| self.until());
                (
                    agent(),
                    Command::Message(MessageCommand::SendUpdate { text: note("Seguimos en ello."), next }),
                )
            }
            What::Message => {
                (self.customer(), Command::Message(MessageCommand::Write { text: note("¿Hay noticias?") }))
            }
            What::Pause => {
                let reason = self.one(0, &PauseReason::ALL);
                (agent(), Command::Pause { reason, detail: None, until: self.until(), allowed_by: None })
            }
            What::Resume => (agent(), Command::Resume),
            What::Priority => {
                (agent(), Command::ChangePriority { to: self.one(0, &Priority::ALL), reason: reason() })
            }
            What::Weigh => {
                let to = PriorityInputs {
                    severity: self.one(0, &Severity::ALL),
                    urgency: self.one(1, &Urgency::ALL),
                };
                (agent(), Command::Revision(RevisionCommand::Reprioritize { to, reason: reason() }))
            }
            // Seldom: it ends the history.
            What::Withdraw if self.roll(0, 3) > 0 => (agent(), Command::Resume),
            What::Withdraw => {
                (self.customer(), Command::Termination(TerminationCommand::CancelOwn { reason: None }))
            }
            What::Duplicate | What::Relate | What::Unrelate => (agent(), self.link(what)),
            What::Correct => (agent(), self.correct()),
            What::Amend => {
                let actor = if self.roll(0, 2) > 0 { self.customer() } else { agent() };
                (actor, self.amend())
            }
            What::Hold => self.hold(),
            What::Resolve => (
                agent(),
                Command::Resolve {
                    category: self.one(0, &Category::ALL),
                    cause: note("Cable dañado"),
                    solution: note("Cable cambiado"),
                },
            ),
            What::Verify => {
                let verdict = self.one(0, &[Verdict::Works, Verdict::Works, Verdict::StillFails]);
                let by_link = Command::Verify { verdict, channel: None, who: None, said: None };
                let who = PersonName::parse("Luis Peña").ok();
                let told = Command::Verify { verdict, channel: Some(Channel::Phone), who, said: None };
                if self.roll(1, 2) == 0 { (self.customer(), by_link) } else { (agent(), told) }
            }
            What::CloseUnconfirmed => (agent(), Command::CloseUnconfirmed { reason: reason() }),
            What::Reopen => {
                let reopen = Command::Reopen { said: note("Volvió a fallar.") };
                pick(&[(agent(), reopen.clone()), (self.customer(), reopen)])
            }
            What::Survey => self.survey(),
            what => self.visit(what),
        }
    }

    /// About another case, or about this one by mistake. The desk looks up what it says of it here.
    fn link(&self, what: What) -> Command {
        let (other, status) = self.one(0, self.around.cases);
        let known = Some(Other::Found { organisation: Organisation::Same, status });
        match what {
            What::Duplicate => {
                Command::Termination(TerminationCommand::CloseAsDuplicate { of: other, other: known })
            }
            What::Unrelate => Command::Link(LinkCommand::Unrelate { other }),
            _ => Command::Link(LinkCommand::Relate { other, known }),
        }
    }

    /// Sometimes the place as well, which is not the customer's to change, and sometimes nothing.
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
        let resolved = self.around.resolved.cloned().map(Box::new);
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
