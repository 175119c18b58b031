//! Takes the demonstration out of a desk, and only it. What people of the desk's own did stays, with what it rests on.

mod plan;
mod register;
mod rows;

use domain::actor::{Action, Actor, Subject, may};
use domain::case_number::CaseNumber;

use crate::Desk;
use crate::DeskError;

use plan::plan;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Tell what would be taken out.
    DryRun,
    /// Take it out, in one transaction.
    Apply,
}

/// What becomes of demonstration cases that people of the desk's own have worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixedCases {
    /// They stay, with contract and equipment.
    Keep,
    /// They are taken out as well.
    Remove,
}

/// A demonstration case that is more than the demonstration's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixedCase {
    /// Its number.
    pub number: CaseNumber,
    /// Why it is mixed.
    pub why: Mixture,
}

/// What mixes a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mixture {
    /// These people of the desk's own have entries in its history.
    WorkedOnBy(Vec<String>),
    /// It is linked with this case, which stays: each names the other.
    LinkedWith(CaseNumber),
}

/// What belongs to the demonstration and goes, and what stays because the desk's own work rests on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removal {
    /// Cases that go, by number.
    pub cases: Vec<CaseNumber>,
    /// Mixed cases, by number; the first of these two lists that a case stands in decides.
    pub mixed: Vec<MixedCase>,
    /// Mails that go: those of cases that go, and those about the demonstration's accounts.
    pub mails: i64,
    /// Mail addresses of people who go.
    pub people: Vec<String>,
    /// Those of people who stay out of service, because work that stays names them.
    pub people_kept: Vec<String>,
    /// Numbers of contracts that go.
    pub contracts: Vec<String>,
    /// Those that stay, because cases or equipment that stay name them.
    pub contracts_kept: Vec<String>,
    /// Serials of equipment that goes.
    pub equipment: Vec<String>,
    /// Ids of sites that go.
    pub sites: Vec<i64>,
    /// Ids of customers that go.
    pub organisations: Vec<i64>,
    /// Displays that go.
    pub displays: i64,
}

impl Removal {
    /// Whether nothing of the demonstration is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
            && self.mails == 0
            && self.people.is_empty()
            && self.contracts.is_empty()
            && self.equipment.is_empty()
            && self.sites.is_empty()
            && self.organisations.is_empty()
            && self.displays == 0
    }
}

/// Takes the demonstration out, or tells what that would be.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::lab::demo::remove::{MixedCases, Request, remove};
///
/// demo::load(&desk).await?;
/// let told = remove(&desk, &Actor::System, Request::DryRun, MixedCases::Keep).await?;
/// assert_eq!((told.cases.len(), told.people.len(), told.mixed.len()), (16, 4, 0));
/// let done = remove(&desk, &Actor::System, Request::Apply, MixedCases::Keep).await?;
/// assert_eq!(done, told);
/// assert!(remove(&desk, &Actor::System, Request::DryRun, MixedCases::Keep).await?.is_empty());
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn remove(
    desk: &Desk,
    actor: &Actor,
    request: Request,
    mixed: MixedCases,
) -> Result<Removal, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    match request {
        Request::DryRun => {
            let mut reader = desk.store().reader().await?;
            let removal = plan(&mut reader, mixed).await?;
            reader.done();
            Ok(removal)
        }
        Request::Apply => {
            let (by, now) = (actor.clone(), desk.now());
            let removal = desk
                .store()
                .write(move |tx| {
                    Box::pin(async move {
                        // Planned once more, under the writer's lock: cases may have come since the dry run.
                        let removal = plan(tx.connection(), mixed).await?;
                        rows::delete(tx, &removal, &by, now).await?;
                        Ok::<_, DeskError>(removal)
                    })
                })
                .await?;
            tracing::info!(
                cases = removal.cases.len(),
                mails = removal.mails,
                "the demonstration was taken out"
            );
            Ok(removal)
        }
    }
}
