//! The register in the browser: plain forms, as a browser without a script sends them.

mod support;

use support::client::Client;
use support::{Answer, Demo, Server};

/// The names and values of the fields of the entry's form on a page, as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split_once("aria-labelledby=\"h-entry\"").unwrap().1.split_once("</form>").unwrap().0;
    let mut fields = Vec::new();
    for tag in form.split('<') {
        let attribute = |name: &str| {
            let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
            Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
        };
        if tag.starts_with("input ") && attribute("type").as_deref() != Some("checkbox") {
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

/// The form with some fields written otherwise or added, as a body.
fn body(fields: &[(String, String)], other: &[(&str, &str)]) -> String {
    let mut all = fields.to_vec();
    for (name, value) in other {
        match all.iter_mut().find(|(of, _)| of == name) {
            Some((_, kept)) => (*value).clone_into(kept),
            None => all.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    let text = |(name, value): (String, String)| {
        let encoded: Vec<String> = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("{name}={}", encoded.concat())
    };
    all.into_iter().map(text).collect::<Vec<_>>().join("&")
}

#[track_caller]
fn holds(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part} in {page}");
    }
}

const CONTRACT: &str = "/desk/admin/register/contracts/CPS-VE-004213-58";
const SWITCH: &str = "/desk/admin/register/equipment/FOC2614A1B2";

#[test]
fn agents_read_the_register_and_write_nothing() {
    let server = Server::start(Demo::On);
    let agent = Client::staff(&server, "agente");
    holds(&agent.get("/desk/admin/register"), 200, &["Banco Cumbre del Ávila", "name=\"q\""]);
    let found = agent.get("/desk/admin/register/equipment?q=cisco&country=VE&platform=network");
    holds(&found, 200, &["FOC2614A1B2"]);
    holds(&agent.get("/desk/admin/register/equipment?country=XX"), 200, &["country=XX"]);
    for address in ["/desk/admin/register/contracts?state=in_force", "/desk/admin/register/sites", CONTRACT] {
        holds(&agent.get(address), 200, &["Banco Cumbre del Ávila"]);
    }
    let page = agent.get(SWITCH);
    holds(&page, 200, &["Catalyst 9300-48P", "/desk/intake?serial=FOC2614A1B2", "Agregado"]);
    assert!(!page.text().contains("name=\"version\"") && !page.text().contains("/desk/admin/people"));
    assert_eq!(agent.post(SWITCH, "version=1&model=Otro").status(), 403);
    assert_eq!(agent.get("/desk/admin/register/equipment/new").status(), 403);
    assert_eq!(agent.get("/desk/admin/register/equipment/NADA1234").status(), 404);
    assert_eq!(agent.get("/desk/admin/register/nada").status(), 404);
    let led = server.ask("GET", SWITCH, "Accept: text/html\r\n", b"");
    assert_eq!((led.status(), led.header("location")), (302, format!("/desk/sign-in?next={SWITCH}")));
}

#[test]
fn wrong_field_is_told_beside_it_and_the_rest_is_saved_later() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let typed = fields(&admin.get(CONTRACT).text());
    let wrong = [("valid_to", "2020-01-01"), ("contact_mail", "ana@"), ("contact_name", "Ana Rivas")];
    let answer = admin.post(CONTRACT, &body(&typed, &wrong));
    let kept = [
        "id=\"valid_to-error\"",
        "id=\"contact_mail-error\"",
        "value=\"ana@\"",
        "value=\"Ana Rivas\"",
        "Registrado: ",
    ];
    holds(&answer, 422, &kept);
    let saved =
        admin.post(CONTRACT, &body(&typed, &[("contact_name", "Ana Rivas"), ("plan", "Estándar Venezuela")]));
    assert_eq!(
        (saved.status(), saved.header("location")),
        (303, format!("{CONTRACT}?done=saved")),
        "{}",
        saved.text()
    );
    let page = admin.get(&format!("{CONTRACT}?done=saved"));
    holds(
        &page,
        200,
        &["Los cambios quedaron guardados", "Lucía Ferrer", "<b>Ana Rivas", "<b>Estándar Venezuela"],
    );

    // Another administrator had read the form before.
    let late = admin.post(CONTRACT, &body(&typed, &[("contact_name", "Luis Peña")]));
    holds(&late, 409, &["Otra persona cambió", "value=\"Luis Peña\"", "Registrado: Ana Rivas."]);
    let seen = fields(&late.text());
    assert_eq!(admin.post(CONTRACT, &body(&seen, &[])).status(), 303);
}

#[test]
fn doubtful_equipment_is_added_once_it_is_confirmed() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/register/equipment/new";
    let site = fields(&admin.get(SWITCH).text()).into_iter().find(|(name, _)| name == "site").unwrap().1;
    let form = [
        ("serial", "ABC12345"),
        ("manufacturer", "Cisco"),
        ("model", "C1000"),
        ("platform", "network"),
        ("contract", "CPS-VE-004213-58"),
        ("site", site.as_str()),
    ];
    let empty = fields(&admin.get(address).text());
    let asked = admin.post(address, &body(&empty, &form));
    holds(&asked, 422, &["name=\"confirmed\"", "id=\"serial-error\"", "value=\"ABC12345\""]);
    let added = admin.post(address, &body(&fields(&asked.text()), &[("confirmed", "yes")]));
    let location = "/desk/admin/register/equipment/ABC12345?done=added";
    assert_eq!((added.status(), added.header("location")), (303, location.to_owned()), "{}", added.text());
    let twice = admin.post(address, &body(&empty, &form));
    holds(&twice, 422, &["Si es el mismo, únalos"]);
}

