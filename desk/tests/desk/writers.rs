//! Several nodes that write at the same time on `PostgreSQL`: none waits for another's transaction, and readers miss
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::cases::wall::missed;
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::live::feed::{self, Item};
use desk::store::Engine;
use desk::{Desk, DeskError};
use domain::actor::{Actor, DisplayId, Role, Scope};
use domain::case::{Command, LinkCommand, PauseReason};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::intake::IntakeForm;
use futures::future::{join, join_all};
use sqlx::{AnyConnection, Executor};
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use crate::support::{
    START, TestDesk, a_case, a_form, an_opening, both_engines, contact, is_in_reach, note, page, staff,
};

both_engines! {
    numbers_go_on_above_those_of_another_database,
}

/// Followers at each of two nodes.
const FOLLOWERS: usize = 25;

/// A test of two nodes over one database.
macro_rules! two_nodes {
    ($($name:ident),+ $(,)?) => {
        mod two_nodes {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if super::is_in_reach(super::Engine::Postgres) {
                    let at = super::TestDesk::with_register(super::Engine::Postgres).await;
                    let other = at.another().await;
                    super::$name(at, other).await;
                }
            }
        )+}
    };
}

two_nodes! {
    held_transaction_of_one_node_delays_no_opening_and_no_other_case,
    openings_get_consecutive_numbers_in_each_country,
    same_submission_opens_one_case,
    one_of_two_commands_on_the_same_version_conflicts,
    facts_of_both_nodes_are_recorded_once,
    links_between_two_cases_are_set_from_both_sides,
    allowance_of_a_mailbox_is_shared,
    followers_see_what_the_table_has_and_each_change_once,
}

fn opening(key: &str, at: &demo::Sample) -> OpenCase {
    OpenCase { report: a_form(at).report().unwrap(), ..an_opening(key) }
}

async fn open(desk: &Desk, opening: OpenCase) -> CaseNumber {
    open_case(desk, &Actor::Anonymous, opening).await.unwrap().number
}

/// Begins a transaction that locks the row of a case, as one that has stopped in the middle of a command.
async fn hold(connection: &mut AnyConnection, number: CaseNumber) {
    connection.execute("BEGIN").await.unwrap();
    sqlx::query("SELECT number FROM cases WHERE number = $1 FOR UPDATE")
        .bind(number.as_compact())
        .fetch_one(connection)
        .await
        .unwrap();
}

/// Waits until a transaction waits for another's.
async fn somebody_waits(connection: &mut AnyConnection) {
    let text = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_as::<_, (i64,)>(text).fetch_one(&mut *connection).await.unwrap().0 == 0 {
        tokio::task::yield_now().await;
    }
}

async fn proves_whole(desk: &Desk) {
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn held_transaction_of_one_node_delays_no_opening_and_no_other_case(at: TestDesk, other: Desk) {
    let (held, free) = (a_case(&at.desk).await.number, open(&at.desk, an_opening("a-free-case-0001")).await);
    let (mut holding, mut looking) = (at.connection().await, at.connection().await);
    hold(&mut holding, held).await;
    let agent = staff(Role::Agent);
    let (desk, by) = (at.desk.clone(), agent.clone());
    let waiting =
        tokio::spawn(async move { execute_command(&desk, &by, held, Expected::Version(1), contact()).await });
    somebody_waits(&mut looking).await;
    for (place, desk) in [&at.desk, &other].into_iter().cycle().take(10).enumerate() {
        open(desk, an_opening(&format!("beside-a-held-case-{place}"))).await;
        execute_command(desk, &agent, free, Expected::Any, contact()).await.unwrap();
    }
    assert!(!waiting.is_finished(), "it waits for its own case");
    holding.execute("ROLLBACK").await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), 2);
    proves_whole(&at.desk).await;
}

async fn openings_get_consecutive_numbers_in_each_country(at: TestDesk, other: Desk) {
    let places = [&demo::CARACAS, &demo::BOGOTA];
    let openings = (0..60).map(|nth| {
        let desk = if nth % 2 == 0 { &at.desk } else { &other };
        open(desk, opening(&format!("of-two-nodes-{nth:04}"), places[nth / 2 % 2]))
    });
    let mut series: BTreeMap<Country, BTreeSet<u32>> = BTreeMap::new();
    for number in join_all(openings).await {
        assert!(series.entry(number.country()).or_default().insert(number.sequence()), "{number} twice");
    }
    let expected: BTreeSet<u32> = (1..=30).collect();
    assert!(series.len() == 2 && series.values().all(|numbers| *numbers == expected), "{series:?}");
    proves_whole(&at.desk).await;
}

