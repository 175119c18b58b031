//! Alerts of monitoring systems: cases, notes, storms, and what could not become a case.

use desk::DeskError;
use desk::access::integrations::{NewIntegration, add_integration, integration};
use desk::audit::{AuditFilter, read};
use desk::cases::read::read_case;
use desk::lab::demo;
use desk::monitoring::{
    ALERTS_PAGE, AlertSettings, AlertSettingsError, AlertView, Taken, alert_settings, change_alert_settings,
    list_alerts, report_alerts, sweep,
};
use desk::store::Engine;
use domain::actor::{Actor, Grant, IntegrationId, IntegrationName, RequestsPerMinute, Role, Scope};
use domain::audit::{AccessChange, AuditAccess, AuditEvent, AuditKind};
use domain::case::{AskedBy, Author, Command, ErasureReason, Event, Status, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::monitoring::{
    Alert, AlertContact, AlertProblem, AlertState, Alerts, CASES_PER_HOUR_MAX, NOTE_EVERY_S,
};
use domain::priority::{Severity, Urgency};

use crate::support::{TestDesk, a_form, both_engines, count, execute, explain, reason, staff};

both_engines! {
    alert_opens_a_case_from_the_register_with_the_contact_of_its_integration,
    same_alert_opens_no_second_case_and_is_noted_once_an_hour,
    two_messages_at_once_open_one_case,
    alert_that_is_over_is_told_and_closes_nothing,
    alert_opens_another_case_after_the_end_of_its_own,
    host_has_its_serial_from_the_table,
    alert_that_cannot_become_a_case_stands_on_the_page_of_its_integration,
    storm_opens_so_many_cases_an_hour_and_the_others_when_they_come_again,
    messages_at_once_open_no_more_cases_an_hour_than_one,
    alert_that_opens_no_case_takes_no_place_of_the_hour,
    settings_that_another_person_changed_are_not_overwritten,
    alerts_are_for_their_permission_alone,
    alerts_end_with_their_case_or_after_thirty_days,
    queries_of_alerts_are_served_by_indexes,
    change_of_alert_settings_is_in_the_audit_log_without_its_values,
}

async fn monitoring(at: &TestDesk, country: Option<Country>) -> (IntegrationId, Actor) {
    let new = NewIntegration {
        name: IntegrationName::parse("Zabbix").unwrap(),
        grants: [Grant::ReportAlerts].into(),
        scope: Scope { country },
        per_minute: RequestsPerMinute::OFFERED,
    };
    let (id, token) = add_integration(&at.desk, &admin(), new).await.unwrap();
    let found = integration(&at.desk, &token).await.unwrap().unwrap();
    (id, Actor::Integration(found.integration))
}

async fn ready(at: &TestDesk) -> (IntegrationId, Actor) {
    let (id, actor) = monitoring(at, None).await;
    set(at, id, "").await;
    (id, actor)
}

async fn set(at: &TestDesk, id: IntegrationId, hosts: &str) {
    let contact = AlertContact {
        name: "Guardia de Redes".to_owned(),
        phone: "+58 212 555 0142".to_owned(),
        mail: "redes@cumbre.example".to_owned(),
    };
    let revision = alert_settings(&at.desk, &admin(), id).await.unwrap().revision;
    let new = AlertSettings { contact, hosts: hosts.to_owned(), revision, ..AlertSettings::default() };
    change_alert_settings(&at.desk, &admin(), id, new).await.unwrap();
}

fn admin() -> Actor {
    staff(Role::Administrator)
}

fn serial() -> String {
    a_form(&demo::CARACAS).serial
}

fn alert(fingerprint: &str, state: AlertState) -> Alert {
    Alert {
        fingerprint: fingerprint.to_owned(),
        begun: "2026-11-23T13:08:45Z".to_owned(),
        state,
        title: "Switch down".to_owned(),
        detail: "No answer for five minutes.".to_owned(),
        host: "sw-12:9100".to_owned(),
        serial: serial(),
        severity: "critical".to_owned(),
    }
}

async fn report(at: &TestDesk, by: &Actor, all: Vec<Alert>) -> Taken {
    report_alerts(&at.desk, by, Alerts { all, truncated: None }).await.unwrap()
}

async fn listed(at: &TestDesk, id: IntegrationId) -> Vec<AlertView> {
    list_alerts(&at.desk, &admin(), id, 1).await.unwrap().rows
}

/// The texts of the notes of a case, in their order.
async fn notes(at: &TestDesk, number: CaseNumber) -> Vec<String> {
    let page = read_case(&at.desk, &admin(), number).await.unwrap();
    let note = |event: &Event| match event {
        Event::Noted { text, .. } => Some(text.as_str().to_owned()),
        _ => None,
    };
    page.history.iter().filter_map(|entry| note(&entry.event)).collect()
}

async fn cases(at: &TestDesk) -> i64 {
    count(at, "SELECT COUNT(*) FROM cases").await
}

async fn alert_opens_a_case_from_the_register_with_the_contact_of_its_integration(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    let taken = report(&at, &by, vec![alert("a", AlertState::Firing)]).await;
    assert_eq!(taken, Taken { opened: 1, ..Taken::default() });
    let row = listed(&at, id).await.remove(0);
    assert_eq!((row.state, row.problem, row.times), (AlertState::Firing, None, 1));
    let page = read_case(&at.desk, &admin(), row.case.unwrap()).await.unwrap();
    let report = &page.opening.report;
    assert_eq!(report.serial.as_str(), row.serial);
    assert_eq!(report.contract.as_ref().map(ToString::to_string), Some(a_form(&demo::CARACAS).contract));
    assert_eq!(
        (report.severity, report.urgency),
        (Severity::Critical, Urgency::High),
        "by the default table"
    );
    assert_eq!(report.contact.mail.to_string(), "redes@cumbre.example");
    assert!(report.fault.as_str().contains("Switch down") && report.fault.as_str().contains("sw-12:9100"));
    assert!(matches!(&page.history[0].by, Author::Integration { name, .. } if name == "Zabbix"));
}

async fn same_alert_opens_no_second_case_and_is_noted_once_an_hour(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    let firing = || vec![alert("a", AlertState::Firing)];
    report(&at, &by, firing()).await;
    let number = listed(&at, id).await[0].case.unwrap();
    at.clock.advance(NOTE_EVERY_S - 1);
    assert_eq!(report(&at, &by, firing()).await, Taken { unchanged: 1, ..Taken::default() });
    assert!(notes(&at, number).await.is_empty());
    at.clock.advance(1);
    assert_eq!(report(&at, &by, firing()).await, Taken { noted: 1, ..Taken::default() });
    assert_eq!(report(&at, &by, firing()).await, Taken { unchanged: 1, ..Taken::default() });
    assert_eq!((notes(&at, number).await.len(), cases(&at).await), (1, 1));
    assert_eq!(listed(&at, id).await[0].times, 4);
}

async fn two_messages_at_once_open_one_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (_, by) = ready(&at).await;
    // Two Alertmanagers of one cluster; what one measured differs.
    let other = Alert { detail: "No answer for six minutes.".to_owned(), ..alert("a", AlertState::Firing) };
    tokio::join!(report(&at, &by, vec![alert("a", AlertState::Firing)]), report(&at, &by, vec![other]));
    assert_eq!(cases(&at).await, 1);
}

