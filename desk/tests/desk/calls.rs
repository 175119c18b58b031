//! Telephone calls: reports of exchanges, who calls, what agents do with a call, and calls that they ask for.

use desk::access::extension::{ExtensionError, set_extension};
use desk::access::integrations::{NewIntegration, add_integration, integration};
use desk::calls::{
    AgentName, CURRENT, NewReport, REPORTED, Reported, Requested, caller, current, dismiss, log_call,
    read_request, report, request_call, telephony, tie, untie,
};
use desk::people::keep::{Keep, keep};
use desk::retention::{erase_case, run};
use desk::store::Engine;
use desk::webhooks::{NewWebhook, ReceiverUrl, add_webhook};
use desk::{Desk, DeskError};
use domain::actor::{Actor, Grant, IntegrationName, RequestsPerMinute, Role, Scope, Staff};
use domain::call::{CallDirection, CallId, CallState, RINGS_S};
use domain::case::{ErasureReason, Event, Refusal};
use domain::country::Country;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::phone::{Extension, Phone};
use domain::webhook::{WebhookEvent, WebhookFormat, WebhookName};

use crate::retention::{ended, is_sound};
use crate::support::{TestDesk, a_case, add_staff, both_engines, count, explain, page, staff};

both_engines! {
    call_is_shown_to_the_agent_of_the_extension_alone,
    reports_in_another_order_and_twice_are_one_call,
    call_that_a_colleague_answers_leaves_the_others,
    end_at_a_telephone_of_no_agent_leaves_the_call,
    call_that_never_ends_expires,
    exchange_needs_its_permission,
    caller_is_known_by_the_contact_of_their_case,
    call_is_logged_once_with_its_length,
    unknown_number_is_tied_to_a_contact_and_untied,
    extension_is_of_one_person_and_its_change_is_recorded,
    call_is_asked_for_where_a_webhook_hears_of_it,
    calls_end_with_their_time_and_with_their_contact,
    queries_of_calls_are_served_by_indexes,
}

const DAY: i64 = 86_400;
/// The number of the contact of [`a_case`].
const KNOWN: &str = "0212 555 0142";
const KNOWN_E164: &str = "+582125550142";

async fn exchange(at: &TestDesk, grants: &[Grant]) -> Actor {
    let new = NewIntegration {
        name: IntegrationName::parse("Central").unwrap(),
        grants: grants.iter().copied().collect(),
        scope: Scope { country: Some(Country::Ve) },
        per_minute: RequestsPerMinute::OFFERED,
    };
    let (_, token) = add_integration(&at.desk, &staff(Role::Administrator), new).await.unwrap();
    Actor::Integration(integration(&at.desk, &token).await.unwrap().unwrap().integration)
}

fn extension(digits: &str) -> Extension {
    Extension::try_from(digits.to_owned()).unwrap()
}

/// An agent with an extension.
async fn agent(at: &TestDesk, name: &str, digits: &str) -> Actor {
    let mail = format!("{}@vigia.example", name.to_lowercase());
    let who = add_staff(&at.desk, name, &mail, Role::Agent, Language::Es).await;
    let actor = Actor::Staff(who.clone());
    set_extension(&at.desk, &actor, who.id, Some(extension(digits))).await.unwrap();
    actor
}

fn who(actor: &Actor) -> &Staff {
    let Actor::Staff(staff) = actor else { panic!("a member of the staff") };
    staff
}

fn said(state: CallState, digits: &str) -> NewReport {
    NewReport {
        call: CallId::parse("1764547200.17").unwrap(),
        state,
        direction: CallDirection::Incoming,
        number: KNOWN.to_owned(),
        country: None,
        line: "0800 2776390".to_owned(),
        agent: (!digits.is_empty()).then(|| AgentName::Extension(extension(digits))),
        at: None,
        length_s: None,
    }
}

async fn tell(desk: &Desk, by: &Actor, new: NewReport) -> Reported {
    report(desk, by, new).await.unwrap()
}

/// The state of the call that is shown to an agent.
async fn shown(desk: &Desk, actor: &Actor) -> Option<CallState> {
    current(desk, actor).await.unwrap().map(|current| current.notice.state)
}

/// The id of the call that is shown to an agent.
async fn id(desk: &Desk, actor: &Actor) -> i64 {
    current(desk, actor).await.unwrap().unwrap().notice.id
}