async fn same_submission_opens_one_case(at: TestDesk, other: Desk) {
    let openings = (0..12).map(|nth| {
        let desk = if nth % 2 == 0 { &at.desk } else { &other };
        open(desk, an_opening("one-key-at-two-nodes"))
    });
    let numbers: BTreeSet<CaseNumber> = join_all(openings).await.into_iter().collect();
    assert_eq!(numbers.len(), 1);
    let file = page(&at.desk, *numbers.first().unwrap()).await;
    assert_eq!((file.history.len(), file.mails.len()), (1, 1));
}

async fn one_of_two_commands_on_the_same_version_conflicts(at: TestDesk, other: Desk) {
    let agent = staff(Role::Agent);
    for round in 0..12 {
        let number = open(&at.desk, an_opening(&format!("commanded-by-two-{round:02}"))).await;
        execute_command(&at.desk, &agent, number, Expected::Version(1), contact()).await.unwrap();
        let pause = || Command::Pause {
            reason: PauseReason::SparePart,
            detail: None,
            until: START.plus(86_400),
            allowed_by: None,
        };
        let (one, two) = join(
            execute_command(&at.desk, &agent, number, Expected::Version(2), pause()),
            execute_command(&other, &agent, number, Expected::Version(2), pause()),
        )
        .await;
        let refused = match (one, two) {
            (Ok(3), Err(refused)) | (Err(refused), Ok(3)) => refused,
            both => panic!("one of them comes first: {both:?}"),
        };
        assert!(matches!(refused, DeskError::Conflict { seen: 2, .. }), "{refused:?}");
    }
    proves_whole(&at.desk).await;
}

