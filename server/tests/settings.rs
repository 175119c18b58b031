//! Plans and calendars in the browser: plain forms, as a browser without a script sends them.

mod support;

use support::client::{Client, REPORT};
use support::{Answer, Demo, Server};

/// The names and values of the fields of the form on a page, as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split_once(" settings\">").unwrap().1.split_once("</form>").unwrap().0;
    let mut fields = Vec::new();
    for tag in form.split('<') {
        let attribute = |name: &str| {
            let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
            let value = value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
            Some(value.replace("&amp;", "&"))
        };
        // A box without a tick is not sent.
        if tag.contains(" type=\"checkbox\"") && !tag.contains(" checked") {
            continue;
        }
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
fn plan_is_retired_once_its_contracts_were_seen_and_taken_back() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/plans/4";
    let page = admin.get(address);
    holds(&page, 200, &["name=\"status\"", "Contratos con este plan", "/desk/admin/register/contracts/"]);
    let typed = fields(&page.text());
    let shown = admin.post(address, &body(&typed, &[("status", "retired"), ("action", "save")]));
    holds(
        &shown,
        200,
        &["Se retira el plan", "/desk/admin/register/contracts/", "<b>Retirado", "value=\"save\""],
    );
    let saved = admin.post(address, &body(&fields(&shown.text()), &[("action", "save")]));
    assert_eq!(saved.status(), 303, "{}", saved.text());
    holds(&admin.get("/desk/admin/plans"), 200, &["badge badge--line\">Retirado"]);
    // A contract on it still has it to choose; a new one has not.
    let (_, rest) = shown.text().split_once("href=\"/desk/admin/register/contracts/").map(own).unwrap();
    let contract = format!("/desk/admin/register/contracts/{}", rest.split('"').next().unwrap());
    let name = typed.iter().find(|(name, _)| name == "name").unwrap().1.clone();
    holds(&admin.get(&contract), 200, &[&format!("value=\"{name}\" selected")]);

    let again = admin.post(address, &body(&fields(&admin.get(address).text()), &[("status", "active")]));
    holds(&again, 200, &["<b>Activo"]);
    let saved = admin.post(address, &body(&fields(&again.text()), &[("action", "save")]));
    assert_eq!(saved.status(), 303, "{}", saved.text());
    assert!(!admin.get("/desk/admin/plans").text().contains("Retirado"));

    let default = fields(&admin.get("/desk/admin/plans/1").text());
    let refused = admin.post("/desk/admin/plans/1", &body(&default, &[("status", "retired")]));
    holds(&refused, 422, &["id=\"status-error\"", "No puede retirarse"]);
}

/// The form of a calendar with a file of closures, as a browser sends it by the button beside the file.
fn with_file(typed: &[(String, String)], file: &str) -> Vec<u8> {
    let part = |(name, value): &(String, String)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields: String = typed.iter().map(part).collect();
    let head = "--edge\r\nContent-Disposition: form-data; name=\"closures_file\"; filename=\"a.ics\"\r\n\r\n";
    format!("{fields}{head}{file}\r\n--edge--\r\n").into_bytes()
}

#[test]
fn closures_come_from_a_file_and_go_into_one() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/calendars/1";
    let mut typed = fields(&admin.get(address).text());
    typed.retain(|(name, _)| name != "closures_file");
    let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20310520\r\nSUMMARY:Mudanza\r\nEND:VEVENT\r\n\
                BEGIN:VEVENT\r\nDTSTART:20310521T080000Z\r\nSUMMARY:Reunión\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    // What was typed beside the file stays.
    let name = typed.iter().position(|(name, _)| name == "name").unwrap();
    typed[name].1 = "Caracas, otro nombre".to_owned();
    let shown = admin.post_parts(address, &with_file(&typed, file));
    holds(
        &shown,
        200,
        &[
            "Cierres en el archivo: 1.",
            "Línea 7: ",
            "Cierre del 2031-05-20",
            "value=\"Caracas, otro nombre\"",
            "value=\"save\"",
        ],
    );
    let saved = admin.post(address, &body(&fields(&shown.text()), &[("action", "save")]));
    assert_eq!(saved.status(), 303, "{}", saved.text());
    let export = admin.get("/desk/admin/calendars/1/closures.ics");
    assert_eq!(
        (export.status(), export.header("content-type")),
        (200, "text/calendar; charset=utf-8".to_owned())
    );
    assert!(export.text().contains("DTSTART;VALUE=DATE:20310520\r\n"), "{}", export.text());
    let mut typed = fields(&admin.get(address).text());
    typed.retain(|(name, _)| name != "closures_file");
    let again = admin.post_parts(address, &with_file(&typed, &export.text()));
    holds(&again, 200, &["Nuevos o con otra nota: 0.", "No hay nada que cambiar."]);
    for wrong in ["number,plan\n1,2\n", ""] {
        let refused = admin.post_parts(address, &with_file(&typed, wrong));
        holds(&refused, 422, &["Línea 1: No es un archivo ICS.", "value=\"Mudanza\""]);
    }
    assert_eq!(
        Client::staff(&server, "supervisor").get("/desk/admin/calendars/1/closures.ics").status(),
        200
    );
    assert_eq!(
        Client::staff(&server, "supervisor").post_parts(address, &with_file(&typed, file)).status(),
        403
    );
    assert_eq!(Client::staff(&server, "agente").get("/desk/admin/calendars/1/closures.ics").status(), 403);
    assert_eq!(admin.get("/desk/admin/calendars/99/closures.ics").status(), 404);
    let stranger = server.ask("GET", "/desk/admin/calendars/1/closures.ics", "Accept: text/html\r\n", b"");
    assert_eq!(stranger.status(), 303);
}

