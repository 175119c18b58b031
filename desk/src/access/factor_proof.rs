//! The second factor, given anew in an open session: it comes before a way to sign in is added or removed. The password and a
//! stolen session are not enough for that, nor is the password in a trusted browser.

use domain::actor::{Actor, PersonId};
use domain::time::Instant;
use sqlx::AnyConnection;

use super::limits::Source;
use super::own_account::{SessionName, own_alone, owner};
use super::second_factor::{CodeError, counted, is_set, take};
use super::second_step::{Wanted, asked_for};
use crate::Desk;
use crate::error::DeskError;
use crate::store::{StoreError, Tx};

/// A second factor that was given in a session counts there for so long, in seconds.
pub const PROVEN_S: i64 = 600;

/// The second factors of which a member of the staff gives one before they change how they sign in. `None` without any, or
/// when one was given lately in this session.
///
/// # Errors
/// See [`DeskError`].
pub async fn factor_wanted(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
) -> Result<Option<Wanted>, DeskError> {
    let id = owner(actor)?.id;
    let mut reader = desk.store().reader().await?;
    let wanted = asked_for(desk, &mut reader, id).await?;
    let is_given = was_given(&mut reader, id, session, desk.now().plus(-PROVEN_S)).await?;
    reader.done();
    Ok(wanted.filter(|_| !is_given))
}

/// Takes a code of the device, or a recovery code, in an open session of its owner.
///
/// # Errors
/// See [`CodeError`].
pub async fn prove_by_code(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    code: &str,
    source: Source,
) -> Result<(), CodeError> {
    let id = own_alone(desk, actor).await?.id;
    let (now, code, session) = (desk.now(), code.to_owned(), session.clone());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            take(tx, id, &code, now).await?;
            Ok::<_, CodeError>(mark_proven(tx, id, &session, now).await?)
        })
    });
    counted(desk, id, source, work).await
}

/// Whether a person may change how they sign in: a second factor was given in this session within the last seconds, or they have
/// none. One of a former host counts as one that they have.
pub(crate) async fn is_proven(
    connection: &mut AnyConnection,
    person: PersonId,
    session: &SessionName,
    now: Instant,
    within_s: i64,
) -> Result<bool, StoreError> {
    Ok(!is_set(connection, person).await?
        || was_given(connection, person, session, now.plus(-within_s)).await?)
}

/// Whether a second factor was given in a session after a moment.
async fn was_given(
    connection: &mut AnyConnection,
    person: PersonId,
    session: &SessionName,
    after: Instant,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM sessions WHERE person_id = $1 AND substr(token_hash, 1, 16) = $2 AND factor_utc_s > $3",
    )
    .bind(person.0)
    .bind(session.as_str())
    .bind(after.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Writes down that a second factor was given in a session. One that has ended meanwhile takes none.
pub(super) async fn mark_proven(
    tx: &mut Tx,
    person: PersonId,
    session: &SessionName,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE sessions SET factor_utc_s = $3 WHERE person_id = $1 AND substr(token_hash, 1, 16) = $2",
    )
    .bind(person.0)
    .bind(session.as_str())
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}
