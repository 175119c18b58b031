//! Senders of requests, with the forms and commands that they send.

use serde_json::{Value, json};

use super::{Answer, Person, Server, until};

/// The header of a posted form.
pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
/// What a browser asks a page with: a page that leads elsewhere does so by a redirect.
pub const PAGE: &str = "Accept: text/html\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
/// A link of no case.
pub const NO_LINK: &str = "VE2600000121-00000000000000000000000000000000";
/// A number of no case.
pub const NO_CASE: &str = "VE2600421392";
/// Every field of the case form.
pub const REPORT: &str = "key=0123456789abcdef0200&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2\
                      &platform=network&country=VE&location=Torre+Avila&contact_same=yes&contact_phone=0212+555+0142\
                      &contact_mail=ana%40cumbre.example&fault=El+conmutador+se+apaga+solo.&severity=high&urgency=high";
/// Every field that a customer can amend.
pub const AMENDED: &str = "seen=1&name=Ana+Rivas&phone=0212+555+0142&second=&mail=ana%40cumbre.example\
                       &fault=Se+apaga+cada+hora.&reason=Falta+un+dato";

/// The answer of a request that is beyond a rate limit. The allowance refills with time, so it is repeated until it is refused.
pub fn limited(ask: impl Fn() -> Answer) -> Answer {
    (0..20).map(|_| ask()).find(|answer| answer.status() == 429).unwrap_or_else(ask)
}

/// The part of a link behind `before` in a mail to an address, once the mail is there.
pub fn mailed_link(server: &Server, address: &str, before: &str) -> String {
    let folder = server.data().join("mail");
    until("the mail with the link", || {
        std::fs::read_dir(&folder).ok()?.flatten().find_map(|file| {
            let text = std::fs::read_to_string(file.path()).ok()?.replace("=\r\n", "").replace("=3D", "=");
            if !text.contains(&format!("<{address}>")) && !text.contains(&format!("To: {address}")) {
                return None;
            }
            let link = text.split_once(before)?.1;
            Some(link.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
        })
    })
}

/// Signs a customer in by the link of the mail that they are sent; the session's cookie.
pub fn signed_in_customer(server: &Server, address: &str) -> String {
    let form = format!("mail={}", address.replace('@', "%40"));
    server.ask("POST", "/my/sign-in", FORM, form.as_bytes());
    let link = mailed_link(server, address, "/my/enter/");
    let entered = server.ask("POST", &format!("/my/enter/{link}"), FORM, b"");
    entered.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// The sender of a request. The cookie is empty for a stranger.
pub struct Client<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Client<'a> {
    /// A sender without a session.
    pub fn stranger(server: &'a Server) -> Self {
        Self { server, cookie: String::new() }
    }

    /// A member of the demonstration's staff, by the local part of the mail address.
    pub fn staff(server: &'a Server, name: &str) -> Self {
        Self { server, cookie: Person::sign_in(server, &format!("{name}@vigia.example")).cookie }
    }

    fn head(&self, kind: &str) -> String {
        if self.cookie.is_empty() { kind.to_owned() } else { format!("{kind}Cookie: {}\r\n", self.cookie) }
    }

    /// Requests a page.
    pub fn get(&self, path: &str) -> Answer {
        self.server.ask("GET", path, &self.head(""), b"")
    }

    /// Posts a form as a browser without a script does.
    pub fn post(&self, path: &str, form: &str) -> Answer {
        self.server.ask("POST", path, &self.head(FORM), form.as_bytes())
    }

    /// Posts a multipart form whose parts are divided by `--edge`.
    pub fn post_parts(&self, path: &str, body: &[u8]) -> Answer {
        let kind = "Content-Type: multipart/form-data; boundary=edge\r\n";
        self.server.ask("POST", path, &self.head(kind), body)
    }

    /// Posts a form with one file, as a browser without a script does.
    pub fn send_file(&self, path: &str, kind: &str, name: &str, content: &[u8]) -> Answer {
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--edge\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        self.server.ask(
            "POST",
            path,
            &self.head("Content-Type: multipart/form-data; boundary=edge\r\n"),
            &body,
        )
    }

    /// Calls a server function.
    pub fn call(&self, name: &str, arguments: &Value) -> Answer {
        self.server.ask("POST", &format!("/api/{name}"), &self.head(JSON), arguments.to_string().as_bytes())
    }

    /// Executes a command on a case that was read at a version.
    pub fn work(&self, number: &str, seen: u32, command: &Value) -> Answer {
        self.call("work_case", &json!({ "number": number, "seen": seen, "command": command }))
    }

    /// Uploads a photograph to the visit that is under way.
    pub fn upload(&self, number: &str, accept: &str) -> Answer {
        let body = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n\
                     \xFF\xD8\xFF\xE1\x00\x18Exif\0\0\r\n--edge--\r\n";
        let kind = format!("Accept: {accept}\r\nContent-Type: multipart/form-data; boundary=edge\r\n");
        self.server.ask("POST", &format!("/desk/cases/{number}/files"), &self.head(&kind), body)
    }
}

/// A report as the form's script sends it.
pub fn form() -> Value {
    json!({ "reporter": "Ana Rivas", "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "platform": "network",
            "country": "VE", "location": "Torre Avila", "contact_same": "yes", "contact_phone": "0212 555 0142",
            "contact_mail": "ana@cumbre.example", "fault": "El conmutador se apaga solo.", "severity": "high",
            "urgency": "high" })
}

/// A command that steers a case.
pub fn priority(to: &str) -> Value {
    json!({ "change_priority": { "to": to, "reason": "Toda la sede" } })
}

/// A command that rests on no version.
pub fn note() -> Value {
    json!({ "add_note": { "audience": "internal", "text": "Revisado" } })
}

/// Asserts the status of every answer, and names all that differ.
pub fn all_are(status: u16, answers: &[(&str, Answer)]) {
    let others: Vec<String> = answers
        .iter()
        .filter(|(_, answer)| answer.status() != status)
        .map(|(what, answer)| format!("{what}: {}", answer.status()))
        .collect();
    assert!(others.is_empty(), "not {status}: {others:#?}");
}
