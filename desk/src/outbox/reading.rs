//! Pages of the outbox, and retries by hand.

use domain::actor::{Action, Actor, Subject, may};
use domain::calendar::ZoneView;
use domain::calendar::zone::Zone;
use domain::case::Refusal;
use domain::case_number::CaseNumber;
use domain::mail_allowance::Hold;
use domain::page::{Page, Paging};
use domain::time::{Instant, Span};
use domain::view::{MailState, MailView, Undelivered};
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::{ERASED_RECIPIENT, MailKind};
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::masked;
use crate::store::{StoreError, row};

/// Id of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailId(pub i64);

/// A mail as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLine {
    /// Id in the outbox.
    pub id: MailId,
    /// About which case; `None` for a mail about somebody's account.
    pub case: Option<CaseNumber>,
    /// What the list shows of it.
    pub seen: MailView,
    /// Number of attempts.
    pub attempts: u32,
    /// Time of the next attempt; for a mail in delivery, of a possible one.
    pub next_attempt_at: Instant,
    /// The last failure, in the server's words.
    pub trouble: Option<String>,
    /// Time zone of the case's site, for the time of delivery.
    pub zone: ZoneView,
}

/// A mail with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The data of a list.
    pub line: MailLine,
    /// Its Message-ID, angle brackets included.
    pub message_id: String,
    /// Name of the recipient.
    pub recipient_name: String,
    /// The plain form.
    pub text: String,
    /// The HTML form. Show it in a sandbox.
    pub html: String,
}

row! {
    struct Record {
        id: i64,
        case_number: String,
        kind: String,
        subject: String,
        recipient: String,
        state: String,
        attempts: i64,
        created_utc_s: i64,
        next_attempt_utc_s: i64,
        sent_utc_s: Option<i64>,
        last_error: Option<String>,
        hold: Option<String>,
        zone: String,
    }
}

impl TryFrom<Record> for MailLine {
    type Error = StoreError;

    fn try_from(record: Record) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("outbox", format!("{}: {what}", record.id));
        let zone = Zone::parse(&record.zone).map_err(|_| wrong("zone"))?;
        let last_utc_s =
            record.sent_utc_s.unwrap_or(record.next_attempt_utc_s).max(record.next_attempt_utc_s);
        let created_at = Instant(record.created_utc_s);
        let case = match record.case_number.as_str() {
            "" => None,
            number => Some(CaseNumber::parse(number).map_err(|_| wrong("case_number"))?),
        };
        // No mail is under way for longer, whatever a row says.
        let under_way = Span::new(created_at, Instant(last_utc_s).plus(1).min(created_at.plus(400 * 86_400)));
        Ok(Self {
            zone: zone.view(under_way),
            id: MailId(record.id),
            case,
            attempts: u32::try_from(record.attempts).map_err(|_| wrong("attempts"))?,
            seen: MailView {
                audience: MailKind::audience_of(&record.kind),
                state: MailState::from_code(&record.state).ok_or_else(|| wrong("state"))?,
                created_at: Instant(record.created_utc_s),
                sent_at: record.sent_utc_s.map(Instant),
                subject: record.subject,
                recipient: record.recipient,
                hold: record.hold.as_deref().and_then(Hold::from_code),
            },
            next_attempt_at: Instant(record.next_attempt_utc_s),
            trouble: record.last_error,
        })
    }
}

/// The mails of a case.
#[derive(Debug)]
pub(crate) struct MailsOfCase {
    /// All mails, in order.
    pub(crate) all: Vec<MailView>,
    /// Dead letters to the customer, if there are any.
    pub(crate) undelivered: Option<Undelivered>,
}

