//! Single sign-on over the real router: what its pages show and hide, and the way to a provider and back. What providers answer is tested
//! in desk.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;
use support::client::{Client, FORM};
use support::{Answer, Demo, Server};

const PAGE: &str = "/desk/admin/sign-in";

/// A provider that says what it is, and nothing else; its issuer.
fn described() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let at = |path: &str| format!("{issuer}{path}");
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize?tenant=a"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
    })
    .to_string();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut read = [0; 4096];
            // One segment holds the whole request.
            let _ = stream.read(&mut read);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    issuer
}

fn server() -> Server {
    Server::start_with(Demo::On, &[("VIGIA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1")])
}

fn form(issuer: &str, more: &str) -> String {
    let issuer = issuer.replace(':', "%3A").replace('/', "%2F");
    format!(
        "name=Directorio&issuer={issuer}&client=mesa&secret=s3creto&scopes=profile+email&claim=groups&groups=\
         &strangers=refused&desk_sign_in=everyone&factors=mfa{more}"
    )
}

/// A posted form with cookies.
fn post(server: &Server, path: &str, cookie: &str, body: &str) -> Answer {
    server.ask("POST", path, &format!("{FORM}Cookie: {cookie}\r\n"), body.as_bytes())
}

#[test]
fn provider_is_kept_by_administrators_and_its_secret_is_never_shown() {
    let (server, issuer) = (server(), described());
    let boss = Client::staff(&server, "administracion");
    let added = boss.post(PAGE, &form(&issuer, ""));
    assert_eq!((added.status(), added.header("location")), (303, format!("{PAGE}/1?deed=add")));
    let page = boss.get(&format!("{PAGE}/1")).text();
    assert!(page.contains("/desk/sign-in/callback/1") && !page.contains("s3creto"), "{page}");
    let tested = boss.post(&format!("{PAGE}/1"), "deed=test");
    assert!(tested.status() == 200 && tested.text().contains("El proveedor responde"));
    let wrong = boss.post(&format!("{PAGE}/1"), &form("login.example", "&deed=edit&revision=1"));
    assert_eq!(wrong.status(), 422);
    let page = wrong.text();
    assert!(page.contains("id=\"issuer-error\"") && !page.contains("s3creto"), "{page}");
    let inside = boss.post(&format!("{PAGE}/1"), &form("http://169.254.169.254", "&deed=edit&revision=1"));
    assert!(inside.status() == 422 && inside.text().contains("webhooks.allowed_networks"));
    for other in ["agente", "supervisor"] {
        let client = Client::staff(&server, other);
        assert_eq!(client.get(PAGE).status(), 403, "{other}");
        assert_eq!(client.post(PAGE, &form(&issuer, "")).status(), 403, "{other}");
        assert_eq!(client.post(&format!("{PAGE}/1"), "deed=remove").status(), 403, "{other}");
    }
    assert_eq!(boss.post(&format!("{PAGE}/1"), "deed=remove").status(), 303);
    assert_eq!(boss.get(&format!("{PAGE}/1")).status(), 404);
}

