//! Use-case: compares settings files with the desk, and writes the differences.

use std::fmt::Debug;

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::audit::AuditEvent;
use domain::calendar::week::{CalendarId, NAME_CHARS_MAX};
use domain::case::Author;
use domain::time::Instant;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::calendars::CalendarEntry;
use super::changes;
use super::file::{Document, FileProblem, Reason, SettingsFile, Subject};
use super::plan_changes::{PlanDraft, asking};
use super::preview::{Preview, preview};
use super::provider::SentLogo;
use super::questionnaires::QuestionnaireDraft;
use super::report::{Change, Outcome, RetiredPlan, SettingsReport};
use super::retirement::retired;
use super::subjects::{entries, rules};
use super::versions::{EntryVersion, Versions, planned_names};
use crate::audit::{self, Noted};
use crate::contracts::plans::{
    NewCalendar, NewPlan, PlanId, Recording, legible_name, put_calendar, put_plan,
};
use crate::store::{StoreError, Tx, take_numbers};
use crate::{Desk, DeskError};

/// A request with settings files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Show the changes.
    DryRun {
        /// When they would take effect for new cases.
        effective_from: Instant,
    },
    /// Write the changes, if the files have no problem.
    Apply {
        /// When they take effect for new cases.
        effective_from: Instant,
    },
}

impl Request {
    const fn effective_from(self) -> Instant {
        match self {
            Self::DryRun { effective_from } | Self::Apply { effective_from } => effective_from,
        }
    }
}

/// Compares `files` with the settings in force at `effective_from`, and writes new versions of the differences, all in
/// one transaction or none. Settings that no file has are unchanged. A new entry exists at once, since no case uses it.
///
/// # Errors
/// See [`DeskError`]. Problems of the files are no error: the report lists them.
pub async fn apply(
    desk: &Desk,
    actor: &Actor,
    files: Vec<SettingsFile>,
    request: Request,
) -> Result<SettingsReport, DeskError> {
    apply_by(desk, actor, files, request, Match::IdOrName).await
}

/// How an entry of a file is matched with the desk's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// By its id; without one by its name, as people write files.
    IdOrName,
    /// By its id alone: an entry without one is new.
    Id,
}

/// The same with a choice of how entries are matched.
pub(super) async fn apply_by(
    desk: &Desk,
    actor: &Actor,
    files: Vec<SettingsFile>,
    request: Request,
    by_what: Match,
) -> Result<SettingsReport, DeskError> {
    may(actor, Action::ChangeSettings, Of::Desk)?;
    // Earlier openings keep their settings.
    let effective_from = request.effective_from().max(desk.now());
    let logo = SentLogo::of(&files).await?;
    let mut reader = desk.store().reader().await?;
    let logo = logo.beside_stored(&mut reader).await?;
    let all = Versions::read(&mut reader).await?;
    let mut plan = ChangePlan::of(&files, &all, (effective_from, by_what), &logo)?;
    plan.retired = retired(&mut reader, &plan.drafts()).await?;
    reader.done();
    let preview =
        if plan.problems.is_empty() { preview(desk, &plan.drafts()).await? } else { Preview::default() };
    if let Request::DryRun { .. } = request {
        return Ok(plan.into_report(Outcome::Shown, preview));
    }
    let (at_work, by, actor) = (desk.clone(), Author::from(actor), actor.clone());
    let written = desk.store().write(move |tx| {
        Box::pin(async move {
            // Compared again in the transaction, because the settings may have changed. Cases opened meanwhile keep
            // theirs.
            let effective_from = effective_from.max(at_work.now());
            let all = Versions::read(tx.connection()).await?;
            let mut plan = ChangePlan::of(&files, &all, (effective_from, by_what), &logo)?;
            plan.retired = retired(tx.connection(), &plan.drafts()).await?;
            if !plan.problems.is_empty() {
                return Ok::<_, DeskError>(plan.into_report(Outcome::Refused, preview));
            }
            let recording = Recording { effective_from, written: Some((at_work.now(), by)) };
            plan.write(tx, &recording).await?;
            plan.note(tx, &actor, at_work.now()).await?;
            Ok(plan.into_report(Outcome::Written, preview))
        })
    });
    let report = written.await?;
    // It is written all the same, and every process looks again in a moment.
    if let Err(error) = desk.refresh_brand().await {
        tracing::error!(%error, "the provider could not be read after a change");
    }
    if let Err(error) = desk.refresh_mail_texts().await {
        tracing::error!(%error, "the words of mails could not be read after a change");
    }
    if let Err(error) = desk.refresh_formats().await {
        tracing::error!(%error, "the number formats could not be read after a change");
    }
    Ok(report)
}

