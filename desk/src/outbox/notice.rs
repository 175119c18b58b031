//! Notices to the staff: gathered for five minutes, sent in one mail, and dropped when outdated.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::actor::PersonId;
use domain::calendar::ServiceHours;
use domain::case::{GATHER_S, Recorded, acted_since, unheeded};
use domain::case_number::CaseNumber;
use domain::sla_plan::SlaMetric;
use domain::time::Instant;
use domain::view::CaseRow;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use super::recipients::{OnDuty, person};
use super::warning::{Levels, at_risk_targets, turn};
use crate::Desk;
use crate::events;
use crate::mail::{AtRiskCase, AtRiskTarget, LatestAnswer};
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::store::{StoreError, Tx, upsert_all};

/// Subject of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A warning level of a target.
    Target { clock: SlaMetric, cycle: u32, level: u8 },
    /// A message of the customer.
    Answer,
}

impl About {
    /// The code of a message in the column of clocks.
    pub(super) const ANSWER: &str = "answer";

    /// Reads case, clock, cycle and level from a row, in its columns from `first` on.
    pub(super) fn read(row: &AnyRow, first: usize) -> Result<(CaseNumber, Self), StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("warnings", what);
        let (number, clock): (String, String) = (row.try_get(first)?, row.try_get(first + 1)?);
        let (cycle, level): (i64, i64) = (row.try_get(first + 2)?, row.try_get(first + 3)?);
        let number = CaseNumber::parse(&number).map_err(|_| wrong("case_number"))?;
        if clock == Self::ANSWER {
            return Ok((number, Self::Answer));
        }
        let clock = SlaMetric::from_code(&clock).ok_or_else(|| wrong("clock"))?;
        let cycle = u32::try_from(cycle).map_err(|_| wrong("cycle"))?;
        let level = u8::try_from(level).map_err(|_| wrong("level"))?;
        Ok((number, Self::Target { clock, cycle, level }))
    }

    const fn columns(self) -> (&'static str, u32, u8) {
        match self {
            Self::Target { clock, cycle, level } => (clock.code(), cycle, level),
            Self::Answer => (Self::ANSWER, 0, 0),
        }
    }
}

/// A notice to a person.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) person: PersonId,
    pub(super) case: CaseNumber,
    pub(super) about: About,
    /// When it was decided.
    pub(super) since: Instant,
    /// When it may be sent.
    pub(super) turn: Instant,
}

/// Writes notices.
pub(super) async fn add(tx: &mut Tx, notices: &[Notice]) -> Result<(), StoreError> {
    let head = "INSERT INTO notices (person_id, case_number, about, cycle, level, since_utc_s, turn_utc_s)";
    let tail = "ON CONFLICT (person_id, case_number, about, cycle, level) DO NOTHING";
    upsert_all(tx.connection(), head, 7, tail, notices, |statement, notice| {
        let (about, cycle, level) = notice.about.columns();
        statement
            .bind(notice.person.0)
            .bind(notice.case.as_compact())
            .bind(about)
            .bind(i64::from(cycle))
            .bind(i64::from(level))
            .bind(notice.since.0)
            .bind(notice.turn.0)
    })
    .await
}

/// The notices to one person about one case.
struct Concern {
    levels: Levels,
    answer: bool,
    /// When the first was decided.
    since: Instant,
}

/// A case with notices, in its present state.
struct Subject {
    row: CaseRow,
    hours: Arc<ServiceHours>,
    /// Its history, read only where it matters.
    history: Vec<Recorded>,
}

impl Subject {
    async fn of(
        desk: &Desk,
        tx: &mut Tx,
        row: CaseRow,
        concerns: &BTreeMap<PersonId, Concern>,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let hours = desk.hours_with(tx.connection(), &row.hours).await?;
        let decides = |concern: &Concern| concern.answer || concern.since < now;
        let history = if concerns.values().any(decides) {
            events::history(tx.connection(), row.number).await?
        } else {
            Vec::new()
        };
        Ok(Self { row, hours, history })
    }

    /// The part of a concern that is still current; `None` when there is none.
    fn pressing(
        &self,
        person: PersonId,
        concern: &Concern,
        (on_duty, now): (&OnDuty, Instant),
    ) -> Option<AtRiskCase<'_>> {
        let assignee = self.row.mark.assignee.as_ref();
        let away = assignee.and_then(|assignee| on_duty.away(assignee.id));
        let theirs = assignee.is_some_and(|assignee| assignee.id == person);
        // The assignee is told in any case, others only if the staff has not acted since.
        let is_seen_to = !theirs && acted_since(&self.history, concern.since);
        let targets: Vec<AtRiskTarget> = if is_seen_to {
            Vec::new()
        } else {
            at_risk_targets(&self.row, &concern.levels, &self.hours, now)
        };
        // Others were told of an answer because they stand in.
        let waits = concern.answer && (theirs || away.is_some()) && !self.row.status.is_end();
        let word = unheeded(&self.history).filter(|_| waits);
        let word = word.map(|entry| LatestAnswer { name_key: entry.event.name_key(), at: entry.at });
        (word.is_some() || !targets.is_empty()).then_some(AtRiskCase {
            number: self.row.number,
            customer: &self.row.customer,
            equipment: &self.row.equipment,
            place: &self.row.place,
            priority: self.row.priority,
            assignee,
            away,
            zone: &self.hours.zone,
            targets,
            word,
        })
    }
}

