//! Accounts: one's own password and sessions, forgotten passwords, invitations, roles and service, and what is written down of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use desk::Desk;
use desk::DeskError;
use desk::Ports;
use desk::access::changes::changes;
use desk::access::demonstration;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::own_account::{
    AccountError, ChangePasswordError, Ends, SessionName, change_own_password, end_sessions, own_account,
    set_own_language,
};
use desk::access::passwords::PasswordProblem;
use desk::access::second_factor;
use desk::access::sign_in::{Attempt, SignInError, SignedIn, Use, session, sign_in};
use desk::access::staff::{NewPerson, Service, add_person, people, set_password};
use desk::outbox::{ReplyAddresses, Sender, Settings, Transport, deliver_due, list, read};
use desk::people::handover::in_hand;
use desk::people::invitations::{InviteError, Invitee, invite, invite_again, withdraw_invitation};
use desk::people::keep::{Keep, KeepError, keep};
use desk::people::links::{ChoosePasswordError, Purpose, choose_password, open_link};
use desk::people::password_reset;
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use sqlx::{AnyConnection, Connection, Executor, Row};

use crate::support::{PUBLIC_URL, TestDesk, both_engines, explain, nth_mail, staff};

both_engines! {
    own_password_change_keeps_this_session_and_ends_the_others,
    wrong_current_passwords_are_limited,
    session_is_listed_with_its_device_and_ended_by_its_name,
    sessions_of_others_cannot_be_ended,
    own_language_is_that_of_mails,
    reset_link_changes_the_password_once_within_half_an_hour,
    reset_is_sent_to_nobody_unknown_or_out_of_service,
    repeated_reset_requests_send_one_link,
    link_is_stored_hashed_and_its_code_is_in_no_row,
    invited_people_come_by_their_link_once_within_two_days,
    invitations_are_sent_for_a_whole_list_or_for_nobody,
    withdrawn_or_replaced_invitation_leads_nowhere,
    changes_of_an_account_are_written_down_with_author_and_time,
    last_administrator_keeps_role_and_service,
    deactivated_person_is_taken_back_with_their_password,
    mail_address_change_voids_links_and_refuses_a_taken_one,
    demonstration_is_closed_when_somebody_comes_whatever_was_changed_of_it,
    account_of_the_demonstration_is_not_changed,
    password_change_voids_reset_links,
    password_set_by_the_operator_ends_an_invitation,
    session_does_not_begin_by_a_password_that_was_changed_meanwhile,
    session_does_not_begin_while_a_second_factor_is_removed,
    queries_of_accounts_are_served_by_indexes,
}

const MARTA: &str = "marta.salas@vigia.example";
const PASSWORD: &str = "caballo azul grande";
const OTHER: &str = "yegua verde chica";

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

fn mail(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

async fn add(desk: &Desk, who: &str, address: &str, role: Role) -> (PersonId, Actor) {
    let person = NewPerson {
        name: name(who),
        mail: mail(address),
        role,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    (id, Actor::Staff(Staff { id, name: who.to_owned(), role, composed: None }))
}

async fn marta(desk: &Desk) -> (PersonId, Actor) {
    add(desk, "Marta Salas", MARTA, Role::Agent).await
}

async fn enter(desk: &Desk, address: &str, password: &str) -> Result<SignedIn, SignInError> {
    let device = Device::parse("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0");
    let source = Source::of("192.0.2.1".parse().unwrap());
    sign_in(desk, Attempt { mail: address, password, source, browser: None, device }).await
}

async fn is_open(desk: &Desk, signed_in: &SignedIn) -> bool {
    session(desk, &signed_in.session, Use::Asks).await.unwrap().is_some()
}

/// Sends what waits; the last parts of all links in it by which a password is chosen, in the order of their numbers.
async fn links(test: &TestDesk) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let sender =
        Sender {
            name: "Vigía".into(), address: mail("mesa@vigia.example"), replies: ReplyAddresses::Shared
        };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    deliver_due(&test.desk, &transport, &Settings::default()).await.unwrap();
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        found.extend(link_in(&file.unwrap().path()));
    }
    found.sort();
    found
}

