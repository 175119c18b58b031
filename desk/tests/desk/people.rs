//! Who works here: added, given another password, put out of service.

use crate::support::{desks, staff};
use desk::Desk;
use desk::passwords::PasswordProblem;
use desk::people::{NewPerson, PeopleError, Service, add_person, deactivate, people, set_password};
use desk::sign_in::{IDLE_S, SignInError, Use, session, sign_in};
use domain::actor::{Actor, PersonId, Role};
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use domain::words::Language;

fn marta() -> NewPerson {
    NewPerson {
        name: PersonName::parse("Marta Salas").unwrap(),
        mail: MailAddress::parse("Marta.Salas@Vigia.example").unwrap(),
        role: Role::Agent,
        language: Language::Es,
        password: "caballo azul grande".to_owned(),
    }
}

async fn signed_in(desk: &Desk, password: &str) -> Result<String, SignInError> {
    sign_in(desk, "marta.salas@vigia.example", password).await
}

#[tokio::test]
async fn whoever_is_added_signs_in() {
    for at in desks().await {
        let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
        let secret = signed_in(&at.desk, "caballo azul grande").await.unwrap();
        let Some(Actor::Staff(who)) = session(&at.desk, &secret, Use::Asks).await.unwrap() else {
            panic!("nobody")
        };
        assert_eq!((who.id, who.name.as_str(), who.role), (id, "Marta Salas", Role::Agent), "{}", at.engine);
        assert!(matches!(signed_in(&at.desk, "caballo azul").await, Err(SignInError::Wrong)));

        let everybody = people(&at.desk, &staff(Role::Administrator)).await.unwrap();
        assert_eq!(everybody.len(), 1);
        assert_eq!(everybody[0].mail.as_str(), "marta.salas@vigia.example");
        assert_eq!(everybody[0].service, Service::Active);
    }
}

#[tokio::test]
async fn a_mail_address_is_one_persons() {
    for at in desks().await {
        add_person(&at.desk, &Actor::System, marta()).await.unwrap();
        let again = NewPerson { mail: MailAddress::parse("marta.salas@vigia.example").unwrap(), ..marta() };
        let refused = add_person(&at.desk, &Actor::System, again).await;
        assert!(matches!(refused, Err(PeopleError::MailTaken)), "{}: {refused:?}", at.engine);
        assert_eq!(people(&at.desk, &Actor::System).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn another_password_ends_the_sessions() {
    for at in desks().await {
        let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
        let secret = signed_in(&at.desk, "caballo azul grande").await.unwrap();
        let weak = set_password(&at.desk, &Actor::System, id, "Marta Salas").await;
        assert!(matches!(weak, Err(PeopleError::Password(PasswordProblem::Personal))));
        assert!(session(&at.desk, &secret, Use::Asks).await.unwrap().is_some(), "nothing has happened yet");

        set_password(&at.desk, &Actor::System, id, "yegua verde chica").await.unwrap();
        assert_eq!(session(&at.desk, &secret, Use::Asks).await.unwrap(), None, "{}", at.engine);
        assert!(matches!(signed_in(&at.desk, "caballo azul grande").await, Err(SignInError::Wrong)));
        signed_in(&at.desk, "yegua verde chica").await.unwrap();
        let nobody = set_password(&at.desk, &Actor::System, PersonId(99), "yegua verde chica").await;
        assert!(matches!(nobody, Err(PeopleError::NotFound)));
    }
}

#[tokio::test]
async fn whoever_is_out_of_service_is_out() {
    for at in desks().await {
        let id = add_person(&at.desk, &Actor::System, marta()).await.unwrap();
        let secret = signed_in(&at.desk, "caballo azul grande").await.unwrap();
        deactivate(&at.desk, &Actor::System, id).await.unwrap();
        assert_eq!(session(&at.desk, &secret, Use::Asks).await.unwrap(), None, "{}", at.engine);
        assert!(matches!(signed_in(&at.desk, "caballo azul grande").await, Err(SignInError::Wrong)));
        assert_eq!(people(&at.desk, &Actor::System).await.unwrap()[0].service, Service::Ended);
        let nobody = deactivate(&at.desk, &Actor::System, PersonId(99)).await;
        assert!(matches!(nobody, Err(PeopleError::NotFound)));
    }
}

#[tokio::test]
async fn only_administrators_keep_people() {
    let at = desks().await.swap_remove(0);
    for actor in [Actor::Anonymous, staff(Role::Agent), staff(Role::Supervisor)] {
        let refused = |result: Result<(), PeopleError>| matches!(result, Err(PeopleError::NotPermitted(_)));
        assert!(refused(add_person(&at.desk, &actor, marta()).await.map(drop)));
        assert!(refused(set_password(&at.desk, &actor, PersonId(1), "yegua verde chica").await));
        assert!(refused(deactivate(&at.desk, &actor, PersonId(1)).await));
        assert!(refused(people(&at.desk, &actor).await.map(drop)));
    }
    let administrator = staff(Role::Administrator);
    add_person(&at.desk, &administrator, marta()).await.unwrap();
}

#[tokio::test]
async fn a_session_that_only_watches_ends_as_an_idle_one() {
    for at in desks().await {
        add_person(&at.desk, &Actor::System, marta()).await.unwrap();
        let (watching, working) = (
            signed_in(&at.desk, "caballo azul grande").await.unwrap(),
            signed_in(&at.desk, "caballo azul grande").await.unwrap(),
        );
        let desk = &at.desk;
        for _ in 0..(IDLE_S / 600) {
            at.clock.advance(600);
            assert!(session(desk, &working, Use::Asks).await.unwrap().is_some(), "{}", at.engine);
            // An open stream looks every few seconds.
            session(desk, &watching, Use::Watches).await.unwrap();
        }
        assert_eq!(session(desk, &watching, Use::Watches).await.unwrap(), None, "{}", at.engine);
        assert!(session(desk, &working, Use::Watches).await.unwrap().is_some(), "{}", at.engine);
    }
}
