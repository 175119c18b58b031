//! The first start of an empty desk: its link, its first administrator, the list of steps, the test mail.

use desk::Desk;
use desk::access::demonstration::{ADMINISTRATOR, PASSWORD as PUBLIC};
use desk::access::displays::add_display;
use desk::access::second_factor::required_roles;
use desk::access::staff::{NewPerson, add_person, people};
use desk::outbox::{
    ReplyAddresses, Roots, Sender, SmtpSettings, TestOutcome, Tls, Transport, counts, send_test,
};
use desk::setup::{
    FirstAdministrator, FirstAdministratorError, LinkState, Mark, Progress, Step, become_administrator,
    checklist, dismiss, is_staffed, is_unfinished, link_state, renew_link, settle, withdraw_link,
};
use desk::store::Engine;
use domain::actor::{Actor, Role, Scope, Staff};
use domain::i18n::Language;
use domain::text::PersonName;

use crate::invitations::{PASSWORD, agent, mail};
use crate::support::smtp::{Manner, Server};
use crate::support::{TestDesk, both_engines};

both_engines! {
    link_makes_one_administrator_and_dies_with_them,
    of_two_browsers_with_the_link_one_becomes_the_administrator,
    link_is_stored_as_a_hash_and_renewed_by_the_next_start,
    wrong_password_or_taken_mail_leaves_the_link_good,
    demonstration_administrator_is_none_of_the_desks_own,
    demonstration_account_with_a_private_password_is_an_administrator,
    desk_whose_administrators_are_out_of_service_gets_a_link,
    withdrawn_link_opens_nothing,
    steps_are_read_from_the_desk_and_can_be_left_out,
    passkey_of_a_former_host_is_no_second_factor_of_the_list,
    list_is_dismissed_and_taken_up_again,
    test_mail_gives_the_servers_own_words,
}

fn ana(password: &str) -> FirstAdministrator {
    FirstAdministrator {
        name: PersonName::parse("Ana Rivas").unwrap(),
        mail: mail("Ana@cumbre.example"),
        password: password.to_owned(),
        language: Language::Es,
    }
}

async fn code(desk: &Desk) -> String {
    let link = renew_link(desk).await.unwrap().unwrap();
    let (start, code) = link.rsplit_once('/').unwrap();
    assert_eq!(start, "https://vigia.example/desk/start");
    code.to_owned()
}

/// An administrator of the desk's own, who came by the link.
async fn administrator(desk: &Desk) -> Actor {
    let id = become_administrator(desk, &code(desk).await, ana(PASSWORD)).await.unwrap();
    Actor::Staff(Staff { id, name: "Ana Rivas".to_owned(), role: Role::Administrator, composed: None })
}

async fn link_makes_one_administrator_and_dies_with_them(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    assert!(!is_staffed(desk).await.unwrap());
    let code = code(desk).await;
    assert_eq!(link_state(desk, &code).await.unwrap(), LinkState::Open);
    let id = become_administrator(desk, &code, ana(PASSWORD)).await.unwrap();
    let [person] = people(desk, &Actor::System).await.unwrap().try_into().unwrap();
    assert_eq!(
        (person.id, person.role, person.mail.as_str()),
        (id, Role::Administrator, "ana@cumbre.example")
    );
    assert_eq!(required_roles(desk, &Actor::System).await.unwrap(), [Role::Administrator]);
    assert!(is_staffed(desk).await.unwrap());
    assert_eq!(link_state(desk, &code).await.unwrap(), LinkState::Taken);
    assert_eq!(renew_link(desk).await.unwrap(), None, "a later start writes none");
    let again = become_administrator(desk, &code, ana(PASSWORD)).await;
    assert!(matches!(again, Err(FirstAdministratorError::Taken)), "{again:?}");
}

async fn of_two_browsers_with_the_link_one_becomes_the_administrator(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let code = code(&test.desk).await;
    let other = FirstAdministrator { mail: mail("luis@cumbre.example"), ..ana(PASSWORD) };
    let (first, second) = tokio::join!(
        become_administrator(&test.desk, &code, ana(PASSWORD)),
        become_administrator(&test.desk, &code, other)
    );
    let (won, lost): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "{won:?}");
    assert!(matches!(lost[..], [Err(FirstAdministratorError::Taken)]), "{lost:?}");
    assert_eq!(people(&test.desk, &Actor::System).await.unwrap().len(), 1);
}

