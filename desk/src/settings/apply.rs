//! Use-case: compares settings files with the desk, and writes the differences.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::calendar::week::{CalendarId, NAME_CHARS_MAX};
use domain::case::Author;
use domain::time::Instant;
use serde::Serialize;

use super::calendars::{self, CalendarEntry, CalendarsFile};
use super::changes;
use super::file::{Document, FileProblem, Reason, SettingsFile, Subject};
use super::plans::{PlanEntry, PlansFile};
use super::preview::{Preview, preview};
use super::provider::{ProviderDraft, SentLogo};
use super::report::{Change, Outcome, SettingsReport};
use super::versions::Versions;
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
    reader.done();
    let plan = ChangePlan::of(&files, &all, (effective_from, by_what), &logo)?;
    let preview =
        if plan.problems.is_empty() { preview(desk, &plan.drafts()).await? } else { Preview::default() };
    if let Request::DryRun { .. } = request {
        return Ok(plan.into_report(Outcome::Shown, preview));
    }
    let (at_work, by) = (desk.clone(), Author::from(actor));
    let written = desk.store().write(move |tx| {
        Box::pin(async move {
            // Compared again in the transaction, because the settings may have changed. Cases opened meanwhile keep
            // theirs.
            let effective_from = effective_from.max(at_work.now());
            let all = Versions::read(tx.connection()).await?;
            let plan = ChangePlan::of(&files, &all, (effective_from, by_what), &logo)?;
            if !plan.problems.is_empty() {
                return Ok::<_, DeskError>(plan.into_report(Outcome::Refused, preview));
            }
            let recording = Recording { effective_from, written: Some((at_work.now(), by)) };
            plan.write(tx, &recording).await?;
            Ok(plan.into_report(Outcome::Written, preview))
        })
    });
    let report = written.await?;
    // It is written all the same, and every process looks again in a moment.
    if let Err(error) = desk.refresh_brand().await {
        tracing::error!(%error, "the provider could not be read after a change");
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

/// A new or changed plan.
#[derive(Debug, Clone)]
pub(super) struct PlanDraft {
    /// `None` for a new one.
    pub(super) id: Option<i64>,
    pub(super) name: String,
    pub(super) terms: domain::sla_plan::SlaPlan,
    /// Name of its calendar.
    pub(super) calendar: String,
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
    effective_from: Instant,
    by_what: Match,
    pub(super) base: Versions,
    calendars: Vec<CalendarDraft>,
    plans: Vec<PlanDraft>,
    pub(super) provider: Option<ProviderDraft>,
    changes: Vec<Change>,
    unchanged: usize,
    left: Vec<(Subject, String)>,
    pub(super) problems: Vec<FileProblem>,
}

/// The desk's entry of a file's entry.
enum Place {
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
struct Names {
    all: Vec<Naming>,
    /// Names that entries of the desk are to have later.
    planned: Vec<(i64, String)>,
}

impl Names {
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
        let mut plan = Self {
            effective_from,
            by_what,
            base: all.in_force(effective_from),
            calendars: Vec::new(),
            plans: Vec::new(),
            provider: None,
            changes: Vec::new(),
            unchanged: 0,
            left: Vec::new(),
            problems: Vec::new(),
        };
        let mut calendars = plan.base.calendar_entries();
        for subject in Subject::ALL {
            let Some(file) = files.iter().find(|file| file.subject == subject) else { continue };
            let document = match Document::parse(file) {
                Ok(document) => document,
                Err(problem) => {
                    plan.problems.push(problem);
                    continue;
                }
            };
            match subject {
                Subject::Calendars => calendars = plan.read_calendars(&document, all)?,
                Subject::Plans => plan.read_plans(&document, &calendars, all)?,
                Subject::Provider => plan.read_provider(&document, logo, all)?,
            }
        }
        Ok(plan)
    }

    /// Compares the calendars of a file. Gives those that the desk would have.
    fn read_calendars(
        &mut self,
        document: &Document<'_>,
        all: &Versions,
    ) -> Result<Vec<CalendarEntry>, StoreError> {
        let mut entries = self.base.calendar_entries();
        let read = match document.read::<CalendarsFile>() {
            Ok(CalendarsFile { calendar }) => calendar,
            Err(problem) => {
                self.problems.push(problem);
                return Ok(entries);
            }
        };
        let known = Names {
            all: entries.iter().map(|entry| Naming { id: entry.id, name: entry.name.clone() }).collect(),
            planned: all.planned_calendars(self.effective_from),
        };
        let given = Names {
            all: read.iter().map(|entry| Naming { id: entry.id, name: legible_name(&entry.name) }).collect(),
            planned: Vec::new(),
        };
        let places = self.places(document, &known, &given);
        for (index, (entry, place)) in read.into_iter().zip(places).enumerate() {
            let calendar = match entry.clone().checked() {
                Ok(calendar) => calendar,
                // The name was checked before.
                Err((key, _)) if key == "name" => continue,
                Err(problem) => {
                    self.problems.push(calendars::wrong(document, index, problem));
                    continue;
                }
            };
            let id = match place {
                Place::Is(at) => entries[at].id,
                Place::New => None,
                Place::Unknown => continue,
            };
            let written = calendars::entry(&calendar, id)?;
            let before = match place {
                Place::Is(at) => Some(&entries[at]),
                _ => None,
            };
            if self.compare(Subject::Calendars, &written.name, id, before, &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Calendars, id));
                self.refuse_outdated(document, index, entry.version, newest);
                self.calendars.push(CalendarDraft { id, calendar });
            }
            match place {
                Place::Is(at) => entries[at] = written,
                _ => entries.push(written),
            }
        }
        Ok(entries)
    }

    /// Compares the plans of a file, with calendars from `calendars`.
    fn read_plans(
        &mut self,
        document: &Document<'_>,
        calendars: &[CalendarEntry],
        all: &Versions,
    ) -> Result<(), StoreError> {
        let read = match document.read::<PlansFile>() {
            Ok(PlansFile { plan }) => plan,
            Err(problem) => {
                self.problems.push(problem);
                return Ok(());
            }
        };
        let entries = self.base.plan_entries();
        let known = Names {
            all: entries.iter().map(|entry| Naming { id: entry.id, name: entry.name.clone() }).collect(),
            planned: all.planned_plans(self.effective_from),
        };
        let given = Names {
            all: read.iter().map(|entry| Naming { id: entry.id, name: legible_name(&entry.name) }).collect(),
            planned: Vec::new(),
        };
        // A calendar with a problem looks like a missing one.
        let are_calendars_right = self.problems.is_empty();
        let places = self.places(document, &known, &given);
        for (index, (entry, place)) in read.into_iter().zip(places).enumerate() {
            let before = match place {
                Place::Is(at) => Some(at),
                Place::New => None,
                Place::Unknown => continue,
            };
            let terms = before.map(|at| &self.base.plans[at].terms);
            let checked = match entry.clone().checked(terms) {
                Ok(checked) => checked,
                Err((key, reason)) => {
                    self.problems.push(document.wrong(index, &key, reason));
                    continue;
                }
            };
            let id = before.and_then(|at| entries[at].id);
            let written = entry.written(id);
            if !calendars.iter().any(|calendar| calendar.name == written.calendar) {
                if are_calendars_right {
                    let reason = Reason::UnknownCalendar(written.calendar);
                    self.problems.push(document.wrong(index, "calendar", reason));
                }
                continue;
            }
            let before = before.map(|at| self.renamed(&entries[at], calendars));
            if self.compare(Subject::Plans, &written.name, id, before.as_ref(), &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Plans, id));
                self.refuse_outdated(document, index, written.version, newest);
                let PlanEntry { name, calendar, .. } = written;
                self.plans.push(PlanDraft { id, name, terms: checked, calendar });
            }
        }
        Ok(())
    }

    /// The entry of a plan under its calendar's new name: a renamed calendar is no change of the plan.
    fn renamed(&self, entry: &PlanEntry, calendars: &[CalendarEntry]) -> PlanEntry {
        let version = self.base.plans.iter().find(|version| Some(version.id) == entry.id);
        let now = version
            .and_then(|version| calendars.iter().find(|calendar| calendar.id == Some(version.calendar)));
        now.map_or_else(|| entry.clone(), |calendar| entry.on_calendar(&calendar.name))
    }

    /// The desk's entries of a file's entries, and those that the file lacks.
    fn places(&mut self, document: &Document<'_>, known: &Names, given: &Names) -> Vec<Place> {
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

    fn drafts(&self) -> Drafts<'_> {
        Drafts { base: &self.base, calendars: &self.calendars, plans: &self.plans }
    }

    /// Writes the differences, calendars before the plans that use them.
    async fn write(&self, tx: &mut Tx, recording: &Recording) -> Result<(), StoreError> {
        let mut ids: Vec<(String, i64)> = self
            .base
            .calendars
            .iter()
            .map(|version| (version.calendar.name().to_owned(), version.calendar.id.0))
            .collect();
        for CalendarDraft { id, calendar } in &self.calendars {
            let (id, recording) = match id {
                Some(id) => (*id, recording.clone()),
                None => (take_numbers(tx, "calendars", 1).await?, recording.since_ever()),
            };
            ids.retain(|(_, other)| *other != id);
            ids.push((calendar.name.clone(), id));
            put_calendar(tx, CalendarId(id), calendar.clone(), &recording).await?;
        }
        for PlanDraft { id, name, terms, calendar } in &self.plans {
            let found = ids.iter().find(|(name, _)| name == calendar).map(|(_, id)| *id);
            let calendar = found.ok_or_else(|| StoreError::inconsistent("calendars", calendar))?;
            let (id, recording) = match id {
                Some(id) => (*id, recording.clone()),
                None => (take_numbers(tx, "plans", 1).await?, recording.since_ever()),
            };
            let plan = NewPlan { name: name.clone(), terms: terms.clone(), calendar: CalendarId(calendar) };
            put_plan(tx, PlanId(id), plan, &recording).await?;
        }
        match &self.provider {
            Some(draft) => draft.write(tx, recording).await,
            None => Ok(()),
        }
    }

    fn into_report(self, outcome: Outcome, preview: Preview) -> SettingsReport {
        let Self { effective_from, changes, unchanged, left, problems, .. } = self;
        SettingsReport { outcome, effective_from, changes, unchanged, left, preview, problems }
    }
}
