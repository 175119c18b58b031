//! Customers who sign in, over the real router: plain forms, one answer for every address, and nothing without a session.

mod support;

use support::client::{FORM, limited, signed_in_customer};
use support::{Answer, Demo, Person, Server, open_case, until};

const ANA: &str = "ana@cumbre.example";

fn post(server: &Server, path: &str, cookie: &str, body: &str) -> Answer {
    server.ask("POST", path, &format!("{FORM}Cookie: {cookie}\r\n"), body.as_bytes())
}

fn get(server: &Server, path: &str, cookie: &str) -> Answer {
    server.ask("GET", path, &format!("Cookie: {cookie}\r\nAccept: text/html\r\n"), b"")
}

/// Name and value of the first cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    answer.headers("set-cookie")[0].split(';').next().unwrap().to_owned()
}

/// Waits until the address is known as a contact's, which it is shortly after the opening. Then asks for a code. Gives the
/// answer, and the text of the mail from the folder that the server writes mails to.
fn asked_and_mailed(server: &Server) -> (Answer, String) {
    let administrator = Person::sign_in(server, "administracion@vigia.example");
    let body = format!("mail={}", ANA.replace('@', "%40"));
    until("the address in the index", || {
        let found =
            post(server, "/desk/admin/privacy", &administrator.cookie, &format!("act=find&{body}")).text();
        found.contains("Un caso con ").then_some(())
    });
    let asked = post(server, "/my/sign-in", "", &body);
    let folder = server.data().join("mail");
    let text = until("the mail with the code", || {
        std::fs::read_dir(&folder).ok()?.flatten().find_map(|file| {
            let text = std::fs::read_to_string(file.path()).ok()?.replace("=\r\n", "").replace("=3D", "=");
            text.contains("/my/enter/").then_some(text)
        })
    });
    (asked, text)
}

#[test]
fn customer_signs_in_by_code_and_sees_their_cases_until_they_sign_out() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0123");
    assert!(server.get("/").contains("href=\"/my\""), "the first page leads there");
    assert_eq!(server.ask("GET", "/my", "", b"").header("location"), "/my/sign-in");
    let form = server.get("/my/sign-in");
    assert!(form.contains("action=\"/my/sign-in\"") && !form.contains("_bg.wasm"), "a plain form: {form}");

    let (asked, mail) = asked_and_mailed(&server);
    assert_eq!((asked.status(), asked.header("location").as_str()), (303, "/my/code"));
    let line = &asked.headers("set-cookie")[0];
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
    let waits = cookie(&asked);
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    let code = mail.lines().map(str::trim).find(is_code).unwrap_or_else(|| panic!("no code: {mail}"));

    let wrong = post(&server, "/my/code", &waits, "code=12");
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().contains("id=\"code-error\""), "{}", wrong.text());
    let entered = post(&server, "/my/code", &waits, &format!("code={code}"));
    assert_eq!((entered.status(), entered.header("location").as_str()), (303, "/my/cases"));
    let session = cookie(&entered);
    assert_ne!(session, waits);

    let cases = until("the case in the list", || {
        let page = get(&server, "/my/cases", &session).text();
        page.contains(&format!("/track/{tracking}")).then_some(page)
    });
    assert!(cases.contains(ANA) && cases.contains("El conmutador se apaga solo."), "{cases}");
    assert_eq!(get(&server, "/my", &session).header("location"), "/my/cases");
    let body = "name=Ana+Rivas&phone=%2B57+601+5550103&language=es&mail-survey=yes";
    let saved = post(&server, "/my/profile", &session, body);
    assert_eq!((saved.status(), saved.header("location").as_str()), (303, "/my/profile?done=saved&lang=es"));
    let profile = get(&server, "/my/profile", &session).text();
    assert!(
        profile.contains("value=\"Ana Rivas\"") && profile.contains("name=\"mail-updates\""),
        "{profile}"
    );
    let wrong = post(&server, "/my/profile", &session, "name=Ana&phone=12");
    assert!(wrong.status() == 422 && wrong.text().contains("id=\"phone-error\""), "{}", wrong.text());
    let form = get(&server, "/my/case", &session).text();
    assert!(form.contains("Ana Rivas") && form.contains(ANA) && form.contains("action=\"/\""), "{form}");
    for page in ["/my/profile", "/my/case"] {
        assert!(!get(&server, page, "").text().contains("Ana Rivas"), "{page} without a session");
    }
    let equipment = get(&server, "/my/equipment", &session);
    assert!(equipment.status() == 200 && equipment.text().contains("contacto de un contrato"));
    let nothing = get(&server, "/my/cases?find=%27&of=company&state=ended&page=99", &session);
    assert!(nothing.status() == 200 && nothing.text().contains("No hay ningún caso"), "{}", nothing.text());

    let file = get(&server, "/my/cases.csv", &session);
    assert_eq!((file.status(), file.header("content-type").as_str()), (200, "text/csv; charset=utf-8"));
    assert!(file.text().contains("El conmutador se apaga solo."), "{}", file.text());
    let none = get(&server, "/my/cases.csv?find=nada+de+esto", &session);
    assert_eq!(none.text().lines().count(), 1, "what the list shows");

    let left = post(&server, "/my/sign-out", &session, "");
    assert_eq!((left.status(), left.header("location").as_str()), (303, "/my/sign-in"));
    assert!(
        is_led_to_the_sign_in(&get(&server, "/my/cases", &session)),
        "a copy of the cookie is worth nothing"
    );
}

