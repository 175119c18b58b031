//! The register.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::program::{ALL, CASES, Program, code, json_of};
use crate::support::{Demo, Server};

/// The keys of a list, walked in steps of three.
fn walk(program: &Program<'_>, list: &str, key: &str, filter: &str) -> Vec<Value> {
    let (mut keys, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json_of(&program.get(&format!("/{list}?limit=3{filter}{cursor}")));
        keys.extend(page[list].as_array().unwrap().iter().map(|entry| entry[key].clone()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break keys,
        }
    }
}

#[test]
fn lists_of_the_register_are_walked_searched_and_filtered() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    for (list, key) in
        [("organisations", "id"), ("contracts", "number"), ("sites", "id"), ("equipment", "serial")]
    {
        let all = walk(&program, list, key, "");
        let once: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
        assert!(all.len() > 3 && once.len() == all.len(), "{list}: {all:?}");
        let parts =
            ["VE", "CO", "MX"].map(|country| walk(&program, list, key, &format!("&country={country}")));
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), all.len(), "{list}");
        for (query, field) in
            [("limit=0", "limit"), ("cursor=c1", "cursor"), ("country=XX", "country"), ("page=2", "page")]
        {
            let answer = program.get(&format!("/{list}?{query}"));
            assert_eq!(answer.status(), 422, "{list} {query}");
            assert_eq!(json_of(&answer)["errors"][0]["field"], field, "{list} {query}");
        }
    }
    assert_eq!(walk(&program, "equipment", "serial", "&q=foc2614a1b2"), [json!("FOC2614A1B2")]);
    assert!(walk(&program, "equipment", "serial", "&q=nothing%20of%20it").is_empty());
    let under = walk(&program, "equipment", "serial", "&contract=CPS-VE-004213-58");
    assert!(under.contains(&json!("FOC2614A1B2")), "{under:?}");
    let of_platforms: usize = ["network", "servers", "storage", "security", "power"]
        .into_iter()
        .map(|platform| program.get(&format!("/equipment?platform={platform}&limit=200")))
        .filter(|answer| answer.status() == 200)
        .map(|answer| json_of(&answer)["equipment"].as_array().unwrap().len())
        .sum();
    assert!(of_platforms > 0);
    let in_force = walk(&program, "contracts", "number", "&force=in_force");
    assert!(in_force.contains(&json!("CPS-VE-004213-58")), "{in_force:?}");
    let twice = program.get("/equipment?organisation=1&site=1");
    assert_eq!((twice.status(), json_of(&twice)["errors"][0]["field"].clone()), (422, json!("site")));
    assert_eq!(program.get("/equipment?contract=%00").status(), 422);
    assert_eq!(program.get("/contracts?organisation=x").status(), 422);
}

#[test]
fn entries_of_the_register_are_read_one_by_one_and_lead_to_each_other() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let equipment = json_of(&program.get("/equipment/FOC2614A1B2"));
    assert_eq!(
        (&equipment["serial"], &equipment["contract"]),
        (&json!("FOC2614A1B2"), &json!("CPS-VE-004213-58"))
    );
    let contract = json_of(&program.get("/contracts/CPS-VE-004213-58"));
    assert_eq!((&contract["country"], &contract["organisation"]), (&json!("VE"), &equipment["organisation"]));
    let site = json_of(&program.get(&format!("/sites/{}", equipment["site"]["id"])));
    assert_eq!((&site["name"], &site["zone"]), (&equipment["site"]["name"], &json!("America/Caracas")));
    let organisation = json_of(&program.get(&format!("/organisations/{}", contract["organisation"]["id"])));
    assert_eq!(organisation["name"], contract["organisation"]["name"]);
    for path in ["/equipment/NONE", "/contracts/NONE", "/sites/999999", "/organisations/x", "/equipment/%00"]
    {
        let answer = program.get(path);
        assert_eq!((answer.status(), code(&answer)), (404, "not_found".to_owned()), "{path}");
    }
    assert_eq!(program.get("/sites/1?colour=red").status(), 422);
}

#[test]
fn register_is_for_tokens_of_the_whole_desk_that_may_read_it() {
    let server = Server::start(Demo::On);
    let without = Program::new(&server, CASES, &[]);
    for path in [
        "/organisations",
        "/organisations/1",
        "/contracts",
        "/contracts/CPS-VE-004213-58",
        "/contracts/NONE",
        "/sites",
        "/sites/1",
        "/equipment",
        "/equipment/FOC2614A1B2",
    ] {
        let answer = without.get(path);
        assert_eq!((answer.status(), code(&answer)), (403, "not_permitted".to_owned()), "{path}");
    }
    assert_eq!(Program::new(&server, "read_register", &[]).get("/equipment").status(), 200);
}
