//! Whom an identity of a provider signs in: by the subject, and never by a mail address. Roles by groups, the second factor,
//! and who may still sign in by the desk's own means.

use std::collections::BTreeSet;

use desk::Desk;
use desk::access::changes::changes;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::own_account::SessionName;
use desk::access::second_factor::require;
use desk::access::second_step::Wanted;
use desk::access::sign_in::{
    Attempt, Began, FRESH_S, SignInError, SignedIn, Use, age_s, session, sign_in, sign_out,
};
use desk::access::staff::{NewPerson, add_person, people};
use desk::oidc::{
    DisconnectError, Entrance, EntryError, Identity, IdentityProviderError, IdentityProviderView,
    NewIdentityProvider, ProvenBy, Secret, add_provider, change_provider, connect, disconnect, enter,
    has_identities, list_providers, offered, own_identities, pause_provider, read_provider, remove_provider,
    resume_provider, sign_out_address,
};
use desk::people::composed::{compose, give};
use desk::people::keep::{Keep, KeepError, keep};
use desk::store::Engine;
use domain::actor::{Actor, Composition, Permit, PersonId, Role, RoleName, RoleScope, Staff};
use domain::i18n::Language;
use domain::identity_provider::{
    DeskSignIn, GroupRoles, IdentityProblem, IdentityProviderName, Issuer, Strangers,
};
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use domain::time::Instant;
use sha2::{Digest, Sha256};

use crate::support::webhooks::{admin, local};
use crate::support::{TestDesk, both_engines, explain, staff};

both_engines! {
    secret_of_a_client_is_written_and_not_read,
    provider_is_changed_by_who_saw_it_and_keeps_its_issuer,
    stranger_is_refused_whatever_their_mail_address,
    address_of_the_demonstration_gets_no_account,
    connected_person_signs_in_whatever_their_mail_address_becomes,
    identity_is_one_persons_alone,
    group_gives_an_account_and_a_role_at_every_sign_in,
    composed_role_stays_while_the_groups_name_what_it_is_like,
    last_administrator_keeps_the_role_against_the_groups,
    person_out_of_service_stays_out,
    second_factor_follows_unless_the_providers_counts,
    account_with_a_second_factor_is_connected_once_it_was_given,
    password_opens_nothing_where_the_provider_alone_does,
    disconnected_account_ends_the_other_sessions_of_the_provider,
    administrator_disconnects_who_lost_their_identity,
    session_is_as_fresh_as_the_proof_at_the_provider,
    sign_out_tells_what_the_provider_needs,
    removed_provider_ends_its_sessions_and_connections,
    identity_queries_are_served_by_indexes,
}

const PASSWORD: &str = "caballo azul grande";

fn how() -> Began<'static> {
    let source = Source::of("192.0.2.1".parse().unwrap());
    Began { source, browser: None, device: Device::parse("Chrome/140 Linux") }
}

fn new(groups: &str, strangers: Strangers) -> NewIdentityProvider {
    NewIdentityProvider {
        name: IdentityProviderName::parse("Directorio").unwrap(),
        issuer: Issuer::parse("https://9.9.9.9/realms/mesa").unwrap(),
        client_id: "mesa".to_owned(),
        secret: Secret::New("s3creto".to_owned()),
        scopes: "profile email".to_owned(),
        groups_claim: "groups".to_owned(),
        group_roles: GroupRoles::parse(groups).unwrap(),
        strangers,
        desk_sign_in: DeskSignIn::Everyone,
        factor_values: vec!["mfa".to_owned()],
    }
}

async fn provider(desk: &Desk, new: NewIdentityProvider) -> IdentityProviderView {
    let id = add_provider(desk, &admin(), new).await.unwrap();
    read_provider(desk, &admin(), id).await.unwrap()
}

fn identity(subject: &str, mail: &str, groups: &[&str]) -> Identity {
    Identity {
        subject: subject.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        name: "Rosa Lima".to_owned(),
        mail: mail.to_owned(),
        proven_at: None,
        sid: String::new(),
        end_session: String::new(),
        id_token: String::new(),
    }
}