async fn alert_that_is_over_is_told_and_closes_nothing(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    report(&at, &by, vec![alert("a", AlertState::Firing)]).await;
    let number = listed(&at, id).await[0].case.unwrap();
    let over = report(&at, &by, vec![alert("a", AlertState::Resolved)]).await;
    assert_eq!(over, Taken { noted: 1, ..Taken::default() });
    let told = notes(&at, number).await;
    assert!(told.len() == 1 && told[0].contains("Switch down"), "{told:?}");
    let page = read_case(&at.desk, &admin(), number).await.unwrap();
    assert!(!matches!(page.status, Status::Closed | Status::Resolved), "{:?}", page.status);
    assert_eq!(listed(&at, id).await[0].state, AlertState::Resolved);
    // One that was never heard of opens nothing.
    let unknown = report(&at, &by, vec![alert("b", AlertState::Resolved)]).await;
    assert_eq!((unknown, cases(&at).await), (Taken { unchanged: 1, ..Taken::default() }, 1));
}

async fn cancel(at: &TestDesk, number: CaseNumber) {
    let cancel =
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Se resolvió solo") };
    execute(&at.desk, &staff(Role::Agent), number, Command::Termination(cancel)).await;
}

async fn alert_opens_another_case_after_the_end_of_its_own(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    report(&at, &by, vec![alert("a", AlertState::Firing)]).await;
    let first = listed(&at, id).await[0].case.unwrap();
    cancel(&at, first).await;
    let after = report(&at, &by, vec![alert("a", AlertState::Firing)]).await;
    assert_eq!(after, Taken { opened: 1, ..Taken::default() });
    assert_ne!(listed(&at, id).await[0].case.unwrap(), first);
}

