//! Links to the page of a case: where they lead, and how a customer gets a new one (`docs/decisions/0066`).

use domain::actor::Actor;
use domain::case::{Command, TrackingCommand};
use domain::case_number::CaseNumber;
use domain::provider::LinkDays;
use domain::time::Instant;
use thiserror::Error;

use crate::Desk;
use crate::access::limits::Source;
use crate::access::tokens::TrackingLink;
use crate::cases::execute::{Expected, execute_command};
use crate::error::{DeskError, holds_desk_error};
use crate::projections::tracking;
use crate::store::StoreError;

/// Why a link leads to no case.
#[derive(Debug, Clone, Error)]
pub enum LinkError {
    /// Its case has ended, and its time is over. Only a link that once led there is answered so.
    #[error("the link has expired")]
    Expired,
    /// See [`DeskError`]: [`DeskError::NotFound`] for a link that this desk did not make, and for one that was renewed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(LinkError: StoreError);

/// Why a holder gets no new link.
#[derive(Debug, Clone, Error)]
pub enum RenewError {
    /// Too many links were asked for from the network.
    #[error("asked too often")]
    TooOften,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(RenewError: StoreError);

/// The case of a link, by the link's last part.
///
/// # Errors
/// See [`LinkError`].
pub async fn case_of(desk: &Desk, tracking: &str) -> Result<CaseNumber, LinkError> {
    let (number, runs_from) = known(desk, tracking).await?;
    let has_expired = runs_from.is_some_and(|from| desk.now() >= link_days(desk).end(from));
    if has_expired { Err(LinkError::Expired) } else { Ok(number) }
}

/// Gives the case of a link, which may have expired, a new one in its holder's name. The new one is mailed to the contact, and
/// the one before leads nowhere.
///
/// # Errors
/// See [`RenewError`].
pub async fn renew_own(
    desk: &Desk,
    tracking: &str,
    by: impl FnOnce(CaseNumber) -> Actor,
    source: Source,
) -> Result<(), RenewError> {
    let (number, _) = known(desk, tracking).await?;
    desk.limits().links.take(source, desk.now()).map_err(|_| RenewError::TooOften)?;
    let renew = Command::Tracking(TrackingCommand::RenewOwn { undelivered: 0 });
    execute_command(desk, &by(number), number, Expected::Any, renew).await?;
    Ok(())
}

/// The case of a link of the generation that counts, and when its time began to run.
async fn known(desk: &Desk, tracking: &str) -> Result<(CaseNumber, Option<Instant>), DeskError> {
    let TrackingLink { number, generation } = desk.tokens().case(tracking).ok_or(DeskError::NotFound)?;
    let mut reader = desk.store().reader().await?;
    let found = tracking::of_case(&mut reader, number).await?;
    reader.done();
    let counts = found.filter(|found| found.generation == generation).ok_or(DeskError::NotFound)?;
    Ok((number, counts.runs_from))
}

fn link_days(desk: &Desk) -> LinkDays {
    desk.brand().provider.link_days
}