async fn person(desk: &Desk, mail: &str, role: Role) -> (PersonId, Actor) {
    let name = "Marta Salas";
    let person = NewPerson {
        name: PersonName::parse(name).unwrap(),
        mail: MailAddress::parse(mail).unwrap(),
        role,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    (id, Actor::Staff(Staff { id, name: name.to_owned(), role, composed: None }))
}

fn attempt(mail: &str) -> Attempt<'_> {
    let Began { source, browser, device } = how();
    Attempt { mail, password: PASSWORD, source, browser, device }
}

/// Connects a person in a session of theirs.
async fn connected(desk: &Desk, of: &IdentityProviderView, mail: &str, id: PersonId, subject: &str) {
    let session = sign_in(desk, attempt(mail)).await.unwrap().session;
    connect(desk, of, identity(subject, "", &[]), id, &hash(&session)).await.unwrap();
}

/// The name of a session that is not there.
fn this() -> SessionName {
    SessionName::parse("this")
}

/// The stored hash of a secret.
fn hash(secret: &str) -> String {
    domain::hex::hex(&Sha256::digest(secret.as_bytes()))
}

async fn enters(desk: &Desk, of: &IdentityProviderView, who: Identity) -> Result<SignedIn, EntryError> {
    match enter(desk, of, who, ProvenBy::OneFactor, how(), Language::Es).await? {
        Entrance::In(signed_in) => Ok(signed_in),
        Entrance::CodeWanted(_) => panic!("a code is wanted"),
    }
}

