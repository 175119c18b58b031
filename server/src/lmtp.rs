//! Mail from a mail server of the same machine by LMTP (RFC 2033): a message is answered only when it is in the desk.
//!
//! The desk has one mailbox, so that every recipient is taken and answered alike. The port is for local servers: it knows
//! neither TLS nor a sign-in, and the configuration takes only an address of this machine.

use std::sync::Arc;
use std::time::Duration;

use desk::Desk;
use desk::inbound::delivery::{DeliveryError, MAX_BYTES, OwnMailbox, deliver};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Longest command line in bytes, more than RFC 5321 asks for.
const MAX_LINE: u64 = 4096;
/// Longest line of a message in bytes; RFC 5321 permits 1000, and not every program keeps to it.
const MAX_CONTENT_LINE: u64 = 1024 * 1024;
/// Most recipients of a message: as many answers are sent.
const MAX_RECIPIENTS: usize = 100;
/// Messages that are read at once: each may be held several times in memory.
const MESSAGES: usize = 4;
/// How long a silent client is waited for.
const SILENCE: Duration = Duration::from_mins(5);

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, desk: Desk, mailbox: OwnMailbox, stop: CancellationToken) {
    let turns = Arc::new(Semaphore::new(MESSAGES));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // No file is left, for example.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // Answers to commands that come together are small: each would wait 40 ms for the receipt of the one before. Where it is
        // refused, the session is slow.
        let _ = stream.set_nodelay(true);
        let (desk, mailbox, stop, turns) = (desk.clone(), mailbox.clone(), stop.clone(), Arc::clone(&turns));
        tokio::spawn(async move {
            let (reading, writing) = stream.into_split();
            let session = Session {
                desk,
                mailbox,
                turns,
                lines: BufReader::new(reading),
                writing,
                open: Transaction::default(),
            };
            tokio::select! {
                ended = session.run() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "an LMTP session broke off");
                    }
                }
                // A message that is being taken is not answered, and comes again.
                () = stop.cancelled() => {}
            }
        });
    }
}

/// A message that is being announced.
#[derive(Default)]
struct Transaction {
    has_sender: bool,
    recipients: usize,
}

struct Session<R, W> {
    desk: Desk,
    mailbox: OwnMailbox,
    turns: Arc<Semaphore>,
    lines: BufReader<R>,
    writing: W,
    open: Transaction,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Session<R, W> {
    async fn run(mut self) -> std::io::Result<()> {
        self.say("220 vigia LMTP").await?;
        while let Some(line) = self.line(MAX_LINE).await? {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "LHLO" => {
                    let size = format!("250-SIZE {MAX_BYTES}");
                    for answer in [
                        "250-vigia",
                        "250-PIPELINING",
                        "250-ENHANCEDSTATUSCODES",
                        "250-8BITMIME",
                        &size,
                        "250 SMTPUTF8",
                    ] {
                        self.say(answer).await?;
                    }
                }
                "MAIL" => {
                    self.open = Transaction { has_sender: true, recipients: 0 };
                    self.say("250 2.1.0 ok").await?;
                }
                "RCPT" if !self.open.has_sender => self.say("503 5.5.1 MAIL first").await?,
                "RCPT" if self.open.recipients >= MAX_RECIPIENTS => {
                    self.say("452 4.5.3 too many recipients").await?;
                }
                "RCPT" => {
                    self.open.recipients += 1;
                    self.say("250 2.1.5 ok").await?;
                }
                "DATA" if self.open.recipients == 0 => self.say("503 5.5.1 RCPT first").await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.open = Transaction::default();
                    self.say("250 2.0.0 ok").await?;
                }
                "NOOP" => self.say("250 2.0.0 ok").await?,
                "QUIT" => return self.say("221 2.0.0 bye").await,
                _ => self.say("500 5.5.2 unknown command").await?,
            }
        }
        Ok(())
    }

    /// The message, with one answer for each recipient.
    async fn data(&mut self) -> std::io::Result<()> {
        // Closed at the end of the process alone.
        let _turn = Arc::clone(&self.turns).acquire_owned().await;
        self.say("354 go on").await?;
        let recipients = std::mem::take(&mut self.open).recipients;
        let mut message = Vec::new();
        // Of a line that is longer than what is read at once, only the first piece can begin with a dot of the protocol.
        let mut begins = true;
        loop {
            // An end without the dot: the message is not whole, and comes again.
            let Some(line) = self.line(MAX_CONTENT_LINE).await? else { return Ok(()) };
            if begins && line == b".\r\n" {
                break;
            }
            // One byte more than is taken says that it is too large; the rest is read and dropped.
            let room = (MAX_BYTES + 1).saturating_sub(message.len());
            let content = line.strip_prefix(b".").filter(|_| begins).unwrap_or(&line);
            // A bare line feed ends no line: a server that lets it through would hand over a second message unseen.
            begins = line.ends_with(b"\r\n") || (line == b"\n" && message.ends_with(b"\r"));
            message.extend_from_slice(&content[..content.len().min(room)]);
        }
        let answer = match deliver(&self.desk, &message, &self.mailbox).await {
            Ok(_) => "250 2.0.0 taken",
            Err(error @ DeliveryError::TooLarge) => {
                tracing::warn!(%error, "a mail was refused");
                "552 5.3.4 too large"
            }
            Err(error) => {
                tracing::error!(%error, "a mail could not be taken in");
                "451 4.3.0 try again"
            }
        };
        for _ in 0..recipients {
            self.say(answer).await?;
        }
        Ok(())
    }

    /// The next line with its end; `None` at the end of the stream.
    async fn line(&mut self, most: u64) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.lines).take(most);
        let reading = limited.read_until(b'\n', &mut line);
        let read = tokio::time::timeout(SILENCE, reading).await.map_err(std::io::Error::from)??;
        Ok((read > 0).then_some(line))
    }

    async fn say(&mut self, answer: &str) -> std::io::Result<()> {
        self.writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
        self.writing.flush().await
    }
}
