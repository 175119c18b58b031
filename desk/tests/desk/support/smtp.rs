//! A mail server with a chosen manner: it accepts, defers or refuses mails, or falls silent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Manner of the server on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Accepts the mail.
    Takes,
    /// Defers the recipient (451).
    PutsOff,
    /// Refuses the recipient (550).
    Refuses,
    /// Requires a sign-in (530).
    WantsSignIn,
    /// Falls silent after its answer to EHLO.
    FallsSilent,
    /// Accepts the mail without an answer.
    TakesInSilence,
    /// Accepts the mail with an answer, and never answers QUIT.
    NeverSaysGoodbye,
    /// Answers with invalid lines.
    TalksNonsense,
    /// Answers the content with this refusal.
    Says(&'static str),
    /// Answers the recipient with this refusal.
    SaysOfRecipient(&'static str),
}

/// An accepted mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
}

impl Taken {
    /// The value of a header on one line.
    pub(crate) fn header(&self, name: &str) -> String {
        let start = format!("{name}: ");
        let line = self.data.lines().find(|line| line.starts_with(&start));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.data))[start.len()..].to_owned()
    }
}

/// The server, for as long as the test runs.
pub(crate) struct Server {
    pub(crate) port: u16,
    manners: Arc<Mutex<VecDeque<Manner>>>,
    taken: mpsc::UnboundedReceiver<Taken>,
}

impl Server {
    /// Listens. Each connection gets the next of the `manners`, and the last one from then on.
    pub(crate) async fn start(manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let manners = Arc::new(Mutex::new(manners.into_iter().collect::<VecDeque<_>>()));
        let (sender, taken) = mpsc::unbounded_channel();
        let queue = Arc::clone(&manners);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let manner = {
                    let mut queue = queue.lock().unwrap();
                    if queue.len() > 1 { queue.pop_front().unwrap() } else { queue[0] }
                };
                // A dropped connection does not matter to the server.
                tokio::spawn(serve(stream, manner, sender.clone()));
            }
        });
        Self { port, manners, taken }
    }

    /// Sets the manner from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        *self.manners.lock().unwrap() = VecDeque::from([manner]);
    }

    /// Waits for the next accepted mail.
    pub(crate) async fn next(&mut self) -> Taken {
        self.taken.recv().await.unwrap()
    }

    /// Accepted mails that were not read yet.
    pub(crate) fn left(&mut self) -> Vec<Taken> {
        std::iter::from_fn(|| self.taken.try_recv().ok()).collect()
    }
}

async fn serve(
    stream: TcpStream,
    manner: Manner,
    taken: mpsc::UnboundedSender<Taken>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if manner == Manner::TalksNonsense {
        return stream.write_all("\u{1f4a5} 2x0 \0 hello\r\n".repeat(50).as_bytes()).await;
    }
    stream.write_all(b"220 test\r\n").await?;
    let mut mail = Taken { from: String::new(), to: Vec::new(), data: String::new() };
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end();
        let answer = match (manner, command.get(..4).unwrap_or_default()) {
            (_, "EHLO") => "250-test\r\n250 8BITMIME\r\n",
            (Manner::FallsSilent, _) | (Manner::NeverSaysGoodbye, "QUIT") => {
                return std::future::pending().await;
            }
            (Manner::WantsSignIn, "MAIL") => "530 5.7.0 Authentication required\r\n",
            (Manner::PutsOff, "RCPT") => "451 4.3.0 Later, please\r\n",
            (Manner::SaysOfRecipient(said), "RCPT") => said,
            (Manner::Refuses, "RCPT") => "550 5.1.1 <nobody@example.com> unknown\r\n",
            (_, "MAIL") => {
                mail.from = command.to_owned();
                "250 2.1.0 OK\r\n"
            }
            (_, "RCPT") => {
                mail.to.push(command.to_owned());
                "250 2.1.5 OK\r\n"
            }
            (_, "DATA") => {
                stream.write_all(b"354 go on\r\n").await?;
                mail.data = body(&mut stream).await?;
                if let Manner::Says(said) = manner {
                    stream.write_all(said.as_bytes()).await?;
                    continue;
                }
                // After the end of the test there is no receiver.
                let _ = taken.send(mail.clone());
                if manner == Manner::TakesInSilence {
                    return std::future::pending().await;
                }
                "250 2.0.0 taken\r\n"
            }
            (_, "QUIT") => return stream.write_all(b"221 2.0.0 bye\r\n").await,
            _ => "500 5.5.1 what?\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

async fn body(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut body = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(body);
        }
        body.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