async fn call_is_shown_to_the_agent_of_the_extension_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (ana, luis) = (agent(&at, "Ana", "204").await, agent(&at, "Luis", "205").await);
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    let mut heard = at.desk.calls().follow();
    let reported = tell(&at.desk, &central, said(CallState::Ringing, "204")).await;
    assert_eq!(reported.agent.map(|agent| agent.id), Some(who(&ana).id));
    assert_eq!(heard.recv().await.unwrap(), who(&ana).id);
    let notice = current(&at.desk, &ana).await.unwrap().unwrap().notice;
    assert_eq!((notice.number.as_str(), notice.line.as_str()), ("+58 212 555 0142", "0800 2776390"));
    assert_eq!(shown(&at.desk, &luis).await, None);
    for refused in [
        caller(&at.desk, &luis, notice.id).await.map(drop),
        dismiss(&at.desk, &luis, notice.id).await,
        tie(&at.desk, &luis, notice.id, a_case(&at.desk).await.number).await,
    ] {
        assert!(matches!(refused, Err(DeskError::NotFound)), "{refused:?}");
    }
    dismiss(&at.desk, &ana, notice.id).await.unwrap();
    assert_eq!(shown(&at.desk, &ana).await, None);
    let by_mail = AgentName::Mail(MailAddress::parse("Luis@vigia.example").unwrap());
    let other =
        NewReport { call: CallId::parse("2").unwrap(), agent: Some(by_mail), ..said(CallState::Ringing, "") };
    tell(&at.desk, &central, other).await;
    assert_eq!(shown(&at.desk, &luis).await, Some(CallState::Ringing));
    let nobody = tell(&at.desk, &central, said(CallState::Ringing, "999")).await;
    assert_eq!(nobody.agent, None);
}

async fn reports_in_another_order_and_twice_are_one_call(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    let start = at.clock.now();
    at.clock.advance(100);
    let at_s = |state, seconds| NewReport { at: Some(start.plus(seconds)), ..said(state, "204") };
    for _ in 0..2 {
        tell(&at.desk, &central, at_s(CallState::Ended, 90)).await;
        tell(&at.desk, &central, at_s(CallState::Ringing, 10)).await;
        let late = tell(&at.desk, &central, at_s(CallState::Answered, 20)).await;
        assert_eq!(late.state, CallState::Ended);
    }
    assert_eq!(count(&at, "SELECT COUNT(*) FROM calls").await, 1);
    assert_eq!(shown(&at.desk, &ana).await, Some(CallState::Ended));
    let future = NewReport { call: CallId::parse("2").unwrap(), ..at_s(CallState::Ringing, 100_000) };
    tell(&at.desk, &central, future).await;
    assert_eq!(current(&at.desk, &ana).await.unwrap().unwrap().notice.began, at.clock.now());
}

async fn call_that_a_colleague_answers_leaves_the_others(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (ana, luis) = (agent(&at, "Ana", "204").await, agent(&at, "Luis", "205").await);
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    for digits in ["204", "205"] {
        tell(&at.desk, &central, said(CallState::Ringing, digits)).await;
    }
    assert_eq!(shown(&at.desk, &ana).await, Some(CallState::Ringing));
    tell(&at.desk, &central, said(CallState::Answered, "205")).await;
    assert_eq!(shown(&at.desk, &ana).await, None);
    assert_eq!(shown(&at.desk, &luis).await, Some(CallState::Answered));
    tell(&at.desk, &central, said(CallState::Ended, "")).await;
    assert_eq!(shown(&at.desk, &luis).await, Some(CallState::Ended), "until it is closed");
}

async fn end_at_a_telephone_of_no_agent_leaves_the_call(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    for (state, digits) in
        [(CallState::Ringing, "204"), (CallState::Ringing, "299"), (CallState::Ended, "299")]
    {
        tell(&at.desk, &central, said(state, digits)).await;
    }
    assert_eq!(shown(&at.desk, &ana).await, Some(CallState::Ringing));
    tell(&at.desk, &central, said(CallState::Answered, "299")).await;
    assert_eq!(shown(&at.desk, &ana).await, Some(CallState::Ended), "another answered");
}

async fn call_that_never_ends_expires(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    tell(&at.desk, &central, said(CallState::Ringing, "204")).await;
    let changes_at = current(&at.desk, &ana).await.unwrap().unwrap().changes_at;
    assert_eq!(changes_at, Some(at.clock.now().plus(RINGS_S)));
    at.clock.advance(RINGS_S);
    assert_eq!(shown(&at.desk, &ana).await, Some(CallState::Ended));
    at.clock.advance(3600);
    assert_eq!(shown(&at.desk, &ana).await, None);
}