fn link_in(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).unwrap().replace("=\r\n", "");
    let (_, rest) = text.split_once("/desk/password/")?;
    let is_link = |c: char| c.is_ascii_alphanumeric() || c == '-';
    Some(rest.split(|c| !is_link(c)).next()?.to_owned())
}

async fn own_password_change_keeps_this_session_and_ends_the_others(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (this, other) =
        (enter(desk, MARTA, PASSWORD).await.unwrap(), enter(desk, MARTA, PASSWORD).await.unwrap());
    let kept = SessionName::of(&this.session);
    let change = async |typed| change_own_password(desk, &actor, kept.clone(), typed).await;
    let wrong = change(("otra cosa larga", OTHER)).await;
    assert!(matches!(wrong, Err(ChangePasswordError::Account(AccountError::WrongCurrent))));
    let common = change((PASSWORD, "Password 2026!")).await;
    assert!(matches!(common, Err(ChangePasswordError::Password(PasswordProblem::Common))));
    assert!(is_open(desk, &other).await, "nothing has happened yet");

    change((PASSWORD, OTHER)).await.unwrap();
    assert!(is_open(desk, &this).await);
    assert!(!is_open(desk, &other).await);
    assert!(matches!(enter(desk, MARTA, PASSWORD).await, Err(SignInError::Wrong)));
    enter(desk, MARTA, OTHER).await.unwrap();
    let history = changes(desk, &Actor::System, id).await.unwrap();
    assert_eq!(history[0].change, PersonChange::PasswordChanged);
    assert_eq!(history[0].by.as_deref(), Some("Marta Salas"));
}

async fn wrong_current_passwords_are_limited(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let (_, actor) = marta(&test.desk).await;
    let kept = SessionName::of(&enter(&test.desk, MARTA, PASSWORD).await.unwrap().session);
    let guess = async |typed| change_own_password(&test.desk, &actor, kept.clone(), typed).await;
    for _ in 0..10 {
        let wrong = guess(("no es esta", OTHER)).await;
        assert!(matches!(wrong, Err(ChangePasswordError::Account(AccountError::WrongCurrent))));
    }
    let right = guess((PASSWORD, OTHER)).await;
    assert!(matches!(right, Err(ChangePasswordError::Account(AccountError::TooManyTries))));
    test.clock.advance(3600);
    guess((PASSWORD, OTHER)).await.unwrap();
}

async fn session_is_listed_with_its_device_and_ended_by_its_name(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (first, second) =
        (enter(desk, MARTA, PASSWORD).await.unwrap(), enter(desk, MARTA, PASSWORD).await.unwrap());
    test.clock.advance(120);
    assert!(is_open(desk, &second).await);
    let sessions = own_account(desk, &actor).await.unwrap().sessions;
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0].name, SessionName::of(&second.session), "the one used last");
    assert_eq!(
        (sessions[0].device.as_str(), sessions[0].network.as_str()),
        ("Firefox · Windows", "192.0.2.1")
    );
    assert_eq!(sessions[0].seen_at, test.clock.now());
    assert_eq!(sessions[1].begun_at, test.clock.now().plus(-120));

    let ended = end_sessions(desk, &actor, Ends::One(SessionName::of(&first.session))).await.unwrap();
    assert_eq!(ended, 1);
    assert!(!is_open(desk, &first).await && is_open(desk, &second).await);
    let third = enter(desk, MARTA, PASSWORD).await.unwrap();
    end_sessions(desk, &actor, Ends::AllBut(SessionName::of(&third.session))).await.unwrap();
    assert!(!is_open(desk, &second).await && is_open(desk, &third).await);
}

