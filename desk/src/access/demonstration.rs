//! The demonstration's public password, which opens only a desk without other staff.

use domain::actor::Role;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::access::passwords::{self, Seat};
use crate::store::StoreError;

/// The password of the demonstration's staff. It is public, so it opens nothing once other people work at the desk, or
/// where the demonstration is off.
pub const PASSWORD: &str = "demostracion-vigia";

/// A member of the demonstration's staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffMember {
    /// Their role.
    pub role: Role,
    /// Full name of the member of the staff.
    pub name: &'static str,
    /// Mail address for the sign-in, with [`PASSWORD`].
    pub mail: &'static str,
}

/// The agent.
pub const AGENT: StaffMember =
    StaffMember { role: Role::Agent, name: "Marta Salas", mail: "agente@vigia.example" };
/// The technician.
pub const TECHNICIAN: StaffMember =
    StaffMember { role: Role::Technician, name: "Rosa Marín", mail: "tecnica@vigia.example" };
/// The supervisor.
pub const SUPERVISOR: StaffMember =
    StaffMember { role: Role::Supervisor, name: "Andrés Quintero", mail: "supervisor@vigia.example" };
/// The administrator.
pub const ADMINISTRATOR: StaffMember =
    StaffMember { role: Role::Administrator, name: "Lucía Ferrer", mail: "administracion@vigia.example" };

/// All of the staff.
pub const STAFF: [StaffMember; 4] = [AGENT, SUPERVISOR, ADMINISTRATOR, TECHNICIAN];

/// Whether the public password opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It does while the desk has no other active staff.
    WhileAlone,
    /// The public password opens nothing.
    Closed,
}

/// Effect of the public password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// No account has it.
    Nothing,
    /// It opens the desk: this many accounts have it.
    TheDesk(usize),
    /// This many accounts have it and are refused.
    NothingMore(usize),
}

/// Effect of the public password, for the operator.
///
/// # Errors
/// When the database does not answer.
pub async fn public_password(desk: &Desk) -> Result<Opens, StoreError> {
    let mut reader = desk.store().reader().await?;
    let rows = STAFF.iter().fold(
        sqlx::query("SELECT password_hash FROM people WHERE active = 1 AND mail IN ($1, $2, $3, $4)"),
        |query, member| query.bind(member.mail),
    );
    let rows = rows.fetch_all(&mut *reader).await?;
    drop(reader);
    let mut public = 0;
    for row in rows {
        // At the start no one else signs in, so a seat is free.
        let fits = passwords::verify(PASSWORD, Some(row.try_get(0)?), Seat::Reserved).await;
        public += usize::from(fits.unwrap_or(false));
    }
    Ok(match public {
        0 => Opens::Nothing,
        public if is_refused(desk).await? => Opens::NothingMore(public),
        public => Opens::TheDesk(public),
    })
}

/// Whether a sign-in with `typed` is refused, whatever the stored hash.
pub(crate) async fn refuses(desk: &Desk, typed: &str) -> Result<bool, StoreError> {
    Ok(typed == PASSWORD && is_refused(desk).await?)
}

async fn is_refused(desk: &Desk) -> Result<bool, StoreError> {
    match desk.demo_access() {
        Access::Closed => Ok(true),
        Access::WhileAlone => {
            let mut reader = desk.store().reader().await?;
            others_work_here(&mut reader).await
        }
    }
}

/// Whether people outside the demonstration's staff are active.
async fn others_work_here(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let query = STAFF.iter().fold(
        sqlx::query("SELECT 1 FROM people WHERE active = 1 AND mail NOT IN ($1, $2, $3, $4) LIMIT 1"),
        |query, member| query.bind(member.mail),
    );
    Ok(query.fetch_optional(connection).await?.is_some())
}

/// Whether a mail address is of the demonstration's staff.
pub(crate) fn is_ours(mail: &str) -> bool {
    STAFF.iter().any(|member| member.mail.eq_ignore_ascii_case(mail))
}