#[test]
fn merged_customer_leads_to_the_one_that_stays() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let added = admin.post("/desk/admin/register/organisations/new", "name=Banco+Cumbre&country=VE");
    let into = added.header("location").replace("?done=added", "");
    let from = "/desk/admin/register/organisations/1";
    holds(&admin.get(from), 200, &["Banco Cumbre del Ávila", "/desk/admin/register/organisations/1/merge"]);
    let id = into.rsplit('/').next().unwrap().to_owned();
    holds(&admin.get(&format!("{from}/merge?q=banco")), 200, &[&format!("into={id}")]);
    let preview = admin.get(&format!("{from}/merge?into={id}"));
    holds(&preview, 200, &["name=\"from_version\"", "No se puede deshacer"]);
    let late = admin.post(&format!("{from}/merge"), &format!("into={id}&from_version=9&into_version=1"));
    holds(&late, 409, &["Otra persona cambió"]);
    let merged = admin.post(&format!("{from}/merge"), &format!("into={id}&from_version=1&into_version=1"));
    assert_eq!(
        (merged.status(), merged.header("location")),
        (303, format!("{into}?done=merged")),
        "{}",
        merged.text()
    );
    let led = admin.get(from);
    assert_eq!(led.header("location"), format!("{into}?was=1"));
    holds(&admin.get(&into), 200, &["CPS-VE-004213-58", "«Banco Cumbre del Ávila»"]);
}

#[test]
fn label_opens_the_form_with_serial_and_contract() {
    let server = Server::start(Demo::On);
    let agent = Client::staff(&server, "agente");
    let labels = "/desk/admin/register/labels.pdf";
    for query in
        ["serial=FOC2614A1B2&serial=MXQ3410ABC", "serial=FOC2614A1B2&paper=single", "q=cisco&used=20"]
    {
        let answer = agent.get(&format!("{labels}?{query}"));
        assert_eq!(
            (answer.status(), answer.header("content-type").as_str()),
            (200, "application/pdf"),
            "{query}"
        );
        assert!(answer.body().starts_with(b"%PDF-"), "{query}");
    }
    assert_eq!(agent.get(&format!("{labels}?serial=NADA1234")).status(), 404);
    assert_eq!(agent.get(&format!("{labels}?country=XX")).status(), 400);
    let stranger = Client::stranger(&server);
    assert_ne!(stranger.get(&format!("{labels}?serial=FOC2614A1B2")).status(), 200);

    let form = stranger.get("/?serial=foc2614a1b2&contract=CPS-VE-004213-58").text();
    assert!(form.contains("value=\"FOC2614A1B2\"") && form.contains("value=\"CPS-VE-004213-58\""), "{form}");
    // An address tells a stranger nothing, and what is no serial does no harm.
    let unknown = stranger.get("/?serial=NADA1234&contract=CPS-VE-004213-58").text();
    assert!(unknown.contains("value=\"NADA1234\"") && !unknown.contains("Banco Cumbre"), "{unknown}");
    let hostile = stranger.get("/?serial=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&contract=%00%FF");
    assert_eq!(hostile.status(), 200);
    assert!(!hostile.text().contains("<script>alert(1)"));
}
