//! The provider's form with its logo, and the pages that show the provider.

mod support;

use support::client::Client;
use support::{Answer, Demo, Server, open_case, until};

const ADDRESS: &str = "/desk/admin/provider";

/// A PNG of one red pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x78, 0x9C, 0x63, 0xF8,
    0xCF, 0xC0, 0, 0, 3, 1, 1, 0, 0xC9, 0xFE, 0x92, 0xEF, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42,
    0x60, 0x82,
];

/// The fields of the form on a page, as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split_once(" settings\"").unwrap().1.split_once("</form>").unwrap().0;
    let mut fields: Vec<(String, String)> = Vec::new();
    for tag in form.split('<') {
        let attribute = |name: &str| {
            let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
            Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
        };
        let is_sent = !tag.contains("type=\"file\"") && !tag.contains("type=\"checkbox\"");
        if tag.starts_with("input ") && is_sent {
            fields.extend(attribute("name").map(|name| (name, attribute("value").unwrap_or_default())));
        } else if tag.starts_with("select ") {
            fields.extend(attribute("name").map(|name| (name, String::new())));
        } else if tag.starts_with("textarea ") {
            let text = tag.split_once('>').unwrap().1.trim_start_matches('\n').to_owned();
            fields.extend(attribute("name").map(|name| (name, text)));
        } else if tag.starts_with("option ")
            && tag.contains(" selected")
            && let Some((_, value)) = fields.last_mut()
        {
            *value = attribute("value").unwrap_or_default();
        }
    }
    fields
}

