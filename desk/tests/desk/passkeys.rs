//! Passkeys: one signs in alone, and is the second factor after a password. What is answered twice, late, elsewhere or by a copy counts
//! for nothing.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use desk::Desk;
use desk::access::changes::changes;
use desk::access::device::Device;
use desk::access::factor_proof::factor_wanted;
use desk::access::limits::Source;
use desk::access::own_account::{AccountError, Ends, SessionName, change_own_password, end_sessions};
use desk::access::passkeys::{
    CHALLENGE_S, Challenge, MOST, PasskeyError, ask, begin, enter, finish, own_passkeys,
    prove as prove_by_passkey, remove, rename,
};
use desk::access::second_factor::{self, require};
use desk::access::second_step::{self, Entered, SecondStep, Wanted};
use desk::access::sign_in::{Attempt, Began, SignInError, SignedIn, Use, session, sign_in};
use desk::access::staff::{NewPerson, add_person};
use desk::access::trusted_devices::{TRUSTED_S, distrust, own_trusted, trust};
use desk::audit::{AuditFilter, read};
use desk::people::keep::{Keep, keep};
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::audit::{AuditAuthor, AuditEvent, AuditKind, SignInRefusal};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use sqlx::AnyConnection;

use crate::support::authenticator::Authenticator;
use crate::support::{TestDesk, both_engines, count, explain, staff};

both_engines! {
    passkey_signs_in_alone,
    passkey_is_the_second_factor_after_the_password,
    passkey_is_renamed_and_removed_by_its_owner,
    challenge_is_answered_once_in_time_and_in_its_own_session,
    copied_unverified_and_foreign_answers_are_refused,
    passkey_of_a_former_address_asks_for_a_recovery_code,
    passkeys_that_are_begun_at_once_are_no_more_than_the_most,
    refused_passkey_is_in_the_audit_log,
    role_that_needs_a_factor_is_content_with_a_passkey,
    administrator_removes_the_passkeys_of_somebody,
    trusted_browser_is_asked_for_the_password_alone,
    trust_ends_with_the_password_the_factor_and_the_time,
    weak_hash_is_replaced_at_the_sign_in,
    passkey_queries_are_served_by_indexes,
    password_in_a_trusted_browser_changes_no_way_to_sign_in,
    passkey_of_another_person_proves_nothing,
    trusted_browser_gets_a_token_that_no_other_holds,
    last_good_passkey_takes_those_of_former_addresses_along,
    role_that_needs_a_factor_ends_sessions_of_whoever_can_give_none,
    removed_passkey_ends_the_other_sessions,
}

const MARTA: &str = "marta.salas@vigia.example";
const PASSWORD: &str = "caballo azul grande";

fn how(browser: Option<&str>) -> Began<'_> {
    let source = Source::of("192.0.2.1".parse().unwrap());
    Began { source, browser, device: Device::parse("Chrome/140 Linux") }
}

fn this() -> SessionName {
    SessionName::parse("this")
}

