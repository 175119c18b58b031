//! The agenda of a simulation: the next action, its node, and the faults.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::actor::Actor;
use domain::case::{AttemptOutcome, Case, Channel, Command, Status};
use domain::case_number::CaseNumber;
use domain::survey::FollowUp;
use domain::time::Instant;

use super::cases;
use super::chance::Dice;
use super::faults::Fault;
use super::mail_server::MailServer;
use super::node::{Clock, Killed};
use super::people::{Cast, DAY, HOUR, MINUTE, Move, Scene};
use super::site::Site;
use super::{Outcome, START, Settings, SimulationError};
use crate::Desk;
use crate::DeskError;
use crate::cases::attachments::{FileError, attach};
use crate::cases::execute::{Expected, execute_command};
use crate::cases::open::{OpenCase, OpenCaseError, open_case};
use crate::cases::visits::answer_as_customer;
use crate::events;
use crate::lab::integrity_check::{SchedulerState, check};
use crate::outbox;
use crate::scheduler;
use crate::search;
use crate::store::StoreError;
use crate::survey::{AnswerError, answer_by_link};

/// An entry of the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A customer's opening, new or repeated.
    Open(usize),
    /// An action on a case.
    Turn(CaseNumber),
    /// A fault.
    Fault(Fault),
}

/// A customer's submission, and the number of its case.
#[derive(Debug)]
struct Submission {
    wish: OpenCase,
    number: Option<CaseNumber>,
}

/// The whole simulation.
pub(super) struct World {
    end: Instant,
    clock: Clock,
    dice: Dice,
    site: Site,
    cast: Cast,
    submissions: Vec<Submission>,
    agenda: BinaryHeap<Reverse<(Instant, u64, Due)>>,
    /// Number of entries so far. Entries of one instant run in the order in which they were made.
    entries: u64,
    /// Time of the scheduler's next run.
    alarm: Option<Instant>,
    refused: u64,
    inconsistencies: Vec<String>,
}

impl World {
    /// An empty desk with its people, openings and faults.
    pub(super) fn new(settings: &Settings) -> Result<Self, SimulationError> {
        let mut dice = Dice::new(settings.seed);
        let clock = Clock::at(START);
        let mut site = Site::new(&settings.database, &clock, MailServer::default(), Dice::new(dice.word()));
        let (cast, register) = site.furnish()?;
        let length_s = i64::from(settings.days) * DAY;
        let mut world = Self {
            end: START.plus(length_s),
            clock,
            site,
            cast,
            submissions: Vec::new(),
            agenda: BinaryHeap::new(),
            entries: 0,
            alarm: None,
            refused: 0,
            inconsistencies: Vec::new(),
            dice: Dice::new(dice.word()),
        };
        for place in 0..usize::try_from(settings.cases).unwrap_or(usize::MAX) {
            let wish = cases::wish(place, &register, &mut dice)?;
            // The last openings come early enough for work on them.
            let at = START.plus(dice.between(MINUTE, length_s * 4 / 5));
            world.plan(at, Due::Open(world.submissions.len()));
            world.submissions.push(Submission { wish, number: None });
        }
        for (after_s, fault) in Fault::plan(settings.days, &mut dice) {
            world.plan(START.plus(after_s), Due::Fault(fault));
        }
        Ok(world)
    }

    fn plan(&mut self, at: Instant, due: Due) {
        self.entries += 1;
        self.agenda.push(Reverse((at, self.entries, due)));
    }

    fn plan_after(&mut self, after_s: i64, due: Due) {
        self.plan(self.clock.now().plus(after_s), due);
    }

    /// Runs the agenda to the end of the days.
    pub(super) fn live(&mut self) -> Result<(), SimulationError> {
        loop {
            let planned = self.agenda.peek().map(|Reverse((at, _, _))| *at);
            let Some(next) = planned.into_iter().chain(self.alarm).min() else { return Ok(()) };
            if next > self.end {
                return Ok(());
            }
            self.clock.advance_to(next);
            while let Some(due) = self.pop() {
                self.happen(due)?;
            }
            self.keep_time()?;
        }
    }

    fn pop(&mut self) -> Option<Due> {
        let Reverse((at, _, _)) = self.agenda.peek()?;
        if *at > self.clock.now() {
            return None;
        }
        self.agenda.pop().map(|Reverse((_, _, due))| due)
    }

    fn happen(&mut self, due: Due) -> Result<(), SimulationError> {
        match due {
            Due::Open(place) => self.open(place),
            Due::Turn(number) => self.turn(number),
            Due::Fault(fault) => {
                for (after_s, next) in self.site.begin_fault(fault, &mut self.dice)? {
                    self.plan_after(after_s, Due::Fault(next));
                }
                Ok(())
            }
        }
    }

