//! Headers that claim to come from a proxy or a single sign-on.

use serde_json::json;

use crate::support::client::{FORM, PAGE};
use crate::support::program::JSON;
use crate::support::{Answer, Demo, Server, until};

/// Headers by which proxies of other products hand over who is signed in.
const CLAIMS: [&str; 5] =
    ["X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-Email"];

#[test]
fn identity_that_a_header_claims_signs_no_one_in() {
    let server = Server::start(Demo::On);
    for claim in CLAIMS {
        let head = format!("{claim}: administracion@vigia.example\r\n");
        let page = server.ask("GET", "/desk/admin/people", &format!("{PAGE}{head}"), b"");
        assert!((300..400).contains(&page.status()), "{claim}: {}", page.status());
        let body = json!({}).to_string();
        let function = server.ask("POST", "/api/signed_in", &format!("{JSON}{head}"), body.as_bytes());
        assert_eq!(function.status(), 401, "{claim}");
    }
}

#[test]
fn links_of_mails_name_the_public_address_whatever_host_is_claimed() {
    let server = Server::start_with(Demo::On, &[("VIGIA_PUBLIC_URL", "https://mesa.example")]);
    let report = "key=0123456789abcdef0803&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2\
                  &platform=network&country=VE&location=Torre+Avila&contact_same=yes&contact_phone=0212+555+0142\
                  &contact_mail=ana%40cumbre.example&fault=El+conmutador+se+apaga+solo.&severity=high&urgency=high";
    let request = format!(
        "POST / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n\
         X-Forwarded-Proto: http\r\n{FORM}Connection: close\r\nContent-Length: {}\r\n\r\n{report}",
        report.len()
    );
    let opened = Answer::read_head(&mut server.send(request.as_bytes()));
    assert_eq!(opened.status(), 303);
    assert!(opened.header("location").starts_with('/'), "{}", opened.header("location"));
    let text = until("the mail of the opening", || {
        let files = std::fs::read_dir(server.data().join("mail")).ok()?.flatten();
        let mut texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        texts
            .find(|text| text.contains("ana@cumbre.example"))
            .map(|text| text.replace("=\r\n", "").replace("=3D", "="))
    });
    assert!(text.contains("https://mesa.example/track/") && !text.contains("evil.example"), "{text}");
}
