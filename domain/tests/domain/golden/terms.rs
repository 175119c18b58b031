//! Terms of plans and openings, and clocks at an instant.

use domain::case::{
    Band, Breach, BreachedTarget, ClockState, Explained, Measured, PauseReason, SlaClock, SlaCompliance,
    SlaResult, StoodUnder, TimerState, TransitionKind, WhyNot,
};
use domain::sla_plan::{
    ClosingRules, LowScore, NoShowRule, PlanStatus, ReopenBudget, SlaMetric, SlaPlan, SlaTargets,
    SurveyRules, WaitingRules,
};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    plans().into_iter().chain(clocks()).collect()
}

fn plans() -> Vec<Golden> {
    let no_shows = [NoShowRule::Neutral, NoShowRule::CustomersFault { wait_s: 1200 }];
    let low = [None, Some(4)].map(|recommend_at_most| LowScore { scale_at_most: 2, recommend_at_most });
    vec![
        golden!("terms", SlaPlan, [terms(), terms_with_everything()]),
        golden!("targets", SlaTargets, [targets()]),
        golden!("closing_rules", ClosingRules, [closing_rules()]),
        golden!("reopen_budget", ReopenBudget { Fresh, Remaining }),
        golden!("plan_status", PlanStatus { Active, Retired }),
        golden!("waiting_rules", WaitingRules, [WaitingRules { max_total_days: 90 }]),
        golden!("no_show_rule", NoShowRule { Neutral, CustomersFault }, no_shows),
        golden!("survey_rules", SurveyRules, [survey_rules(None), survey_rules(Some(questionnaire()))]),
        golden!("low_score", LowScore, low),
    ]
}

fn clocks() -> Vec<Golden> {
    let unbroken =
        SlaClock { run: TimerState::Paused { until: at(30) }, used_up: None, breach: None, ..clock() };
    let runs =
        [TimerState::Running, TimerState::Paused { until: at(30) }, TimerState::Stopped, TimerState::Void];
    let nowhere = || StoodUnder { contract: None, calendar: None, ..stood_under() };
    let missed = [Some(stood_under()), None].map(|under| BreachedTarget { clock: clock(), under });
    vec![
        golden!("clock", SlaClock, [clock(), unbroken]),
        golden!("clock_kind", SlaMetric { FirstResponse, NextUpdate, CommittedUpdate, OnSite, Resolution }),
        golden!("clock_run", TimerState { Running, Paused, Stopped, Void }, runs),
        golden!("clock_state", ClockState { Breached, Warning, Running, Paused, Met, Void }),
        golden!("breach", Breach, [breach(), breach_of_date()]),
        golden!("stood_under", StoodUnder, [stood_under(), nowhere()]),
        golden!("missed_promise", BreachedTarget, missed),
        golden!("kept", SlaResult { Met, Breached, Cancelled }),
        golden!("measured", Measured, [measured(), measured_unbroken()]),
        golden!("outcome", SlaCompliance { Met, Breached }),
        golden!("step", TransitionKind { Resolved, Reopened }),
        golden!("band", Band { AtRisk, OnTrack, Paused, Breached, Done }),
        golden!("explained", Explained, [explained()]),
        golden!("why_not", WhyNot { Counted, OutsideHours, Closed, Paused }, why_not()),
    ]
}

pub(super) fn measured() -> Measured {
    Measured {
        kind: SlaMetric::FirstResponse,
        cycle: 1,
        span: span(0, 16),
        business_s: 960,
        target_s: 900,
        breach: Some(breach()),
        result: SlaResult::Breached,
        under: Some(stood_under()),
    }
}

fn measured_unbroken() -> Measured {
    Measured { breach: None, result: SlaResult::Met, under: None, ..measured() }
}

pub(super) fn explained() -> Explained {
    Explained { span: span(0, 10), counted_s: 600, why: WhyNot::Counted }
}

fn why_not() -> [WhyNot; 4] {
    [
        WhyNot::Counted,
        WhyNot::OutsideHours,
        WhyNot::Closed("Día local".into()),
        WhyNot::Paused(PauseReason::SparePart),
    ]
}