async fn person(desk: &Desk, name: &str, mail: &str) -> (PersonId, Actor) {
    let person = NewPerson {
        name: PersonName::parse(name).unwrap(),
        mail: MailAddress::parse(mail).unwrap(),
        role: Role::Agent,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    (id, Actor::Staff(Staff { id, name: name.to_owned(), role: Role::Agent, composed: None }))
}

async fn marta(desk: &Desk) -> (PersonId, Actor) {
    person(desk, "Marta Salas", MARTA).await
}

/// Makes the session `this` one in which its owner has just given a second factor.
async fn prove(test: &TestDesk, id: PersonId) {
    let mut connection = test.connection().await;
    sqlx::query("DELETE FROM sessions WHERE token_hash = 'this'").execute(&mut connection).await.unwrap();
    let put = sqlx::query(
        "INSERT INTO sessions (token_hash, person_id, created_utc_s, seen_utc_s, factor_utc_s)
         VALUES ('this', $1, $2, $2, $2)",
    );
    put.bind(id.0).bind(test.clock.now().0).execute(&mut connection).await.unwrap();
}

/// Adds a passkey; the device, and the recovery codes that are shown.
async fn add(desk: &Desk, actor: &Actor, name: &str) -> (Authenticator, Vec<String>) {
    let begun = begin(desk, actor, &this(), PASSWORD).await.unwrap();
    let (device, answer) = Authenticator::create(&begun.options);
    let codes = finish(desk, actor, &this(), (&begun.token, name), &answer).await.unwrap();
    (device, codes)
}

/// Answers a challenge in the browser that was asked.
async fn answered(
    desk: &Desk,
    device: &mut Authenticator,
    asked: &Challenge,
) -> Result<Entered, PasskeyError> {
    enter(desk, &asked.secret, &device.answer(&asked.options), how(None)).await
}

async fn by_password(desk: &Desk, password: &str, browser: Option<&str>) -> Result<SignedIn, SecondStep> {
    let Began { source, browser, device } = how(browser);
    let attempt = Attempt { mail: MARTA, password, source, browser, device };
    match sign_in(desk, attempt).await {
        Ok(signed_in) => Ok(signed_in),
        Err(SignInError::CodeWanted(step)) => Err(*step),
        Err(error) => panic!("{error:?}"),
    }
}

async fn whose(desk: &Desk, signed_in: &SignedIn) -> Option<Actor> {
    session(desk, &signed_in.session, Use::Asks).await.unwrap()
}

async fn passkey_signs_in_alone(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let wrong = begin(desk, &actor, &this(), "caballo verde").await;
    assert!(matches!(wrong, Err(PasskeyError::Account(AccountError::WrongCurrent))));
    let (mut device, codes) = add(desk, &actor, " Teléfono  del trabajo ").await;
    assert_eq!(codes.len(), 10, "whoever had no recovery codes is given some");
    let added = PersonChange::PasskeyAdded { name: "Teléfono del trabajo".into() };
    assert_eq!(changes(desk, &Actor::System, id).await.unwrap()[0].change, added);

    test.clock.advance(60);
    let asked = ask(desk, None).await.unwrap();
    let entered = answered(desk, &mut device, &asked).await.unwrap();
    assert_eq!(whose(desk, &entered.signed_in).await, Some(actor.clone()));
    let own = own_passkeys(desk, &actor).await.unwrap();
    assert_eq!((own.here, own.codes_left), (Ok(()), 10));
    assert_eq!(own.passkeys.len(), 1);
    assert_eq!(own.passkeys[0].name, "Teléfono del trabajo");
    assert_eq!(
        (own.passkeys[0].used_at, own.passkeys[0].elsewhere.as_deref()),
        (Some(test.clock.now()), None)
    );
    prove(&test, id).await;
    let (_, codes) = add(desk, &actor, "Llave").await;
    assert_eq!(codes, Vec::<String>::new(), "the first ones still count");
}

async fn passkey_is_the_second_factor_after_the_password(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (_, other) = person(desk, "Ana Rivas", "ana.rivas@vigia.example").await;
    let (mut device, codes) = add(desk, &actor, "Teléfono").await;
    let (mut others, _) = add(desk, &other, "Otro").await;
    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    assert_eq!(step.wanted, Wanted::Passkey);
    let asked = ask(desk, Some(&step.token)).await.unwrap();
    assert!(asked.options.contains(&device.id()) && !asked.options.contains(&others.id()));
    let foreign = answered(desk, &mut others, &asked).await;
    assert!(matches!(foreign, Err(PasskeyError::Unknown)));
    assert_eq!(second_step::second_step(desk, &step.token).await.unwrap(), Some(step.clone()), "it waits");
    let asked = ask(desk, Some(&step.token)).await.unwrap();
    let entered = answered(desk, &mut device, &asked).await.unwrap();
    assert_eq!(whose(desk, &entered.signed_in).await, Some(actor));
    let used = ask(desk, Some(&step.token)).await;
    assert!(matches!(used, Err(PasskeyError::Over)), "a step counts once");

    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    second_step::enter(desk, &step.token, &codes[0], how(None)).await.unwrap();
}

async fn passkey_is_renamed_and_removed_by_its_owner(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (_, other) = person(desk, "Ana Rivas", "ana.rivas@vigia.example").await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    let key = device.id();
    rename(desk, &actor, &key, "Llave azul").await.unwrap();
    assert!(matches!(rename(desk, &actor, &key, " ").await, Err(PasskeyError::Name(_))));
    assert!(matches!(rename(desk, &other, &key, "Mía").await, Err(PasskeyError::Unknown)));
    let foreign = remove(desk, &other, &this(), &key, PASSWORD).await;
    assert!(matches!(foreign, Err(PasskeyError::Unknown)));
    let wrong = remove(desk, &actor, &this(), &key, "caballo verde").await;
    assert!(matches!(wrong, Err(PasskeyError::Account(AccountError::WrongCurrent))));
    assert_eq!(own_passkeys(desk, &actor).await.unwrap().passkeys[0].name, "Llave azul");

    let asked = ask(desk, None).await.unwrap();
    prove(&test, id).await;
    remove(desk, &actor, &this(), &key, PASSWORD).await.unwrap();
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Unknown)));
    let own = own_passkeys(desk, &actor).await.unwrap();
    assert_eq!((own.passkeys, own.codes_left), (Vec::new(), 0), "codes go with the last second factor");
    let removed = PersonChange::PasskeyRemoved { name: "Llave azul".into() };
    assert_eq!(changes(desk, &Actor::System, id).await.unwrap()[0].change, removed);
    by_password(desk, PASSWORD, None).await.unwrap();
}