async fn host_has_its_serial_from_the_table(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    let unlabelled = || vec![Alert { serial: String::new(), ..alert("a", AlertState::Firing) }];
    assert_eq!(report(&at, &by, unlabelled()).await.unplaced, 1);
    assert_eq!(listed(&at, id).await[0].problem, Some(AlertProblem::NoSerial));
    set(&at, id, &format!("sw-12 = {}", serial())).await;
    assert_eq!(report(&at, &by, unlabelled()).await.opened, 1);
    let row = listed(&at, id).await.remove(0);
    assert_eq!((row.problem, row.serial.as_str(), row.times), (None, serial().as_str(), 2));
}

async fn alert_that_cannot_become_a_case_stands_on_the_page_of_its_integration(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = monitoring(&at, None).await;
    let one = |fingerprint: &str, serial: &str| Alert {
        serial: serial.to_owned(),
        ..alert(fingerprint, AlertState::Firing)
    };
    report(&at, &by, vec![alert("contact", AlertState::Firing)]).await;
    set(&at, id, "").await;
    report(&at, &by, vec![one("wrong", "-"), one("unknown", "XXXX9999")]).await;
    let cut = Alerts { all: Vec::new(), truncated: Some("truncated:g".to_owned()) };
    assert_eq!(report_alerts(&at.desk, &by, cut).await.unwrap().unplaced, 1);
    let (foreign, abroad) = monitoring(&at, Some(Country::Co)).await;
    set(&at, foreign, "").await;
    report(&at, &abroad, vec![alert("scope", AlertState::Firing)]).await;
    let mut problems: Vec<_> =
        listed(&at, id).await.into_iter().map(|row| row.problem.unwrap().code()).collect();
    problems.sort_unstable();
    assert_eq!(problems, ["no_contact", "truncated", "unregistered", "wrong_serial"]);
    assert_eq!(listed(&at, foreign).await[0].problem, Some(AlertProblem::OtherScope));
    assert_eq!(cases(&at).await, 0);
    // What is over stays visible with its reason.
    report(&at, &by, vec![Alert { state: AlertState::Resolved, ..one("unknown", "XXXX9999") }]).await;
    let over = listed(&at, id).await.into_iter().find(|row| row.state == AlertState::Resolved).unwrap();
    assert_eq!(over.problem, Some(AlertProblem::Unregistered));
}

