//! Behaviour of customers, agents, supervisors and technicians: mostly sensible, sometimes late, sometimes refused by
//! the desk.

use std::collections::BTreeMap;

use domain::actor::{Actor, Staff};
use domain::case::visit::{Side, Technician};
use domain::case::{
    AmendForm, Assignee, AssignmentCommand, AttemptOutcome, Audience, Case, Category, Channel, Command,
    ContractRef, LinkCommand, LinkKind, MessageCommand, PauseReason, PriorityInputs, RevisionCommand, Status,
    TerminationCommand, Verdict,
};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::priority::{Priority, Severity, Urgency};
use domain::survey::{FollowUp, FollowUpOutcome, SurveyCommand, SurveyRound};
use domain::text::{Note, PersonName, Reason, TextProblem};
use domain::time::Instant;

use super::SimulationError;
use super::chance::Dice;
use super::visits::{self, Photograph};

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// The staff.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    pub(super) agents: Vec<Staff>,
    pub(super) supervisor: Staff,
    pub(super) technicians: Vec<Staff>,
}

/// An action.
#[derive(Debug, Clone)]
pub(super) enum Move {
    /// A command.
    Ask(Actor, Command),
    /// A customer's answer to an offer of a visit, by the revision that they saw.
    AnswerVisit(domain::case::visit::VisitAnswer, u32),
    /// An answer to the survey by its link.
    AnswerSurvey(u32, BTreeMap<String, String>),
    /// A file for the visit under way.
    Attach(Actor, Photograph),
    /// The opening of a following case by the customer.
    Follow,
    /// No action.
    Wait,
}

/// An action, and the seconds until the next one of the case.
pub(super) type Turn = (Move, i64);

/// A case and its surroundings.
pub(super) struct Scene<'a> {
    pub(super) case: &'a Case,
    pub(super) cast: &'a Cast,
    /// Other cases that may be duplicates or related.
    pub(super) others: &'a [CaseNumber],
    pub(super) now: Instant,
}

pub(super) fn note(text: &str) -> Result<Note, SimulationError> {
    Note::parse(text).map_err(|problem: TextProblem| SimulationError::data(format!("{problem:?}")))
}

pub(super) fn reason(text: &str) -> Result<Reason, SimulationError> {
    Reason::parse(text).map_err(|problem| SimulationError::data(format!("{problem:?}")))
}

pub(super) fn name(text: &str) -> Result<PersonName, SimulationError> {
    PersonName::parse(text).map_err(|problem| SimulationError::data(format!("{problem:?}")))
}

/// Work of agents on an open case without a visit.
#[derive(Debug, Clone, Copy)]
enum Work {
    Resolve,
    Offer,
    News,
    Contact,
    Attempt,
    Pause,
    Priority,
    Weigh,
    Correct,
    Amend,
    Hold,
    Message,
    Note,
    Duplicate,
    Relate,
}

