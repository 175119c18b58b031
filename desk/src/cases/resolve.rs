//! References of commands: people, contracts and cases as the register has them.

use domain::actor::{PersonId, Scope};
use domain::case::{
    Assignee, AssignmentRefusal, Case, Command, LinkCommand, LinkRefusal, Other, Refusal, ResolvedContract,
    RevisionCommand, TerminationCommand, TrackingCommand,
};
use domain::case_number::CaseNumber;
use domain::time::Instant;

use crate::DeskError;
use crate::access::composed_roles::held_by;
use crate::access::staff::somebody;
use crate::cases::links::look_up;
use crate::causes;
use crate::contracts::register::{RegisterQuery, resolve_contract};
use crate::outbox;
use crate::reach::Reach;
use crate::store::{StoreError, Tx};

/// Replaces the references of a command by register entries. Input from outside names people, contracts and cases by
/// number alone.
pub(crate) async fn resolve_references(
    tx: &mut Tx,
    case: &Case,
    command: Command,
    (scope, reach): (Scope, &Reach),
    now: Instant,
) -> Result<Command, DeskError> {
    match command {
        Command::Assignment(held) => match held.person() {
            None => Ok(Command::Assignment(held)),
            Some(id) => match assignee(tx, case, id).await? {
                Some(known) => Ok(Command::Assignment(held.about(known))),
                None => Err(Refusal::from(AssignmentRefusal::UnknownPerson).into()),
            },
        },
        Command::Revision(RevisionCommand::Correct { to, reason, .. }) => {
            let (country, at) = (case.opening.report.country, case.opened_at);
            // Resolved for the day of the opening: contract, plan and hours of that day apply.
            let asked = RegisterQuery {
                contract: to.contract.as_ref(),
                serial: Some(&to.serial),
                country,
                at,
                scope,
            };
            let found = resolve_contract(tx.connection(), asked).await?;
            let labels = found.labels(to.contract.as_ref(), &to.serial);
            let resolved = Some(Box::new(ResolvedContract {
                coverage: found.coverage,
                terms: found.terms,
                hours: found.hours,
                customer: labels.customer,
                equipment: labels.equipment,
            }));
            Ok(Command::Revision(RevisionCommand::Correct { to, reason, resolved }))
        }
        Command::Revision(RevisionCommand::Amend { what, .. }) => {
            let undelivered = outbox::count_undelivered(tx, case).await?;
            Ok(Command::Revision(RevisionCommand::Amend { what, undelivered }))
        }
        Command::Tracking(renew) => {
            let undelivered = outbox::count_given_up(tx, case).await?;
            Ok(Command::Tracking(match renew {
                TrackingCommand::Renew { reason, .. } => TrackingCommand::Renew { reason, undelivered },
                TrackingCommand::RenewOwn { .. } => TrackingCommand::RenewOwn { undelivered },
            }))
        }
        Command::Termination(TerminationCommand::CloseAsDuplicate { of, .. }) => {
            let other = Some(other_case(tx, case.opening.number, of, reach).await?);
            Ok(Command::Termination(TerminationCommand::CloseAsDuplicate { of, other }))
        }
        Command::Link(LinkCommand::Relate { other, .. }) => {
            let known = Some(other_case(tx, case.opening.number, other, reach).await?);
            Ok(Command::Link(LinkCommand::Relate { other, known }))
        }
        Command::Link(LinkCommand::Unrelate { other }) => {
            if reach.holds(tx.connection(), other).await? {
                Ok(Command::Link(LinkCommand::Unrelate { other }))
            } else {
                Err(Refusal::from(LinkRefusal::NotLinked).into())
            }
        }
        Command::Resolve { category, cause, solution, chosen, .. } => {
            let tree = causes::in_force(tx.connection(), now).await?;
            let found = tree.classify(chosen.as_ref()).map_err(Refusal::from)?;
            let classification = found.map(Box::new);
            Ok(Command::Resolve { category, cause, solution, chosen, classification })
        }
        other => Ok(other),
    }
}

/// An active person to whom the case can be assigned: it must be within their role's scope.
async fn assignee(tx: &mut Tx, case: &Case, id: PersonId) -> Result<Option<Assignee>, StoreError> {
    let Some(known) = somebody(tx, id).await? else { return Ok(None) };
    let Some(role) = held_by(tx.connection(), id).await? else { return Ok(Some(known)) };
    let reach = Reach::of_role(&role, id).assignable();
    Ok(reach.holds(tx.connection(), case.opening.number).await?.then_some(known))
}

/// The register's answer about another case. One out of the actor's reach is missing.
async fn other_case(
    tx: &mut Tx,
    own: CaseNumber,
    other: CaseNumber,
    reach: &Reach,
) -> Result<Other, StoreError> {
    if reach.holds(tx.connection(), other).await? {
        look_up(tx, own, other).await
    } else {
        Ok(Other::Missing)
    }
}