async fn challenge_is_answered_once_in_time_and_in_its_own_session(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let begun = begin(desk, &actor, &this(), PASSWORD).await.unwrap();
    let (_, answer) = Authenticator::create(&begun.options);
    let elsewhere = SessionName::parse("another");
    let other = finish(desk, &actor, &elsewhere, (&begun.token, "Llave"), &answer).await;
    assert!(matches!(other, Err(PasskeyError::Over)), "another session");
    let again = finish(desk, &actor, &this(), (&begun.token, "Llave"), &answer).await;
    assert!(matches!(again, Err(PasskeyError::Over)), "it was answered");

    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    let asked = ask(desk, None).await.unwrap();
    let answer = device.answer(&asked.options);
    let foreign = enter(desk, "", &answer, how(None)).await;
    assert!(matches!(foreign, Err(PasskeyError::Over)), "a browser without the secret");
    let another = ask(desk, None).await.unwrap();
    let mixed = enter(desk, &another.secret, &answer, how(None)).await;
    assert!(matches!(mixed, Err(PasskeyError::Wrong)), "the answer to another challenge");
    enter(desk, &asked.secret, &answer, how(None)).await.unwrap();
    let replayed = enter(desk, &asked.secret, &answer, how(None)).await;
    assert!(matches!(replayed, Err(PasskeyError::Over)));

    let late = ask(desk, None).await.unwrap();
    test.clock.advance(CHALLENGE_S);
    assert!(matches!(answered(desk, &mut device, &late).await, Err(PasskeyError::Over)));
}

async fn copied_unverified_and_foreign_answers_are_refused(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    let asked = ask(desk, None).await.unwrap();
    answered(desk, &mut device, &asked).await.unwrap();

    device.counter -= 1;
    let asked = ask(desk, None).await.unwrap();
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Copied)));
    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    let waiting = ask(desk, Some(&step.token)).await.unwrap();
    let alone = ask(desk, None).await.unwrap();
    answered(desk, &mut device, &alone).await.unwrap();
    device.counter -= 1;
    let copied = answered(desk, &mut device, &waiting).await;
    assert!(matches!(copied, Err(PasskeyError::Copied)), "the counter went on since the challenge");
    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    let waiting = ask(desk, Some(&step.token)).await.unwrap();
    let alone = ask(desk, None).await.unwrap();
    answered(desk, &mut device, &alone).await.unwrap();
    device.counter -= 1;
    device.flags = 0b0000_1101;
    let copied = answered(desk, &mut device, &waiting).await;
    assert!(
        matches!(copied, Err(PasskeyError::Copied)),
        "that it can be backed up from now on changes nothing"
    );

    let asked = ask(desk, None).await.unwrap();
    device.flags = 0b0000_0001;
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Wrong)), "not unlocked");
    device.flags = 0b0000_0101;
    let asked = ask(desk, None).await.unwrap();
    "https://vigia.example.evil.example".clone_into(&mut device.origin);
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Wrong)), "another site");
    for text in ["", "{}", "null", "[]"] {
        let asked = ask(desk, None).await.unwrap();
        assert!(
            matches!(enter(desk, &asked.secret, text, how(None)).await, Err(PasskeyError::Wrong)),
            "{text}"
        );
    }
}

