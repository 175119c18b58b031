//! Proofs of cases over the real router: who gets which file, and the page that verifies them.

mod support;

use domain::proof::{Flaw, ProofReader, PublicKey, verify};
use serde_json::json;
use support::client::{Client, NO_CASE, NO_LINK};
use support::{Demo, Server, open_case};

/// The key that the page believes.
fn key_of(server: &Server) -> PublicKey {
    let page = Client::stranger(server).get("/verify").text();
    let (_, rest) = page.split_once("<meta name=\"proof-key\" content=\"").unwrap();
    PublicKey::parse(rest.split('"').next().unwrap()).unwrap()
}

#[test]
fn customer_and_staff_each_get_a_file_that_the_page_believes() {
    let server = Server::start(Demo::On);
    let (key, tracking) = (key_of(&server), open_case(&server, "0123456789abcdef0300"));
    let number = tracking.split('-').next().unwrap();
    let agent = Client::staff(&server, "agente");
    let note = json!({ "add_note": { "audience": "internal", "text": "No paga desde marzo" } });
    assert_eq!(agent.work(number, 1, &note).status(), 200);

    let customers = Client::stranger(&server).get(&format!("/track/{tracking}/proof.json"));
    assert_eq!(customers.status(), 200, "{}", customers.text());
    let name = format!("{number}-proof.json");
    assert!(customers.header("content-disposition").contains(&name));
    assert!(!customers.text().contains("marzo"));
    let verdict = verify(&customers.body(), &[key]).unwrap();
    assert!(verdict.is_good(), "{:?} {:?}", verdict.findings, verdict.clocks);
    assert_eq!((verdict.proof.reader, verdict.entries.len()), (ProofReader::Customer, 2));

    let staffs = agent.get(&format!("/desk/cases/{number}/proof.json"));
    assert!(staffs.text().contains("marzo"));
    let verdict = verify(&staffs.body(), &[key]).unwrap();
    assert!(verdict.is_good() && verdict.proof.reader == ProofReader::Provider);
    let mut changed = staffs.body();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert_eq!(verify(&changed, &[key]), Err(Flaw::Changed));

    let log = Client::staff(&server, "administracion").get("/desk/admin/audit?kind=exported").text();
    assert_eq!(log.matches("comprobante de un caso: ").count(), 1, "the customer takes their own");
}

#[test]
fn proof_is_given_to_readers_of_the_case_alone() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0301");
    let number = tracking.split('-').next().unwrap();
    let (stranger, agent) = (Client::stranger(&server), Client::staff(&server, "agente"));
    assert_eq!(stranger.get(&format!("/track/{NO_LINK}/proof.json")).status(), 404);
    assert_eq!(agent.get(&format!("/desk/cases/{NO_CASE}/proof.json")).status(), 404);
    let [proof, report] =
        ["proof.json", "account.pdf"].map(|file| stranger.get(&format!("/desk/cases/{number}/{file}")));
    assert_eq!(proof.status(), report.status());
    assert!(verify(&proof.body(), &[key_of(&server)]).is_err());
}

#[test]
fn page_as_one_file_has_the_key_and_the_words_in_it() {
    let server = Server::start(Demo::On);
    let kept = Client::stranger(&server).get("/verify/offline.html");
    assert_eq!(kept.status(), 200, "{}", kept.text());
    assert!(kept.header("content-disposition").starts_with("attachment"));
    let page = kept.text();
    let written = format!("<meta name=\"proof-key\" content=\"{}\">", key_of(&server).written());
    assert!(page.contains(&written) && page.contains("lang=es"), "{page}");
    assert!(page.contains("\\u003cb>") && !page.contains("@@"), "{page}");
}

#[test]
fn pages_of_a_case_lead_to_its_proof() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0302");
    let number = tracking.split('-').next().unwrap();
    for (page, address) in [
        (
            Client::stranger(&server).get(&format!("/track/{tracking}")).text(),
            format!("/track/{tracking}/proof.json"),
        ),
        (
            Client::staff(&server, "agente").get(&format!("/desk/cases/{number}")).text(),
            format!("/desk/cases/{number}/proof.json"),
        ),
    ] {
        assert!(page.contains(&address) && page.contains("href=\"/verify\""), "{address}");
    }
}
