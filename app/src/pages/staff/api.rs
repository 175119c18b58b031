//! What the workspace asks of the server. Each: who asks, what they ask, one call of the desk.

use crate::wire::Wire;
use domain::actor::Staff;
use domain::case::Command;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::view::{CasePage, Doing, QueuePage, QueueState};
use leptos::prelude::*;

use super::case_file::Assignees;
use super::queue::query::Whose;
use crate::AppError;

/// Who is signed in.
#[server(prefix = "/api", endpoint = "signed_in", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn signed_in() -> Result<Staff, AppError> {
    ssr::staff().map(|(_, staff)| staff)
}

/// A page of the queue.
#[server(prefix = "/api", endpoint = "queue_page", protocol = Wire)]
pub(super) async fn read_queue(
    state: QueueState,
    country: Option<Country>,
    whose: Whose,
    page: u32,
) -> Result<QueuePage, AppError> {
    let (asked, staff) = ssr::staff()?;
    let whose = match whose {
        Whose::Anybodys => desk::cases::queue::Whose::Anybodys,
        Whose::Mine => desk::cases::queue::Whose::Of(staff.id),
        Whose::Nobodys => desk::cases::queue::Whose::Nobodys,
    };
    let filter = desk::cases::queue::Filter { state, country, whose };
    Ok(desk::cases::queue::queue(&asked.desk, &asked.actor, filter, page).await?)
}

/// Everything about one case. The number is forgiven what people do to numbers.
#[server(prefix = "/api", endpoint = "case_file", protocol = Wire)]
pub(super) async fn read_case_file(number: String) -> Result<CasePage, AppError> {
    let (asked, _) = ssr::staff()?;
    let number = CaseNumber::parse(&number).map_err(|_| AppError::NotFound)?;
    Ok(desk::cases::read::read_case(&asked.desk, &asked.actor, number).await?)
}

/// Who reads a case, and whom it can be given to.
#[server(prefix = "/api", endpoint = "hands", protocol = Wire)]
pub(super) async fn read_hands() -> Result<Assignees, AppError> {
    let (asked, me) = ssr::staff()?;
    let colleagues = desk::access::staff::colleagues(&asked.desk, &asked.actor).await?;
    Ok(Assignees { me, colleagues })
}

/// Does something to a case that was read at version `seen`; the version after it. A browser always names the version:
/// what steers the case rests on what its reader saw.
#[server(prefix = "/api", endpoint = "work_case", protocol = Wire)]
pub(super) async fn execute_command(
    number: CaseNumber,
    seen: u32,
    command: Command,
) -> Result<u32, AppError> {
    use desk::cases::execute::{Expected, execute_command};

    let (asked, _) = ssr::staff()?;
    Ok(execute_command(&asked.desk, &asked.actor, number, Expected::Version(seen), command).await?)
}

/// Sends the mails of a case that were given up once more, to its contact's present address.
#[server(prefix = "/api", endpoint = "resend_mails", protocol = Wire)]
pub(super) async fn resend_mails(number: CaseNumber) -> Result<(), AppError> {
    let (asked, _) = ssr::staff()?;
    desk::outbox::resend(&asked.desk, &asked.actor, number).await.map_err(|error| match error {
        desk::outbox::ResendError::NoneGivenUp => {
            AppError::Text(domain::t!(asked.language, "staff.undelivered.none").into_owned())
        }
        desk::outbox::ResendError::Desk(error) => error.into(),
    })
}

/// Says what is done on a page of a case that is open: a sign of life for colleagues.
#[server(prefix = "/api", endpoint = "tell_presence", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn tell_presence(tab: String, doing: Doing) -> Result<(), AppError> {
    let (asked, me) = ssr::staff()?;
    desk::live::presence::tell(&asked.desk, &me, &tab, doing);
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) use ssr::staff;

#[cfg(feature = "ssr")]
pub(super) mod ssr {
    use domain::actor::{Actor, Staff};

    use crate::AppError;
    use crate::request::{RequestContext, request_context};

    /// The request, if it comes from somebody who is signed in.
    pub(in crate::pages::staff) fn staff() -> Result<(RequestContext, Staff), AppError> {
        let asked = request_context()?;
        match &asked.actor {
            Actor::Staff(staff) => {
                let staff = staff.clone();
                Ok((asked, staff))
            }
            Actor::Anonymous
            | Actor::Customer(_)
            | Actor::CustomerBeside { .. }
            | Actor::Display { .. }
            | Actor::System => Err(AppError::SignInFirst),
        }
    }
}
