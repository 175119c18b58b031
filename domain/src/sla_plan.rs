//! SLA plans: targets per priority in business seconds, warning levels, the matrix and the rules. Versioned as one.

mod no_show;
mod status;
mod survey_rules;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::no_show::NoShowRule;
pub use self::status::{Kept, PlanStatus};
pub use self::survey_rules::{LowScore, SurveyRules};
use crate::priority::{Matrix, Priority};

/// The latest first response that the letter allows (step 5), in seconds: one hour, whatever the priority.
pub const FIRST_RESPONSE_CEILING_S: i64 = 3600;

choices! {
    /// What an SLA target measures.
    #[derive(PartialOrd, Ord)]
    pub enum SlaMetric: "clock" {
        /// From the opening to the first logged contact with the customer.
        FirstResponse = "attention",
        /// From one update to the customer to the next.
        NextUpdate = "update",
        /// To the moment that the desk committed to for the next update. It counts every second of the day, and no
        /// pause moves it.
        CommittedUpdate = "committed",
        /// From the agreed window to the arrival at the site.
        OnSite = "on_site",
        /// From the opening to the resolution.
        Resolution = "resolution",
    }
}

/// The targets of one priority, in seconds of business time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaTargets {
    /// From the opening to the first contact.
    #[serde(rename = "attention_s")]
    pub first_response_s: i64,
    /// From one update to the next.
    pub update_s: i64,
    /// From the opening to the resolution.
    pub resolution_s: i64,
}

impl SlaTargets {
    /// The target of one metric, in seconds of business time. `None` for what people agree on: a committed update, or
    /// the window of a visit.
    #[must_use]
    pub const fn of(&self, kind: SlaMetric) -> Option<i64> {
        match kind {
            SlaMetric::FirstResponse => Some(self.first_response_s),
            SlaMetric::NextUpdate => Some(self.update_s),
            SlaMetric::Resolution => Some(self.resolution_s),
            SlaMetric::CommittedUpdate | SlaMetric::OnSite => None,
        }
    }
}

/// Why the terms of a plan are refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SlaPlanProblem {
    /// The first response is later than the letter allows: lower it to an hour or less.
    #[error("{} attention target of {first_response_s} s is above the letter's one hour", priority.code())]
    FirstResponseAboveCeiling {
        /// The priority.
        priority: Priority,
        /// The refused target, in seconds.
        first_response_s: i64,
    },
    /// A target is below one second.
    #[error("{} has a target that is not positive", priority.code())]
    NotPositive {
        /// The priority.
        priority: Priority,
    },
    /// Reminder days must rise from 1, and lie before the decision day.
    #[error("days of reminders must rise, begin at 1 and lie before the day of decision")]
    ReminderDays,
    /// The waiting time of a no-show must not be negative.
    #[error("the wait before a no-show counts is below zero")]
    NoShow,
    /// The survey needs time to answer and to call again, and marks that exist.
    #[error("the survey's days, times or marks cannot be kept")]
    Survey,
    /// Warning levels must rise, from 1 to 100 per cent.
    #[error("warning levels must rise and lie between 1 and 100 per cent")]
    Levels,
}

/// The resolution target of a reopened case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenBudget {
    /// The whole target. The time used before remains with its own cycle.
    #[default]
    Fresh,
    /// The rest of earlier cycles, at least one second.
    Remaining,
}

/// Rules between resolution and closing, in business days at the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingRules {
    /// Days after the resolution on which the customer is reminded of the verification; rising.
    pub reminder_days: Vec<u32>,
    /// Days without a verification after which the staff must decide. No case closes by time alone.
    pub decision_days: u32,
    /// Days after closing within which the case can be reopened.
    pub reopen_days: u32,
    /// The resolution target of the new cycle.
    pub reopen_budget: ReopenBudget,
}

impl Default for ClosingRules {
    /// Reminders after one and three days, a decision after five, reopening within five.
    fn default() -> Self {
        Self {
            reminder_days: vec![1, 3],
            decision_days: 5,
            reopen_days: 5,
            reopen_budget: ReopenBudget::default(),
        }
    }
}

/// Limits of pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingRules {
    /// The longest time of all pauses of a case together, in days of 24 hours. Ended pauses count their length, a new
    /// one its expected length.
    pub max_total_days: u32,
}

impl Default for WaitingRules {
    /// Ninety days in all.
    fn default() -> Self {
        Self { max_total_days: 90 }
    }
}