async fn link_is_stored_as_a_hash_and_renewed_by_the_next_start(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let first = code(&test.desk).await;
    let mut connection = test.connection().await;
    let row = sqlx::query("SELECT token_hash FROM setup_links").fetch_one(&mut connection).await.unwrap();
    let stored: String = sqlx::Row::get(&row, 0);
    assert_ne!(stored, first);
    let second = code(&test.desk).await;
    assert_eq!(link_state(&test.desk, &first).await.unwrap(), LinkState::Unknown);
    assert_eq!(link_state(&test.desk, &second).await.unwrap(), LinkState::Open);
    for none in [stored.as_str(), "", "x", first.as_str()] {
        let refused = become_administrator(&test.desk, none, ana(PASSWORD)).await;
        assert!(matches!(refused, Err(FirstAdministratorError::NoLink)), "{none}: {refused:?}");
    }
}

async fn wrong_password_or_taken_mail_leaves_the_link_good(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    agent(desk, "Luis Mora", "ana@cumbre.example").await;
    let code = code(desk).await;
    let short = become_administrator(desk, &code, ana("corta")).await;
    assert!(matches!(short, Err(FirstAdministratorError::Password(_))), "{short:?}");
    let taken = become_administrator(desk, &code, ana(PASSWORD)).await;
    assert!(matches!(taken, Err(FirstAdministratorError::MailTaken)), "{taken:?}");
    let other = FirstAdministrator { mail: mail("otra@cumbre.example"), ..ana(PASSWORD) };
    become_administrator(desk, &code, other).await.unwrap();
}

async fn demonstration_administrator_is_none_of_the_desks_own(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let lucia = NewPerson {
        name: PersonName::parse(ADMINISTRATOR.name).unwrap(),
        mail: mail(ADMINISTRATOR.mail),
        role: Role::Administrator,
        language: Language::Es,
        password: PUBLIC.to_owned(),
    };
    add_person(&test.desk, &Actor::System, lucia).await.unwrap();
    assert_eq!(link_state(&test.desk, &code(&test.desk).await).await.unwrap(), LinkState::Open);
}

