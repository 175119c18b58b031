//! Integrations: tokens, grants, scope, revoking; lists of cases for programs.

use desk::DeskError;
use desk::access::integrations::{
    ACCESS_TOKEN_S, IntegrationView, NewIntegration, TOKEN_PREFIX, access_token, add_integration,
    integration, list_integrations, revoke_integration,
};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::listing::{CaseFilter, list_cases};
use desk::cases::open::{OpenCase, OpenCaseError, SubmissionKey, open_case};
use desk::cases::queue::Whose;
use desk::cases::read::read_case;
use desk::lab::demo;
use desk::store::Engine;
use domain::actor::{Actor, Grant, IntegrationId, IntegrationName, RequestsPerMinute, Role, Scope};
use domain::case::{Assignee, AssignmentCommand, Author, Channel, Command, Event, Origin, Status};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::time::Instant;

use crate::support::{TestDesk, a_case, a_form, add_staff, an_opening, both_engines, staff};

both_engines! {
    token_names_its_integration_until_it_is_revoked,
    token_is_stored_as_a_hash_and_its_use_to_the_minute,
    short_lived_token_ends_after_an_hour_and_with_its_integration,
    integrations_are_listed_and_managed_by_administrators_alone,
    integration_is_the_author_of_what_it_does,
    case_of_another_scope_does_not_exist,
    search_of_one_country_finds_its_case_behind_many_of_others,
    equal_keys_of_two_integrations_are_two_cases,
    command_on_an_exact_version_conflicts_with_any_change,
    cases_are_listed_page_by_page_the_last_changed_first,
}

async fn added(at: &TestDesk, grants: &[Grant], country: Option<Country>) -> (IntegrationId, String) {
    let new = NewIntegration {
        name: IntegrationName::parse("Zabbix").unwrap(),
        grants: grants.iter().copied().collect(),
        scope: Scope { country },
        per_minute: RequestsPerMinute::OFFERED,
    };
    add_integration(&at.desk, &staff(Role::Administrator), new).await.unwrap()
}

async fn actor(at: &TestDesk, grants: &[Grant], country: Option<Country>) -> Actor {
    let (_, token) = added(at, grants, country).await;
    Actor::Integration(integration(&at.desk, &token).await.unwrap().unwrap().integration)
}

async fn listed(at: &TestDesk) -> Vec<IntegrationView> {
    list_integrations(&at.desk, &staff(Role::Administrator), 1).await.unwrap().rows
}

fn opening(sent: &str, by: &Actor) -> OpenCase {
    let Actor::Integration(caller) = by else { panic!("an integration opens it") };
    OpenCase {
        key: SubmissionKey::of_integration(caller.id, sent),
        report: a_form(&demo::CARACAS).report().unwrap(),
        language: Language::Es,
        origin: Origin::Api,
        previous_case: None,
        source: None,
    }
}

fn contact() -> Command {
    Command::LogContact { channel: Channel::Phone, note: None }
}

async fn token_names_its_integration_until_it_is_revoked(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (id, token) = added(&at, &[Grant::ReadCases, Grant::OpenCases], Some(Country::Co)).await;
    assert!(token.starts_with(TOKEN_PREFIX) && token.len() > 40, "{token}");
    let found = integration(&at.desk, &token).await.unwrap().unwrap();
    assert_eq!((found.integration.id, found.integration.name.as_str()), (id, "Zabbix"));
    assert_eq!(found.integration.grants, [Grant::OpenCases, Grant::ReadCases].into());
    assert_eq!(found.integration.scope.country, Some(Country::Co));
    assert_eq!(integration(&at.desk, "vigia_0000").await.unwrap(), None);
    let administrator = staff(Role::Administrator);
    revoke_integration(&at.desk, &administrator, id).await.unwrap();
    assert_eq!(integration(&at.desk, &token).await.unwrap(), None);
    let again = revoke_integration(&at.desk, &administrator, id).await;
    assert!(matches!(again, Err(DeskError::NotFound)));
}

async fn short_lived_token_ends_after_an_hour_and_with_its_integration(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (id, token) = added(&at, &[Grant::ReadCases], Some(Country::Co)).await;
    let (other, _) = added(&at, &[Grant::ReadCases], None).await;
    let made = access_token(&at.desk, id, &token).await.unwrap().unwrap();
    let known = async || integration(&at.desk, &made.token).await.unwrap();
    assert_eq!(known().await.unwrap().integration, made.integration.integration);
    assert_eq!(access_token(&at.desk, other, &token).await.unwrap(), None, "the secret of another client");
    assert_eq!(access_token(&at.desk, id, &made.token).await.unwrap(), None, "it renews itself never");
    for wrong in ["vigia_at_", "vigia_at_1-9999999999", "vigia_at_1-9999999999-00", "vigia_at_x-y-z"] {
        assert_eq!(integration(&at.desk, wrong).await.unwrap(), None, "{wrong}");
    }
    at.clock.advance(ACCESS_TOKEN_S - 1);
    assert!(known().await.is_some());
    at.clock.advance(1);
    assert_eq!(known().await, None);
    let again = access_token(&at.desk, id, &token).await.unwrap().unwrap();
    revoke_integration(&at.desk, &staff(Role::Administrator), id).await.unwrap();
    assert_eq!(integration(&at.desk, &again.token).await.unwrap(), None);
}