async fn sessions_of_others_cannot_be_ended(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    marta(desk).await;
    let (_, luis) = add(desk, "Luis Peña", "luis@vigia.example", Role::Administrator).await;
    let hers = enter(desk, MARTA, PASSWORD).await.unwrap();
    let ended = end_sessions(desk, &luis, Ends::One(SessionName::of(&hers.session))).await.unwrap();
    assert_eq!(ended, 0);
    end_sessions(desk, &luis, Ends::AllBut(SessionName::parse("none"))).await.unwrap();
    assert!(is_open(desk, &hers).await);
    for actor in [Actor::Anonymous, Actor::System] {
        let refused = own_account(desk, &actor).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
}

async fn own_language_is_that_of_mails(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let (_, actor) = marta(&test.desk).await;
    set_own_language(&test.desk, &actor, Language::Pt).await.unwrap();
    assert_eq!(own_account(&test.desk, &actor).await.unwrap().language, Language::Pt);
    password_reset::send(&test.desk, &mail(MARTA)).await.unwrap();
    let written = read(&test.desk, &Actor::System, nth_mail(&test.desk, 1).await).await.unwrap();
    assert!(written.text.contains("Contraseña nueva") || written.text.contains("Senha nova"));
    assert!(written.html.contains("<html lang=\"pt\">"));
}

async fn reset_link_changes_the_password_once_within_half_an_hour(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, _) = marta(desk).await;
    let before = enter(desk, MARTA, PASSWORD).await.unwrap();
    password_reset::send(desk, &mail("Marta.Salas@Vigia.example")).await.unwrap();
    let [link] = links(&test).await.try_into().unwrap();
    test.clock.advance(Purpose::PasswordReset.lasts_s());
    assert_eq!(open_link(desk, &link).await.unwrap(), None, "too late");
    assert!(matches!(choose_password(desk, &link, OTHER).await, Err(ChoosePasswordError::NoLink)));

    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    let [link] = links(&test).await.try_into().unwrap();
    test.clock.advance(Purpose::PasswordReset.lasts_s() - 1);
    assert_eq!(open_link(desk, &link).await.unwrap().unwrap().purpose, Purpose::PasswordReset);
    let personal = choose_password(desk, &link, "Marta Salas").await;
    assert!(matches!(personal, Err(ChoosePasswordError::Password(PasswordProblem::Personal))));
    assert!(is_open(desk, &before).await, "nothing has happened yet");
    assert_eq!(choose_password(desk, &link, OTHER).await.unwrap(), Purpose::PasswordReset);
    assert!(!is_open(desk, &before).await);
    enter(desk, MARTA, OTHER).await.unwrap();
    assert!(matches!(choose_password(desk, &link, PASSWORD).await, Err(ChoosePasswordError::NoLink)), "once");
    for made_up in
        ["", "1", "1-", &link.replace('-', "-0"), &link.to_uppercase(), "1-00000000000000000000000000000000"]
    {
        assert_eq!(open_link(desk, made_up).await.unwrap(), None, "{made_up}");
    }
    assert_eq!(changes(desk, &Actor::System, id).await.unwrap()[0].change, PersonChange::PasswordReset);
}

async fn reset_is_sent_to_nobody_unknown_or_out_of_service(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let (id, _) = marta(&test.desk).await;
    keep(&test.desk, &Actor::System, id, vec![Keep::Deactivate]).await.unwrap();
    for address in [MARTA, "nobody@vigia.example"] {
        password_reset::send(&test.desk, &mail(address)).await.unwrap();
    }
    assert_eq!(list(&test.desk, &Actor::System, None, 1).await.unwrap().paging.total, 0);
}

async fn repeated_reset_requests_send_one_link(engine: Engine) {
    let test = TestDesk::open(engine).await;
    marta(&test.desk).await;
    for _ in 0..5 {
        password_reset::send(&test.desk, &mail(MARTA)).await.unwrap();
    }
    assert_eq!(list(&test.desk, &Actor::System, None, 1).await.unwrap().paging.total, 1);
    let source = Source::of("198.51.100.7".parse().unwrap());
    let asked = (0..50).filter(|_| password_reset::ask(&test.desk, mail("no@vigia.example"), source).is_ok());
    assert_eq!(asked.count(), 10, "a network asks no more than that");
}

