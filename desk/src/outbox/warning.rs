//! Telling the people in charge that promises run out: once per level, in working hours, and never as a flood.
//!
//! A warning is written beside its event and waits for its turn: at once while the case's calendar is open, else at the
//! next opening. Then everything whose turn has come is looked at together, as it stands at that moment: what holds no
//! more is dropped, each person gets one mail per case, and somebody who would get many at once gets one mail about all
//! of them (`docs/decisions/0015`). Rows and mails change in one transaction, so each is sent once, whichever node does it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::actor::{PersonId, Role};
use domain::case::{Case, Holder, InCharge};
use domain::case_number::CaseNumber;
use domain::entitlement::Hours;
use domain::mail_address::MailAddress;
use domain::terms::ClockKind;
use domain::text::PersonName;
use domain::time::{Instant, Span};
use domain::view::{CaseRow, Mark};
use domain::words::Language;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::Kind;
use super::queue::{Cause, NewMail, queue as enqueue};
use crate::Desk;
use crate::attended::MarkRecord;
use crate::board::CaseRecord;
use crate::mail::{OnIt, Pressing, Reader, Stake, warning, warnings};
use crate::store::{StoreError, Tx};

/// Mails about single cases that somebody gets at once; with more cases than this, they get one mail about all.
const SINGLE: usize = 5;

/// People are told for so long after closing time: of a promise that is used up with the last second of the day, nobody would
/// hear until the next opening.
const STILL_THERE_S: i64 = 10 * 60;

/// Writes down that the people in charge are to be told, in the transaction of the event.
pub(super) async fn hold(
    tx: &mut Tx,
    case: &Case,
    hours: &Hours,
    (clock, cycle, level): (ClockKind, u32, u8),
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO warnings (case_number, clock, cycle, level, turn_utc_s) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (case_number, clock, cycle, level) DO NOTHING",
    )
    .bind(case.opening.number.as_compact())
    .bind(clock.code())
    .bind(i64::from(cycle))
    .bind(i64::from(level))
    .bind(turn(hours, now).0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// When people may be told: now while the calendar is open or has just closed, else when it opens next. One that never opens
/// tells at once.
fn turn(hours: &Hours, now: Instant) -> Instant {
    let just_now = Span::new(now.plus(-STILL_THERE_S), now);
    if hours.spans.open_seconds(just_now) > 0 {
        return now;
    }
    hours.spans.next_opening(now).unwrap_or(now)
}

/// When the first warning that waits may be told.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn next_warning(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT MIN(turn_utc_s) FROM warnings").fetch_one(&mut *reader).await?;
    let next: Option<i64> = row.try_get(0)?;
    Ok(next.map(Instant))
}

/// Queues the mails of all warnings whose turn has come.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn warn(desk: &Desk) -> Result<(), StoreError> {
    let now = desk.now();
    // Asked of a reader first, so that an idle desk does not write.
    if next_warning(desk).await?.is_none_or(|next| next > now) {
        return Ok(());
    }
    let at_work = desk.clone();
    desk.store().write(move |tx| Box::pin(async move { tell(&at_work, tx, now).await })).await
}

/// A case with warnings whose turn has come, as it stands now.
struct Due {
    row: CaseRow,
    holder: Option<Holder>,
    hours: Arc<Hours>,
    /// What is warned of, the most pressing first.
    stakes: Vec<Stake>,
}

impl Due {
    fn pressing(&self, stakes: Vec<Stake>) -> Pressing<'_> {
        Pressing {
            number: self.row.number,
            customer: &self.row.customer,
            equipment: &self.row.equipment,
            place: &self.row.place,
            priority: self.row.priority,
            holder: self.holder.as_ref(),
            zone: &self.hours.zone,
            stakes,
        }
    }
}

/// The levels of each promise of a case that nobody was told of.
type Levels = HashMap<(ClockKind, u32), Vec<u8>>;