/// Sends all due notices, with the others to the same person.
pub(super) async fn tell(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    let mut due = due(tx, now).await?;
    if due.is_empty() {
        return Ok(());
    }
    let on_duty = OnDuty::read(desk, tx, now).await?;
    let mut subjects = Vec::with_capacity(due.len());
    for row in cases(tx, now).await? {
        let Some(concerns) = due.remove(&row.number) else { continue };
        let subject = Subject::of(desk, tx, row, &concerns, now).await?;
        let turn = turn(&subject.hours, now);
        if turn > now {
            // It came due while no node was up, and the desk is closed now.
            postpone(tx, subject.row.number, turn).await?;
        } else {
            subjects.push((subject, concerns));
        }
    }
    let mut told: BTreeMap<PersonId, Vec<AtRiskCase<'_>>> = BTreeMap::new();
    for (subject, concerns) in &subjects {
        for (id, concern) in concerns {
            let pressing = subject.pressing(*id, concern, (&on_duty, now));
            told.entry(*id).or_default().extend(pressing);
        }
    }
    forget(tx, now).await?;
    for (id, cases) in told.into_iter().filter(|(_, cases)| !cases.is_empty()) {
        // Inactive people get no mail.
        let Some(person) = person(tx, id).await? else { continue };
        person.tell(desk, tx, cases).await?;
        has_been_told(tx, id, now).await?;
    }
    Ok(())
}

/// All notices about cases with a due one, by case and person.
async fn due(
    tx: &mut Tx,
    now: Instant,
) -> Result<HashMap<CaseNumber, BTreeMap<PersonId, Concern>>, StoreError> {
    let rows = sqlx::query(
        "SELECT person_id, case_number, about, cycle, level, since_utc_s FROM notices
         WHERE (person_id, case_number) IN
               (SELECT person_id, case_number FROM notices WHERE turn_utc_s <= $1)",
    )
    .bind(now.0)
    .fetch_all(tx.connection())
    .await?;
    let mut due: HashMap<CaseNumber, BTreeMap<PersonId, Concern>> = HashMap::new();
    for row in &rows {
        let (number, about) = About::read(row, 1)?;
        let (person, since) = (PersonId(row.try_get(0)?), Instant(row.try_get(5)?));
        let new = || Concern { levels: Levels::new(), answer: false, since };
        let concern = due.entry(number).or_default().entry(person).or_insert_with(new);
        concern.since = concern.since.min(since);
        match about {
            About::Answer => concern.answer = true,
            About::Target { clock, cycle, level } => {
                concern.levels.entry((clock, cycle)).or_default().push(level);
            }
        }
    }
    Ok(due)
}

/// The cases of these notices, in their present state.
async fn cases(tx: &mut Tx, now: Instant) -> Result<Vec<CaseRow>, StoreError> {
    let text = format!(
        "SELECT {CASE_COLUMNS} FROM cases
         WHERE number IN (SELECT case_number FROM notices WHERE turn_utc_s <= $1)
         ORDER BY sort_key, number"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(now.0).fetch_all(tx.connection()).await?;
    rows.iter().map(|row| CaseRow::try_from(CaseRecord::from_row(row)?)).collect()
}

async fn forget(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM notices WHERE (person_id, case_number) IN
                                   (SELECT person_id, case_number FROM notices WHERE turn_utc_s <= $1)",
    )
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

async fn postpone(tx: &mut Tx, number: CaseNumber, turn: Instant) -> Result<(), StoreError> {
    sqlx::query("UPDATE notices SET turn_utc_s = $2 WHERE case_number = $1 AND turn_utc_s < $2")
        .bind(number.as_compact())
        .bind(turn.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Records a mail to a person, so that further notices are gathered.
async fn has_been_told(tx: &mut Tx, id: PersonId, now: Instant) -> Result<(), StoreError> {
    sqlx::query("UPDATE people SET told_utc_s = $2 WHERE id = $1")
        .bind(id.0)
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    sqlx::query("UPDATE notices SET turn_utc_s = $2 WHERE person_id = $1 AND turn_utc_s < $2")
        .bind(id.0)
        .bind(now.plus(GATHER_S).0)
        .execute(tx.connection())
        .await?;
    Ok(())
}
