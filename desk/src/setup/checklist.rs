//! What is to be settled before an empty desk serves customers. Each step is read from the desk's own rows where they can tell.

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, Subject, may};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::access::passkeys;
use crate::access::second_factor::is_usable;
use crate::store::{StoreError, Tx};

domain::choices! {
    /// A step of the list, in the order in which it is shown.
    pub enum Step: "setup.step" {
        /// The own account has a second factor that is good at the host of today.
        Account = "account",
        /// Who the provider is, and in which countries.
        Provider = "provider",
        /// Calendars and SLA plans.
        Plans = "plans",
        /// A mail server that takes a mail.
        Mail = "mail",
        /// The first contract, by hand or by import.
        Register = "register",
        /// Somebody beside the administrator works here.
        Colleagues = "colleagues",
        /// The first display of the wall.
        Display = "display",
    }
}

domain::choices! {
    /// What a member of the staff says of a step.
    pub enum Mark {
        /// It was looked at and is right as it is.
        Settled = "settled",
        /// It is left out.
        Skipped = "left_out",
        /// It is to be done after all.
        Open = "open",
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Still to be done.
    Open,
    /// Done, as the desk's own rows say.
    Done,
    /// A person said that it is right as it is.
    Settled,
    /// A person left it out.
    Skipped,
}

/// All steps, and whether the list is dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    /// Each step with how it stands, in order.
    pub steps: Vec<(Step, Progress)>,
    /// When somebody dismissed the list, and who.
    pub dismissed: Option<(Instant, String)>,
    /// Whether administrators are led to the list: one came by the link of the first start, or took the list up again.
    pub is_led_to: bool,
}

impl Checklist {
    /// How many steps are still to be done.
    #[must_use]
    pub fn left(&self) -> usize {
        self.steps.iter().filter(|(_, progress)| *progress == Progress::Open).count()
    }
}

/// The row of the list itself.
const LIST: &str = "list";

/// How every step stands.
///
/// # Errors
/// See [`DeskError`].
pub async fn checklist(desk: &Desk, actor: &Actor) -> Result<Checklist, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let marks = marks(&mut reader).await?;
    let host = passkeys::host(desk);
    let mut steps = Vec::new();
    for step in Step::ALL {
        let marked = marks.get(step.code()).and_then(|kept| Mark::from_code(&kept.mark));
        let progress = match marked {
            _ if is_done(&mut reader, (actor, host.as_deref()), step).await? => Progress::Done,
            Some(Mark::Settled) => Progress::Settled,
            Some(Mark::Skipped) => Progress::Skipped,
            Some(Mark::Open) | None => Progress::Open,
        };
        steps.push((step, progress));
    }
    reader.done();
    let list = marks.get(LIST);
    let is_led_to = list.is_some_and(|kept| kept.mark == Mark::Open.code());
    let dismissed = list.filter(|_| !is_led_to).map(|kept| (kept.at, kept.by.clone()));
    Ok(Checklist { steps, dismissed, is_led_to })
}

/// Whether the list still waits for this reader: a step is open, and administrators are led to it. A desk that was set up in
/// another way leads nobody.
///
/// # Errors
/// When the database does not answer. Whoever may not see the list has nothing unfinished.
pub async fn is_unfinished(desk: &Desk, actor: &Actor) -> Result<bool, StoreError> {
    match checklist(desk, actor).await {
        Ok(list) => Ok(list.is_led_to && list.left() > 0),
        Err(DeskError::Store(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

struct Kept {
    mark: String,
    at: Instant,
    by: String,
}

async fn marks(connection: &mut AnyConnection) -> Result<BTreeMap<String, Kept>, StoreError> {
    let rows =
        sqlx::query("SELECT step, mark, at_utc_s, by_name FROM setup_marks").fetch_all(connection).await?;
    let read = |row: &sqlx::any::AnyRow| {
        let by: Option<String> = row.try_get(3)?;
        let kept = Kept { mark: row.try_get(1)?, at: Instant(row.try_get(2)?), by: by.unwrap_or_default() };
        Ok((row.try_get(0)?, kept))
    };
    rows.iter().map(read).collect()
}

/// Whether the desk's own rows say that a step is done. A standing plan and an untried mail server leave no row: those are marked.
async fn is_done(
    connection: &mut AnyConnection,
    (actor, host): (&Actor, Option<&str>),
    step: Step,
) -> Result<bool, StoreError> {
    let text = match step {
        Step::Account => {
            return match actor {
                Actor::Staff(staff) => is_usable(connection, staff.id, host).await,
                _ => Ok(false),
            };
        }
        Step::Mail => return Ok(false),
        Step::Provider => "SELECT 1 FROM provider LIMIT 1",
        Step::Plans => {
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM plans WHERE recorded_by IS NOT NULL)
                OR EXISTS (SELECT 1 FROM calendars WHERE recorded_by IS NOT NULL)"
        }
        Step::Register => "SELECT 1 FROM contracts LIMIT 1",
        Step::Colleagues => {
            "SELECT 1 FROM people WHERE role <> 'administrator' AND (active = 1 OR invited_utc_s IS NOT NULL) LIMIT 1"
        }
        Step::Display => "SELECT 1 FROM displays WHERE revoked_utc_s IS NULL LIMIT 1",
    };
    Ok(sqlx::query(text).fetch_optional(connection).await?.is_some())
}

/// Keeps what somebody says of a step.
///
/// # Errors
/// See [`DeskError`].
pub async fn settle(desk: &Desk, actor: &Actor, step: Step, mark: Mark) -> Result<(), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    keep(desk, actor, step.code(), (mark != Mark::Open).then_some(mark.code())).await
}

/// Dismisses the list, or takes it up again (`Mark::Open`).
///
/// # Errors
/// See [`DeskError`].
pub async fn dismiss(desk: &Desk, actor: &Actor, mark: Mark) -> Result<(), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    keep(desk, actor, LIST, Some(mark.code())).await
}

/// Leads administrators to the list, in the transaction that makes the first of them.
pub(super) async fn lead_to(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    write(tx, &Actor::System, LIST, Some(Mark::Open.code()), now).await
}

async fn keep(
    desk: &Desk,
    actor: &Actor,
    step: &'static str,
    mark: Option<&'static str>,
) -> Result<(), DeskError> {
    let (now, actor) = (desk.now(), actor.clone());
    let work =
        desk.store().write(move |tx| Box::pin(async move { write(tx, &actor, step, mark, now).await }));
    Ok(work.await?)
}

async fn write(
    tx: &mut Tx,
    actor: &Actor,
    step: &str,
    mark: Option<&str>,
    now: Instant,
) -> Result<(), StoreError> {
    let Some(mark) = mark else {
        sqlx::query("DELETE FROM setup_marks WHERE step = $1").bind(step).execute(tx.connection()).await?;
        return Ok(());
    };
    let (id, name) = match actor {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    sqlx::query(
        "INSERT INTO setup_marks (step, mark, at_utc_s, by_id, by_name) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (step) DO UPDATE SET mark = excluded.mark, at_utc_s = excluded.at_utc_s,
             by_id = excluded.by_id, by_name = excluded.by_name",
    )
    .bind(step)
    .bind(mark)
    .bind(now.0)
    .bind(id)
    .bind(name)
    .execute(tx.connection())
    .await?;
    Ok(())
}