async fn link_is_stored_hashed_and_its_code_is_in_no_row(engine: Engine) {
    let test = TestDesk::open(engine).await;
    marta(&test.desk).await;
    password_reset::send(&test.desk, &mail(MARTA)).await.unwrap();
    let shown = read(&test.desk, &Actor::System, nth_mail(&test.desk, 1).await).await.unwrap();
    assert_eq!(shown.line.case, None);
    let (_, masked) = shown.text.split_once("/desk/password/1-").unwrap();
    assert!(masked.lines().next().unwrap().contains("-…"), "{}", shown.text);
    let [link] = links(&test).await.try_into().unwrap();
    let code = link.rsplit('-').next().unwrap();
    assert_eq!(code.len(), 32);
    let mut connection = test.connection().await;
    let row = sqlx::query("SELECT token_hash, (SELECT COUNT(*) FROM outbox WHERE body_text LIKE $1 OR body_html LIKE $1) FROM account_links")
        .bind(format!("%{code}%"))
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(!row.get::<String, _>(0).contains(code));
    assert_eq!(row.get::<i64, _>(1), 0);
}

fn invitees(list: &[(&str, &str, Role)]) -> Vec<Invitee> {
    list.iter()
        .map(|(who, address, role)| Invitee { name: name(who), mail: mail(address), role: *role })
        .collect()
}

async fn invited_people_come_by_their_link_once_within_two_days(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, boss) = add(desk, "Lucía Ferrer", "lucia@vigia.example", Role::Administrator).await;
    let both = invitees(&[
        ("Ana Rivas", "Ana@vigia.example", Role::Agent),
        ("Eva Paz", "eva@vigia.example", Role::Technician),
    ]);
    let ids = invite(desk, &boss, both, Language::Es).await.unwrap();
    let seen = people(desk, &boss).await.unwrap();
    let ana = seen.iter().find(|person| person.id == ids[0]).unwrap();
    assert_eq!(ana.service, Service::Invited { until: test.clock.now().plus(48 * 3600) });
    assert!(matches!(enter(desk, "ana@vigia.example", "").await, Err(SignInError::Wrong)));
    let [first, second] = links(&test).await.try_into().unwrap();
    assert_eq!(choose_password(desk, &first, PASSWORD).await.unwrap(), Purpose::Invitation);
    enter(desk, "ana@vigia.example", PASSWORD).await.unwrap();
    assert!(matches!(choose_password(desk, &first, OTHER).await, Err(ChoosePasswordError::NoLink)));
    test.clock.advance(48 * 3600);
    assert!(matches!(choose_password(desk, &second, OTHER).await, Err(ChoosePasswordError::NoLink)));
    let history: Vec<_> = changes(desk, &boss, ids[0]).await.unwrap();
    assert_eq!(
        history.iter().map(|entry| &entry.change).collect::<Vec<_>>(),
        [&PersonChange::Joined, &PersonChange::Invited { role: Role::Agent }]
    );
    assert_eq!(
        (history[0].by.as_deref(), history[1].by.as_deref()),
        (Some("Ana Rivas"), Some("Lucía Ferrer"))
    );
    let late = invite_again(desk, &boss, ids[0]).await;
    assert!(matches!(late, Err(InviteError::NotInvited)), "{late:?}");
}

async fn invitations_are_sent_for_a_whole_list_or_for_nobody(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    marta(desk).await;
    let list_of = invitees(&[
        ("Ana Rivas", "ana@vigia.example", Role::Agent),
        ("Marta S", "MARTA.salas@vigia.example", Role::Agent),
    ]);
    let refused = invite(desk, &Actor::System, list_of, Language::Es).await;
    assert!(matches!(&refused, Err(InviteError::Taken(places)) if places == &[1]), "{refused:?}");
    assert_eq!(people(desk, &Actor::System).await.unwrap().len(), 1);
    assert_eq!(list(desk, &Actor::System, None, 1).await.unwrap().paging.total, 0);
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let refused = invite(
            desk,
            &staff(role),
            invitees(&[("Ana Rivas", "ana@vigia.example", Role::Agent)]),
            Language::Es,
        )
        .await;
        assert!(matches!(refused, Err(InviteError::Desk(DeskError::NotPermitted(_)))), "{role:?}");
        let refused = keep(desk, &staff(role), PersonId(1), vec![Keep::Role(Role::Administrator)]).await;
        assert!(matches!(refused, Err(KeepError::Desk(DeskError::NotPermitted(_)))), "{role:?}");
    }
}

