//! Use-cases: list what is set, read an entry as the fields of a form, and change it as a form says.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use domain::actor::{Action, Actor, Subject as Of, may};
use domain::calendar::layout::lay_out;
use domain::calendar::week::{Calendar, DAY_S};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::{PlanStatus, SlaTargets};
use domain::survey::Questionnaire;
use domain::time::{Instant, Span};
use domain::wording::{MailTextKind, ReplyState};
use domain::workforce::Team;

use super::apply::{Match, Request, apply_by};
use super::fields::{self, Fields};
use super::file::Subject;
use super::questionnaires::QuestionnaireEntry;
use super::report::SettingsReport;
use super::subjects::{SINGLE_ID, rules};
use super::versions::{EntryVersion, Versions};
use crate::store::{StoreError, row};
use crate::{Desk, DeskError};

/// What is in force now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The calendars, in the order of their making.
    pub calendars: Vec<CalendarSummary>,
    /// The SLA plans, in the order of their making.
    pub plans: Vec<PlanSummary>,
    /// The canned replies, in the order of their making.
    pub replies: Vec<ReplySummary>,
    /// The mails to customers, in the order of a case's life.
    pub mail_texts: Vec<MailTextSummary>,
}

/// A calendar in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarSummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Whose statutory holidays close it.
    pub observes: Option<Country>,
    /// Open seconds of a week without holidays.
    pub open_s: i64,
    /// Closures from today on.
    pub closures: usize,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
    /// The plans that count in it.
    pub plans: Vec<String>,
}

/// An SLA plan in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// What contracts are imported with.
    pub name: String,
    /// The name of its calendar.
    pub calendar: String,
    /// The targets of P1 to P4.
    pub targets: [SlaTargets; 4],
    /// Contracts under it.
    pub contracts: i64,
    /// Whether contracts can choose it.
    pub status: PlanStatus,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
}

/// A questionnaire in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionnaireSummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// What plans name it by.
    pub name: String,
    /// The number of its questions.
    pub questions: usize,
    /// The plans that ask it.
    pub plans: Vec<String>,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
}

/// A canned reply in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplySummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// What agents choose by.
    pub name: String,
    /// Whether agents are offered it.
    pub state: ReplyState,
    /// The languages that it has a text for.
    pub languages: Vec<Language>,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
}

/// A kind of mail in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTextSummary {
    /// The mail.
    pub kind: MailTextKind,
    /// The languages in which the provider has words of its own.
    pub languages: Vec<Language>,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
}

/// A day of a calendar's year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// The local day.
    pub date: NaiveDate,
    /// Open seconds of it.
    pub open_s: i64,
    /// The holiday or closure that shuts it, or a part of it.
    pub closed_for: Option<String>,
}

row! {
    struct ContractsRow {
        plan_id: i64,
        contracts: i64,
    }
}

/// Everything that is set, as lists show it.
///
/// # Errors
/// See [`DeskError`].
pub async fn overview(desk: &Desk, actor: &Actor) -> Result<Overview, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    let rows: Vec<ContractsRow> =
        sqlx::query_as("SELECT plan_id, COUNT(*) AS contracts FROM contracts GROUP BY plan_id")
            .fetch_all(&mut *reader)
            .await?;
    reader.done();
    let contracts: HashMap<i64, i64> = rows.into_iter().map(|row| (row.plan_id, row.contracts)).collect();
    let current = all.in_force(now);
    let today = local_day(now)?;
    let calendars = current.calendars.iter().map(|version| {
        let calendar = &version.content;
        let plans = current.plans.iter().filter(|plan| plan.content.calendar == version.id);
        CalendarSummary {
            id: calendar.id.0,
            name: calendar.name().to_owned(),
            observes: calendar.observes,
            open_s: week_s(calendar),
            closures: calendar.closures().iter().filter(|closure| closure.date >= today).count(),
            planned: all.planned_from(Subject::Calendars, calendar.id.0, now),
            plans: plans.map(|plan| plan.name.clone()).collect(),
        }
    });
    let plans = current.plans.iter().map(|version| PlanSummary {
        id: version.id,
        name: version.name.clone(),
        calendar: current.calendar_name(version.content.calendar).to_owned(),
        targets: Priority::ALL.map(|priority| *version.content.terms.targets(priority)),
        contracts: contracts.get(&version.id).copied().unwrap_or_default(),
        status: version.content.status,
        planned: all.planned_from(Subject::Plans, version.id, now),
    });
    let replies = current.replies.iter().map(|version| ReplySummary {
        id: version.id,
        name: version.name.clone(),
        state: version.content.state,
        languages: Language::ALL.into_iter().filter(|it| version.content.text.get(*it).is_some()).collect(),
        planned: all.planned_from(Subject::Replies, version.id, now),
    });
    let mail_texts = current.mail_texts.iter().map(|version| MailTextSummary {
        kind: version.content.kind,
        languages: Language::ALL.into_iter().filter(|it| version.content.text.get(*it).is_some()).collect(),
        planned: all.planned_from(Subject::MailTexts, version.id, now),
    });
    Ok(Overview {
        calendars: calendars.collect(),
        plans: plans.collect(),
        replies: replies.collect(),
        mail_texts: mail_texts.collect(),
    })
}

