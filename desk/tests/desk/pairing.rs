//! Screens that become displays by a code, when displays were last seen, and their list.

use desk::access::displays::{self, DisplayView, display, list_displays, revoke_display};
use desk::access::limits::Source;
use desk::access::pairing::{
    CODE_S, COUNT_WAITING, FIND_BY_CODE, FORGET_EXPIRED, PairError, Screen, Standing, WAITING_MAX, WaitError,
    pair_by_code, show, standing,
};
use desk::store::Engine;
use domain::actor::{Actor, DisplayId, PersonId, Role, Scope, Staff};
use domain::case::Author;
use domain::country::Country;
use domain::display::{DisplayName, PairingCode};
use domain::time::Instant;

use crate::support::{TestDesk, both_engines, explain, staff};

both_engines! {
    screen_becomes_a_display_when_its_code_is_typed,
    screen_whose_answer_was_lost_is_given_the_same_secret_again,
    display_names_who_added_and_who_revoked_it,
    pairing_code_is_used_once,
    pairing_code_is_refused_after_ten_minutes,
    codes_and_screens_are_stored_as_hashes,
    typed_codes_are_limited_for_each_member_of_the_staff,
    waiting_screens_are_limited_for_each_network_and_in_all,
    display_that_was_revoked_before_its_screen_noticed_is_none,
    display_was_seen_to_the_minute,
    displays_are_listed_in_pages,
    agents_pair_and_list_no_display,
}

const EVERYWHERE: Scope = Scope { country: None };

fn source(last: u8) -> Source {
    Source::of(std::net::IpAddr::from([192, 0, 2, last]))
}

fn room(name: &str) -> DisplayName {
    DisplayName::parse(name).unwrap()
}

/// A screen that begins to wait: its secret and its code.
async fn a_screen(at: &TestDesk) -> (String, PairingCode) {
    match show(&at.desk, source(1), None).await.unwrap() {
        Screen::Waits { secret, code, .. } => (secret, code),
        Screen::Paired(_) => panic!("nobody typed a code"),
    }
}

async fn paired(at: &TestDesk, code: &PairingCode) -> Result<DisplayId, PairError> {
    pair_by_code(&at.desk, &staff(Role::Supervisor), code, &room("Sala norte"), EVERYWHERE).await
}

async fn listed(at: &TestDesk) -> Vec<DisplayView> {
    list_displays(&at.desk, &staff(Role::Supervisor), 1).await.unwrap().rows
}

async fn screen_becomes_a_display_when_its_code_is_typed(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (secret, code) = a_screen(&at).await;
    // Loaded again, it shows the same code.
    let again = show(&at.desk, source(1), Some(&secret)).await.unwrap();
    assert!(matches!(again, Screen::Waits { code: ref same, .. } if *same == code), "{again:?}");
    assert!(matches!(standing(&at.desk, &secret).await.unwrap(), Standing::Waits { .. }));
    let scope = Scope { country: Some(Country::Co) };
    let id =
        pair_by_code(&at.desk, &staff(Role::Administrator), &code, &room("Bogotá"), scope).await.unwrap();
    assert_eq!(standing(&at.desk, &secret).await.unwrap(), Standing::IsTyped);
    let Screen::Paired(own) = show(&at.desk, source(1), Some(&secret)).await.unwrap() else {
        panic!("not paired")
    };
    assert_eq!(display(&at.desk, &own).await.unwrap(), Some(Actor::Display { id, scope }));
    // The screen's first secret opens nothing.
    assert_eq!(display(&at.desk, &secret).await.unwrap(), None);
    let view = &listed(&at).await[0];
    assert_eq!((&*view.name, view.scope, view.paired_at), ("Bogotá", scope, Some(at.desk.now())));
}

async fn display_names_who_added_and_who_revoked_it(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (_, code) = a_screen(&at).await;
    let (supervisor, administrator) = (staff(Role::Supervisor), staff(Role::Administrator));
    let id = paired(&at, &code).await.unwrap();
    displays::add_display(&at.desk, &Actor::System, "Pasillo", EVERYWHERE).await.unwrap();
    revoke_display(&at.desk, &administrator, id).await.unwrap();
    let authors: Vec<_> = listed(&at).await.into_iter().map(|it| (it.added_by, it.revoked_by)).collect();
    let by = |actor: &Actor| Some(Author::from(actor));
    assert_eq!(authors, [(by(&Actor::System), None), (by(&supervisor), by(&administrator))]);
    let mut connection = at.connection().await;
    sqlx::query("UPDATE displays SET added_by = NULL").execute(&mut connection).await.unwrap();
    assert_eq!(listed(&at).await[1].added_by, None, "one of an earlier version");
}