async fn problem(desk: &Desk, of: &IdentityProviderView, who: Identity) -> IdentityProblem {
    match enters(desk, of, who).await {
        Err(EntryError::Refused(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

async fn role_of(desk: &Desk, signed_in: &SignedIn) -> Role {
    match session(desk, &signed_in.session, Use::Asks).await.unwrap() {
        Some(Actor::Staff(staff)) => staff.role,
        other => panic!("{other:?}"),
    }
}

async fn secret_of_a_client_is_written_and_not_read(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk.with_egress(local());
    let of = provider(desk, new("", Strangers::Refused)).await;
    assert!(of.has_secret && of.set.secret == Secret::Keep);
    assert!(!format!("{of:?}").contains("s3creto"));
    change_provider(
        desk,
        &admin(),
        of.id,
        of.revision,
        NewIdentityProvider { secret: Secret::Keep, ..of.set.clone() },
    )
    .await
    .unwrap();
    assert!(read_provider(desk, &admin(), of.id).await.unwrap().has_secret, "it stays");
    let without = NewIdentityProvider { secret: Secret::None, ..of.set };
    change_provider(desk, &admin(), of.id, of.revision + 1, without).await.unwrap();
    assert!(!read_provider(desk, &admin(), of.id).await.unwrap().has_secret);
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        assert!(list_providers(desk, &staff(role)).await.is_err(), "{role:?}");
    }
}

async fn provider_is_changed_by_who_saw_it_and_keeps_its_issuer(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk.with_egress(local());
    let of = provider(desk, new("", Strangers::Refused)).await;
    let same = add_provider(desk, &admin(), new("", Strangers::Refused)).await;
    assert!(matches!(same, Err(IdentityProviderError::Same)));
    let groupless = NewIdentityProvider {
        name: IdentityProviderName::parse("Otro").unwrap(),
        client_id: "otra".to_owned(),
        ..new("", Strangers::ByGroup)
    };
    assert!(matches!(add_provider(desk, &admin(), groupless).await, Err(IdentityProviderError::NoGroups)));
    let refused =
        NewIdentityProvider { issuer: Issuer::parse("https://10.0.0.7").unwrap(), ..of.set.clone() };
    let refused = change_provider(desk, &admin(), of.id, of.revision, refused).await;
    assert!(matches!(refused, Err(IdentityProviderError::Url(_))), "{refused:?}");
    let late = change_provider(desk, &admin(), of.id, of.revision + 7, of.set.clone()).await;
    assert!(matches!(late, Err(IdentityProviderError::Changed)));
    let (id, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let moved =
        NewIdentityProvider { issuer: Issuer::parse("https://9.9.9.9/other").unwrap(), ..of.set.clone() };
    let moved = change_provider(desk, &admin(), of.id, of.revision, moved).await;
    assert!(matches!(moved, Err(IdentityProviderError::IssuerInUse)), "{moved:?}");
    pause_provider(desk, &admin(), of.id).await.unwrap();
    assert!(offered(desk).await.unwrap().is_empty());
    resume_provider(desk, &admin(), of.id).await.unwrap();
    assert_eq!(offered(desk).await.unwrap()[0].name, "Directorio");
}

async fn stranger_is_refused_whatever_their_mail_address(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    person(desk, "marta@vigia.example", Role::Administrator).await;
    let who = identity("x", "marta@vigia.example", &[]);
    assert_eq!(problem(desk, &of, who.clone()).await, IdentityProblem::Unknown);
    let open = NewIdentityProvider { secret: Secret::Keep, ..new("mesa = agent", Strangers::ByGroup) };
    change_provider(desk, &admin(), of.id, of.revision, open).await.unwrap();
    let of = read_provider(desk, &admin(), of.id).await.unwrap();
    assert_eq!(problem(desk, &of, who.clone()).await, IdentityProblem::NoGroup);
    let in_group = Identity { groups: vec!["mesa".to_owned()], ..who };
    assert_eq!(problem(desk, &of, in_group.clone()).await, IdentityProblem::MailTaken);
    let nameless = Identity { mail: String::new(), ..in_group };
    assert_eq!(problem(desk, &of, nameless).await, IdentityProblem::NoMail);
}

async fn address_of_the_demonstration_gets_no_account(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let of = provider(&at.desk, new("mesa = administrator", Strangers::ByGroup)).await;
    let who = identity("x", "Agente@vigia.example", &["mesa"]);
    assert_eq!(problem(&at.desk, &of, who).await, IdentityProblem::Shared);
    assert!(enters(&at.desk, &of, identity("x", "agente@otra.example", &["mesa"])).await.is_ok());
}

async fn connected_person_signs_in_whatever_their_mail_address_becomes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, actor) = person(desk, "marta@vigia.example", Role::Agent).await;
    let (other, _) = person(desk, "luis@vigia.example", Role::Supervisor).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    for mail in ["marta@vigia.example", "marta@otra.example", "luis@vigia.example", ""] {
        let signed_in = enters(desk, &of, identity("m1", mail, &[])).await.unwrap();
        let found = session(desk, &signed_in.session, Use::Asks).await.unwrap();
        assert!(
            matches!(found, Some(Actor::Staff(Staff { id: found, .. })) if found == id && found != other)
        );
    }
    let own = own_identities(desk, &actor).await.unwrap();
    assert!(own[0].linked_at.is_some() && own[0].used_at.is_some());
    disconnect(desk, &actor, &this(), of.id).await.unwrap();
    assert_eq!(problem(desk, &of, identity("m1", "", &[])).await, IdentityProblem::Unknown);
    let told: Vec<_> =
        changes(desk, &admin(), id).await.unwrap().into_iter().map(|told| told.change).collect();
    assert_eq!(told[0], PersonChange::IdentityUnlinked { provider: "Directorio".to_owned() });
    assert_eq!(told[1], PersonChange::IdentityLinked { provider: "Directorio".to_owned() });
}

async fn identity_is_one_persons_alone(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (marta, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    let (luis, _) = person(desk, "luis@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", marta, "m1").await;
    let his = sign_in(desk, attempt("luis@vigia.example")).await.unwrap().session;
    let taken = connect(desk, &of, identity("m1", "", &[]), luis, &hash(&his)).await;
    assert!(matches!(taken, Err(EntryError::Refused(IdentityProblem::Taken))));
    let hers = sign_in(desk, attempt("marta@vigia.example")).await.unwrap().session;
    let second = connect(desk, &of, identity("m2", "", &[]), marta, &hash(&hers)).await;
    assert!(matches!(second, Err(EntryError::Refused(IdentityProblem::Taken))));
    let foreign = connect(desk, &of, identity("l1", "", &[]), luis, &hash(&hers)).await;
    assert!(matches!(foreign, Err(EntryError::Refused(IdentityProblem::Over))), "another's session");
}

async fn group_gives_an_account_and_a_role_at_every_sign_in(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    person(desk, "jefa@vigia.example", Role::Administrator).await;
    let of = provider(desk, new("jefes = supervisor\nmesa = agent", Strangers::ByGroup)).await;
    let who = |groups: &[&str]| identity("r1", "rosa@cumbre.example", groups);
    let signed_in = enters(desk, &of, who(&["mesa"])).await.unwrap();
    assert_eq!(role_of(desk, &signed_in).await, Role::Agent);
    let signed_in = enters(desk, &of, who(&["mesa", "jefes"])).await.unwrap();
    assert_eq!(role_of(desk, &signed_in).await, Role::Supervisor);
    assert_eq!(problem(desk, &of, who(&["otros"])).await, IdentityProblem::NoGroup);
    let all = people(desk, &admin()).await.unwrap();
    let rosa = all.iter().find(|person| person.mail.as_str() == "rosa@cumbre.example").unwrap();
    assert_eq!((rosa.name.to_string(), rosa.role), ("Rosa Lima".to_owned(), Role::Supervisor));
    let by_password = sign_in(desk, attempt("rosa@cumbre.example")).await;
    assert!(matches!(by_password, Err(SignInError::Wrong)), "there is no password");
    let themself =
        Actor::Staff(Staff { id: rosa.id, name: "Rosa Lima".to_owned(), role: rosa.role, composed: None });
    let last = disconnect(desk, &themself, &this(), of.id).await;
    assert!(matches!(last, Err(DisconnectError::LastWayIn)));
}

async fn composed_role_stays_while_the_groups_name_what_it_is_like(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("jefes = supervisor\nmesa = agent", Strangers::Refused)).await;
    let (id, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let composition = Composition {
        name: RoleName::parse("Agencia Norte").unwrap(),
        like: Role::Agent,
        permits: BTreeSet::from([Permit::ReadCases]),
        scope: RoleScope::default(),
        organisations: BTreeSet::new(),
    };
    let composed = compose(desk, &admin(), composition).await.unwrap();
    give(desk, &admin(), composed, id).await.unwrap();
    for (group, stays) in [("mesa", true), ("jefes", false), ("mesa", false)] {
        let signed_in = enters(desk, &of, identity("m1", "", &[group])).await.unwrap();
        match session(desk, &signed_in.session, Use::Asks).await.unwrap() {
            Some(Actor::Staff(staff)) => assert_eq!(staff.composed.is_some(), stays, "{group}"),
            other => panic!("{other:?}"),
        }
    }
}

async fn last_administrator_keeps_the_role_against_the_groups(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("mesa = agent", Strangers::Refused)).await;
    let (id, _) = person(desk, "jefa@vigia.example", Role::Administrator).await;
    connected(desk, &of, "jefa@vigia.example", id, "j1").await;
    for groups in [&["mesa"][..], &[]] {
        let signed_in = enters(desk, &of, identity("j1", "", groups)).await.unwrap();
        assert_eq!(role_of(desk, &signed_in).await, Role::Administrator);
    }
    person(desk, "otra@vigia.example", Role::Administrator).await;
    let signed_in = enters(desk, &of, identity("j1", "", &["mesa"])).await.unwrap();
    assert_eq!(role_of(desk, &signed_in).await, Role::Agent);
}

async fn person_out_of_service_stays_out(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("mesa = agent", Strangers::ByGroup)).await;
    person(desk, "jefa@vigia.example", Role::Administrator).await;
    let (id, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    keep(desk, &admin(), id, vec![Keep::Deactivate]).await.unwrap();
    let who = identity("m1", "nueva@vigia.example", &["mesa"]);
    assert_eq!(problem(desk, &of, who).await, IdentityProblem::Inactive);
}

async fn second_factor_follows_unless_the_providers_counts(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    require(desk, &admin(), vec![Role::Agent]).await.unwrap();
    let who = || identity("m1", "", &[]);
    match enter(desk, &of, who(), ProvenBy::OneFactor, how(), Language::Es).await.unwrap() {
        Entrance::CodeWanted(step) => assert!(matches!(step.wanted, Wanted::SetUp(_))),
        Entrance::In(_) => panic!("the role needs a second factor"),
    }
    let entered = enter(desk, &of, who(), ProvenBy::TwoFactors, how(), Language::Es).await.unwrap();
    assert!(matches!(entered, Entrance::In(_)));
}

async fn account_with_a_second_factor_is_connected_once_it_was_given(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    let session = sign_in(desk, attempt("marta@vigia.example")).await.unwrap().session;
    let mut connection = at.connection().await;
    let key = "INSERT INTO passkeys (credential_id, person_id, handle, rp_id, name, credential, added_utc_s)
               VALUES ('k1', $1, '00', 'antes.example', 'Llave', '{}', 0)";
    sqlx::query(key).bind(id.0).execute(&mut connection).await.unwrap();
    let connects = async || connect(desk, &of, identity("m1", "", &[]), id, &hash(&session)).await;
    let refused = connects().await;
    assert!(matches!(refused, Err(EntryError::Refused(IdentityProblem::Over))), "{refused:?}");
    let given = "UPDATE sessions SET factor_utc_s = $1 WHERE token_hash = $2";
    for (given_at, is_taken) in [(desk.now().0 - 3600, false), (desk.now().0, true)] {
        let query = sqlx::query(given).bind(given_at).bind(hash(&session));
        query.execute(&mut connection).await.unwrap();
        assert_eq!(connects().await.is_ok(), is_taken, "{given_at}");
    }
}

async fn password_opens_nothing_where_the_provider_alone_does(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let alone =
        NewIdentityProvider { desk_sign_in: DeskSignIn::Administrators, ..new("", Strangers::Refused) };
    let of =
        provider(desk, NewIdentityProvider { desk_sign_in: DeskSignIn::Everyone, ..alone.clone() }).await;
    let (id, actor) = person(desk, "marta@vigia.example", Role::Agent).await;
    let (boss, chief) = person(desk, "jefa@vigia.example", Role::Administrator).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    connected(desk, &of, "jefa@vigia.example", boss, "j1").await;
    change_provider(desk, &admin(), of.id, of.revision, alone).await.unwrap();
    let refused = sign_in(desk, attempt("marta@vigia.example")).await;
    assert!(matches!(refused, Err(SignInError::ProviderOnly)), "{refused:?}");
    assert!(sign_in(desk, attempt("jefa@vigia.example")).await.is_ok(), "administrators are not locked out");
    let escaped = disconnect(desk, &actor, &this(), of.id).await;
    assert!(matches!(escaped, Err(DisconnectError::ProviderOnly)), "{escaped:?}");
    disconnect(desk, &chief, &this(), of.id).await.unwrap();
    pause_provider(desk, &admin(), of.id).await.unwrap();
    assert!(sign_in(desk, attempt("marta@vigia.example")).await.is_ok(), "nor is anybody by a pause");
}

async fn disconnected_account_ends_the_other_sessions_of_the_provider(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, actor) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let in_use = enters(desk, &of, identity("m1", "", &[])).await.unwrap().session;
    let stolen = enters(desk, &of, identity("m1", "", &[])).await.unwrap().session;
    let by_password = sign_in(desk, attempt("marta@vigia.example")).await.unwrap().session;
    disconnect(desk, &actor, &SessionName::of(&in_use), of.id).await.unwrap();
    for (secret, goes_on) in [(&in_use, true), (&stolen, false), (&by_password, true)] {
        assert_eq!(session(desk, secret, Use::Asks).await.unwrap().is_some(), goes_on);
    }
}

async fn administrator_disconnects_who_lost_their_identity(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, actor) = person(desk, "marta@vigia.example", Role::Administrator).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let signed_in = enters(desk, &of, identity("m1", "", &[])).await.unwrap();
    let own = keep(desk, &actor, id, vec![Keep::RemoveIdentities]).await;
    assert!(matches!(own, Err(KeepError::OwnFactor)), "the own account asks for the second factor");
    assert!(keep(desk, &staff(Role::Supervisor), id, vec![Keep::RemoveIdentities]).await.is_err());
    assert!(has_identities(desk, &admin(), id).await.unwrap());
    for _ in 0..2 {
        keep(desk, &Actor::System, id, vec![Keep::RemoveIdentities]).await.unwrap();
    }
    assert!(!has_identities(desk, &admin(), id).await.unwrap());
    assert!(session(desk, &signed_in.session, Use::Asks).await.unwrap().is_none());
    assert_eq!(problem(desk, &of, identity("m1", "", &[])).await, IdentityProblem::Unknown);
    let unlinked = PersonChange::IdentityUnlinked { provider: "Directorio".to_owned() };
    let told = changes(desk, &admin(), id).await.unwrap();
    assert_eq!(told.iter().filter(|told| told.change == unlinked).count(), 1);
    connected(desk, &of, "marta@vigia.example", id, "m2").await;
    assert!(enters(desk, &of, identity("m2", "", &[])).await.is_ok());
}