async fn passkey_of_a_former_address_asks_for_a_recovery_code(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (former, codes) = add(desk, &actor, "Teléfono").await;
    let mut connection = test.connection().await;
    sqlx::query("UPDATE passkeys SET rp_id = 'antes.example'").execute(&mut connection).await.unwrap();
    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    assert_eq!(step.wanted, Wanted::RecoveryCode, "the password alone lets nobody in");
    assert!(matches!(ask(desk, Some(&step.token)).await, Err(PasskeyError::Unknown)));
    second_step::enter(desk, &step.token, &codes[0], how(None)).await.unwrap();

    prove(&test, id).await;
    let (good, _) = add(desk, &actor, "Llave").await;
    assert_eq!(by_password(desk, PASSWORD, None).await.unwrap_err().wanted, Wanted::Passkey);
    require(desk, &Actor::System, vec![Role::Agent]).await.unwrap();
    let last = remove(desk, &actor, &this(), &good.id(), PASSWORD).await;
    assert!(matches!(last, Err(PasskeyError::Required)), "the other one opens nothing");
    remove(desk, &actor, &this(), &former.id(), PASSWORD).await.unwrap();
    assert_eq!(own_passkeys(desk, &actor).await.unwrap().passkeys.len(), 1);
}

async fn passkeys_that_are_begun_at_once_are_no_more_than_the_most(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    add(desk, &actor, "Teléfono").await;
    prove(&test, id).await;
    let mut connection = test.connection().await;
    for at in 2..MOST {
        let copied = sqlx::query(
            "INSERT INTO passkeys (credential_id, person_id, handle, rp_id, name, credential, added_utc_s)
             SELECT $1, person_id, handle, rp_id, name, credential, added_utc_s FROM passkeys WHERE used_utc_s IS NULL LIMIT 1",
        );
        copied.bind(format!("{at:04}")).execute(&mut connection).await.unwrap();
    }
    let mut outcomes = Vec::new();
    let begun = [
        begin(desk, &actor, &this(), PASSWORD).await.unwrap(),
        begin(desk, &actor, &this(), PASSWORD).await.unwrap(),
    ];
    for registration in begun {
        let (_, answer) = Authenticator::create(&registration.options);
        outcomes.push(finish(desk, &actor, &this(), (&registration.token, "Llave"), &answer).await);
    }
    assert!(matches!(&outcomes[..], [Ok(_), Err(PasskeyError::TooMany)]), "{outcomes:?}");
    assert_eq!(own_passkeys(desk, &actor).await.unwrap().passkeys.len(), MOST);
}

async fn refused_passkey_is_in_the_audit_log(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    device.flags = 0b0000_0001;
    let asked = ask(desk, None).await.unwrap();
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Wrong)));
    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    let asked = ask(desk, Some(&step.token)).await.unwrap();
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Wrong)));
    prove(&test, id).await;
    remove(desk, &actor, &this(), &device.id(), PASSWORD).await.unwrap();
    let asked = ask(desk, None).await.unwrap();
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Unknown)));

    let filter = AuditFilter { kind: Some(AuditKind::SignInRefused), ..AuditFilter::default() };
    let log = read(desk, &staff(Role::Administrator), &filter, None, 50).await.unwrap();
    let refused = AuditEvent::SignInRefused { reason: SignInRefusal::Passkey };
    assert!(log.entries.iter().all(|entry| entry.record.event == refused));
    let by: Vec<AuditAuthor> = log.entries.into_iter().map(|entry| entry.record.by).collect();
    let themself = AuditAuthor::Staff { id, name: "Marta Salas".into() };
    assert_eq!(by, [AuditAuthor::Unknown, themself.clone(), themself]);
}

async fn role_that_needs_a_factor_is_content_with_a_passkey(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (device, _) = add(desk, &actor, "Teléfono").await;
    require(desk, &Actor::System, vec![Role::Agent]).await.unwrap();
    let step = by_password(desk, PASSWORD, None).await.unwrap_err();
    assert_eq!(step.wanted, Wanted::Passkey, "none is set up beside it");
    prove(&test, id).await;
    let last = remove(desk, &actor, &this(), &device.id(), PASSWORD).await;
    assert!(matches!(last, Err(PasskeyError::Required)));
    assert_eq!(own_passkeys(desk, &actor).await.unwrap().passkeys.len(), 1, "nothing was removed");
}