async fn screen_whose_answer_was_lost_is_given_the_same_secret_again(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (secret, code) = a_screen(&at).await;
    let id = paired(&at, &code).await.unwrap();
    let first = show(&at.desk, source(1), Some(&secret)).await.unwrap();
    assert!(matches!(first, Screen::Paired(_)), "{first:?}");
    at.clock.advance(1);
    assert_eq!(show(&at.desk, source(1), Some(&secret)).await.unwrap(), first);
    assert_eq!(listed(&at).await[0].paired_at, Some(at.desk.now().plus(-1)), "it is paired once");
    revoke_display(&at.desk, &staff(Role::Supervisor), id).await.unwrap();
    assert!(matches!(show(&at.desk, source(1), Some(&secret)).await.unwrap(), Screen::Waits { .. }));
}

async fn pairing_code_is_used_once(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (_, code) = a_screen(&at).await;
    paired(&at, &code).await.unwrap();
    assert!(matches!(paired(&at, &code).await, Err(PairError::UnknownCode)));
    assert_eq!(listed(&at).await.len(), 1);
}

async fn pairing_code_is_refused_after_ten_minutes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (secret, code) = a_screen(&at).await;
    at.clock.advance(CODE_S);
    assert!(matches!(paired(&at, &code).await, Err(PairError::UnknownCode)));
    // The screen shows another one by itself.
    assert_eq!(standing(&at.desk, &secret).await.unwrap(), Standing::Unknown);
    let Screen::Waits { secret: other, code: newer, .. } =
        show(&at.desk, source(1), Some(&secret)).await.unwrap()
    else {
        panic!("nobody typed a code")
    };
    assert!(other != secret && newer != code);
    assert!(paired(&at, &newer).await.is_ok());
}

async fn codes_and_screens_are_stored_as_hashes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (secret, code) = a_screen(&at).await;
    let mut connection = at.connection().await;
    let row: (String, String) = sqlx::query_as("SELECT screen_hash, code_hash FROM waiting_screens")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    for stored in [&row.0, &row.1] {
        assert!(!stored.contains(&secret) && !stored.contains(code.as_str()), "{stored}");
        assert_eq!(stored.len(), 64);
    }
    let mut connection = explain::at_work(&at).await;
    let by_code = match engine {
        Engine::Sqlite => "sqlite_autoindex_waiting_screens_2",
        Engine::Postgres => "waiting_screens_code_hash_key",
    };
    for (sql, value, index) in [
        (FORGET_EXPIRED, "5", "waiting_screens_by_expiry"),
        (COUNT_WAITING, "4990", "waiting_screens_by_expiry"),
        (FIND_BY_CODE, "'c'", by_code),
    ] {
        let sql = sql.replace("$1", value).replace("$2", "5");
        explain::is_served_by(&mut connection, engine, &sql, index).await;
    }
}

async fn typed_codes_are_limited_for_each_member_of_the_staff(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (_, code) = a_screen(&at).await;
    let guess = |number: u64| PairingCode::of_random(number);
    let mut refused = None;
    for number in 0..50 {
        let outcome = paired(&at, &guess(number)).await;
        assert!(outcome.is_err());
        if matches!(outcome, Err(PairError::TooOften)) {
            refused = Some(number);
            break;
        }
    }
    assert_eq!(refused, Some(20));
    assert!(matches!(paired(&at, &code).await, Err(PairError::TooOften)), "nor the right one");
    let other =
        Actor::Staff(Staff { id: PersonId(99), name: "Otra".into(), role: Role::Supervisor, composed: None });
    assert!(pair_by_code(&at.desk, &other, &code, &room("Sala"), EVERYWHERE).await.is_ok());
}

