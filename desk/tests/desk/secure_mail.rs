//! Mail over TLS with a sign-in, against a real TLS server: trusted certificates, and nothing unencrypted.

use desk::outbox::{
    Login, MailId, ReplyAddresses, Roots, RootsProblem, Sender, Settings, SmtpSettings, Tls, Transport,
    deliver_due, read,
};
use desk::store::Engine;
use domain::actor::Actor;
use domain::mail_address::MailAddress;
use domain::view::MailState;

use crate::support::tls_smtp::{Authority, Line, SecureServer, Security};
use crate::support::{TestDesk, a_case};

const HOST: &str = "127.0.0.1";

fn over(server: &SecureServer, tls: Tls, roots: Roots, password: &str) -> Transport {
    Transport::Smtp(SmtpSettings {
        host: HOST.into(),
        port: server.port,
        tls,
        roots,
        login: Some(Login { user: "desk".into(), password: password.into() }),
        sender: Sender {
            name: "Vigía".into(),
            address: MailAddress::parse("mesa@vigia.example").unwrap(),
            replies: ReplyAddresses::Shared,
        },
        hello: "vigia.example".into(),
    })
}

fn trusting(authority: &Authority) -> Roots {
    Roots::from_pem(authority.pem().as_bytes()).unwrap()
}

/// The state of a mail sent that way, and the server's refusal.
async fn sent(transport: &Transport) -> (MailState, String) {
    let at = TestDesk::with_register(Engine::Sqlite).await;
    a_case(&at.desk).await;
    assert_eq!(deliver_due(&at.desk, transport, &Settings::default()).await.unwrap(), 1);
    let mail = read(&at.desk, &Actor::System, MailId(1)).await.unwrap().line;
    (mail.seen.state, mail.trouble.unwrap_or_default())
}

#[tokio::test]
async fn mail_is_sent_over_tls_with_a_configured_authority() {
    let (house, other) = (Authority::new(), Authority::new());
    for (security, tls) in [(Security::StartTls, Tls::StartTls), (Security::Implicit, Tls::Implicit)] {
        let server = SecureServer::start(security, &house, HOST).await;
        let several = Roots::from_pem(format!("{}{}", other.pem(), house.pem()).as_bytes()).unwrap();
        for roots in [trusting(&house), several] {
            let (state, trouble) = sent(&over(&server, tls, roots, "s3cret")).await;
            assert_eq!((state, trouble.as_str()), (MailState::Sent, ""), "{security:?}");
        }
        let signed_in = server.heard("AUTH");
        assert_eq!(signed_in.len(), 2, "{security:?}: signed in before each mail");
        assert!(signed_in.iter().all(|(line, _)| *line == Line::Secured), "{signed_in:?}");
        assert!(server.heard("MAIL").iter().all(|(line, _)| *line == Line::Secured), "{security:?}");
    }
}

#[tokio::test]
async fn mail_server_with_an_untrusted_certificate_is_refused() {
    let (house, other) = (Authority::new(), Authority::new());
    for (security, tls) in [(Security::StartTls, Tls::StartTls), (Security::Implicit, Tls::Implicit)] {
        // An unknown authority, the public ones alone, and the right one for another name.
        for (name, roots) in
            [(HOST, trusting(&other)), (HOST, Roots::default()), ("other.example", trusting(&house))]
        {
            let server = SecureServer::start(security, &house, name).await;
            let (state, trouble) = sent(&over(&server, tls, roots, "s3cret")).await;
            assert_eq!(state, MailState::Queued, "{security:?} {name}: tried again later");
            assert!(trouble.to_lowercase().contains("certificate"), "{security:?} {name}: {trouble}");
            assert_eq!((server.heard("AUTH"), server.heard("MAIL")), (Vec::new(), Vec::new()), "{name}");
        }
    }
}

#[tokio::test]
async fn mail_server_without_tls_gets_neither_password_nor_mail() {
    let house = Authority::new();
    let server = SecureServer::start(Security::Never, &house, HOST).await;
    let (state, trouble) = sent(&over(&server, Tls::StartTls, trusting(&house), "s3cret")).await;
    assert_eq!(state, MailState::Queued, "{trouble}");
    assert_eq!(server.heard("EHLO").len(), 1, "the server was reached");
    for command in ["AUTH", "MAIL", "RCPT", "DATA"] {
        assert_eq!(server.heard(command), [], "{command}");
    }
}

#[tokio::test]
async fn wrong_mail_password_is_reported_and_sends_nothing() {
    let house = Authority::new();
    let server = SecureServer::start(Security::StartTls, &house, HOST).await;
    let (state, trouble) = sent(&over(&server, Tls::StartTls, trusting(&house), "guessed")).await;
    assert_eq!(state, MailState::Queued);
    assert!(trouble.contains("535") || trouble.contains("5.7.8"), "{trouble}");
    assert!(!trouble.contains("guessed"), "{trouble}");
    assert_eq!(server.heard("MAIL"), []);
}

#[test]
fn roots_file_without_certificates_is_refused() {
    let wrong = |pem: &str| Roots::from_pem(pem.as_bytes()).unwrap_err();
    assert_eq!(wrong(""), RootsProblem::NoCertificate);
    assert_eq!(wrong("a certificate, honestly"), RootsProblem::NoCertificate);
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(wrong(&key), RootsProblem::NoCertificate);
    let pem = Authority::new().pem();
    let cut = &pem[..pem.len() / 2];
    assert_eq!(wrong(cut), RootsProblem::Unreadable);
    let inner: Vec<&str> = pem.lines().collect();
    let shortened = [&inner[..2], &inner[inner.len() - 1..]].concat().join("\n");
    assert_eq!(wrong(&shortened), RootsProblem::Unreadable);
}
