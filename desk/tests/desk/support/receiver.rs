//! A receiver of webhooks on this machine.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What a receiver does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It answers with this.
    Answers(&'static str),
    /// It never answers.
    Silent,
}

pub(crate) const TAKEN: Manner = Manner::Answers("HTTP/1.1 204 No Content\r\n\r\n");
pub(crate) const BROKEN: Manner =
    Manner::Answers("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 9\r\n\r\nno\nluck\u{7}!");

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    head: String,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn first_line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).unwrap_or_else(|| panic!("no {name}")).1
    }
}

/// The receiver, for as long as the test runs.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    manner: Arc<Mutex<Manner>>,
    received: watch::Sender<Vec<Received>>,
}

impl Receiver {
    pub(crate) async fn open(manner: Manner) -> Self {
        Self::listen(manner, None).await
    }

    pub(crate) async fn over_tls(manner: Manner, tls: TlsAcceptor) -> Self {
        Self::listen(manner, Some(tls)).await
    }

    async fn listen(manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver =
            Self { port, manner: Arc::new(Mutex::new(manner)), received: watch::Sender::new(Vec::new()) };
        let serving = receiver.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (receiver, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => receiver.serve(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                receiver.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut bytes = Vec::new();
        let (head, body) = loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
                if body.len() >= length.parse::<usize>().unwrap() {
                    break (head.to_owned(), body.to_owned());
                }
            }
            let mut more = [0; 4096];
            match stream.read(&mut more).await {
                Ok(0) | Err(_) => return,
                Ok(count) => bytes.extend_from_slice(&more[..count]),
            }
        };
        self.received.send_modify(|all| all.push(Received { head, body }));
        let manner = *self.manner.lock().unwrap();
        match manner {
            Manner::Answers(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            Manner::Silent => std::future::pending().await,
        }
    }

    pub(crate) fn now_does(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn until(&self, count: usize) {
        self.received.subscribe().wait_for(|all| all.len() >= count).await.unwrap();
    }
}
