//! The first start of an empty desk over the real binary: its link, the first administrator, the list, the test mail.

mod support;

use support::{Answer, Demo, Server};

const FORM: &str = "name=Ana+Rivas&mail=ana%40cumbre.example&new=caballo+azul+grande";

fn post(server: &Server, path: &str, cookie: &str, body: &str) -> Answer {
    let head = format!("Content-Type: application/x-www-form-urlencoded\r\nCookie: {cookie}\r\n");
    server.ask("POST", path, &head, body.as_bytes())
}

fn get(server: &Server, path: &str, cookie: &str) -> Answer {
    server.ask("GET", path, &format!("Cookie: {cookie}\r\nAccept: text/html\r\n"), b"")
}

/// The path of the newest link in the log.
fn link(server: &Server) -> Option<String> {
    let log = server.log();
    let (_, rest) = log.rsplit_once("/desk/start/")?;
    let code: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some(format!("/desk/start/{code}"))
}

/// What stands between two texts of a page, the first time.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let found = page.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("{before}: {page}")).0
}

fn device_code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
}

#[test]
fn empty_desk_is_taken_over_by_its_link_with_a_second_factor() {
    let server = Server::start(Demo::Off);
    let link = link(&server).unwrap();
    assert!(server.get("/").contains("Esta mesa se está preparando"), "the form stays, with a notice");
    assert!(server.get("/").contains("name=\"fault\""));
    assert!(server.get("/desk/sign-in").contains("no tiene administrador"));

    let page = server.get(&link);
    assert!(page.contains("Prepare esta mesa") && !page.contains(".wasm"), "{page}");
    let wrong = post(&server, &link, "", "name=Ana+Rivas&mail=ana&new=corta");
    let page = wrong.text();
    assert_eq!(wrong.status(), 422, "{page}");
    assert!(page.contains("value=\"Ana Rivas\"") && page.contains("value=\"ana\""), "{page}");
    assert!(page.contains("id=\"mail-error\"") && !page.contains("corta"), "{page}");
    let short = post(&server, &link, "", "name=Ana+Rivas&mail=ana%40cumbre.example&new=corta");
    assert!(short.status() == 422 && short.text().contains("id=\"new-error\""), "{}", short.text());

    let began = post(&server, &link, "", FORM);
    let page = began.text();
    assert_eq!((began.status(), began.header("set-cookie").as_str()), (200, ""), "a factor comes first");
    assert!(page.contains("Active el segundo factor"), "{page}");
    let step = between(&page, "name=\"step\" value=\"", "\"").to_owned();
    let code = device_code(between(&page, "factor__secret\">", "<"));
    let next = "%2Fdesk%2Fadmin%2Fsetup";
    let entered = post(&server, "/desk/sign-in/code", "", &format!("step={step}&code={code}&next={next}"));
    assert!(entered.text().contains("href=\"/desk/admin/setup\""), "{}", entered.text());
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();

    let late = post(&server, &link, "", "name=Luis+Mora&mail=luis%40cumbre.example&new=caballo+verde+grande");
    assert!(late.status() == 409 && late.text().contains("ya tiene administrador"), "{}", late.text());
    assert!(!server.get("/").contains("Esta mesa se está preparando"));

    let list = get(&server, "/desk/admin/setup", &cookie).text();
    assert!(list.contains("1 de 7 pasos") && !list.contains(".wasm"), "{list}");
    let stands = post(&server, "/desk/admin/setup", &cookie, "step=plans&mark=settled");
    assert_eq!((stands.status(), stands.header("location").as_str()), (303, "/desk/admin/setup"));
    assert!(get(&server, "/desk/admin/setup", &cookie).text().contains("2 de 7 pasos"));
    assert_eq!(post(&server, "/desk/admin/setup", &cookie, "step=none&mark=settled").status(), 400);

    let tested = post(&server, "/desk/admin/server", &cookie, "act=test_mail");
    let page = tested.text();
    assert!(tested.status() == 200 && page.contains("quedó como archivo"), "{page}");
    assert!(page.contains("ana@cumbre.example"), "{page}");
}

#[test]
fn link_is_renewed_by_a_restart_while_there_is_nobody() {
    let server = Server::start(Demo::Off);
    let first = link(&server).unwrap();
    let server = server.restart(Demo::Off, &[]);
    let second = link(&server).unwrap();
    assert_ne!(first, second);
    let old = server.get(&first);
    assert!(old.starts_with("HTTP/1.1 404") && old.contains("Cada inicio del servidor"), "{old}");
    assert_eq!(post(&server, &first, "", FORM).status(), 404);
    server.run(&["user", "add", "--name", "Ana", "--mail", "ana@cumbre.example", "--role", "administrator"]);
    assert_eq!(post(&server, &second, "", FORM).status(), 409, "the operator was faster");
    let server = server.restart(Demo::Off, &[]);
    assert_eq!(link(&server), None, "a desk with an administrator writes none");
}

