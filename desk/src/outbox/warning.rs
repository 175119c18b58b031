//! Warnings and customers' messages for the people in charge: once per level, in working hours, gathered in few mails.
//!
//! A warning is written with its event. It is due at once while the case's calendar is open, else at the next opening.
//! Then its recipients are decided: the assignee, and the supervisors unless the staff acts. Each gets one mail with
//! all current notices ([`super::notice`]). Rows and mails change in one transaction, so each warning is sent once, by
//! whichever node (`docs/decisions/0015`, `0030`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::actor::{PersonId, Role};
use domain::calendar::ServiceHours;
use domain::case::{Case, GATHER_S, InCharge, PATIENCE_S};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use domain::time::{Instant, Span};
use domain::view::CaseRow;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use super::MailKind;
use super::notice::{self, About, Notice};
use super::queue::{Cause, NewMail, queue as enqueue};
use crate::Desk;
use crate::mail::{AtRiskCase, AtRiskTarget, Recipient, RecipientRole, warning, warnings};
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::provider::Brand;
use crate::store::{StoreError, Tx};

/// Warnings are also sent this long after closing time, in seconds. Otherwise a target used up in the day's last second
/// would be reported at the next opening.
const STILL_THERE_S: i64 = 10 * 60;

/// Writes a warning, in the transaction of its event.
pub(super) async fn hold(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    (clock, cycle, level): (SlaMetric, u32, u8),
    now: Instant,
) -> Result<(), StoreError> {
    keep(tx, case, (clock.code(), cycle, level), turn(hours, now)).await
}

/// Writes a notice to the assignee about a customer's message, in its transaction. Without an assignee the queue shows
/// it.
pub(crate) async fn hold_answer(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    now: Instant,
) -> Result<(), StoreError> {
    if case.assignee().is_none() || case.status().is_end() {
        return Ok(());
    }
    keep(tx, case, (About::ANSWER, 0, 0), turn(hours, now)).await
}

/// Writes the notices of a case, and when they are due.
async fn keep(
    tx: &mut Tx,
    case: &Case,
    (about, cycle, level): (&str, u32, u8),
    turn: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO warnings (case_number, clock, cycle, level, turn_utc_s) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (case_number, clock, cycle, level) DO NOTHING",
    )
    .bind(case.opening.number.as_compact())
    .bind(about)
    .bind(i64::from(cycle))
    .bind(i64::from(level))
    .bind(turn.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// When notices may be sent: now while the calendar is open or has just closed, else at the next opening. A calendar
/// that never opens sends at once.
pub(super) fn turn(hours: &ServiceHours, now: Instant) -> Instant {
    let just_now = Span::new(now.plus(-STILL_THERE_S), now);
    if hours.spans.open_seconds(just_now) > 0 {
        return now;
    }
    hours.spans.next_opening(now).unwrap_or(now)
}

/// When the first warning is due.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn next_warning(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT MIN(turn_utc_s) FROM
         (SELECT MIN(turn_utc_s) AS turn_utc_s FROM warnings
          UNION ALL SELECT MIN(turn_utc_s) FROM notices) AS all_turns",
    )
    .fetch_one(&mut *reader)
    .await?;
    let next: Option<i64> = row.try_get(0)?;
    Ok(next.map(Instant))
}

/// Queues the mails of all due warnings.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn warn(desk: &Desk) -> Result<(), StoreError> {
    let now = desk.now();
    // Read first, so that an idle desk does not write.
    if next_warning(desk).await?.is_none_or(|next| next > now) {
        return Ok(());
    }
    let at_work = desk.clone();
    desk.store().write(move |tx| Box::pin(async move { tell(&at_work, tx, now).await })).await
}

async fn tell(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    let notices = address(desk, tx, now).await?;
    notice::add(tx, &notices).await?;
    notice::tell(desk, tx, now).await
}