/// The mails of a case, in order.
pub(crate) async fn mails_of(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<MailsOfCase, StoreError> {
    let records: Vec<SeenRecord> = sqlx::query_as(
        "SELECT kind, subject, recipient, state, created_utc_s, next_attempt_utc_s, sent_utc_s,
                CASE WHEN attempts = 0 AND state <> 'sent' THEN hold END AS hold
         FROM outbox WHERE case_number = $1 ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let is_given_up = |record: &&SeenRecord| {
        record.state == MailState::Dead.code()
            && record.hold.is_none()
            && record.recipient != ERASED_RECIPIENT
            && MailKind::from_code(&record.kind).is_some_and(MailKind::is_customers)
    };
    let given_up: Vec<&SeenRecord> = records.iter().filter(is_given_up).collect();
    let undelivered = given_up.last().map(|last| Undelivered {
        address: last.recipient.clone(),
        count: u32::try_from(given_up.len()).unwrap_or(u32::MAX),
        at: Instant(last.next_attempt_utc_s),
    });
    Ok(MailsOfCase {
        undelivered,
        all: records.into_iter().map(MailView::try_from).collect::<Result<_, _>>()?,
    })
}

row! {
    struct SeenRecord {
        kind: String,
        subject: String,
        recipient: String,
        state: String,
        created_utc_s: i64,
        next_attempt_utc_s: i64,
        sent_utc_s: Option<i64>,
        hold: Option<String>,
    }
}

impl TryFrom<SeenRecord> for MailView {
    type Error = StoreError;

    fn try_from(record: SeenRecord) -> Result<Self, StoreError> {
        let state = MailState::from_code(&record.state);
        Ok(Self {
            audience: MailKind::audience_of(&record.kind),
            state: state.ok_or_else(|| StoreError::inconsistent("outbox", "state"))?,
            created_at: Instant(record.created_utc_s),
            sent_at: record.sent_utc_s.map(Instant),
            subject: record.subject,
            recipient: record.recipient,
            hold: record.hold.as_deref().and_then(Hold::from_code),
        })
    }
}

/// Why the opening mail is held, if it is.
pub(crate) async fn number_held(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<Hold>, StoreError> {
    let row = sqlx::query(
        "SELECT CASE WHEN attempts = 0 AND state <> 'sent' THEN hold END FROM outbox
         WHERE case_number = $1 ORDER BY id LIMIT 1",
    )
    .bind(number.as_compact())
    .fetch_optional(connection)
    .await?;
    let hold: Option<String> = row.map(|row| row.try_get(0)).transpose()?.flatten();
    Ok(hold.as_deref().and_then(Hold::from_code))
}

/// The query of lines with further columns. The zone is that of the case's site.
macro_rules! lines {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT o.id, o.case_number, o.kind, o.subject, o.recipient, o.state, o.attempts, o.created_utc_s,
                    o.next_attempt_utc_s, o.sent_utc_s, o.last_error,
                    CASE WHEN o.attempts = 0 AND o.state <> 'sent' THEN o.hold END AS hold, COALESCE(c.zone, 'UTC') AS zone",
            $columns,
            " FROM outbox o LEFT JOIN cases c ON c.number = o.case_number ",
            $rest
        )
    };
}

/// A page of the outbox, newest first, counted from 1. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn list(
    desk: &Desk,
    actor: &Actor,
    state: Option<MailState>,
    page: u32,
) -> Result<Page<MailLine>, DeskError> {
    may(actor, Action::ReadMail, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let (count, rows) = match state {
        None => ("SELECT COUNT(*) FROM outbox", lines!("", "ORDER BY o.id DESC LIMIT $1 OFFSET $2")),
        // By the index on state and next attempt.
        Some(_) => (
            "SELECT COUNT(*) FROM outbox WHERE state = $1",
            lines!("", "WHERE o.state = $3 ORDER BY o.next_attempt_utc_s DESC, o.id DESC LIMIT $1 OFFSET $2"),
        ),
    };
    let mut counting = sqlx::query(count);
    if let Some(state) = state {
        counting = counting.bind(state.code());
    }
    let paging = Paging::of(counting.fetch_one(&mut *reader).await?.try_get(0)?, page);
    let mut listing = sqlx::query_as::<_, Record>(rows).bind(i64::from(Paging::ROWS)).bind(paging.offset());
    if let Some(state) = state {
        listing = listing.bind(state.code());
    }
    let records = listing.fetch_all(&mut *reader).await?;
    let rows = records.into_iter().map(MailLine::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, paging })
}

/// A mail with its content.
///
/// # Errors
/// See [`DeskError`].
pub async fn read(desk: &Desk, actor: &Actor, id: MailId) -> Result<Mail, DeskError> {
    may(actor, Action::ReadMail, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let row =
        sqlx::query(lines!(", o.message_id, o.recipient_name, o.body_text, o.body_html", "WHERE o.id = $1"))
            .bind(id.0)
            .fetch_optional(&mut *reader)
            .await?
            .ok_or(DeskError::NotFound)?;
    Ok(Mail {
        line: Record::from_row(&row)?.try_into()?,
        message_id: row.try_get("message_id")?,
        recipient_name: row.try_get("recipient_name")?,
        // Customers' links are masked, since their holder can act as the customer.
        text: masked(&row.try_get::<String, _>("body_text")?),
        html: masked(&row.try_get::<String, _>("body_html")?),
    })
}

/// Queues a dead letter or held mail again, with all its attempts.
///
/// # Errors
/// See [`DeskError`].
pub async fn retry(desk: &Desk, actor: &Actor, id: MailId) -> Result<(), DeskError> {
    may(actor, Action::ReadMail, Subject::Desk)?;
    let now = desk.now();
    let done = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_utc_s = $2, leased_until_utc_s = 0,
                                       hold = NULL, refusal = NULL, refused_utc_s = NULL
                     WHERE id = $1 AND recipient <> $3
                       AND (state = 'dead' OR (state = 'queued' AND attempts = 0 AND hold IS NOT NULL))",
                )
                .bind(id.0)
                .bind(now.0)
                .bind(ERASED_RECIPIENT)
                .execute(tx.connection())
                .await?;
                tx.ring_for_mails();
                Ok::<_, StoreError>(done.rows_affected())
            })
        })
        .await?;
    if done == 1 {
        return Ok(());
    }
    read(desk, actor, id).await?;
    Err(Refusal::DoneAlready.into())
}

