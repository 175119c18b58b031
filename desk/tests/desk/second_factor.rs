//! The second factor: set up by a code, asked for at the sign-in, each code once; recovery codes; roles that need one.

use desk::Desk;
use desk::DeskError;
use desk::access::changes::changes;
use desk::access::device::Device;
use desk::access::factor_proof::{PROVEN_S, factor_wanted, prove_by_code};
use desk::access::limits::Source;
use desk::access::own_account::{AccountError, SessionName, change_own_password};
use desk::access::passkeys::{self, PasskeyError};
use desk::access::second_factor::{
    CodeError, Factor, begin, cancel, confirm, has_factor, new_recovery_codes, own_factor, remove_own,
    require, required_roles,
};
use desk::access::second_step::{Entered, SecondStep, Wanted, enter, second_step};
use desk::access::sign_in::{Attempt, Began, SignInError, Use, session, sign_in};
use desk::access::staff::{NewPerson, add_person, set_password};
use desk::access::trusted_devices::{own_trusted, trust};
use desk::people::keep::{Keep, KeepError, keep};
use desk::scheduler::tick;
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use totp_rs::{Builder, Secret};

use crate::support::authenticator::Authenticator;
use crate::support::{TestDesk, add_staff, both_engines, count, staff};

both_engines! {
    factor_is_set_up_by_a_code_and_asked_for_at_the_sign_in,
    code_and_those_before_it_count_once,
    recovery_code_counts_once,
    wrong_codes_are_limited,
    waiting_sign_in_expires_and_is_used_once,
    role_that_needs_a_factor_sets_it_up_at_the_sign_in,
    factor_is_given_up_by_a_code_or_removed_by_an_administrator,
    secrets_of_recovery_are_stored_hashed,
    password_change_ends_waiting_sign_ins_and_unconfirmed_secrets,
    required_factor_is_not_given_up,
    factor_is_begun_by_the_current_password_alone_and_cancelled,
    wrong_codes_are_limited_from_everywhere,
    failures_of_the_store_are_no_wrong_codes,
    present_factor_comes_before_another_way_to_sign_in,
    secret_that_was_made_before_the_factor_is_not_confirmed_without_it,
    sign_in_that_waits_ends_with_the_factor,
    removed_factor_ends_the_other_sessions,
    administrator_does_not_remove_their_own_factor,
    owner_is_mailed_about_changes_of_how_they_sign_in,
    change_that_cannot_be_read_holds_up_no_other_mail,
}

const MARTA: &str = "marta.salas@vigia.example";
const PASSWORD: &str = "caballo azul grande";
const STEP_S: i64 = 30;

fn source() -> Source {
    Source::of("192.0.2.1".parse().unwrap())
}

fn how() -> Began<'static> {
    Began { source: source(), browser: None, device: Device::parse("") }
}

async fn marta(desk: &Desk) -> (PersonId, Actor) {
    let person = NewPerson {
        name: PersonName::parse("Marta Salas").unwrap(),
        mail: MailAddress::parse(MARTA).unwrap(),
        role: Role::Agent,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    (id, Actor::Staff(Staff { id, name: "Marta Salas".to_owned(), role: Role::Agent, composed: None }))
}

/// What the device of whoever was shown this secret says now.
fn code(test: &TestDesk, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(test.clock.now().0).unwrap()).to_string()
}

fn this() -> SessionName {
    SessionName::parse("this")
}

async fn password(desk: &Desk) -> Result<(), SecondStep> {
    let attempt = Attempt {
        mail: MARTA,
        password: PASSWORD,
        source: source(),
        browser: None,
        device: Device::parse(""),
    };
    match sign_in(desk, attempt).await {
        Ok(_) => Ok(()),
        Err(SignInError::CodeWanted(step)) => Err(*step),
        Err(error) => panic!("{error:?}"),
    }
}