#[test]
fn browser_goes_to_the_provider_without_a_script_and_is_known_by_a_cookie() {
    let (server, issuer) = (server(), described());
    let without = server.ask("GET", "/desk/sign-in", "Accept: text/html\r\n", b"").text();
    assert!(!without.contains("/desk/sign-in/provider"));
    let again = server.ask("GET", "/desk/sign-in?again=yes", "Accept: text/html\r\n", b"").text();
    assert!(!again.contains("name=\"again\""), "a desk without a provider says nothing of them");
    Client::staff(&server, "administracion").post(PAGE, &form(&issuer, ""));
    let page = server.ask("GET", "/desk/sign-in?next=/desk/account", "Accept: text/html\r\n", b"").text();
    assert!(page.contains("formaction=\"/desk/sign-in/provider\"") && page.contains("Entrar con Directorio"));
    let sent =
        post(&server, "/desk/sign-in/provider", "", "provider=1&next=%2Fdesk%2Faccount&mail=&password=");
    assert_eq!(sent.status(), 200);
    let refresh = sent.header("refresh");
    let start = format!("0; url={issuer}/authorize?tenant=a&response_type=code&client_id=mesa&redirect_uri=");
    assert!(refresh.starts_with(&start), "{refresh}");
    let policy = sent.header("content-security-policy");
    assert!(policy.contains("form-action 'self'"), "no exception is made: {policy}");
    let cookie = sent.header("set-cookie");
    assert!(cookie.starts_with("vigia-provider=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600"), "{cookie}");
    let secret = cookie.split(';').next().unwrap();
    let (_, state) = refresh.split_once("&state=").unwrap();
    let state = state.split('&').next().unwrap();

    let refused = |cookie: &str, query: &str| {
        let path = format!("/desk/sign-in/callback/1?{query}");
        let answer = server.ask("GET", &path, &format!("Cookie: {cookie}\r\n"), b"");
        assert!(!answer.header("set-cookie").contains("vigia-session"));
        (answer.status(), answer.header("location"))
    };
    let denied = format!("error=access_denied&state={state}");
    let over = (303, "/desk/sign-in?next=/desk&problem=over".to_owned());
    assert_eq!(refused("", &denied), over, "another browser");
    assert_eq!(refused(secret, "code=a&state=b"), over, "another state");
    assert_eq!(
        refused(secret, &denied),
        (303, "/desk/sign-in?next=/desk/account&problem=denied".to_owned()),
        "the page that was asked for is not forgotten"
    );
    assert_eq!(refused(secret, &denied), over, "once");
    let page = server.ask("GET", "/desk/sign-in?problem=denied", "Accept: text/html\r\n", b"").text();
    assert!(page.contains("usted no dio su permiso"), "{page}");
}

#[test]
fn way_to_a_provider_leads_to_no_other_site() {
    let (server, issuer) = (server(), described());
    Client::staff(&server, "administracion").post(PAGE, &form(&issuer, ""));
    let sent =
        post(&server, "/desk/sign-in/provider", "", "provider=1&next=%2F%2Fevil.example&invitation=&again=");
    let secret = sent.header("set-cookie").split(';').next().unwrap().to_owned();
    let refresh = sent.header("refresh");
    let (_, state) = refresh.split_once("&state=").unwrap();
    let path =
        format!("/desk/sign-in/callback/1?error=access_denied&state={}", state.split('&').next().unwrap());
    let back = server.ask("GET", &path, &format!("Cookie: {secret}\r\n"), b"");
    assert_eq!(back.header("location"), "/desk/sign-in?next=/desk&problem=denied");
    let long = format!("provider=1&next=%2Fdesk%2F{}", "x".repeat(2048));
    let sent = post(&server, "/desk/sign-in/provider", "", &long);
    let secret = sent.header("set-cookie").split(';').next().unwrap().to_owned();
    let refresh = sent.header("refresh");
    let (_, state) = refresh.split_once("&state=").unwrap();
    let path =
        format!("/desk/sign-in/callback/1?error=access_denied&state={}", state.split('&').next().unwrap());
    let back = server.ask("GET", &path, &format!("Cookie: {secret}\r\n"), b"");
    assert_eq!(
        back.header("location"),
        "/desk/sign-in?next=/desk&problem=denied",
        "what is stored is bounded"
    );
    let unknown = post(&server, "/desk/sign-in/provider", "", "provider=7");
    assert_eq!(unknown.status(), 401);
    assert!(unknown.text().contains("Con este proveedor no se puede entrar por ahora"));
    let no_link = post(&server, "/desk/sign-in/provider", "", "provider=1&invitation=7-abc");
    assert_eq!(no_link.status(), 401);
    assert_eq!(server.ask("HEAD", "/desk/sign-in/callback/1?state=a", "", b"").status(), 405);
}

#[test]
fn accounts_of_the_demonstration_are_not_connected() {
    let (server, issuer) = (server(), described());
    Client::staff(&server, "administracion").post(PAGE, &form(&issuer, ""));
    let agent = Client::staff(&server, "agente");
    assert!(agent.get("/desk/account/identities").text().contains("Directorio"));
    let refused = agent.post("/desk/account/identities", "act=connect&provider=1");
    assert_eq!(refused.header("location"), "/desk/account/identities?problem=shared");
    let stranger = Client::stranger(&server).post("/desk/account/identities", "act=connect&provider=1");
    assert!(stranger.header("location").starts_with("/desk/sign-in?next="), "{}", stranger.status());
}
