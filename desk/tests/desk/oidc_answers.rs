//! Answers of providers, good and hostile. A stand-in on this machine plays the provider; nothing of an answer counts before it was held
//! against what was asked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::Desk;
use desk::access::device::Device;
use desk::access::factor_proof::{PROVEN_S, prove_by_code};
use desk::access::limits::Source;
use desk::access::own_account::SessionName;
use desk::access::passkeys;
use desk::access::sign_in::{Attempt, Began, sign_in, sign_out};
use desk::access::staff::{NewPerson, add_person};
use desk::oidc::{
    Answer, AnswerError, Came, Departure, DepartureError, DisconnectError, For, IdentityProviderView,
    NewIdentityProvider, ProviderFault, REQUEST_S, Secret, add_provider, answer, depart, disconnect,
    read_provider, sign_out_address, test_provider,
};
use desk::store::Engine;
use domain::actor::{Actor, Role, Staff};
use domain::i18n::Language;
use domain::identity_provider::{
    DeskSignIn, GroupRoles, IdentityProblem, IdentityProviderName, Issuer, Strangers,
};
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use domain::webhook::DeliveryFailure;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::support::authenticator::Authenticator;
use crate::support::identity_provider::{ACCESS_TOKEN, PUBLIC_KEY, StandIn, content, header, http, signed};
use crate::support::webhooks::{admin, local};
use crate::support::{TestDesk, both_engines};

both_engines! {
    person_with_a_group_comes_and_the_code_is_changed_with_its_verifier,
    account_is_connected_in_the_session_that_asked,
    present_factor_comes_before_an_account_is_connected_or_disconnected,
    token_that_no_header_holds_is_not_kept,
    answer_counts_once_in_its_browser_in_time_and_at_its_provider,
    answer_names_the_provider_that_was_asked,
    secret_goes_to_the_provider_that_it_was_set_for,
    token_that_proves_nothing_opens_no_session,
    clocks_that_differ_are_told_apart_from_proofs,
    fresh_sign_in_needs_a_fresh_proof,
    refusals_of_the_provider_are_told,
    what_a_provider_says_of_itself_is_not_believed_unseen,
    more_of_a_person_is_of_the_same_person,
}

pub(crate) const SUBJECT: &str = "f:7:rosa";

fn how() -> Began<'static> {
    let source = Source::of("192.0.2.1".parse().unwrap());
    Began { source, browser: None, device: Device::parse("Chrome/140 Linux") }
}

fn new(name: &str, issuer: &str) -> NewIdentityProvider {
    NewIdentityProvider {
        name: IdentityProviderName::parse(name).unwrap(),
        issuer: Issuer::parse(issuer).unwrap(),
        client_id: "mesa".to_owned(),
        secret: Secret::New("s3creto".to_owned()),
        scopes: "profile email".to_owned(),
        groups_claim: "groups".to_owned(),
        group_roles: GroupRoles::parse("mesa = agent").unwrap(),
        strangers: Strangers::ByGroup,
        desk_sign_in: DeskSignIn::Everyone,
        factor_values: Vec::new(),
    }
}

/// A desk with one provider.
pub(crate) struct Scene {
    pub(crate) at: TestDesk,
    pub(crate) stand_in: StandIn,
    pub(crate) of: IdentityProviderView,
}

/// What a browser was sent with.
struct Sent {
    state: String,
    nonce: String,
    challenge: String,
    browser: String,
    address: String,
}

impl Scene {
    pub(crate) async fn open(engine: Engine) -> Self {
        let mut at = TestDesk::open(engine).await;
        at.desk = at.desk.with_egress(local());
        let stand_in = StandIn::open().await;
        let id = add_provider(&at.desk, &admin(), new("Directorio", &stand_in.issuer)).await.unwrap();
        let of = read_provider(&at.desk, &admin(), id).await.unwrap();
        Self { at, stand_in, of }
    }