async fn token_is_stored_as_a_hash_and_its_use_to_the_minute(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (_, token) = added(&at, &[Grant::ReadCases], None).await;
    let mut connection = at.connection().await;
    let row = sqlx::query("SELECT token_hash FROM integrations").fetch_one(&mut connection).await.unwrap();
    let stored: String = sqlx::Row::try_get(&row, 0).unwrap();
    assert!(!stored.contains(&token["vigia_".len()..]) && !token.contains(&stored));
    assert_eq!(listed(&at).await[0].seen_at, None);
    let used = async |at: &TestDesk| {
        integration(&at.desk, &token).await.unwrap();
        // The use is noted beside the answer.
        for _ in 0..30_000 {
            if listed(at).await[0].seen_at == Some(at.clock.now()) {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        false
    };
    assert!(used(&at).await);
    let first = at.clock.now();
    at.clock.advance(59);
    integration(&at.desk, &token).await.unwrap();
    assert_eq!(listed(&at).await[0].seen_at, Some(first));
    at.clock.advance(1);
    assert!(used(&at).await);
}

async fn integrations_are_listed_and_managed_by_administrators_alone(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (first, _) = added(&at, &[Grant::ReadCases], None).await;
    let (second, _) = added(&at, &[Grant::OpenCases], Some(Country::Mx)).await;
    let rows = listed(&at).await;
    assert_eq!(rows.iter().map(|row| row.integration.id).collect::<Vec<_>>(), [second, first]);
    assert!(matches!(&rows[0].added_by, Some(Author::Staff { name, .. }) if name == "Marta Salas"));
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let other = staff(role);
        let refused = list_integrations(&at.desk, &other, 1).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?}");
        let refused = revoke_integration(&at.desk, &other, first).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?}");
    }
    let everything = actor(&at, &Grant::ALL, None).await;
    let refused = list_integrations(&at.desk, &everything, 1).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "a token makes no token");
}

async fn integration_is_the_author_of_what_it_does(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let zabbix = actor(&at, &Grant::ALL, None).await;
    let number = open_case(&at.desk, &zabbix, opening("alarm 7", &zabbix)).await.unwrap().number;
    execute_command(&at.desk, &zabbix, number, Expected::Any, contact()).await.unwrap();
    let page = read_case(&at.desk, &staff(Role::Agent), number).await.unwrap();
    assert_eq!(page.status, Status::InProgress);
    for entry in &page.history {
        assert!(matches!(&entry.by, Author::Integration { name, .. } if name == "Zabbix"), "{entry:?}");
        assert_eq!(entry.origin, Origin::Api);
    }
    // It assigns people, and is never the assignee itself.
    let ana = add_staff(&at.desk, "Ana Rivas", "ana@vigia.example", Role::Agent, Language::Es).await;
    let to = Assignee { id: ana.id, name: String::new() };
    let assign = Command::Assignment(AssignmentCommand::Assign { to });
    execute_command(&at.desk, &zabbix, number, Expected::Exactly(2), assign).await.unwrap();
    let page = read_case(&at.desk, &zabbix, number).await.unwrap();
    assert_eq!(page.mark.assignee.unwrap().name, "Ana Rivas");
    let release = Command::Assignment(AssignmentCommand::Release);
    execute_command(&at.desk, &zabbix, number, Expected::Exactly(3), release).await.unwrap();
    let claim = Command::Assignment(AssignmentCommand::Claim);
    let refused = execute_command(&at.desk, &zabbix, number, Expected::Any, claim).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{refused:?}");
}

async fn case_of_another_scope_does_not_exist(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let absent = CaseNumber::parse("VE2600421392").unwrap();
    let foreign = actor(&at, &Grant::ALL, Some(Country::Co)).await;
    for number in [number, absent] {
        let read = read_case(&at.desk, &foreign, number).await;
        assert!(matches!(read, Err(DeskError::NotFound)), "{read:?}");
        let worked = execute_command(&at.desk, &foreign, number, Expected::Exactly(9), contact()).await;
        assert!(matches!(worked, Err(DeskError::NotFound)), "{worked:?}");
    }
    let refused = open_case(&at.desk, &foreign, opening("alarm 7", &foreign)).await;
    assert!(matches!(refused, Err(OpenCaseError::NotPermitted(_))), "{refused:?}");
    let listed = list_cases(&at.desk, &foreign, &CaseFilter::default(), None, 50).await.unwrap();
    assert!(listed.cases.is_empty());
    let both = CaseFilter { country: Some(Country::Ve), ..CaseFilter::default() };
    assert!(list_cases(&at.desk, &foreign, &both, None, 50).await.unwrap().cases.is_empty());
    desk::search::catch_up(&at.desk).await.unwrap();
    let found = desk::search::search(&at.desk, &foreign, "peña luis").await.unwrap();
    assert_eq!(found, domain::search::Found::Cases(Vec::new()));
}