async fn storm_opens_so_many_cases_an_hour_and_the_others_when_they_come_again(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    let most = u32::try_from(CASES_PER_HOUR_MAX).unwrap();
    let storm =
        || (0..most + 20).map(|nth| alert(&format!("s{nth}"), AlertState::Firing)).collect::<Vec<_>>();
    let taken = report(&at, &by, storm()).await;
    assert_eq!((taken.opened, taken.unplaced, taken.held), (most, 20, 20));
    // The sender tries again at once, and later.
    let again = report(&at, &by, storm()).await;
    assert_eq!((again.opened, again.unchanged, again.held), (0, most, 20));
    assert_eq!(cases(&at).await, CASES_PER_HOUR_MAX);
    at.clock.advance(3600);
    let later = report(&at, &by, storm()).await;
    assert_eq!((later.opened, later.noted, later.held), (20, most, 0));
    assert!(listed(&at, id).await.iter().all(|row| row.case.is_some()));
    assert_eq!(count(&at, "SELECT COUNT(*) FROM alerts WHERE problem IS NOT NULL").await, 0);
}

/// The outcome of a change that meets no other one.
fn plain(outcome: Result<(), AlertSettingsError>) -> Result<(), DeskError> {
    outcome.map_err(|error| match error {
        AlertSettingsError::Desk(error) => error,
        AlertSettingsError::Changed => panic!("nothing else was changed"),
    })
}

async fn messages_at_once_open_no_more_cases_an_hour_than_one(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (_, by) = ready(&at).await;
    let storm = |name: &str| {
        (0..CASES_PER_HOUR_MAX)
            .map(|nth| alert(&format!("{name}{nth}"), AlertState::Firing))
            .collect::<Vec<_>>()
    };
    let (one, other, third) = futures::join!(
        report(&at, &by, storm("a")),
        report(&at, &by, storm("b")),
        report(&at, &by, storm("c"))
    );
    let most = u32::try_from(CASES_PER_HOUR_MAX).unwrap();
    assert_eq!(
        (one.opened + other.opened + third.opened, one.held + other.held + third.held),
        (most, 2 * most)
    );
    assert_eq!(cases(&at).await, CASES_PER_HOUR_MAX);
}

async fn alert_that_opens_no_case_takes_no_place_of_the_hour(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (_, by) = ready(&at).await;
    let unregistered =
        |nth| Alert { serial: "FOC2614Z9Z9".to_owned(), ..alert(&format!("u{nth}"), AlertState::Firing) };
    let taken = report(&at, &by, (0..CASES_PER_HOUR_MAX).map(unregistered).collect()).await;
    assert_eq!((taken.opened, taken.held), (0, 0));
    let taken = report(&at, &by, vec![alert("a", AlertState::Firing)]).await;
    assert_eq!(taken.opened, 1);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM alert_openings").await, 1);
    at.clock.advance(3600);
    sweep(&at.desk).await.unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM alert_openings").await, 0);
}

async fn settings_that_another_person_changed_are_not_overwritten(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, _) = ready(&at).await;
    let seen = alert_settings(&at.desk, &admin(), id).await.unwrap();
    set(&at, id, "sw-1 = FOC2614A1B2").await;
    let stale = AlertSettings { hosts: "sw-2 = FOC2614A1B2".to_owned(), ..seen.clone() };
    let refused = change_alert_settings(&at.desk, &admin(), id, stale).await;
    assert!(matches!(refused, Err(AlertSettingsError::Changed)), "{refused:?}");
    let kept = alert_settings(&at.desk, &admin(), id).await.unwrap();
    assert_eq!((kept.hosts.as_str(), kept.revision), ("sw-1 = FOC2614A1B2", 2));
    let same = AlertSettings { hosts: kept.hosts.clone(), ..seen };
    change_alert_settings(&at.desk, &admin(), id, same).await.expect("what changes nothing is no conflict");
}