/// Sets a second factor up; its secret and recovery codes. The clock goes on to the next code.
async fn set_up(test: &TestDesk, actor: &Actor) -> (String, Vec<String>) {
    begin(&test.desk, actor, &this(), PASSWORD).await.unwrap();
    let Factor::Pending(shown) = own_factor(&test.desk, actor).await.unwrap() else {
        panic!("nothing waits")
    };
    let codes = confirm(&test.desk, actor, &this(), &code(test, &shown.secret), source()).await.unwrap();
    test.clock.advance(STEP_S);
    (shown.secret, codes)
}

async fn is_in(desk: &Desk, entered: &Entered) -> bool {
    session(desk, &entered.signed_in.session, Use::Asks).await.unwrap().is_some()
}

async fn factor_is_set_up_by_a_code_and_asked_for_at_the_sign_in(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    assert_eq!(own_factor(desk, &actor).await.unwrap(), Factor::None);
    begin(desk, &actor, &this(), PASSWORD).await.unwrap();
    password(desk).await.unwrap();
    assert!(!has_factor(desk, &Actor::System, id).await.unwrap(), "it waits for its first code");
    let Factor::Pending(shown) = own_factor(desk, &actor).await.unwrap() else { panic!("nothing waits") };
    assert!(shown.picture.starts_with("<svg "));
    let wrong = confirm(desk, &actor, &this(), "000000", source()).await;
    assert!(matches!(wrong, Err(CodeError::Wrong)));
    let codes = confirm(desk, &actor, &this(), &code(&test, &shown.secret), source()).await.unwrap();
    assert_eq!(codes.len(), 10);
    let since = test.clock.now();
    assert_eq!(own_factor(desk, &actor).await.unwrap(), Factor::Set { since, codes_left: 10 });

    test.clock.advance(STEP_S);
    let step = password(desk).await.unwrap_err();
    assert_eq!(step.wanted, Wanted::Code);
    assert_eq!(second_step(desk, &step.token).await.unwrap().as_ref(), Some(&step));
    let wrong = enter(desk, &step.token, "000000", how()).await;
    assert!(matches!(wrong, Err(CodeError::Wrong)));
    let entered = enter(desk, &step.token, &code(&test, &shown.secret), how()).await.unwrap();
    assert!(is_in(desk, &entered).await);
    assert_eq!(entered.recovery_codes, Vec::<String>::new());
    // What was confirmed is not replaced or cancelled by whoever sits at an open session.
    let again = begin(desk, &actor, &this(), PASSWORD).await;
    assert!(matches!(again, Err(AccountError::FactorWanted)), "{again:?}");
    cancel(desk, &actor).await.unwrap();
    assert!(has_factor(desk, &Actor::System, id).await.unwrap());
    assert_eq!(changes(desk, &Actor::System, id).await.unwrap()[0].change, PersonChange::SecondFactorSet);
}

async fn code_and_those_before_it_count_once(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    let earlier = code(&test, &secret);
    test.clock.advance(STEP_S);
    let now = code(&test, &secret);
    let step = password(desk).await.unwrap_err();
    enter(desk, &step.token, &now, how()).await.unwrap();
    let step = password(desk).await.unwrap_err();
    for used in [now, earlier] {
        assert!(matches!(enter(desk, &step.token, &used, how()).await, Err(CodeError::Wrong)));
    }
    test.clock.advance(STEP_S);
    enter(desk, &step.token, &code(&test, &secret), how()).await.unwrap();
}

async fn recovery_code_counts_once(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (secret, codes) = set_up(&test, &actor).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let step = password(desk).await.unwrap_err();
    assert!(is_in(desk, &enter(desk, &step.token, &typed, how()).await.unwrap()).await);
    assert!(matches!(own_factor(desk, &actor).await.unwrap(), Factor::Set { codes_left: 9, .. }));
    let step = password(desk).await.unwrap_err();
    assert!(matches!(enter(desk, &step.token, &typed, how()).await, Err(CodeError::Wrong)));
    let fresh = new_recovery_codes(desk, &actor, &code(&test, &secret), source()).await.unwrap();
    assert!(matches!(enter(desk, &step.token, &codes[4], how()).await, Err(CodeError::Wrong)), "replaced");
    enter(desk, &step.token, &fresh[0], how()).await.unwrap();
}