async fn withdrawn_or_replaced_invitation_leads_nowhere(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = invitees(&[("Ana Rivas", "ana@vigia.example", Role::Agent)]);
    let [id] = invite(desk, &Actor::System, ana, Language::Es).await.unwrap().try_into().unwrap();
    let [first] = links(&test).await.try_into().unwrap();
    invite_again(desk, &Actor::System, id).await.unwrap();
    let [second] = links(&test).await.try_into().unwrap();
    assert_eq!(open_link(desk, &first).await.unwrap(), None);
    assert!(open_link(desk, &second).await.unwrap().is_some());
    withdraw_invitation(desk, &Actor::System, id).await.unwrap();
    assert_eq!(open_link(desk, &second).await.unwrap(), None);
    assert_eq!(people(desk, &Actor::System).await.unwrap()[0].service, Service::Ended);
    let back = keep(desk, &Actor::System, id, vec![Keep::Reactivate]).await;
    assert!(matches!(back, Err(KeepError::NeverJoined)));
    let nobody = withdraw_invitation(desk, &Actor::System, PersonId(99)).await;
    assert!(matches!(nobody, Err(InviteError::Desk(DeskError::NotFound))));
}

async fn changes_of_an_account_are_written_down_with_author_and_time(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, boss) = add(desk, "Lucía Ferrer", "lucia@vigia.example", Role::Administrator).await;
    let (id, _) = marta(desk).await;
    test.clock.advance(60);
    let wishes = vec![
        Keep::Rename(name("Marta Salas Rey")),
        Keep::MailTo(mail("Marta@vigia.example")),
        Keep::Role(Role::Supervisor),
    ];
    keep(desk, &boss, id, wishes.clone()).await.unwrap();
    keep(desk, &boss, id, wishes).await.unwrap();
    let history = changes(desk, &staff(Role::Supervisor), id).await.unwrap();
    let expected = [
        PersonChange::RoleChanged { from: Role::Agent, to: Role::Supervisor },
        PersonChange::MailChanged { from: MARTA.to_owned(), to: "marta@vigia.example".to_owned() },
        PersonChange::Renamed { from: "Marta Salas".to_owned(), to: "Marta Salas Rey".to_owned() },
        PersonChange::Added { role: Role::Agent },
    ];
    assert_eq!(
        history.iter().map(|entry| entry.change.clone()).collect::<Vec<_>>(),
        expected,
        "what is so already is no change"
    );
    assert_eq!(history[0].by.as_deref(), Some("Lucía Ferrer"));
    assert_eq!(history[0].at, test.clock.now());
    assert_eq!(history[3].by, None, "the operator");
    assert!(matches!(changes(desk, &staff(Role::Agent), id).await, Err(DeskError::NotPermitted(_))));
    assert_eq!(in_hand(desk, &boss, id).await.unwrap(), desk::people::handover::InHand::default());
}

async fn last_administrator_keeps_role_and_service(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (lucia, boss) = add(desk, "Lucía Ferrer", "lucia@vigia.example", Role::Administrator).await;
    for wish in [Keep::Role(Role::Agent), Keep::Deactivate] {
        for actor in [&boss, &Actor::System] {
            let refused = keep(desk, actor, lucia, vec![wish.clone()]).await;
            assert!(matches!(refused, Err(KeepError::LastAdministrator)), "{wish:?}");
        }
    }
    let (other, _) = add(desk, "Eva Paz", "eva@vigia.example", Role::Administrator).await;
    keep(desk, &boss, lucia, vec![Keep::Role(Role::Agent)]).await.unwrap();
    let refused =
        keep(desk, &Actor::System, other, vec![Keep::Rename(name("Eva Rey")), Keep::Deactivate]).await;
    assert!(matches!(refused, Err(KeepError::LastAdministrator)));
    let eva =
        people(desk, &Actor::System).await.unwrap().into_iter().find(|person| person.id == other).unwrap();
    assert_eq!(eva.name.as_str(), "Eva Paz", "all or nothing");
}

async fn deactivated_person_is_taken_back_with_their_password(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, _) = marta(desk).await;
    let before = enter(desk, MARTA, PASSWORD).await.unwrap();
    keep(desk, &Actor::System, id, vec![Keep::Deactivate]).await.unwrap();
    assert!(!is_open(desk, &before).await);
    assert!(matches!(enter(desk, MARTA, PASSWORD).await, Err(SignInError::Wrong)));
    keep(desk, &Actor::System, id, vec![Keep::Reactivate]).await.unwrap();
    assert!(!is_open(desk, &before).await, "a session that has ended stays so");
    enter(desk, MARTA, PASSWORD).await.unwrap();
}