    /// Runs work on a node. A killed node is restarted later.
    fn act<T>(&mut self, work: impl AsyncFnOnce(&Desk) -> T) -> Result<T, Killed> {
        let outcome = self.site.act(work, &mut self.dice);
        for (after_s, fault) in self.site.restarts(&mut self.dice) {
            self.plan_after(after_s, Due::Fault(fault));
        }
        outcome
    }

    /// The same without faults.
    fn look<T>(&mut self, work: impl AsyncFnOnce(&Desk) -> T) -> Result<T, Killed> {
        self.site.look(work, &mut self.dice)
    }

    /// A customer submits the form, and repeats it without an answer.
    fn open(&mut self, place: usize) -> Result<(), SimulationError> {
        let Some(submission) = self.submissions.get(place) else { return Ok(()) };
        let wish = submission.wish.clone();
        let actor = cases::opener(&wish, &self.cast, &mut self.dice);
        let opened = self.act(async |desk| open_case(desk, &actor, wish).await);
        match opened {
            Ok(Ok(opened)) => {
                self.told(place, opened.number);
                // Some submit it again after the answer.
                if self.dice.percent(10) {
                    let after_s = self.dice.between(1, HOUR);
                    self.plan_after(after_s, Due::Open(place));
                }
                Ok(())
            }
            Ok(Err(OpenCaseError::Store(_))) | Err(Killed) => {
                let after_s = self.dice.between(5, 10 * MINUTE);
                self.plan_after(after_s, Due::Open(place));
                Ok(())
            }
            Ok(Err(error)) => Err(SimulationError::data(error)),
        }
    }

    /// Checks that a submission always gets the same number.
    fn told(&mut self, place: usize, number: CaseNumber) {
        let Some(submission) = self.submissions.get_mut(place) else { return };
        match submission.number.replace(number) {
            None => {
                let after_s = self.dice.between(MINUTE, 70 * MINUTE);
                self.plan_after(after_s, Due::Turn(number));
            }
            Some(before) if before != number => {
                self.inconsistencies.push(format!("{before}: the same submission opened {number} as well"));
            }
            Some(_) => {}
        }
    }

    /// A person reads a case and acts on it.
    fn turn(&mut self, number: CaseNumber) -> Result<(), SimulationError> {
        let Ok(Ok(case)) = self.look(async |desk| read(desk, number).await) else {
            let after_s = self.dice.between(MINUTE, 10 * MINUTE);
            self.plan_after(after_s, Due::Turn(number));
            return Ok(());
        };
        let now = self.clock.now();
        let others = self.others(&case);
        let scene = Scene { case: &case, cast: &self.cast, others: &others, now };
        let (done, after_s) = scene.turn(&mut self.dice)?;
        let waits = matches!(done, Move::Wait);
        match done {
            Move::Wait => {}
            Move::Follow => self.follow(&case)?,
            done => self.perform(&case, done),
        }
        if !(waits && is_over(&case, now)) {
            self.plan_after(after_s.max(1), Due::Turn(number));
        }
        Ok(())
    }

    /// Other cases that an agent sees: those of the contract, and sometimes any.
    fn others(&mut self, case: &Case) -> Vec<CaseNumber> {
        let any = self.dice.percent(20);
        let contract = &case.opening.report.contract;
        let others = self.submissions.iter().filter(|other| any || other.wish.report.contract == *contract);
        others.filter_map(|other| other.number).collect()
    }

    /// A customer opens a following case, while there is time to work on it.
    fn follow(&mut self, case: &Case) -> Result<(), SimulationError> {
        if self.clock.now().plus(DAY) > self.end {
            return Ok(());
        }
        let place = self.submissions.len();
        let wish = cases::following(place, case)?;
        self.submissions.push(Submission { wish, number: None });
        let after_s = self.dice.between(MINUTE, 20 * MINUTE);
        self.plan_after(after_s, Due::Open(place));
        Ok(())
    }

    fn perform(&mut self, case: &Case, done: Move) {
        let (number, seen) = (case.opening.number, Expected::Version(case.version));
        if self.dice.percent(5) {
            // A colleague was quicker, so the command conflicts.
            let scene = Scene { case, cast: &self.cast, others: &[], now: self.clock.now() };
            let colleague = scene.agent(&mut self.dice);
            let outcome = AttemptOutcome::Busy;
            let attempt = Command::LogAttempt { channel: Channel::Phone, outcome, note: None };
            let _ = self.act(async |desk| execute_command(desk, &colleague, number, seen, attempt).await);
        }
        let outcome = match done {
            Move::Wait | Move::Follow => return,
            Move::Attach(actor, file) => self.act(async |desk| {
                attach(desk, &actor, number, file.name, file.content).await.map(drop).or_else(filed)
            }),
            Move::Ask(actor, command) => {
                self.act(async |desk| execute_command(desk, &actor, number, seen, command).await.map(drop))
            }
            Move::AnswerVisit(answer, revision) => self.act(async |desk| {
                answer_as_customer(desk, &Actor::Customer(number), number, revision, answer).await
            }),
            Move::AnswerSurvey(cycle, typed) => self.act(async |desk| {
                let token = desk.tokens().survey_link(number, cycle);
                answer_by_link(desk, &token, None, &typed).await.or_else(answered)
            }),
        };
        match outcome {
            Ok(Err(DeskError::Refused(_) | DeskError::NotPermitted(_))) => self.refused += 1,
            Ok(Err(DeskError::Conflict { .. })) => self.site.faults.conflicts += 1,
            Ok(Err(DeskError::NotFound)) => {
                self.inconsistencies.push(format!("{number}: a case that was opened is not found"));
            }
            // The person tries again at their next turn.
            Ok(Ok(()) | Err(DeskError::Store(_))) | Err(Killed) => {}
        }
    }