/// A team in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamSummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// The team.
    pub team: Team,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
}

/// The teams in force, in the order of their making.
///
/// # Errors
/// See [`DeskError`].
pub async fn team_list(desk: &Desk, actor: &Actor) -> Result<Vec<TeamSummary>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    let summary = |version: EntryVersion<Team>| TeamSummary {
        id: version.id,
        planned: all.planned_from(Subject::Teams, version.id, now),
        team: version.content,
    };
    Ok(all.in_force(now).teams.into_iter().map(summary).collect())
}

/// The questionnaires in force now, in the order of their making.
///
/// # Errors
/// See [`DeskError`].
pub async fn questionnaires(desk: &Desk, actor: &Actor) -> Result<Vec<QuestionnaireSummary>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    let current = all.in_force(now);
    let summary = |version: &EntryVersion<Questionnaire>| {
        let asking = current
            .plans
            .iter()
            .filter(|plan| plan.content.terms.survey().asks.map(|id| id.0) == Some(version.id));
        QuestionnaireSummary {
            id: version.id,
            name: version.name.clone(),
            questions: version.content.questions().len(),
            plans: asking.map(|plan| plan.name.clone()).collect(),
            planned: all.planned_from(Subject::Questionnaires, version.id, now),
        }
    };
    Ok(current.questionnaires.iter().map(summary).collect())
}

/// The standing questions as the fields of a form, for a new questionnaire.
///
/// # Errors
/// See [`DeskError`].
pub fn standing_questions(actor: &Actor) -> Result<Fields, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    Ok(fields::of_entry(&QuestionnaireEntry::standing())?)
}

/// From when a change counts that is planned, of a subject that has one entry.
///
/// # Errors
/// See [`DeskError`].
pub async fn planned(desk: &Desk, actor: &Actor, subject: Subject) -> Result<Option<Instant>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    // Each has the one id of a subject without a list.
    Ok(all.planned_from(subject, SINGLE_ID, desk.now()))
}

/// One entry as the fields of a form, as in force at `at`.
///
/// # Errors
/// [`DeskError::NotFound`] when nothing of this id was in force then. See [`DeskError`].
pub async fn entry(
    desk: &Desk,
    actor: &Actor,
    subject: Subject,
    id: i64,
    at: Instant,
) -> Result<Fields, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    let then = all.in_force(at);
    let found = rules(subject).fields(&then, id);
    let mut found = found.ok_or(DeskError::NotFound)??;
    // An earlier state is taken up again as a change of the newest version.
    if let Some(version) = all.newest(subject, id) {
        found.insert("version".to_owned(), version.to_string());
    }
    Ok(found)
}

/// Compares the entry that a form describes with what is in force, and writes it if `request` says so. Fields without an
/// `id` are a new entry. Gives the fields back as they were read: rows without text are gone.
///
/// # Errors
/// See [`DeskError`]. What is wrong with the fields is no error: the report says it, by [`super::FileProblem::field`].
pub async fn change_entry(
    desk: &Desk,
    actor: &Actor,
    subject: Subject,
    mut fields: Fields,
    request: Request,
) -> Result<(Fields, SettingsReport), DeskError> {
    let file = fields::file(subject, &mut fields)?;
    let report = apply_by(desk, actor, vec![file], request, Match::Id).await?;
    Ok((fields, report))
}

/// Every day of a year of a calendar, as in force now.
///
/// # Errors
/// [`DeskError::NotFound`] when there is no such calendar, or no such year. See [`DeskError`].
pub async fn calendar_year(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    year: i32,
) -> Result<Vec<CalendarDay>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let current = Versions::read(&mut reader).await?.in_force(desk.now());
    reader.done();
    let found = current.calendars.iter().find(|version| version.id == id);
    let calendar = &found.ok_or(DeskError::NotFound)?.content;
    let first = NaiveDate::from_ymd_opt(year, 1, 1).ok_or(DeskError::NotFound)?;
    let days = first.iter_days().take_while(|day| day.year() == year);
    // Laid out where no clock is ever set: a local day is a day.
    let zone = Zone::parse("Etc/UTC").map_err(|error| StoreError::inconsistent("calendars", error))?;
    let spans = lay_out(calendar, zone, Span::new(midnight(first), midnight(first + Days::new(366))));
    Ok(days
        .map(|date| {
            let day = Span::new(midnight(date), midnight(date).plus(i64::from(DAY_S)));
            let named = spans.named().iter().find(|closure| !closure.span.intersect(day).is_empty());
            CalendarDay {
                date,
                open_s: spans.open_seconds(day),
                closed_for: named.map(|closure| closure.name.clone()),
            }
        })
        .collect())
}

fn week_s(calendar: &Calendar) -> i64 {
    // A window across midnight stands there as two.
    calendar.hours.windows().map(|window| i64::from(window.closes_s) - i64::from(window.opens_s)).sum()
}

fn midnight(date: NaiveDate) -> Instant {
    Instant(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp())
}

fn local_day(at: Instant) -> Result<NaiveDate, StoreError> {
    let moment = chrono::DateTime::from_timestamp(at.0, 0);
    moment.map(|at| at.date_naive()).ok_or_else(|| StoreError::inconsistent("clock", at.0))
}
