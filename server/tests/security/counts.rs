//! What lists, filters and searches tell of cases that their reader may not see.

use serde_json::Value;

use crate::support::program::{CASES, Program, json_of};
use crate::support::{Demo, Server, open_case, until};

/// Lists and filters that a case of another country could show in, by its number, its words or its count.
const LISTS: [&str; 7] = [
    "/cases?limit=200",
    "/cases?limit=200&status=new",
    "/cases?limit=200&country=VE",
    "/cases?limit=200&priority=P2",
    "/cases?limit=200&assignee=none",
    "/search?q=conmutador",
    "/search?q=cumbre",
];

/// The numbers that a list names, and whether more follow.
fn listed(program: &Program<'_>, path: &str) -> (u16, Vec<String>, bool) {
    let answer = program.get(path);
    let value = json_of(&answer);
    let cases = value["cases"].as_array().cloned().unwrap_or_default();
    let number = |case: &Value| case["number"].as_str().unwrap_or_default().to_owned();
    let mut numbers: Vec<String> = cases.iter().map(number).collect();
    // A case that the scheduler changes meanwhile moves to the front.
    numbers.sort();
    (answer.status(), numbers, value["next"].is_string())
}

#[test]
fn case_of_another_country_changes_no_list_and_no_count() {
    let server = Server::start(Demo::On);
    let colombian = Program::new(&server, CASES, &["--country", "CO"]);
    let everywhere = Program::new(&server, CASES, &[]);
    let all = |program: &Program<'_>| LISTS.map(|path| listed(program, path));
    let before = (all(&colombian), all(&everywhere));
    let number = open_case(&server, "0123456789abcdef0801")[..12].to_owned();
    let found = |program: &Program<'_>| all(program).iter().any(|(_, numbers, _)| numbers.contains(&number));
    until("the case in the search", || {
        listed(&everywhere, "/search?q=conmutador").1.contains(&number).then_some(())
    });
    assert!(all(&everywhere) != before.1, "the lists would show it");
    assert_eq!(all(&colombian), before.0);
    assert!(!found(&colombian));
}