async fn administrator_removes_the_passkeys_of_somebody(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    prove(&test, id).await;
    add(desk, &actor, "Llave").await;
    let asked = ask(desk, None).await.unwrap();
    let entered = answered(desk, &mut device, &asked).await.unwrap();
    let asked = ask(desk, None).await.unwrap();
    for role in [Role::Agent, Role::Supervisor] {
        assert!(keep(desk, &staff(role), id, vec![Keep::RemovePasskeys]).await.is_err());
    }
    for _ in 0..2 {
        keep(desk, &Actor::System, id, vec![Keep::RemovePasskeys]).await.unwrap();
    }
    assert_eq!(whose(desk, &entered.signed_in).await, None, "sessions end");
    assert!(matches!(answered(desk, &mut device, &asked).await, Err(PasskeyError::Unknown)));
    let history = changes(desk, &Actor::System, id).await.unwrap();
    let removed = PersonChange::PasskeysRemoved { count: 2 };
    assert_eq!(history.iter().filter(|entry| entry.change == removed).count(), 1);
    by_password(desk, PASSWORD, None).await.unwrap();
}

/// Marta with a passkey, signed in by both factors in a browser that she trusts; its token.
async fn trusting(test: &TestDesk, actor: &Actor) -> (Authenticator, String) {
    let desk = &test.desk;
    let (mut device, _) = add(desk, actor, "Teléfono").await;
    let browser = trusted_again(desk, &mut device, None).await;
    (device, browser)
}

async fn trusted_again(desk: &Desk, device: &mut Authenticator, browser: Option<&str>) -> String {
    let step = by_password(desk, PASSWORD, browser).await.unwrap_err();
    let asked = ask(desk, Some(&step.token)).await.unwrap();
    let answer = device.answer(&asked.options);
    let mut entered = enter(desk, &asked.secret, &answer, how(browser)).await.unwrap();
    trust(desk, &mut entered, how(browser)).await.unwrap();
    entered.signed_in.browser
}

async fn trusted_browser_is_asked_for_the_password_alone(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (_, other) = person(desk, "Ana Rivas", "ana.rivas@vigia.example").await;
    let (mut device, browser) = trusting(&test, &actor).await;
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    by_password(desk, PASSWORD, None).await.unwrap_err();
    let unknown = "0".repeat(64);
    by_password(desk, PASSWORD, Some(&unknown)).await.unwrap_err();

    let listed = own_trusted(desk, &actor).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].device.as_str(), listed[0].network.as_str()), ("Chrome · Linux", "192.0.2.1"));
    assert_eq!(listed[0].until, test.clock.now().plus(TRUSTED_S));
    assert_eq!(own_trusted(desk, &other).await.unwrap(), Vec::new());
    distrust(desk, &other, &listed[0].name).await.unwrap();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    distrust(desk, &actor, &listed[0].name).await.unwrap();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap_err();
    let given =
        "SELECT COUNT(*) FROM audit_log WHERE kind = 'access_given' AND document LIKE '%trusted_device%'";
    let ended =
        "SELECT COUNT(*) FROM audit_log WHERE kind = 'access_ended' AND document LIKE '%trusted_device%'";
    assert_eq!((count(&test, given).await, count(&test, ended).await), (1, 1));

    let fresh = trusted_again(desk, &mut device, Some(&browser)).await;
    by_password(desk, PASSWORD, Some(&fresh)).await.unwrap();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap_err();
}

