//! The real binary on a real port, and clients of it.
#![allow(dead_code, unreachable_pub, reason = "shared by several programs, none of which needs all of it")]

pub mod client;
pub mod dovecot;
pub mod inbox;
pub mod parts;
pub mod program;
pub mod schema;
pub mod scripted;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::i18n::Language;
use serde_json::Value;
use tempfile::TempDir;

/// Whether the demonstration is loaded.
#[derive(Debug, Clone, Copy)]
pub enum Demo {
    On,
    Off,
}

/// A server that ends with the test.
pub struct Server {
    child: Child,
    address: SocketAddr,
    metrics: SocketAddr,
    folder: TempDir,
}

/// Two unused addresses. Another program may take one before the server does.
fn free_addresses() -> [SocketAddr; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap())
}

/// A command of the binary. It inherits no setting of the desk from the tests' own environment.
pub fn vigia() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_vigia")))
}

fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VIGIA_") {
            command.env_remove(name);
        }
    }
    command
}

/// Every route that the router serves: its method and its path.
pub fn routes() -> Vec<(String, String)> {
    let ran = vigia().arg("routes").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    let routes: Vec<_> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    assert!(routes.len() > 200, "the list is not whole: {text}");
    routes.into_iter().map(|(method, path)| (method.to_owned(), path.to_owned())).collect()
}

/// Asks until there is an answer, and yields the processor between tries.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_mins(3), "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a server over an empty folder.
    pub fn start(demo: Demo) -> Self {
        Self::start_with(demo, &[])
    }

    /// The same with further variables.
    pub fn start_with(demo: Demo, variables: &[(&str, &str)]) -> Self {
        let mut command = vigia();
        command.arg("serve");
        Self::start_by(command, demo, variables)
    }

    /// The same with a limit of open files, which the process may raise.
    pub fn start_with_files(files: u32) -> Self {
        let mut command = Command::new("sh");
        let script = format!("ulimit -Sn {files} && exec \"$0\" serve");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_vigia")]);
        Self::start_by(command, Demo::Off, &[])
    }

    /// The same by a command that becomes the server.
    pub fn start_by(command: Command, demo: Demo, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, command, demo, variables)
    }

    /// Stops it as an operator would, and starts it again over the same data.
    pub fn restart(mut self, demo: Demo, variables: &[(&str, &str)]) -> Self {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        let mut command = vigia();
        command.arg("serve");
        Self::start_in(folder, command, demo, variables)
    }

    fn start_in(mut folder: TempDir, command: Command, demo: Demo, variables: &[(&str, &str)]) -> Self {
        lay_out(&folder.path().join("site"));
        let mut command = without_settings(command);
        command.env("VIGIA_DEMO", if matches!(demo, Demo::Off) { "off" } else { "first-start" });
        for _ in 0..3 {
            match Self::try_start(folder, &mut command, variables) {
                Ok(server) => return server,
                Err(again) => folder = again,
            }
        }
        panic!("another program took the server's address three times");
    }

    /// A server that is ready; the folder again when another program has its address.
    fn try_start(
        folder: TempDir,
        command: &mut Command,
        variables: &[(&str, &str)],
    ) -> Result<Self, TempDir> {
        let site = folder.path().join("site");
        let [address, metrics] = free_addresses();
        let child = command
            .current_dir(folder.path())
            .env("VIGIA_SITE", &site)
            .env("VIGIA_DATA", folder.path().join("data"))
            .env("VIGIA_LISTEN", address.to_string())
            .env("VIGIA_METRICS_LISTEN", metrics.to_string())
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self { child, address, metrics, folder };
        let is_ready = until("the server", || match server.child.try_wait().unwrap() {
            Some(_) if server.log().contains("Address already in use") => Some(false),
            Some(ended) => panic!("the server ended: {ended:?}\n{}", server.log()),
            None => server.get("/readyz").starts_with("HTTP/1.1 200").then_some(true),
        });
        if is_ready {
            Ok(server)
        } else {
            Err(std::mem::replace(&mut server.folder, tempfile::tempdir().unwrap()))
        }
    }

    /// Stops it as an operator would, and waits for its end; whether it succeeded.
    pub fn stop(&mut self) -> bool {
        self.tell_to_end();
        self.has_ended_well()
    }

    /// Sends the signal to end, and does not wait.
    pub fn tell_to_end(&self) {
        let told = Command::new("kill").args(["-TERM", &self.process().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Waits for its end; whether it succeeded.
    pub fn has_ended_well(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Runs another command of the binary over the same data; its output.
    pub fn run(&self, arguments: &[&str]) -> String {
        let mut command = vigia();
        command.args(arguments).current_dir(self.folder.path());
        let ran = command.env("VIGIA_DATA", self.folder.path().join("data")).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }

    /// Its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// The whole answer as text; empty while the server does not listen.
    pub fn get(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.ask("GET", path, "", b"").whole).into_owned()
    }

    /// Sends raw bytes, and leaves the rest of the request and the answer to the caller.
    pub fn send(&self, request: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // The server may have closed the connection already.
        let _ = stream.write_all(request);
        stream
    }

    /// The head of an answer alone: for an answer without an end, or a request whose body never comes.
    pub fn head(&self, request: &str) -> Answer {
        let request = request.replace("\r\n\r\n", &format!("\r\nHost: {}\r\n\r\n", self.address));
        Answer::read_head(&mut self.send(request.as_bytes()))
    }

    /// The metrics, at their own address.
    pub fn metrics(&self) -> String {
        ask_at(self.metrics, "GET", "/metrics", "", b"").text()
    }

    /// The process id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The folder of the data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The address that it listens on.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sends a request as a browser on this site would; `head` holds further headers, each with its line's end.
    pub fn ask(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
        ask_at(self.address, method, path, head, body)
    }
}

fn ask_at(address: SocketAddr, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
    let mut whole = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{head}\r\n",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The server may answer before it has the whole body.
        let _ = stream.write_all(body);
        let _ = stream.read_to_end(&mut whole);
    }
    Answer { whole }
}

/// An answer as received.
pub struct Answer {
    whole: Vec<u8>,
}

impl Answer {
    /// Reads the head alone, and leaves the rest.
    pub fn read_head(stream: &mut TcpStream) -> Self {
        let (mut whole, mut byte) = (Vec::new(), [0]);
        while !whole.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
            whole.push(byte[0]);
        }
        Self { whole }
    }

    fn cut(&self) -> usize {
        self.whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(self.whole.len())
    }

    /// The status.
    pub fn status(&self) -> u16 {
        let head = String::from_utf8_lossy(&self.whole);
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// The lines of its headers.
    pub fn lines(&self) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.whole[..self.cut()]).into_owned();
        head.lines().skip(1).map(str::to_owned).collect()
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

    /// The body after the headers; chunks are joined.
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

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body()).into_owned()
    }
}

