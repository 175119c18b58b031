//! Single sign-on over the real router: what its pages show and hide, and the way to a provider and back. What providers answer is tested
//! in desk.

mod support;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::client::{Client, FORM};
use support::{Answer, Demo, Server, until};
use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::crypto::ring::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const PAGE: &str = "/desk/admin/sign-in";
/// The key of the example of RFC 8410, 10.3: no secret.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
/// Its public half.
const PUBLIC_KEY: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";

/// A provider on this machine: it says what it is, has one key, and gives the ID token of the test for any code.
struct StandIn {
    issuer: String,
    bodies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl StandIn {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let at = |path: &str| format!("{issuer}{path}");
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": at("/authorize?tenant=a"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
        });
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "one", "alg": "EdDSA", "use": "sig", "x": PUBLIC_KEY });
        let bodies = BTreeMap::from([
            ("/.well-known/openid-configuration".to_owned(), metadata.to_string()),
            ("/keys".to_owned(), json!({ "keys": [key] }).to_string()),
        ]);
        let bodies = Arc::new(Mutex::new(bodies));
        let said = Arc::clone(&bodies);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let path = asked(&mut stream);
                let body = said.lock().unwrap().get(&path).cloned();
                let status = if body.is_some() { 200 } else { 404 };
                let body = body.unwrap_or_default();
                let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { issuer, bodies }
    }

    /// From now on it gives this ID token for a code.
    fn gives(&self, id_token: &str) {
        let body = json!({ "access_token": "access", "token_type": "Bearer", "id_token": id_token });
        self.bodies.lock().unwrap().insert("/token".to_owned(), body.to_string());
    }
}

/// Reads a whole request; its path.
fn asked(stream: &mut TcpStream) -> String {
    let (mut read, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).unwrap_or(0);
        read.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let is_whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then_some(value)
            });
            length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap())
        });
        if is_whole || count == 0 {
            return text.split(' ').nth(1).unwrap_or_default().to_owned();
        }
    }
}

/// A token with these claims, signed by [`KEY`].
fn signed(claims: &Value) -> String {
    let der = PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap());
    let key = any_supported_type(&PrivateKeyDer::Pkcs8(der)).unwrap();
    let signer = key.choose_scheme(&[SignatureScheme::ED25519]).unwrap();
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let content = format!("{}.{}", encoded(&json!({ "alg": "EdDSA", "kid": "one" })), encoded(claims));
    let signature = signer.sign(content.as_bytes()).unwrap();
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A provider that says what it is; its issuer.
fn described() -> String {
    StandIn::open().issuer
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

/// The session's cookie of a person of the provider, who comes by their group.
fn comes(server: &Server, stand_in: &StandIn, now: u64) -> String {
    let sent = post(server, "/desk/sign-in/provider", "", "provider=1");
    let refresh = sent.header("refresh");
    let field = |name: &str| {
        let (_, rest) = refresh.split_once(&format!("&{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    stand_in.gives(&signed(&json!({
        "iss": stand_in.issuer, "aud": "mesa", "sub": "f:7:rosa", "sid": "s1", "nonce": field("nonce"), "iat": now,
        "exp": now + 300, "name": "Rosa Lima", "email": "rosa@cumbre.example", "groups": ["mesa"],
    })));
    let browser = sent.header("set-cookie").split(';').next().unwrap().to_owned();
    let path = format!("/desk/sign-in/callback/1?code=c0de&state={}", field("state"));
    let back = server.ask("GET", &path, &format!("Cookie: {browser}\r\n"), b"");
    assert_eq!((back.status(), back.header("location")), (303, "/desk".to_owned()), "{}", back.text());
    let cookies = back.headers("set-cookie");
    let session = cookies.iter().find(|cookie| cookie.starts_with("vigia-session=")).unwrap();
    session.split(';').next().unwrap().to_owned()
}

#[test]
fn provider_that_ends_a_session_ends_it_here_with_its_streams() {
    let (server, stand_in) = (server(), StandIn::open());
    let boss = Client::staff(&server, "administracion");
    let by_group = form(&stand_in.issuer, "")
        .replace("&groups=&strangers=refused", "&groups=mesa+%3D+agent&strangers=by_group");
    assert_eq!(boss.post(PAGE, &by_group).status(), 303);
    assert!(boss.get(&format!("{PAGE}/1")).text().contains("/hooks/sign-out/1"), "the address to register");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let session = comes(&server, &stand_in, now);
    let ask = format!(
        "GET /events/board HTTP/1.1\r\nHost: {}\r\nCookie: {session}\r\nConnection: close\r\n\r\n",
        server.host()
    );
    let mut stream = server.send(ask.as_bytes());
    assert_eq!(Answer::read_head(&mut stream).status(), 200);

    let token = signed(&json!({
        "iss": stand_in.issuer, "aud": "mesa", "sid": "s1", "iat": now, "exp": now + 120, "jti": "a",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    }));
    let told = |path: &str, token: &str| {
        let answer = server.ask("POST", path, FORM, format!("logout_token={token}").as_bytes());
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        answer.status()
    };
    let (head, _) = token.rsplit_once('.').unwrap();
    assert_eq!(told("/hooks/sign-out/1", &format!("{head}.AAAA")), 400, "not signed");
    assert_eq!(told("/hooks/sign-out/7", &token), 400, "another provider's address");
    let page = |cookie: &str| {
        server
            .ask("GET", "/desk/account", &format!("Accept: text/html\r\nCookie: {cookie}\r\n"), b"")
            .status()
    };
    assert_eq!(page(&session), 200);
    assert_eq!(told("/hooks/sign-out/1", &token), 200);
    assert_eq!(page(&session), 302);
    // The server ends it at its next check of the reader.
    let mut received = [0; 4096];
    until("the end of the stream", || matches!(stream.read(&mut received), Ok(0) | Err(_)).then_some(()));
    assert_eq!(told("/hooks/sign-out/1", &token), 400, "it counts once");
    let empty = server.ask("POST", "/hooks/sign-out/1", FORM, b"");
    assert_eq!((empty.status(), empty.header("cache-control")), (400, "no-store".to_owned()));
    assert_eq!(server.ask("GET", "/hooks/sign-out/1", "", b"").status(), 405);
    let is_limited = |_| told("/hooks/sign-out/1", "a.b.c") == 429;
    assert!((0..200).any(is_limited), "a stranger is limited");
}