async fn trust_ends_with_the_password_the_factor_and_the_time(engine: Engine) {
    const NEW: &str = "tres caballos verdes";
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (mut device, browser) = trusting(&test, &actor).await;
    test.clock.advance(TRUSTED_S - 1);
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    test.clock.advance(1);
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap_err();

    let browser = trusted_again(desk, &mut device, Some(&browser)).await;
    prove(&test, id).await;
    let (second, _) = add(desk, &actor, "Llave").await;
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    remove(desk, &actor, &this(), &second.id(), PASSWORD).await.unwrap();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap_err();

    let browser = trusted_again(desk, &mut device, Some(&browser)).await;
    end_sessions(desk, &actor, Ends::One(SessionName::parse("another"))).await.unwrap();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    end_sessions(desk, &actor, Ends::AllBut(this())).await.unwrap();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap_err();

    let browser = trusted_again(desk, &mut device, Some(&browser)).await;
    change_own_password(desk, &actor, this(), (PASSWORD, NEW)).await.unwrap();
    by_password(desk, NEW, Some(&browser)).await.unwrap_err();
    assert_eq!(own_trusted(desk, &actor).await.unwrap(), Vec::new());
}

async fn password_in_a_trusted_browser_changes_no_way_to_sign_in(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (mut device, browser) = trusting(&test, &actor).await;
    let signed_in = by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    let session = SessionName::of(&signed_in.session);
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), Some(Wanted::Passkey));
    let added = begin(desk, &actor, &session, PASSWORD).await;
    assert!(matches!(added, Err(PasskeyError::Account(AccountError::FactorWanted))), "{added:?}");
    let removed = remove(desk, &actor, &session, &device.id(), PASSWORD).await;
    assert!(matches!(removed, Err(PasskeyError::Account(AccountError::FactorWanted))), "{removed:?}");
    let codes = second_factor::begin(desk, &actor, &session, PASSWORD).await;
    assert!(matches!(codes, Err(AccountError::FactorWanted)), "{codes:?}");

    let asked = ask(desk, None).await.unwrap();
    let answer = device.answer(&asked.options);
    prove_by_passkey(desk, &actor, &session, &asked.secret, &answer).await.unwrap();
    let replayed = prove_by_passkey(desk, &actor, &session, &asked.secret, &answer).await;
    assert!(matches!(replayed, Err(PasskeyError::Over)));
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), None);
    let begun = begin(desk, &actor, &session, PASSWORD).await.unwrap();
    let (_, answer) = Authenticator::create(&begun.options);
    finish(desk, &actor, &session, (&begun.token, "Llave"), &answer).await.unwrap();
    second_factor::begin(desk, &actor, &session, PASSWORD).await.unwrap();
    remove(desk, &actor, &session, &device.id(), PASSWORD).await.unwrap();
}

async fn passkey_of_another_person_proves_nothing(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (_, other) = person(desk, "Ana Rivas", "ana.rivas@vigia.example").await;
    let (_, browser) = trusting(&test, &actor).await;
    let (mut others, _) = add(desk, &other, "Otro").await;
    let signed_in = by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    let session = SessionName::of(&signed_in.session);
    let asked = ask(desk, None).await.unwrap();
    let answer = others.answer(&asked.options);
    let foreign = prove_by_passkey(desk, &actor, &session, &asked.secret, &answer).await;
    assert!(matches!(foreign, Err(PasskeyError::Unknown)), "{foreign:?}");
    assert!(factor_wanted(desk, &actor, &session).await.unwrap().is_some());
}

async fn trusted_browser_gets_a_token_that_no_other_holds(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (_, other) = person(desk, "Ana Rivas", "ana.rivas@vigia.example").await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    let (mut others, _) = add(desk, &other, "Otro").await;
    // Ana signed in there first, and kept a copy of what the browser is known by.
    let asked = ask(desk, None).await.unwrap();
    let copied = answered(desk, &mut others, &asked).await.unwrap().signed_in.browser;
    let browser = trusted_again(desk, &mut device, Some(&copied)).await;
    assert_ne!(browser, copied);
    by_password(desk, PASSWORD, Some(&copied)).await.unwrap_err();
    by_password(desk, PASSWORD, Some(&browser)).await.unwrap();
    assert_eq!(own_trusted(desk, &actor).await.unwrap().len(), 1);
}