async fn exchange_needs_its_permission(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let other = exchange(&at, &[Grant::ReadCases, Grant::WorkCases]).await;
    for actor in [other, staff(Role::Agent), staff(Role::Administrator)] {
        let refused = report(&at.desk, &actor, said(CallState::Ringing, "204")).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{refused:?}");
    }
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    assert!(matches!(current(&at.desk, &central).await, Err(DeskError::NotPermitted(_))));
}

async fn caller_is_known_by_the_contact_of_their_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    desk::search::catch_up(&at.desk).await.unwrap();
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    tell(&at.desk, &central, said(CallState::Ringing, "204")).await;
    let known = caller(&at.desk, &ana, id(&at.desk, &ana).await).await.unwrap();
    assert_eq!(known.phone.map(|phone| phone.e164()).as_deref(), Some(KNOWN_E164));
    let contact = known.contact.unwrap();
    assert_eq!((contact.contact.name.as_str(), contact.case), ("Luis Peña", number));
    let card = known.found.card.unwrap();
    assert!(!card.contracts.is_empty() && !card.equipment.is_empty());
    assert_eq!(card.open.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [number]);
    let withheld = NewReport {
        call: CallId::parse("2").unwrap(),
        number: "anonymous".to_owned(),
        ..said(CallState::Ringing, "204")
    };
    tell(&at.desk, &central, withheld).await;
    let unknown = caller(&at.desk, &ana, id(&at.desk, &ana).await).await.unwrap();
    assert_eq!((unknown.phone, unknown.contact), (None, None));
}

async fn call_is_logged_once_with_its_length(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    tell(&at.desk, &central, said(CallState::Answered, "204")).await;
    at.clock.advance(252);
    tell(&at.desk, &central, said(CallState::Ended, "")).await;
    at.clock.advance(60);
    let call = id(&at.desk, &ana).await;
    log_call(&at.desk, &ana, call, number).await.unwrap();
    let history = page(&at.desk, number).await.history;
    let lengths: Vec<_> = history
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Contacted { length_s, .. } => Some(length_s),
            _ => None,
        })
        .collect();
    assert_eq!(lengths, [Some(252)]);
    let again = log_call(&at.desk, &ana, call, number).await;
    assert!(matches!(again, Err(DeskError::Refused(Refusal::DoneAlready))), "{again:?}");
    assert_eq!(caller(&at.desk, &ana, call).await.unwrap().logged, Some(number));
}

async fn unknown_number_is_tied_to_a_contact_and_untied(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    let mobile = NewReport { number: "0414 555 0177".to_owned(), ..said(CallState::Ringing, "204") };
    tell(&at.desk, &central, mobile).await;
    let call = id(&at.desk, &ana).await;
    assert_eq!(caller(&at.desk, &ana, call).await.unwrap().contact, None);
    tie(&at.desk, &ana, call, number).await.unwrap();
    let known = caller(&at.desk, &ana, call).await.unwrap();
    assert_eq!((known.tied, known.contact.map(|known| known.case)), (Some(number), Some(number)));
    assert!(known.found.card.is_some());
    untie(&at.desk, &ana, call).await.unwrap();
    let unknown = caller(&at.desk, &ana, call).await.unwrap();
    assert_eq!((unknown.tied, unknown.contact), (None, None));
    assert!(matches!(untie(&at.desk, &ana, call).await, Err(DeskError::NotFound)));
}

async fn extension_is_of_one_person_and_its_change_is_recorded(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (ana, luis) = (agent(&at, "Ana", "204").await, agent(&at, "Luis", "205").await);
    let taken = set_extension(&at.desk, &luis, who(&luis).id, Some(extension("204"))).await;
    assert!(matches!(taken, Err(ExtensionError::Taken)), "{taken:?}");
    let others = set_extension(&at.desk, &luis, who(&ana).id, None).await;
    assert!(matches!(others, Err(ExtensionError::Desk(DeskError::NotPermitted(_)))), "{others:?}");
    let admin = Actor::Staff(
        add_staff(&at.desk, "Eva", "eva@vigia.example", Role::Administrator, Language::Es).await,
    );
    set_extension(&at.desk, &admin, who(&ana).id, None).await.unwrap();
    set_extension(&at.desk, &admin, who(&luis).id, Some(extension("204"))).await.unwrap();
    let people = desk::access::staff::people(&at.desk, &admin).await.unwrap();
    let of = |actor: &Actor| people.iter().find(|one| one.id == who(actor).id).unwrap().extension.clone();
    assert_eq!((of(&ana), of(&luis)), (None, Some(extension("204"))));
    let changes = desk::access::changes::changes(&at.desk, &admin, who(&luis).id).await.unwrap();
    let named = format!("{changes:?}");
    assert!(named.contains("ExtensionChanged") && named.contains("204"), "{named}");
    keep(&at.desk, &admin, who(&luis).id, vec![Keep::Deactivate]).await.unwrap();
    set_extension(&at.desk, &ana, who(&ana).id, Some(extension("204"))).await.unwrap();
}

