//! Alerts of monitoring systems over HTTP, as these send them.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::program::{CASES, Program, code, document, json_of};
use crate::support::{Demo, Server};

const ALERTMANAGER: &str = "/monitoring/alertmanager";
const ZABBIX: &str = "/monitoring/zabbix";
const SETTINGS: &str = "contact_name=Guardia+de+Redes&contact_phone=%2B58+212+555+0142&contact_mail=redes%40cumbre.example\
                        &language=es&severities=critical+%3D+critical+high&hosts=%00sw-9%E2%80%AE+%3D+FOC2614A1B2";

/// A monitoring system whose contact is set.
fn monitoring(server: &Server) -> Program<'_> {
    let program = Program::new(server, "report_alerts", &[]);
    let page = "/desk/admin/integrations/1";
    let saved = Client::staff(server, "administracion").post(page, SETTINGS);
    assert_eq!((saved.status(), saved.header("location")), (303, format!("{page}?done=save")));
    program
}

fn group(status: &str, fingerprints: &[&str]) -> Value {
    let alert = |fingerprint: &&str| {
        json!({
            "status": status,
            "labels": { "alertname": "ProbeFailure", "severity": "critical", "serial": "FOC2614A1B2" },
            "annotations": { "summary": "Switch <b>down</b>" },
            "startsAt": "2026-11-23T13:08:45.828Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": fingerprint,
            "generatorURL": "http://prometheus.example/graph",
        })
    };
    let alerts: Vec<Value> = fingerprints.iter().map(alert).collect();
    json!({ "version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": status, "alerts": alerts })
}

fn event(value: &str, serial: &str) -> Value {
    json!({
        "version": 1, "event_id": "90211", "trigger_id": "13926", "value": value, "name": "Unavailable by ICMP ping",
        "host": "sw-9", "severity": "High", "serial": serial, "detail": "",
    })
}

fn taken(opened: u32, noted: u32, unchanged: u32, unplaced: u32) -> Value {
    json!({ "opened": opened, "noted": noted, "unchanged": unchanged, "unplaced": unplaced })
}

#[test]
fn group_of_a_thousand_alerts_has_room() {
    let server = Server::start(Demo::On);
    let program = monitoring(&server);
    let fingerprints: Vec<String> = (0..1000).map(|nth| format!("{nth}")).collect();
    let fingerprints: Vec<&str> = fingerprints.iter().map(String::as_str).collect();
    let mut message = group("resolved", &fingerprints);
    for alert in message["alerts"].as_array_mut().unwrap() {
        alert["annotations"]["description"] = "x".repeat(3000).into();
    }
    assert_eq!(json_of(&program.post(ALERTMANAGER, "", &message)), taken(0, 0, 1000, 0));
    message["groupKey"] = "x".repeat(2_000_000).into();
    assert_eq!(program.post(ALERTMANAGER, "", &message).status(), 413);
}

#[test]
fn group_of_alertmanager_opens_cases_once_and_what_is_over_is_noted() {
    let server = Server::start(Demo::On);
    let program = monitoring(&server);
    let report = |message: &Value| json_of(&program.post(ALERTMANAGER, "", message));
    assert_eq!(report(&group("firing", &["a", "b"])), taken(2, 0, 0, 0));
    assert_eq!(report(&group("firing", &["a", "b"])), taken(0, 0, 2, 0));
    assert_eq!(report(&group("resolved", &["a"])), taken(0, 1, 0, 0));
    let page = Client::staff(&server, "administracion").get("/desk/admin/integrations/1").text();
    assert!(page.contains("&lt;b&gt;down") && !page.contains("<b>down"), "{page}");
    assert_eq!(page.matches("/desk/cases/VE").count(), 2, "{page}");
}

#[test]
fn event_of_zabbix_opens_a_case_by_the_table_of_hosts() {
    let server = Server::start(Demo::On);
    let program = monitoring(&server);
    let report = |message: &Value| json_of(&program.post(ZABBIX, "", message));
    assert_eq!(report(&event("1", "{EVENT.TAGS.serial}")), taken(1, 0, 0, 0));
    assert_eq!(report(&event("1", "{EVENT.TAGS.serial}")), taken(0, 0, 1, 0));
    assert_eq!(report(&event("0", "{EVENT.TAGS.serial}")), taken(0, 1, 0, 0));
}