/// A new or changed calendar.
#[derive(Debug, Clone)]
pub(super) struct CalendarDraft {
    /// `None` for a new one.
    pub(super) id: Option<i64>,
    pub(super) calendar: NewCalendar,
}

/// A change that is written after the entries that others rest on.
pub(super) trait Draft: Debug + Send + Sync {
    /// Writes it as the next version.
    fn write<'a>(&'a self, tx: &'a mut Tx, recording: &'a Recording)
    -> BoxFuture<'a, Result<(), StoreError>>;
}

/// The id of an entry and how it is recorded. A new one gets a number of `table`, and counts since ever.
pub(super) async fn numbered(
    tx: &mut Tx,
    id: Option<i64>,
    table: &'static str,
    recording: &Recording,
) -> Result<(i64, Recording), StoreError> {
    match id {
        Some(id) => Ok((id, recording.clone())),
        None => Ok((take_numbers(tx, table, 1).await?, recording.since_ever())),
    }
}

/// The settings that would be in force, and the differences among them.
#[derive(Debug)]
pub(super) struct Drafts<'a> {
    pub(super) base: &'a Versions,
    pub(super) calendars: &'a [CalendarDraft],
    pub(super) plans: &'a [PlanDraft],
}

/// The changes of files.
#[derive(Debug)]
pub(super) struct ChangePlan {
    pub(super) effective_from: Instant,
    by_what: Match,
    pub(super) base: Versions,
    pub(super) calendars: Vec<CalendarDraft>,
    pub(super) questionnaires: Vec<QuestionnaireDraft>,
    pub(super) plans: Vec<PlanDraft>,
    /// The calendars that the desk would have.
    pub(super) calendars_then: Vec<CalendarEntry>,
    /// Names of the questionnaires that the desk would have, by id; new ones have none.
    pub(super) questionnaires_then: Vec<(Option<i64>, String)>,
    /// The logo that a file of the provider brings along.
    pub(super) logo: SentLogo,
    /// What no other entry rests on.
    pub(super) drafts: Vec<Box<dyn Draft>>,
    changes: Vec<Change>,
    unchanged: usize,
    left: Vec<(Subject, String)>,
    retired: Vec<RetiredPlan>,
    pub(super) problems: Vec<FileProblem>,
}

/// The desk's entry of a file's entry.
pub(super) enum Place {
    New,
    Is(usize),
    Unknown,
}

impl Place {
    /// Index among the desk's entries.
    const fn at(&self) -> Option<usize> {
        match self {
            Self::Is(at) => Some(*at),
            Self::New | Self::Unknown => None,
        }
    }
}

/// What names an entry.
struct Naming {
    id: Option<i64>,
    name: String,
}

/// Entries by what names them.
pub(super) struct Names {
    all: Vec<Naming>,
    /// Names that entries of the desk are to have later.
    planned: Vec<(i64, String)>,
}

impl Names {
    /// The desk's entries in force, and what they will be called after `at`.
    pub(super) fn known<T>(base: &[EntryVersion<T>], all: &[EntryVersion<T>], at: Instant) -> Self {
        let naming = |version: &EntryVersion<T>| Naming { id: Some(version.id), name: version.name.clone() };
        Self { all: base.iter().map(naming).collect(), planned: planned_names(all, at) }
    }