async fn session_is_as_fresh_as_the_proof_at_the_provider(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, _) = person(desk, "marta@vigia.example", Role::Administrator).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let hours_ago = Instant(desk.now().0 - 5 * 3600);
    for (proven_at, is_fresh) in [(Some(desk.now()), true), (Some(hours_ago), false), (None, false)] {
        let who = Identity { proven_at, ..identity("m1", "", &[]) };
        let signed_in = enters(desk, &of, who).await.unwrap();
        let age = age_s(desk, &signed_in.session).await.unwrap().unwrap();
        assert_eq!(age <= FRESH_S, is_fresh, "{proven_at:?}");
    }
}

async fn sign_out_tells_what_the_provider_needs(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, _) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let who = Identity {
        end_session: "https://login.example/end?a=b".to_owned(),
        id_token: "h.c.s".to_owned(),
        ..identity("m1", "", &[])
    };
    let signed_in = enters(desk, &of, who).await.unwrap();
    let told = sign_out(desk, &signed_in.session).await.unwrap().unwrap();
    assert_eq!(
        sign_out_address("https://vigia.example", &told).unwrap(),
        "https://login.example/end?a=b&client_id=mesa\
         &post_logout_redirect_uri=https%3A%2F%2Fvigia.example%2Fdesk%2Fsign-in&id_token_hint=h.c.s"
    );
    assert_eq!(sign_out(desk, &signed_in.session).await.unwrap(), None);
    let by_password = sign_in(desk, attempt("marta@vigia.example")).await.unwrap();
    assert_eq!(sign_out(desk, &by_password.session).await.unwrap(), None);
}

