//! Accounts of the staff: added, with a new password, deactivated.

use crate::support::{TestDesk, both_engines, staff};
use desk::Desk;
use desk::DeskError;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::passwords::PasswordProblem;
use desk::access::sign_in::{Attempt, IDLE_S, KNOWN_S, SignInError, Use, session, sign_in};
use desk::access::staff::{NewPerson, PeopleError, Service, add_person, people, set_password};
use desk::people::keep::{Keep, KeepError, keep};
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::PersonName;

both_engines! {
    added_person_signs_in,
    mail_address_belongs_to_one_person,
    password_change_ends_all_sessions,
    deactivated_person_loses_session_and_sign_in,
    failed_sign_ins_block_their_own_network_alone,
    sign_ins_with_unknown_addresses_block_their_own_network_alone,
    known_browser_passes_the_rate_limit_by_its_token,
    unused_browser_token_expires,
    session_that_only_polls_expires_as_idle,
}

fn marta() -> NewPerson {
    NewPerson {
        name: PersonName::parse("Marta Salas").unwrap(),
        mail: MailAddress::parse("Marta.Salas@Vigia.example").unwrap(),
        role: Role::Agent,
        language: Language::Es,
        password: "caballo azul grande".to_owned(),
    }
}

fn attempt<'a>(mail: &'a str, password: &'a str, address: &str, browser: Option<&'a str>) -> Attempt<'a> {
    Attempt {
        mail,
        password,
        source: Source::of(address.parse().unwrap()),
        browser,
        device: Device::parse("Firefox/140 (Windows)"),
    }
}

async fn signed_in(desk: &Desk, password: &str) -> Result<String, SignInError> {
    let attempt = attempt("marta.salas@vigia.example", password, "192.0.2.1", None);
    sign_in(desk, attempt).await.map(|signed_in| signed_in.session)
}

async fn added_person_signs_in(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let secret = signed_in(&at.desk, "caballo azul grande").await.unwrap();
    let Some(Actor::Staff(who)) = session(&at.desk, &secret, Use::Asks).await.unwrap() else {
        panic!("nobody")
    };
    assert_eq!((who.id, who.name.as_str(), who.role), (id, "Marta Salas", Role::Agent));
    assert!(matches!(signed_in(&at.desk, "caballo azul").await, Err(SignInError::Wrong)));

    let everybody = people(&at.desk, &staff(Role::Administrator)).await.unwrap();
    assert_eq!(everybody.len(), 1);
    assert_eq!(everybody[0].mail.as_str(), "marta.salas@vigia.example");
    assert_eq!(everybody[0].service, Service::Active);
}

async fn mail_address_belongs_to_one_person(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let again = NewPerson { mail: MailAddress::parse("marta.salas@vigia.example").unwrap(), ..marta() };
    let refused = add_person(&at.desk, &Actor::System, again).await;
    assert!(matches!(refused, Err(PeopleError::MailTaken)), "{refused:?}");
    assert_eq!(people(&at.desk, &Actor::System).await.unwrap().len(), 1);
}

async fn password_change_ends_all_sessions(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let secret = signed_in(&at.desk, "caballo azul grande").await.unwrap();
    let weak = set_password(&at.desk, &Actor::System, id, "Marta Salas").await;
    assert!(matches!(weak, Err(PeopleError::Password(PasswordProblem::Personal))));
    assert!(session(&at.desk, &secret, Use::Asks).await.unwrap().is_some(), "nothing has happened yet");

    set_password(&at.desk, &Actor::System, id, "yegua verde chica").await.unwrap();
    assert_eq!(session(&at.desk, &secret, Use::Asks).await.unwrap(), None);
    assert!(matches!(signed_in(&at.desk, "caballo azul grande").await, Err(SignInError::Wrong)));
    signed_in(&at.desk, "yegua verde chica").await.unwrap();
    let nobody = set_password(&at.desk, &Actor::System, PersonId(99), "yegua verde chica").await;
    assert!(matches!(nobody, Err(PeopleError::Desk(DeskError::NotFound))));
}

async fn deactivated_person_loses_session_and_sign_in(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let secret = signed_in(&at.desk, "caballo azul grande").await.unwrap();
    keep(&at.desk, &Actor::System, id, vec![Keep::Deactivate]).await.unwrap();
    assert_eq!(session(&at.desk, &secret, Use::Asks).await.unwrap(), None);
    assert!(matches!(signed_in(&at.desk, "caballo azul grande").await, Err(SignInError::Wrong)));
    assert_eq!(people(&at.desk, &Actor::System).await.unwrap()[0].service, Service::Ended);
    let nobody = keep(&at.desk, &Actor::System, PersonId(99), vec![Keep::Deactivate]).await;
    assert!(matches!(nobody, Err(KeepError::Desk(DeskError::NotFound))));
}