    /// The entries of a file.
    pub(super) fn given<'e>(entries: impl Iterator<Item = (Option<i64>, &'e str)>) -> Self {
        let all = entries.map(|(id, name)| Naming { id, name: legible_name(name) }).collect();
        Self { all, planned: Vec::new() }
    }

    /// Whether an unchanged or planned entry other than the one at `own` has this name.
    fn has_other(&self, name: &str, own: Option<usize>, places: &[Place]) -> bool {
        let is_given = |at: usize| places.iter().any(|place| place.at() == Some(at));
        let own_id = own.and_then(|at| self.all.get(at)?.id);
        let mut all = self.all.iter().enumerate();
        let mut planned = self.planned.iter();
        all.any(|(at, other)| Some(at) != own && !is_given(at) && is_same(&other.name, name))
            || planned.any(|(id, other)| Some(*id) != own_id && is_same(other, name))
    }
}

/// Whether people and imports would take two names for one.
fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

impl ChangePlan {
    /// Compares `files` with the versions in force at `effective_from`.
    fn of(
        files: &[SettingsFile],
        all: &Versions,
        (effective_from, by_what): (Instant, Match),
        logo: &SentLogo,
    ) -> Result<Self, StoreError> {
        let base = all.in_force(effective_from);
        let asked = base.questionnaires.iter().map(|version| (Some(version.id), version.name.clone()));
        let mut plan = Self {
            effective_from,
            by_what,
            calendars_then: entries(&base),
            questionnaires_then: asked.collect(),
            logo: logo.clone(),
            base,
            calendars: Vec::new(),
            questionnaires: Vec::new(),
            plans: Vec::new(),
            drafts: Vec::new(),
            changes: Vec::new(),
            unchanged: 0,
            left: Vec::new(),
            retired: Vec::new(),
            problems: Vec::new(),
        };
        for subject in Subject::ALL {
            let Some(file) = files.iter().find(|file| file.subject == subject) else { continue };
            let document = match Document::parse(file) {
                Ok(document) => document,
                Err(problem) => {
                    plan.problems.push(problem);
                    continue;
                }
            };
            rules(subject).read(&mut plan, &document, all)?;
        }
        Ok(plan)
    }