async fn last_good_passkey_takes_those_of_former_addresses_along(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    add(desk, &actor, "Teléfono").await;
    let mut connection = test.connection().await;
    sqlx::query("UPDATE passkeys SET rp_id = 'antes.example'").execute(&mut connection).await.unwrap();
    prove(&test, id).await;
    let (good, _) = add(desk, &actor, "Llave").await;
    remove(desk, &actor, &this(), &good.id(), PASSWORD).await.unwrap();
    by_password(desk, PASSWORD, None).await.unwrap();
    let own = own_passkeys(desk, &actor).await.unwrap();
    assert_eq!((own.passkeys, own.codes_left), (Vec::new(), 0), "none is left that could not be given");
    let gone = PersonChange::PasskeysRemoved { count: 1 };
    assert!(changes(desk, &Actor::System, id).await.unwrap().iter().any(|entry| entry.change == gone));

    // One of a former address alone is removed alone: the others keep the password from being enough.
    for name in ["Una", "Dos"] {
        prove(&test, id).await;
        add(desk, &actor, name).await;
    }
    sqlx::query("UPDATE passkeys SET rp_id = 'antes.example'").execute(&mut connection).await.unwrap();
    let former = own_passkeys(desk, &actor).await.unwrap().passkeys[0].id.clone();
    remove(desk, &actor, &this(), &former, PASSWORD).await.unwrap();
    assert_eq!(by_password(desk, PASSWORD, None).await.unwrap_err().wanted, Wanted::RecoveryCode);
}

async fn role_that_needs_a_factor_ends_sessions_of_whoever_can_give_none(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    let asked = ask(desk, None).await.unwrap();
    let entered = answered(desk, &mut device, &asked).await.unwrap();
    let mut connection = test.connection().await;
    sqlx::query("UPDATE passkeys SET rp_id = 'antes.example'").execute(&mut connection).await.unwrap();
    require(desk, &Actor::System, vec![Role::Supervisor]).await.unwrap();
    keep(desk, &Actor::System, id, vec![Keep::Role(Role::Supervisor)]).await.unwrap();
    assert_eq!(whose(desk, &entered.signed_in).await, None);
}

async fn removed_passkey_ends_the_other_sessions(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (mut device, _) = add(desk, &actor, "Teléfono").await;
    let asked = ask(desk, None).await.unwrap();
    let entered = answered(desk, &mut device, &asked).await.unwrap();
    prove(&test, id).await;
    remove(desk, &actor, &this(), &device.id(), PASSWORD).await.unwrap();
    assert_eq!(whose(desk, &entered.signed_in).await, None);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM sessions").await, 1, "the one in use");
    let ended = "SELECT COUNT(*) FROM audit_log WHERE kind = 'sessions_ended'";
    assert_eq!(count(&test, ended).await, 1);
}

async fn kept_hash(connection: &mut AnyConnection) -> String {
    let (hash,): (String,) = sqlx::query_as("SELECT password_hash FROM people WHERE mail = $1")
        .bind(MARTA)
        .fetch_one(connection)
        .await
        .unwrap();
    hash
}

async fn weak_hash_is_replaced_at_the_sign_in(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    marta(desk).await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    let weak: PasswordHash = weak.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap();
    let mut connection = test.connection().await;
    let set = sqlx::query("UPDATE people SET password_hash = $1 WHERE mail = $2");
    set.bind(weak.to_string()).bind(MARTA).execute(&mut connection).await.unwrap();
    let both = tokio::join!(by_password(desk, PASSWORD, None), by_password(desk, PASSWORD, None));
    for signed_in in [both.0.unwrap(), both.1.unwrap()] {
        assert!(whose(desk, &signed_in).await.is_some());
    }
    let fresh = kept_hash(&mut connection).await;
    assert!(fresh.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{fresh}");
    by_password(desk, PASSWORD, None).await.unwrap();
    assert_eq!(kept_hash(&mut connection).await, fresh, "one of today stays");
}

async fn passkey_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    for (sql, index) in [
        (
            "SELECT credential_id FROM passkeys WHERE person_id = 5 ORDER BY added_utc_s, credential_id",
            "passkeys_by_person",
        ),
        ("DELETE FROM passkey_challenges WHERE expires_utc_s <= 5", "passkey_challenges_by_expiry"),
        ("DELETE FROM passkey_challenges WHERE person_id = 5", "passkey_challenges_by_person"),
        ("DELETE FROM trusted_devices WHERE until_utc_s <= 5", "trusted_devices_by_end"),
        ("DELETE FROM trusted_devices WHERE person_id = 5", "trusted_devices_by_person"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
