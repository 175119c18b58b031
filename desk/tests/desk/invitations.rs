//! Invitations, mailed links and details of accounts, where two people or a mistake get in between.

use desk::Desk;
use desk::access::changes::changes;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::second_factor::require;
use desk::access::sign_in::{Attempt, Use, session, sign_in};
use desk::access::staff::{NewPerson, PersonView, Service, add_person, people};
use desk::outbox::{ReplyAddresses, Sender, Settings, Transport, deliver_due, list};
use desk::people::invitations::{Invitee, invite};
use desk::people::keep::{Details, Keep, KeepError, edit, keep};
use desk::people::links::{Purpose, choose_password, open_link};
use desk::people::password_reset;
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;

use crate::support::{TestDesk, both_engines};

both_engines! {
    deactivating_an_invited_person_withdraws_the_invitation,
    corrected_address_gets_the_invitation_again,
    corrected_address_of_a_withdrawn_invitation_gets_none,
    promotion_to_a_role_that_needs_a_factor_ends_sessions_without_one,
    details_changed_meanwhile_are_not_overwritten,
    strangers_cannot_end_an_open_reset_link,
}

pub(crate) const MARTA: &str = "marta.salas@vigia.example";
pub(crate) const PASSWORD: &str = "caballo azul grande";

pub(crate) fn mail(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

/// An agent with [`PASSWORD`].
pub(crate) async fn agent(desk: &Desk, who: &str, address: &str) -> PersonId {
    let person = NewPerson {
        name: name(who),
        mail: mail(address),
        role: Role::Agent,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    add_person(desk, &Actor::System, person).await.unwrap()
}

/// Ana, who is invited as an agent.
async fn invited(desk: &Desk) -> PersonId {
    let ana = Invitee { name: name("Ana Rivas"), mail: mail("ana@vigia.exmaple"), role: Role::Agent };
    let [id] = invite(desk, &Actor::System, vec![ana], Language::Es).await.unwrap().try_into().unwrap();
    id
}

/// Sends what waits; the last parts of the links in it by which a password is chosen.
pub(crate) async fn mailed_links(test: &TestDesk) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let sender =
        Sender {
            name: "Vigía".into(), address: mail("mesa@vigia.example"), replies: ReplyAddresses::Shared
        };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    deliver_due(&test.desk, &transport, &Settings::default()).await.unwrap();
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap().replace("=\r\n", "");
        let Some((_, rest)) = text.split_once("/desk/password/") else { continue };
        let is_link = |c: char| c.is_ascii_alphanumeric() || c == '-';
        found.push(rest.split(|c| !is_link(c)).next().unwrap().to_owned());
    }
    found
}

async fn the_link(test: &TestDesk) -> String {
    let [link] = mailed_links(test).await.try_into().unwrap();
    link
}

async fn person(desk: &Desk, id: PersonId) -> PersonView {
    let everybody = people(desk, &Actor::System).await.unwrap();
    everybody.into_iter().find(|person| person.id == id).unwrap()
}

async fn history(desk: &Desk, id: PersonId) -> Vec<PersonChange> {
    changes(desk, &Actor::System, id).await.unwrap().into_iter().map(|entry| entry.change).collect()
}

async fn deactivating_an_invited_person_withdraws_the_invitation(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let id = invited(desk).await;
    let link = the_link(&test).await;
    assert!(open_link(desk, &link).await.unwrap().is_some());
    keep(desk, &Actor::System, id, vec![Keep::Deactivate]).await.unwrap();
    assert_eq!(open_link(desk, &link).await.unwrap(), None);
    assert_eq!(person(desk, id).await.service, Service::Ended);
    keep(desk, &Actor::System, id, vec![Keep::Deactivate]).await.unwrap();
    assert_eq!(
        history(desk, id).await,
        [PersonChange::InvitationWithdrawn, PersonChange::Invited { role: Role::Agent }]
    );
}

async fn corrected_address_gets_the_invitation_again(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let id = invited(desk).await;
    let first = the_link(&test).await;
    test.clock.advance(3600);
    keep(desk, &Actor::System, id, vec![Keep::MailTo(mail("ana@vigia.example"))]).await.unwrap();
    assert_eq!(open_link(desk, &first).await.unwrap(), None, "whoever reads the wrong mailbox");
    let second = the_link(&test).await;
    let open = open_link(desk, &second).await.unwrap().unwrap();
    assert_eq!((open.purpose, open.mail.as_str()), (Purpose::Invitation, "ana@vigia.example"));
    let until = test.clock.now().plus(Purpose::Invitation.lasts_s());
    assert_eq!(person(desk, id).await.service, Service::Invited { until });
    let history = history(desk, id).await;
    assert_eq!(history[0], PersonChange::InvitedAgain);
    assert!(matches!(history[1], PersonChange::MailChanged { .. }), "{history:?}");
    choose_password(desk, &second, PASSWORD).await.unwrap();
    assert_eq!(person(desk, id).await.service, Service::Active);
}