/// Queues again all mails that a server refused: dead letters after an attempt, and held ones. Mails without an attempt
/// exceeded their recipient's allowance and are left alone.
///
/// # Errors
/// See [`DeskError`].
pub async fn retry_all(desk: &Desk, actor: &Actor) -> Result<u64, DeskError> {
    may(actor, Action::ReadMail, Subject::Desk)?;
    let now = desk.now();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let mut count = 0;
            for which in ["state = 'dead' AND attempts > 0", "state = 'queued' AND refusal IS NOT NULL"] {
                let text = format!(
                    "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_utc_s = $1, refusal = NULL,
                                       refused_utc_s = NULL
                     WHERE {which} AND leased_until_utc_s <= $1"
                );
                let done = sqlx::query(AssertSqlSafe(text)).bind(now.0).execute(tx.connection()).await?;
                count += done.rows_affected();
            }
            tx.ring_for_mails();
            Ok::<_, StoreError>(count)
        })
    });
    Ok(work.await?)
}

/// Numbers of mails that need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Dead letters of the last week, up to [`Trouble::MOST`].
    pub dead: i64,
    /// Mails held because a server refuses the desk itself or does not answer, up to [`Trouble::MOST`].
    pub held: i64,
}

impl Trouble {
    /// The highest count, because it is read for every page.
    pub const MOST: i64 = 100;
    /// Older dead letters, in seconds, are only in the list.
    const RECENT_S: i64 = 7 * 86_400;
}

/// Numbers of mails that need attention, for the navigation.
///
/// # Errors
/// See [`DeskError`].
pub async fn trouble(desk: &Desk, actor: &Actor) -> Result<Trouble, DeskError> {
    may(actor, Action::ReadMail, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let dead = sqlx::query(
        "SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE state = 'dead' AND next_attempt_utc_s >= $1
                                 AND recipient <> $2 LIMIT 100) AS few",
    )
    .bind(desk.now().plus(-Trouble::RECENT_S).0)
    .bind(ERASED_RECIPIENT)
    .fetch_one(&mut *reader)
    .await?;
    let held = sqlx::query(
        "SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE refusal IS NOT NULL AND state = 'queued'
                               LIMIT 100) AS few",
    )
    .fetch_one(&mut *reader)
    .await?;
    Ok(Trouble { dead: dead.try_get(0)?, held: held.try_get(0)? })
}

/// Metrics of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Number of queued mails.
    pub queued: i64,
    /// Number of dead letters whose content is there still.
    pub dead: i64,
    /// Time of the oldest queued mail; `None` when there is none.
    pub oldest_queued: Option<Instant>,
}

/// Metrics of the outbox.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(desk: &Desk) -> Result<Counts, StoreError> {
    let mut reader = desk.store().reader().await?;
    // Index entries alone: thousands may wait, and a row is as long as its mail. The oldest has the lowest id.
    let (queued, oldest_queued): (i64, Option<i64>) = sqlx::query_as(
        "SELECT waiting.number, oldest.created_utc_s
         FROM (SELECT COUNT(*) AS number, MIN(id) AS id FROM outbox WHERE state = $1) AS waiting
         LEFT JOIN outbox oldest ON oldest.id = waiting.id",
    )
    .bind(MailState::Queued.code())
    .fetch_one(&mut *reader)
    .await?;
    let dead: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE state = $1 AND recipient <> $2")
        .bind(MailState::Dead.code())
        .bind(ERASED_RECIPIENT)
        .fetch_one(&mut *reader)
        .await?;
    Ok(Counts { queued, dead, oldest_queued: oldest_queued.map(Instant) })
}