async fn alerts_are_for_their_permission_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    let none = || Alerts { all: vec![alert("a", AlertState::Firing)], truncated: None };
    let Actor::Integration(own) = by.clone() else { panic!("an integration") };
    let mut opener = own;
    opener.grants = [Grant::OpenCases, Grant::WorkCases].into();
    for actor in [admin(), staff(Role::Agent), Actor::Integration(opener)] {
        let refused = report_alerts(&at.desk, &actor, none()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
    for actor in [by, staff(Role::Supervisor)] {
        for refused in [
            alert_settings(&at.desk, &actor, id).await.map(drop),
            plain(change_alert_settings(&at.desk, &actor, id, AlertSettings::default()).await),
            list_alerts(&at.desk, &actor, id, 1).await.map(drop),
        ] {
            assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
        }
    }
    for missing in [
        alert_settings(&at.desk, &admin(), IntegrationId(77)).await.map(drop),
        plain(change_alert_settings(&at.desk, &admin(), IntegrationId(77), AlertSettings::default()).await),
    ] {
        assert!(matches!(missing, Err(DeskError::NotFound)), "{missing:?}");
    }
}

async fn alerts_end_with_their_case_or_after_thirty_days(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, by) = ready(&at).await;
    report(&at, &by, vec![alert("a", AlertState::Firing)]).await;
    let number = listed(&at, id).await[0].case.unwrap();
    cancel(&at, number).await;
    desk::retention::erase_case(&at.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    assert_eq!(listed(&at, id).await[0].title, "");
    at.clock.advance(30 * 86_400 - 1);
    assert_eq!(sweep(&at.desk).await.unwrap(), 0);
    at.clock.advance(1);
    assert_eq!(sweep(&at.desk).await.unwrap(), 1);
    assert!(listed(&at, id).await.is_empty());
    // The contact is a person: it ends with the token.
    desk::access::integrations::revoke_integration(&at.desk, &admin(), id).await.unwrap();
    assert_eq!(sweep(&at.desk).await.unwrap(), 1);
    assert_eq!(alert_settings(&at.desk, &admin(), id).await.unwrap(), AlertSettings::default());
}

async fn queries_of_alerts_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&at).await;
    let page = ALERTS_PAGE.replace("$1", "7").replace("$2", "50").replace("$3", "0");
    for (sql, index) in [
        (page.as_str(), "alerts_by_time"),
        (
            "SELECT COUNT(*) FROM alert_openings WHERE integration_id = 7 AND at_utc_s > 19990",
            "alert_openings_by_time",
        ),
        ("UPDATE alerts SET title = '' WHERE case_number = 'N7'", "alerts_by_case"),
        ("DELETE FROM alerts WHERE seen_utc_s <= 5", "alerts_by_seen"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

async fn change_of_alert_settings_is_in_the_audit_log_without_its_values(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (id, _) = monitoring(&at, Some(Country::Ve)).await;
    for hosts in ["", "", "sw-1 = FOC2614A1B2"] {
        set(&at, id, hosts).await;
    }
    let filter = AuditFilter { kind: Some(AuditKind::AccessChanged), ..AuditFilter::default() };
    let page = read(&at.desk, &admin(), &filter, None, 50).await.unwrap();
    let changed = AuditEvent::AccessChanged {
        access: AuditAccess::Integration,
        id: id.0,
        name: "Zabbix".to_owned(),
        what: AccessChange::Alerts,
    };
    let entries: Vec<_> = page.entries.into_iter().map(|entry| (entry.record.event, entry.country)).collect();
    let wanted = (changed, Some(Country::Ve));
    assert_eq!(entries, [wanted.clone(), wanted], "what changes nothing leaves no entry");
    let contact = count(&at, "SELECT COUNT(*) FROM audit_log WHERE document LIKE '%cumbre.example%'").await;
    assert_eq!(contact, 0);
    let gone =
        plain(change_alert_settings(&at.desk, &admin(), IntegrationId(77), AlertSettings::default()).await);
    assert!(matches!(gone, Err(DeskError::NotFound)), "{gone:?}");
}