#[test]
fn link_of_another_site_or_none_makes_nobody_administrator() {
    let server = Server::start(Demo::Off);
    let link = link(&server).unwrap();
    let foreign = "Content-Type: application/x-www-form-urlencoded\r\nOrigin: https://evil.example\r\n\
                   Sec-Fetch-Site: cross-site\r\n";
    assert_eq!(server.ask("POST", &link, foreign, FORM.as_bytes()).status(), 403);
    let none = "0".repeat(64);
    assert_eq!(post(&server, &format!("/desk/start/{none}"), "", FORM).status(), 404);
    assert!(server.get(&link).contains("Prepare esta mesa"), "still good");
    let of_demo =
        post(&server, &link, "", "name=Ana+Rivas&mail=agente%40vigia.example&new=caballo+azul+grande");
    assert!(
        of_demo.status() == 422 && of_demo.text().contains("es de la demostración"),
        "{}",
        of_demo.text()
    );
    // An address as a mail program copies it.
    let pasted = "name=Ana+Rivas&mail=Ana+Rivas+%3CAna%40Cumbre.example%3E&new=caballo+azul+grande";
    let began = post(&server, &link, "", pasted);
    assert!(began.status() == 200 && began.text().contains("Active el segundo factor"), "{}", began.text());
}

#[test]
fn demonstration_writes_no_link_and_its_list_is_for_administrators() {
    let server = Server::start(Demo::On);
    assert_eq!(link(&server), None);
    let agent = support::Person::sign_in(&server, "agente@vigia.example");
    for (method, path) in [("GET", "/desk/admin/setup"), ("GET", "/desk/admin/server")] {
        let head = format!("Cookie: {}\r\n", agent.cookie);
        assert_eq!(server.ask(method, path, &head, b"").status(), 403, "{path}");
    }
    assert_eq!(post(&server, "/desk/admin/setup", &agent.cookie, "step=list&mark=settled").status(), 403);
    assert_eq!(post(&server, "/desk/admin/server", &agent.cookie, "act=test_mail").status(), 403);
    assert_eq!(post(&server, "/desk/admin/server", "", "act=test_mail").status(), 303);
}

#[test]
fn page_of_the_server_says_what_the_doctor_says_and_checks_the_integrity() {
    let server = Server::start(Demo::On);
    let admin = support::Person::sign_in(&server, "administracion@vigia.example");
    let page = admin.get("/desk/admin/server").text();
    for part in [
        "La configuración",
        "No hay servidor de correo",
        "Disco:",
        "El reloj coincide",
        "Nunca se ha revisado",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(".wasm"), "no bundle");
    let checked = post(&server, "/desk/admin/server", &admin.cookie, "act=check");
    assert_eq!(checked.header("location"), "/desk/admin/server#integrity");
    let page = support::until("the end of the check", || {
        let page = admin.get("/desk/admin/server").text();
        (!page.contains("Nunca se ha revisado")).then_some(page)
    });
    assert!(page.contains("Sin contradicciones en 16 casos"), "{page}");
    assert_eq!(post(&server, "/desk/admin/server", &admin.cookie, "act=none").status(), 400);
}

#[test]
fn personal_data_are_kept_as_long_as_the_form_says_and_erased_on_request() {
    let server = Server::start(Demo::On);
    let admin = support::Person::sign_in(&server, "administracion@vigia.example");
    let page = "/desk/admin/privacy";
    assert!(admin.get(page).text().contains("Se conservan sin límite"));
    let wrong = post(&server, page, &admin.cookie, "act=keep&days=12");
    assert!(wrong.status() == 422 && wrong.text().contains("value=\"12\""), "{}", wrong.text());
    assert!(wrong.text().contains("id=\"days-error\""), "{}", wrong.text());
    let kept = post(&server, page, &admin.cookie, "act=keep&days=730");
    assert_eq!(kept.header("location"), "/desk/admin/privacy?done=kept");
    assert!(admin.get(page).text().contains("Se conservan 730 días"));

    let ximena = "ximena.olvera%40anahuac.example";
    let found = support::until("the search terms", || {
        let found = post(&server, page, &admin.cookie, &format!("act=find&mail={ximena}")).text();
        found.contains("2 casos con").then_some(found)
    });
    assert!(found.contains("Descargar sus datos") && found.contains("Ximena Olvera"), "{found}");
    // The older one has ended. It stands last.
    let ended = found.rsplit_once("name=\"case.").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
    let chosen = format!("case.{ended}=yes");
    assert_eq!(post(&server, page, &admin.cookie, "act=find&mail=ximena").status(), 422);
    for act in ["export", "erase"] {
        let none = post(&server, page, &admin.cookie, &format!("act={act}&mail={ximena}&sure=yes"));
        assert!(none.status() == 422 && none.text().contains("id=\"cases-error\""), "{}", none.text());
    }
    let ximena = format!("{ximena}&{chosen}");
    let file = post(&server, page, &admin.cookie, &format!("act=export&mail={ximena}"));
    assert!(file.header("content-disposition").contains("attachment"), "{}", file.text());
    assert!(file.text().contains("Ximena Olvera") && file.header("content-type") == "application/json");
    let unsure = post(&server, page, &admin.cookie, &format!("act=erase&mail={ximena}"));
    assert!(unsure.status() == 422 && unsure.text().contains("id=\"sure-error\""), "{}", unsure.text());
    let erased = post(&server, page, &admin.cookie, &format!("act=erase&mail={ximena}&sure=yes"));
    assert_eq!(erased.status(), 303, "{}", erased.text());
    assert_eq!(erased.header("location"), "/desk/admin/privacy?done=erased", "no address in an address");
    assert!(admin.get(&erased.header("location")).text().contains("Los datos se borraron"));
    let left = post(&server, page, &admin.cookie, &format!("act=find&mail={ximena}")).text();
    assert!(left.contains("Un caso con") && !left.contains(ended), "{left}");

    let agent = support::Person::sign_in(&server, "agente@vigia.example");
    assert_eq!(agent.get(page).status(), 403);
    assert_eq!(post(&server, page, &agent.cookie, &format!("act=export&mail={ximena}")).status(), 403);
}