async fn search_of_one_country_finds_its_case_behind_many_of_others(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let agent = staff(Role::Agent);
    let own = OpenCase { report: a_form(&demo::BOGOTA).report().unwrap(), ..an_opening("own") };
    let number = open_case(&at.desk, &agent, own).await.unwrap().number;
    for _ in 0..=desk::search::SHOWN {
        a_case(&at.desk).await;
    }
    desk::search::catch_up(&at.desk).await.unwrap();
    let colombian = actor(&at, &Grant::ALL, Some(Country::Co)).await;
    let found = desk::search::search(&at.desk, &colombian, "peña luis").await.unwrap();
    let domain::search::Found::Cases(cases) = found else {
        panic!("{found:?}: others of other countries are told")
    };
    assert_eq!(cases.iter().map(|case| case.number).collect::<Vec<_>>(), [number]);
}

async fn equal_keys_of_two_integrations_are_two_cases(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (one, two) = (actor(&at, &Grant::ALL, None).await, actor(&at, &Grant::ALL, None).await);
    let first = open_case(&at.desk, &one, opening("7", &one)).await.unwrap();
    assert_eq!(open_case(&at.desk, &one, opening("7", &one)).await.unwrap(), first);
    assert_ne!(open_case(&at.desk, &two, opening("7", &two)).await.unwrap().number, first.number);
    let mut other = opening("7", &one);
    other.report = a_form(&demo::CARACAS)
        .report()
        .map(|mut report| {
            report.fault = domain::text::FaultDescription::parse("Ahora falla otro equipo.").unwrap();
            report
        })
        .unwrap();
    let refused = open_case(&at.desk, &one, other).await;
    assert!(matches!(refused, Err(OpenCaseError::SentBefore(number)) if number == first.number));
}

async fn command_on_an_exact_version_conflicts_with_any_change(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let agent = staff(Role::Agent);
    assert_eq!(execute_command(&at.desk, &agent, number, Expected::Exactly(1), contact()).await.unwrap(), 2);
    let stale = execute_command(&at.desk, &agent, number, Expected::Exactly(1), contact()).await;
    let Err(DeskError::Conflict { seen: 1, since }) = stale else { panic!("{stale:?}") };
    assert!(matches!(since.as_slice(), [entry] if matches!(entry.event, Event::Contacted { .. })));
    let ahead = execute_command(&at.desk, &agent, number, Expected::Exactly(3), contact()).await;
    assert!(matches!(ahead, Err(DeskError::Conflict { seen: 3, .. })), "{ahead:?}");
}

async fn cases_are_listed_page_by_page_the_last_changed_first(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut numbers = Vec::new();
    for _ in 0..5 {
        numbers.push(a_case(&at.desk).await.number);
        at.clock.advance(100);
    }
    let agent = staff(Role::Agent);
    execute_command(&at.desk, &agent, numbers[1], Expected::Any, contact()).await.unwrap();
    let changed = at.clock.now();
    let order = [1, 4, 3, 2, 0].map(|place: usize| numbers[place]);
    let list = async |filter: CaseFilter, from, rows| {
        let page = list_cases(&at.desk, &agent, &filter, from, rows).await.unwrap();
        (page.cases.iter().map(|case| case.row.number).collect::<Vec<_>>(), page.next)
    };
    let all = CaseFilter::default();
    let (mut walked, mut next) = list(all, None, 2).await;
    assert_eq!(walked.len(), 2);
    while next.is_some() {
        let (more, then) = list(all, next, 2).await;
        walked.extend(more);
        next = then;
    }
    assert_eq!(walked, order);
    assert_eq!(list(all, None, 5).await, (order.to_vec(), None), "a page that is just full has no next one");
    let since = CaseFilter { changed_since: Some(changed), ..all };
    assert_eq!(list(since, None, 2).await, (vec![numbers[1]], None));
    let later = CaseFilter { changed_since: Some(Instant(changed.0 + 1)), ..all };
    assert_eq!(list(later, None, 2).await, (Vec::new(), None));
    let working = CaseFilter { status: Some(Status::InProgress), ..all };
    assert_eq!(list(working, None, 9).await.0, [numbers[1]]);
    let nobodys = CaseFilter { whose: Whose::Nobodys, ..all };
    assert_eq!(list(nobodys, None, 9).await.0.len(), 5);
    let page = list_cases(&at.desk, &agent, &all, None, 1).await.unwrap();
    assert_eq!(page.cases[0].changed_at, changed);
}
