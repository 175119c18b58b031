//! Presence on cases, on one node and on several.

use std::time::Duration;

use desk::Desk;
use desk::live::feed;
use desk::live::presence::{GONE_AFTER_S, enter, tell};
use desk::store::Engine;
use domain::actor::{PersonId, Role, Staff};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::view::Doing;
use tokio_util::sync::CancellationToken;

use crate::support::{TestDesk, both_engines, is_in_reach};

both_engines! {
    presence_shows_others_while_their_page_is_open,
    presence_ends_without_a_sign_of_life,
}

const ANA: PersonId = PersonId(1);

fn person(id: i64, name: &str) -> Staff {
    Staff { id: PersonId(id), name: name.into(), role: Role::Agent, composed: None }
}

fn number(sequence: u32) -> CaseNumber {
    CaseNumber::new(Country::Ve, 2026, sequence).unwrap()
}

/// Colleagues with the first case open, as Ana sees them.
fn seen(desk: &Desk) -> Vec<(String, Doing)> {
    let others = desk.presence().others(number(1), ANA, desk.now());
    others.into_iter().map(|present| (present.name, present.doing)).collect()
}

async fn presence_shows_others_while_their_page_is_open(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (luis, rosa) = (person(2, "Luis"), person(3, "Rosa"));
    let mine = enter(desk, number(1), &person(1, "Ana"));
    let first = enter(desk, number(1), &luis);
    let second = enter(desk, number(1), &luis);
    let elsewhere = enter(desk, number(2), &rosa);
    assert_eq!(seen(desk), [("Luis".to_owned(), Doing::Reading)], "once, and not oneself");

    let mut changes = desk.presence().changes();
    changes.mark_unchanged();
    tell(desk, &luis, second.tab(), Doing::Writing);
    assert!(changes.has_changed().unwrap());
    assert_eq!(seen(desk), [("Luis".to_owned(), Doing::Writing)]);
    changes.mark_unchanged();
    tell(desk, &luis, second.tab(), Doing::Writing);
    assert!(!changes.has_changed().unwrap(), "a mere sign of life wakes nobody");

    // A sign for another person's page is ignored.
    tell(desk, &rosa, second.tab(), Doing::Reading);
    assert_eq!(seen(desk), [("Luis".to_owned(), Doing::Writing)]);
    drop(second);
    assert_eq!(seen(desk), [("Luis".to_owned(), Doing::Reading)]);
    drop(first);
    assert_eq!(seen(desk), []);
    drop((mine, elsewhere));
}

async fn presence_ends_without_a_sign_of_life(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let luis = person(2, "Luis");
    let here = enter(desk, number(1), &luis);
    test.clock.advance(GONE_AFTER_S);
    assert_eq!(seen(desk).len(), 1);
    test.clock.advance(1);
    assert_eq!(seen(desk), []);
    let mut changes = desk.presence().changes();
    changes.mark_unchanged();
    tell(desk, &luis, here.tab(), Doing::Reading);
    assert!(changes.has_changed().unwrap(), "whoever comes back is seen again");
    assert_eq!(seen(desk).len(), 1);
}

#[tokio::test]
async fn presence_is_shared_between_nodes() {
    if !is_in_reach(Engine::Postgres) {
        return;
    }
    let test = TestDesk::open(Engine::Postgres).await;
    let (one, two) = (test.desk.clone(), test.another().await);
    let stop = CancellationToken::new();
    let serving: Vec<_> =
        [&one, &two].map(|desk| tokio::spawn(feed::serve(desk.clone(), stop.clone()))).into();
    let luis = person(2, "Luis");
    let here = enter(&two, number(1), &luis);
    until(|| {
        // The other node may not listen yet at the first sign; pages send one every ten seconds.
        tell(&two, &luis, here.tab(), Doing::Writing);
        seen(&one) == [("Luis".to_owned(), Doing::Writing)]
    })
    .await;
    drop(here);
    until(|| seen(&one).is_empty()).await;
    stop.cancel();
    for served in serving {
        served.await.unwrap();
    }
}

/// Waits for another task or the server.
async fn until(happened: impl Fn() -> bool) {
    for _ in 0..1_200 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not happen");
}