/// Posts the form with some fields written otherwise, and a picture.
fn post(client: &Client<'_>, page: &Answer, other: &[(&str, &str)], picture: Option<&[u8]>) -> Answer {
    let mut sent: Vec<(String, String)> =
        fields(&page.text()).into_iter().filter(|(name, _)| name != "action").collect();
    for (name, value) in other {
        sent.retain(|(of, _)| of != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    if !other.iter().any(|(name, _)| *name == "action") {
        sent.push(("action".to_owned(), "preview".to_owned()));
    }
    let part = |(name, value): &(String, String)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
    };
    let mut body: Vec<u8> = sent.iter().flat_map(part).collect();
    let head = "--edge\r\nContent-Disposition: form-data; name=\"logo_file\"; filename=\"a.png\"\r\n\r\n";
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(picture.unwrap_or_default());
    body.extend_from_slice(b"\r\n--edge--\r\n");
    client.post_parts(ADDRESS, &body)
}

/// Previews the form with some fields written otherwise, and saves it.
#[track_caller]
fn save(admin: &Client<'_>, other: &[(&str, &str)]) {
    let shown = post(admin, &admin.get(ADDRESS), other, None);
    holds(&shown, 200, &["value=\"save\""]);
    assert_eq!(post(admin, &shown, &[("action", "save")], None).status(), 303);
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
fn provider_is_saved_once_it_was_shown_and_stands_on_every_page() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let stranger = Client::stranger(&server);
    let before = stranger.get("/");
    holds(&before, 200, &["· Vigía</title>", "/logo.svg#logo", "0800 CPS 0000 (0800 277 0000)"]);
    assert!(!before.text().contains("/brand/"));

    let page = admin.get(ADDRESS);
    holds(
        &page,
        200,
        &["value=\"Vigía\"", "value=\"America/Caracas\"", "multipart/form-data", "value=\"0800 CPS 0000\""],
    );
    holds(&post(&admin, &page, &[], None), 200, &["No hay nada que cambiar."]);
    let typed = [
        ("name", "Andina TI"),
        ("accent", "#7A1F5C"),
        ("hotlines.0.words", "0800 TI ANDINA"),
        ("hotlines.0.digits", "0800 842 63462"),
        ("hotlines.3.words", ""),
        ("hotlines.3.digits", ""),
    ];
    let refused = post(&admin, &page, &typed, Some(PIXEL));
    // Eight keys after 0800 are none too many for a keypad, but no number of Venezuela.
    holds(&refused, 422, &["id=\"hotlines-0-words-error\"", "value=\"Andina TI\"", "/brand/"]);
    let shown = post(
        &admin,
        &refused,
        &[("hotlines.0.words", "0800 CPS 0001"), ("hotlines.0.digits", "0800 277 0001")],
        None,
    );
    holds(&shown, 200, &["Esto cambiaría", "<b>Andina TI", "value=\"save\"", "Línea 1"]);
    assert!(!shown.text().contains("Casos abiertos alcanzados"), "it is about no case");
    let saved = post(&admin, &shown, &[("action", "save")], None);
    assert_eq!((saved.status(), saved.header("location")), (303, format!("{ADDRESS}?saved=yes")));
    holds(&admin.get("/desk/admin/changes"), 200, &["Andina TI", "Lucía Ferrer", "Color de acento"]);

    let portal = stranger.get("/");
    holds(
        &portal,
        200,
        &[
            "· Andina TI</title>",
            "class=\"site__mark\"",
            "0800 CPS 0001 (0800 277 0001)",
            "Andina TI, inicio",
        ],
    );
    assert!(!portal.text().contains("01800 CPS MEX 0"), "a line that was removed");
    let address = |text: &str, kind: &str| {
        let named = |at: usize| text[at..].split('"').next().filter(|address| address.ends_with(kind));
        text.match_indices("/brand/").find_map(|(at, _)| named(at)).unwrap().to_owned()
    };
    for (kind, media) in [(".png", "image/png"), (".css", "text/css; charset=utf-8")] {
        let file = stranger.get(&address(&portal.text(), kind));
        assert_eq!((file.status(), file.header("content-type")), (200, media.to_owned()));
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
    }
    let sheet = stranger.get(&address(&portal.text(), ".css")).text();
    assert!(sheet.contains("--brand:#7a1f5c"), "{sheet}");
    for name in ["x.png", &format!("{}.png", "a".repeat(64)), "7a1f5c-0000000000000000.css"] {
        assert_eq!(stranger.get(&format!("/brand/{name}")).status(), 404, "{name}");
    }
    holds(&admin.get("/board"), 200, &["<title>Pared · Andina TI</title>", "name=\"provider\""]);
    holds(
        &admin.get("/desk"),
        200,
        &["· Andina TI</title>", "Andina TI<!> · <!>Centro de Contacto Regional"],
    );
}

#[test]
fn wrong_values_of_the_provider_are_told_at_their_fields() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let page = admin.get(ADDRESS);
    for (name, value, error) in [
        ("name", "", "Debe tener de 1 a 60"),
        ("accent", "#f2b705", "1,57:1"),
        ("accent", "verde", "#005356"),
        ("time_zone", "Caracas", "America/Caracas"),
        ("mail.reply_to", "nadie", "mesa@empresa.com"),
        ("mail.signature", "1\n2\n3\n4\n5", "4 líneas"),
        ("hotlines.1.digits", "0501 277 0001", "05012770000"),
    ] {
        let answer = post(&admin, &page, &[(name, value)], None);
        let field = if name.ends_with("digits") { "hotlines.1.words" } else { name };
        let id = format!("id=\"{}-error\"", field.replace('.', "-"));
        holds(&answer, 422, &[&id, error]);
        assert!(
            answer.text().contains(value.lines().next().unwrap_or_default()),
            "what was typed stays: {value}"
        );
    }
    let long = format!("n{}", "ñ".repeat(5_000));
    let answer = post(&admin, &page, &[("name", &long), ("mail.from_name", "Soporte")], None);
    holds(&answer, 422, &["id=\"name-error\"", "value=\"Soporte\"", "value=\"nñññ"]);
    let foreign = "Content-Type: multipart/form-data; boundary=edge\r\nOrigin: https://evil.example\r\n\
                   Sec-Fetch-Site: cross-site\r\n";
    assert_eq!(server.ask("POST", ADDRESS, foreign, b"--edge--\r\n").status(), 403);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let refused = post(&admin, &page, &[("name", "Andina TI")], Some(svg));
    holds(&refused, 422, &["id=\"logo-error\"", "no SVG", "value=\"Andina TI\""]);
    let large = vec![0x89; 1024 * 1024 + 1];
    holds(&post(&admin, &page, &[], Some(&large)), 422, &["id=\"logo-error\"", "1 MB"]);
    assert_eq!(admin.post_parts(ADDRESS, b"--edge\r\nnonsense").status(), 400);
    assert_eq!(admin.post(ADDRESS, "name=Andina").status(), 400);
}

