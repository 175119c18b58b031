//! The real binary on a real port, and somebody who asks it.
#![allow(dead_code, unreachable_pub, reason = "shared by several programs, none of which needs all of it")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Whether the demonstration is loaded.
#[derive(Debug, Clone, Copy)]
pub enum Demo {
    On,
    Off,
}

/// A server that is gone with the test.
pub struct Server {
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
    /// Starts one over an empty folder.
    pub fn start(demo: Demo) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        lay_out(&site);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
        if matches!(demo, Demo::Off) {
            command.env("VIGIA_DEMO", "off");
        }
        let child = command
            .arg("serve")
            .current_dir(folder.path())
            .env("VIGIA_SITE", &site)
            .env("VIGIA_DATA", folder.path().join("data"))
            .env("VIGIA_LISTEN", address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, address, _folder: folder };
        let begun = Instant::now();
        while !server.get("/readyz").starts_with("HTTP/1.1 200") {
            assert!(begun.elapsed() < Duration::from_mins(3), "the server does not answer");
            std::thread::yield_now();
        }
        server
    }

    /// The whole answer as text; nothing while the server does not listen.
    pub fn get(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.ask("GET", path, "", b"").whole).into_owned()
    }

    /// Asks as a browser on this site would; `head` holds further headers, each with its line's end.
    pub fn ask(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
        let mut whole = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{head}\r\n",
                self.address,
                body.len()
            );
            stream.write_all(request.as_bytes()).unwrap();
            // A server that has seen enough of a body answers before it has all of it.
            let _ = stream.write_all(body);
            let _ = stream.read_to_end(&mut whole);
        }
        Answer { whole }
    }
}

/// An answer as it came.
pub struct Answer {
    whole: Vec<u8>,
}

impl Answer {
    fn cut(&self) -> usize {
        self.whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(self.whole.len())
    }

    /// The status.
    pub fn status(&self) -> u16 {
        let head = String::from_utf8_lossy(&self.whole);
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> String {
        let head = String::from_utf8_lossy(&self.whole[..self.cut()]).into_owned();
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }

    /// What came after the headers; chunks are put together.
    pub fn body(&self) -> Vec<u8> {
        let body = self.whole.get(self.cut() + 4..).unwrap_or_default();
        if self.header("transfer-encoding") != "chunked" {
            return body.to_vec();
        }
        let (mut rest, mut whole) = (body, Vec::new());
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
            whole.extend_from_slice(&rest[end + 2..end + 2 + length]);
            rest = &rest[end + 2 + length + 2..];
        }
        whole
    }

    /// The same as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body()).into_owned()
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
