//! Accounts over the real router, as plain forms: one's own, invitations, roles, and passwords that were forgotten.

mod support;

use std::thread::park_timeout;
use std::time::{Duration, Instant};

use domain::case_number::CaseNumber;
use domain::country::Country;
use serde_json::json;
use support::{Answer, Demo, Person, Server, open_case};

const ADMINISTRATOR: &str = "administracion@vigia.example";
const SUPERVISOR: &str = "supervisor@vigia.example";
const AGENT: &str = "agente@vigia.example";
const PUBLIC: &str = "demostracion-vigia";

fn post(server: &Server, path: &str, cookie: &str, body: &str) -> Answer {
    let head = format!("Content-Type: application/x-www-form-urlencoded\r\nCookie: {cookie}\r\n");
    server.ask("POST", path, &head, body.as_bytes())
}

/// The last part of the newest link by which a password is chosen, from the mails that the desk has written into its folder.
fn mailed_link(server: &Server, to: &str) -> String {
    let begun = Instant::now();
    loop {
        let folder = server.data().join("mail");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut links: Vec<(u64, String)> = files
            .filter_map(|file| {
                let text = std::fs::read_to_string(file.path()).ok()?.replace("=\r\n", "");
                let link = text.split_once("/desk/password/")?.1;
                let is_link = |c: char| c.is_ascii_alphanumeric() || c == '-';
                let link = link.split(|c| !is_link(c)).next()?.to_owned();
                let id = link.split('-').next()?.parse().ok()?;
                text.contains(to).then_some((id, link))
            })
            .collect();
        links.sort();
        if let Some((_, link)) = links.pop() {
            return link;
        }
        assert!(begun.elapsed() < Duration::from_mins(3), "no mail came to {to}");
        park_timeout(Duration::from_millis(5));
    }
}

/// Whether a page leads to the sign-in.
fn is_signed_out(person: &Person<'_>) -> bool {
    let head = format!("Cookie: {}\r\nAccept: text/html\r\n", person.cookie);
    person
        .server
        .ask("GET", "/desk/account", &head, b"")
        .header("location")
        .starts_with("/desk/sign-in?next=")
}

/// The page of somebody, as the list of people links it.
fn page_of(list: &str, name: &str) -> String {
    // The frame names whoever reads the page.
    let (_, table) = list.split_once("<table").unwrap();
    let (before, _) = table.split_once(&format!(">{name}<")).unwrap();
    before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

const ANA: &str = "ana@cumbre.example";
const HERS: &str = "caballo azul grande";

/// Invites Ana Rivas as an agent, who comes: the demonstration is closed then.
fn ana_joins(server: &Server) {
    let boss = Person::sign_in(server, ADMINISTRATOR);
    let invited = "act=one&name=Ana+Rivas&mail=ana%40cumbre.example&role=agent";
    assert_eq!(post(server, "/desk/admin/people/invite", &boss.cookie, invited).status(), 303);
    let path = format!("/desk/password/{}", mailed_link(server, ANA));
    assert_eq!(post(server, &path, "", &format!("new={}", HERS.replace(' ', "+"))).status(), 303);
}

/// Ana, signed in.
fn ana(server: &Server) -> Person<'_> {
    let form = format!("mail={}&password={}", ANA.replace('@', "%40"), HERS.replace(' ', "+"));
    let entered = post(server, "/desk/sign-in", "", &form);
    assert_eq!(entered.status(), 303);
    Person { server, cookie: entered.header("set-cookie").split(';').next().unwrap().to_owned() }
}

#[test]
fn account_of_the_demonstration_is_not_changed_by_its_visitors() {
    let server = Server::start(Demo::On);
    let (this, other) = (Person::sign_in(&server, AGENT), Person::sign_in(&server, AGENT));
    let password = format!("act=password&current={PUBLIC}&new=yegua+verde+chica");
    let factor = format!("act=begin_factor&password={PUBLIC}");
    for form in [password.as_str(), factor.as_str(), "act=end_others"] {
        let refused = post(&server, "/desk/account", &this.cookie, form);
        assert_eq!(refused.status(), 422, "{form}");
        assert!(refused.text().contains("Esta cuenta es de la demostración"), "{form}");
    }
    assert!(!is_signed_out(&other));
    assert!(!this.get("/desk/account").text().contains("Desde 127.0.0.1"), "visitors do not see each other");
    Person::sign_in(&server, AGENT);
}

