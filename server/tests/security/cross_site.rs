//! Requests that another site makes a browser send.

use crate::support::client::FORM;
use crate::support::{Demo, Person, Server, routes};

/// Headers of requests that come from elsewhere.
const ELSEWHERE: [&str; 4] = [
    "Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n",
    "Sec-Fetch-Site: same-site\r\n",
    "Origin: https://evil.example\r\n",
    "Origin: null\r\n",
];

/// A path whose parameters are filled in with anything.
fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_that_writes_refuses_other_sites() {
    let server = Server::start(Demo::On);
    let administrator = Person::sign_in(&server, "administracion@vigia.example");
    let writing: Vec<String> =
        routes().into_iter().filter(|(method, _)| method != "GET").map(|(_, path)| filled(&path)).collect();
    assert!(writing.len() > 120, "{}", writing.len());
    let mut taken = Vec::new();
    for path in &writing {
        for elsewhere in ELSEWHERE {
            let head = format!("{FORM}{elsewhere}Cookie: {}\r\n", administrator.cookie);
            let status = server.ask("POST", path, &head, b"act=remove").status();
            if status != 403 {
                taken.push(format!("{path}: {status} for {elsewhere:?}"));
            }
        }
    }
    assert!(taken.is_empty(), "{taken:#?}");
    assert_eq!(administrator.get("/desk/admin/people").status(), 200, "its session is as it was");
}
