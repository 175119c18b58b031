//! Plans and calendars in the browser: plain forms, as a browser without a script sends them.

mod support;

use support::client::Client;
use support::{Answer, Demo, Server};

/// The names and values of the fields of the form on a page, as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split_once(" settings\">").unwrap().1.split_once("</form>").unwrap().0;
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

/// The form with some fields written otherwise, as a body.
fn body(fields: &[(String, String)], other: &[(&str, &str)]) -> String {
    let text = |(name, value): &(String, String)| {
        let value = other.iter().find(|(of, _)| of == name).map_or(value.as_str(), |(_, value)| value);
        let encoded: Vec<String> = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("{name}={}", encoded.concat())
    };
    let pairs = fields.iter().filter(|(name, _)| name != "action").map(text);
    let action = other.iter().find(|(of, _)| *of == "action").map_or("preview", |(_, value)| value);
    pairs.chain([format!("action={action}")]).collect::<Vec<_>>().join("&")
}

#[track_caller]
fn holds(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn plan_is_saved_once_its_change_was_shown() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/plans/1";
    let page = admin.get(address);
    holds(&page, 200, &["name=\"targets.P1.resolution\"", "value=\"8h\"", "name=\"matrix.critical\""]);
    let typed = fields(&page.text());
    assert_eq!(typed.iter().filter(|(name, _)| name == "matrix.low").count(), 4);

    let same = admin.post(address, &body(&typed, &[]));
    holds(&same, 200, &["No hay nada que cambiar."]);
    let unseen = admin.post(address, &body(&typed, &[("targets.P1.resolution", "6h"), ("action", "save")]));
    holds(&unseen, 200, &["Esto cambiaría", "<b>6h", "value=\"save\"", "Casos abiertos alcanzados"]);
    let shown = fields(&unseen.text());
    let edited = admin.post(address, &body(&shown, &[("targets.P1.resolution", "5h"), ("action", "save")]));
    holds(&edited, 200, &["Esto cambiaría", "<b>5h"]);
    let saved = admin.post(address, &body(&fields(&edited.text()), &[("action", "save")]));
    assert_eq!((saved.status(), saved.header("location")), (303, "/desk/admin/plans?saved=yes".to_owned()));
    holds(&admin.get("/desk/admin/plans?saved=yes"), 200, &["Todo quedó guardado", "5 h<"]);
    holds(
        &admin.get("/desk/admin/changes"),
        200,
        &["Lucía Ferrer", "P1 · Resolución", "8h", "<b>5h", "Retomar"],
    );

    // Another administrator had read the form before.
    let late = admin.post(address, &body(&shown, &[("targets.P1.resolution", "7h")]));
    holds(&late, 422, &["Otra persona la cambió mientras tanto"]);
}

#[test]
fn wrong_field_is_told_beside_it_and_keeps_what_was_typed() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let typed = fields(&admin.get("/desk/admin/plans/1").text());
    let wrong = [("targets.P1.first_response", "2h"), ("targets.P2.resolution", "pronto"), ("name", "")];
    for (field, text) in wrong {
        let answer = admin.post("/desk/admin/plans/1", &body(&typed, &[(field, text)]));
        let error = format!("id=\"{}-error\"", field.replace('.', "-"));
        holds(&answer, 422, &[&error, "Hay que corregir: 1.", &format!("value=\"{text}\"")]);
    }
    let calendar = fields(&admin.get("/desk/admin/calendars/1").text());
    let answer = admin.post("/desk/admin/calendars/1", &body(&calendar, &[("hours.monday", "8-12")]));
    holds(&answer, 422, &["id=\"hours-monday-error\"", "value=\"8-12\""]);
    let past = admin.post("/desk/admin/plans/1", &body(&typed, &[("effective_from", "2020-01-01")]));
    holds(&past, 422, &["no puede estar en el pasado"]);
    let strange = format!("{}&hours.%C3%A1%C3%A9=x&closures.9.%C3%A1=%22", body(&calendar, &[]));
    assert_eq!(admin.post("/desk/admin/calendars/1", &strange).status(), 422);
    assert_eq!(admin.get("/desk/admin/plans/99").status(), 404);
    assert_eq!(admin.get("/desk/admin/calendars/1?year=999999999").status(), 200);
}

#[test]
fn closure_is_added_in_an_empty_row() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/calendars/1";
    let typed = fields(&admin.get(address).text());
    let row = typed.iter().rev().find_map(|(name, _)| name.strip_suffix(".date")).unwrap().to_owned();
    let (date, name) = (format!("{row}.date"), format!("{row}.name"));
    let shown = admin.post(address, &body(&typed, &[(&date, "2031-05-20"), (&name, "Mudanza")]));
    holds(&shown, 200, &["Cierre del 2031-05-20"]);
    let saved = admin.post(address, &body(&fields(&shown.text()), &[("action", "save")]));
    assert_eq!(saved.status(), 303, "{}", saved.text());
    holds(&admin.get("/desk/admin/calendars/1?year=2031"), 200, &["value=\"Mudanza\"", "title=\"Mudanza\""]);
}

#[test]
fn supervisors_read_settings_and_agents_do_not() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let page = supervisor.get("/desk/admin/plans/1");
    holds(&page, 200, &["readonly", "Solo un administrador puede cambiarlo."]);
    assert!(!page.text().contains("value=\"preview\""));
    assert_eq!(supervisor.post("/desk/admin/plans/1", &body(&fields(&page.text()), &[])).status(), 403);
    let agent = Client::staff(&server, "agente");
    for address in ["/desk/admin/plans", "/desk/admin/calendars/1", "/desk/admin/changes"] {
        assert_eq!(agent.get(address).status(), 403, "{address}");
        let stranger = Client::stranger(&server).get(address);
        assert!(
            stranger.status() == 302 || stranger.header("location").starts_with("/desk/sign-in"),
            "{address}"
        );
    }
}