async fn demonstration_account_with_a_private_password_is_an_administrator(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let taken = FirstAdministrator { mail: mail(ADMINISTRATOR.mail), ..ana(PASSWORD) };
    let refused = become_administrator(&test.desk, &code(&test.desk).await, taken).await;
    assert!(matches!(refused, Err(FirstAdministratorError::Demonstration)), "{refused:?}");
    let lucia = NewPerson {
        name: PersonName::parse(ADMINISTRATOR.name).unwrap(),
        mail: mail(ADMINISTRATOR.mail),
        role: Role::Administrator,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    add_person(&test.desk, &Actor::System, lucia).await.unwrap();
    assert_eq!(renew_link(&test.desk).await.unwrap(), None);
}

async fn desk_whose_administrators_are_out_of_service_gets_a_link(engine: Engine) {
    let test = TestDesk::open(engine).await;
    administrator(&test.desk).await;
    assert_eq!(renew_link(&test.desk).await.unwrap(), None);
    sqlx::query("UPDATE people SET active = 0").execute(&mut test.connection().await).await.unwrap();
    assert!(renew_link(&test.desk).await.unwrap().is_some());
}

async fn withdrawn_link_opens_nothing(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let code = code(&test.desk).await;
    withdraw_link(&test.desk).await.unwrap();
    assert_eq!(link_state(&test.desk, &code).await.unwrap(), LinkState::Unknown);
    let refused = become_administrator(&test.desk, &code, ana(PASSWORD)).await;
    assert!(matches!(refused, Err(FirstAdministratorError::NoLink)), "{refused:?}");
}

async fn progress(desk: &Desk, actor: &Actor, step: Step) -> Progress {
    let list = checklist(desk, actor).await.unwrap();
    list.steps.into_iter().find(|(other, _)| *other == step).unwrap().1
}

async fn steps_are_read_from_the_desk_and_can_be_left_out(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = administrator(desk).await;
    let list = checklist(desk, &ana).await.unwrap();
    assert_eq!((list.left(), list.steps.len()), (Step::ALL.len(), Step::ALL.len()), "{list:?}");
    settle(desk, &ana, Step::Register, Mark::Skipped).await.unwrap();
    assert_eq!(progress(desk, &ana, Step::Register).await, Progress::Skipped);
    desk::lab::demo::register(desk).await.unwrap();
    assert_eq!(progress(desk, &ana, Step::Register).await, Progress::Done, "rows say more than a mark");
    settle(desk, &ana, Step::Plans, Mark::Settled).await.unwrap();
    assert_eq!(progress(desk, &ana, Step::Plans).await, Progress::Settled);
    settle(desk, &ana, Step::Plans, Mark::Open).await.unwrap();
    assert_eq!(progress(desk, &ana, Step::Plans).await, Progress::Open);
    agent(desk, "Luis Mora", "luis@cumbre.example").await;
    assert_eq!(progress(desk, &ana, Step::Colleagues).await, Progress::Done);
    add_display(desk, &ana, "Sala", Scope::default()).await.unwrap();
    assert_eq!(progress(desk, &ana, Step::Display).await, Progress::Done);
    let luis = Actor::Staff(Staff {
        id: domain::actor::PersonId(2),
        name: "Luis".into(),
        role: Role::Supervisor,
        composed: None,
    });
    assert!(
        checklist(desk, &luis).await.is_err()
            && settle(desk, &luis, Step::Mail, Mark::Settled).await.is_err()
    );
}

async fn passkey_of_a_former_host_is_no_second_factor_of_the_list(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = administrator(desk).await;
    let key = "INSERT INTO passkeys (credential_id, person_id, handle, rp_id, name, credential, added_utc_s)
               SELECT 'k1', id, '00', 'antes.example', 'Llave', '{}', 0 FROM people";
    sqlx::query(key).execute(&mut test.connection().await).await.unwrap();
    assert_eq!(progress(desk, &ana, Step::Account).await, Progress::Open);
}

async fn list_is_dismissed_and_taken_up_again(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = administrator(desk).await;
    assert!(is_unfinished(desk, &ana).await.unwrap());
    assert_eq!(checklist(desk, &ana).await.unwrap().dismissed, None);
    dismiss(desk, &ana, Mark::Settled).await.unwrap();
    assert!(!is_unfinished(desk, &ana).await.unwrap());
    let away = checklist(desk, &ana).await.unwrap().dismissed;
    assert_eq!(away, Some((test.clock.now(), "Ana Rivas".to_owned())));
    dismiss(desk, &ana, Mark::Open).await.unwrap();
    assert!(is_unfinished(desk, &ana).await.unwrap());
    for step in Step::ALL {
        settle(desk, &ana, step, Mark::Skipped).await.unwrap();
    }
    assert!(!is_unfinished(desk, &ana).await.unwrap(), "nothing is left");
    assert!(!is_unfinished(desk, &Actor::Anonymous).await.unwrap());
}

async fn test_mail_gives_the_servers_own_words(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = administrator(desk).await;
    let manners = [Manner::Takes, Manner::SaysOfRecipient("550 5.1.1 No such user here\r\n")];
    let mut server = Server::start(manners).await;
    let transport = Transport::Smtp(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        tls: Tls::None,
        roots: Roots::default(),
        login: None,
        sender: Sender {
            name: "Mesa".to_owned(),
            address: mail("mesa@cumbre.example"),
            replies: ReplyAddresses::Shared,
        },
        hello: "vigia.example".to_owned(),
    });
    let taken = send_test(desk, &ana, &transport).await.unwrap();
    assert_eq!(taken.recipient.as_str(), "ana@cumbre.example");
    assert!(matches!(&taken.outcome, TestOutcome::Accepted(words) if words.starts_with("250 ")), "{taken:?}");
    assert!(server.next().await.to[0].contains("ana@cumbre.example"));
    let refused = send_test(desk, &ana, &transport).await.unwrap();
    assert!(
        matches!(&refused.outcome, TestOutcome::Refused(words) if words.contains("No such user here")),
        "{refused:?}"
    );
    assert_eq!(counts(desk).await.unwrap().queued, 0, "it goes past the queue");
    let luis = Actor::Staff(Staff {
        id: domain::actor::PersonId(2),
        name: "Luis".into(),
        role: Role::Supervisor,
        composed: None,
    });
    assert!(send_test(desk, &luis, &transport).await.is_err());
}