#[test]
fn own_password_is_changed_without_a_script() {
    let server = Server::start(Demo::On);
    ana_joins(&server);
    let (this, other) = (ana(&server), ana(&server));
    let page = this.get("/desk/account").text();
    for part in
        ["Ana Rivas", ANA, "Esta sesión", "127.0.0.1", "name=\"current\"", "autocomplete=\"new-password\""]
    {
        assert!(page.contains(part), "{part}");
    }
    let wrong =
        post(&server, "/desk/account", &this.cookie, "act=password&current=no+es+esta&new=yegua+verde+chica");
    assert_eq!(wrong.status(), 422);
    let page = wrong.text();
    assert!(page.contains("No es su contraseña actual"), "{page}");
    assert!(!page.contains("yegua verde chica"), "a password is not written back");
    let current = HERS.replace(' ', "+");
    let form = format!("act=password&current={current}&new=Password2026%21");
    let common = post(&server, "/desk/account", &this.cookie, &form);
    assert_eq!(common.status(), 422);
    assert!(common.text().contains("id=\"new-error\""));

    let form = format!("act=password&current={current}&new=yegua+verde+chica");
    let changed = post(&server, "/desk/account", &this.cookie, &form);
    assert_eq!((changed.status(), changed.header("location").as_str()), (303, "/desk/account?done=password"));
    assert!(this.get("/desk/account?done=password").text().contains("La contraseña cambió"));
    assert!(is_signed_out(&other));
    let entered = post(&server, "/desk/sign-in", "", "mail=ana%40cumbre.example&password=yegua+verde+chica");
    assert_eq!(entered.status(), 303);
    assert!(!server.log().contains("yegua"), "nothing of it is logged");
}

#[test]
fn sessions_and_language_are_kept_without_a_script() {
    let server = Server::start(Demo::On);
    ana_joins(&server);
    let (this, other) = (ana(&server), ana(&server));
    let page = this.get("/desk/account").text();
    let name =
        page.split("name=\"session\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let ended = post(&server, "/desk/account", &this.cookie, &format!("act=end&session={name}"));
    assert_eq!(ended.header("location"), "/desk/account?done=session");
    assert!(is_signed_out(&other));
    assert_eq!(this.get("/desk/account").status(), 200);
    let third = ana(&server);
    let ended = post(&server, "/desk/account", &this.cookie, "act=end_others");
    assert_eq!(ended.header("location"), "/desk/account?done=sessions");
    assert!(this.get("/desk/account?done=sessions").text().contains("Las demás sesiones se cerraron"));
    assert!(is_signed_out(&third));
    let chosen = post(&server, "/desk/account", &this.cookie, "act=language&language=pt");
    let next = chosen.header("location");
    let switched = this.get(&next);
    assert!(switched.header("set-cookie").contains("vigia-language=pt"), "{next}");
    assert_eq!(switched.header("location"), "/desk/account?done=language");
    for nonsense in ["", "act=fly", "act=language&language=xx"] {
        assert_eq!(post(&server, "/desk/account", &this.cookie, nonsense).status(), 400, "{nonsense}");
    }
    assert_eq!(post(&server, "/desk/account", "", "act=end_others").status(), 303, "to the sign-in");
}

#[test]
fn forgotten_password_answers_alike_and_its_link_works_once() {
    let server = Server::start(Demo::On);
    let known = post(&server, "/desk/password", "", "mail=agente%40vigia.example");
    let unknown = post(&server, "/desk/password", "", "mail=nobody%40vigia.example");
    for answer in [&known, &unknown] {
        assert_eq!((answer.status(), answer.header("location").as_str()), (303, "/desk/password?sent=1"));
        assert_eq!(answer.header("set-cookie"), "");
    }
    assert_eq!(known.text(), unknown.text());
    let page = server.get("/desk/password?sent=1");
    assert!(page.contains("Revise su correo") && !page.contains(".wasm"), "{page}");
    let slip = post(&server, "/desk/password", "", "mail=agente");
    assert_eq!(slip.status(), 422);
    assert!(slip.text().contains("value=\"agente\""), "what was typed stays");

    let before = Person::sign_in(&server, AGENT);
    let link = mailed_link(&server, AGENT);
    let path = format!("/desk/password/{link}");
    let page = server.get(&path);
    assert!(page.starts_with("HTTP/1.1 200") && page.contains(AGENT) && !page.contains(".js\""), "{page}");
    let short = post(&server, &path, "", "new=corta");
    assert_eq!(short.status(), 422);
    assert!(short.text().contains("id=\"new-error\""));
    let done = post(&server, &path, "", "new=yegua+verde+chica");
    assert_eq!(done.status(), 303);
    assert!(done.header("location").starts_with("/desk/sign-in?done=password&mail=agente"));
    assert!(server.get(&done.header("location")).contains("La contraseña quedó guardada"));
    assert!(is_signed_out(&before));
    assert_eq!(server.ask("GET", &path, "", b"").status(), 404);
    let again = post(&server, &path, "", "new=caballo+azul+grande");
    assert_eq!(again.status(), 404);
    assert!(again.text().contains("Este enlace ya no sirve"));
    let entered =
        post(&server, "/desk/sign-in", "", "mail=agente%40vigia.example&password=yegua+verde+chica");
    assert_eq!(entered.status(), 303);
    let code = link.rsplit('-').next().unwrap();
    assert!(!server.log().contains(code), "no link is logged");
}

#[test]
fn reset_requests_are_limited_by_network() {
    let server = Server::start(Demo::On);
    let statuses: Vec<u16> = (0..12)
        .map(|_| post(&server, "/desk/password", "", "mail=nobody%40vigia.example").status())
        .collect();
    assert_eq!(statuses, [vec![303; 10], vec![429; 2]].concat());
}

#[test]
fn invited_people_come_to_the_desk_without_a_script() {
    let server = Server::start(Demo::On);
    let boss = Person::sign_in(&server, ADMINISTRATOR);
    let page = boss.get("/desk/admin/people/invite").text();
    assert!(page.contains("name=\"list\"") && page.contains("name=\"role\""), "{page}");
    let invite = |body: &str| post(&server, "/desk/admin/people/invite", &boss.cookie, body);
    let wrong = invite("act=one&name=Ana+Rivas&mail=ana");
    assert_eq!(wrong.status(), 422);
    let page = wrong.text();
    for part in ["value=\"Ana Rivas\"", "id=\"mail-error\"", "Elija un rol"] {
        assert!(page.contains(part), "{part}");
    }
    let list = "act=many&list=Ana+Rivas%3Bana%40cumbre.example%3BAgente%0D%0ALuis%3Bluis%3BAgente";
    let wrong = invite(list);
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().contains("Línea 2"), "the line is named");
    let taken = invite("act=one&name=Marta&mail=agente%40vigia.example&role=agent");
    assert_eq!(taken.status(), 422);
    assert!(taken.text().contains("Alguien ya usa este correo"));
    let invited = invite("act=one&name=Ana+Rivas&mail=ana%40cumbre.example&role=supervisor");
    assert_eq!(
        (invited.status(), invited.header("location").as_str()),
        (303, "/desk/admin/people?done=invited")
    );
    let list = boss.get("/desk/admin/people").text();
    assert!(list.contains("Ana Rivas") && list.contains("Invitada"), "{list}");

    let path = format!("/desk/password/{}", mailed_link(&server, "ana@cumbre.example"));
    assert!(server.get(&path).contains("Le damos la bienvenida, Ana Rivas"));
    assert_eq!(post(&server, &path, "", "new=yegua+verde+chica").status(), 303);
    let entered = post(&server, "/desk/sign-in", "", "mail=ana%40cumbre.example&password=yegua+verde+chica");
    assert_eq!(entered.status(), 303);
}