async fn waiting_screens_are_limited_for_each_network_and_in_all(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut begun = 0;
    while begun < 40 && show(&at.desk, source(1), None).await.is_ok() {
        begun += 1;
    }
    assert_eq!(begun, 30, "of one network");
    let mut connection = at.connection().await;
    sqlx::query(
        "INSERT INTO waiting_screens (screen_hash, expires_utc_s)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT))
         SELECT 'S' || i, CAST($2 AS BIGINT) FROM n",
    )
    .bind(WAITING_MAX - begun)
    .bind(at.desk.now().plus(CODE_S).0)
    .execute(&mut connection)
    .await
    .unwrap();
    // More than a network's allowance: a refusal uses nothing of it.
    for _ in 0..31 {
        assert!(matches!(show(&at.desk, source(2), None).await, Err(WaitError::Crowded)));
    }
    let typed = "UPDATE waiting_screens SET display_id = 1 WHERE screen_hash = 'S99'";
    sqlx::query(typed).execute(&mut connection).await.unwrap();
    assert!(show(&at.desk, source(2), None).await.is_ok(), "a screen that was typed waits no longer");
    assert!(matches!(show(&at.desk, source(2), None).await, Err(WaitError::Crowded)));
    at.clock.advance(CODE_S);
    assert!(show(&at.desk, source(2), None).await.is_ok(), "screens that are gone leave room");
}

async fn display_that_was_revoked_before_its_screen_noticed_is_none(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (secret, code) = a_screen(&at).await;
    let id = paired(&at, &code).await.unwrap();
    revoke_display(&at.desk, &staff(Role::Supervisor), id).await.unwrap();
    assert!(matches!(show(&at.desk, source(1), Some(&secret)).await.unwrap(), Screen::Waits { .. }));
}

/// Asks as the display until it is noted that it was seen then: that is noted beside the answer, by one task at a time.
async fn seen_at(at: &TestDesk, own: &str, moment: Instant) {
    while listed(at).await[0].seen_at != Some(moment) {
        display(&at.desk, own).await.unwrap();
    }
}

async fn display_was_seen_to_the_minute(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (secret, code) = a_screen(&at).await;
    paired(&at, &code).await.unwrap();
    let Screen::Paired(own) = show(&at.desk, source(1), Some(&secret)).await.unwrap() else {
        panic!("not paired")
    };
    assert_eq!(listed(&at).await[0].seen_at, None);
    let first = at.desk.now();
    seen_at(&at, &own, first).await;
    at.clock.advance(59);
    display(&at.desk, &own).await.unwrap();
    at.clock.advance(1);
    // Were the one of a second before noted, this one would not be.
    seen_at(&at, &own, at.desk.now()).await;
    revoke_display(&at.desk, &staff(Role::Supervisor), listed(&at).await[0].id).await.unwrap();
    assert_eq!(display(&at.desk, &own).await.unwrap(), None);
}

async fn displays_are_listed_in_pages(engine: Engine) {
    let at = TestDesk::open(engine).await;
    for number in 0..51 {
        let name = format!("Sala {number}");
        displays::add_display(&at.desk, &Actor::System, &name, EVERYWHERE).await.unwrap();
    }
    let second = list_displays(&at.desk, &staff(Role::Supervisor), 2).await.unwrap();
    assert_eq!((second.paging.pages, second.rows.len(), &*second.rows[0].name), (2, 1, "Sala 0"));
    let mut connection = explain::at_work(&at).await;
    let index = match engine {
        Engine::Sqlite => "sqlite_autoindex_displays_1",
        Engine::Postgres => "displays_pkey",
    };
    let sql = displays::LIST_PAGE.replace("$1", "50").replace("$2", "50");
    explain::is_served_by(&mut connection, engine, &sql, index).await;
}

async fn agents_pair_and_list_no_display(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (_, code) = a_screen(&at).await;
    for actor in [staff(Role::Agent), staff(Role::Technician), Actor::Anonymous] {
        let refused = pair_by_code(&at.desk, &actor, &code, &room("Sala"), EVERYWHERE).await;
        assert!(matches!(refused, Err(PairError::Desk(desk::DeskError::NotPermitted(_)))), "{refused:?}");
        assert!(list_displays(&at.desk, &actor, 1).await.is_err());
        assert!(revoke_display(&at.desk, &actor, DisplayId(1)).await.is_err());
    }
}
