//! The real binary on a real port: every face answers, with its own bundle and under a policy that lets it run.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server that is gone with the test.
struct Server {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        lay_out(&site);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_vigia"))
            .arg("serve")
            .current_dir(folder.path())
            .env("VIGIA_SITE", &site)
            .env("VIGIA_DATA", folder.path().join("data"))
            .env("VIGIA_LISTEN", address.to_string())
            .env("VIGIA_DEMO", "off")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, address, _folder: folder };
        let begun = Instant::now();
        while !server.get("/readyz").starts_with("HTTP/1.1 200") {
            assert!(begun.elapsed() < Duration::from_mins(1), "the server does not answer");
            std::thread::yield_now();
        }
        server
    }

    /// The whole answer as text; nothing while the server does not listen.
    fn get(&self, path: &str) -> String {
        let mut answer = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_to_end(&mut answer).unwrap();
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// What `tools/bundle.sh` leaves behind, as far as the server reads it.
fn lay_out(site: &Path) {
    fs::create_dir_all(site.join("pkg")).unwrap();
    let names = [
        "vigia.css",
        "form.js",
        "form_bg.wasm",
        "track.js",
        "track_bg.wasm",
        "workspace.js",
        "workspace_bg.wasm",
        "wall.js",
        "wall_bg.wasm",
    ];
    let faces = ["form", "track", "workspace", "wall"];
    let words =
        faces.iter().flat_map(|face| ["es", "en", "pt"].map(|language| format!("{face}.{language}.json")));
    let names = names.into_iter().map(str::to_owned).chain(words);
    let entries: Vec<String> = names.map(|name| format!("\"{name}\":\"hashed.{name}\"")).collect();
    fs::write(site.join("pkg/manifest.json"), format!("{{{}}}", entries.join(","))).unwrap();
}

#[test]
fn every_face_answers_with_its_own_bundle() {
    let server = Server::start();
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