/// Decides the recipients of all due warnings, and deletes them.
async fn address(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<Vec<Notice>, StoreError> {
    let waiting = waiting(tx, now).await?;
    let mut notices = Vec::new();
    if waiting.is_empty() {
        return Ok(notices);
    }
    let supervisors = supervisors(tx).await?;
    let mut holders: HashMap<PersonId, Option<Person>> = HashMap::new();
    for row in cases(tx, now).await? {
        let hours = desk.hours_with(tx.connection(), &row.hours).await?;
        let turn = turn(&hours, now);
        if turn > now {
            // It came due while no node was up, and the desk is closed now.
            postpone(tx, row.number, turn).await?;
            continue;
        }
        forget(tx, row.number, now).await?;
        let Some(waiting) = waiting.get(&row.number) else { continue };
        // Inactive people are no assignees.
        let assignee = match row.mark.assignee.as_ref().map(|assignee| assignee.id) {
            None => None,
            Some(id) => match holders.entry(id) {
                Entry::Occupied(known) => known.into_mut().as_ref(),
                Entry::Vacant(place) => place.insert(person(tx, id).await?).as_ref(),
            },
        };
        let new = |person: &Person, about, turn: Instant| Notice {
            person: person.id,
            case: row.number,
            about,
            since: now,
            turn: turn.max(person.told.plus(GATHER_S)),
        };
        if let (true, Some(assignee)) = (waiting.answer, assignee) {
            notices.push(new(assignee, About::Answer, now));
        }
        for AtRiskTarget { clock, cycle, level, .. } in at_risk_targets(&row, &waiting.levels, &hours, now) {
            let told = InCharge::of(level, assignee.map(|assignee| assignee.id));
            let about = About::Target { clock, cycle, level };
            notices.extend(assignee.map(|assignee| new(assignee, about, now)));
            let turn = if assignee.is_some() { now.plus(PATIENCE_S) } else { now };
            let others =
                supervisors.iter().filter(|person| assignee.is_none_or(|assignee| assignee.id != person.id));
            notices.extend(others.filter(|_| told.supervisors()).map(|person| new(person, about, turn)));
        }
    }
    Ok(notices)
}

/// The current targets of a case at risk, most urgent first, each with its highest level.
pub(super) fn at_risk_targets(
    row: &CaseRow,
    levels: &Levels,
    hours: &ServiceHours,
    now: Instant,
) -> Vec<AtRiskTarget> {
    let target = |clock: &domain::case::SlaClock| {
        let levels = levels.get(&(clock.kind, clock.cycle))?;
        let level = clock.warns_of(levels.iter().copied(), &hours.spans, now)?;
        Some(AtRiskTarget {
            clock: clock.kind,
            cycle: clock.cycle,
            level,
            reading: clock.reading(&hours.spans, now),
        })
    };
    let mut targets: Vec<AtRiskTarget> = row.clocks.iter().filter_map(target).collect();
    targets.sort_by_key(|target| target.reading.remaining_s);
    targets
}

/// Warned levels of each target of a case.
pub(super) type Levels = HashMap<(SlaMetric, u32), Vec<u8>>;

/// Due notices of a case.
#[derive(Default)]
struct Waiting {
    levels: Levels,
    /// Whether the customer wrote.
    answer: bool,
}

/// All due notices, by case.
async fn waiting(tx: &mut Tx, now: Instant) -> Result<HashMap<CaseNumber, Waiting>, StoreError> {
    let rows = sqlx::query("SELECT case_number, clock, cycle, level FROM warnings WHERE turn_utc_s <= $1")
        .bind(now.0)
        .fetch_all(tx.connection())
        .await?;
    let mut waiting: HashMap<CaseNumber, Waiting> = HashMap::new();
    for row in &rows {
        let (number, about) = About::read(row, 0)?;
        let of_case = waiting.entry(number).or_default();
        match about {
            About::Answer => of_case.answer = true,
            About::Target { clock, cycle, level } => {
                of_case.levels.entry((clock, cycle)).or_default().push(level);
            }
        }
    }
    Ok(waiting)
}

/// Their cases, in their present state.
async fn cases(tx: &mut Tx, now: Instant) -> Result<Vec<CaseRow>, StoreError> {
    let text = format!(
        "SELECT {CASE_COLUMNS} FROM cases
         WHERE number IN (SELECT case_number FROM warnings WHERE turn_utc_s <= $1)
         ORDER BY sort_key, number"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(now.0).fetch_all(tx.connection()).await?;
    rows.iter().map(|row| CaseRow::try_from(CaseRecord::from_row(row)?)).collect()
}

async fn postpone(tx: &mut Tx, number: CaseNumber, turn: Instant) -> Result<(), StoreError> {
    sqlx::query("UPDATE warnings SET turn_utc_s = $2 WHERE case_number = $1 AND turn_utc_s < $2")
        .bind(number.as_compact())
        .bind(turn.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Deletes due notices that are handled or outdated.
async fn forget(tx: &mut Tx, number: CaseNumber, now: Instant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM warnings WHERE case_number = $1 AND turn_utc_s <= $2")
        .bind(number.as_compact())
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The people in charge of a case: the assignee, else the supervisors.
pub(super) async fn in_charge(tx: &mut Tx, assignee: Option<PersonId>) -> Result<Vec<Person>, StoreError> {
    let assignee = match assignee {
        Some(id) => person(tx, id).await?,
        None => None,
    };
    match assignee {
        Some(assignee) => Ok(vec![assignee]),
        None => supervisors(tx).await,
    }
}

/// A member of the staff as a recipient of mails.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: PersonId,
    pub(super) name: PersonName,
    mail: MailAddress,
    pub(super) language: Language,
    /// Time of their last warning mail.
    told: Instant,
}

impl Person {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let id: i64 = row.try_get("id")?;
        let text = |column: &str| row.try_get::<String, _>(column);
        let wrong = |what: &str| StoreError::inconsistent("people", format!("{id}: {what}"));
        Ok(Self {
            id: PersonId(id),
            name: PersonName::parse(&text("name")?).map_err(|_| wrong("name"))?,
            mail: MailAddress::parse(&text("mail")?).map_err(|_| wrong("mail"))?,
            language: Language::from_code(&text("language")?).unwrap_or_default(),
            told: Instant(row.try_get("told_utc_s")?),
        })
    }

    /// Queues one mail with all notices to the person.
    pub(super) async fn tell(
        &self,
        desk: &Desk,
        tx: &mut Tx,
        mut cases: Vec<AtRiskCase<'_>>,
    ) -> Result<(), StoreError> {
        // Messages come after targets.
        let left_s =
            |case: &AtRiskCase<'_>| case.targets.first().map_or(i64::MAX, |it| it.reading.remaining_s);
        cases.sort_by_key(left_s);
        let address = format!("{}/desk", desk.public_url());
        let brand = desk.brand();
        let mail = if let [case] = cases.as_slice() {
            let theirs = case.assignee.is_some_and(|assignee| assignee.id == self.id);
            let on_it = if theirs { RecipientRole::Assignee } else { RecipientRole::Others };
            let reader = self.reader(on_it, &brand);
            let link = format!("{address}/cases/{}", case.number.as_compact());
            self.mail(MailKind::Warning, case.number, warning(&reader, case, link))
        } else {
            let reader = self.reader(RecipientRole::Others, &brand);
            let (Some(first), Some(composed)) = (cases.first(), warnings(&reader, &cases, address)) else {
                return Ok(());
            };
            self.mail(MailKind::Warnings, first.number, composed)
        };
        enqueue(desk, tx, mail).await
    }

    const fn reader<'r>(&'r self, on_it: RecipientRole, brand: &'r Brand) -> Recipient<'r> {
        Recipient { name: &self.name, language: self.language, on_it, brand }
    }

    pub(super) const fn mail(
        &self,
        kind: MailKind,
        case: CaseNumber,
        composed: crate::mail::Composed,
    ) -> NewMail<'_> {
        let Self { name, mail: address, language, .. } = self;
        NewMail {
            kind,
            case: Some(case),
            language: *language,
            name,
            address,
            composed,
            calendar: None,
            document: None,
            cause: Cause::Desk,
        }
    }
}

/// The active supervisors, or the administrators while there are none.
async fn supervisors(tx: &mut Tx) -> Result<Vec<Person>, StoreError> {
    let mut roles: Vec<_> =
        Role::ALL.into_iter().filter_map(|role| role.escalation().map(|place| (place, role))).collect();
    roles.sort_unstable();
    for (_, role) in roles {
        let rows = sqlx::query(
            "SELECT id, name, mail, language, told_utc_s FROM people WHERE role = $1 AND active = 1 ORDER BY id",
        )
        .bind(role.code())
        .fetch_all(tx.connection())
        .await?;
        if !rows.is_empty() {
            return rows.iter().map(Person::read).collect();
        }
    }
    Ok(Vec::new())
}

/// An active member of the staff.
pub(super) async fn person(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row =
        sqlx::query("SELECT id, name, mail, language, told_utc_s FROM people WHERE id = $1 AND active = 1")
            .bind(id.0)
            .fetch_optional(tx.connection())
            .await?;
    row.as_ref().map(Person::read).transpose()
}