    /// The desk's entries of a file's entries, and those that the file lacks.
    pub(super) fn places(&mut self, document: &Document<'_>, known: &Names, given: &Names) -> Vec<Place> {
        let mut places = Vec::with_capacity(given.all.len());
        for (index, Naming { id, name }) in given.all.iter().enumerate() {
            let found = match (id, self.by_what) {
                (Some(id), _) => known.all.iter().position(|other| other.id == Some(*id)),
                (None, Match::IdOrName) => known.all.iter().position(|other| is_same(&other.name, name)),
                (None, Match::Id) => None,
            };
            if id.is_some() && found.is_none() {
                self.problems.push(document.wrong(index, "id", Reason::UnknownId));
                places.push(Place::Unknown);
                continue;
            }
            places.push(found.map_or(Place::New, Place::Is));
        }
        for (index, Naming { name, .. }) in given.all.iter().enumerate() {
            let own = match places[index] {
                Place::Is(at) => Some(at),
                Place::New | Place::Unknown => None,
            };
            if own.is_some() && places[..index].iter().any(|place| place.at() == own) {
                self.problems.push(document.wrong(index, "id", Reason::Repeated));
            } else if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
                self.problems.push(document.wrong(index, "name", Reason::NameLength));
            } else if given.all[..index].iter().any(|other| is_same(&other.name, name))
                || known.has_other(name, own, &places)
            {
                self.problems.push(document.wrong(index, "name", Reason::NameTaken));
            }
        }
        let is_given = |at: usize| places.iter().any(|place| place.at() == Some(at));
        let left = known.all.iter().enumerate().filter(|(at, _)| !is_given(*at));
        self.left.extend(left.map(|(_, Naming { name, .. })| (document.subject(), name.clone())));
        places
    }

    /// Records an entry beside the desk's. Tells whether it is new or changed.
    pub(super) fn compare<T: Serialize>(
        &mut self,
        subject: Subject,
        name: &str,
        id: Option<i64>,
        before: Option<&T>,
        after: &T,
        all: &Versions,
    ) -> Result<bool, StoreError> {
        let fields = before.map(|before| changes::between(before, after)).transpose()?;
        if fields.as_ref().is_some_and(Vec::is_empty) {
            self.unchanged += 1;
            return Ok(false);
        }
        let supersedes = id.is_some_and(|id| all.planned_from(subject, id, self.effective_from).is_some());
        self.changes.push(Change { subject, name: name.to_owned(), fields, supersedes });
        Ok(true)
    }

    /// Refuses to write an entry that differs over a version that its author has not seen.
    pub(super) fn refuse_outdated(
        &mut self,
        document: &Document<'_>,
        index: usize,
        seen: Option<i64>,
        newest: Option<i64>,
    ) {
        if seen.is_some() && seen != newest {
            self.problems.push(document.wrong(index, "version", Reason::ChangedMeanwhile));
        }
    }

    /// The content of a file. One that cannot be read is a problem.
    pub(super) fn read_document<T: DeserializeOwned>(&mut self, document: &Document<'_>) -> Option<T> {
        document.read().map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Tells what is wrong with the entry at `index`, by key.
    pub(super) fn tell(
        &mut self,
        document: &Document<'_>,
        index: usize,
        problems: impl IntoIterator<Item = (String, Reason)>,
    ) {
        self.problems.extend(problems.into_iter().map(|(key, reason)| document.wrong(index, &key, reason)));
    }

    fn drafts(&self) -> Drafts<'_> {
        Drafts { base: &self.base, calendars: &self.calendars, plans: &self.plans }
    }

    /// Writes the differences, calendars before the plans that use them.
    async fn write(&self, tx: &mut Tx, recording: &Recording) -> Result<(), StoreError> {
        let mut ids: Vec<(String, i64)> =
            self.base.calendars.iter().map(|version| (version.name.clone(), version.id)).collect();
        for CalendarDraft { id, calendar } in &self.calendars {
            let (id, recording) = numbered(tx, *id, "calendars", recording).await?;
            ids.retain(|(_, other)| *other != id);
            ids.push((calendar.name.clone(), id));
            put_calendar(tx, CalendarId(id), calendar.clone(), &recording).await?;
        }
        let asked = self.write_questionnaires(tx, recording).await?;
        for PlanDraft { id, name, terms, status, calendar, questionnaire } in &self.plans {
            let found = ids.iter().find(|(name, _)| name == calendar).map(|(_, id)| *id);
            let calendar = found.ok_or_else(|| StoreError::inconsistent("calendars", calendar))?;
            let (id, recording) = numbered(tx, *id, "plans", recording).await?;
            let (terms, calendar) = (asking(terms, questionnaire.as_deref(), &asked)?, CalendarId(calendar));
            let plan = NewPlan { name: name.clone(), terms, calendar, status: *status };
            put_plan(tx, PlanId(id), plan, &recording).await?;
        }
        for draft in &self.drafts {
            draft.write(tx, recording).await?;
        }
        Ok(())
    }

    /// Writes down which entries were changed.
    async fn note(&self, tx: &mut Tx, actor: &Actor, now: Instant) -> Result<(), StoreError> {
        let noted = self.changes.iter().map(|Change { subject, name, .. }| {
            let file = subject.file_name();
            let name = if subject.table().is_some() { name.clone() } else { String::new() };
            let subject = file.strip_suffix(".toml").unwrap_or(file).to_owned();
            Noted::of(actor, now, AuditEvent::SettingChanged { subject, name })
        });
        let noted: Vec<Noted> = noted.collect();
        if !noted.is_empty() {
            audit::record_all(tx, &noted).await?;
        }
        Ok(())
    }

    /// Writes the questionnaires. Gives the names of all by id.
    async fn write_questionnaires(
        &self,
        tx: &mut Tx,
        recording: &Recording,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let known = self.base.questionnaires.iter();
        let mut names: Vec<(i64, String)> = known.map(|version| (version.id, version.name.clone())).collect();
        for draft in &self.questionnaires {
            let (id, name) = draft.write(tx, recording).await?;
            names.retain(|(other, _)| *other != id);
            names.push((id, name));
        }
        Ok(names)
    }

    fn into_report(self, outcome: Outcome, preview: Preview) -> SettingsReport {
        let Self { effective_from, changes, unchanged, left, retired, problems, .. } = self;
        SettingsReport { outcome, effective_from, changes, unchanged, left, retired, preview, problems }
    }
}
