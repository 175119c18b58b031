//! Causes of faults: their form, the plain form that resolves a case, and the report.

mod support;

use serde_json::json;
use support::client::Client;
use support::{Answer, Demo, Server, open_case};

const ADDRESS: &str = "/desk/admin/causes";

/// The names and values of the fields of the settings' form on a page, as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split_once(" settings\"").unwrap().1.split_once("</form>").unwrap().0;
    let mut fields = Vec::new();
    for tag in form.split('<') {
        let attribute = |name: &str| {
            let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
            Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
        };
        if tag.starts_with("input ") {
            fields.extend(attribute("name").map(|name| (name, attribute("value").unwrap_or_default())));
        } else if tag.starts_with("select ") {
            fields.extend(attribute("name").map(|name| (name, String::new())));
        } else if tag.starts_with("option ")
            && tag.contains(" selected")
            && let Some((_, value)) = fields.last_mut()
        {
            *value = attribute("value").unwrap_or_default();
        }
    }
    fields
}

fn encoded(pairs: &[(String, String)]) -> String {
    let text = |(name, value): &(String, String)| {
        let value = percent_encoding::percent_encode(value.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
        format!("{name}={value}")
    };
    pairs.iter().map(text).collect::<Vec<_>>().join("&")
}

/// Posts the form of a page with some fields written otherwise.
fn post(client: &Client<'_>, page: &Answer, other: &[(&str, &str)]) -> Answer {
    let mut sent = fields(&page.text());
    sent.retain(|(name, _)| name != "action" && !other.iter().any(|(of, _)| of == name));
    sent.extend(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    if !other.iter().any(|(name, _)| *name == "action") {
        sent.push(("action".to_owned(), "preview".to_owned()));
    }
    client.post(ADDRESS, &encoded(&sent))
}

#[track_caller]
fn holds(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part} in {page}");
    }
}

/// The first row of causes that is empty.
fn empty_row(page: &str) -> usize {
    let codes = fields(page)
        .into_iter()
        .filter(|(name, _)| name.starts_with("causes.") && name.rsplit('.').next() == Some("code"));
    let (name, _) = codes.into_iter().find(|(_, code)| code.is_empty()).unwrap();
    name.split('.').nth(1).unwrap().parse().unwrap()
}

#[test]
fn causes_are_saved_once_their_change_was_shown_and_then_offered() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let page = admin.get(ADDRESS);
    holds(
        &page,
        200,
        &["value=\"network_link\"", "value=\"Redes\"", "Centros de datos", "name=\"categories.0.place\""],
    );
    assert!(!page.text().contains("/pkg/hashed.admin.js"), "no bundle is loaded");
    holds(&post(&admin, &page, &[]), 200, &["No hay nada que cambiar."]);

    let row = empty_row(&page.text());
    let key = |part: &str| format!("causes.{row}.{part}");
    let (code, es, en, pt, place) = (key("code"), key("es"), key("en"), key("pt"), key("place"));
    let state = key("state");
    let typed = [
        (code.as_str(), "Enlace Nuevo"),
        (es.as_str(), "Enlace satelital"),
        (en.as_str(), "Satellite link"),
        (pt.as_str(), "Link de satélite"),
        (place.as_str(), "1"),
        // A browser sends the first choice where none is marked.
        (state.as_str(), "active"),
    ];
    let refused = post(&admin, &page, &typed);
    holds(&refused, 422, &["-code-error\"", "value=\"Enlace satelital\"", "letras minúsculas"]);
    assert!(!refused.text().contains("value=\"save\""));
    let at = refused.text().split("-code-error").next().unwrap().rsplit("causes-").next().unwrap().to_owned();
    let shown =
        post(&admin, &refused, &[(&format!("causes.{at}.code"), "satellite"), ("causes.1.state", "retired")]);
    holds(&shown, 200, &["Esto cambiaría", "Causa · satellite", "value=\"save\""]);
    assert!(!shown.text().contains("Casos abiertos alcanzados"), "it is about no open case");
    let saved = post(&admin, &shown, &[("action", "save")]);
    assert_eq!((saved.status(), saved.header("location")), (303, format!("{ADDRESS}?saved=yes")));
    holds(&admin.get("/desk/admin/changes"), 200, &["satellite", "Lucía Ferrer", "/desk/admin/causes?at="]);

    let agent = Client::staff(&server, "agente");
    let offered = agent.call("offered_causes", &json!({}));
    holds(&offered, 200, &["Enlace satelital"]);
    let page = server.run(&["settings", "export", "out"]);
    let file = server.data().parent().unwrap().join("out/causes.toml");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {page}"));
    assert!(text.contains("code = \"satellite\""), "{text}");
    std::fs::write(&file, text.replacen("pt = \"Redes\"", "pt = \"\"", 1)).unwrap();
    let mut apply = support::vigia();
    apply.args(["settings", "apply", "out"]).current_dir(server.data().parent().unwrap());
    let refused = apply.env("VIGIA_DATA", server.data()).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stdout);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("causes.toml") && told.contains("categories[1].pt"), "{told}");
}