#[test]
fn account_is_changed_by_administrators_alone_and_the_history_says_by_whom() {
    let server = Server::start(Demo::On);
    let (boss, supervisor) = (Person::sign_in(&server, ADMINISTRATOR), Person::sign_in(&server, SUPERVISOR));
    let agent = Person::sign_in(&server, AGENT);
    let list = boss.get("/desk/admin/people").text();
    let path = page_of(&list, "Marta Salas");
    let save = "act=save&name=Marta+Salas+Rey&mail=agente%40vigia.example&role=supervisor";
    for (person, status) in [(&agent, 403), (&supervisor, 403)] {
        assert_eq!(post(&server, &path, &person.cookie, save).status(), status);
    }
    assert_eq!(agent.get("/desk/admin/people").status(), 403);
    let read = supervisor.get(&path).text();
    assert!(read.contains("Marta Salas") && !read.contains("name=\"role\""), "supervisors read");
    let wrong = post(&server, &path, &boss.cookie, "act=save&name=&mail=marta&role=");
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().contains("id=\"mail-error\""));
    assert_eq!(post(&server, &path, &boss.cookie, save).status(), 303);
    let page = boss.get(&path).text();
    for part in ["Marta Salas Rey", "de Agente a Supervisor", "Lucía Ferrer"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(agent.get("/desk/admin/people").status(), 200, "the role counts at once");
    assert_eq!(post(&server, &path, &boss.cookie, "act=deactivate").status(), 303);
    assert!(is_signed_out(&agent));
    assert_eq!(post(&server, &path, &boss.cookie, "act=reactivate").status(), 303);

    let own = page_of(&list, "Lucía Ferrer");
    let refused = post(&server, &own, &boss.cookie, "act=deactivate");
    assert_eq!(refused.status(), 422);
    assert!(refused.text().contains("Es la última persona"), "{}", refused.text());
}