async fn mail_address_change_voids_links_and_refuses_a_taken_one(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, _) = marta(desk).await;
    add(desk, "Luis Peña", "luis@vigia.example", Role::Agent).await;
    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    let [link] = links(&test).await.try_into().unwrap();
    let taken = keep(desk, &Actor::System, id, vec![Keep::MailTo(mail("Luis@vigia.example"))]).await;
    assert!(matches!(taken, Err(KeepError::MailTaken)));
    assert!(open_link(desk, &link).await.unwrap().is_some());
    keep(desk, &Actor::System, id, vec![Keep::MailTo(mail("marta@vigia.example"))]).await.unwrap();
    assert_eq!(open_link(desk, &link).await.unwrap(), None, "whoever reads the former mailbox");
    enter(desk, "marta@vigia.example", PASSWORD).await.unwrap();
}

/// The demonstration's administrator.
async fn demo_administrator(desk: &Desk) -> (PersonId, Actor) {
    let member = demonstration::ADMINISTRATOR;
    let person = NewPerson {
        name: name(member.name),
        mail: mail(member.mail),
        role: member.role,
        language: Language::Es,
        password: demonstration::PASSWORD.to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    (id, Actor::Staff(Staff { id, name: member.name.to_owned(), role: member.role, composed: None }))
}

async fn demonstration_is_closed_when_somebody_comes_whatever_was_changed_of_it(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, _) = demo_administrator(desk).await;
    let address = demonstration::ADMINISTRATOR.mail;
    set_password(desk, &Actor::System, id, PASSWORD).await.unwrap();
    let before = enter(desk, address, PASSWORD).await.unwrap();
    assert!(is_open(desk, &before).await);
    marta(desk).await;
    assert!(!is_open(desk, &before).await);
    assert!(matches!(enter(desk, address, PASSWORD).await, Err(SignInError::Wrong)));
    let seen = people(desk, &Actor::System).await.unwrap();
    assert_eq!(seen.iter().find(|person| person.id == id).unwrap().service, Service::Ended);
}

async fn account_of_the_demonstration_is_not_changed(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = demo_administrator(desk).await;
    let address = demonstration::ADMINISTRATOR.mail;
    second_factor::require(desk, &Actor::System, vec![Role::Administrator]).await.unwrap();
    let (this, other) = (
        enter(desk, address, demonstration::PASSWORD).await.unwrap(),
        enter(desk, address, demonstration::PASSWORD).await.unwrap(),
    );
    let kept = SessionName::of(&this.session);
    let typed = (demonstration::PASSWORD, OTHER);
    let changed = change_own_password(desk, &actor, kept.clone(), typed).await;
    assert!(matches!(changed, Err(ChangePasswordError::Account(AccountError::Shared(_)))), "{changed:?}");
    let ended = end_sessions(desk, &actor, Ends::AllBut(kept.clone())).await;
    assert!(matches!(ended, Err(AccountError::Shared(_))), "{ended:?}");
    let begun = second_factor::begin(desk, &actor, &kept, demonstration::PASSWORD).await;
    assert!(matches!(begun, Err(AccountError::Shared(_))), "{begun:?}");
    let readdressed = keep(desk, &actor, id, vec![Keep::MailTo(mail("ana@vigia.example"))]).await;
    assert!(matches!(readdressed, Err(KeepError::Shared(_))), "{readdressed:?}");
    assert!(is_open(desk, &other).await);
    let sessions = own_account(desk, &actor).await.unwrap().sessions;
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|session| session.network.is_empty()), "visitors do not see each other");
}

