//! Invariants of the update clocks over random histories.

use super::{HOUR, correct, customer, logged, message, news, opened, other_plan, reason, under, wait};
use domain::case::{Channel, Command, PauseReason, PriorityInputs, RevisionCommand, SlaClock, TimerState};
use domain::priority::{Severity, Urgency};
use domain::sla_plan::SlaMetric;
use domain::time::Instant;
use proptest::prelude::*;

use crate::case::{agent, resolve};

#[derive(Debug, Clone, Copy)]
enum Step {
    Contact,
    News,
    Commit,
    Message,
    Wait,
    Resume,
    Weigh,
    Lighten,
    Correct,
    Resolve,
    Reopen,
}

const STEPS: [Step; 11] = [
    Step::Contact,
    Step::News,
    Step::Commit,
    Step::Message,
    Step::Wait,
    Step::Resume,
    Step::Weigh,
    Step::Lighten,
    Step::Correct,
    Step::Resolve,
    Step::Reopen,
];

fn command(step: Step, now: Instant) -> Command {
    let weigh = |severity, urgency| {
        let to = PriorityInputs { severity, urgency };
        Command::Revision(RevisionCommand::Reprioritize { to, reason: reason("Reclasificado") })
    };
    match step {
        Step::Contact => logged(),
        Step::News => news("Seguimos en ello", None),
        Step::Commit => news("Le llamo luego", Some(now.plus(4 * HOUR))),
        Step::Message => message("¿Cómo va?"),
        Step::Wait => wait(PauseReason::Customer, now.plus(5 * HOUR)),
        Step::Resume => Command::Resume,
        Step::Weigh => weigh(Severity::Critical, Urgency::Critical),
        Step::Lighten => weigh(Severity::Low, Urgency::Low),
        Step::Correct => correct(Some(under(other_plan()))),
        Step::Resolve => resolve("Cable reemplazado"),
        Step::Reopen => Command::Verify {
            verdict: domain::case::Verdict::StillFails,
            channel: Some(Channel::Phone),
            who: None,
            said: None,
        },
    }
}

proptest! {
    /// For any history: used and remaining time add up to the target, and at most one update target is open.
    /// Explanations add up, a breach is permanent, and an owed update has a clock.
    #[test]
    fn invariants_hold_for_any_history_of_contacts_and_messages(
        steps in prop::collection::vec((1..30_000_i64, prop::sample::select(&STEPS[..])), 0..30),
    ) {
        let (mut history, hours, monday) = opened();
        let customer = customer(&history);
        let mut after_s = 0;
        let mut broken = std::collections::BTreeSet::new();
        for (wait_s, step) in steps {
            after_s += wait_s;
            let now = monday.plus(after_s);
            let actor = if matches!(step, Step::Message) { customer.clone() } else { agent() };
            let _ = history.ask(after_s, command(step, now), &actor, &hours);
            let case = history.case();
            let open = case.clocks(&hours.spans, now);
            for clock in &open {
                let reading = clock.reading(&hours.spans, now);
                prop_assert_eq!(reading.used_s + reading.remaining_s, clock.applied_target_s());
                prop_assert!(reading.used_s >= 0);
                let explained: i64 = case.explain(clock.kind, &hours.spans, now).iter().map(|s| s.counted_s).sum();
                prop_assert_eq!(explained, clock.used_s);
            }
            let is_news = |clock: &&SlaClock| matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate);
            let running = open.iter().filter(is_news).filter(|clock| clock.run != TimerState::Stopped).count();
            match (case.resolved_at(), case.first_contact()) {
                (Some(_), _) => prop_assert_eq!(running, 0),
                (None, Some(_)) => prop_assert_eq!(running, 1),
                // Before the first contact an update is owed only by a commitment.
                (None, None) => prop_assert!(running <= 1),
            }
            let all = open.into_iter().chain(case.past_updates(&hours.spans, now));
            let all: Vec<_> = all.chain(case.past_clocks(&hours.spans, now)).collect();
            let now_broken: std::collections::BTreeSet<_> = all
                .iter()
                .filter(|clock| clock.breach.is_some())
                .map(|clock| (clock.kind, clock.cycle))
                .collect();
            prop_assert!(broken.is_subset(&now_broken), "{:?} {:?}", broken, now_broken);
            broken = now_broken;
            for entry in history.entries() {
                let json = serde_json::to_string(entry).unwrap();
                prop_assert_eq!(&serde_json::from_str::<domain::case::Recorded>(&json).unwrap(), entry);
            }
        }
    }
}