async fn call_is_asked_for_where_a_webhook_hears_of_it(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let ana = agent(&at, "Ana", "204").await;
    let phone = Phone::parse(Country::Ve, KNOWN).unwrap();
    let asked = async |case| request_call(&at.desk, &ana, &phone, case).await.unwrap();
    assert_eq!(asked(Some(number)).await, Requested::NoExchange);
    assert!(!telephony(&at.desk, &ana).await.unwrap().calls_out);
    let foreign = NewWebhook {
        name: WebhookName::parse("Bogotá").unwrap(),
        url: ReceiverUrl::parse("https://9.9.9.9/bogota").unwrap(),
        events: [WebhookEvent::CallRequested].into(),
        scope: Scope { country: Some(Country::Co) },
        format: WebhookFormat::Standard,
        language: Language::Es,
    };
    let admin = staff(Role::Administrator);
    add_webhook(&at.desk, &admin, foreign.clone()).await.unwrap();
    assert_eq!(asked(Some(number)).await, Requested::NoExchange, "it is of another country");
    let own = NewWebhook {
        name: WebhookName::parse("Caracas").unwrap(),
        url: ReceiverUrl::parse("https://9.9.9.9/caracas").unwrap(),
        scope: Scope { country: None },
        ..foreign
    };
    add_webhook(&at.desk, &admin, own).await.unwrap();
    assert!(telephony(&at.desk, &ana).await.unwrap().calls_out);
    for _ in 0..2 {
        assert_eq!(asked(Some(number)).await, Requested::Told);
    }
    let told = "SELECT COUNT(*) FROM webhook_deliveries WHERE call_request > 0";
    assert_eq!(count(&at, told).await, 1, "the second press is of the same call");
    at.clock.advance(5);
    assert_eq!(asked(Some(number)).await, Requested::Told);
    assert_eq!(count(&at, told).await, 2);
    let request = count(&at, "SELECT MAX(call_request) FROM webhook_deliveries").await;
    let request = read_request(&at.desk, request).await.unwrap().unwrap();
    assert_eq!((request.number.as_str(), request.extension.as_str()), (KNOWN_E164, "204"));
    assert_eq!((request.case, request.agent.id), (Some(number), who(&ana).id));
    set_extension(&at.desk, &ana, who(&ana).id, None).await.unwrap();
    assert_eq!(asked(None).await, Requested::NoExchange);
}

async fn calls_end_with_their_time_and_with_their_contact(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = ended(&at).await;
    let ana = agent(&at, "Ana", "204").await;
    let central = exchange(&at, &[Grant::ReportCalls]).await;
    tell(&at.desk, &central, said(CallState::Ringing, "204")).await;
    let mobile = NewReport {
        call: CallId::parse("2").unwrap(),
        number: "0414 555 0177".to_owned(),
        ..said(CallState::Ringing, "204")
    };
    tell(&at.desk, &central, mobile).await;
    tie(&at.desk, &ana, id(&at.desk, &ana).await, number).await.unwrap();
    erase_case(&at.desk, &staff(Role::Administrator), number, ErasureReason::Request).await.unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM calls").await, 0, "of the contact's numbers");
    assert_eq!(count(&at, "SELECT COUNT(*) FROM call_contacts").await, 0);
    is_sound(&at.desk).await;
    tell(&at.desk, &central, said(CallState::Ringing, "204")).await;
    at.clock.advance(30 * DAY);
    run(&at.desk).await.unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM calls").await, 0);
}

async fn queries_of_calls_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    let current = CURRENT.replace("$1", "7").replace("$2", "5").replace("$3", "5");
    let reported = REPORTED.replace("$1", "1").replace("$2", "'C7'");
    for (sql, index) in [
        (current.as_str(), "calls_by_person"),
        (reported.as_str(), "calls_by_exchange"),
        ("DELETE FROM calls WHERE reported_utc_s <= 5", "calls_by_report"),
        ("DELETE FROM calls WHERE number = '+58N7'", "calls_by_number"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
