//! SLA plans among the changes of files: compared with the desk's, and written with the calendars and questionnaires that they
//! name.

use domain::country::Country;
use domain::sla_plan::{PlanStatus, SlaPlan, SurveyRules};
use domain::survey::QuestionnaireId;

use super::apply::{ChangePlan, Names, Place};
use super::file::{Document, Reason, Subject};
use super::plans::{PlanEntry, PlansFile};
use super::subjects::entries;
use super::versions::Versions;
use crate::store::StoreError;

/// A new or changed plan.
#[derive(Debug, Clone)]
pub(super) struct PlanDraft {
    /// `None` for a new one.
    pub(super) id: Option<i64>,
    pub(super) name: String,
    pub(super) terms: SlaPlan,
    pub(super) status: PlanStatus,
    /// Name of its calendar.
    pub(super) calendar: String,
    /// Name of its questionnaire; `None` for the standing questions.
    pub(super) questionnaire: Option<String>,
}

impl ChangePlan {
    /// Compares the plans of a file, which use the calendars and questionnaires that the desk would have.
    pub(super) fn read_plans(&mut self, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        let Some(PlansFile { plan: read }) = self.read_document(document) else { return Ok(()) };
        let entries: Vec<PlanEntry> = entries(&self.base);
        let known = Names::known(&self.base.plans, &all.plans, self.effective_from);
        let given = Names::given(read.iter().map(|entry| (entry.id, entry.name.as_str())));
        // A calendar or questionnaire with a problem looks like a missing one.
        let are_others_right = self.problems.is_empty();
        let places = self.places(document, &known, &given);
        for (index, (entry, place)) in read.into_iter().zip(places).enumerate() {
            let before = match place {
                Place::Is(at) => Some(at),
                Place::New => None,
                Place::Unknown => continue,
            };
            let terms = before.map(|at| &self.base.plans[at].content.terms);
            let checked = match entry.clone().checked(terms) {
                Ok(checked) => checked,
                Err((key, reason)) => {
                    self.problems.push(document.wrong(index, &key, reason));
                    continue;
                }
            };
            let id = before.and_then(|at| entries[at].id);
            let written = entry.written(id);
            if !self.calendars_then.iter().any(|calendar| calendar.name == written.calendar) {
                if are_others_right {
                    let reason = Reason::UnknownCalendar(written.calendar);
                    self.problems.push(document.wrong(index, "calendar", reason));
                }
                continue;
            }
            if written.status == PlanStatus::Retired
                && id.is_some_and(|id| Country::ALL.into_iter().any(|country| country.default_plan() == id))
            {
                self.problems.push(document.wrong(index, "status", Reason::DefaultPlan));
                continue;
            }
            if let Some(name) = written.questionnaire()
                && !self.questionnaires_then.iter().any(|(_, other)| other == name)
            {
                if are_others_right {
                    let reason = Reason::UnknownQuestionnaire(name.to_owned());
                    self.problems.push(document.wrong(index, &format!("survey.{}", "questionnaire"), reason));
                }
                continue;
            }
            let before = before.map(|at| self.renamed(&entries[at]));
            if self.compare(Subject::Plans, &written.name, id, before.as_ref(), &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Plans, id));
                self.refuse_outdated(document, index, written.version, newest);
                let questionnaire = written.questionnaire().map(str::to_owned);
                let PlanEntry { name, calendar, status, .. } = written;
                self.plans.push(PlanDraft { id, name, terms: checked, status, calendar, questionnaire });
            }
        }
        Ok(())
    }

    /// The entry of a plan under the new names of its calendar and questionnaire: to rename one is no change of the plan.
    fn renamed(&self, entry: &PlanEntry) -> PlanEntry {
        let (calendars, questionnaires) = (&self.calendars_then, &self.questionnaires_then);
        let version = self.base.plans.iter().find(|version| Some(version.id) == entry.id);
        let now = version.and_then(|version| {
            calendars.iter().find(|calendar| calendar.id == Some(version.content.calendar))
        });
        let entry = now.map_or_else(|| entry.clone(), |calendar| entry.on_calendar(&calendar.name));
        let asked = version.and_then(|version| version.content.terms.survey().asks);
        let now = asked.and_then(|asked| questionnaires.iter().find(|(id, _)| *id == Some(asked.0)));
        now.map_or_else(|| entry.clone(), |(_, name)| entry.on_questionnaire(name))
    }
}

/// The terms with the questionnaire of this name.
pub(super) fn asking(
    terms: &SlaPlan,
    name: Option<&str>,
    questionnaires: &[(i64, String)],
) -> Result<SlaPlan, StoreError> {
    let Some(name) = name else { return Ok(terms.clone()) };
    let found = questionnaires.iter().find(|(_, other)| other == name);
    let (id, _) = found.ok_or_else(|| StoreError::inconsistent("questionnaires", name))?;
    let survey = SurveyRules { asks: Some(QuestionnaireId(*id)), ..terms.survey().clone() };
    terms.clone().with_survey(survey).map_err(|error| StoreError::inconsistent("plans", error))
}
