//! Webhooks as administrators keep them: settings and their history, pauses, secrets, tests.

use desk::DeskError;
use desk::access::extension::set_extension;
use desk::audit::{AuditFilter, read};
use desk::calls::{Requested, request_call};
use desk::store::Engine;
use desk::webhooks::{
    About, NewWebhook, ReceiverUrl, Replay, UrlProblem, WebhookError, add_webhook, change_webhook,
    list_changes, list_deliveries, list_webhooks, pause_webhook, read_webhook, remove_webhook, replay,
    resume_webhook, rotate_secret, send_test,
};
use domain::actor::{Actor, Role, Scope};
use domain::audit::{AccessChange, AuditAccess, AuditEvent, AuditKind};
use domain::case::Author;
use domain::country::Country;
use domain::i18n::Language;
use domain::phone::{Extension, Phone};
use domain::webhook::{
    DeliveryFailure, DeliveryState, WEBHOOKS_MAX, WebhookEvent, WebhookFormat, WebhookId, WebhookName,
    WebhookSetting,
};

use crate::support::receiver::{Receiver, TAKEN};
use crate::support::webhooks::{
    Canary, DAY, add, admin, bodies, deliver, deliveries, new, seen, with_register,
};
use crate::support::{TestDesk, a_case, add_staff, both_engines, contact, count, execute, staff};

both_engines! {
    paused_webhook_waits_and_goes_on,
    rotated_secret_signs_beside_the_former_one_for_a_day,
    form_that_is_sent_twice_adds_one_webhook,
    test_is_sent_and_told,
    removed_webhook_is_gone_with_its_deliveries,
    webhooks_are_for_administrators_alone,
    address_is_judged_when_it_is_saved,
    settings_are_changed_with_their_history_and_heard_of_at_once,
    change_is_judged_as_an_addition_is,
    channel_is_not_told_of_calls_that_agents_ask_for,
    changes_of_a_webhook_are_in_the_audit_log,
}

