//! Access of strangers, over the real binary.

mod support;

use std::io::Read as _;
use std::net::TcpStream;

use serde_json::json;
use support::{Answer, Demo, Person, Server, open_case, sign_in, until};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// The status of the queue's page.
fn reads(person: &Person<'_>) -> u16 {
    person.call("queue_page", &json!({ "state": "open", "country": null, "whose": "anybodys", "page": 1 })).0
}

/// Opens a stream and holds it open; its status.
fn follow(server: &Server, path: &str, cookie: &str) -> (TcpStream, u16) {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n", server.host());
    let mut stream = server.send(head.as_bytes());
    let answer = Answer::read_head(&mut stream);
    (stream, answer.status())
}

#[test]
fn streams_are_limited_per_case_link() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let (mine, other) =
        (open_case(&server, "0123456789abcdef0123"), open_case(&server, "0123456789abcdef0124"));
    let mut held = Vec::new();
    let refused = (0..500).find(|_| {
        let (stream, status) = follow(&server, &format!("/events/case/{mine}"), "");
        held.push(stream);
        status != 200
    });
    assert!(refused.is_some_and(|taken| taken >= 10), "tabs of a family have room: {refused:?}");
    let (_, status) = follow(&server, &format!("/events/case/{mine}"), "");
    assert_eq!(status, 429);
    // Another link and a session of the staff read nothing of it.
    let kept = [
        follow(&server, &format!("/events/case/{other}"), ""),
        follow(&server, "/events/board", &agent.cookie),
        follow(&server, &format!("/events/file/{}", &mine[..12]), &agent.cookie),
    ];
    assert_eq!(kept.each_ref().map(|(_, status)| *status), [200; 3]);
    // A closed stream makes room.
    drop(held);
    let comes_in = || follow(&server, &format!("/events/case/{mine}"), "").1 == 200;
    until("room for another", || comes_in().then_some(()));
}

#[test]
fn open_file_limit_is_raised_to_the_maximum() {
    let server = Server::start_with_files(300);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.process())).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap_or(u64::MAX));
    let (soft, hard) = (numbers.next().unwrap(), numbers.next().unwrap());
    assert!(soft >= hard.min(16_000), "{soft} of {hard}");
}

#[test]
fn metrics_are_served_at_their_own_address() {
    let server = Server::start(Demo::Off);
    // As a proxy on this machine forwards it without adding a header.
    assert_eq!(server.ask("GET", "/metrics", "", b"").status(), 404);
    let figures = server.metrics();
    for name in ["vigia_cases_open", "vigia_streams_open", "vigia_connections_open"] {
        assert!(figures.contains(&format!("\n{name} ")), "{figures}");
    }
}

#[test]
fn requests_are_counted_by_route_and_metrics_hold_no_address() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0900");
    for path in [format!("/track/{tracking}").as_str(), "/nowhere/ana@cumbre.example", "/wp-login.php"] {
        server.get(path);
    }
    let figures = server.metrics();
    for line in [
        r#"vigia_http_requests_total{route="/",method="POST",status="3xx"} 1"#,
        r#"vigia_http_requests_total{route="/track/{tracking}",method="GET",status="2xx"} 1"#,
        r#"vigia_http_requests_total{route="unmatched",method="GET",status="4xx"} 2"#,
        r#"vigia_http_request_duration_seconds_count{route="/track/{tracking}",method="GET"} 1"#,
    ] {
        assert!(figures.lines().any(|told| told == line), "{line} in {figures}");
    }
    for name in [
        "vigia_mails_oldest_queued_seconds",
        "vigia_scheduler_lag_seconds",
        "vigia_writer_wait_seconds_count",
    ] {
        let value = figures.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        assert!(value.trim().parse::<f64>().is_ok_and(|value| value >= 0.0), "{name} in {figures}");
    }
    for private in ["cumbre", "wp-login", tracking.as_str()] {
        assert!(!figures.contains(private), "{private} in {figures}");
    }
}

/// Browsers speak HTTP/2 by TLS alone, which a proxy terminates.
#[test]
fn http_2_is_refused_without_tls() {
    let server = Server::start(Demo::Off);
    let mut stream = server.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let mut heard = Vec::new();
    // A server that closes with unread input resets the connection.
    let _ = stream.read_to_end(&mut heard);
    assert!(heard.is_empty(), "no settings are sent: {heard:?}");
    let upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    assert_eq!(server.ask("GET", "/healthz", upgrade, b"").status(), 200, "an offer of it is passed over");
}

