//! SLA plans in a file.

use domain::priority::{Matrix, Priority};
use domain::sla_plan::{
    ClosingRules, LowScore, NoShowRule, PlanStatus, ReopenBudget, SlaPlan, SlaPlanProblem, SlaTargets,
    SurveyRules, WaitingRules,
};
use serde::{Deserialize, Serialize};

use super::apply::ChangePlan;
use super::file::{Document, Reason, Subject};
use super::quantities::Duration;
use super::subjects::Rules;
use super::versions::{EntryVersion, PlanContent, Versions};
use crate::contracts::plans::legible_name;
use crate::store::StoreError;

/// The comment above a file's plans.
pub(super) const HEAD: &str = "\
# SLA plans: what a contract promises. Durations are business time of the plan's calendar, as \"15m\", \"8h\", \"1h 30m\".
# id              as exported; leave it out for a new plan. Without one, a plan of the same name is the same one.
# version         as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# calendar        the name of a calendar.
# status          active; or retired: its contracts keep it, and no other contract can choose it.
# warning_levels  per cent of a target at which the people in charge are warned.
# targets         first_response is at most an hour: the letter's step 5.
# matrix          one row per severity; its columns are the urgencies critical, high, medium, low.
# survey          questionnaire: the name of a questionnaire; leave it out for the standing questions.
# no_show_wait    after so long a wait a visit at which nobody opened counts as kept; leave it out: it counts as neither.
";

/// The most business days of a rule: about a year.
const DAYS_MOST: u32 = 250;

/// All plans of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlansFile {
    #[serde(default)]
    pub(super) plan: Vec<PlanEntry>,
}

/// A plan of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    pub(super) name: String,
    pub(super) calendar: String,
    #[serde(default)]
    pub(super) status: PlanStatus,
    warning_levels: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    no_show_wait: Option<Duration>,
    targets: TargetsEntry,
    matrix: MatrixEntry,
    closing: ClosingEntry,
    waiting: WaitingEntry,
    survey: SurveyEntry,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