async fn paused_webhook_waits_and_goes_on(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    pause_webhook(&at.desk, &admin(), id).await.unwrap();
    assert!(matches!(pause_webhook(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    assert!(matches!(send_test(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 0);
    assert_eq!(seen(&at.desk, id).await.queued, 1);
    resume_webhook(&at.desk, &admin(), id).await.unwrap();
    assert!(matches!(resume_webhook(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    assert_eq!(deliver(&at.desk).await, 1);
    assert_eq!(receiver.received().len(), 1);
}

async fn rotated_secret_signs_beside_the_former_one_for_a_day(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let (id, first) =
        add_webhook(&at.desk, &admin(), new(&receiver.url(), &[WebhookEvent::Opened], None)).await.unwrap();
    let second = rotate_secret(&at.desk, &admin(), id, None).await.unwrap().unwrap();
    // The form was sent once more.
    assert_eq!(rotate_secret(&at.desk, &admin(), id, None).await.unwrap(), None);
    assert!(first.starts_with("whsec_") && second.starts_with("whsec_") && first != second);
    for wait_s in [0, DAY - 1, 1] {
        at.clock.advance(wait_s);
        a_case(&at.desk).await;
        assert_eq!(deliver(&at.desk).await, 1);
    }
    let signatures: Vec<usize> =
        receiver.received().iter().map(|one| one.header("webhook-signature").split(' ').count()).collect();
    assert_eq!(signatures, [2, 2, 1]);
    let stored = count(&at, "SELECT COUNT(*) FROM webhooks WHERE secret_nonce LIKE 'whsec%'").await;
    assert_eq!(stored, 0, "no secret is stored");
    let seen = seen(&at.desk, id).await.rotated_at;
    assert!(seen.is_some() && rotate_secret(&at.desk, &admin(), id, seen).await.unwrap().is_some());
}

async fn form_that_is_sent_twice_adds_one_webhook(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let form = new(&receiver.url(), &WebhookEvent::ALL, None);
    add_webhook(&at.desk, &admin(), form.clone()).await.unwrap();
    let again = add_webhook(&at.desk, &admin(), form).await;
    assert!(matches!(again, Err(WebhookError::Same)), "{again:?}");
    assert_eq!(list_webhooks(&at.desk, &admin()).await.unwrap().len(), 1);
}

async fn test_is_sent_and_told(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Closed]).await;
    assert_eq!(seen(&at.desk, id).await.last, None);
    let sent = send_test(&at.desk, &admin(), id).await.unwrap();
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((&told.id, told.about, told.state), (&sent, About::Test, DeliveryState::Delivered));
    assert_eq!(bodies(&receiver), ["test"]);
    assert_eq!(receiver.received()[0].header("webhook-id"), sent);
}

async fn removed_webhook_is_gone_with_its_deliveries(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    let number = a_case(&at.desk).await.number;
    remove_webhook(&at.desk, &admin(), id).await.unwrap();
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    assert_eq!(count(&at, "SELECT COUNT(*) FROM webhook_deliveries").await, 0);
    assert_eq!(deliver(&at.desk).await, 0);
    assert!(list_webhooks(&at.desk, &admin()).await.unwrap().is_empty());
    for refused in [
        remove_webhook(&at.desk, &admin(), id).await,
        rotate_secret(&at.desk, &admin(), id, None).await.map(drop),
        read_webhook(&at.desk, &admin(), WebhookId(0)).await.map(drop),
    ] {
        assert!(matches!(refused, Err(DeskError::NotFound)), "{refused:?}");
    }
}

async fn webhooks_are_for_administrators_alone(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let (desk, other) = (&at.desk, staff(role));
        let adding = add_webhook(desk, &other, new(&receiver.url(), &WebhookEvent::ALL, None)).await;
        assert!(matches!(adding, Err(WebhookError::Desk(DeskError::NotPermitted(_)))), "{adding:?}");
        for refused in [
            list_webhooks(desk, &other).await.map(drop),
            read_webhook(desk, &other, id).await.map(drop),
            list_deliveries(desk, &other, id, 1).await.map(drop),
            rotate_secret(desk, &other, id, None).await.map(drop),
            pause_webhook(desk, &other, id).await,
            resume_webhook(desk, &other, id).await,
            remove_webhook(desk, &other, id).await,
            send_test(desk, &other, id).await.map(drop),
            replay(desk, &other, id, Replay::All).await.map(drop),
        ] {
            assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?} {refused:?}");
        }
    }
    for _ in 1..WEBHOOKS_MAX {
        add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    }
    let beyond = add_webhook(&at.desk, &admin(), new(&receiver.url(), &WebhookEvent::ALL, None)).await;
    assert!(matches!(beyond, Err(WebhookError::TooMany)), "{beyond:?}");
}

async fn address_is_judged_when_it_is_saved(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (canary, port) = Canary::open();
    for (url, problem) in [
        (format!("https://127.0.0.1:{port}/"), UrlProblem::AddressRefused),
        (format!("https://localhost:{port}/"), UrlProblem::AddressRefused),
        ("http://9.9.9.9/".to_owned(), UrlProblem::Plain),
    ] {
        let refused = add_webhook(&at.desk, &admin(), new(&url, &WebhookEvent::ALL, None)).await;
        assert!(matches!(refused, Err(WebhookError::Url(found)) if found == problem), "{url} {refused:?}");
    }
    assert!(!canary.met());
    assert!(list_webhooks(&at.desk, &admin()).await.unwrap().is_empty());
}

async fn settings_are_changed_with_their_history_and_heard_of_at_once(engine: Engine) {
    let at = with_register(engine).await;
    let (first, second) = (Receiver::open(TAKEN).await, Receiver::open(TAKEN).await);
    let id = add(&at.desk, &first, &[WebhookEvent::Closed]).await;
    a_case(&at.desk).await;
    let before = seen(&at.desk, id).await;
    assert_eq!((before.revision, before.format), (0, WebhookFormat::Standard));
    let to = NewWebhook {
        name: WebhookName::parse("Canal de la mesa").unwrap(),
        url: ReceiverUrl::parse(&format!("{}/secreto", second.url())).unwrap(),
        events: [WebhookEvent::Opened].into(),
        scope: Scope { country: Some(Country::Ve) },
        format: WebhookFormat::Slack,
        language: Language::Pt,
    };
    change_webhook(&at.desk, &admin(), id, 0, to.clone()).await.unwrap();
    let now = seen(&at.desk, id).await;
    assert_eq!((now.revision, now.format, now.language), (1, WebhookFormat::Slack, Language::Pt));
    assert_eq!(
        (now.name.as_str(), &now.url, &now.events),
        ("Canal de la mesa", &to.url.as_str().to_owned(), &to.events)
    );
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 1);
    assert_eq!((first.received().len(), second.received().len()), (0, 1));

    // The same once more changes nothing; a form that saw less than there is changes nothing.
    change_webhook(&at.desk, &admin(), id, 0, to.clone()).await.unwrap();
    let stale = NewWebhook { language: Language::En, ..to.clone() };
    let refused = change_webhook(&at.desk, &admin(), id, 0, stale).await;
    assert!(matches!(refused, Err(WebhookError::Changed)), "{refused:?}");
    let changes = list_changes(&at.desk, &admin(), id).await.unwrap();
    let settings: Vec<WebhookSetting> = changes.iter().rev().map(|change| change.setting).collect();
    assert_eq!(settings, WebhookSetting::ALL);
    assert!(
        changes
            .iter()
            .all(|change| matches!(&change.by, Author::Staff { .. }) && change.at == at.clock.now())
    );
    let url = changes.iter().find(|change| change.setting == WebhookSetting::Url).unwrap();
    assert_eq!(
        url.current,
        format!("http://127.0.0.1:{}", second.port),
        "the rest of an address is a secret"
    );
    let scope = changes.iter().find(|change| change.setting == WebhookSetting::Scope).unwrap();
    assert_eq!((scope.former.as_str(), scope.current.as_str()), ("", "VE"));
    remove_webhook(&at.desk, &admin(), id).await.unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM webhook_changes").await, 0);
}

async fn change_is_judged_as_an_addition_is(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let (one, other) =
        (new(&receiver.url(), &WebhookEvent::ALL, None), new(&receiver.url(), &WebhookEvent::ALL, None));
    let (id, _) = add_webhook(&at.desk, &admin(), one.clone()).await.unwrap();
    add_webhook(&at.desk, &admin(), other.clone()).await.unwrap();
    let inner = NewWebhook { url: ReceiverUrl::parse("https://10.0.0.1/").unwrap(), ..one.clone() };
    let refused = change_webhook(&at.desk, &admin(), id, 0, inner).await;
    assert!(matches!(refused, Err(WebhookError::Url(UrlProblem::AddressRefused))), "{refused:?}");
    let taken = change_webhook(&at.desk, &admin(), id, 0, other).await;
    assert!(matches!(taken, Err(WebhookError::Same)), "{taken:?}");
    let gone = change_webhook(&at.desk, &admin(), WebhookId(0), 0, one.clone()).await;
    assert!(matches!(gone, Err(WebhookError::Desk(DeskError::NotFound))), "{gone:?}");
    for role in [Role::Agent, Role::Supervisor] {
        let refused = change_webhook(&at.desk, &staff(role), id, 0, one.clone()).await;
        assert!(matches!(refused, Err(WebhookError::Desk(DeskError::NotPermitted(_)))), "{refused:?}");
        let refused = list_changes(&at.desk, &staff(role), id).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{refused:?}");
    }
    assert!(list_changes(&at.desk, &admin(), id).await.unwrap().is_empty());
}

async fn channel_is_not_told_of_calls_that_agents_ask_for(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let dials = new(&receiver.url(), &[WebhookEvent::Opened, WebhookEvent::CallRequested], None);
    for format in WebhookFormat::ALL.into_iter().filter(|format| format.is_chat()) {
        let refused = add_webhook(&at.desk, &admin(), NewWebhook { format, ..dials.clone() }).await;
        assert!(
            matches!(refused, Err(WebhookError::Unheard(WebhookEvent::CallRequested))),
            "{format:?} {refused:?}"
        );
    }
    let (id, _) = add_webhook(&at.desk, &admin(), dials.clone()).await.unwrap();
    let channel = NewWebhook { format: WebhookFormat::Slack, ..dials };
    let refused = change_webhook(&at.desk, &admin(), id, 0, channel.clone()).await;
    assert!(matches!(refused, Err(WebhookError::Unheard(WebhookEvent::CallRequested))), "{refused:?}");

    // What was asked for before it became a channel has a customer's number.
    let ana = add_staff(&at.desk, "Ana", "ana@vigia.example", Role::Agent, Language::Es).await;
    let (ana, own) = (Actor::Staff(ana.clone()), ana.id);
    set_extension(&at.desk, &ana, own, Some(Extension::try_from("204".to_owned()).unwrap())).await.unwrap();
    let phone = Phone::parse(Country::Ve, "0212 555 0142").unwrap();
    assert_eq!(request_call(&at.desk, &ana, &phone, None).await.unwrap(), Requested::Told);
    let channel = NewWebhook { events: [WebhookEvent::Opened].into(), ..channel };
    change_webhook(&at.desk, &admin(), id, 0, channel).await.unwrap();
    deliver(&at.desk).await;
    assert!(receiver.received().is_empty());
    let told = deliveries(&at.desk, id).await.remove(0);
    assert_eq!((told.state, told.failure), (DeliveryState::Dead, Some(DeliveryFailure::Unheard)));
}

async fn changes_of_a_webhook_are_in_the_audit_log(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let first = new(&receiver.url(), &[WebhookEvent::Opened], None);
    let (id, _) = add_webhook(&at.desk, &admin(), first.clone()).await.unwrap();
    let to = NewWebhook {
        name: WebhookName::parse("Central").unwrap(),
        url: ReceiverUrl::parse(&format!("{}/secreto", receiver.url())).unwrap(),
        ..first
    };
    for _ in 0..2 {
        // The second time it changes nothing.
        change_webhook(&at.desk, &admin(), id, 0, to.clone()).await.unwrap();
        rotate_secret(&at.desk, &admin(), id, None).await.unwrap();
        let _ = pause_webhook(&at.desk, &admin(), id).await;
    }
    resume_webhook(&at.desk, &admin(), id).await.unwrap();
    let filter = AuditFilter { kind: Some(AuditKind::AccessChanged), ..AuditFilter::default() };
    let page = read(&at.desk, &admin(), &filter, None, 50).await.unwrap();
    let events: Vec<AuditEvent> = page.entries.into_iter().map(|entry| entry.record.event).collect();
    let changes = [AccessChange::Resumed, AccessChange::Paused, AccessChange::Secret, AccessChange::Settings];
    let wanted = changes.map(|what| AuditEvent::AccessChanged {
        access: AuditAccess::Webhook,
        id: id.0,
        name: "Central".to_owned(),
        what,
    });
    assert_eq!(events, wanted);
    let secret = count(&at, "SELECT COUNT(*) FROM audit_log WHERE document LIKE '%secreto%'").await;
    assert_eq!(secret, 0, "an address is a secret");
}
