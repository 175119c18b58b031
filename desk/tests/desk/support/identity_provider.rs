//! An identity provider of tests, on this machine: it says what the test gives it, the good and the bad.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::crypto::ring::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The key of the example of RFC 8410, 10.3: no secret.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
/// Its public half.
pub const PUBLIC_KEY: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";
/// The access token that comes with every ID token.
pub const ACCESS_TOKEN: &str = "access";

/// A token with a header and claims, signed by [`KEY`].
pub fn signed(header: &Value, claims: &Value) -> String {
    let der = PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap());
    let key = any_supported_type(&PrivateKeyDer::Pkcs8(der)).unwrap();
    let signer = key.choose_scheme(&[SignatureScheme::ED25519]).unwrap();
    let content = content(header, claims);
    let signature = signer.sign(content.as_bytes()).unwrap();
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What is signed of a token.
pub fn content(header: &Value, claims: &Value) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encoded(header), encoded(claims))
}

/// The header of a good token.
pub fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" })
}

/// An answer in HTTP.
pub fn http(status: u16, head: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// A provider, for as long as the test runs.
pub struct StandIn {
    pub issuer: String,
    answers: Arc<Mutex<BTreeMap<String, String>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let (answers, requests) = (Arc::<Mutex<BTreeMap<String, String>>>::default(), Arc::default());
        let stand_in = Self { issuer, answers: Arc::clone(&answers), requests: Arc::clone(&requests) };
        stand_in.describes(&json!({}));
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "one", "alg": "EdDSA", "use": "sig", "x": PUBLIC_KEY });
        stand_in.answers("/keys", http(200, "", &json!({ "keys": [key] }).to_string()));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut read = Vec::new();
                let whole = loop {
                    let mut more = [0; 4096];
                    let count = stream.read(&mut more).await.unwrap_or(0);
                    read.extend_from_slice(&more[..count]);
                    let text = String::from_utf8_lossy(&read).into_owned();
                    let is_whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
                        length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap())
                    });
                    if is_whole || count == 0 {
                        break text;
                    }
                };
                let path = whole.split(' ').nth(1).unwrap_or_default().to_owned();
                let answer = answers.lock().unwrap().get(&path).cloned();
                requests.lock().unwrap().push(whole);
                // The desk may have closed before it read everything.
                let _ = stream.write_all(answer.unwrap_or_else(|| http(404, "", "")).as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        stand_in
    }

    /// From now on it answers this at a path.
    pub fn answers(&self, path: &str, answer: String) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// From now on it says this of itself, beside what it has to say.
    pub fn describes(&self, more: &Value) {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let mut metadata = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
            "end_session_endpoint": at("/end"),
            "response_types_supported": ["code"],
        });
        for (name, value) in more.as_object().unwrap() {
            metadata[name.as_str()] = value.clone();
        }
        self.answers("/.well-known/openid-configuration", http(200, "", &metadata.to_string()));
    }

    /// From now on it gives this ID token for a code.
    pub fn gives(&self, id_token: &str) {
        let body = json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token });
        self.answers("/token", http(200, "", &body.to_string()));
    }

    /// The last request to a path.
    pub fn asked(&self, path: &str) -> String {
        let requests = self.requests.lock().unwrap();
        let is_there = |request: &&String| request.split(' ').nth(1) == Some(path);
        requests.iter().rev().find(is_there).cloned().unwrap_or_default()
    }
}