async fn wrong_codes_are_limited(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    let step = password(desk).await.unwrap_err();
    for _ in 0..10 {
        assert!(matches!(enter(desk, &step.token, "000000", how()).await, Err(CodeError::Wrong)));
    }
    let right = enter(desk, &step.token, &code(&test, &secret), how()).await;
    assert!(matches!(right, Err(CodeError::TooManyTries)), "{right:?}");
}

async fn waiting_sign_in_expires_and_is_used_once(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    let step = password(desk).await.unwrap_err();
    test.clock.advance(600);
    assert_eq!(second_step(desk, &step.token).await.unwrap(), None);
    assert!(matches!(enter(desk, &step.token, &code(&test, &secret), how()).await, Err(CodeError::Wrong)));
    let step = password(desk).await.unwrap_err();
    enter(desk, &step.token, &code(&test, &secret), how()).await.unwrap();
    test.clock.advance(STEP_S);
    assert!(matches!(enter(desk, &step.token, &code(&test, &secret), how()).await, Err(CodeError::Wrong)));
    let step = password(desk).await.unwrap_err();
    keep(desk, &Actor::System, id, vec![Keep::Deactivate]).await.unwrap();
    assert!(matches!(enter(desk, &step.token, &code(&test, &secret), how()).await, Err(CodeError::Wrong)));
}

async fn role_that_needs_a_factor_sets_it_up_at_the_sign_in(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    marta(desk).await;
    let refused = require(desk, &staff(Role::Supervisor), vec![Role::Agent]).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    require(desk, &staff(Role::Administrator), vec![Role::Agent]).await.unwrap();
    assert_eq!(required_roles(desk, &staff(Role::Supervisor)).await.unwrap(), [Role::Agent]);
    let step = password(desk).await.unwrap_err();
    let Wanted::SetUp(shown) = &step.wanted else { panic!("a code of nothing") };
    assert_eq!(second_step(desk, &step.token).await.unwrap().as_ref(), Some(&step), "the same secret again");
    let entered = enter(desk, &step.token, &code(&test, &shown.secret), how()).await.unwrap();
    assert!(is_in(desk, &entered).await);
    assert_eq!(entered.recovery_codes.len(), 10);
    assert_eq!(password(desk).await.unwrap_err().wanted, Wanted::Code);
    require(desk, &Actor::System, Vec::new()).await.unwrap();
    assert_eq!(password(desk).await.unwrap_err().wanted, Wanted::Code, "who has one keeps it");
}

async fn factor_is_given_up_by_a_code_or_removed_by_an_administrator(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    assert!(matches!(remove_own(desk, &actor, &this(), "000000", source()).await, Err(CodeError::Wrong)));
    remove_own(desk, &actor, &this(), &code(&test, &secret), source()).await.unwrap();
    password(desk).await.unwrap();
    set_up(&test, &actor).await;
    assert!(keep(desk, &staff(Role::Supervisor), id, vec![Keep::RemoveSecondFactor]).await.is_err());
    assert!(password(desk).await.is_err());
    keep(desk, &Actor::System, id, vec![Keep::RemoveSecondFactor]).await.unwrap();
    password(desk).await.unwrap();
    let history = changes(desk, &Actor::System, id).await.unwrap();
    assert_eq!(history[0].change, PersonChange::SecondFactorRemoved);
    assert_eq!(history[0].by, None);
}

async fn secrets_of_recovery_are_stored_hashed(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let (_, actor) = marta(&test.desk).await;
    let (_, codes) = set_up(&test, &actor).await;
    let mut connection = test.connection().await;
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT code_hash FROM recovery_codes").fetch_all(&mut connection).await.unwrap();
    assert_eq!(rows.len(), 10);
    assert!(rows.iter().all(|(hash,)| hash.len() == 64 && !codes.contains(hash)));
}

