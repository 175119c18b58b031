//! References of commands: people, contracts and cases as the register has them.

use domain::actor::Scope;
use domain::case::{
    AssignmentRefusal, Case, Command, LinkCommand, Refusal, ResolvedContract, RevisionCommand,
    TerminationCommand, TrackingCommand,
};
use domain::time::Instant;

use crate::DeskError;
use crate::access::staff::somebody;
use crate::cases::links::look_up;
use crate::causes;
use crate::contracts::register::{RegisterQuery, resolve_contract};
use crate::outbox;
use crate::store::Tx;

/// Replaces the references of a command by register entries. Input from outside names people, contracts and cases by
/// number alone.
pub(crate) async fn resolve_references(
    tx: &mut Tx,
    case: &Case,
    command: Command,
    scope: Scope,
    now: Instant,
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
            let other = Some(look_up(tx, case.opening.number, of).await?);
            Ok(Command::Termination(TerminationCommand::CloseAsDuplicate { of, other }))
        }
        Command::Link(LinkCommand::Relate { other, .. }) => {
            let known = Some(look_up(tx, case.opening.number, other).await?);
            Ok(Command::Link(LinkCommand::Relate { other, known }))
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
