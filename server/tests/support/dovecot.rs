//! A Dovecot of the test's own: an unprivileged server in a temporary folder, on free ports of the loopback.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};

use tempfile::TempDir;

use super::until;

/// Where Debian's package has the program.
const PROGRAM: &str = "/usr/sbin/dovecot";
/// The password of every account.
pub const PASSWORD: &str = "clave-de-prueba";

/// A server with accounts of any name.
pub struct Dovecot {
    child: Child,
    folder: TempDir,
    /// The port without TLS, with STARTTLS.
    pub plain: u16,
    /// The port with TLS.
    pub secure: u16,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

impl Dovecot {
    /// Starts a server; `None` where Debian's package dovecot-imapd is missing, which is an error where `CI` is set.
    pub fn start() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            assert!(std::env::var_os("CI").is_none(), "Dovecot is missing: run tools/needs.sh test");
            eprintln!("skipped: Dovecot is missing (tools/needs.sh test)");
            return None;
        }
        // Another program may take a port first.
        Some((0..5).find_map(|_| Self::try_start()).expect("Dovecot starts"))
    }

    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let ports = [free_port(), free_port()];
        let is_root = said_by("id", &["-u"]) == "0";
        // Dovecot reads no mails as root.
        let (user, group) = if is_root {
            ("nobody".to_owned(), "nogroup".to_owned())
        } else {
            (said_by("id", &["-un"]), said_by("id", &["-gn"]))
        };
        lay_out(folder.path(), ports, &user, &group);
        let configuration = folder.path().join("dovecot.conf");
        let mut command = if is_root {
            let owned =
                Command::new("chown").args(["-R", &format!("{user}:{group}")]).arg(folder.path()).status();
            assert!(owned.unwrap().success());
            let mut command = Command::new("setpriv");
            command.args([
                &format!("--reuid={user}"),
                &format!("--regid={group}"),
                "--clear-groups",
                PROGRAM,
            ]);
            command
        } else {
            Command::new(PROGRAM)
        };
        let child = command.arg("-F").arg("-c").arg(configuration).current_dir("/").spawn().unwrap();
        let mut dovecot = Self { child, folder, plain: ports[0], secure: ports[1] };
        let began = until("Dovecot", || match dovecot.child.try_wait().unwrap() {
            Some(_) => Some(false),
            None => greets(dovecot.plain).then_some(true),
        });
        began.then_some(dovecot)
    }

    /// The certificate of the server, which is its own authority.
    pub fn authority(&self) -> String {
        self.folder.path().join("cert.pem").display().to_string()
    }

    /// A client that has signed in.
    pub fn client(&self, user: &str) -> Imap {
        let stream = TcpStream::connect(("127.0.0.1", self.plain)).unwrap();
        let mut client = Imap { lines: BufReader::new(stream), commands: 0 };
        assert!(client.line().starts_with("* OK"));
        client.run(&format!("LOGIN {user} \"{PASSWORD}\""));
        client
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn greets(port: u16) -> bool {
    let mut greeting = [0; 4];
    TcpStream::connect(("127.0.0.1", port)).is_ok_and(|mut stream| stream.read_exact(&mut greeting).is_ok())
        && greeting == *b"* OK"
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The files of a server.
fn lay_out(folder: &Path, [plain, secure]: [u16; 2], user: &str, group: &str) {
    let here = folder.display();
    for name in ["run", "mail", "home"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let request = "[req]\ndistinguished_name = name\nx509_extensions = own\nprompt = no\n[name]\nCN = localhost\n\
                   [own]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = DNS:localhost\n";
    fs::write(folder.join("request"), request).unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "3",
        ])
        .args(["-config", "request", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let configuration = format!(
        "base_dir = {here}/run\nstate_dir = {here}/run\nlog_path = {here}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
         default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
         first_valid_uid = 1\ndisable_plaintext_auth = no\n\
         ssl = yes\nssl_cert = <{here}/cert.pem\nssl_key = <{here}/key.pem\nmail_location = maildir:{here}/mail/%u\n\
         mail_max_userip_connections = 100\n\
         service anvil {{\n  chroot =\n}}\n\
         service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {plain}\n  }}\n\
         inet_listener imaps {{\n    port = {secure}\n    ssl = yes\n  }}\n}}\n\
         namespace inbox {{\n  inbox = yes\n}}\n\
         passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}\n\
         userdb {{\n  driver = static\n  args = uid={user} gid={group} home={here}/home/%u\n}}\n"
    );
    fs::write(folder.join("dovecot.conf"), configuration).unwrap();
}

/// A client of IMAP, as a person's program is one.
pub struct Imap {
    lines: BufReader<TcpStream>,
    commands: u32,
}

impl Imap {
    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.lines.read_until(b'\n', &mut line).unwrap();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    fn send(&mut self, text: &[u8]) {
        self.lines.get_mut().write_all(text).unwrap();
    }

    /// Runs a command; the lines of its answer before the last, which must be a success.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        self.commands += 1;
        let tag = format!("t{}", self.commands);
        self.send(format!("{tag} {command}\r\n").as_bytes());
        self.answer(&tag)
    }

    fn answer(&mut self, tag: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if let Some(status) = line.strip_prefix(tag) {
                assert!(status.starts_with(" OK"), "{line}");
                return lines;
            }
            assert!(!line.is_empty() || lines.len() < 100_000, "the server closed");
            lines.push(line);
        }
    }

    /// Puts a mail into a folder.
    pub fn append(&mut self, folder: &str, mail: &[u8]) {
        self.commands += 1;
        let tag = format!("t{}", self.commands);
        self.send(format!("{tag} APPEND {folder} {{{}}}\r\n", mail.len()).as_bytes());
        assert!(self.line().starts_with('+'));
        self.send(&[mail, b"\r\n"].concat());
        self.answer(&tag);
    }

    /// How many mails are in a folder, by a word of STATUS.
    pub fn count(&mut self, folder: &str, what: &str) -> usize {
        let lines = self.run(&format!("STATUS {folder} ({what})"));
        let status = lines.iter().find(|line| line.starts_with("* STATUS")).unwrap();
        status.trim_end_matches(')').rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// Subjects of the mails in a folder.
    pub fn subjects(&mut self, folder: &str) -> Vec<String> {
        self.run(&format!("EXAMINE {folder}"));
        let lines = self.run("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
        self.run("CLOSE");
        lines.iter().filter_map(|line| line.strip_prefix("Subject: ").map(str::to_owned)).collect()
    }
}