async fn password_change_ends_waiting_sign_ins_and_unconfirmed_secrets(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    require(desk, &Actor::System, vec![Role::Agent]).await.unwrap();
    for by_the_operator in [true, false] {
        let step = password(desk).await.unwrap_err();
        let Wanted::SetUp(shown) = &step.wanted else { panic!("a code of nothing") };
        if by_the_operator {
            set_password(desk, &Actor::System, id, PASSWORD).await.unwrap();
        } else {
            change_own_password(desk, &actor, this(), (PASSWORD, "yegua verde chica")).await.unwrap();
        }
        assert_eq!(own_factor(desk, &actor).await.unwrap(), Factor::None);
        assert_eq!(second_step(desk, &step.token).await.unwrap(), None);
        let entered = enter(desk, &step.token, &code(&test, &shown.secret), how()).await;
        assert!(matches!(entered, Err(CodeError::Wrong)), "{entered:?}");
    }
}

async fn required_factor_is_not_given_up(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    require(desk, &Actor::System, vec![Role::Agent]).await.unwrap();
    let kept = remove_own(desk, &actor, &this(), &code(&test, &secret), source()).await;
    assert!(matches!(kept, Err(CodeError::Required)), "{kept:?}");
    assert!(has_factor(desk, &Actor::System, id).await.unwrap());
    require(desk, &Actor::System, vec![Role::Supervisor]).await.unwrap();
    remove_own(desk, &actor, &this(), &code(&test, &secret), source()).await.unwrap();
}

async fn factor_is_begun_by_the_current_password_alone_and_cancelled(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    for _ in 0..10 {
        let wrong = begin(desk, &actor, &this(), "no es esta").await;
        assert!(matches!(wrong, Err(AccountError::WrongCurrent)), "{wrong:?}");
    }
    let right = begin(desk, &actor, &this(), PASSWORD).await;
    assert!(matches!(right, Err(AccountError::TooManyTries)), "{right:?}");
    assert_eq!(own_factor(desk, &actor).await.unwrap(), Factor::None);
    test.clock.advance(3600);
    begin(desk, &actor, &this(), PASSWORD).await.unwrap();
    let Factor::Pending(first) = own_factor(desk, &actor).await.unwrap() else { panic!("nothing waits") };
    cancel(desk, &actor).await.unwrap();
    assert_eq!(own_factor(desk, &actor).await.unwrap(), Factor::None);
    begin(desk, &actor, &this(), PASSWORD).await.unwrap();
    let Factor::Pending(second) = own_factor(desk, &actor).await.unwrap() else { panic!("nothing waits") };
    assert_ne!(first.secret, second.secret);
}

async fn wrong_codes_are_limited_from_everywhere(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    set_up(&test, &actor).await;
    let step = password(desk).await.unwrap_err();
    let mut wrong = 0;
    for nth in 0..40 {
        let source = Source::of(format!("198.51.100.{nth}").parse().unwrap());
        let entered = enter(desk, &step.token, "000000", Began { source, ..how() }).await;
        wrong += usize::from(matches!(entered, Err(CodeError::Wrong)));
    }
    assert_eq!(wrong, 20);
    password(desk).await.unwrap_err();
}

async fn failures_of_the_store_are_no_wrong_codes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    begin(desk, &actor, &this(), PASSWORD).await.unwrap();
    let Factor::Pending(shown) = own_factor(desk, &actor).await.unwrap() else { panic!("nothing waits") };
    let mut connection = test.connection().await;
    sqlx::query("ALTER TABLE recovery_codes RENAME TO hidden").execute(&mut connection).await.unwrap();
    for _ in 0..12 {
        let failed = confirm(desk, &actor, &this(), &code(&test, &shown.secret), source()).await;
        assert!(matches!(failed, Err(CodeError::Desk(DeskError::Store(_)))), "{failed:?}");
    }
    sqlx::query("ALTER TABLE hidden RENAME TO recovery_codes").execute(&mut connection).await.unwrap();
    confirm(desk, &actor, &this(), &code(&test, &shown.secret), source()).await.unwrap();
}