#[test]
fn what_cannot_become_a_case_is_counted_and_stands_on_the_page() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, "report_alerts", &[]);
    assert_eq!(json_of(&program.post(ZABBIX, "", &event("1", "FOC2614A1B2"))), taken(0, 0, 0, 1));
    let administrator = Client::staff(&server, "administracion");
    assert!(administrator.get("/desk/admin/integrations/1").text().contains("falta el contacto"));
    let wrong = administrator
        .post("/desk/admin/integrations/1", "contact_phone=0212&severities=x&hosts=&language=es");
    assert_eq!(wrong.status(), 422);
    for field in ["contact_name", "contact_phone", "contact_mail", "severities"] {
        assert!(wrong.text().contains(&format!("id=\"{field}-error\"")), "{field} in {}", wrong.text());
    }
    assert_eq!(administrator.get("/desk/admin/integrations/77").status(), 404);
    assert_eq!(Client::staff(&server, "supervisor").get("/desk/admin/integrations/1").status(), 403);
}

#[test]
fn storm_is_answered_so_that_the_sender_tries_again() {
    let server = Server::start(Demo::On);
    let program = monitoring(&server);
    let names: Vec<String> = (0..500).map(|nth| format!("s{nth}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let answer = program.post(ALERTMANAGER, "", &group("firing", &names));
    assert_eq!((answer.status(), code(&answer)), (503, "unavailable".to_owned()));
    assert!(!answer.header("retry-after").is_empty());
    let page = Client::staff(&server, "administracion").get("/desk/admin/integrations/1").text();
    assert!(page.contains("demasiados casos en una hora"), "{page}");
}

#[test]
fn message_that_is_none_is_refused_at_its_field_and_other_tokens_are() {
    let server = Server::start(Demo::On);
    let program = monitoring(&server);
    let mut version = group("firing", &["a"]);
    version["version"] = "3".into();
    for (path, message) in [
        (ALERTMANAGER, version),
        (ALERTMANAGER, group("perhaps", &["a"])),
        (ALERTMANAGER, group("firing", &[""])),
        (ZABBIX, event("{EVENT.VALUE}", "")),
    ] {
        let answer = program.post(path, "", &message);
        assert_eq!((answer.status(), code(&answer)), (422, "fields".to_owned()), "{message}");
    }
    assert_eq!(program.post(ALERTMANAGER, "", &json!({ "alerts": 7 })).status(), 400);
    let reader = Program::new(&server, CASES, &[]);
    assert_eq!(reader.post(ZABBIX, "", &event("1", "FOC2614A1B2")).status(), 403);
    assert_eq!(program.get("/cases").status(), 403, "it reads nothing");
}

#[test]
fn document_says_what_is_read_of_alerts_and_when_to_send_again() {
    let server = Server::start(Demo::Off);
    let document = document(&server);
    let schemas = &document.0["components"]["schemas"];
    let labels = &schemas["AlertmanagerAlert"]["properties"]["labels"];
    assert_eq!(labels["additionalProperties"], json!({ "type": "string" }));
    assert_eq!(schemas["AlertmanagerMessage"]["properties"]["alerts"]["maxItems"], 1000);
    for path in [ALERTMANAGER, ZABBIX] {
        let answers = &document.0["paths"][path]["post"]["responses"];
        for status in ["429", "503"] {
            let told = answers[status]["description"].as_str().unwrap_or_default();
            assert!(told.contains("again"), "{path} {status}: {answers}");
        }
    }
}

#[test]
fn settings_that_another_person_changed_come_back_with_what_was_typed() {
    let server = Server::start(Demo::On);
    monitoring(&server);
    let (page, administrator) = ("/desk/admin/integrations/1", Client::staff(&server, "administracion"));
    assert!(administrator.get(page).text().contains("name=\"revision\" value=\"1\""));
    let stale = administrator.post(page, &format!("{SETTINGS}&revision=0").replace("Redes", "Campo"));
    assert_eq!(stale.status(), 409);
    let text = stale.text();
    assert!(text.contains("Guardia de Campo") && text.contains("name=\"revision\" value=\"1\""), "{text}");
    let again = administrator.post(page, &format!("{SETTINGS}&revision=1").replace("Redes", "Campo"));
    assert_eq!(again.status(), 303, "{}", again.text());
}
