//! What attention keeps beside a case's history: who is on it, what waits for an answer, what it stands under.

use domain::case::{
    Assignee, AssignmentRefusal, Case, Command, Correction, LinkCommand, Refusal, ResolvedContract,
    RevisionCommand, TerminationCommand,
};
use domain::contract_number::ContractNumber;
use domain::view::CaseBadge;

use crate::DeskError;
use crate::case_log::Labels;
use crate::links::look_up;
use crate::outbox;
use crate::people::somebody;
use crate::register::{RegisterQuery, resolve_contract, site_under};
use crate::store::{StoreError, Tx};

/// Puts into a command what the register says of the people, contracts and cases that it names: what came from outside names
/// them by number alone.
pub(crate) async fn resolve_references(
    tx: &mut Tx,
    case: &Case,
    command: Command,
) -> Result<Command, DeskError> {
    match command {
        Command::Assignment(held) => match held.person() {
            None => Ok(Command::Assignment(held)),
            Some(id) => match somebody(tx, id).await? {
                Some(known) => Ok(Command::Assignment(held.about(known))),
                None => Err(Refusal::from(AssignmentRefusal::UnknownPerson).into()),
            },
        },
        Command::Revision(RevisionCommand::Correct { to, reason, .. }) => {
            let (country, at) = (case.opening.report.country, case.opened_at);
            // As on the day on which the case was opened: that day's contract, plan and hours are the right ones.
            let asked =
                RegisterQuery { contract: to.contract.as_ref(), serial: Some(&to.serial), country, at };
            let found = resolve_contract(tx.connection(), asked).await?;
            let labels = found.labels(to.contract.as_ref(), &to.serial);
            let standing = Some(Box::new(ResolvedContract {
                coverage: found.coverage,
                terms: found.terms,
                hours: found.hours,
                customer: labels.customer,
                equipment: labels.equipment,
            }));
            Ok(Command::Revision(RevisionCommand::Correct { to, reason, standing }))
        }
        Command::Revision(RevisionCommand::Amend { what, .. }) => {
            let undelivered = outbox::count_undelivered(tx, case).await?;
            Ok(Command::Revision(RevisionCommand::Amend { what, undelivered }))
        }
        Command::Termination(TerminationCommand::CloseAsDuplicate { of, .. }) => {
            let other = Some(look_up(tx, case.opening.number, of).await?);
            Ok(Command::Termination(TerminationCommand::CloseAsDuplicate { of, other }))
        }
        Command::Link(LinkCommand::Relate { other, .. }) => {
            let known = Some(look_up(tx, case.opening.number, other).await?);
            Ok(Command::Link(LinkCommand::Relate { other, known }))
        }
        other => Ok(other),
    }
}

/// What a row of the queue shows beside its clocks.
pub(crate) fn badge(case: &Case) -> CaseBadge {
    CaseBadge { assignee: case.assignee().cloned(), unanswered: case.unanswered() }
}

/// Brings the mark of a case's row up to its history.
pub(crate) async fn write_badge(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let CaseBadge { assignee, unanswered } = badge(case);
    let (id, name) = assignee.map_or((0, String::new()), |Assignee { id, name }| (id.0, name));
    sqlx::query("UPDATE cases SET holder_id = $2, holder_name = $3, unanswered_utc_s = $4 WHERE number = $1")
        .bind(case.opening.number.as_compact())
        .bind(id)
        .bind(name)
        .bind(unanswered.map(|at| at.0))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Brings what a case stands under in its row up to a correction.
pub(crate) async fn write_contract(tx: &mut Tx, case: &Case, right: &Correction) -> Result<(), StoreError> {
    let Correction { to, standing, .. } = right;
    let site = site_under(tx.connection(), to.contract.as_ref(), &to.serial).await?;
    let labels = Labels { customer: standing.customer.clone(), equipment: standing.equipment.clone(), site };
    sqlx::query(
        "UPDATE cases SET contract_number = $2, serial = $3, coverage = $4, customer = $5, equipment = $6,
                          calendar_id = $7, calendar_version = $8, zone = $9, site_id = $10, place = $11
         WHERE number = $1",
    )
    .bind(case.opening.number.as_compact())
    .bind(to.contract.as_ref().map_or("", ContractNumber::as_str))
    .bind(to.serial.as_str())
    .bind(standing.coverage.code())
    .bind(&labels.customer)
    .bind(&labels.equipment)
    .bind(standing.hours.calendar.0)
    .bind(i64::from(standing.hours.version))
    .bind(&standing.hours.zone)
    .bind(labels.site.as_ref().map(|site| site.id.0))
    .bind(labels.place(&case.opening.report.location))
    .execute(tx.connection())
    .await?;
    Ok(())
}