#[test]
fn case_is_resolved_by_a_plain_form() {
    let server = Server::start(Demo::On);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let agent = Client::staff(&server, "agente");
    let address = format!("/desk/cases/{number}/resolve");
    let page = agent.get(&address);
    holds(
        &page,
        200,
        &["name=\"seen\" value=\"1\"", "<optgroup label=\"Redes\"", "value=\"network_cabling\""],
    );
    holds(&agent.get(&format!("/desk/cases/{number}")), 200, &[&format!("href=\"{address}\"")]);

    let wrong =
        agent.post(&address, "seen=1&category=&chosen=network_cabling&cause=+&solution=Se+cambi%C3%B3");
    holds(
        &wrong,
        422,
        &["id=\"category-error\"", "id=\"cause-error\"", "Se cambió", "value=\"network_cabling\" selected"],
    );
    let right = "category=hardware&chosen=network_cabling&cause=Cable+roto&solution=Se+cambi%C3%B3";
    let early = agent.post(&address, &format!("seen=1&{right}"));
    holds(&early, 422, &["Registre primero el contacto", "Cable roto"]);
    let contact = json!({ "log_contact": { "channel": "phone", "note": null } });
    assert_eq!(agent.work(number, 1, &contact).status(), 200);
    let unknown = agent.post(&address, &format!("seen=2&{}", right.replace("network_cabling", "nothing")));
    holds(&unknown, 422, &["id=\"chosen-error\"", "ya no se ofrece"]);
    let done = agent.post(&address, &format!("seen=2&{right}"));
    assert_eq!((done.status(), done.header("location")), (303, format!("/desk/cases/{number}")));
    holds(&agent.get(&format!("/desk/cases/{number}")), 200, &["Redes › Cableado o conector"]);

    let supervisor = Client::staff(&server, "supervisor");
    holds(
        &supervisor.get("/desk/reports/causes"),
        200,
        &["Casos resueltos por causa", "Cableado o conector", "/desk/reports/causes.csv?from="],
    );
    let file = supervisor.get("/desk/reports/causes.csv");
    holds(&file, 200, &["networks;Redes;network_cabling;Cableado o conector;1"]);
    holds(&supervisor.get("/desk/reports/causes?from=ayer"), 200, &["El período no se entiende"]);
}