/// The secret of a session of Marta, and its name.
async fn signed_in(desk: &Desk) -> (String, SessionName) {
    let attempt = Attempt {
        mail: MARTA,
        password: PASSWORD,
        source: source(),
        browser: None,
        device: Device::parse(""),
    };
    let session = sign_in(desk, attempt).await.unwrap().session;
    let name = SessionName::of(&session);
    (session, name)
}

async fn present_factor_comes_before_another_way_to_sign_in(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    // Begun by the password alone, before there was a factor.
    let (_, session) = signed_in(desk).await;
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), None, "there is none yet");
    let (secret, codes) = set_up(&test, &actor).await;
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), Some(Wanted::Code));
    let refused = passkeys::begin(desk, &actor, &session, PASSWORD).await;
    assert!(matches!(refused, Err(PasskeyError::Account(AccountError::FactorWanted))), "{refused:?}");

    let wrong = prove_by_code(desk, &actor, &session, "000000", source()).await;
    assert!(matches!(wrong, Err(CodeError::Wrong)));
    prove_by_code(desk, &actor, &session, &code(&test, &secret), source()).await.unwrap();
    let again = prove_by_code(desk, &actor, &session, &code(&test, &secret), source()).await;
    assert!(matches!(again, Err(CodeError::Wrong)), "a code counts once");
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), None);
    let elsewhere = factor_wanted(desk, &actor, &this()).await.unwrap();
    assert_eq!(elsewhere, Some(Wanted::Code), "it counts in this session alone");
    passkeys::begin(desk, &actor, &session, PASSWORD).await.unwrap();
    test.clock.advance(PROVEN_S);
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), Some(Wanted::Code));
    assert!(passkeys::begin(desk, &actor, &session, PASSWORD).await.is_err());
    prove_by_code(desk, &actor, &session, &codes[0], source()).await.unwrap();
    passkeys::begin(desk, &actor, &session, PASSWORD).await.unwrap();

    // A sign-in by the second factor has given it.
    let step = password(desk).await.unwrap_err();
    let entered = enter(desk, &step.token, &codes[1], how()).await.unwrap();
    let session = SessionName::of(&entered.signed_in.session);
    assert_eq!(factor_wanted(desk, &actor, &session).await.unwrap(), None);
}

async fn secret_that_was_made_before_the_factor_is_not_confirmed_without_it(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (_, session) = signed_in(desk).await;
    begin(desk, &actor, &session, PASSWORD).await.unwrap();
    let Factor::Pending(shown) = own_factor(desk, &actor).await.unwrap() else { panic!("nothing waits") };
    let begun = passkeys::begin(desk, &actor, &this(), PASSWORD).await.unwrap();
    let (_, answer) = Authenticator::create(&begun.options);
    passkeys::finish(desk, &actor, &this(), (&begun.token, "Llave"), &answer).await.unwrap();

    let refused = confirm(desk, &actor, &session, &code(&test, &shown.secret), source()).await;
    assert!(matches!(refused, Err(CodeError::FactorWanted)), "{refused:?}");
    assert!(matches!(own_factor(desk, &actor).await.unwrap(), Factor::Pending(_)));
}

async fn sign_in_that_waits_ends_with_the_factor(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    let step = password(desk).await.unwrap_err();
    remove_own(desk, &actor, &this(), &code(&test, &secret), source()).await.unwrap();
    let (secret, _) = set_up(&test, &actor).await;
    assert_eq!(second_step(desk, &step.token).await.unwrap(), None);
    let stale = enter(desk, &step.token, &code(&test, &secret), how()).await;
    assert!(matches!(stale, Err(CodeError::Wrong)), "{stale:?}");

    // A reset between the second factor and the tick: nothing is trusted.
    let step = password(desk).await.unwrap_err();
    let mut entered = enter(desk, &step.token, &code(&test, &secret), how()).await.unwrap();
    keep(desk, &Actor::System, id, vec![Keep::RemoveSecondFactor]).await.unwrap();
    trust(desk, &mut entered, how()).await.unwrap();
    assert_eq!(own_trusted(desk, &actor).await.unwrap(), Vec::new());
}