/// A member of the staff, signed in.
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

/// Signs a member of the demonstration's staff in, as the form does.
pub fn sign_in(server: &Server, mail: &str) -> Answer {
    let form = format!("mail={}&password=demostracion-vigia", mail.replace('@', "%40"));
    server.ask(
        "POST",
        "/desk/sign-in",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        form.as_bytes(),
    )
}

/// Opens a case as a customer; the last part of its link.
pub fn open_case(server: &Server, key: &str) -> String {
    let opened = post_report(server, key);
    assert_eq!(opened.status(), 303, "{}", opened.text());
    opened.header("location").rsplit('/').next().unwrap().to_owned()
}

/// Posts that form, once more where the key was used.
pub fn post_report(server: &Server, key: &str) -> Answer {
    let report = format!(
        "key={key}&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2&platform=network&country=VE\
         &location=Torre+Avila&contact_same=yes&contact_phone=0212+555+0142&contact_mail=ana%40cumbre.example\
         &fault=El+conmutador+se+apaga+solo.&severity=high&urgency=high"
    );
    server.ask("POST", "/", "Content-Type: application/x-www-form-urlencoded\r\n", report.as_bytes())
}

/// The output of `tools/bundle.sh`, as far as the server reads it.
pub fn lay_out(site: &Path) {
    fs::create_dir_all(site.join("pkg")).unwrap();
    let names = [
        "vigia.css",
        "admin.css",
        "wall.css",
        "form.js",
        "form_bg.wasm",
        "track.js",
        "track_bg.wasm",
        "workspace.js",
        "workspace_bg.wasm",
        "admin.js",
        "admin_bg.wasm",
        "wall.js",
        "wall_bg.wasm",
        "verify.css",
        "verify.js",
        "verify_bg.wasm",
        "kept.html",
    ];
    let faces = ["form", "track", "workspace", "parts", "admin", "wall", "verify"];
    let words = faces
        .iter()
        .flat_map(|face| Language::ALL.map(|language| format!("{face}.{}.json", language.code())));
    let names = names.into_iter().map(str::to_owned).chain(words);
    let entries: Vec<String> = names.map(|name| format!("\"{name}\":\"hashed.{name}\"")).collect();
    let parts = ["case_file", "intake", "office"].map(|part| format!("\"{part}\":[\"hashed.{part}.wasm\"]"));
    let (files, parts) = (entries.join(","), parts.join(","));
    // The one file whose content the server itself reads, with the words beside it.
    fs::write(site.join("pkg/hashed.kept.html"), "<html lang=@@language@@>@@head@@ @@title@@ @@words@@")
        .unwrap();
    for language in Language::ALL {
        fs::write(site.join(format!("pkg/hashed.verify.{}.json", language.code())), "{\"a\":\"<b>\"}")
            .unwrap();
    }
    fs::write(site.join("pkg/manifest.json"), format!("{{\"files\":{{{files}}},\"parts\":{{{parts}}}}}"))
        .unwrap();
}
