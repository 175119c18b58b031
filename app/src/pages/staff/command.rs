//! Commands to a case from the workspace.

use domain::case::Command;
use domain::case_number::CaseNumber;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::session;
use crate::AppError;
use crate::wire::Wire;

/// Executes a command on a case that was read at version `seen`; returns the next version. A browser always names the
/// version, so that no command steers a case that its reader has not seen.
#[server(prefix = "/api", endpoint = "work_case", protocol = Wire)]
pub(super) async fn execute_command(
    number: CaseNumber,
    seen: u32,
    command: Command,
) -> Result<u32, AppError> {
    use desk::cases::execute::{Expected, execute_command};

    let (context, _) = session::staff()?;
    Ok(execute_command(&context.desk, &context.actor, number, Expected::Version(seen), command).await?)
}