struct TargetsEntry {
    p1: TargetEntry,
    p2: TargetEntry,
    p3: TargetEntry,
    p4: TargetEntry,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetEntry {
    first_response: Duration,
    next_update: Duration,
    resolution: Duration,
}

/// Priorities by severity (the field) and urgency (the index).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MatrixEntry {
    critical: [Priority; 4],
    high: [Priority; 4],
    medium: [Priority; 4],
    low: [Priority; 4],
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosingEntry {
    reminder_days: Vec<u32>,
    decision_days: u32,
    reopen_days: u32,
    reopen_budget: ReopenBudget,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitingEntry {
    max_total_days: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyEntry {
    due_days: u32,
    open_days: u32,
    retry: Duration,
    low_scale_at_most: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low_recommend_at_most: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    questionnaire: Option<String>,
}

impl From<&SlaTargets> for TargetEntry {
    fn from(targets: &SlaTargets) -> Self {
        let of = |seconds| Duration { seconds };
        Self {
            first_response: of(targets.first_response_s),
            next_update: of(targets.update_s),
            resolution: of(targets.resolution_s),
        }
    }
}

impl From<TargetEntry> for SlaTargets {
    fn from(entry: TargetEntry) -> Self {
        Self {
            first_response_s: entry.first_response.seconds,
            update_s: entry.next_update.seconds,
            resolution_s: entry.resolution.seconds,
        }
    }
}

impl Rules for PlanEntry {
    const SUBJECT: Subject = Subject::Plans;
    const HEAD: &'static str = HEAD;
    type Content = PlanContent;

    fn versions(all: &Versions) -> &[EntryVersion<PlanContent>] {
        &all.plans
    }

    fn from_version(version: &EntryVersion<PlanContent>, among: &Versions) -> Self {
        let questionnaire = version.content.terms.survey().asks.and_then(|id| among.questionnaire_name(id));
        Self::of(version, (among.calendar_name(version.content.calendar), questionnaire))
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_plans(document, all)
    }
}

impl PlanEntry {
    /// A plan as it stands in a file.
    pub(super) fn of(
        version: &EntryVersion<PlanContent>,
        (calendar, questionnaire): (&str, Option<&str>),
    ) -> Self {
        let EntryVersion { id, version, name, content: PlanContent { terms, status, .. }, .. } = version;
        let target = |priority| terms.targets(priority).into();
        let [critical, high, medium, low] = terms.matrix().rows;
        let ClosingRules { reminder_days, decision_days, reopen_days, reopen_budget } =
            terms.closing().clone();
        let WaitingRules { max_total_days } = *terms.waiting();
        let SurveyRules { due_days, open_days, retry_s, low: low_score, questionnaire: _, asks: _ } =
            terms.survey().clone();
        Self {
            id: Some(*id),
            version: Some(*version),
            name: name.clone(),
            calendar: calendar.to_owned(),
            status: *status,
            warning_levels: terms.warning_levels().to_vec(),
            no_show_wait: match terms.no_show() {
                NoShowRule::Neutral => None,
                NoShowRule::CustomersFault { wait_s } => Some(Duration { seconds: wait_s }),
            },
            targets: TargetsEntry {
                p1: target(Priority::P1),
                p2: target(Priority::P2),
                p3: target(Priority::P3),
                p4: target(Priority::P4),
            },
            matrix: MatrixEntry { critical, high, medium, low },
            closing: ClosingEntry { reminder_days, decision_days, reopen_days, reopen_budget },
            waiting: WaitingEntry { max_total_days },
            survey: SurveyEntry {
                due_days,
                open_days,
                retry: Duration { seconds: retry_s },
                low_scale_at_most: low_score.scale_at_most,
                low_recommend_at_most: low_score.recommend_at_most,
                questionnaire: questionnaire.map(str::to_owned),
            },
        }
    }

    /// The name of the questionnaire that it asks; `None` for the standing questions.
    pub(super) fn questionnaire(&self) -> Option<&str> {
        self.survey.questionnaire.as_deref()
    }

    /// The same as the desk would export it: with its id and normalised names.
    pub(super) fn written(self, id: Option<i64>) -> Self {
        let (name, calendar) = (legible_name(&self.name), legible_name(&self.calendar));
        let questionnaire =
            self.survey.questionnaire.as_deref().map(legible_name).filter(|name| !name.is_empty());
        let survey = SurveyEntry { questionnaire, ..self.survey };
        Self { id, name, calendar, survey, ..self }
    }

    /// The same with another calendar name.
    pub(super) fn on_calendar(&self, name: &str) -> Self {
        Self { calendar: name.to_owned(), ..self.clone() }
    }

    /// The same with another questionnaire name.
    pub(super) fn on_questionnaire(&self, name: &str) -> Self {
        let survey = SurveyEntry { questionnaire: Some(name.to_owned()), ..self.survey.clone() };
        Self { survey, ..self.clone() }
    }

    /// The terms that are written: the next version of `before`, without the questionnaire that it names. Else the key at fault, and why.
    pub(super) fn checked(self, before: Option<&SlaPlan>) -> Result<SlaPlan, (String, Reason)> {
        let ClosingEntry { decision_days, reopen_days, .. } = &self.closing;
        for (days, key) in [(decision_days, "closing.decision_days"), (reopen_days, "closing.reopen_days")] {
            if *days > DAYS_MOST {
                return Err((key.to_owned(), Reason::TooManyDays(DAYS_MOST)));
            }
        }
        self.terms(before).map_err(|problem| (key(&problem), Reason::Plan(problem)))
    }

    fn terms(self, before: Option<&SlaPlan>) -> Result<SlaPlan, SlaPlanProblem> {
        let MatrixEntry { critical, high, medium, low } = self.matrix;
        let rows = [critical, high, medium, low];
        let matrix = match before.map(SlaPlan::matrix) {
            Some(same) if same.rows == rows => same.clone(),
            other => Matrix { version: other.map_or(1, |other| other.version + 1), rows },
        };
        let TargetsEntry { p1, p2, p3, p4 } = self.targets;
        let ClosingEntry { reminder_days, decision_days, reopen_days, reopen_budget } = self.closing;
        let survey = SurveyRules {
            due_days: self.survey.due_days,
            open_days: self.survey.open_days,
            retry_s: self.survey.retry.seconds,
            low: LowScore {
                scale_at_most: self.survey.low_scale_at_most,
                recommend_at_most: self.survey.low_recommend_at_most,
            },
            // Questions from before there were files of them stay, unless the entry names a questionnaire.
            questionnaire: before
                .filter(|_| self.survey.questionnaire.is_none())
                .and_then(|before| before.survey().questionnaire.clone()),
            asks: None,
        };
        let no_show = match self.no_show_wait {
            None => NoShowRule::Neutral,
            Some(Duration { seconds: wait_s }) => NoShowRule::CustomersFault { wait_s },
        };
        let version = before.map_or(1, |before| before.version() + 1);
        SlaPlan::new(version, [p1.into(), p2.into(), p3.into(), p4.into()], self.warning_levels, matrix)?
            .with_closing(ClosingRules { reminder_days, decision_days, reopen_days, reopen_budget })?
            .with_waiting(WaitingRules { max_total_days: self.waiting.max_total_days })
            .with_no_show(no_show)
            .with_survey(survey)
    }
}

/// The key of the entry that a problem belongs to.
fn key(problem: &SlaPlanProblem) -> String {
    match problem {
        SlaPlanProblem::FirstResponseAboveCeiling { priority, .. } => {
            format!("targets.{}.first_response", priority.code())
        }
        SlaPlanProblem::NotPositive { priority } => format!("targets.{}", priority.code()),
        SlaPlanProblem::ReminderDays => "closing.reminder_days".to_owned(),
        SlaPlanProblem::NoShow => "no_show_wait".to_owned(),
        SlaPlanProblem::Survey => "survey".to_owned(),
        SlaPlanProblem::Levels => "warning_levels".to_owned(),
    }
}