/// The terms of a plan in one version. A case keeps the version of its opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct SlaPlan {
    version: u32,
    targets: [SlaTargets; 4],
    warning_levels: Vec<u8>,
    matrix: Matrix,
    closing: ClosingRules,
    waiting: WaitingRules,
    survey: SurveyRules,
    no_show: NoShowRule,
}

/// Terms as deserialised, not yet checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    version: u32,
    targets: [SlaTargets; 4],
    warning_levels: Vec<u8>,
    matrix: Matrix,
    #[serde(default)]
    closing: ClosingRules,
    #[serde(default)]
    waiting: WaitingRules,
    #[serde(default)]
    survey: SurveyRules,
    #[serde(default, skip_serializing_if = "is_default")]
    no_show: NoShowRule,
}

/// A default rule is not serialised, so that plans from before the rule keep their stored form.
fn is_default(rule: &NoShowRule) -> bool {
    *rule == NoShowRule::default()
}

impl TryFrom<Draft> for SlaPlan {
    type Error = SlaPlanProblem;

    fn try_from(draft: Draft) -> Result<Self, Self::Error> {
        let terms = Self::new(draft.version, draft.targets, draft.warning_levels, draft.matrix)?;
        if matches!(draft.no_show, NoShowRule::CustomersFault { wait_s } if wait_s < 0) {
            return Err(SlaPlanProblem::NoShow);
        }
        let terms = terms.with_closing(draft.closing)?.with_waiting(draft.waiting);
        terms.with_no_show(draft.no_show).with_survey(draft.survey)
    }
}

impl From<SlaPlan> for Draft {
    fn from(terms: SlaPlan) -> Self {
        let SlaPlan { version, targets, warning_levels, matrix, closing, waiting, survey, no_show } = terms;
        Self { version, targets, warning_levels, matrix, closing, waiting, survey, no_show }
    }
}

impl SlaPlan {
    /// Checks the terms of a plan. `targets` run from P1 to P4.
    ///
    /// # Errors
    /// See [`SlaPlanProblem`].
    pub fn new(
        version: u32,
        targets: [SlaTargets; 4],
        warning_levels: Vec<u8>,
        matrix: Matrix,
    ) -> Result<Self, SlaPlanProblem> {
        for (priority, of) in Priority::ALL.into_iter().zip(&targets) {
            if of.first_response_s > FIRST_RESPONSE_CEILING_S {
                return Err(SlaPlanProblem::FirstResponseAboveCeiling {
                    priority,
                    first_response_s: of.first_response_s,
                });
            }
            if SlaMetric::ALL.into_iter().filter_map(|kind| of.of(kind)).any(|target_s| target_s <= 0) {
                return Err(SlaPlanProblem::NotPositive { priority });
            }
        }
        let rising = warning_levels.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || warning_levels.iter().any(|level| *level == 0 || *level > 100) {
            return Err(SlaPlanProblem::Levels);
        }
        Ok(Self {
            version,
            targets,
            warning_levels,
            matrix,
            closing: ClosingRules::default(),
            waiting: WaitingRules::default(),
            survey: SurveyRules::default(),
            no_show: NoShowRule::default(),
        })
    }

    /// The same terms with other closing rules.
    ///
    /// # Errors
    /// [`SlaPlanProblem::ReminderDays`].
    pub fn with_closing(self, closing: ClosingRules) -> Result<Self, SlaPlanProblem> {
        let days = &closing.reminder_days;
        let rising = days.windows(2).all(|pair| pair[0] < pair[1]);
        let before_decision = days.last().is_none_or(|last| *last < closing.decision_days);
        // Reminders are counted in eight bits.
        if !rising || !before_decision || days.first() == Some(&0) || days.len() > 200 {
            return Err(SlaPlanProblem::ReminderDays);
        }
        Ok(Self { closing, ..self })
    }

    /// The same terms with another limit of pauses.
    #[must_use]
    pub fn with_waiting(self, waiting: WaitingRules) -> Self {
        Self { waiting, ..self }
    }

    /// The limits of pauses.
    #[must_use]
    pub const fn waiting(&self) -> &WaitingRules {
        &self.waiting
    }

    /// The same terms with another no-show rule.
    #[must_use]
    pub fn with_no_show(self, no_show: NoShowRule) -> Self {
        Self { no_show, ..self }
    }