#[test]
fn contract_format_is_tried_saved_and_in_force_on_every_form() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/formats";
    let typed = fields(&admin.get(address).text());
    assert!(!server.get("/").contains("name=\"formats\""), "a desk that has set none tells nothing");
    let wrong = admin.post(address, &body(&typed, &[("contracts.4.mask", "'AN-9{3}")]));
    holds(&wrong, 422, &["id=\"contracts-4-mask-error\"", "El signo 4 de la máscara", "value=\"'AN-9{3}\""]);
    let own =
        [("contracts.4.mask", "'AN'-9{3}-9{2}"), ("contracts.4.check", "iso7064-97-10"), ("cases.VE", "an")];
    for (value, told) in [
        ("an 572 14", "Un contrato nuevo puede llevar este número: AN-572-14."),
        ("an 572 15", "El número no cuadra."),
        ("AN-572", "Faltan 2 caracteres: AN-572-__"),
    ] {
        let pairs: Vec<_> = own.into_iter().chain([("tried", value), ("action", "try")]).collect();
        let tried = admin.post(address, &body(&typed, &pairs));
        assert_eq!(tried.status(), 200, "{}", tried.text());
        assert!(tried.text().contains(told), "{told} in {}", tried.text());
        assert_eq!(tried.text().contains("Un contrato nuevo puede"), value == "an 572 14");
    }
    let shown = admin.post(address, &body(&typed, &own));
    holds(&shown, 200, &["Esto cambiaría", "value=\"save\"", "Prefijo · Venezuela"]);
    let saved = admin.post(address, &body(&fields(&shown.text()), &[("action", "save")]));
    assert_eq!(
        (saved.status(), saved.header("location")),
        (303, "/desk/admin/formats?saved=yes".to_owned()),
        "{}",
        saved.text()
    );
    let portal = server.get("/");
    assert!(portal.contains("name=\"formats\"") && portal.contains("'AN'-9{3}-9{2}"), "{portal}");
    holds(&admin.get("/desk/admin/changes"), 200, &["Formatos de números", "Lucía Ferrer"]);

    // A customer's form: the server judges by the same rules, also a number of a former format.
    let report = |key: &str, contract: &str| {
        let form = REPORT.replace("CPS-VE-004213-58", contract).replace("0123456789abcdef0200", key);
        Client::stranger(&server).post("/", &form)
    };
    let refused = report("0123456789abcdef0301", "AN-572-15");
    assert_eq!(refused.status(), 422, "{}", refused.text());
    for (key, contract) in [("0123456789abcdef0302", "an57214"), ("0123456789abcdef0303", "CPS-VE-004213-58")]
    {
        let opened = report(key, contract);
        assert_eq!(opened.status(), 303, "{}", opened.text());
        assert!(opened.header("location").contains("ANVE"), "{}", opened.header("location"));
    }
}

#[test]
fn supervisors_read_the_formats_and_agents_do_not() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let page = supervisor.get("/desk/admin/formats");
    holds(&page, 200, &["readonly", "Solo un administrador puede cambiarlo."]);
    assert!(!page.text().contains("value=\"try\""));
    assert_eq!(supervisor.post("/desk/admin/formats", &body(&fields(&page.text()), &[])).status(), 403);
    assert_eq!(Client::staff(&server, "agente").get("/desk/admin/formats").status(), 403);
    let stranger = server.ask("GET", "/desk/admin/formats", "Accept: text/html\r\n", b"");
    assert_eq!(stranger.status(), 302);
}

