//! The order of work: one sort key for queue and wall, independent of entries and idle time.

use desk::Desk;
use desk::backfill::Backfill;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::queue::{Filter, Whose, queue};
use desk::cases::read::read_case;
use desk::cases::wall::snapshot;
use desk::lab::integrity_check::{Inconsistency, SchedulerState, check};
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{PersonId, Role};
use domain::calendar::ServiceHours;
use domain::case::{
    AssignmentCommand, AttemptOutcome, Audience, Band, Category, Channel, Command, PauseReason,
};
use domain::case_number::CaseNumber;
use domain::page::Paging;
use domain::text::{Note, Reason};
use domain::view::{QueuePage, QueueState, Snapshot};
use sqlx::{Executor, Row};

use crate::support::{START, TestDesk, a_case, both_engines, execute, staff};

both_engines! {
    rank_keeps_the_moment_of_a_breach_after_later_entries,
    queue_shows_running_targets_first_and_breaches_apart_newest_first,
    scheduler_moves_a_case_to_its_band_without_a_history_entry,
    queue_pages_continue_without_gap_or_repetition,
    queue_counts_equal_the_rows_of_each_filter,
    integrity_check_finds_a_wrong_rank_and_backfill_writes_missing_ones,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn note(text: &str) -> Command {
    Command::AddNote { audience: Audience::Internal, text: Note::parse(text).unwrap() }
}

fn attempt() -> Command {
    Command::LogAttempt { channel: Channel::Phone, outcome: AttemptOutcome::NoAnswer, note: None }
}

async fn page(desk: &Desk, state: QueueState, page: u32) -> QueuePage {
    queue(desk, &staff(Role::Agent), Filter { state, ..Filter::default() }, page).await.unwrap()
}

fn numbers(page: &QueuePage) -> Vec<CaseNumber> {
    page.snapshot.rows.iter().map(|row| row.number).collect()
}

async fn row(at: &TestDesk, number: CaseNumber) -> (i64, i64) {
    let row = sqlx::query("SELECT due_utc_s, sort_key FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut at.connection().await)
        .await
        .unwrap();
    (row.get(0), row.get(1))
}

/// Sort keys as computed by a display, in the order of the rows.
fn keys_as_shown(snapshot: &Snapshot) -> Vec<i64> {
    let hours = |row: &domain::view::CaseRow| -> &ServiceHours {
        &snapshot.hours.iter().find(|(kept, _)| *kept == row.hours).unwrap().1
    };
    snapshot.rows.iter().map(|row| row.rank(hours(row), snapshot.now).sort_key(row.priority)).collect()
}

async fn is_sound(at: &TestDesk, timekeeping: SchedulerState) {
    let proof = check(&at.desk, timekeeping).await.unwrap();
    assert_eq!(proof.inconsistencies, []);
}

/// The contract's first response for a P1 is ten minutes.
async fn rank_keeps_the_moment_of_a_breach_after_later_entries(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    assert_eq!(row(&at, number).await.0, START.0 + 10 * MINUTE);
    at.clock.advance(20 * MINUTE);
    scheduler::tick(&at.desk).await.unwrap();
    let broken = row(&at, number).await;
    assert_eq!(broken.0, START.0 + 10 * MINUTE + 1);
    for command in [attempt(), note("Se llamará al segundo número.")] {
        at.clock.advance(HOUR);
        execute(&at.desk, &staff(Role::Agent), number, command).await;
        assert_eq!(row(&at, number).await, broken);
    }
    // A pause does not change a breach: the case keeps its place.
    let until = at.clock.now().plus(48 * HOUR);
    let wait = Command::Pause { reason: PauseReason::SparePart, detail: None, until, allowed_by: None };
    execute(&at.desk, &staff(Role::Agent), number, wait).await;
    assert_eq!(row(&at, number).await, broken);
    scheduler::tick(&at.desk).await.unwrap();
    is_sound(&at, SchedulerState::UpToDate).await;
}

async fn queue_shows_running_targets_first_and_breaches_apart_newest_first(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let mut opened = Vec::new();
    for _ in 0..7 {
        opened.push(a_case(desk).await.number);
        at.clock.advance(4 * MINUTE);
        scheduler::tick(desk).await.unwrap();
    }
    // 28 minutes after the first: the first five are breached, the sixth has 2 of 10 minutes left, the last 6.
    let first = page(desk, QueueState::Open, 1).await;
    let [one, two, three, four, five, six, seven] = opened[..] else { unreachable!() };
    assert_eq!(numbers(&first), [six, seven, five, four, three]);
    assert_eq!((first.paging.total, first.counts.breached, first.paging.pages), (2, 5, 1));
    let keys = keys_as_shown(&first.snapshot);
    assert!(keys.is_sorted() && keys[0] < Band::OnTrack.first_key(), "{keys:?}");
    let broken = page(desk, QueueState::Breached, 1).await;
    assert_eq!(numbers(&broken), [five, four, three, two, one]);
    let wall = snapshot(desk, &staff(Role::Agent)).await.unwrap();
    let on_wall: Vec<_> = wall.rows.iter().map(|row| row.number).collect();
    assert_eq!(on_wall, [six, seven, five, four, three, two, one], "one rule");
    assert!(first.faults.iter().all(|(_, fault)| fault.starts_with("El conmutador principal")));
    is_sound(&at, SchedulerState::UpToDate).await;
}

/// With a plan without warning levels the case changes its place without an entry.
async fn scheduler_moves_a_case_to_its_band_without_a_history_entry(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut connection = at.connection().await;
    let levels = "UPDATE plans SET terms = replace(terms, '[50,75,90,100]', '[50]')";
    assert!(connection.execute(levels).await.unwrap().rows_affected() > 0);
    let number = a_case(&at.desk).await.number;
    let band = async || {
        let key = row(&at, number).await.1;
        Band::ALL.into_iter().rfind(|band| band.first_key() <= key).unwrap()
    };
    assert_eq!(band().await, Band::OnTrack);
    for (minutes, expected) in [(7, Band::OnTrack), (1, Band::AtRisk), (4, Band::Breached)] {
        at.clock.advance(minutes * MINUTE);
        scheduler::tick(&at.desk).await.unwrap();
        assert_eq!(band().await, expected);
        is_sound(&at, SchedulerState::UpToDate).await;
    }
    // The opening, and the only warning of its plan.
    let file = read_case(&at.desk, &staff(Role::Agent), number).await.unwrap();
    assert_eq!(file.version, 2);
    let counted = page(&at.desk, QueueState::Open, 1).await.counts;
    assert_eq!((counted.breached, counted.states[0]), (1, 1));
}

async fn queue_pages_continue_without_gap_or_repetition(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = usize::try_from(Paging::ROWS).unwrap() + 8;
    for nth in 0..opened {
        let number = a_case(&at.desk).await.number;
        at.clock.advance(7);
        if nth % 3 == 0 {
            execute(&at.desk, &staff(Role::Agent), number, note("Mensaje cualquiera.")).await;
        }
    }
    scheduler::tick(&at.desk).await.unwrap();
    let (first, second) =
        (page(&at.desk, QueueState::Open, 1).await, page(&at.desk, QueueState::Open, 2).await);
    assert_eq!((first.paging.pages, second.paging.page), (2, 2));
    let keys = [keys_as_shown(&first.snapshot), keys_as_shown(&second.snapshot)].concat();
    assert!(keys.len() == opened && keys.is_sorted(), "{keys:?}");
}

async fn queue_counts_equal_the_rows_of_each_filter(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let agent = staff(Role::Agent);
    let (held, resolved, ended) =
        (a_case(desk).await.number, a_case(desk).await.number, a_case(desk).await.number);
    a_case(desk).await;
    execute(desk, &staff(Role::Agent), held, Command::Assignment(AssignmentCommand::Claim)).await;
    let solved = || {
        let text = |text: &str| Note::parse(text).unwrap();
        let (cause, solution) = (text("Fuente dañada"), text("Se cambió la fuente."));
        Command::Resolve { category: Category::Hardware, cause, solution, chosen: None, classification: None }
    };
    let contact = || Command::LogContact { channel: Channel::Phone, note: None };
    for number in [resolved, ended] {
        execute(desk, &staff(Role::Agent), number, contact()).await;
        execute(desk, &staff(Role::Agent), number, solved()).await;
    }
    let supervisor = staff(Role::Supervisor);
    at.clock.advance(30 * 24 * HOUR);
    scheduler::tick(desk).await.unwrap();
    let close =
        Command::CloseUnconfirmed { reason: Reason::parse("No contesta desde hace un mes.").unwrap() };
    execute_command(desk, &supervisor, ended, Expected::Any, close).await.unwrap();

    for whose in [Whose::Anybodys, Whose::Of(PersonId(1)), Whose::Nobodys] {
        for (place, state) in QueueState::ALL.into_iter().enumerate() {
            let shown = queue(desk, &agent, Filter { state, whose, country: None }, 1).await.unwrap();
            let apart = if state.has_band() { shown.counts.breached } else { 0 };
            let said = (shown.counts.states[place], shown.counts.countries[0]);
            assert_eq!(said, (shown.paging.total + apart, shown.paging.total + apart), "{state:?}");
            let rows = i64::try_from(shown.snapshot.rows.len()).unwrap();
            assert_eq!(rows, shown.paging.total + apart.min(3), "{state:?} {whose:?}");
        }
    }
    let open = page(desk, QueueState::Open, 1).await.counts;
    assert_eq!(open.states, [2, 2, 2, 0, 0, 1, 1]);
    assert_eq!((open.mine, &open.countries[..3]), (1, &[2, 0, 0][..]));
}

async fn integrity_check_finds_a_wrong_rank_and_backfill_writes_missing_ones(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let right = row(&at, number).await;
    let mut connection = at.connection().await;
    connection.execute("UPDATE cases SET sort_key = 5, due_utc_s = 7, fault = ''").await.unwrap();
    let proof = check(&at.desk, SchedulerState::Unknown).await.unwrap();
    let column = |finding: &Inconsistency| match finding {
        Inconsistency::Row { column, .. } => *column,
        _ => "another finding",
    };
    let mut columns: Vec<_> = proof.inconsistencies.iter().map(column).collect();
    columns.sort_unstable();
    assert_eq!(columns, ["due_utc_s", "fault", "sort_key"]);
    connection.execute("INSERT INTO ranks_to_bring_in SELECT 1 - is_open, number FROM cases").await.unwrap();
    assert_eq!(Backfill::Ranks.run(&at.desk).await.unwrap(), 1);
    assert_eq!(Backfill::Ranks.run(&at.desk).await.unwrap(), 0);
    assert_eq!(row(&at, number).await, right);
    is_sound(&at, SchedulerState::Unknown).await;
}
