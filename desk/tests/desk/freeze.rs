//! A node that stops in the middle of its work: a paused machine, a stuck disk. Its connection stays open and silent.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{PUBLIC_URL, TestDesk, a_case, an_opening, is_in_reach};
use desk::Desk;
use desk::Ports;
use desk::cases::open::open_case;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::actor::Actor;
use sqlx::AnyConnection;

/// The variable with the stopped node's database.
const DATABASE: &str = "VIGIA_TEST_FREEZE_DATABASE";
/// Name of its connections.
const NAME: &str = "vigia_test_freeze";
/// Longer than any correct wait.
const FOR_EVER: Duration = Duration::from_mins(1);

/// Another process of this program, which writes until it is killed.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Node {
    fn start(address: &str) -> Self {
        let join = if address.contains('?') { '&' } else { '?' };
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "freeze::writing_node", "--ignored"])
            .env(DATABASE, format!("{address}{join}application_name={NAME}"))
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn signal(&self, name: &str) {
        let told = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Stops it while it writes.
    async fn stop_in_mid_write(&self, connection: &mut AnyConnection) {
        loop {
            self.signal("-STOP");
            // On a busy machine a thread may run on for a while.
            while !self.is_stopped() {
                tokio::task::yield_now().await;
            }
            // Statements sent before the stop end between the two checks.
            if is_writing(connection).await && is_writing(connection).await {
                return;
            }
            self.signal("-CONT");
        }
    }

    /// Whether all its threads are stopped.
    fn is_stopped(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.0.id())).unwrap();
        threads.map(Result::unwrap).all(|thread| {
            // A thread that has ended meanwhile is not running either.
            let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('T'))
        })
    }
}

/// Whether the node has begun a transaction that writes, and holds its locks.
async fn is_writing(connection: &mut AnyConnection) -> bool {
    let (held,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database() AND a.application_name = $1",
    )
    .bind(NAME)
    .fetch_one(connection)
    .await
    .unwrap();
    held > 0
}

/// Number of cases.
async fn cases(connection: &mut AnyConnection) -> i64 {
    sqlx::query_as::<_, (i64,)>("SELECT COUNT(*) FROM cases").fetch_one(connection).await.unwrap().0
}

#[tokio::test]
#[ignore = "the other process of the test below"]
async fn writing_node() {
    let Ok(address) = std::env::var(DATABASE) else { return };
    let desk = Desk::open(&address, PUBLIC_URL, Ports::system()).await.unwrap();
    for number in 0_u64.. {
        // By both of its queues. What fails is a commit on a lost connection.
        let _ = open_case(&desk, &Actor::Anonymous, an_opening(&format!("of-the-node-{number}"))).await;
        let _ = desk.store().probe(desk.now()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_frozen_in_mid_write_blocks_no_other_node() {
    if is_in_reach(Engine::Postgres) {
        freeze_twenty_times(&TestDesk::with_register(Engine::Postgres).await).await;
    }
}

async fn freeze_twenty_times(at: &TestDesk) {
    let mut connection = at.connection().await;
    let node = Node::start(&at.address);
    let mut longest = Duration::ZERO;
    for round in 0..20 {
        // It continues by itself after each stop.
        let before = cases(&mut connection).await;
        while cases(&mut connection).await < before + 3 {
            tokio::task::yield_now().await;
        }
        node.stop_in_mid_write(&mut connection).await;
        let begun = Instant::now();
        let opening = tokio::time::timeout(FOR_EVER, a_case(&at.desk)).await;
        longest = longest.max(begun.elapsed());
        assert!(node.is_stopped());
        opening.unwrap_or_else(|_| panic!("the other node waits for the one that stopped, round {round}"));
        let while_stopped = cases(&mut connection).await;
        // What it held is taken from it, whether or not the opening needed it.
        while is_writing(&mut connection).await {
            tokio::task::yield_now().await;
        }
        assert!(node.is_stopped());
        assert_eq!(cases(&mut connection).await, while_stopped);
        node.signal("-CONT");
    }
    drop(node);
    eprintln!("the longest that an opening took beside a node that had stopped: {longest:?}");
    let proof = check(&at.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(proof.inconsistencies, [], "nothing was written on locks that were lost");
}