/// What a device says now that was shown this secret.
fn device_code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
}

/// What stands between two texts of a page, the first time.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before)
        .and_then(|(_, rest)| rest.split_once(after))
        .unwrap_or_else(|| panic!("{before}: {page}"))
        .0
}

#[test]
fn second_factor_is_set_up_and_asked_for_at_the_sign_in_without_a_script() {
    let server = Server::start(Demo::On);
    let boss = Person::sign_in(&server, ADMINISTRATOR);
    let required = post(&server, "/desk/admin/people", &boss.cookie, "agent=yes");
    assert_eq!(
        (required.status(), required.header("location").as_str()),
        (303, "/desk/admin/people?done=factor_roles")
    );
    assert!(boss.get("/desk/admin/people").text().contains("name=\"agent\" value=\"yes\" checked"));
    ana_joins(&server);
    let (mail, own) = (ANA.replace('@', "%40"), HERS.replace(' ', "+"));
    let password = format!("mail={mail}&password={own}&next=%2Fdesk%2Fagenda");
    let asked = post(&server, "/desk/sign-in", "", &password);
    assert_eq!((asked.status(), asked.header("set-cookie").as_str()), (200, ""));
    let page = asked.text();
    assert!(page.contains("Active el segundo factor") && page.contains("<svg "), "{page}");
    assert!(!page.contains(".wasm"), "no bundle");
    let secret = between(&page, "factor__secret\">", "<").to_owned();
    let step = between(&page, "name=\"step\" value=\"", "\"").to_owned();
    let wrong =
        post(&server, "/desk/sign-in/code", "", &format!("step={step}&code=000000&next=%2Fdesk%2Fagenda"));
    assert_eq!((wrong.status(), wrong.header("set-cookie").as_str()), (401, ""));
    assert!(wrong.text().contains("El código no es correcto") && wrong.text().contains(&secret));
    let code = device_code(&secret);
    let entered =
        post(&server, "/desk/sign-in/code", "", &format!("step={step}&code={code}&next=%2Fdesk%2Fagenda"));
    assert_eq!(entered.status(), 200);
    assert!(entered.header("set-cookie").contains("vigia-session="));
    let page = entered.text();
    assert!(page.contains("Códigos de recuperación") && page.contains("href=\"/desk/agenda\""), "{page}");
    let recovery = between(&page, "<code>", "</code>").to_owned();

    let asked = post(&server, "/desk/sign-in", "", &password);
    let page = asked.text();
    assert!(page.contains("Código de verificación") && !page.contains("<svg x"), "{page}");
    let step = between(&page, "name=\"step\" value=\"", "\"").to_owned();
    let used = post(&server, "/desk/sign-in/code", "", &format!("step={step}&code={code}"));
    assert_eq!(used.status(), 401, "a code counts once");
    let entered = post(&server, "/desk/sign-in/code", "", &format!("step={step}&code={recovery}"));
    assert_eq!((entered.status(), entered.header("location").as_str()), (303, "/desk"));
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let agent = Person { server: &server, cookie };
    assert!(agent.get("/desk/account").text().contains("Códigos de recuperación sin usar: 9"));
    for secret in [secret.replace(' ', ""), recovery] {
        assert!(!server.log().contains(&secret), "nothing of it is logged");
    }
}

