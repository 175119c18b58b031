//! How long sessions last, by role.

use desk::Desk;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::own_account::own_account;
use desk::access::session_limits::{LimitOutOfRange, SessionLimits, session_limits, set_session_limits};
use desk::access::sign_in::{Attempt, IDLE_S, LONGEST_S, Use, session, sign_in};
use desk::audit::{AuditFilter, read};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::audit::{AuditEvent, AuditKind};
use domain::i18n::Language;

use crate::support::{TestDesk, add_staff, both_engines, staff};

both_engines! {
    session_of_a_role_ends_after_its_own_idle_time,
    session_of_a_role_ends_after_its_own_longest_time,
    only_administrators_settle_limits,
}

const HOUR_S: i64 = 3600;
const MAIL: &str = "ana.rivas@vigia.example";

/// Ana with a role, and the secret of her session.
async fn ana(desk: &Desk, role: Role) -> (Actor, String) {
    let ana = add_staff(desk, "Ana Rivas", MAIL, role, Language::Es).await;
    let attempt = Attempt {
        mail: MAIL,
        password: "una-clave-de-prueba-larga",
        source: Source::UNKNOWN,
        browser: None,
        device: Device::parse(""),
    };
    (Actor::Staff(ana), sign_in(desk, attempt).await.unwrap().session)
}

async fn settle(desk: &Desk, idle_s: i64, longest_s: i64) {
    let limits = SessionLimits::new(idle_s, longest_s).unwrap();
    set_session_limits(desk, &Actor::System, vec![(Role::Agent, limits)]).await.unwrap();
}

async fn goes_on(desk: &Desk, secret: &str, usage: Use) -> bool {
    session(desk, secret, usage).await.unwrap().is_some()
}

async fn session_of_a_role_ends_after_its_own_idle_time(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (agent, secret) = ana(desk, Role::Agent).await;
    settle(desk, 600, LONGEST_S).await;
    test.clock.advance(599);
    assert!(goes_on(desk, &secret, Use::Watches).await);
    assert_eq!(own_account(desk, &agent).await.unwrap().sessions.len(), 1);
    test.clock.advance(1);
    assert!(!goes_on(desk, &secret, Use::Asks).await);
    assert_eq!(own_account(desk, &agent).await.unwrap().sessions, Vec::new());
}

async fn session_of_a_role_ends_after_its_own_longest_time(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let (_, secret) = ana(desk, Role::Agent).await;
    settle(desk, IDLE_S, 2 * HOUR_S).await;
    for _ in 0..7 {
        test.clock.advance(1000);
        assert!(goes_on(desk, &secret, Use::Asks).await, "it is used");
    }
    test.clock.advance(200);
    assert!(!goes_on(desk, &secret, Use::Asks).await);
}

async fn only_administrators_settle_limits(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    for (idle_s, longest_s) in
        [(299, LONGEST_S), (IDLE_S + 1, LONGEST_S), (600, HOUR_S - 1), (600, LONGEST_S + 1)]
    {
        assert_eq!(SessionLimits::new(idle_s, longest_s), Err(LimitOutOfRange), "{idle_s} {longest_s}");
    }
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let limits = vec![(Role::Agent, SessionLimits::OWN)];
        assert!(set_session_limits(desk, &staff(role), limits).await.is_err(), "{role:?}");
        assert!(session_limits(desk, &staff(role)).await.is_err(), "{role:?}");
    }
    settle(desk, 600, HOUR_S).await;
    let filter = AuditFilter { kind: Some(AuditKind::SettingChanged), ..AuditFilter::default() };
    let log = read(desk, &staff(Role::Administrator), &filter, None, 50).await.unwrap();
    let changed =
        AuditEvent::SettingChanged { subject: "session_limits".into(), name: "agent 10 min 1 h".into() };
    assert_eq!(log.entries.iter().map(|entry| &entry.record.event).collect::<Vec<_>>(), [&changed]);
    let settled = session_limits(desk, &Actor::System).await.unwrap();
    assert_eq!(settled.len(), Role::ALL.len());
    for (role, limits) in settled {
        let expected = if role == Role::Agent { (600, HOUR_S) } else { (IDLE_S, LONGEST_S) };
        assert_eq!((limits.idle_s(), limits.longest_s()), expected, "{role:?}");
    }
}
