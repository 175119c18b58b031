//! Logout tokens of providers, good and hostile, and the sessions that they end.

use desk::access::sign_in::{Use, session};
use desk::audit::{AuditFilter, read};
use desk::oidc::{Came, LogoutError, end_sessions, pause_provider};
use desk::store::Engine;
use domain::actor::Role;
use domain::audit::{AuditAuthor, AuditEvent, AuditKind};
use domain::identity_provider::IdentityProviderId;
use serde_json::{Value, json};

use crate::oidc_answers::{SUBJECT, Scene, with};
use crate::support::identity_provider::{content, header, http, signed};
use crate::support::webhooks::admin;
use crate::support::{both_engines, staff};

both_engines! {
    token_ends_the_session_that_it_names,
    token_without_a_session_ends_all_of_its_person,
    session_that_the_provider_did_not_name_ends_with_any_of_its_person,
    token_counts_once_and_the_log_has_it,
    token_that_proves_nothing_ends_no_session,
    times_of_a_token_have_limits,
    token_is_taken_again_after_the_provider_was_out_of_order,
}

/// The claims of a good logout token.
fn claims(scene: &Scene, id: &str) -> Value {
    let now = scene.at.clock.now().0;
    json!({
        "iss": scene.stand_in.issuer, "aud": "mesa", "iat": now, "exp": now + 120, "jti": id, "sub": SUBJECT,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

/// A header as the specification recommends it.
fn typed() -> Value {
    with(header(), "typ", json!("logout+jwt"))
}

/// The secret of a session that began in the provider's session `sid`.
async fn began(scene: &Scene, sid: Value) -> String {
    let came = scene.with_token(|claims| signed(&header(), &with(claims, "sid", sid.clone()))).await;
    match came.unwrap() {
        Came::In { signed_in, .. } => signed_in.session,
        other => panic!("{other:?}"),
    }
}

async fn stands(scene: &Scene, secret: &str) -> bool {
    session(&scene.at.desk, secret, Use::Watches).await.unwrap().is_some()
}

async fn told(scene: &Scene, claims: &Value) -> Result<u64, LogoutError> {
    end_sessions(&scene.at.desk, scene.of.id, &signed(&typed(), claims)).await
}

async fn token_ends_the_session_that_it_names(engine: Engine) {
    let scene = Scene::open(engine).await;
    let [one, two] = [began(&scene, json!("s1")).await, began(&scene, json!("s2")).await];
    let by_sid = with(with(claims(&scene, "a"), "sid", json!("s1")), "sub", Value::Null);
    assert_eq!(told(&scene, &by_sid).await.unwrap(), 1);
    assert!(!stands(&scene, &one).await && stands(&scene, &two).await);
    let of_another = with(with(claims(&scene, "b"), "sid", json!("s2")), "sub", json!("another"));
    assert_eq!(told(&scene, &of_another).await.unwrap(), 0, "another person's");
    assert!(stands(&scene, &two).await);
    // A paused provider still ends what it began.
    pause_provider(&scene.at.desk, &admin(), scene.of.id).await.unwrap();
    let of_both = with(claims(&scene, "c"), "sid", json!("s2"));
    assert_eq!(told(&scene, &of_both).await.unwrap(), 1);
    assert!(!stands(&scene, &two).await);
    let over = with(claims(&scene, "d"), "sid", json!("s2"));
    assert_eq!(told(&scene, &over).await.unwrap(), 0, "it is no failure");
}

async fn token_without_a_session_ends_all_of_its_person(engine: Engine) {
    let scene = Scene::open(engine).await;
    let sessions = [began(&scene, json!("s1")).await, began(&scene, Value::Null).await];
    assert_eq!(told(&scene, &claims(&scene, "a")).await.unwrap(), 2);
    for secret in &sessions {
        assert!(!stands(&scene, secret).await);
    }
}

async fn session_that_the_provider_did_not_name_ends_with_any_of_its_person(engine: Engine) {
    let scene = Scene::open(engine).await;
    let [unnamed, named] = [began(&scene, Value::Null).await, began(&scene, json!("s2")).await];
    let by_sid = with(with(claims(&scene, "a"), "sid", json!("s1")), "sub", Value::Null);
    assert_eq!(told(&scene, &by_sid).await.unwrap(), 0, "whose it is is not said");
    assert_eq!(told(&scene, &with(claims(&scene, "b"), "sid", json!("s1"))).await.unwrap(), 1);
    assert!(!stands(&scene, &unnamed).await && stands(&scene, &named).await);
}

async fn token_counts_once_and_the_log_has_it(engine: Engine) {
    let scene = Scene::open(engine).await;
    began(&scene, json!("s1")).await;
    let claims = claims(&scene, "a");
    assert_eq!(told(&scene, &claims).await.unwrap(), 1);
    let later = began(&scene, json!("s1")).await;
    assert!(matches!(told(&scene, &claims).await, Err(LogoutError::Again)));
    assert!(stands(&scene, &later).await);
    let filter = AuditFilter { kind: Some(AuditKind::SessionsEnded), ..AuditFilter::default() };
    let page = read(&scene.at.desk, &staff(Role::Administrator), &filter, None, 50).await.unwrap();
    let [entry] = page.entries.as_slice() else { panic!("{} entries", page.entries.len()) };
    assert_eq!(entry.record.by, AuditAuthor::System);
    match &entry.record.event {
        AuditEvent::SessionsEndedByProvider { name, provider, sessions, .. } => {
            assert_eq!((name.as_str(), provider.as_str(), *sessions), ("Rosa Lima", "Directorio", 1));
        }
        other => panic!("{other:?}"),
    }
}

async fn token_that_proves_nothing_ends_no_session(engine: Engine) {
    let scene = Scene::open(engine).await;
    let secret = began(&scene, json!("s1")).await;
    let good = claims(&scene, "a");
    let claim = |name: &str, value: Value| signed(&typed(), &with(good.clone(), name, value));
    let altered = {
        let token = signed(&typed(), &with(good.clone(), "sub", json!("another")));
        let (_, signature) = token.rsplit_once('.').unwrap();
        format!("{}.{signature}", content(&typed(), &good))
    };
    let other_event = json!({ "http://schemas.openid.net/event/other": {} });
    let text_event = json!({ "http://schemas.openid.net/event/backchannel-logout": "yes" });
    let hostile = [
        ("no token", "a.b.c".to_owned()),
        ("four parts", format!("{}.a", signed(&typed(), &good))),
        ("unsigned", format!("{}.", content(&json!({ "alg": "none" }), &good))),
        ("by a secret", format!("{}.AAAA", content(&json!({ "alg": "HS256" }), &good))),
        ("altered", altered),
        ("unknown key", signed(&with(typed(), "kid", json!("two")), &good)),
        ("critical", signed(&with(typed(), "crit", json!(["exp"])), &good)),
        ("another kind", signed(&with(typed(), "typ", json!("at+jwt")), &good)),
        ("issuer", claim("iss", json!("https://evil.example"))),
        ("audience", claim("aud", json!("another"))),
        ("second audience", claim("aud", json!(["mesa", "another"]))),
        ("no audience", claim("aud", json!([]))),
        ("nonce", claim("nonce", json!("n"))),
        ("empty nonce", claim("nonce", Value::Null)),
        ("no id", claim("jti", Value::Null)),
        ("no events", claim("events", Value::Null)),
        ("another event", claim("events", other_event)),
        ("event without content", claim("events", text_event)),
        ("nobody", claim("sub", Value::Null)),
        ("empty subject", claim("sub", json!(""))),
        ("session that is none", claim("sid", json!(7))),
        ("no expiry", claim("exp", Value::Null)),
        ("no time", claim("iat", json!("now"))),
    ];
    for (what, token) in hostile {
        let ended = end_sessions(&scene.at.desk, scene.of.id, &token).await;
        assert!(matches!(ended, Err(LogoutError::Refused(_))), "{what}: {ended:?}");
    }
    let elsewhere = IdentityProviderId(99);
    let ended = end_sessions(&scene.at.desk, elsewhere, &signed(&typed(), &good)).await;
    assert!(matches!(ended, Err(LogoutError::NoProvider)), "{ended:?}");
    assert!(stands(&scene, &secret).await);
    let general = end_sessions(&scene.at.desk, scene.of.id, &signed(&header(), &good)).await;
    assert_eq!(general.unwrap(), 1, "the guard is not the whole house");
}

async fn times_of_a_token_have_limits(engine: Engine) {
    let scene = Scene::open(engine).await;
    let now = scene.at.clock.now().0;
    let times = |id: &str, iat: i64, exp: i64| {
        with(with(claims(&scene, id), "iat", json!(now + iat)), "exp", json!(now + exp))
    };
    for (iat, exp) in [(-400, -60), (61, 400), (-601, 300)] {
        let ended = told(&scene, &times("a", iat, exp)).await;
        assert!(matches!(ended, Err(LogoutError::Refused(_))), "{iat} {exp}: {ended:?}");
    }
    for (id, iat, exp) in [("b", -400, -59), ("c", 60, 400), ("d", -600, 300)] {
        assert!(told(&scene, &times(id, iat, exp)).await.is_ok(), "{iat} {exp}");
    }
}

async fn token_is_taken_again_after_the_provider_was_out_of_order(engine: Engine) {
    let scene = Scene::open(engine).await;
    began(&scene, json!("s1")).await;
    let claims = claims(&scene, "a");
    let discovery = "/.well-known/openid-configuration";
    scene.stand_in.answers(discovery, http(503, "", "out of order"));
    assert!(matches!(told(&scene, &claims).await, Err(LogoutError::Provider(_))));
    scene.stand_in.describes(&json!({}));
    assert_eq!(told(&scene, &claims).await.unwrap(), 1);
}