#[test]
fn passkey_is_not_added_by_the_password_alone_where_there_is_a_second_factor() {
    let server = Server::start(Demo::On);
    ana_joins(&server);
    let (this, other) = (ana(&server), ana(&server));
    let own = HERS.replace(' ', "+");
    let begun = post(&server, "/desk/account", &this.cookie, &format!("act=begin_factor&password={own}"));
    assert_eq!(begun.status(), 303);
    let page = this.get("/desk/account").text();
    let secret = between(&page, "factor__secret\">", "<").to_owned();
    let form = format!("act=confirm_factor&code={}", device_code(&secret));
    let confirmed = post(&server, "/desk/account", &this.cookie, &form);
    assert_eq!(confirmed.status(), 200);
    let recovery = between(&confirmed.text(), "<code>", "</code>").to_owned();

    let add = format!("act=begin&name=Llave+azul&password={own}");
    let refused = post(&server, "/desk/account/passkeys", &other.cookie, &add);
    let proof = "/desk/account/proof?next=/desk/account/passkeys%3Fname%3DLlave%2520azul";
    assert_eq!((refused.status(), refused.header("location").as_str()), (303, proof));
    let refused = post(&server, "/desk/account/identities", &other.cookie, "act=disconnect&provider=7");
    let identities = "/desk/account/proof?next=/desk/account/identities";
    assert_eq!((refused.status(), refused.header("location").as_str()), (303, identities));
    let page = other.get(proof).text();
    assert!(page.contains("Confirme que es usted") && page.contains("name=\"code\""), "{page}");
    let next = "next=%2Fdesk%2Faccount%2Fpasskeys%3Fname%3DLlave%2520azul";
    let wrong = post(&server, "/desk/account/proof", &other.cookie, &format!("code=000000&{next}"));
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().contains("El código no es correcto") && wrong.text().contains("name=Llave%20azul"));
    let proven = post(&server, "/desk/account/proof", &other.cookie, &format!("code={recovery}&{next}"));
    let back = "/desk/account/passkeys?name=Llave%20azul";
    assert_eq!((proven.status(), proven.header("location").as_str()), (303, back));
    assert!(other.get(back).text().contains("value=\"Llave azul\""), "the name is there again");
    let begun = post(&server, "/desk/account/passkeys", &other.cookie, &add);
    assert_eq!(begun.status(), 200);
    assert!(begun.text().contains("Nueva llave de acceso: Llave azul"), "{}", begun.text());
}

/// The main part of a page, without the number of the case.
fn main_part(page: &str, number: &str) -> String {
    let (_, rest) = page.split_once("<main").unwrap();
    rest.split_once("</main>").unwrap().0.replace(number, "N")
}

#[test]
fn case_out_of_a_composed_roles_scope_is_answered_like_an_absent_one() {
    let server = Server::start(Demo::On);
    let boss = Person::sign_in(&server, ADMINISTRATOR);
    let foreign = open_case(&server, "0123456789abcdef0125")[..12].to_owned();
    let absent = CaseNumber::new(Country::Ve, 2026, 99_000).unwrap().as_compact();
    let agent = Person::sign_in(&server, AGENT);
    assert_eq!(agent.call("case_file", &json!({ "number": foreign })).0, 200, "the standing role reads it");

    let form = "act=save&name=Campo&like=agent&permit-work_cases=yes&permit-search_cases=yes\
                &permit-claim_cases=yes&permit-read_agenda=yes&organisations=all&reach=own";
    let composed = post(&server, "/desk/admin/roles/new", &boss.cookie, form);
    assert_eq!(composed.status(), 303, "{}", composed.text());
    let role = composed.header("location").split('?').next().unwrap().to_owned();
    let marta = page_of(&boss.get("/desk/admin/people").text(), "Marta Salas");
    let id = marta.rsplit('/').next().unwrap();
    assert_eq!(post(&server, &role, &boss.cookie, &format!("act=give&person={id}")).status(), 303);
    assert!(boss.get(&role).text().contains("Marta Salas"));
    assert!(boss.get("/desk/admin/people").text().contains("Campo"));

    for name in ["case_file", "candidates", "replies", "booked"] {
        let [theirs, none] = [&foreign, &absent].map(|number| agent.call(name, &json!({ "number": number })));
        assert_eq!(theirs.0, 404, "{name}");
        assert_eq!(theirs, none, "{name}");
    }
    let [theirs, none] = [&foreign, &absent].map(|number| {
        let page = agent.get(&format!("/desk/cases/{number}"));
        (page.status(), main_part(&page.text(), number))
    });
    assert_eq!(theirs, none);
    for path in ["/events/file/{}", "/desk/cases/{}/account.pdf", "/desk/cases/{}/files/1"] {
        let [theirs, none] = [&foreign, &absent].map(|number| agent.get(&path.replace("{}", number)));
        assert_eq!((theirs.status(), theirs.body()), (none.status(), none.body()), "{path}");
        assert_ne!(theirs.status(), 200, "{path}");
    }
    let found = agent.call("find_cases", &json!({ "text": foreign }));
    assert!(!found.1.to_string().contains(&foreign), "{}", found.1);
    // What the role does not permit is refused.
    assert_eq!(post(&server, &role, &agent.cookie, &format!("act=take&person={id}")).status(), 403);

    let refused = post(
        &server,
        "/desk/admin/roles/new",
        &boss.cookie,
        "act=save&name=Otra&like=agent&permit-read_reports=yes&country-CO=yes&organisations=all&reach=all",
    );
    assert_eq!(refused.status(), 422);
    assert!(refused.text().contains("Con un alcance no se pueden dar: Leer informes"));
}