#[test]
fn company_is_administered_by_its_own_people_and_absent_for_others() {
    let server = Server::start(Demo::On);
    let staff = Person::sign_in(&server, "administracion@vigia.example");
    let piece = get(&server, "/desk/admin/register/equipment/FOC2614A1B2", &staff.cookie).text();
    let own = piece.split_once("/desk/admin/register/organisations/").unwrap().1;
    let own: String = own.chars().take_while(char::is_ascii_digit).collect();
    let people = format!("/desk/admin/register/organisations/{own}/people");
    let people = people.as_str();
    let named =
        post(&server, people, &staff.cookie, "act=name&standing=administrator&mail=jefa%40cumbre.example");
    assert_eq!((named.status(), named.header("location")), (303, format!("{people}?done=saved")));
    let public = post(&server, people, &staff.cookie, "act=confirm&domain=gmail.com");
    assert_eq!(public.status(), 422);
    assert!(public.text().contains("id=\"domain-error\""), "{}", public.text());
    let agent = Person::sign_in(&server, "agente@vigia.example");
    assert_eq!(post(&server, people, &agent.cookie, "act=confirm&domain=cumbre.example").status(), 403);

    let chief = signed_in_customer(&server, "jefa@cumbre.example");
    let page = get(&server, "/my/colleagues", &chief).text();
    assert!(page.contains("jefa@cumbre.example") && page.contains("Invitar a un colega"), "{page}");
    let invite = |company: &str, mail: &str| {
        post(&server, "/my/colleagues", &chief, &format!("act=invite&company={company}&mail={mail}"))
    };
    assert_eq!(invite(&own, "luis%40cumbre.example").header("location"), "/my/colleagues?done=invited");
    let wrong = invite(&own, "luis");
    assert!(wrong.status() == 422 && wrong.text().contains("id=\"mail-error\""), "{}", wrong.text());
    let other = if own == "2" { "3" } else { "2" };
    let (foreign, absent) =
        (invite(other, "luis%40cumbre.example"), invite("999999", "luis%40cumbre.example"));
    assert_eq!((foreign.status(), absent.status()), (404, 404));

    let luis = signed_in_customer(&server, "luis@cumbre.example");
    let absent = get(&server, "/my/colleagues", &luis);
    assert_eq!(absent.status(), 404, "a colleague administers nothing");
    assert!(absent.text().contains("<title>Esta página"), "{}", absent.text());
    let equipment = get(&server, "/my/equipment", &luis).text();
    assert!(equipment.contains("FOC2614A1B2") && equipment.contains("Horario de servicio"), "{equipment}");
    let report = get(&server, "/my/report", &luis).text();
    assert!(report.contains("Nuestro informe") && !report.contains("/desk/"), "{report}");
    let (foreign, absent) = (format!("/my/report?company={other}"), "/my/report?company=999999");
    assert_eq!(get(&server, &foreign, &luis).status(), 404);
    assert_eq!(get(&server, absent, &luis).status(), 404);
    let label = get(&server, "/my/label.pdf?serial=FOC2614A1B2", &luis);
    assert_eq!((label.status(), label.header("content-type").as_str()), (200, "application/pdf"));
    let foreign = get(&server, "/my/label.pdf?serial=MXQ3410ABC", &luis);
    let absent = get(&server, "/my/label.pdf?serial=NONE", &luis);
    assert_eq!((foreign.status(), absent.status(), foreign.body()), (404, 404, absent.body()));
    let events = |cookie: &str| server.head(&format!("GET /my/events HTTP/1.1\r\nCookie: {cookie}\r\n\r\n"));
    assert_eq!(events(&luis).status(), 200);
    let remove = format!("act=remove&company={own}&mail=luis%40cumbre.example");
    let removed = post(&server, "/my/colleagues", &chief, &remove);
    assert_eq!(removed.header("location"), "/my/colleagues?done=removed");
    assert!(is_led_to_the_sign_in(&get(&server, "/my/equipment", &luis)));
    let over = get(&server, "/my/events", &luis);
    assert!(
        over.text().contains("event: ended") && over.text().contains("data: /my/cases"),
        "{}",
        over.text()
    );
    assert_eq!(post(&server, "/my/colleagues", "", "act=invite").header("location"), "/my/sign-in");
}