#[tokio::test]
async fn people_are_managed_by_administrators_alone() {
    let at = TestDesk::open(Engine::Sqlite).await;
    for actor in [Actor::Anonymous, staff(Role::Agent), staff(Role::Supervisor)] {
        let refused = |result: Result<(), PeopleError>| {
            matches!(result, Err(PeopleError::Desk(DeskError::NotPermitted(_))))
        };
        assert!(refused(add_person(&at.desk, &actor, marta()).await.map(drop)));
        assert!(refused(set_password(&at.desk, &actor, PersonId(1), "yegua verde chica").await));
        let out_of_service = keep(&at.desk, &actor, PersonId(1), vec![Keep::Deactivate]).await;
        assert!(matches!(out_of_service, Err(KeepError::Desk(DeskError::NotPermitted(_)))));
        let reads = matches!(&actor, Actor::Staff(staff) if staff.role == Role::Supervisor);
        assert_eq!(people(&at.desk, &actor).await.is_ok(), reads, "{actor:?}");
    }
    let administrator = staff(Role::Administrator);
    add_person(&at.desk, &administrator, marta()).await.unwrap();
}

const MARTA: &str = "marta.salas@vigia.example";
const RIGHT: &str = "caballo azul grande";

/// Tries wrong passwords from an address until refused. Gives the number of attempts.
async fn guess(desk: &Desk, mail: &str, address: &str) -> usize {
    for tries in 0..1000 {
        match sign_in(desk, attempt(mail, "no es esta", address, None)).await {
            Err(SignInError::TooManyTries) => return tries,
            outcome => assert!(matches!(outcome, Err(SignInError::Wrong)), "{outcome:?}"),
        }
    }
    panic!("nobody stops {address}");
}

async fn failed_sign_ins_block_their_own_network_alone(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    assert_eq!(guess(&at.desk, MARTA, "198.51.100.7").await, 10);
    let same_network = sign_in(&at.desk, attempt(MARTA, RIGHT, "198.51.100.7", None)).await;
    assert!(matches!(same_network, Err(SignInError::TooManyTries)));
    sign_in(&at.desk, attempt(MARTA, RIGHT, "192.0.2.1", None)).await.unwrap();
}

async fn sign_ins_with_unknown_addresses_block_their_own_network_alone(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let mut looked_at = 0;
    for nth in 0..60 {
        let mail = format!("nobody{nth}@vigia.example");
        let outcome = sign_in(&at.desk, attempt(&mail, "no es esta", "198.51.100.7", None)).await;
        looked_at += usize::from(matches!(outcome, Err(SignInError::Wrong)));
    }
    assert_eq!(looked_at, 30);
    signed_in(&at.desk, RIGHT).await.unwrap();
}

async fn known_browser_passes_the_rate_limit_by_its_token(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let browser = sign_in(&at.desk, attempt(MARTA, RIGHT, "192.0.2.1", None)).await.unwrap().browser;
    // From her own network.
    guess(&at.desk, MARTA, "192.0.2.1").await;
    assert!(matches!(signed_in(&at.desk, RIGHT).await, Err(SignInError::TooManyTries)));
    let known = attempt(MARTA, RIGHT, "192.0.2.1", Some(&browser));
    assert_eq!(sign_in(&at.desk, known).await.unwrap().browser, browser, "it keeps its token");
    // The browser is known for her alone.
    let other = attempt("nobody@vigia.example", RIGHT, "192.0.2.1", Some(&browser));
    assert!(matches!(sign_in(&at.desk, other).await, Err(SignInError::Wrong)));
    for made_up in ["", "token", &"0".repeat(64), &browser.to_uppercase()] {
        let made_up = attempt(MARTA, RIGHT, "192.0.2.1", Some(made_up));
        assert!(matches!(sign_in(&at.desk, made_up).await, Err(SignInError::TooManyTries)));
    }
    // After a new password no browser is known.
    set_password(&at.desk, &Actor::System, id, "yegua verde chica").await.unwrap();
    let changed = attempt(MARTA, "yegua verde chica", "192.0.2.1", Some(&browser));
    assert!(matches!(sign_in(&at.desk, changed).await, Err(SignInError::TooManyTries)));
}

async fn unused_browser_token_expires(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let browser = sign_in(&at.desk, attempt(MARTA, RIGHT, "192.0.2.1", None)).await.unwrap().browser;
    at.clock.advance(KNOWN_S);
    guess(&at.desk, MARTA, "192.0.2.1").await;
    let known = attempt(MARTA, RIGHT, "192.0.2.1", Some(&browser));
    assert!(matches!(sign_in(&at.desk, known).await, Err(SignInError::TooManyTries)));
    sign_in(&at.desk, attempt(MARTA, RIGHT, "192.0.2.9", None)).await.unwrap();
    let mut connection = at.connection().await;
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM known_browsers").fetch_one(&mut connection).await.unwrap();
    assert_eq!(count, 1);
}

async fn session_that_only_polls_expires_as_idle(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_person(&at.desk, &Actor::System, marta()).await.unwrap();
    let (watching, working) = (
        signed_in(&at.desk, "caballo azul grande").await.unwrap(),
        signed_in(&at.desk, "caballo azul grande").await.unwrap(),
    );
    let desk = &at.desk;
    for _ in 0..(IDLE_S / 600) {
        at.clock.advance(600);
        assert!(session(desk, &working, Use::Asks).await.unwrap().is_some());
        // An open stream polls every few seconds.
        session(desk, &watching, Use::Watches).await.unwrap();
    }
    assert_eq!(session(desk, &watching, Use::Watches).await.unwrap(), None);
    assert!(session(desk, &working, Use::Watches).await.unwrap().is_some());
}