async fn removed_factor_ends_the_other_sessions(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, actor) = marta(desk).await;
    let (other, _) = signed_in(desk).await;
    let (this, name) = signed_in(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    let mut entered = {
        let step = password(desk).await.unwrap_err();
        enter(desk, &step.token, &code(&test, &secret), how()).await.unwrap()
    };
    test.clock.advance(STEP_S);
    remove_own(desk, &actor, &name, &code(&test, &secret), source()).await.unwrap();
    assert!(session(desk, &this, Use::Asks).await.unwrap().is_some());
    assert!(session(desk, &other, Use::Asks).await.unwrap().is_none());
    assert!(!is_in(desk, &entered).await);
    trust(desk, &mut entered, how()).await.unwrap();
    assert_eq!(own_trusted(desk, &actor).await.unwrap(), Vec::new(), "its session has ended");
}

async fn administrator_does_not_remove_their_own_factor(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, _) = marta(desk).await;
    keep(desk, &Actor::System, id, vec![Keep::Role(Role::Administrator)]).await.unwrap();
    let herself =
        Actor::Staff(Staff { id, name: "Marta Salas".to_owned(), role: Role::Administrator, composed: None });
    set_up(&test, &herself).await;
    for wish in [Keep::RemoveSecondFactor, Keep::RemovePasskeys] {
        let refused = keep(desk, &herself, id, vec![wish]).await;
        assert!(matches!(refused, Err(KeepError::OwnFactor)), "{refused:?}");
    }
    assert!(has_factor(desk, &Actor::System, id).await.unwrap());
}

async fn owner_is_mailed_about_changes_of_how_they_sign_in(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    new_recovery_codes(desk, &actor, &code(&test, &secret), source()).await.unwrap();
    set_password(desk, &Actor::System, id, PASSWORD).await.unwrap();
    let administrator =
        add_staff(desk, "Ana Rivas", "ana@vigia.example", Role::Administrator, Language::Es).await;
    keep(desk, &Actor::Staff(administrator), id, vec![Keep::RemoveSecondFactor]).await.unwrap();
    for _ in 0..2 {
        tick(desk).await.unwrap();
    }
    let mut connection = test.connection().await;
    let mails: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT recipient, subject, body_text FROM outbox WHERE kind = 'account_changed' ORDER BY id",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let of = |words: &str, by: &str| {
        let told: Vec<_> = mails.iter().filter(|(_, subject, _)| subject.contains(words)).collect();
        assert!(
            matches!(&told[..], [(to, _, text)] if to == MARTA && text.contains(by)),
            "{words}: {mails:?}"
        );
    };
    of("segundo factor activado", "Alguien que entró con su cuenta");
    of("códigos de recuperación nuevos", "Alguien que entró con su cuenta");
    of("contraseña nueva", "Quien opera el servidor");
    of("segundo factor retirado", "Ana Rivas");
    assert_eq!(mails.len(), 4, "each once: {mails:?}");
}

async fn change_that_cannot_be_read_holds_up_no_other_mail(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (id, actor) = marta(desk).await;
    let (secret, _) = set_up(&test, &actor).await;
    new_recovery_codes(desk, &actor, &code(&test, &secret), source()).await.unwrap();
    set_password(desk, &Actor::System, id, PASSWORD).await.unwrap();
    let mut connection = test.connection().await;
    // As a later version would have written it.
    let of_another_version = "UPDATE person_changes SET change = '{\"unheard_of\":{}}'
         WHERE id = (SELECT MIN(change_id) FROM account_notices)";
    sqlx::query(of_another_version).execute(&mut connection).await.unwrap();
    let waiting = count(&test, "SELECT COUNT(*) FROM account_notices").await;
    tick(desk).await.unwrap();
    let mails = count(&test, "SELECT COUNT(*) FROM outbox WHERE kind = 'account_changed'").await;
    assert_eq!((mails, waiting), (waiting - 1, 3));
    assert_eq!(count(&test, "SELECT COUNT(*) FROM account_notices").await, 0);
}
