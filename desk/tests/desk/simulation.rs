//! Simulations of some days with all faults: no inconsistencies at the end, and equal results for equal seeds on each
//! engine.

use desk::lab::simulation::{Outcome, Settings, SimulationError, run};
use desk::store::Engine;

use crate::support::{TestDesk, both_engines, is_in_reach};

both_engines! {
    simulation_is_refused_on_a_database_in_use,
}

async fn simulated(at: &TestDesk, seed: u64, cases: u32) -> Result<Outcome, SimulationError> {
    let settings = Settings { cases, seed, days: 12, database: at.address.clone() };
    // The simulation has its own runtimes.
    tokio::task::spawn_blocking(move || run(&settings)).await.unwrap()
}

/// Rare events, which occur among so many cases.
const RARE: [&str; 4] = ["event.duplicate", "event.related", "event.followed_by", "visit.event.attached"];
const MANY: u32 = 72;

#[tokio::test]
async fn simulation_of_faults_leaves_no_inconsistency_and_ends_alike_on_both_engines() {
    let mut digests = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres].into_iter().filter(|engine| is_in_reach(*engine)) {
        let at = TestDesk::open(engine).await;
        let outcome = simulated(&at, 21, MANY).await.unwrap();
        assert_eq!(outcome.inconsistencies, Vec::<String>::new(), "{engine:?}");
        let faults = outcome.faults;
        let fired = [
            faults.killed_idle,
            faults.killed_in_transaction,
            faults.killed_before_answer,
            faults.killed_with_mail,
            faults.mails_put_off,
            faults.mails_twice,
            faults.long_transactions,
            faults.conflicts,
        ];
        assert!(fired.iter().all(|count| *count > 0), "{engine:?}: {faults:?}");
        assert!(outcome.cases > u64::from(MANY), "{engine:?}: some took another up: {outcome:?}");
        assert!(outcome.events > 300 && outcome.refused > 0, "{engine:?}: {outcome:?}");
        assert!(
            RARE.iter().all(|kind| outcome.happened.contains_key(kind)),
            "{engine:?}: {:?}",
            outcome.happened
        );
        assert!(outcome.happened.len() > 30, "{engine:?}: {:?}", outcome.happened);
        let kept: u64 = outcome.targets.iter().map(|counts| counts.met).sum();
        let missed: u64 = outcome.targets.iter().map(|counts| counts.breached).sum();
        assert!(kept > 40 && missed > 0, "{engine:?}: {:?}", outcome.targets);
        digests.push(outcome.digest);
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "each engine tells the same story");
}

#[tokio::test]
async fn simulation_is_determined_by_its_seed() {
    let mut digests = Vec::new();
    for seed in [3, 3, 4] {
        let at = TestDesk::open(Engine::Sqlite).await;
        digests.push(simulated(&at, seed, 5).await.unwrap().digest);
    }
    assert_eq!(digests[0], digests[1]);
    assert_ne!(digests[1], digests[2]);
}

async fn simulation_is_refused_on_a_database_in_use(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let refused = simulated(&at, 1, 1).await;
    assert!(matches!(refused, Err(SimulationError::NotEmpty)), "{refused:?}");
}
