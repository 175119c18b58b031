//! What the workspace asks of the server. Each: who asks, what they ask, one call of the desk.

use crate::wire::Wire;
use domain::actor::Staff;
use domain::case::Command;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::view::{CasePage, Doing, QueuePage, QueueState};
use leptos::prelude::*;

use super::case_file::Hands;
use super::queue::wanted::Whose;
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
        Whose::Anybodys => desk::queue::Whose::Anybodys,
        Whose::Mine => desk::queue::Whose::Of(staff.id),
        Whose::Nobodys => desk::queue::Whose::Nobodys,
    };
    let filter = desk::queue::Filter { state, country, whose };
    desk::queue::queue(&asked.desk, &asked.actor, filter, page).await.map_err(ssr::queue_error)
}

/// Everything about one case. The number is forgiven what people do to numbers.
#[server(prefix = "/api", endpoint = "case_file", protocol = Wire)]
pub(super) async fn read_case_file(number: String) -> Result<CasePage, AppError> {
    let (asked, _) = ssr::staff()?;
    let number = CaseNumber::parse(&number).map_err(|_| crate::request::refuse(AppError::NotFound))?;
    desk::read_case::read_case(&asked.desk, &asked.actor, number).await.map_err(ssr::read_error)
}

/// Who reads a case, and whom it can be given to.
#[server(prefix = "/api", endpoint = "hands", protocol = Wire)]
pub(super) async fn read_hands() -> Result<Hands, AppError> {
    let (asked, me) = ssr::staff()?;
    let colleagues =
        desk::people::colleagues(&asked.desk, &asked.actor).await.map_err(crate::request::internal)?;
    Ok(Hands { me, colleagues })
}

/// Does something to a case that was read at version `seen`; the version after it.
#[server(prefix = "/api", endpoint = "work_case", protocol = Wire)]
pub(super) async fn work_case(number: CaseNumber, seen: u32, command: Command) -> Result<u32, AppError> {
    let (asked, _) = ssr::staff()?;
    desk::work_case::work_case(&asked.desk, &asked.actor, number, seen, command)
        .await
        .map_err(ssr::work_error)
}

/// Sends the mails of a case that were given up once more, to its contact's present address.
#[server(prefix = "/api", endpoint = "resend_mails", protocol = Wire)]
pub(super) async fn resend_mails(number: CaseNumber) -> Result<(), AppError> {
    let (asked, _) = ssr::staff()?;
    let language = asked.language;
    desk::outbox::resend(&asked.desk, &asked.actor, number)
        .await
        .map_err(|error| ssr::resend_error(error, language))
}

/// Says what is done on a page of a case that is open: a sign of life for colleagues.
#[server(prefix = "/api", endpoint = "tell_presence", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn tell_presence(tab: String, doing: Doing) -> Result<(), AppError> {
    let (asked, me) = ssr::staff()?;
    desk::presence::tell(&asked.desk, &me, &tab, doing);
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) use ssr::staff;

#[cfg(feature = "ssr")]
pub(super) mod ssr {
    use desk::outbox::ResendError;
    use desk::queue::QueueError;
    use desk::read_case::ReadCaseError;
    use desk::work_case::WorkCaseError;
    use domain::actor::{Actor, Staff};
    use domain::case::Refusal;
    use domain::t;
    use domain::words::Language;

    use crate::AppError;
    use crate::request::{Asked, asked, internal, refuse};

    /// The request, if it comes from somebody who is signed in.
    pub(in crate::pages::staff) fn staff() -> Result<(Asked, Staff), AppError> {
        let asked = asked()?;
        match &asked.actor {
            Actor::Staff(staff) => {
                let staff = staff.clone();
                Ok((asked, staff))
            }
            Actor::Anonymous
            | Actor::Customer(_)
            | Actor::CustomerBeside { .. }
            | Actor::Display { .. }
            | Actor::System => Err(refuse(AppError::SignInFirst)),
        }
    }

    pub(super) fn queue_error(error: QueueError) -> AppError {
        match error {
            QueueError::NotPermitted(refused) => refuse(AppError::Refused(Refusal::NotPermitted(refused))),
            QueueError::Store(error) => internal(error),
        }
    }

    pub(super) fn read_error(error: ReadCaseError) -> AppError {
        match error {
            ReadCaseError::NotFound => refuse(AppError::NotFound),
            ReadCaseError::Store(error) => internal(error),
        }
    }

    pub(super) fn resend_error(error: ResendError, language: Language) -> AppError {
        match error {
            ResendError::NotPermitted(refused) => refuse(AppError::Refused(Refusal::NotPermitted(refused))),
            ResendError::NotFound => refuse(AppError::NotFound),
            ResendError::NoneGivenUp => {
                refuse(AppError::Text(t!(language, "staff.undelivered.none").into_owned()))
            }
            ResendError::Store(error) => internal(error),
        }
    }

    pub(super) fn work_error(error: WorkCaseError) -> AppError {
        match error {
            WorkCaseError::NotFound => refuse(AppError::NotFound),
            WorkCaseError::Refused(refusal) => refuse(AppError::Refused(refusal)),
            WorkCaseError::Changed { since, .. } => refuse(AppError::Changed { since }),
            WorkCaseError::Store(error) => internal(error),
        }
    }
}