async fn password_change_voids_reset_links(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    let [link] = links(&test).await.try_into().unwrap();
    assert!(open_link(desk, &link).await.unwrap().is_some());
    change_own_password(desk, &actor, SessionName::parse("this"), (PASSWORD, OTHER)).await.unwrap();
    assert_eq!(open_link(desk, &link).await.unwrap(), None);

    test.clock.advance(Purpose::PasswordReset.lasts_s());
    password_reset::send(desk, &mail(MARTA)).await.unwrap();
    let [link] = links(&test).await.try_into().unwrap();
    assert!(open_link(desk, &link).await.unwrap().is_some());
    set_password(desk, &Actor::System, id, PASSWORD).await.unwrap();
    assert_eq!(open_link(desk, &link).await.unwrap(), None);
}

async fn password_set_by_the_operator_ends_an_invitation(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = invitees(&[("Ana Rivas", "ana@vigia.example", Role::Agent)]);
    let [id] = invite(desk, &Actor::System, ana, Language::Es).await.unwrap().try_into().unwrap();
    let [link] = links(&test).await.try_into().unwrap();
    set_password(desk, &Actor::System, id, PASSWORD).await.unwrap();
    assert_eq!(open_link(desk, &link).await.unwrap(), None);
    assert_eq!(people(desk, &Actor::System).await.unwrap()[0].service, Service::Ended);
    keep(desk, &Actor::System, id, vec![Keep::Reactivate]).await.unwrap();
    enter(desk, "ana@vigia.example", PASSWORD).await.unwrap();
}

/// Changes accounts as another process does.
fn change_people(address: &str, change: &'static str) {
    let address = address.to_owned();
    let changing = std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut connection = AnyConnection::connect(&address).await.unwrap();
            connection.execute(change).await.unwrap();
        });
    });
    changing.join().unwrap();
}

/// A sign-in whose password was compared already when accounts are changed.
async fn enter_while(engine: Engine, change: &'static str) -> Result<SignedIn, SignInError> {
    let test = TestDesk::open(engine).await;
    marta(&test.desk).await;
    let waits = Arc::new(AtomicBool::new(false));
    let (is_due, address, clock) = (Arc::clone(&waits), test.address.clone(), test.clock.clone());
    // The secret of a session is drawn when the password was compared already.
    let chance = move |bytes: &mut [u8]| {
        bytes.fill(7);
        if is_due.swap(false, Ordering::SeqCst) {
            change_people(&address, change);
        }
    };
    let ports = Ports::new(move || clock.now(), chance);
    let desk = Desk::open(&test.address, PUBLIC_URL, ports).await.unwrap();
    waits.store(true, Ordering::SeqCst);
    let entered = enter(&desk, MARTA, PASSWORD).await;
    assert!(!waits.load(Ordering::SeqCst), "it was changed meanwhile");
    entered
}

async fn session_does_not_begin_by_a_password_that_was_changed_meanwhile(engine: Engine) {
    let entered = enter_while(engine, "UPDATE people SET password_hash = 'another'").await;
    assert!(matches!(entered, Err(SignInError::Wrong)), "{entered:?}");
}

async fn session_does_not_begin_while_a_second_factor_is_removed(engine: Engine) {
    let entered = enter_while(engine, "UPDATE people SET factor_resets = factor_resets + 1").await;
    assert!(matches!(entered, Err(SignInError::Wrong)), "{entered:?}");
}

async fn queries_of_accounts_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    if engine == Engine::Postgres {
        let changes = "INSERT INTO person_changes (id, person_id, at_utc_s, change)
                       SELECT n, 1 + n % 200, n, '{}' FROM generate_series(1, 20000) AS n";
        for sql in [changes, "ANALYZE person_changes"] {
            connection.execute(sql).await.unwrap();
        }
    }
    for (sql, index) in [
        (
            "SELECT at_utc_s, by_name, change FROM person_changes WHERE person_id = 7 ORDER BY id DESC LIMIT 100",
            "person_changes_by_person",
        ),
        (
            "SELECT number FROM cases WHERE holder_id = 7 AND is_open = 1 ORDER BY sort_key, number LIMIT 200",
            "cases_by_holder_and_rank",
        ),
        (
            "SELECT case_number, from_utc_s FROM visits
             WHERE technician_id = 7 AND stage IN ('offered', 'proposed', 'agreed', 'on_site', 'working')
             ORDER BY from_utc_s, case_number LIMIT 200",
            "visits_by_technician",
        ),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