async fn corrected_address_of_a_withdrawn_invitation_gets_none(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let id = invited(desk).await;
    let wishes = vec![Keep::MailTo(mail("ana@vigia.example")), Keep::Deactivate];
    keep(desk, &Actor::System, id, wishes).await.unwrap();
    keep(desk, &Actor::System, id, vec![Keep::MailTo(mail("rivas@vigia.example"))]).await.unwrap();
    assert_eq!(list(desk, &Actor::System, None, 1).await.unwrap().paging.total, 1, "the first one alone");
    assert_eq!(person(desk, id).await.service, Service::Ended);
}

async fn enter(desk: &Desk) -> String {
    let source = Source::of("192.0.2.1".parse().unwrap());
    let attempt =
        Attempt { mail: MARTA, password: PASSWORD, source, browser: None, device: Device::parse("") };
    sign_in(desk, attempt).await.unwrap().session
}

async fn is_open(desk: &Desk, secret: &str) -> bool {
    session(desk, secret, Use::Asks).await.unwrap().is_some()
}

async fn promotion_to_a_role_that_needs_a_factor_ends_sessions_without_one(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let id = agent(desk, "Marta Salas", MARTA).await;
    require(desk, &Actor::System, vec![Role::Supervisor]).await.unwrap();
    let role = async |role| keep(desk, &Actor::System, id, vec![Keep::Role(role)]).await.unwrap();

    let secret = enter(desk).await;
    role(Role::Technician).await;
    assert!(is_open(desk, &secret).await, "the role needs none");
    role(Role::Supervisor).await;
    assert!(!is_open(desk, &secret).await, "the next sign-in asks for one");

    role(Role::Agent).await;
    let secret = enter(desk).await;
    let mut connection = test.connection().await;
    let set = "INSERT INTO second_factors (person_id, secret, since_utc_s, last_step) VALUES ($1, $2, $3, 0)";
    let set = sqlx::query(set).bind(id.0).bind("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").bind(test.clock.now().0);
    set.execute(&mut connection).await.unwrap();
    role(Role::Supervisor).await;
    assert!(is_open(desk, &secret).await, "the factor is set up");
}

async fn details_changed_meanwhile_are_not_overwritten(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let id = agent(desk, "Marta Salas", MARTA).await;
    let shown = Details { name: "Marta Salas".to_owned(), mail: MARTA.to_owned(), role: Role::Agent };
    let typed = |who: &str, role| Invitee { name: name(who), mail: mail("Marta.Salas@Vigia.example"), role };
    let save = async |typed| edit(desk, &Actor::System, id, Some(shown.clone()), typed).await;

    // One administrator promotes; the other's page still shows the former role.
    save(typed("Marta Salas", Role::Supervisor)).await.unwrap();
    let refused = save(typed("Marta Rey", Role::Agent)).await;
    let Err(KeepError::ChangedMeanwhile(stored)) = refused else { panic!("{refused:?}") };
    assert_eq!(stored, Details { role: Role::Supervisor, ..shown.clone() });
    let now = person(desk, id).await;
    assert_eq!((now.name.as_str(), now.role), ("Marta Salas", Role::Supervisor), "all or nothing");

    // The same wish twice is no contradiction, and what was shown again is taken.
    save(typed("Marta Salas", Role::Supervisor)).await.unwrap();
    let saved = edit(desk, &Actor::System, id, Some(stored), typed("Marta Rey", Role::Supervisor)).await;
    saved.unwrap();
    assert_eq!(person(desk, id).await.name.as_str(), "Marta Rey");
    assert_eq!(history(desk, id).await.len(), 3, "added, promoted, renamed");
}

async fn strangers_cannot_end_an_open_reset_link(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    agent(desk, "Marta Salas", MARTA).await;
    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    let link = the_link(&test).await;
    test.clock.advance(Purpose::PasswordReset.lasts_s() - 1);
    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    assert!(open_link(desk, &link).await.unwrap().is_some());
    assert_eq!(list(desk, &Actor::System, None, 1).await.unwrap().paging.total, 1);
    test.clock.advance(1);
    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    assert!(open_link(desk, &the_link(&test).await).await.unwrap().is_some());
}