    async fn sent(&self, what: For<'_>) -> Sent {
        let departure = depart(&self.at.desk, self.of.id, what, "/desk?page=2", None).await.unwrap();
        sent(departure)
    }

    /// The claims of a good token.
    fn claims(&self, sent: &Sent) -> Value {
        let now = self.at.clock.now().0;
        json!({
            "iss": self.stand_in.issuer, "aud": "mesa", "sub": SUBJECT, "nonce": sent.nonce, "iat": now, "exp": now + 300,
            "auth_time": now, "name": "Rosa Lima", "email": "rosa@cumbre.example", "groups": ["mesa"],
        })
    }

    async fn answered(&self, sent: &Sent) -> Result<Came, AnswerError> {
        let what = Answer { state: &sent.state, code: Some("c0de"), ..Answer::default() };
        answer(&self.at.desk, self.of.id, what, &sent.browser, how(), Language::Es).await
    }

    /// What comes of a good token in a session.
    async fn answered_in(&self, sent: &Sent, session: &str) -> Result<Came, AnswerError> {
        self.stand_in.gives(&signed(&header(), &self.claims(sent)));
        let what =
            Answer { state: &sent.state, code: Some("c0de"), session: Some(session), ..Answer::default() };
        answer(&self.at.desk, self.of.id, what, &sent.browser, how(), Language::Es).await
    }

    /// What comes of a token, in a sign-in of its own.
    pub(crate) async fn with_token(&self, token: impl Fn(Value) -> String) -> Result<Came, AnswerError> {
        let sent = self.sent(For::SignIn).await;
        self.stand_in.gives(&token(self.claims(&sent)));
        self.answered(&sent).await
    }
}

