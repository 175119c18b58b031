//! How long sessions last, by role. A role's sessions can end sooner than the desk's own limits, and no later.

use domain::actor::{Action, Actor, Role, Subject, may};
use domain::audit::AuditEvent;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use super::sign_in::{IDLE_S, LONGEST_S};
use crate::Desk;
use crate::audit::{self, Noted};
use crate::error::DeskError;
use crate::store::StoreError;

/// The shortest time without a request after which sessions end, in seconds. A session's last use is known to the minute.
pub const IDLE_MIN_S: i64 = 5 * MINUTE_S;
/// The shortest time of a session, in seconds: a shift's work is not lost in the middle of a call.
pub const LONGEST_MIN_S: i64 = HOUR_S;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    idle_s: i64,
    longest_s: i64,
}

/// A limit is shorter than the shortest, or longer than the desk's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a limit of sessions is too short or too long")]
pub struct LimitOutOfRange;

impl SessionLimits {
    /// The desk's own limits.
    pub const OWN: Self = Self { idle_s: IDLE_S, longest_s: LONGEST_S };

    /// Limits in seconds: without a request, and from the sign-in.
    ///
    /// # Errors
    /// [`LimitOutOfRange`].
    pub fn new(idle_s: i64, longest_s: i64) -> Result<Self, LimitOutOfRange> {
        let fits =
            (IDLE_MIN_S..=IDLE_S).contains(&idle_s) && (LONGEST_MIN_S..=LONGEST_S).contains(&longest_s);
        if fits { Ok(Self { idle_s, longest_s }) } else { Err(LimitOutOfRange) }
    }

    /// Seconds without a request after which a session ends.
    #[must_use]
    pub const fn idle_s(self) -> i64 {
        self.idle_s
    }

    /// Seconds from the sign-in after which a session ends.
    #[must_use]
    pub const fn longest_s(self) -> i64 {
        self.longest_s
    }

    /// Whether a session that began and was last used then goes on at `now_s`, all in seconds.
    pub(super) const fn hold(self, begun_s: i64, seen_s: i64, now_s: i64) -> bool {
        begun_s > now_s - self.longest_s && seen_s > now_s - self.idle_s
    }
}

/// The limits of a role's sessions.
pub(super) async fn of_role(connection: &mut AnyConnection, role: Role) -> Result<SessionLimits, StoreError> {
    let row = sqlx::query("SELECT idle_s, longest_s FROM session_limits WHERE role = $1")
        .bind(role.code())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(SessionLimits::OWN) };
    Ok(SessionLimits { idle_s: row.try_get(0)?, longest_s: row.try_get(1)? })
}

/// The limits of every role.
///
/// # Errors
/// See [`DeskError`].
pub async fn session_limits(desk: &Desk, actor: &Actor) -> Result<Vec<(Role, SessionLimits)>, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let mut limits = Vec::with_capacity(Role::ALL.len());
    for role in Role::ALL {
        limits.push((role, of_role(&mut reader, role).await?));
    }
    reader.done();
    Ok(limits)
}

/// Limits as the audit log has them: for each role the minutes without a request and the hours from the sign-in.
fn told(limits: &[(Role, SessionLimits)]) -> String {
    let of_role = |(role, limits): &(Role, SessionLimits)| {
        format!("{} {} min {} h", role.code(), limits.idle_s / MINUTE_S, limits.longest_s / HOUR_S)
    };
    limits.iter().map(of_role).collect::<Vec<_>>().join(", ")
}

/// Settles the limits of roles, for sessions that are open as well.
///
/// # Errors
/// See [`DeskError`].
pub async fn set_session_limits(
    desk: &Desk,
    actor: &Actor,
    limits: Vec<(Role, SessionLimits)>,
) -> Result<(), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let now = desk.now();
    let by = match actor {
        Actor::Staff(staff) => Some(staff.name.clone()),
        _ => None,
    };
    let event = AuditEvent::SettingChanged { subject: "session_limits".to_owned(), name: told(&limits) };
    let noted = Noted::of(actor, now, event);
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            for (role, limits) in limits {
                sqlx::query(
                    "INSERT INTO session_limits (role, idle_s, longest_s, at_utc_s, by_name) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (role) DO UPDATE SET idle_s = excluded.idle_s, longest_s = excluded.longest_s,
                         at_utc_s = excluded.at_utc_s, by_name = excluded.by_name",
                )
                .bind(role.code())
                .bind(limits.idle_s)
                .bind(limits.longest_s)
                .bind(now.0)
                .bind(by.clone())
                .execute(tx.connection())
                .await?;
            }
            audit::record(tx, &noted).await?;
            Ok::<_, StoreError>(())
        })
    });
    work.await?;
    tracing::info!("the limits of sessions were settled");
    Ok(())
}
