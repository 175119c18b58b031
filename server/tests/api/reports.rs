//! Reports.

use serde_json::{Value, json};

use crate::support::program::{ALL, CASES, Program, code, in_days, json_of};
use crate::support::{Demo, Server, until};

/// The days of a year, up to tomorrow: a site may be a day ahead.
fn days() -> String {
    let to: chrono::NaiveDate = in_days(1)[..10].parse().unwrap();
    format!("from={}&to={to}", to - chrono::Days::new(365))
}

#[test]
fn sla_report_counts_what_was_met_and_is_filtered() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let days = days();
    let before = json_of(&program.get(&format!("/reports/sla?{days}")));
    let metric = |report: &Value, code: &str| {
        report["metrics"].as_array().unwrap().iter().find(|metric| metric["metric"] == code).unwrap().clone()
    };
    let number = program.open("k");
    let contact = program.post(&format!("/cases/{number}/contacts"), "", &json!({ "channel": "phone" }));
    assert_eq!(contact.status(), 200);
    let after = json_of(&program.get(&format!("/reports/sla?{days}")));
    let met = |report: &Value| metric(report, "attention")["total"]["met"].as_i64().unwrap();
    assert_eq!(met(&after), met(&before) + 1);
    let opened = |report: &Value| report["cases"]["total"]["opened"].as_i64().unwrap();
    assert_eq!(opened(&after), opened(&before) + 1);
    let total = metric(&after, "attention")["total"].clone();
    assert_eq!(total["due"].as_i64().unwrap(), met(&after) + total["breached"].as_i64().unwrap());
    let mexican = json_of(&program.get(&format!("/reports/sla?{days}&country=MX&priority=P1")));
    assert_eq!((&mexican["filter"]["country"], &mexican["filter"]["priority"]), (&json!("MX"), &json!("P1")));
    assert_eq!(metric(&mexican, "attention")["by_country"].as_array().unwrap().len(), 1);
    let month = json_of(&program.get("/reports/sla"));
    assert!(month["filter"]["from"].as_str().unwrap().ends_with("-01"), "{}", month["filter"]);
}

#[test]
fn breaches_causes_and_surveys_are_read_for_a_period() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let days = days();
    let breached = |metric: &str| {
        json_of(&program.get(&format!("/reports/breaches?{days}&metric={metric}")))["breaches"]
            .as_array()
            .unwrap()
            .len()
    };
    // A target may be missed between the two reads.
    until("figures and lists that agree", || {
        let report = json_of(&program.get(&format!("/reports/sla?{days}")));
        let agrees = |metric: &Value| {
            let counted = usize::try_from(metric["total"]["breached"].as_u64().unwrap()).unwrap();
            breached(metric["metric"].as_str().unwrap()) == counted
        };
        let agree = report["pending"] == 0 && report["metrics"].as_array().unwrap().iter().all(agrees);
        agree.then_some(())
    });
    let causes = json_of(&program.get(&format!("/reports/causes?{days}")));
    let counted: i64 =
        causes["categories"].as_array().unwrap().iter().map(|of| of["count"].as_i64().unwrap()).sum();
    assert_eq!(counted + causes["without"].as_i64().unwrap(), causes["total"].as_i64().unwrap());
    let surveys = json_of(&program.get("/reports/surveys"));
    let asked: i64 =
        surveys["by_country"].as_array().unwrap().iter().map(|line| line["asked"].as_i64().unwrap()).sum();
    assert_eq!(surveys["total"]["asked"], asked);
    let one = json_of(&program.get("/reports/surveys?from=2020-01&to=2020-12"));
    assert_eq!((&one["from"], &one["total"]["asked"]), (&json!("2020-01"), &json!(0)));
    for (path, field) in [
        ("/reports/sla?from=2026-11-30&to=2026-11-01", "from"),
        ("/reports/sla?from=2026-11-01", "from"),
        ("/reports/sla?contract=nuestro", "contract"),
        ("/reports/breaches", "metric"),
        ("/reports/breaches?metric=attention&cursor=c1", "cursor"),
        ("/reports/breaches?metric=none", "metric"),
        ("/reports/causes?priority=P9", "priority"),
        ("/reports/surveys?from=2026-12&to=2026-01", "from"),
        ("/reports/surveys?page=1", "page"),
    ] {
        let answer = program.get(path);
        assert_eq!(
            (answer.status(), &json_of(&answer)["errors"][0]["field"]),
            (422, &json!(field)),
            "{path}"
        );
    }
}

#[test]
fn waits_that_ran_on_are_listed_by_months_and_reason() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let mut path = "/reports/waits".to_owned();
    loop {
        // Each row is held against its schema.
        let page = json_of(&program.get(&path));
        assert!(page["waits"].is_array());
        match page["next"].as_str() {
            Some(next) => path = format!("/reports/waits?cursor={next}"),
            None => break,
        }
    }
    let wrong = program.get("/reports/waits?from=2026-13&reason=lunch&cursor=c7");
    let errors = json_of(&wrong)["errors"].clone();
    let fields: Vec<_> =
        errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!((wrong.status(), fields), (422, vec!["from", "reason", "cursor"]));
}

#[test]
fn reports_are_for_tokens_that_may_read_them() {
    let server = Server::start(Demo::On);
    let without = Program::new(&server, CASES, &[]);
    for path in [
        "/reports/sla",
        "/reports/breaches?metric=attention",
        "/reports/causes",
        "/reports/surveys",
        "/reports/waits",
    ] {
        let answer = without.get(path);
        assert_eq!((answer.status(), code(&answer)), (403, "not_permitted".to_owned()), "{path}");
    }
    assert_eq!(Program::new(&server, "read_reports", &[]).get("/reports/surveys").status(), 200);
}
