//! Texts that would mean something to SQL, to a pattern or to a header, in every parameter of a query.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::support::client::Client;
use crate::support::program::{ALL, Program, document};
use crate::support::{Demo, Server};

const TEXTS: [&str; 12] = [
    "'",
    "\"",
    "\\",
    "' OR 1=1 --",
    "1; DROP TABLE cases",
    "1) UNION SELECT password_hash FROM people --",
    "%",
    "_",
    "\0",
    "\r\nSet-Cookie: a=b",
    "\u{feff}\u{202e}",
    "$1",
];

/// Pages of the staff whose address holds what was searched or filtered.
const PAGES: [(&str, &[&str]); 9] = [
    ("/desk", &["state", "country", "whose", "page"]),
    ("/desk/search", &["q"]),
    ("/desk/mails", &["state", "page"]),
    ("/desk/agenda", &["ahead"]),
    ("/desk/reports/promises", &["from", "to", "country", "priority", "contract"]),
    ("/desk/reports/promises.csv", &["from", "to", "country", "priority", "contract"]),
    ("/desk/reports/pauses.csv", &["from", "to", "reason", "page"]),
    ("/desk/admin/audit", &["kind", "since", "until", "before", "country"]),
    ("/desk/admin/register/equipment", &["q", "country", "after", "organisation"]),
];

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The names of the query's parameters of an operation.
fn parameters(document: &Value, operation: &Value) -> Vec<String> {
    let listed = operation["parameters"].as_array().cloned().unwrap_or_default();
    let named = listed.iter().map(|parameter| match parameter["$ref"].as_str() {
        Some(place) => {
            document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("no {place}"))
        }
        None => parameter,
    });
    named.filter(|it| it["in"] == "query").map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_text_in_a_query_of_the_api_is_an_error_of_the_server() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let document = document(&server).0;
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        // A stream has no end, and a path with a parameter has no list.
        if path.contains('{') || path == "/events" || item["get"].is_null() {
            continue;
        }
        for name in parameters(&document, &item["get"]) {
            for text in TEXTS {
                let address = format!("{path}?{}={}", encoded(&name), encoded(text));
                let answer = program.get(&address);
                assert!(answer.status() < 500, "{address}: {}", answer.text());
                assert!(answer.headers("set-cookie").is_empty(), "{address}");
                assert!(!answer.text().contains("$argon2"), "{address}");
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "{asked}");
}

#[test]
fn no_text_in_an_address_of_a_page_is_an_error_of_the_server() {
    let server = Server::start(Demo::On);
    let administrator = Client::staff(&server, "administracion");
    for (path, names) in PAGES {
        for name in names {
            for text in TEXTS {
                let address = format!("{path}?{name}={}", encoded(text));
                let answer = administrator.get(&address);
                assert!(answer.status() < 500, "{address}: {}", answer.status());
                assert!(answer.headers("set-cookie").is_empty(), "{address}");
            }
        }
    }
}

/// `%` and `_` are letters like any others: they find no case that does not hold them.
#[test]
fn wildcards_find_nothing() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    for text in ["%", "_", "%25%25%25", "____"] {
        let answer = program.get(&format!("/search?q={}", encoded(text)));
        let found: Value = serde_json::from_str(&answer.text()).unwrap();
        let cases = found["cases"].as_array().map_or(0, Vec::len);
        assert_eq!(cases, 0, "{text}: {found}");
    }
}