    /// Runs the scheduler and delivers due mails.
    fn keep_time(&mut self) -> Result<(), SimulationError> {
        if !self.site.is_up() {
            self.alarm = None;
            return Ok(());
        }
        let soon = self.clock.now().plus(1);
        let kept = if self.alarm.is_some_and(|alarm| alarm < soon) {
            self.act(async |desk| scheduler::tick(desk).await)
        } else {
            self.look(async |desk| scheduler::tick(desk).await)
        };
        let sent = self.site.deliver(&mut self.dice)?;
        for (after_s, fault) in self.site.restarts(&mut self.dice) {
            self.plan_after(after_s, Due::Fault(fault));
        }
        let mail = self.look(async |desk| outbox::next_due(desk).await);
        self.alarm = match (kept, sent, mail) {
            (Ok(Ok(alarm)), Ok(()), Ok(Ok(mail))) => {
                alarm.into_iter().chain(mail).min().map(|at| at.max(soon))
            }
            _ => Some(soon),
        };
        Ok(())
    }

    /// Delivers all mails and checks everything.
    pub(super) fn judge(mut self) -> Result<Outcome, SimulationError> {
        self.clock.advance_to(self.end);
        self.site.recover()?;
        loop {
            self.keep_time()?;
            let mail = self.look(async |desk| outbox::next_due(desk).await);
            let Ok(Ok(Some(_))) = mail else { break };
            let Some(alarm) = self.alarm else { break };
            self.clock.advance_to(alarm);
        }
        let proof = self.site.first(async |desk| {
            scheduler::tick(desk).await?;
            search::catch_up(desk).await?;
            check(desk, SchedulerState::UpToDate).await
        });
        self.site.end();
        let Ok(proof) = proof else { return Err(StoreError::Closed.into()) };
        let proof = proof?;
        let mut inconsistencies = self.inconsistencies;
        inconsistencies.extend(proof.inconsistencies.iter().map(ToString::to_string));
        inconsistencies.extend(self.site.post.audit(&proof.mails));
        let opened = self.submissions.iter().filter(|submission| submission.number.is_some()).count();
        if u64::try_from(opened).ok() != Some(proof.cases) {
            inconsistencies
                .push(format!("{opened} submissions were answered, and there are {} cases", proof.cases));
        }
        let count = |state: &str| proof.mails.iter().filter(|mail| mail.state == state).count();
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(Outcome {
            cases: proof.cases,
            events: proof.events,
            mails: number(proof.mails.len()),
            mails_dead: number(count("dead")),
            refused: self.refused,
            targets: proof.targets,
            faults: self.site.tally(),
            happened: proof.happened.into_iter().collect(),
            inconsistencies,
            digest: proof.digest,
        })
    }
}

async fn read(desk: &Desk, number: CaseNumber) -> Result<Case, StoreError> {
    let mut reader = desk.store().reader().await?;
    events::fold(&events::history(&mut reader, number).await?)
}

fn filed(error: FileError) -> Result<(), DeskError> {
    match error {
        // Files of no accepted kind are refused.
        FileError::Problem(_) => Ok(()),
        FileError::Desk(error) => Err(error),
    }
}

fn answered(error: AnswerError) -> Result<(), DeskError> {
    match error {
        AnswerError::Desk(error) => Err(error),
        // A customer who omits a question is asked again.
        AnswerError::Wrong(_) => Ok(()),
    }
}

/// Whether nothing is left to do on the case.
fn is_over(case: &Case, now: Instant) -> bool {
    if matches!(case.status(), Status::Cancelled | Status::Duplicate) {
        return true;
    }
    let ended = case
        .survey()
        .asked()
        .is_some_and(|asked| asked.ended.is_some() && !asked.follow_up.is_some_and(FollowUp::is_open));
    let lasts = case.closed().is_some_and(|closed| now >= closed.reopen_until);
    case.status() == Status::Closed && ended && lasts
}