#[test]
fn serial_format_is_tried_saved_and_read_by_the_form_of_every_page() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/serial-formats";
    let typed = fields(&admin.get(address).text());
    assert!(!server.get("/").contains("name=\"serial-formats\""), "a desk that has set none tells nothing");
    let own = [
        ("formats.0.code", "acme"),
        ("formats.0.manufacturer", "Acme <&\"> Sur"),
        ("formats.0.mask", "'AC'<yy:9{2}><ww:9{2}><site:A>9{4}"),
        ("formats.0.platform", "printing"),
    ];
    let wrong: Vec<_> = own.into_iter().filter(|(name, _)| *name != "formats.0.mask").collect();
    let wrong =
        admin.post(address, &body(&typed, &[&wrong[..], &[("formats.0.mask", "<week:9{2}>9{4}")]].concat()));
    holds(
        &wrong,
        422,
        &["id=\"formats-0-mask-error\"", "La parte «week» no significa nada.", "value=\"acme\""],
    );
    for (value, told) in [
        (
            "ac-2513-k-0042",
            "Formato acme: Acme &lt;&amp;\"&gt; Sur, hecho en la semana 13 de 2025, Impresión",
        ),
        ("AC2599K0042", "La semana de fabricación que indica no existe."),
        ("AC25I3K0042", "¿Será AC2513K0042?"),
        ("N/A", "Eso no es un serial."),
    ] {
        let pairs: Vec<_> = own.into_iter().chain([("tried", value), ("action", "try")]).collect();
        let tried = admin.post(address, &body(&typed, &pairs));
        assert_eq!(tried.status(), 200, "{}", tried.text());
        assert!(tried.text().contains(told), "{told} in {}", tried.text());
        assert_eq!(tried.text().contains("Formato acme:"), value == "ac-2513-k-0042", "{value}");
    }
    // Two boxes are ticked.
    let off = "&off=cisco&off=hp_pc";
    let shown = admin.post(address, &(body(&typed, &own) + off));
    holds(&shown, 200, &["Esto cambiaría", "value=\"save\"", "cisco, hp_pc"]);
    let saved = admin.post(address, &body(&fields(&shown.text()), &[("action", "save")]));
    assert_eq!(
        (saved.status(), saved.header("location")),
        (303, "/desk/admin/serial-formats?saved=yes".to_owned()),
        "{}",
        saved.text()
    );
    let portal = server.get("/");
    let meta = portal.split_once("<meta name=\"serial-formats\" content=\"").unwrap().1;
    let meta = meta.split_once("\">").unwrap().0;
    assert!(
        meta.starts_with("cisco\thp_pc\nacme\tAcme &lt;&amp;&quot;&gt; Sur\t'AC'&lt;yy:9{2}&gt;"),
        "{meta}"
    );
    assert!(meta.len() < 200, "{} characters for one format", meta.len());
    // Administrators read the boxes as they are ticked, and the register proposes the maker.
    let page = admin.get(address).text();
    assert_eq!(page.matches(" checked").count(), 2, "{page}");
    holds(&admin.get("/desk/admin/changes"), 200, &["Formatos de seriales", "Lucía Ferrer"]);
}

#[test]
fn supervisors_read_the_serial_formats_and_agents_do_not() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let address = "/desk/admin/serial-formats";
    let page = supervisor.get(address);
    holds(&page, 200, &["disabled", "Solo un administrador puede cambiarlo.", "'Q'X{3}-X{4}-X{4}"]);
    assert!(!page.text().contains("value=\"try\""));
    assert_eq!(supervisor.post(address, &body(&fields(&page.text()), &[])).status(), 403);
    let agent = Client::staff(&server, "agente");
    assert_eq!((agent.get(address).status(), agent.post(address, "off=cisco").status()), (403, 403));
    assert_eq!(server.ask("GET", address, "Accept: text/html\r\n", b"").status(), 302);
}

#[test]
fn hostile_serial_formats_are_refused_in_no_time() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let address = "/desk/admin/serial-formats";
    let typed = fields(&admin.get(address).text());
    for mask in ["9{0,63}|".repeat(4_000), "''".repeat(30_000), "<a:".repeat(20_000)] {
        let pairs = [
            ("formats.0.code", "evil"),
            ("formats.0.manufacturer", "Evil"),
            ("formats.0.mask", mask.as_str()),
            ("tried", "AC25130042"),
            ("action", "try"),
        ];
        let refused = admin.post(address, &body(&typed, &pairs));
        holds(&refused, 422, &["id=\"formats-0-mask-error\"", "La máscara admite demasiado"]);
    }
    let rows = (0..400).map(|row| format!("formats.{row}.code=c{row}&")).collect::<Vec<_>>().concat();
    assert_eq!(admin.post(address, &(rows + "action=try")).status(), 422);
}

fn own((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
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
