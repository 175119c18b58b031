//! Links that were made up, cut or changed.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::support::client::{FORM, NO_LINK};
use crate::support::{Answer, Demo, Server, open_case};

/// Pages and forms of a link: the method, and the parts of the address before and after it.
const ROUTES: [(&str, &str, &str); 8] = [
    ("GET", "/track/", ""),
    ("GET", "/survey/", ""),
    ("GET", "/visit/", ""),
    ("POST", "/track/", "/message"),
    ("POST", "/visit/", ""),
    ("GET", "/desk/password/", ""),
    ("GET", "/my/enter/", ""),
    ("GET", "/events/case/", ""),
];

/// Asks as a stranger from a network of their own: no rate limit answers instead.
fn ask(server: &Server, method: &str, path: &str) -> Answer {
    static NETWORK: AtomicU8 = AtomicU8::new(1);
    let network = NETWORK.fetch_add(1, Ordering::Relaxed);
    let head = format!("{FORM}X-Forwarded-For: 10.8.{network}.1\r\n");
    server.ask(method, path, &head, b"text=Hola&answer=decline")
}

#[test]
fn every_wrong_link_is_answered_like_one_that_never_was() {
    let server = Server::start_with(Demo::On, &[("VIGIA_TRUSTED_PROXIES", "127.0.0.1")]);
    let right = open_case(&server, "0123456789abcdef0804");
    let number = &right[..12];
    let wrong = [
        number.to_owned(),
        format!("{number}-"),
        right[..right.len() - 1].to_owned(),
        format!("{right}0"),
        format!("{number}-{}", "0".repeat(32)),
        "%25".to_owned(),
        "*".to_owned(),
        "null".to_owned(),
        "..%2F..%2Fetc%2Fpasswd".to_owned(),
        "%00".to_owned(),
        "a".repeat(4096),
    ];
    for (method, before, after) in ROUTES {
        let told = |link: &str| {
            let answer = ask(&server, method, &format!("{before}{link}{after}"));
            (answer.status(), answer.headers("set-cookie"))
        };
        let never = told(NO_LINK);
        assert!(never.0 != 429 && never.1.is_empty(), "{before}: {never:?}");
        for link in &wrong {
            assert_eq!(told(link), never, "{method} {before}{link}{after}");
        }
    }
    assert_eq!(
        ask(&server, "GET", &format!("/track/{right}")).status(),
        200,
        "the right one leads to its case"
    );
}