fn sent(departure: Departure) -> Sent {
    let Departure { address, browser } = departure;
    let field = |name: &str| {
        let (_, rest) = address.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    let (state, nonce, challenge) = (field("&state"), field("&nonce"), field("code_challenge"));
    Sent { state, nonce, challenge, browser, address }
}

fn not_in(came: Result<Came, AnswerError>) -> IdentityProblem {
    match came {
        Err(AnswerError::NotIn { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

/// Claims with another value of one.
pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

async fn person_with_a_group_comes_and_the_code_is_changed_with_its_verifier(engine: Engine) {
    let scene = Scene::open(engine).await;
    let sent = scene.sent(For::SignIn).await;
    for part in ["response_type=code", "code_challenge_method=S256", "scope=openid+profile+email"] {
        assert!(sent.address.contains(part), "{}", sent.address);
    }
    let hash = Sha512::digest(ACCESS_TOKEN.as_bytes());
    let claims = with(scene.claims(&sent), "at_hash", json!(URL_SAFE_NO_PAD.encode(&hash[..32])));
    scene.stand_in.gives(&signed(&header(), &claims));
    match scene.answered(&sent).await.unwrap() {
        Came::In { next, .. } => assert_eq!(next, "/desk?page=2"),
        other => panic!("{other:?}"),
    }
    let asked = scene.stand_in.asked("/token");
    // "mesa" and "s3creto".
    assert!(asked.contains("Authorization: Basic bWVzYTpzM2NyZXRv\r\n"), "{asked}");
    let (_, verifier) = asked.split_once("code_verifier=").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())), sent.challenge);
}

const PASSWORD: &str = "caballo azul grande";

/// A person with a password, who is not connected.
async fn marta(desk: &Desk) -> Actor {
    let name = "Marta Salas";
    let person = NewPerson {
        name: PersonName::parse(name).unwrap(),
        mail: MailAddress::parse("marta@vigia.example").unwrap(),
        role: Role::Agent,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    Actor::Staff(Staff { id, name: name.to_owned(), role: Role::Agent, composed: None })
}

/// The secret of a session of theirs.
async fn by_password(desk: &Desk) -> String {
    let Began { source, browser, device } = how();
    let attempt = Attempt { mail: "marta@vigia.example", password: PASSWORD, source, browser, device };
    sign_in(desk, attempt).await.unwrap().session
}

async fn account_is_connected_in_the_session_that_asked(engine: Engine) {
    let scene = Scene::open(engine).await;
    let desk = &scene.at.desk;
    let actor = marta(desk).await;
    let sessions = [by_password(desk).await, by_password(desk).await];
    let connect = async |session: &str| {
        let sent = scene.sent(For::Connection { actor: &actor, session: &sessions[0] }).await;
        scene.answered_in(&sent, session).await
    };
    assert_eq!(connect(&sessions[1]).await, Err(AnswerError::NotConnected(IdentityProblem::Over)));
    assert_eq!(connect(&sessions[0]).await, Ok(Came::Connected));
    assert_eq!(connect(&sessions[0]).await, Err(AnswerError::NotConnected(IdentityProblem::Taken)));
}

async fn present_factor_comes_before_an_account_is_connected_or_disconnected(engine: Engine) {
    let scene = Scene::open(engine).await;
    let (desk, of) = (&scene.at.desk, scene.of.id);
    let actor = marta(desk).await;
    // Begun by the password alone, before there was a factor.
    let stolen = by_password(desk).await;
    let (name, elsewhere) = (SessionName::of(&stolen), SessionName::parse("elsewhere"));
    let connection = For::Connection { actor: &actor, session: &stolen };
    let early = scene.sent(connection).await;
    let begun = passkeys::begin(desk, &actor, &elsewhere, PASSWORD).await.unwrap();
    let (_, made) = Authenticator::create(&begun.options);
    let made = passkeys::finish(desk, &actor, &elsewhere, (&begun.token, "Llave"), &made).await;
    let codes = made.unwrap();

    let over = Err(AnswerError::NotConnected(IdentityProblem::Over));
    assert_eq!(scene.answered_in(&early, &stolen).await, over, "the factor came while it was away");
    let refused = depart(desk, of, connection, "/desk", None).await;
    assert!(matches!(refused, Err(DepartureError::FactorWanted)), "{refused:?}");
    prove_by_code(desk, &actor, &name, &codes[0], how().source).await.unwrap();
    let sent = scene.sent(connection).await;
    assert_eq!(scene.answered_in(&sent, &stolen).await, Ok(Came::Connected));

    scene.at.clock.advance(PROVEN_S);
    let refused = disconnect(desk, &actor, &name, of).await;
    assert!(matches!(refused, Err(DisconnectError::FactorWanted)), "{refused:?}");
    prove_by_code(desk, &actor, &name, &codes[1], how().source).await.unwrap();
    disconnect(desk, &actor, &name, of).await.unwrap();
}

async fn token_that_no_header_holds_is_not_kept(engine: Engine) {
    let scene = Scene::open(engine).await;
    for (groups, is_kept) in [(1, true), (400, false)] {
        let came = scene
            .with_token(|claims| signed(&header(), &with(claims, "groups", json!(vec!["mesa"; groups]))));
        let Came::In { signed_in, .. } = came.await.unwrap() else { panic!("a code is wanted") };
        let told = sign_out(&scene.at.desk, &signed_in.session).await.unwrap().unwrap();
        let address = sign_out_address("https://vigia.example", &told).unwrap();
        assert!(address.contains("client_id=mesa"), "the provider asks then: {address}");
        assert_eq!(address.contains("id_token_hint="), is_kept, "{address}");
    }
}

async fn answer_counts_once_in_its_browser_in_time_and_at_its_provider(engine: Engine) {
    let scene = Scene::open(engine).await;
    let desk = &scene.at.desk;
    let other_stand_in = StandIn::open().await;
    let other = add_provider(desk, &admin(), new("Otro", &other_stand_in.issuer)).await.unwrap();
    let sent = scene.sent(For::SignIn).await;
    scene.stand_in.gives(&signed(&header(), &scene.claims(&sent)));
    let what = Answer { state: &sent.state, code: Some("c0de"), ..Answer::default() };
    let tried = async |id, browser: &str| answer(desk, id, what, browser, how(), Language::Es).await;
    let of = scene.of.id;
    assert_eq!(not_in(tried(other, &sent.browser).await), IdentityProblem::Over, "mixed up");
    let stranger = scene.sent(For::SignIn).await.browser;
    assert_eq!(not_in(tried(of, &stranger).await), IdentityProblem::Over, "another browser's");
    assert_eq!(not_in(tried(of, "").await), IdentityProblem::Over, "no browser's");
    assert!(tried(of, &sent.browser).await.is_ok());
    assert_eq!(not_in(tried(of, &sent.browser).await), IdentityProblem::Over, "replayed");
    assert_eq!(other_stand_in.asked("/token"), "", "no code goes to another provider");
    let late = scene.sent(For::SignIn).await;
    scene.at.clock.advance(REQUEST_S);
    assert_eq!(not_in(scene.answered(&late).await), IdentityProblem::Over, "late");
}

async fn answer_names_the_provider_that_was_asked(engine: Engine) {
    let scene = Scene::open(engine).await;
    let desk = &scene.at.desk;
    let issuer = scene.stand_in.issuer.clone();
    for (announced, named, is_taken) in [
        (false, None, true),
        (false, Some("https://evil.example"), false),
        (true, None, false),
        (true, Some("https://evil.example"), false),
        (true, Some(issuer.as_str()), true),
    ] {
        scene.stand_in.describes(&json!({ "authorization_response_iss_parameter_supported": announced }));
        let sent = scene.sent(For::SignIn).await;
        scene.stand_in.gives(&signed(&header(), &scene.claims(&sent)));
        let what = Answer { state: &sent.state, code: Some("c0de"), issuer: named, ..Answer::default() };
        let came = answer(desk, scene.of.id, what, &sent.browser, how(), Language::Es).await;
        assert_eq!(came.is_ok(), is_taken, "{announced} {named:?}: {came:?}");
    }
}

async fn secret_goes_to_the_provider_that_it_was_set_for(engine: Engine) {
    let scene = Scene::open(engine).await;
    let sent = scene.sent(For::SignIn).await;
    scene.stand_in.gives(&signed(&header(), &scene.claims(&sent)));
    // As when the settings are saved while the answer is being taken.
    let mut connection = scene.at.connection().await;
    let moved = "UPDATE identity_providers SET issuer = 'https://9.9.9.9'";
    sqlx::query(moved).execute(&mut connection).await.unwrap();
    assert_eq!(not_in(scene.answered(&sent).await), IdentityProblem::Over);
    assert_eq!(scene.stand_in.asked("/token"), "");
}

/// Makes a token of the claims of a good one.
type Token<'a> = Box<dyn Fn(Value) -> String + 'a>;

async fn token_that_proves_nothing_opens_no_session(engine: Engine) {
    let scene = Scene::open(engine).await;
    let good = |claims: Value| signed(&header(), &claims);
    let claim = |name: &'static str, value: Value| {
        move |claims: Value| signed(&header(), &with(claims, name, value.clone()))
    };
    let by_public_key = |claims: Value| {
        let content = content(&json!({ "alg": "HS256", "kid": "one" }), &claims);
        let key = URL_SAFE_NO_PAD.decode(PUBLIC_KEY).unwrap();
        let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(&content);
        format!("{content}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    };
    let by_secret = |claims: Value| {
        let content = content(&json!({ "alg": "HS256" }), &claims);
        let mac = Hmac::<Sha256>::new_from_slice(b"s3creto").unwrap().chain_update(&content);
        format!("{content}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    };
    let unsigned = |claims: Value| format!("{}.", content(&json!({ "alg": "none" }), &claims));
    let altered = |claims: Value| {
        let token = signed(&header(), &claims);
        let (_, signature) = token.rsplit_once('.').unwrap();
        format!("{}.{signature}", content(&header(), &with(claims, "groups", json!(["mesa", "jefes"]))))
    };
    let critical = |claims: Value| signed(&with(header(), "crit", json!(["exp"])), &claims);
    let unknown_key = |claims: Value| signed(&with(header(), "kid", json!("two")), &claims);
    let hostile: [(&str, Token<'_>); 14] = [
        ("issuer", Box::new(claim("iss", json!("https://evil.example")))),
        ("nonce", Box::new(claim("nonce", json!("other")))),
        ("no nonce", Box::new(claim("nonce", Value::Null))),
        ("audience", Box::new(claim("aud", json!("another")))),
        ("second audience", Box::new(claim("aud", json!(["mesa", "another"])))),
        ("party", Box::new(claim("azp", json!("another")))),
        ("access token", Box::new(claim("at_hash", json!("AAAA")))),
        ("subject", Box::new(claim("sub", json!("")))),
        ("none", Box::new(unsigned)),
        ("public key as secret", Box::new(by_public_key)),
        ("secret", Box::new(by_secret)),
        ("altered", Box::new(altered)),
        ("critical", Box::new(critical)),
        ("unknown key", Box::new(unknown_key)),
    ];
    for (what, token) in hostile {
        assert_eq!(not_in(scene.with_token(token).await), IdentityProblem::Proof, "{what}");
    }
    assert_eq!(not_in(scene.with_token(|_| "no token".to_owned()).await), IdentityProblem::Proof);
    assert!(scene.with_token(good).await.is_ok(), "the guard is not the whole house");
}

async fn clocks_that_differ_are_told_apart_from_proofs(engine: Engine) {
    let scene = Scene::open(engine).await;
    let now = scene.at.clock.now().0;
    let times = |iat: i64, exp: i64| {
        move |claims: Value| {
            let claims = with(with(claims, "iat", json!(now + iat)), "exp", json!(now + exp));
            signed(&header(), &claims)
        }
    };
    for (iat, exp) in [(-400, -61), (61, 400), (-601, 300)] {
        assert_eq!(not_in(scene.with_token(times(iat, exp)).await), IdentityProblem::Clock, "{iat} {exp}");
    }
    for (iat, exp) in [(-400, -59), (60, 400)] {
        assert!(scene.with_token(times(iat, exp)).await.is_ok(), "a minute is nothing: {iat} {exp}");
    }
}

async fn fresh_sign_in_needs_a_fresh_proof(engine: Engine) {
    let scene = Scene::open(engine).await;
    let now = scene.at.clock.now().0;
    for (auth_time, is_taken) in [(json!(now), true), (json!(now - 61), false), (Value::Null, false)] {
        let sent = scene.sent(For::FreshSignIn).await;
        assert!(sent.address.contains("prompt=login") && sent.address.contains("max_age=0"));
        scene.stand_in.gives(&signed(&header(), &with(scene.claims(&sent), "auth_time", auth_time.clone())));
        let came = scene.answered(&sent).await;
        if is_taken {
            assert!(came.is_ok(), "{came:?}");
        } else {
            assert_eq!(not_in(came), IdentityProblem::NotFresh, "{auth_time}");
        }
    }
}

async fn refusals_of_the_provider_are_told(engine: Engine) {
    let scene = Scene::open(engine).await;
    let desk = &scene.at.desk;
    for (error, problem) in [
        ("access_denied", IdentityProblem::Denied),
        ("server_error", IdentityProblem::Unreachable),
        ("invalid_scope", IdentityProblem::Refused),
        ("\u{7}<script>", IdentityProblem::Refused),
    ] {
        let sent = scene.sent(For::SignIn).await;
        let what = Answer { state: &sent.state, error: Some(error), ..Answer::default() };
        let came = answer(desk, scene.of.id, what, &sent.browser, how(), Language::Es).await;
        assert_eq!(not_in(came), problem, "{error}");
    }
    let huge = "x".repeat(300 * 1024);
    for (reply, problem) in [
        (http(400, "", "{\"error\":\"invalid_grant\"}"), IdentityProblem::Refused),
        (http(500, "", ""), IdentityProblem::Unreachable),
        (http(302, "Location: https://evil.example/\r\n", ""), IdentityProblem::Unreachable),
        (http(200, "", &huge), IdentityProblem::Unreachable),
        (http(200, "", "{}"), IdentityProblem::Unreachable),
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), IdentityProblem::Unreachable),
    ] {
        let sent = scene.sent(For::SignIn).await;
        scene.stand_in.answers("/token", reply.clone());
        let came = scene.answered(&sent).await;
        assert_eq!(not_in(came), problem, "{}", &reply[..reply.len().min(80)]);
    }
}

async fn what_a_provider_says_of_itself_is_not_believed_unseen(engine: Engine) {
    let scene = Scene::open(engine).await;
    let desk = &scene.at.desk;
    let discovery = "/.well-known/openid-configuration";
    let tested = async || test_provider(desk, &admin(), scene.of.id).await.unwrap();
    assert_eq!(tested().await.unwrap().issuer, scene.stand_in.issuer);
    scene.stand_in.describes(&json!({ "issuer": "https://evil.example" }));
    assert_eq!(tested().await, Err(ProviderFault::OtherIssuer("https://evil.example".to_owned())));
    scene.stand_in.describes(&json!({ "token_endpoint": "javascript:alert(1)" }));
    assert_eq!(tested().await, Err(ProviderFault::Address("javascript:alert(1)".to_owned())));
    scene.stand_in.answers(discovery, http(503, "", "out of order"));
    let words = "out of order".to_owned();
    assert_eq!(tested().await, Err(ProviderFault::Refused { status: 503, words }));
    scene.stand_in.answers(discovery, http(302, "Location: http://127.0.0.1/\r\n", ""));
    assert_eq!(tested().await, Err(ProviderFault::Unanswered(DeliveryFailure::Redirected)));
    scene.stand_in.answers(discovery, http(200, "", "<html>"));
    assert!(matches!(tested().await, Err(ProviderFault::Unread(_))));
    let left = depart(desk, scene.of.id, For::SignIn, "/desk", None).await;
    assert!(matches!(left, Err(DepartureError::Provider(_))));
    // Keys that lie in a network to which the desk does not connect.
    scene.stand_in.describes(&json!({ "jwks_uri": "http://169.254.169.254/latest" }));
    let sent = scene.sent(For::SignIn).await;
    scene.stand_in.gives(&signed(&header(), &scene.claims(&sent)));
    assert_eq!(not_in(scene.answered(&sent).await), IdentityProblem::Unreachable);
}

async fn more_of_a_person_is_of_the_same_person(engine: Engine) {
    let scene = Scene::open(engine).await;
    let more = format!("{}/me", scene.stand_in.issuer);
    scene.stand_in.describes(&json!({ "userinfo_endpoint": more }));
    let bare = |claims: Value| {
        let claims = with(with(claims, "groups", Value::Null), "email", Value::Null);
        signed(&header(), &claims)
    };
    let told = |subject: &str| {
        json!({ "sub": subject, "email": "rosa@cumbre.example", "email_verified": true, "groups": ["mesa"] })
            .to_string()
    };
    scene.stand_in.answers("/me", http(200, "", &told("another")));
    assert_eq!(not_in(scene.with_token(bare).await), IdentityProblem::Proof);
    scene.stand_in.answers("/me", http(200, "", &told(SUBJECT)));
    assert!(scene.with_token(bare).await.is_ok());
    let asked = scene.stand_in.asked("/me");
    assert!(asked.contains(&format!("Authorization: Bearer {ACCESS_TOKEN}\r\n")), "{asked}");
}
