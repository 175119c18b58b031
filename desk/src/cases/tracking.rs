//! Links to the page of a case: where they lead, and how a customer gets a new one (`docs/decisions/0066`).

use domain::actor::{Actor, BrowserOf, ParticipantOf};
use domain::case::{Command, TrackingCommand};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use thiserror::Error;

use crate::Desk;
use crate::access::limits::Source;
use crate::access::tokens::{LinkHolder, TrackingLink};
use crate::cases::execute::{Expected, execute_in, origin_of, subjects};
use crate::error::{DeskError, holds_desk_error};
use crate::projections::{participants, tracking as links};
use crate::store::{StoreError, Tx};

/// The holder of a link to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Number of the case.
    pub number: CaseNumber,
    /// The participant whose link it is; `None` for the contact's.
    pub participant: Option<ParticipantOf>,
}

impl Held {
    /// The holder, in a browser where a member of the staff may have signed in before.
    #[must_use]
    pub fn actor(&self, browser: Option<&BrowserOf>) -> Actor {
        match &self.participant {
            Some(participant) => Actor::Participant(participant.clone()),
            None => Actor::customer(self.number, browser),
        }
    }
}

/// Why a link leads to no case.
#[derive(Debug, Clone, Error)]
pub enum LinkError {
    /// Its case has ended, and its time is over. Only the contact's link that once led there is answered so.
    #[error("the link has expired")]
    Expired,
    /// See [`DeskError`]. [`DeskError::NotFound`] for a link that this desk did not make, or that was renewed. So it is for
    /// the link of a participant who is on the case no more.
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

/// The case of a link and its holder, by the link's last part.
///
/// # Errors
/// See [`LinkError`].
pub async fn held(desk: &Desk, tracking: &str) -> Result<Held, LinkError> {
    let (held, runs_from) = known(desk, tracking).await?;
    let days = desk.brand().provider.link_days;
    let has_expired = runs_from.is_some_and(|from| desk.now() >= days.end(from));
    match held.participant {
        _ if !has_expired => Ok(held),
        // A new one goes to the contact alone.
        Some(_) => Err(LinkError::Desk(DeskError::NotFound)),
        None => Err(LinkError::Expired),
    }
}

/// Gives the case of the contact's link, which may have expired, a new one in its holder's name. The new one is mailed to the
/// contact, and the one before leads nowhere.
///
/// # Errors
/// See [`RenewError`]. The policy refuses a participant.
pub async fn renew_own(
    desk: &Desk,
    tracking: &str,
    browser: Option<&BrowserOf>,
    source: Source,
) -> Result<(), RenewError> {
    let (held, _) = known(desk, tracking).await?;
    desk.limits().links.take(source, desk.now()).map_err(|_| RenewError::TooOften)?;
    let asked_with = desk.tokens().case(tracking).map(|link| link.holder);
    let renew = Command::Tracking(TrackingCommand::RenewOwn { undelivered: 0 });
    let (at_work, actor, number) = (desk.clone(), held.actor(browser), held.number);
    desk.store()
        .write_beside(subjects(number, &renew), move |tx| {
            Box::pin(async move {
                let now = links::of_case(tx.connection(), number).await?;
                let generation = now.map(|now| now.generation);
                match asked_with {
                    // The button was pressed twice at once: the new link is on its way, and must not end.
                    Some(LinkHolder::Contact { generation: asked_with })
                        if generation != Some(asked_with) =>
                    {
                        Ok(())
                    }
                    _ => renewed(&at_work, tx, &actor, number, renew).await,
                }
            })
        })
        .await
        .map_err(RenewError::Desk)
}

async fn renewed(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    number: CaseNumber,
    renew: Command,
) -> Result<(), DeskError> {
    execute_in(desk, tx, actor, origin_of(actor), number, Expected::Any, renew).await?;
    Ok(())
}

/// The holder of a link that counts, and when the time of links to the case began to run.
async fn known(desk: &Desk, tracking: &str) -> Result<(Held, Option<Instant>), DeskError> {
    let TrackingLink { number, holder } = desk.tokens().case(tracking).ok_or(DeskError::NotFound)?;
    let mut reader = desk.store().reader().await?;
    let found = match holder {
        LinkHolder::Contact { generation } => {
            let found = links::of_case(&mut reader, number).await?;
            let counts = found.filter(|found| found.generation == generation);
            counts.map(|counts| (Held { number, participant: None }, counts.runs_from))
        }
        LinkHolder::Participant(id) => {
            let found = participants::of_case(&mut reader, number, id).await?;
            found.map(|(participant, runs_from)| (Held { number, participant: Some(participant) }, runs_from))
        }
    };
    reader.done();
    found.ok_or(DeskError::NotFound)
}