#[test]
fn request_id_is_validated() {
    let server = Server::start(Demo::Off);
    let told = |head: &str| server.ask("GET", "/healthz", head, b"").headers("x-request-id");
    let good = "4bf92f3577b34da6-a3ce929d0e0e4736_1.2";
    assert_eq!(told(&format!("X-Request-Id: {good}\r\n")), [good]);
    for bad in [
        "a".repeat(65),
        "a".repeat(6000),
        String::new(),
        "a b".to_owned(),
        "a\"b".to_owned(),
        "\u{1b}[31m".to_owned(),
        "é".to_owned(),
        "a\r\nX-Request-Id: b".to_owned(),
    ] {
        let ids = told(&format!("X-Request-Id: {bad}\r\n"));
        assert!(ids.len() <= 1, "{bad}: {ids:?}");
        assert!(ids.iter().all(|id| id.len() == 36 && *id != bad), "{bad}: {ids:?}");
    }
}

#[test]
fn staff_forms_redirect_strangers_to_the_sign_in() {
    let server = Server::start(Demo::On);
    let number = open_case(&server, "0123456789abcdef0123")[..12].to_owned();
    for path in [
        "/desk/intake".to_owned(),
        format!("/desk/cases/{number}/follow"),
        format!("/desk/survey/calls/{number}"),
        "/desk/survey/follow-ups".to_owned(),
        "/desk/mails/1".to_owned(),
    ] {
        let answer = server.ask("POST", &path, FORM, b"key=0123456789abcdef0125&reporter=Ana");
        let to = answer.header("location");
        assert!(answer.status() == 303 && to.starts_with("/desk/sign-in?next=/desk/"), "{path}: {to}");
    }
    // A path that does not exist is 404 for the staff as well, and no error of the server.
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let head = format!("{FORM}Cookie: {}\r\n", agent.cookie);
    let answer = server.ask("POST", "/desk/cases/VE2699999999/follow", &head, b"reporter=Ana");
    assert!((400..500).contains(&answer.status()), "{}", answer.status());
    let figures = agent
        .call("queue_page", &json!({ "state": "open", "country": null, "whose": "anybodys", "page": 1 }));
    assert_eq!(figures.0, 200);
}

#[test]
fn public_password_is_refused_once_other_people_exist() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    assert_eq!(reads(&agent), 200);
    server.run(&["user", "add", "--name", "Ana Paz", "--mail", "ana@example.com", "--role", "administrator"]);
    for mail in ["agente@vigia.example", "administracion@vigia.example"] {
        let refused = sign_in(&server, mail);
        assert_eq!(refused.status(), 401, "{mail}");
        assert_eq!(refused.headers("set-cookie"), Vec::<String>::new(), "{mail}");
    }
    assert_eq!(reads(&agent), 401, "what it had opened is closed");
    // Its accounts are out of service, whatever their passwords.
    let said = server.run(&["user", "password", "supervisor@vigia.example"]);
    let own = said.split_whitespace().last().unwrap().to_owned();
    let form = format!("mail=supervisor%40vigia.example&password={own}");
    let refused = server.ask("POST", "/desk/sign-in", FORM, form.as_bytes());
    assert_eq!(refused.status(), 401, "{said}");
}

#[test]
fn public_password_is_refused_without_the_demonstration() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let cookie = agent.cookie.clone();
    let server = server.restart(Demo::Off, &[]);
    let refused = sign_in(&server, "administracion@vigia.example");
    assert_eq!(refused.status(), 401);
    let agent = Person { server: &server, cookie };
    assert_eq!(reads(&agent), 401, "a session from before as well");
    let server = server.restart(Demo::On, &[]);
    Person::sign_in(&server, "agente@vigia.example");
}

