//! How long personal data are kept: off unless an administrator has set it.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditEvent;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use crate::Desk;
use crate::DeskError;
use crate::audit::{self, Noted};
use crate::store::{StoreError, take_numbers};

/// Days for which personal data of a case are kept after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPeriod(i64);

/// Why a number of days is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RetentionPeriodProblem {
    /// It is no whole number.
    #[error("not a whole number")]
    NoNumber,
    /// It is outside of [`RetentionPeriod::LEAST`] to [`RetentionPeriod::MOST`].
    #[error("not between {} and {} days", RetentionPeriod::LEAST, RetentionPeriod::MOST)]
    OutOfRange,
}

impl RetentionPeriod {
    /// The fewest days: a case can be reopened and its survey answered for weeks after its end.
    pub const LEAST: i64 = 90;
    /// The most days: 20 years.
    pub const MOST: i64 = 7305;

    /// Parses what was typed; `None` for nothing, which keeps data for ever.
    ///
    /// # Errors
    /// See [`RetentionPeriodProblem`].
    pub fn parse(typed: &str) -> Result<Option<Self>, RetentionPeriodProblem> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let days: i64 = typed.parse().map_err(|_| RetentionPeriodProblem::NoNumber)?;
        if (Self::LEAST..=Self::MOST).contains(&days) {
            Ok(Some(Self(days)))
        } else {
            Err(RetentionPeriodProblem::OutOfRange)
        }
    }

    /// The days.
    #[must_use]
    pub const fn days(self) -> i64 {
        self.0
    }

    /// The moment up to which data that ended are to be erased at `now`.
    pub(super) const fn cutoff(self, now: Instant) -> Instant {
        now.plus(-self.0 * 86_400)
    }
}

/// The setting in force, and what was erased so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// For how long; `None`: for ever.
    pub days: Option<RetentionPeriod>,
    /// When an administrator set it last, and who; `None` before the first time, when the operator's file counts.
    pub set: Option<(Instant, Option<String>)>,
    /// Cases that were erased.
    pub erased: i64,
    /// When the last of them was.
    pub last: Option<Instant>,
}

/// How long personal data are kept.
///
/// # Errors
/// See [`DeskError`].
pub async fn retention(desk: &Desk, actor: &Actor) -> Result<Retention, DeskError> {
    may(actor, Action::EraseData, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let row = newest(&mut reader).await?;
    let counted = sqlx::query("SELECT COUNT(*), MAX(at_utc_s) FROM erasures").fetch_one(&mut *reader).await;
    let counted = counted.map_err(StoreError::from)?;
    reader.done();
    let last: Option<i64> = counted.try_get(1).map_err(StoreError::from)?;
    Ok(Retention {
        days: row.as_ref().map_or(desk.retention(), |row| row.days),
        set: row.map(|row| (row.at, row.by)),
        erased: counted.try_get(0).map_err(StoreError::from)?,
        last: last.map(Instant),
    })
}

struct Newest {
    days: Option<RetentionPeriod>,
    at: Instant,
    by: Option<String>,
}

async fn newest(connection: &mut AnyConnection) -> Result<Option<Newest>, StoreError> {
    let row =
        sqlx::query("SELECT days, at_utc_s, by_name FROM retention_settings ORDER BY version DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    let read = |row: sqlx::any::AnyRow| -> Result<Newest, StoreError> {
        let days: Option<i64> = row.try_get(0)?;
        Ok(Newest { days: days.map(RetentionPeriod), at: Instant(row.try_get(1)?), by: row.try_get(2)? })
    };
    row.map(read).transpose()
}

/// The days in force; `None`: for ever. What an administrator has set overrules the operator's file.
pub(super) async fn days(
    connection: &mut AnyConnection,
    file: Option<RetentionPeriod>,
) -> Result<Option<RetentionPeriod>, StoreError> {
    Ok(newest(connection).await?.map_or(file, |newest| newest.days))
}

/// Sets for how long personal data are kept; `None`: for ever. A version that says the same as the one before is not written.
/// The first is always written, so that a later change of the operator's file changes nothing.
///
/// # Errors
/// See [`DeskError`].
pub async fn keep(desk: &Desk, actor: &Actor, wanted: Option<RetentionPeriod>) -> Result<(), DeskError> {
    may(actor, Action::EraseData, Subject::Desk)?;
    let now = desk.now();
    let by = actor.clone();
    let (id, name) = match actor {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                if newest(tx.connection()).await?.is_some_and(|newest| newest.days == wanted) {
                    return Ok::<_, StoreError>(());
                }
                let version = take_numbers(tx, "retention_settings", 1).await?;
                sqlx::query(
                    "INSERT INTO retention_settings (version, days, at_utc_s, by_id, by_name)
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(version)
                .bind(wanted.map(RetentionPeriod::days))
                .bind(now.0)
                .bind(id)
                .bind(name)
                .execute(tx.connection())
                .await?;
                let event =
                    AuditEvent::SettingChanged { subject: "retention".to_owned(), name: String::new() };
                audit::record(tx, &Noted::of(&by, now, event)).await?;
                Ok(())
            })
        })
        .await?;
    tracing::info!(days = wanted.map(RetentionPeriod::days), "how long personal data are kept was set");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_a_whole_number_within_bounds_or_nothing() {
        for (typed, parsed) in [
            ("", Ok(None)),
            ("  ", Ok(None)),
            (" 90 ", Ok(Some(RetentionPeriod(90)))),
            ("7305", Ok(Some(RetentionPeriod(7305)))),
            ("89", Err(RetentionPeriodProblem::OutOfRange)),
            ("7306", Err(RetentionPeriodProblem::OutOfRange)),
            ("-90", Err(RetentionPeriodProblem::OutOfRange)),
            ("dos", Err(RetentionPeriodProblem::NoNumber)),
            ("90.5", Err(RetentionPeriodProblem::NoNumber)),
        ] {
            assert_eq!(RetentionPeriod::parse(typed), parsed, "{typed:?}");
        }
    }
}