impl Scene<'_> {
    pub(super) fn customer(&self) -> Actor {
        Actor::Customer(self.case.opening.number)
    }

    /// The assignee, or any agent.
    pub(super) fn agent(&self, dice: &mut Dice) -> Actor {
        let assignee = self.case.assignee().map(|assignee| assignee.id);
        let held = self.cast.agents.iter().find(|agent| Some(agent.id) == assignee);
        let agent = held.or_else(|| dice.one_of(&self.cast.agents)).unwrap_or(&self.cast.supervisor);
        Actor::Staff(agent.clone())
    }

    pub(super) fn technician(&self, dice: &mut Dice) -> Technician {
        let technician = dice.one_of(&self.cast.technicians).unwrap_or(&self.cast.supervisor);
        Technician { id: technician.id, name: technician.name.clone() }
    }

    fn ask(&self, dice: &mut Dice, command: Command) -> Move {
        Move::Ask(self.agent(dice), command)
    }

    /// The next action, and its actor.
    pub(super) fn turn(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        if dice.percent(3) {
            return self.out_of_turn(dice);
        }
        let stage = self.case.visits().live().map(|visit| &visit.stage);
        match (self.case.status(), stage) {
            (Status::Cancelled, _) if dice.percent(40) => Ok((Move::Follow, DAY)),
            (Status::Cancelled | Status::Duplicate, _) => Ok((Move::Wait, DAY)),
            (Status::Closed, _) => self.afterwards(dice),
            (Status::Resolved, _) => self.verification(dice),
            (_, Some(stage)) => visits::turn(self, stage, dice),
            (Status::New, None) => self.first_contact(dice),
            (Status::OnHold, None) => self.waiting(dice),
            (Status::InProgress, None) => self.working(dice),
        }
    }

    /// An action at the wrong time or by the wrong actor: the desk refuses it, or it is harmless.
    fn out_of_turn(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        let command = match dice.below(6) {
            0 => Command::Resume,
            5 => Command::Termination(TerminationCommand::CancelOwn { reason: None }),
            1 => Self::resolution(dice)?,
            2 => Command::Reopen { said: note("Sigue igual.")? },
            3 => Command::CloseUnconfirmed { reason: reason("Sin respuesta")? },
            _ => Command::Assignment(AssignmentCommand::Release),
        };
        let actor = if dice.percent(50) { self.customer() } else { self.agent(dice) };
        Ok((Move::Ask(actor, command), dice.between(MINUTE, HOUR)))
    }

    fn first_contact(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        let channel = Channel::Phone;
        let done = match dice.below(100) {
            0..20 => {
                let outcome = dice.one_of(&AttemptOutcome::ALL).copied().unwrap_or(AttemptOutcome::NoAnswer);
                let attempt = Command::LogAttempt { channel, outcome, note: None };
                return Ok((self.ask(dice, attempt), dice.between(5 * MINUTE, 20 * MINUTE)));
            }
            20..35 => Command::Assignment(AssignmentCommand::Claim),
            35..40 => self.pause(dice, PauseReason::AgreedDate)?,
            40..45 => return Ok((self.message()?, dice.between(MINUTE, 30 * MINUTE))),
            45..60 => Command::Message(MessageCommand::Contact {
                channel,
                note: Some(note("Se habló con el contacto.")?),
                next: self.now.plus(dice.between(HOUR, 6 * HOUR)),
            }),
            _ => Command::LogContact { channel, note: None },
        };
        Ok((self.ask(dice, done), dice.between(10 * MINUTE, 90 * MINUTE)))
    }

    fn working(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        let had_visit = self.case.visits().latest().is_some();
        let work = dice.weighted(
            Work::Note,
            &[
                (if had_visit { 40 } else { 20 }, Work::Resolve),
                (if had_visit { 5 } else { 20 }, Work::Offer),
                (15, Work::News),
                (8, Work::Contact),
                (4, Work::Attempt),
                (8, Work::Pause),
                (5, Work::Priority),
                (4, Work::Weigh),
                (3, Work::Correct),
                (3, Work::Amend),
                (5, Work::Hold),
                (5, Work::Message),
                (6, Work::Note),
                (3, Work::Duplicate),
                (4, Work::Relate),
            ],
        );
        let text = || note("Se revisó el equipo a distancia.");
        let command = match work {
            Work::Resolve => Self::resolution(dice)?,
            Work::Offer => visits::offer(self, dice)?,
            Work::News => {
                let next = dice.percent(40).then(|| self.now.plus(dice.between(HOUR, DAY)));
                Command::Message(MessageCommand::SendUpdate { text: text()?, next })
            }
            Work::Contact => Command::LogContact { channel: Channel::Mail, note: Some(text()?) },
            Work::Attempt => Command::LogAttempt {
                channel: Channel::Phone,
                outcome: AttemptOutcome::Voicemail,
                note: None,
            },
            Work::Pause => {
                let why = dice.one_of(&PauseReason::ALL).copied().unwrap_or(PauseReason::SparePart);
                self.pause(dice, why)?
            }
            Work::Priority => {
                let to = dice.one_of(&Priority::ALL).copied().unwrap_or(Priority::P2);
                Command::ChangePriority { to, reason: reason("Afecta a más usuarios")? }
            }
            Work::Weigh => {
                let severity = dice.one_of(&Severity::ALL).copied().unwrap_or(Severity::High);
                let urgency = dice.one_of(&Urgency::ALL).copied().unwrap_or(Urgency::High);
                let to = PriorityInputs { severity, urgency };
                Command::Revision(RevisionCommand::Reprioritize {
                    to,
                    reason: reason("Así lo ve el cliente")?,
                })
            }
            Work::Correct => self.correction(dice)?,
            Work::Amend => self.amendment(dice)?,
            Work::Hold => self.hold(dice)?,
            Work::Message => return Ok((self.message()?, dice.between(10 * MINUTE, 2 * HOUR))),
            Work::Note => Command::AddNote { audience: Audience::Internal, text: text()? },
            Work::Duplicate => self.duplicate(dice),
            Work::Relate => self.relate(dice),
        };
        Ok((self.ask(dice, command), dice.between(15 * MINUTE, 3 * HOUR)))
    }

    fn waiting(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        let done = match dice.below(100) {
            0..25 => self.ask(dice, Command::Resume),
            25..45 => self.message()?,
            45..55 => {
                let text = note("El repuesto está en camino.")?;
                self.ask(dice, Command::Message(MessageCommand::SendUpdate { text, next: None }))
            }
            _ => Move::Wait,
        };
        Ok((done, dice.between(HOUR, 10 * HOUR)))
    }

    fn message(&self) -> Result<Move, SimulationError> {
        let write = MessageCommand::Write { text: note("¿Hay noticias de mi caso?")? };
        Ok(Move::Ask(self.customer(), Command::Message(write)))
    }

    fn pause(&self, dice: &mut Dice, why: PauseReason) -> Result<Command, SimulationError> {
        let until = self.now.plus(dice.between(30 * MINUTE, 2 * DAY));
        Ok(Command::Pause { reason: why, detail: Some(reason("En espera")?), until, allowed_by: None })
    }

    pub(super) fn resolution(dice: &mut Dice) -> Result<Command, SimulationError> {
        let category = dice.one_of(&Category::ALL).copied().unwrap_or(Category::Configuration);
        Ok(Command::Resolve {
            category,
            cause: note("Fuente dañada")?,
            solution: note("Fuente cambiada")?,
            chosen: None,
            classification: None,
        })
    }

    /// A correction of the contract, which may not exist. The serial remains.
    fn correction(&self, dice: &mut Dice) -> Result<Command, SimulationError> {
        let contracts = ["CPS-VE-004213-58", "CPS-VE-004690-82", "CPS-CO-002254-42", "CPS-MX-007256-16"];
        let contract = dice.one_of(&contracts).copied().unwrap_or(contracts[0]);
        let contract = ContractNumber::parse(contract, default_formats())
            .map_err(|problem| SimulationError::data(format!("{problem:?}")))?;
        let to = ContractRef { contract: Some(contract), ..self.case.cover() };
        let reason = reason("Otro contrato")?;
        Ok(Command::Revision(RevisionCommand::Correct { to, reason, resolved: None }))
    }

    /// An amendment of the telephone, and sometimes of the address.
    fn amendment(&self, dice: &mut Dice) -> Result<Command, SimulationError> {
        let report = &self.case.opening.report;
        let shown = AmendForm::of(report);
        let mail = if dice.percent(50) { shown.mail.clone() } else { format!("otra.{}", shown.mail) };
        let form = AmendForm {
            second: "+58 212 555 0143 ext. 12".to_owned(),
            mail: if mail.len() > 60 { shown.mail.clone() } else { mail },
            reason: "Lo dijo el contacto".to_owned(),
            ..shown
        };
        let what = form.read(report).map_err(|problems| SimulationError::data(format!("{problems:?}")))?;
        Ok(Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 }))
    }

    /// Another case, or the case itself by mistake.
    fn other(&self, dice: &mut Dice) -> CaseNumber {
        dice.one_of(self.others).copied().unwrap_or(self.case.opening.number)
    }

    fn duplicate(&self, dice: &mut Dice) -> Command {
        let of = self.other(dice);
        Command::Termination(TerminationCommand::CloseAsDuplicate { of, other: None })
    }

    /// Links the case to another, or removes its first related link.
    fn relate(&self, dice: &mut Dice) -> Command {
        let links = self.case.links();
        let linked = links.iter().find(|link| link.kind == LinkKind::Related);
        Command::Link(match linked {
            Some(link) if dice.percent(50) => LinkCommand::Unrelate { other: link.other },
            _ => LinkCommand::Relate { other: self.other(dice), known: None },
        })
    }

    fn hold(&self, dice: &mut Dice) -> Result<Command, SimulationError> {
        let agent = dice.one_of(&self.cast.agents).unwrap_or(&self.cast.supervisor);
        let to = Assignee { id: agent.id, name: agent.name.clone() };
        Ok(Command::Assignment(match dice.below(4) {
            0 => AssignmentCommand::Claim,
            1 => AssignmentCommand::Release,
            2 => AssignmentCommand::Assign { to },
            _ => AssignmentCommand::Transfer { to, reason: reason("Cambio de turno")? },
        }))
    }

    fn verification(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        if self.case.awaits_decision() && dice.percent(60) {
            let close = Command::CloseUnconfirmed { reason: reason("El cliente no responde")? };
            return Ok((Move::Ask(Actor::Staff(self.cast.supervisor.clone()), close), HOUR));
        }
        let verdict = if dice.percent(78) { Verdict::Works } else { Verdict::StillFails };
        let verify = |channel, who| Command::Verify { verdict, channel, who, said: None };
        let done = match dice.below(100) {
            0..40 => Move::Ask(self.customer(), verify(None, None)),
            40..50 => {
                let told = verify(Some(Channel::Phone), Some(name("Luis Peña")?));
                self.ask(dice, told)
            }
            _ => Move::Wait,
        };
        Ok((done, dice.between(HOUR, DAY)))
    }

    fn afterwards(&self, dice: &mut Dice) -> Result<Turn, SimulationError> {
        let can_come_back = self.case.closed().is_some_and(|closed| self.now < closed.reopen_until);
        if can_come_back && dice.percent(4) {
            let reopen = Command::Reopen { said: note("Volvió a fallar esta mañana.")? };
            return Ok((Move::Ask(self.customer(), reopen), dice.between(10 * MINUTE, HOUR)));
        }
        if !can_come_back && dice.percent(8) {
            return Ok((Move::Follow, dice.between(4 * HOUR, DAY)));
        }
        let done = match self.case.survey().asked() {
            Some(asked) if asked.ended.is_none() => self.survey(asked, dice)?,
            Some(asked) if asked.follow_up.is_some_and(FollowUp::is_open) => {
                let outcome = dice.one_of(&FollowUpOutcome::ALL).copied().unwrap_or(FollowUpOutcome::Settled);
                let followed = SurveyCommand::FollowUp { outcome, note: note("Se llamó al cliente.")? };
                Move::Ask(Actor::Staff(self.cast.supervisor.clone()), Command::Survey(followed))
            }
            _ => Move::Wait,
        };
        Ok((done, dice.between(4 * HOUR, DAY)))
    }

    fn survey(&self, asked: &SurveyRound, dice: &mut Dice) -> Result<Move, SimulationError> {
        let mark = dice.between(1, 5).to_string();
        let keys = ["attention", "solution", "treatment", "overall"];
        let typed: BTreeMap<String, String> =
            keys.into_iter().map(|key| (key.to_owned(), mark.clone())).collect();
        let command = match dice.below(100) {
            0..35 => return Ok(Move::AnswerSurvey(asked.cycle, typed)),
            35..50 => SurveyCommand::LogAttempt { outcome: AttemptOutcome::NoAnswer },
            50..60 => {
                let at = self.now.plus(dice.between(HOUR, 2 * DAY));
                SurveyCommand::CallBack { at, note: None }
            }
            60..65 => SurveyCommand::Refuse { note: None },
            65..80 => match asked.questionnaire.parse(&typed) {
                Ok(answers) => SurveyCommand::AnswerByTelephone { who: name("Luis Peña")?, answers },
                Err(_) => return Ok(Move::Wait),
            },
            _ => return Ok(Move::Wait),
        };
        Ok(self.ask(dice, Command::Survey(command)))
    }

    pub(super) const fn by(dice: &mut Dice) -> Side {
        if dice.percent(50) { Side::Us } else { Side::Customer }
    }
}