fn is_led_to_the_sign_in(answer: &Answer) -> bool {
    matches!(answer.status(), 302 | 303) && answer.header("location") == "/my/sign-in"
}

#[test]
fn lists_of_customers_are_closed_to_everyone_else() {
    let server = Server::start(Demo::On);
    let administrator = Person::sign_in(&server, "administracion@vigia.example");
    let forged = format!("vigia-customer={}", "0".repeat(64));
    for holder in ["", forged.as_str(), administrator.cookie.as_str()] {
        for path in [
            "/my/cases",
            "/my/equipment",
            "/my/cases?of=company",
            "/my/cases.csv",
            "/my/label.pdf",
            "/my/colleagues",
        ] {
            let answer = get(&server, path, holder);
            assert!(is_led_to_the_sign_in(&answer), "{path} {holder}: {}", answer.status());
        }
    }
    let over = get(&server, &format!("/my/enter/{}-{}", "0".repeat(32), "0".repeat(32)), "");
    assert!(over.status() == 200 && over.text().contains("El enlace ya no sirve"), "{}", over.text());
    let pressed = post(&server, "/my/enter/x", "", "");
    assert_eq!((pressed.status(), pressed.header("location").as_str()), (303, "/my/enter/x"));
    let everywhere = post(&server, "/my/sign-out", &forged, "where=everywhere");
    assert_eq!(everywhere.status(), 303);
}

#[test]
fn the_answer_is_the_same_for_known_and_unknown_addresses() {
    let server = Server::start(Demo::On);
    open_case(&server, "0123456789abcdef0123");
    let told = |mail: &str| {
        let answer = post(&server, "/my/sign-in", "", &format!("mail={mail}"));
        (answer.status(), answer.header("location"), answer.header("set-cookie").len(), answer.text())
    };
    assert_eq!(told("ana%40cumbre.example"), told("nobody%40cumbre.example"));
    let wrong = post(&server, "/my/sign-in", "", "mail=ana.rivas");
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().contains("value=\"ana.rivas\"") && wrong.text().contains("id=\"mail-error\""));
    assert!((0..20).any(|_| told("nobody%40cumbre.example").0 == 429), "a network asks for few");
    let refused = limited(|| post(&server, "/my/sign-in", "", "mail=ana%40cumbre.example"));
    assert!(refused.status() == 429 && refused.text().contains("value=\"ana@cumbre.example\""));
}

#[test]
fn reports_files_and_searches_of_a_customer_are_limited_and_their_list_is_not() {
    let server = Server::start(Demo::On);
    open_case(&server, "0123456789abcdef0123");
    let (_, mail) = asked_and_mailed(&server);
    let link = mail.split_once("/my/enter/").unwrap().1;
    let link: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let session = cookie(&post(&server, &format!("/my/enter/{link}"), "", ""));
    // The allowance refills with time, so it is used until it is refused.
    for path in ["/my/cases.csv", "/my/report", "/my/cases?find=a", "/my/label.pdf?serial=x"] {
        let mut answers = (0..100).map(|_| get(&server, path, &session));
        assert!(answers.any(|answer| answer.status() == 429), "{path}");
    }
    assert_eq!(get(&server, "/my/cases", &session).status(), 200);
}