#[test]
fn data_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start(Demo::On);
    open_case(&server, "0123456789abcdef0123");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = server.data();
    let mails = until("a mail", || {
        let found: Vec<_> = std::fs::read_dir(data.join("mail")).into_iter().flatten().flatten().collect();
        let whole =
            |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|ending| ending == "eml");
        found.iter().any(whole).then_some(found)
    });
    assert_eq!((mode(&data), mode(&data.join("mail"))), (0o700, 0o700));
    let whole =
        mails.into_iter().filter(|entry| entry.path().extension().is_some_and(|ending| ending == "eml"));
    for entry in std::fs::read_dir(&data).unwrap().flatten().chain(whole) {
        if entry.path().is_file() {
            assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
        }
    }
    // A database that an earlier version made world-readable is closed at the next start.
    std::fs::set_permissions(data.join("vigia.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let server = server.restart(Demo::Off, &[]);
    assert_eq!(mode(&server.data().join("vigia.db")), 0o600);
}

#[test]
fn display_link_signs_in_one_browser() {
    let server = Server::start(Demo::Off);
    let said = server.run(&["display", "add", "--name", "Sala"]);
    let link = format!("/board/{}", said.trim().rsplit('/').next().unwrap());
    // A messenger's preview of a link does not use it up.
    assert_eq!(server.ask("HEAD", &link, "", b"").headers("set-cookie"), Vec::<String>::new());
    let paired = server.ask("GET", &link, "", b"");
    let cookie = paired.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!((paired.status(), &*paired.header("location")), (303, "/board"));
    assert!(!cookie.contains(link.rsplit('/').next().unwrap()), "the link is no secret of the display's");
    let with = |cookie: &str| server.ask("GET", "/board", &format!("Cookie: {cookie}\r\n"), b"").status();
    assert_eq!(with(&cookie), 200);
    let stolen = format!("vigia-display={}", link.rsplit('/').next().unwrap());
    assert_eq!(with(&stolen), 303, "nor does it open anything by itself");
    // A link from a history or a log says that it was used.
    let again = server.ask("GET", &link, "", b"");
    assert_eq!((again.status(), again.headers("set-cookie")), (410, Vec::new()));
    // A display that opens its link at every start stays the display.
    let restarted = server.ask("GET", &link, &format!("Cookie: {cookie}\r\n"), b"");
    assert_eq!((restarted.status(), restarted.headers("set-cookie")), (303, Vec::new()));
    server.run(&["display", "revoke", "1"]);
    assert_eq!(with(&cookie), 303);
}

#[test]
fn staff_pages_show_no_customer_link() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0123");
    let (number, code) = tracking.split_once('-').unwrap();
    let staff = Person::sign_in(&server, "administracion@vigia.example");
    let (status, file) = staff.call("case_file", &json!({ "number": number }));
    assert_eq!(status, 200);
    assert!(!file.to_string().contains(code), "the file as it is read");
    assert!(!staff.get(&format!("/desk/cases/{number}")).text().contains(code), "its page");
    let body = |id: i64| staff.get(&format!("/desk/mails/{id}/body")).text();
    let id = (1..500).find(|id| body(*id).contains(number)).unwrap();
    for path in [format!("/desk/mails/{id}"), format!("/desk/mails/{id}/body")] {
        let page = staff.get(&path);
        assert_eq!(page.status(), 200, "{path}");
        assert!(page.text().contains(number) && !page.text().contains(code), "{path}");
    }
    // The customer's page has it all the same.
    let link = format!("/track/{tracking}");
    until("the mail with the link", || {
        let mut files = std::fs::read_dir(server.data().join("mail")).into_iter().flatten().flatten();
        // A mail that is being written has another name, and may be gone by the time it is read.
        let text = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path()).unwrap_or_default();
        files.any(|entry| text(entry).replace("=\r\n", "").contains(&link)).then_some(())
    });
}

#[test]
fn customer_message_from_a_staff_browser_names_its_person() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0123");
    let number = tracking.split('-').next().unwrap();
    let signed_in = sign_in(&server, "agente@vigia.example");
    let cookie = |name: &str| {
        let all = signed_in.headers("set-cookie");
        let one = all.iter().find(|cookie| cookie.starts_with(name)).unwrap();
        one.split(';').next().unwrap().to_owned()
    };
    let agent = Person { server: &server, cookie: cookie("vigia-session=") };
    let write = |cookies: &str, text: &str| {
        let head = format!("{FORM}Cookie: {cookies}\r\n");
        let path = format!("/track/{tracking}/message");
        server.ask("POST", &path, &head, format!("text={text}").as_bytes()).status()
    };
    assert_eq!(write("", "desde+casa"), 303);
    assert_eq!(write(&cookie("vigia-browser="), "desde+la+mesa"), 303, "after signing out");
    let (_, file) = agent.call("case_file", &json!({ "number": number }));
    let history = file["history"].as_array().unwrap();
    let by = |text: &str| {
        let entry = history.iter().find(|entry| entry["event"].to_string().contains(text)).unwrap();
        entry["by"].clone()
    };
    assert_eq!(by("desde casa"), json!("customer"));
    assert_eq!(by("desde la mesa")["customer_beside"]["name"], "Marta Salas");
    // A session of the staff gives no such statement.
    let head = format!("{FORM}Cookie: {}\r\n", agent.cookie);
    for path in [format!("/track/{tracking}/message"), "/survey/0".to_owned()] {
        let refused = server.ask("POST", &path, &head, b"text=desde+la+sesion");
        assert_ne!(refused.status(), 303, "{path}");
    }
}
