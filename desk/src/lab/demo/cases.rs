//! Cases of an ordinary day, by a script of openings and commands before the time of loading.

mod script;

use domain::actor::Actor;
use domain::case::{
    AssignmentCommand, Channel, Command, MessageCommand, Report, TerminationCommand, Verdict,
};
use domain::case_number::CaseNumber;
use domain::intake::IntakeForm;
use domain::text::{Note, PersonName, Reason};
use domain::time::Instant;
use sqlx::Row;

use super::DemoError;
use crate::Desk;
use crate::Ports;
use crate::cases::execute::{Expected, execute_command};
use crate::cases::open::{OpenCase, SubmissionKey, open_case};
use crate::events;
use crate::store::StoreError;
use script::{CASES, Move, Script, Who};

/// Whether every case of the script is there.
pub(super) async fn are_loaded(desk: &Desk) -> Result<bool, DemoError> {
    match CASES.last() {
        Some(last) => Ok(version(desk, last.key).await?.is_some()),
        None => Ok(true),
    }
}

/// The keys under which the script's cases are submitted: each knows its case again.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|script| script.key)
}

/// Opens and works the missing cases. Gives their number.
pub(super) async fn play(desk: &Desk, agent: &Actor, supervisor: &Actor) -> Result<usize, DemoError> {
    let now = desk.now();
    let mut opened = 0;
    for script in &CASES {
        // A case that was begun and never finished, after a crash, stays as it is.
        if version(desk, script.key).await?.is_some() {
            continue;
        }
        let number = open(desk, script, now).await?;
        let mut version = 1;
        for (minutes_ago, who, step) in script.steps {
            let actor = match who {
                Who::Agent => agent,
                Who::Supervisor => supervisor,
            };
            let desk = desk.with_ports(then(desk.ports(), now, *minutes_ago));
            let command = command(&desk, step, now).await?;
            let expected = Expected::Version(version);
            version =
                execute_command(&desk, actor, number, expected, command).await.map_err(DemoError::data)?;
        }
        open_survey(desk, number).await?;
        mark_mails_sent(desk, number).await?;
        opened += 1;
    }
    Ok(opened)
}

/// Opens the survey of a case whose time has come, so that its mail is not sent later.
async fn open_survey(desk: &Desk, number: CaseNumber) -> Result<(), DemoError> {
    let mut reader = desk.store().reader().await?;
    let case = events::fold(&events::history(&mut reader, number).await?)?;
    drop(reader);
    let hours = desk.hours(&case.opening.hours).await?;
    let due = case.due_commands(&hours, desk.now()).into_iter();
    for command in due.filter(|command| matches!(command, Command::Survey(_))) {
        execute_command(desk, &Actor::System, number, Expected::Any, command)
            .await
            .map_err(DemoError::data)?;
    }
    Ok(())
}

async fn open(desk: &Desk, script: &Script, now: Instant) -> Result<CaseNumber, DemoError> {
    let wish = OpenCase {
        key: SubmissionKey::parse(script.key).ok_or_else(|| DemoError::data(script.key))?,
        report: report(script)?,
        language: script.language,
        origin: script.origin,
        previous_case: None,
        source: None,
    };
    let desk = desk.with_ports(then(desk.ports(), now, script.minutes_ago));
    let opened = open_case(&desk, &Actor::System, wish).await.map_err(DemoError::data)?;
    mark_mails_sent(&desk, opened.number).await?;
    Ok(opened.number)
}

/// The ports of a time `minutes_ago` before `now`.
fn then(ports: &Ports, now: Instant, minutes_ago: i64) -> Ports {
    ports.at(now.plus(-minutes_ago * 60))
}

fn report(script: &Script) -> Result<Report, DemoError> {
    let text = str::to_owned;
    let form = IntakeForm {
        reporter: text(script.reporter),
        contract: text(script.contract),
        serial: text(script.serial),
        platform: text(script.platform.code()),
        country: text(script.country.code()),
        abroad: String::new(),
        location: text(script.location),
        contact_same: String::new(),
        contact_name: text(script.reporter),
        contact_phone: text(script.phone),
        contact_mail: text(script.mail),
        fault: text(script.fault),
        severity: text(script.severity.code()),
        urgency: text(script.urgency.code()),
        ..IntakeForm::default()
    };
    form.report().map_err(|problems| DemoError::data(format!("{}: {problems:?}", script.key)))
}

async fn command(desk: &Desk, step: &Move, now: Instant) -> Result<Command, DemoError> {
    let note = |text: &str| Note::parse(text).map_err(DemoError::data);
    let reason = |text: &str| Reason::parse(text).map_err(DemoError::data);
    Ok(match *step {
        Move::Attempt(channel, outcome) => Command::LogAttempt { channel, outcome, note: None },
        Move::Contact(channel, text) => Command::LogContact { channel, note: Some(note(text)?) },
        Move::Note(audience, text) => Command::AddNote { audience, text: note(text)? },
        Move::Claim => Command::Assignment(AssignmentCommand::Claim),
        Move::News(text, hours_ahead) => Command::Message(MessageCommand::SendUpdate {
            text: note(text)?,
            next: hours_ahead.map(|hours| now.plus(hours * 3600)),
        }),
        Move::Pause { waits_for, detail, hours_ahead } => Command::Pause {
            reason: waits_for,
            detail: Some(reason(detail)?),
            until: now.plus(hours_ahead * 3600),
            allowed_by: None,
        },
        Move::Resume => Command::Resume,
        Move::Priority(to, why) => Command::ChangePriority { to, reason: reason(why)? },
        Move::Resolve(category, cause, solution) => Command::Resolve {
            category,
            cause: note(cause)?,
            solution: note(solution)?,
            chosen: None,
            classification: None,
        },
        Move::Cancel(asked_by, why) => {
            Command::Termination(TerminationCommand::Cancel { asked_by, reason: reason(why)? })
        }
        Move::Duplicate(of) => duplicate(desk, of).await?,
        Move::Confirm(who, said) => Command::Verify {
            verdict: Verdict::Works,
            channel: Some(Channel::Phone),
            who: Some(PersonName::parse(who).map_err(DemoError::data)?),
            said: Some(note(said)?),
        },
    })
}

/// The command that closes a case as a duplicate of an earlier one of the script.
async fn duplicate(desk: &Desk, of: &str) -> Result<Command, DemoError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT number FROM cases WHERE submission_key = $1")
        .bind(of)
        .fetch_one(&mut *reader)
        .await
        .map_err(StoreError::from)?;
    let number: String = row.try_get(0).map_err(StoreError::from)?;
    let of = CaseNumber::parse(&number).map_err(DemoError::data)?;
    Ok(Command::Termination(TerminationCommand::CloseAsDuplicate { of, other: None }))
}

/// Marks a case's mails as sent: the demonstration sends none.
async fn mark_mails_sent(desk: &Desk, number: CaseNumber) -> Result<(), StoreError> {
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE outbox SET state = 'sent', sent_utc_s = created_utc_s
                     WHERE case_number = $1 AND state = 'queued'",
                )
                .bind(number.as_compact())
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
}

async fn version(desk: &Desk, key: &str) -> Result<Option<i64>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT version FROM cases WHERE submission_key = $1")
        .bind(key)
        .fetch_optional(&mut *reader)
        .await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}