async fn removed_provider_ends_its_sessions_and_connections(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let of = provider(desk, new("", Strangers::Refused)).await;
    let (id, actor) = person(desk, "marta@vigia.example", Role::Agent).await;
    connected(desk, &of, "marta@vigia.example", id, "m1").await;
    let by_provider = enters(desk, &of, identity("m1", "", &[])).await.unwrap();
    let by_password = sign_in(desk, attempt("marta@vigia.example")).await.unwrap();
    remove_provider(desk, &admin(), of.id).await.unwrap();
    assert!(session(desk, &by_provider.session, Use::Asks).await.unwrap().is_none());
    assert!(session(desk, &by_password.session, Use::Asks).await.unwrap().is_some());
    assert!(own_identities(desk, &actor).await.unwrap().is_empty());
    assert_eq!(problem(desk, &of, identity("m1", "", &[])).await, IdentityProblem::Unknown);
}

async fn identity_queries_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&at).await;
    for (sql, index) in [
        ("SELECT provider_id FROM person_identities WHERE person_id = 5", "person_identities_by_person"),
        ("DELETE FROM identity_requests WHERE expires_utc_s <= 5", "identity_requests_by_expiry"),
        ("DELETE FROM logout_tokens WHERE expires_utc_s <= 5", "logout_tokens_by_expiry"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
