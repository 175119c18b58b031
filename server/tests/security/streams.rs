//! What event streams tell of cases that their reader may not see.

use std::io::Read as _;
use std::net::TcpStream;

use crate::support::client::FORM;
use crate::support::program::{CASES, Program};
use crate::support::{Answer, Demo, Server, open_case};

/// A stream whose head was read.
fn follow(server: &Server, path: &str, credentials: &str) -> TcpStream {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{credentials}\r\n\r\n", server.host());
    let mut stream = server.send(head.as_bytes());
    assert_eq!(Answer::read_head(&mut stream).status(), 200, "{path}");
    stream
}

/// Everything that a stream tells until it names a case.
fn heard_until(stream: &mut TcpStream, number: &str) -> String {
    let (mut heard, mut part) = (String::new(), [0; 4096]);
    while !heard.contains(number) {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "the stream ended without {number}: {heard}");
        heard.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    heard
}

#[test]
fn stream_of_one_country_tells_nothing_of_another() {
    let server = Server::start(Demo::On);
    let said = server.run(&["display", "add", "--name", "Bogotá", "--country", "CO"]);
    let link = format!("/board/{}", said.trim().rsplit('/').next().unwrap());
    let paired = server.ask("GET", &link, "", b"").header("set-cookie");
    let display = format!("Cookie: {}", paired.split(';').next().unwrap());
    let program = Program::new(&server, CASES, &["--country", "CO"]);
    let token = format!("Authorization: Bearer {}", program.token);
    let mut streams = [follow(&server, "/events/board", &display), follow(&server, "/api/v1/events", &token)];
    let foreign = open_case(&server, "0123456789abcdef0806")[..12].to_owned();
    let report = "key=0123456789abcdef0807&reporter=Eva+Paz&contract=CPS-CO-002107-95&serial=MXQ3410ABC&platform=servers\
                  &country=CO&location=Torre+Central&contact_same=yes&contact_phone=%2B58+212+555+0142\
                  &contact_mail=eva%40cordillera.example&fault=El+equipo+se+apaga+solo.&severity=high&urgency=high";
    let opened = server.ask("POST", "/", FORM, report.as_bytes());
    assert_eq!(opened.status(), 303, "{}", opened.text());
    let own = opened.header("location").rsplit('/').next().unwrap()[..12].to_owned();
    for stream in &mut streams {
        let heard = heard_until(stream, &own);
        assert!(!heard.contains(&foreign), "{heard}");
    }
}