async fn tell(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    let due = take_due(desk, tx, now).await?;
    let supervisors = supervisors(tx).await?;
    let mut holders: HashMap<PersonId, Person> = HashMap::new();
    for id in due.iter().filter_map(|due| due.holder.as_ref()).map(|holder| holder.id) {
        // Somebody who works here no more is in charge of nothing.
        if !holders.contains_key(&id)
            && let Some(person) = person(tx, id).await?
        {
            holders.insert(id, person);
        }
    }
    let mut told: BTreeMap<PersonId, (&Person, Vec<Pressing<'_>>)> = BTreeMap::new();
    for due in &due {
        let holder = due.holder.as_ref().and_then(|holder| holders.get(&holder.id));
        let others = supervisors.iter().filter(|person| holder.is_none_or(|holder| holder.id != person.id));
        let all = holder.map(|person| (person, true)).into_iter().chain(others.map(|person| (person, false)));
        for (person, holds) in all {
            let is_told = |stake: &&Stake| {
                let told = InCharge::of(stake.level, holder.map(|holder| holder.id));
                if holds { told.holder().is_some() } else { told.supervisors() }
            };
            let stakes: Vec<Stake> = due.stakes.iter().filter(is_told).copied().collect();
            if !stakes.is_empty() {
                let (_, cases) = told.entry(person.id).or_insert_with(|| (person, Vec::new()));
                cases.push(due.pressing(stakes));
            }
        }
    }
    for (person, cases) in told.into_values() {
        person.tell(desk, tx, cases).await?;
    }
    Ok(())
}

/// Takes the warnings whose turn has come out of the table: the cases of which something still presses.
async fn take_due(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<Vec<Due>, StoreError> {
    let waiting = waiting(tx, now).await?;
    let mut due = Vec::with_capacity(waiting.len());
    for (row, mark) in cases(tx, now).await? {
        let hours = desk.hours_with(tx.connection(), &row.hours).await?;
        let turn = turn(&hours, now);
        if turn > now {
            // Its turn came while nobody was up, and the desk has closed since.
            postpone(tx, row.number, turn).await?;
            continue;
        }
        forget(tx, row.number, now).await?;
        let Some(levels) = waiting.get(&row.number) else { continue };
        let stakes = stakes(&row, levels, &hours, now);
        if !stakes.is_empty() {
            due.push(Due { row, holder: mark.holder, hours, stakes });
        }
    }
    Ok(due)
}

/// What of a case still presses, the most pressing first: of each promise the highest level alone.
fn stakes(row: &CaseRow, levels: &Levels, hours: &Hours, now: Instant) -> Vec<Stake> {
    let stake = |clock: &domain::case::Clock| {
        let levels = levels.get(&(clock.kind, clock.cycle))?;
        let level = clock.warns_of(levels.iter().copied(), &hours.spans, now)?;
        Some(Stake { clock: clock.kind, level, reading: clock.reading(&hours.spans, now) })
    };
    let mut stakes: Vec<Stake> = row.clocks.iter().filter_map(stake).collect();
    stakes.sort_by_key(|stake| stake.reading.remaining_s);
    stakes
}

/// All warnings whose turn has come, by case.
async fn waiting(tx: &mut Tx, now: Instant) -> Result<HashMap<CaseNumber, Levels>, StoreError> {
    let rows = sqlx::query("SELECT case_number, clock, cycle, level FROM warnings WHERE turn_utc_s <= $1")
        .bind(now.0)
        .fetch_all(tx.connection())
        .await?;
    let wrong = |what: &str| StoreError::inconsistent("warnings", what);
    let mut waiting: HashMap<CaseNumber, Levels> = HashMap::new();
    for row in &rows {
        let number: String = row.try_get(0)?;
        let clock: String = row.try_get(1)?;
        let (cycle, level): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        let number = CaseNumber::parse(&number).map_err(|_| wrong("case_number"))?;
        let clock = ClockKind::from_code(&clock).ok_or_else(|| wrong("clock"))?;
        let cycle = u32::try_from(cycle).map_err(|_| wrong("cycle"))?;
        let level = u8::try_from(level).map_err(|_| wrong("level"))?;
        waiting.entry(number).or_default().entry((clock, cycle)).or_default().push(level);
    }
    Ok(waiting)
}

/// The cases of those warnings, as they stand now.
async fn cases(tx: &mut Tx, now: Instant) -> Result<Vec<(CaseRow, Mark)>, StoreError> {
    let rows = sqlx::query(
        "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment, place,
                opened_utc_s, calendar_id, calendar_version, zone, clocks, holder_id, holder_name, unanswered_utc_s
         FROM cases WHERE number IN (SELECT case_number FROM warnings WHERE turn_utc_s <= $1)
         ORDER BY due_utc_s, number",
    )
    .bind(now.0)
    .fetch_all(tx.connection())
    .await?;
    let read = |row: &AnyRow| -> Result<(CaseRow, Mark), StoreError> {
        Ok((CaseRecord::from_row(row)?.try_into()?, MarkRecord::from_row(row)?.into()))
    };
    rows.iter().map(read).collect()
}

async fn postpone(tx: &mut Tx, number: CaseNumber, turn: Instant) -> Result<(), StoreError> {
    sqlx::query("UPDATE warnings SET turn_utc_s = $2 WHERE case_number = $1 AND turn_utc_s < $2")
        .bind(number.as_compact())
        .bind(turn.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What came to its turn has been told, or there is nothing to tell.
async fn forget(tx: &mut Tx, number: CaseNumber, now: Instant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM warnings WHERE case_number = $1 AND turn_utc_s <= $2")
        .bind(number.as_compact())
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Who is in charge of a case: whoever holds it, else everybody who watches over the desk.
pub(super) async fn in_charge(tx: &mut Tx, holder: Option<PersonId>) -> Result<Vec<Person>, StoreError> {
    let holder = match holder {
        Some(id) => person(tx, id).await?,
        None => None,
    };
    match holder {
        Some(holder) => Ok(vec![holder]),
        None => supervisors(tx).await,
    }
}

/// Somebody of the staff, as mails reach them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    id: PersonId,
    pub(super) name: PersonName,
    mail: MailAddress,
    pub(super) language: Language,
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
        })
    }

    /// Queues what this person is told: a mail per case, or one about all of them when they are many.
    async fn tell(&self, desk: &Desk, tx: &mut Tx, mut cases: Vec<Pressing<'_>>) -> Result<(), StoreError> {
        let left_s = |case: &Pressing<'_>| case.stakes.first().map(|stake| stake.reading.remaining_s);
        cases.sort_by_key(left_s);
        let address = format!("{}/desk", desk.public_url());
        if cases.len() > SINGLE {
            let reader = self.reader(OnIt::Others);
            let (Some(first), Some(composed)) = (cases.first(), warnings(&reader, &cases, address)) else {
                return Ok(());
            };
            return enqueue(desk, tx, self.mail(Kind::Warnings, first.number, composed)).await;
        }
        for case in &cases {
            let theirs = case.holder.is_some_and(|holder| holder.id == self.id);
            let reader = self.reader(if theirs { OnIt::Theirs } else { OnIt::Others });
            let link = format!("{address}/cases/{}", case.number.as_compact());
            let composed = warning(&reader, case, link);
            enqueue(desk, tx, self.mail(Kind::Warning, case.number, composed)).await?;
        }
        Ok(())
    }

    const fn reader(&self, on_it: OnIt) -> Reader<'_> {
        Reader { name: &self.name, language: self.language, on_it }
    }

    pub(super) const fn mail(
        &self,
        kind: Kind,
        case: CaseNumber,
        composed: crate::mail::Composed,
    ) -> NewMail<'_> {
        let Self { name, mail: address, language, .. } = self;
        NewMail {
            kind,
            case,
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

/// Everybody who watches over the desk: its supervisors, or its administrators while it has none.
async fn supervisors(tx: &mut Tx) -> Result<Vec<Person>, StoreError> {
    for role in [Role::Supervisor, Role::Administrator] {
        let rows = sqlx::query(
            "SELECT id, name, mail, language FROM people WHERE role = $1 AND active = 1 ORDER BY id",
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

/// Somebody who works here now.
async fn person(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row = sqlx::query("SELECT id, name, mail, language FROM people WHERE id = $1 AND active = 1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    row.as_ref().map(Person::read).transpose()
}