    /// The no-show rule.
    #[must_use]
    pub const fn no_show(&self) -> NoShowRule {
        self.no_show
    }

    /// The same terms with other survey rules.
    ///
    /// # Errors
    /// [`SlaPlanProblem::Survey`].
    pub fn with_survey(self, survey: SurveyRules) -> Result<Self, SlaPlanProblem> {
        if survey.hold() { Ok(Self { survey, ..self }) } else { Err(SlaPlanProblem::Survey) }
    }

    /// The survey rules.
    #[must_use]
    pub const fn survey(&self) -> &SurveyRules {
        &self.survey
    }

    /// The rules between resolution and closing.
    #[must_use]
    pub const fn closing(&self) -> &ClosingRules {
        &self.closing
    }

    /// Counts up with every change of the plan.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The targets of a priority.
    #[must_use]
    pub const fn targets(&self, priority: Priority) -> &SlaTargets {
        &self.targets[priority.index()]
    }

    /// Warning levels: shares of a target in per cent, rising.
    #[must_use]
    pub fn warning_levels(&self) -> &[u8] {
        &self.warning_levels
    }

    /// The matrix of severity and urgency.
    #[must_use]
    pub const fn matrix(&self) -> &Matrix {
        &self.matrix
    }
}

impl Default for SlaPlan {
    /// First response within 15, 30, 60 and 60 minutes (the letter caps it at an hour). Updates after 1, 2, 4 and 8
    /// hours. Resolution within 8, 16, 24 and 40 business hours, as other desks publish.
    ///
    /// A change here must increase `version`: existing databases get the next version of their default plans by it.
    fn default() -> Self {
        const fn targets(attention_min: i64, update_h: i64, resolution_h: i64) -> SlaTargets {
            SlaTargets {
                first_response_s: attention_min * 60,
                update_s: update_h * 3600,
                resolution_s: resolution_h * 3600,
            }
        }
        Self {
            version: 1,
            targets: [targets(15, 1, 8), targets(30, 2, 16), targets(60, 4, 24), targets(60, 8, 40)],
            warning_levels: vec![50, 75, 90, 100],
            matrix: Matrix::default(),
            closing: ClosingRules::default(),
            waiting: WaitingRules::default(),
            no_show: NoShowRule::default(),
            survey: SurveyRules::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_response_target_above_an_hour_is_refused() {
        let mut draft = Draft::from(SlaPlan::default());
        draft.targets[3].first_response_s = 3601;
        let refused = SlaPlan::try_from(draft);
        assert_eq!(
            refused,
            Err(SlaPlanProblem::FirstResponseAboveCeiling { priority: Priority::P4, first_response_s: 3601 })
        );
    }

    #[test]
    fn zero_targets_are_refused() {
        type Take = fn(&mut SlaTargets);
        let fields: [Take; 3] =
            [|of| of.first_response_s = 0, |of| of.update_s = 0, |of| of.resolution_s = -1];
        for take in fields {
            let mut draft = Draft::from(SlaPlan::default());
            take(&mut draft.targets[1]);
            let refused = SlaPlan::try_from(draft);
            assert_eq!(refused, Err(SlaPlanProblem::NotPositive { priority: Priority::P2 }));
        }
    }

    #[test]
    fn reminder_days_are_validated_when_deserialised() {
        let mut draft = Draft::from(SlaPlan::default());
        draft.closing.reminder_days = vec![3, 1];
        assert_eq!(SlaPlan::try_from(draft), Err(SlaPlanProblem::ReminderDays));
    }

    #[test]
    fn plan_with_an_arrival_target_deserialises() {
        let json = serde_json::to_string(&SlaPlan::default()).unwrap();
        let older = json.replace("\"resolution_s\"", "\"on_site_s\":14400,\"resolution_s\"");
        assert_ne!(older, json);
        assert_eq!(serde_json::from_str::<SlaPlan>(&older).unwrap(), SlaPlan::default());
    }

    #[test]
    fn plan_is_validated_when_deserialised() {
        let json = serde_json::to_string(&SlaPlan::default()).unwrap();
        assert_eq!(serde_json::from_str::<SlaPlan>(&json).unwrap(), SlaPlan::default());
        let bad = json.replace("[50,75,90,100]", "[50,50]");
        assert!(serde_json::from_str::<SlaPlan>(&bad).is_err());
    }
}