#[test]
fn desk_without_a_line_asks_for_no_call() {
    let server = Server::start(Demo::On);
    let stranger = Client::stranger(&server);
    let tracking = open_case(&server, "0123456789abcdef0123");
    let page = format!("/track/{tracking}");
    let (before, form) = (stranger.get(&page), stranger.get("/"));
    holds(&before, 200, &["id=\"h-help\"", "tel:08002770000"]);
    holds(&form, 200, &["¿Prefiere llamar?"]);
    let admin = Client::staff(&server, "administracion");
    let emptied: Vec<(String, &str)> = (0..4)
        .flat_map(|row| ["words", "digits"].map(|part| (format!("hotlines.{row}.{part}"), "")))
        .collect();
    let mut typed: Vec<(&str, &str)> = emptied.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    // One line of Colombia is the line of everybody.
    typed.extend([
        ("hotlines.0.country", "CO"),
        ("hotlines.0.words", "01 8000 127784"),
        ("hotlines.0.digits", "018000 127784"),
    ]);
    save(&admin, &typed);
    holds(&stranger.get(&page), 200, &["id=\"h-help\"", "tel:018000127784"]);
    save(&admin, &emptied.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>());
    let none = stranger.get(&page).text();
    assert!(!none.contains("h-help") && !none.contains("tel:"), "{none}");
    assert!(!stranger.get("/").text().contains("¿Prefiere llamar?"));
}

#[test]
fn days_of_settings_begin_in_the_zone_of_the_centre() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    save(&admin, &[("time_zone", "Pacific/Kiritimati")]);
    save(&admin, &[("name", "Andina TI"), ("effective_from", "2099-01-01")]);
    let told = server.run(&["settings", "history"]);
    assert!(told.contains("2098-12-31T10:00:00Z"), "{told}");
}

#[test]
fn supervisors_read_the_provider_and_agents_do_not() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let page = supervisor.get(ADDRESS);
    holds(&page, 200, &["readonly", "Solo un administrador puede cambiarlo."]);
    assert!(!page.text().contains("type=\"file\""));
    assert_eq!(post(&supervisor, &page, &[("name", "Otra")], None).status(), 403);
    assert_eq!(Client::staff(&server, "agente").get(ADDRESS).status(), 403);
    for address in
        [ADDRESS, "/desk/admin/plans", "/desk/admin/displays", "/desk/admin/server", "/desk/admin/register"]
    {
        let led = server.ask("GET", address, "Accept: text/html\r\n", b"");
        let location = format!("/desk/sign-in?next={address}");
        assert_eq!((led.status(), led.header("location")), (302, location));
    }
}

#[test]
fn provider_applied_on_the_command_line_is_shown_by_a_running_server() {
    let server = Server::start(Demo::Off);
    server.run(&["settings", "export", "out"]);
    let file = server.data().parent().unwrap().join("out/provider.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Vigía", "Andina TI")).unwrap();
    server.run(&["settings", "apply", "out", "--apply"]);
    until("the new name", || server.get("/").contains("· Andina TI</title>").then_some(()));
    assert!(server.run(&["settings", "history"]).contains("provider.toml"));
}
