//! The proof of a case by the API.

use domain::proof::{ProofReader, PublicKey, verify};

use crate::support::program::{ALL, Program, code};
use crate::support::{Demo, Server};

#[test]
fn program_takes_the_whole_proof_of_a_case() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let token = format!("Authorization: Bearer {}\r\n", program.token);
    let path = format!("/api/v1/cases/{number}/proof");
    let proof = server.ask("GET", &path, &token, b"");
    assert_eq!(proof.status(), 200, "{}", proof.text());
    let page = server.ask("GET", "/verify", "", b"").text();
    let (_, rest) = page.split_once("<meta name=\"proof-key\" content=\"").unwrap();
    let key = PublicKey::parse(rest.split('"').next().unwrap()).unwrap();
    let verdict = verify(&proof.body(), &[key]).unwrap();
    assert!(verdict.is_good() && verdict.proof.reader == ProofReader::Provider);
    let missing = program.get("/cases/VE2600421392/proof");
    assert_eq!((missing.status(), code(&missing)), (404, "not_found".to_owned()));
}