#[test]
fn questionnaire_is_made_of_the_standing_questions_and_named_by_a_plan() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/questionnaires/new";
    let page = admin.get(address);
    holds(
        &page,
        200,
        &["value=\"attention\"", "name=\"questions.0.place\"", "<option value=\"nps\" selected"],
    );
    let send = |page: &Answer, address: &str, other: &[(&str, &str)]| {
        let mut sent = fields(&page.text());
        sent.retain(|(name, _)| name != "action" && !other.iter().any(|(of, _)| of == name));
        sent.extend(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        admin.post(address, &encoded(&sent))
    };
    let wrong = send(&page, address, &[("name", "Breve"), ("questions.1.pt", ""), ("action", "preview")]);
    holds(&wrong, 422, &["id=\"questions-1-pt-error\"", "value=\"Breve\""]);
    let typed = [("questions.1.pt", "Resolvemos?"), ("questions.1.place", "1"), ("action", "preview")];
    let shown = send(&wrong, address, &typed);
    holds(&shown, 200, &["value=\"save\"", "name=\"questions.0.key\" type=\"text\" value=\"solution\""]);
    let saved = send(&shown, address, &[("action", "save")]);
    assert_eq!(
        (saved.status(), saved.header("location")),
        (303, "/desk/admin/questionnaires?saved=yes".to_owned())
    );
    holds(&admin.get("/desk/admin/questionnaires"), 200, &["Breve", "/desk/admin/questionnaires/1"]);
    let plan = admin.get("/desk/admin/plans/1");
    holds(&plan, 200, &["<option value=\"Breve\"", "Las preguntas de siempre"]);
    let shown =
        send(&plan, "/desk/admin/plans/1", &[("survey.questionnaire", "Breve"), ("action", "preview")]);
    holds(&shown, 200, &["<b>Breve", "value=\"save\""]);
    assert_eq!(send(&shown, "/desk/admin/plans/1", &[("action", "save")]).status(), 303);

    let supervisor = Client::staff(&server, "supervisor");
    holds(&supervisor.get("/desk/admin/questionnaires/1"), 200, &["readonly", "Solo un administrador"]);
    assert_eq!(supervisor.post("/desk/admin/questionnaires/1", "name=Otra&action=save").status(), 403);
    assert_eq!(Client::staff(&server, "agente").get("/desk/admin/questionnaires").status(), 403);
}

#[test]
fn waiting_reasons_are_set_and_offered_below_their_kind() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/waiting";
    let send = |page: &Answer, other: &[(&str, &str)]| {
        let mut sent = fields(&page.text());
        sent.retain(|(name, _)| name != "action" && !other.iter().any(|(of, _)| of == name));
        sent.extend(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        admin.post(address, &encoded(&sent))
    };
    let typed = [
        ("reasons.0.code", "customs"),
        ("reasons.0.kind", "spare_part"),
        ("reasons.0.es", "Repuesto en aduana"),
        ("reasons.0.en", "Part at customs"),
        ("reasons.0.pt", ""),
        ("reasons.0.state", "active"),
        ("action", "preview"),
    ];
    let wrong = send(&admin.get(address), &typed);
    holds(&wrong, 422, &["id=\"reasons-0-pt-error\"", "value=\"Repuesto en aduana\""]);
    let shown = send(&wrong, &[("reasons.0.pt", "Peça na alfândega"), ("action", "preview")]);
    holds(&shown, 200, &["Motivo · customs", "value=\"save\""]);
    let saved = send(&shown, &[("action", "save")]);
    assert_eq!((saved.status(), saved.header("location")), (303, format!("{address}?saved=yes")));
    let agent = Client::staff(&server, "agente");
    holds(&agent.call("offered_waits", &json!({})), 200, &["spare_part", "Repuesto en aduana"]);
    assert_eq!(agent.get(address).status(), 403);
    assert_eq!(Client::stranger(&server).call("offered_waits", &json!({})).status(), 401);
    let supervisor = Client::staff(&server, "supervisor");
    holds(&supervisor.get(address), 200, &["readonly", "Repuesto en aduana"]);
    assert_eq!(supervisor.post(address, "action=save").status(), 403);
}

#[test]
fn supervisors_read_causes_and_others_do_not() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let page = supervisor.get(ADDRESS);
    holds(&page, 200, &["readonly", "Solo un administrador puede cambiarlo."]);
    assert_eq!(post(&supervisor, &page, &[("causes.0.es", "Otra")]).status(), 403);
    let agent = Client::staff(&server, "agente");
    for address in [ADDRESS, "/desk/reports/causes", "/desk/reports/causes.csv"] {
        assert_eq!(agent.get(address).status(), 403, "{address}");
        let led = server.ask("GET", address, "Accept: text/html\r\n", b"");
        assert_eq!(led.header("location"), format!("/desk/sign-in?next={address}"));
    }
    let stranger = Client::stranger(&server);
    assert_eq!(stranger.post(ADDRESS, "choice=required&action=save").status(), 303);
    assert_eq!(stranger.call("offered_causes", &json!({})).status(), 401);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let led = stranger.post(&format!("/desk/cases/{number}/resolve"), "seen=1");
    assert_eq!(led.status(), 303);
    assert!(led.header("location").starts_with("/desk/sign-in"));
}
