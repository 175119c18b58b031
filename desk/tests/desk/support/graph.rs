//! A stand-in for the Graph API on this machine.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the stand-in answers.
#[derive(Clone)]
pub(crate) struct Says {
    /// Status and body for messages.
    pub(crate) to_messages: (u16, String),
    /// Status and bytes for files.
    pub(crate) to_files: (u16, Vec<u8>),
}

/// The stand-in, for as long as the test runs.
#[derive(Clone)]
pub(crate) struct Graph {
    port: u16,
    says: Arc<Mutex<Says>>,
    posted: Arc<Mutex<Vec<Value>>>,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Graph {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = Says { to_messages: (200, String::new()), to_files: (200, Vec::new()) };
        let graph =
            Self { port, says: Arc::new(Mutex::new(says)), posted: Arc::default(), tokens: Arc::default() };
        graph.takes_as("wamid.OURS1");
        let serving = graph.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let graph = serving.clone();
                tokio::spawn(async move { graph.serve(stream).await });
            }
        });
        graph
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v23.0", self.port)
    }

    /// From now on messages are taken under this id.
    pub(crate) fn takes_as(&self, id: &str) {
        let body = json!({ "messaging_product": "whatsapp", "messages": [{ "id": id }] });
        self.says.lock().unwrap().to_messages = (200, body.to_string());
    }

    /// From now on messages are refused.
    pub(crate) fn refuses(&self, status: u16, code: i64, message: &str) {
        let body = json!({ "error": { "message": message, "type": "OAuthException", "code": code } });
        self.says.lock().unwrap().to_messages = (status, body.to_string());
    }

    /// From now on files are these bytes, with a status.
    pub(crate) fn gives(&self, status: u16, content: &[u8]) {
        self.says.lock().unwrap().to_files = (status, content.to_vec());
    }

    /// The bodies of messages, in their order.
    pub(crate) fn posted(&self) -> Vec<Value> {
        self.posted.lock().unwrap().clone()
    }

    /// The tokens of all requests.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap().clone()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let (head, body) = loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
                if body.len() >= length.map_or(0, |length| length.parse::<usize>().unwrap()) {
                    break (head.to_owned(), body.to_owned());
                }
            }
            let mut more = [0; 4096];
            match stream.read(&mut more).await {
                Ok(0) | Err(_) => return,
                Ok(count) => bytes.extend_from_slice(&more[..count]),
            }
        };
        let token = head.lines().find_map(|line| line.strip_prefix("Authorization: Bearer "));
        self.tokens.lock().unwrap().push(token.unwrap_or_default().to_owned());
        let says = self.says.lock().unwrap().clone();
        let path = head.split(' ').nth(1).unwrap();
        let (status, answer) = match head.split(' ').next().unwrap() {
            "POST" => {
                self.posted.lock().unwrap().push(serde_json::from_str(&body).unwrap());
                (says.to_messages.0, says.to_messages.1.into_bytes())
            }
            _ if path.ends_with("/bytes") => says.to_files,
            _ if path.contains("fields=") => {
                let known = json!({ "verified_name": "Vigía", "display_phone_number": "+58 212 555 0100" });
                (200, known.to_string().into_bytes())
            }
            _ => {
                let url = format!("{}/bytes", self.url());
                let file =
                    json!({ "url": url, "mime_type": "image/png", "file_size": says.to_files.1.len() });
                (200, file.to_string().into_bytes())
            }
        };
        let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n\r\n", answer.len());
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
    }
}
