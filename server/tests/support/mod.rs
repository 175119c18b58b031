//! The real binary on a real port, and somebody who asks it.
#![allow(dead_code, unreachable_pub, reason = "shared by several programs, none of which needs all of it")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
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
    folder: TempDir,
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
        Self::start_with(demo, &[])
    }

    /// The same with more of the environment.
    pub fn start_with(demo: Demo, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        lay_out(&site);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
        command.env("VIGIA_DEMO", if matches!(demo, Demo::Off) { "off" } else { "first-start" });
        let child = command
            .arg("serve")
            .current_dir(folder.path())
            .env("VIGIA_SITE", &site)
            .env("VIGIA_DATA", folder.path().join("data"))
            .env("VIGIA_LISTEN", address.to_string())
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, address, folder };
        let begun = Instant::now();
        while !server.get("/readyz").starts_with("HTTP/1.1 200") {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}\n{}", server.start_log());
            assert!(begun.elapsed() < Duration::from_mins(3), "the server does not answer");
            // The server needs the core that a busy loop would take.
            std::thread::park_timeout(Duration::from_millis(5));
        }
        server
    }

    /// What it has written before it ended, for the message of a test that could not start it.
    fn start_log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Runs another command of the binary over the same data; what it says.
    pub fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
        command.args(arguments).current_dir(self.folder.path());
        let ran = command.env("VIGIA_DATA", self.folder.path().join("data")).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }

    /// The whole answer as text; nothing while the server does not listen.
    pub fn get(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.ask("GET", path, "", b"").whole).into_owned()
    }

    /// Sends a request as it is and leaves the rest of it and of the answer to the caller.
    pub fn send(&self, request: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // A server that has seen enough closes.
        let _ = stream.write_all(request);
        stream
    }

    /// The head of an answer alone: of one that never ends, or of one to a request whose body never comes.
    pub fn head(&self, request: &str) -> Answer {
        let request = request.replace("\r\n\r\n", &format!("\r\nHost: {}\r\n\r\n", self.address));
        let mut stream = self.send(request.as_bytes());
        let (mut whole, mut byte) = (Vec::new(), [0]);
        while !whole.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
            whole.push(byte[0]);
        }
        Answer { whole }
    }

    /// Where it listens.
    pub fn host(&self) -> String {
        self.address.to_string()
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
        self.headers(name).into_iter().next().unwrap_or_default()
    }

    /// All headers of a name.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.whole[..self.cut()]).into_owned();
        let headers = head.lines().filter_map(|line| line.split_once(": "));
        let found = headers.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).collect()
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

/// Somebody of the staff, signed in.
pub struct Person<'a> {
    pub server: &'a Server,
    pub cookie: String,
}

impl<'a> Person<'a> {
    pub fn sign_in(server: &'a Server, mail: &str) -> Self {
        let answer = sign_in(server, mail);
        let cookie = answer.header("set-cookie");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert!(cookie.contains("vigia-session="), "{}", answer.status());
        Self { server, cookie }
    }

    pub fn call(&self, name: &str, arguments: &Value) -> (u16, Value) {
        let head = format!("Cookie: {}\r\nContent-Type: application/json\r\n", self.cookie);
        let answer =
            self.server.ask("POST", &format!("/api/{name}"), &head, arguments.to_string().as_bytes());
        (answer.status(), serde_json::from_str(&answer.text()).unwrap_or(Value::Null))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.server.ask("GET", path, &format!("Cookie: {}\r\n", self.cookie), b"")
    }
}

/// Signs somebody of the demonstration's staff in, as the form does.
pub fn sign_in(server: &Server, mail: &str) -> Answer {
    let form = format!("mail={}&password=demostracion-vigia", mail.replace('@', "%40"));
    server.ask(
        "POST",
        "/desk/sign-in",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        form.as_bytes(),
    )
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
