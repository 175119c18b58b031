//! What the demonstration's public password opens: a desk where nobody but the demonstration's staff works, and no other.

use domain::actor::Role;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::access::passwords::{self, Seat};
use crate::store::StoreError;

/// What all of the demonstration's staff signs in with. Public: it opens nothing once anybody else works at the desk, or
/// where the demonstration is off.
pub const PASSWORD: &str = "demostracion-vigia";

/// Somebody of the demonstration's staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffMember {
    /// What they are there for.
    pub role: Role,
    /// Full name of the member of the staff.
    pub name: &'static str,
    /// What they sign in with, and [`PASSWORD`].
    pub mail: &'static str,
}

/// Takes calls and works cases.
pub const AGENT: StaffMember =
    StaffMember { role: Role::Agent, name: "Marta Salas", mail: "agente@vigia.example" };
/// Goes on visits.
pub const TECHNICIAN: StaffMember =
    StaffMember { role: Role::Technician, name: "Rosa Marín", mail: "tecnica@vigia.example" };
/// Watches the queue.
pub const SUPERVISOR: StaffMember =
    StaffMember { role: Role::Supervisor, name: "Andrés Quintero", mail: "supervisor@vigia.example" };
/// Keeps people, plans and displays.
pub const ADMINISTRATOR: StaffMember =
    StaffMember { role: Role::Administrator, name: "Lucía Ferrer", mail: "administracion@vigia.example" };

/// All of the staff.
pub const STAFF: [StaffMember; 4] = [AGENT, SUPERVISOR, ADMINISTRATOR, TECHNICIAN];

/// Whether the public password opens anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For as long as nobody of the desk's own works there.
    WhileAlone,
    /// The public password opens nothing.
    Closed,
}

/// What the public password opens now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// Nobody has it.
    Nothing,
    /// The whole desk: so many have it.
    TheDesk(usize),
    /// So many have it, and they are refused.
    NothingMore(usize),
}

/// What the public password opens, for whoever starts the desk.
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
        // Nobody else asks while the desk starts: there is a seat.
        let fits = passwords::verify(PASSWORD, Some(row.try_get(0)?), Seat::Reserved).await;
        public += usize::from(fits.unwrap_or(false));
    }
    Ok(match public {
        0 => Opens::Nothing,
        public if is_refused(desk).await? => Opens::NothingMore(public),
        public => Opens::TheDesk(public),
    })
}

/// Whether whoever signs in with `typed` is refused, whatever is kept of their password.
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

/// Whether anybody but the demonstration's staff is in service.
async fn others_work_here(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let query = STAFF.iter().fold(
        sqlx::query("SELECT 1 FROM people WHERE active = 1 AND mail NOT IN ($1, $2, $3, $4) LIMIT 1"),
        |query, member| query.bind(member.mail),
    );
    Ok(query.fetch_optional(connection).await?.is_some())
}

/// Whether somebody is of the demonstration's staff.
pub(crate) fn is_ours(mail: &str) -> bool {
    STAFF.iter().any(|member| member.mail.eq_ignore_ascii_case(mail))
}