async fn facts_of_both_nodes_are_recorded_once(at: TestDesk, other: Desk) {
    let number = a_case(&at.desk).await.number;
    let agent = staff(Role::Agent);
    let notes = (0..40).map(|nth| {
        let desk = if nth % 2 == 0 { &at.desk } else { &other };
        let command = Command::AddNote {
            audience: domain::case::Audience::Internal,
            text: note(&format!("Nota {nth}")),
        };
        execute_command(desk, &agent, number, Expected::Any, command)
    });
    let versions: BTreeSet<u32> = join_all(notes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(versions, (2..=41).collect());
    proves_whole(&at.desk).await;
}

async fn links_between_two_cases_are_set_from_both_sides(at: TestDesk, other: Desk) {
    let agent = staff(Role::Agent);
    for round in 0..8 {
        let key = |side: &str| an_opening(&format!("linked-{side}-{round:04}"));
        let (one, two) = (open(&at.desk, key("one")).await, open(&other, key("two")).await);
        let relate = |other| Command::Link(LinkCommand::Relate { other, known: None });
        let both = join(
            execute_command(&at.desk, &agent, one, Expected::Any, relate(two)),
            execute_command(&other, &agent, two, Expected::Any, relate(one)),
        )
        .await;
        assert!(
            matches!(both, (Ok(_), Err(DeskError::Refused(_))) | (Err(DeskError::Refused(_)), Ok(_))),
            "{both:?}"
        );
    }
    proves_whole(&at.desk).await;
}

async fn allowance_of_a_mailbox_is_shared(at: TestDesk, other: Desk) {
    // Strangers' openings in two countries, whose numbers do not wait for each other.
    let openings = (0..16).map(|nth| {
        let desk = if nth % 2 == 0 { &at.desk } else { &other };
        let place = if nth / 2 % 2 == 0 { &demo::CARACAS } else { &demo::BOGOTA };
        let form = IntakeForm {
            serial: "FOC2614Z9Z9".to_owned(),
            contact_mail: "victim@example.com".to_owned(),
            ..a_form(place)
        };
        let key = an_opening(&format!("stranger-of-two-{nth:02}"));
        open(desk, OpenCase { report: form.report().unwrap(), ..key })
    });
    join_all(openings).await;
    let mut connection = at.connection().await;
    let (now,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM outbox WHERE hold IS NULL")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(now, domain::mail_allowance::PER_MAILBOX_AND_HOUR, "as many as at one node");
}

/// Everything that a follower was sent.
fn sent(follower: &mut Receiver<Item>) -> Vec<(i64, String)> {
    std::iter::from_fn(|| follower.try_recv().ok()).map(|item| (item.seq, item.number.to_string())).collect()
}

/// Number of the last entry of each case.
async fn table(connection: &mut AnyConnection) -> BTreeMap<String, i64> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT number, seq FROM cases").fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

/// The last number of each case that was sent. Numbers rise, so that none was sent twice.
fn last_of_each(sent: &[(i64, String)]) -> BTreeMap<String, i64> {
    assert!(sent.is_sorted_by(|(one, _), (next, _)| one < next), "{sent:?}");
    sent.iter().map(|(seq, number)| (number.clone(), *seq)).collect()
}

/// Opens cases while a command that got a lower number cannot end, and then ends it.
async fn opened_above_a_held_command(at: &TestDesk, other: &Desk, agent: &Actor) -> Vec<CaseNumber> {
    let late = a_case(&at.desk).await.number;
    let (mut holding, mut looking) = (at.connection().await, at.connection().await);
    hold(&mut holding, late).await;
    let (desk, by) = (other.clone(), agent.clone());
    let waiting =
        tokio::spawn(async move { execute_command(&desk, &by, late, Expected::Any, contact()).await });
    somebody_waits(&mut looking).await;
    let mut opened = Vec::new();
    for nth in 0..20 {
        let desk = if nth % 2 == 0 { &at.desk } else { other };
        opened.push(open(desk, an_opening(&format!("above-a-held-one-{nth:02}"))).await);
    }
    let above = table(&mut looking).await[&opened[0].as_compact()];
    assert!(at.desk.feed().head() < above, "the held one may still get a lower number");
    holding.execute("ROLLBACK").await.unwrap();
    waiting.await.unwrap().unwrap();
    let was_late = table(&mut looking).await[&late.as_compact()];
    assert!(was_late < above, "committed after those with higher numbers");
    opened
}

/// Ends sessions that write, one after the other, until `stop`. Gives their number.
async fn end_sessions(mut connection: AnyConnection, stop: CancellationToken) -> usize {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1";
    let mut count = 0;
    while !stop.is_cancelled() {
        count += connection.fetch_all(end).await.unwrap().len();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    count
}

async fn followers_see_what_the_table_has_and_each_change_once(at: TestDesk, other: Desk) {
    let agent = staff(Role::Agent);
    let (stop_one, stop_two) = (CancellationToken::new(), CancellationToken::new());
    let one = tokio::spawn(feed::serve(at.desk.clone(), stop_one.clone()));
    let two = tokio::spawn(feed::serve(other.clone(), stop_two.clone()));
    let mut here: Vec<_> = (0..FOLLOWERS).map(|_| at.desk.feed().follow()).collect();
    let mut there: Vec<_> = (0..FOLLOWERS).map(|_| other.feed().follow()).collect();
    let opened = opened_above_a_held_command(&at, &other, &agent).await;

    // Writers whose sessions are ended, and a node that is stopped. What fails was or was not written.
    let enough = CancellationToken::new();
    let ending = tokio::spawn(end_sessions(at.connection().await, enough.clone()));
    for round in 0..30 {
        let commands = opened.iter().enumerate().map(|(place, number)| {
            let desk = if (place + round) % 2 == 0 { &at.desk } else { &other };
            execute_command(desk, &agent, *number, Expected::Any, contact())
        });
        join_all(commands).await;
        if round == 20 {
            stop_two.cancel();
        }
    }
    enough.cancel();
    assert!(ending.await.unwrap() > 0, "no session was ended while it wrote");
    two.await.unwrap();

    let last = open(&at.desk, an_opening("the-last-of-all-0001")).await;
    let kept = table(&mut at.connection().await).await;
    let end = kept[&last.as_compact()];
    at.desk.feed().changes().wait_for(|head| *head >= end).await.unwrap();
    for follower in &mut here {
        assert_eq!(last_of_each(&sent(follower)), kept);
    }
    // Those of the node that stopped go on at the other.
    let wall = Actor::Display { id: DisplayId(1), scope: Scope { country: None } };
    for follower in &mut there {
        let mut seen = sent(follower);
        let after = seen.last().map_or(0, |(seq, _)| *seq);
        let rest = missed(&at.desk, &wall, after).await.unwrap().unwrap();
        seen.extend(rest.iter().map(|change| (change.seq, change.row.number.as_compact())));
        assert_eq!(last_of_each(&seen), kept);
    }
    stop_one.cancel();
    one.await.unwrap();
    proves_whole(&at.desk).await;
}

async fn numbers_go_on_above_those_of_another_database(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_case(&at.desk).await;
    let mut connection = at.connection().await;
    // As another server would have numbered them.
    for table in ["case_events SET seq = seq", "cases SET seq = seq", "outbox SET id = id"] {
        let text = format!("UPDATE {table} + 1125899906842624");
        connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    }
    let before = table(&mut connection).await.into_values().max().unwrap();
    at.desk.close().await;
    let desk = at.another().await;
    let stop = CancellationToken::new();
    let served = tokio::spawn(feed::serve(desk.clone(), stop.clone()));
    let mut follower = desk.feed().follow();
    let number = open(&desk, an_opening("after-the-move-0001")).await;
    let item = follower.recv().await.unwrap();
    assert_eq!(*item.number, *number.as_compact());
    assert!(item.seq > before, "{} is above {before}", item.seq);
    proves_whole(&desk).await;
    stop.cancel();
    served.await.unwrap();
}
