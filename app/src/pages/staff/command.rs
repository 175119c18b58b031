//! What is done to a case from the workspace: by its page and by the agenda.

use domain::case::Command;
use domain::case_number::CaseNumber;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::session;
use crate::AppError;
use crate::wire::Wire;

/// Does something to a case that was read at version `seen`; the version after it. A browser always names the version:
/// what steers the case rests on what its reader saw.
#[server(prefix = "/api", endpoint = "work_case", protocol = Wire)]
pub(super) async fn execute_command(
    number: CaseNumber,
    seen: u32,
    command: Command,
) -> Result<u32, AppError> {
    use desk::cases::execute::{Expected, execute_command};

    let (asked, _) = session::staff()?;
    Ok(execute_command(&asked.desk, &asked.actor, number, Expected::Version(seen), command).await?)
}
