//! The real binary on a real port: every face answers, with its own bundle and under a policy that lets it run.

mod support;

use support::{Demo, Server};

#[test]
fn every_face_answers_with_its_own_bundle() {
    let server = Server::start(Demo::Off);
    for (path, status, bundle, other) in [
        ("/", "200", "form", "track"),
        ("/desk/sign-in", "200", "workspace", "form"),
        ("/track/VE2600000121-00000000000000000000000000000000", "404", "track", "form"),
        ("/nowhere", "404", "form", "workspace"),
        ("/desk/nowhere", "404", "workspace", "form"),
    ] {
        let answer = server.get(path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {}",
            &answer[..40.min(answer.len())]
        );
        assert!(answer.contains(&format!("/pkg/hashed.{bundle}.js")), "{path} loads {bundle}");
        assert!(!answer.contains(&format!("/pkg/hashed.{other}.js")), "{path} does not load {other}");
        assert!(answer.contains(&format!("/pkg/hashed.{bundle}.es.json")), "{path} loads its words");
        assert!(!answer.contains(&format!("/pkg/hashed.{bundle}.en.json")), "{path} loads no other language");
        let policy = answer.lines().find(|line| line.to_lowercase().starts_with("content-security-policy:"));
        let nonce = policy.and_then(|policy| policy.split("'nonce-").nth(1)?.split('\'').next());
        assert!(
            answer.contains(&format!("nonce=\"{}\"", nonce.unwrap_or("none"))),
            "{path}: the script may run"
        );
    }
    assert!(server.get("/board").starts_with("HTTP/1.1 303"), "no wall for strangers");
}
